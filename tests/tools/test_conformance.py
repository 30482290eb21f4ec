"""docs/CONFORMANCE.md names tests that there are."""
import os
import re

import tap

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
NAME = re.compile(r'`([\w/]+\.(?:c|py)):(\w+)`')


def read(*names):
    with open(os.path.join(ROOT, *names), encoding='utf-8') as f:
        return f.read()


def is_run(file, test):
    """Defined, and in the list of those that run."""
    text = read('tests', *file.split('/'))
    defined = r'^static void %s\(' if file.endswith('.c') else r'^def %s\('
    return re.search(defined % test, text, re.M) and len(re.findall(r'\b%s\b' % test, text)) > 1


def every_test_that_is_named_is_run():
    named = NAME.findall(read('docs', 'CONFORMANCE.md'))
    assert len(named) > 60, len(named)
    for file, test in named:
        assert is_run(file, test), '%s:%s' % (file, test)


if __name__ == '__main__':
    tap.main(every_test_that_is_named_is_run)
