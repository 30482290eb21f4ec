"""Runs test functions and reports in TAP, for tests in Python (standard library only).

    import tap

    def a_missing_file_is_reported():
        assert ..., 'what was seen instead'

    tap.main(a_missing_file_is_reported, ...)

A function's name is the test's name; it passes if it returns, is skipped if it raises tap.Skip,
and fails on anything else.
"""
import sys
import traceback


class Skip(Exception):
    """Raised with the reason when a test cannot run here."""


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
