"""Runs test functions and reports in TAP, for tests in Python (standard library only).

    import tap

    def a_missing_file_is_reported():
        assert ..., 'what was seen instead'

    tap.main(a_missing_file_is_reported, ...)

A function's name is the test's name; it passes if it returns, is skipped if it raises tap.Skip,
and fails on anything else.
"""
import contextlib
import importlib.machinery
import importlib.util
import io
import os
import sys
import traceback


class Skip(Exception):
    """Raised with the reason when a test cannot run here."""


def load_tool(name):
    """The program tools/NAME as a module."""
    module_name = name.replace('-', '_')
    loader = importlib.machinery.SourceFileLoader(module_name, os.path.join(os.environ['TOOLS'], name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(module_name, loader))
    loader.exec_module(module)
    return module


def run_tool(module, *args):
    """Exit status and standard output of module.main() with these arguments."""
    out, before = io.StringIO(), sys.argv
    sys.argv = [module.__name__, *args]
    try:
        with contextlib.redirect_stdout(out):
            status = module.main()
    finally:
        sys.argv = before
    return status, out.getvalue()


def main(*tests):
    print('1..%d' % len(tests))
    failed = 0
    for number, test in enumerate(tests, 1):
        name = test.__name__
        try:
            test()
            print('ok %d - %s' % (number, name))
        except Skip as reason:
            print('ok %d - %s # SKIP %s' % (number, name, reason))
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print('not ok %d - %s' % (number, name))
            for line in traceback.format_exc().splitlines():
                print('# ' + line)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
