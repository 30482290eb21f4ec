"""docs/CONFORMANCE.md, THREATS.md and REQUIREMENTS.md name tests and code that there are."""
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


def tests_named(name):
    """Test programs of that name, wherever they lie, as is_run takes them."""
    found = []
    for folder, _, files in os.walk(os.path.join(ROOT, 'tests')):
        path = os.path.relpath(os.path.join(folder, os.path.basename(name)), os.path.join(ROOT, 'tests'))
        if os.path.basename(name) in files and path.endswith(name.removeprefix('tests/')):
            found.append(path)
    return found


def every_test_that_a_requirement_is_shown_by_is_run():
    """A cell names test programs, and tests of theirs: `test_zkey.py: one`, `another`."""
    named = 0
    for cell in re.findall(r'[^|\n]+', read('docs', 'REQUIREMENTS.md')):
        marked = re.findall(r'`([^`]+)`', cell)
        files = [m.group(1) for m in (re.match(r'((?:\w+/)*test_\w+\.(?:c|py))\b', t) for t in marked) if m]
        for file in files:
            assert tests_named(file), file
        paths = [path for file in files for path in tests_named(file)]
        for test in [t.split(': ')[-1] for t in marked if re.fullmatch(r'(?:\S+: )?[a-z]+(?:_\w+){2,}', t)]:
            if paths:
                assert any(is_run(path, test) for path in paths), (test, paths)
                named += 1
    assert named > 80, named


def every_place_that_is_named_among_the_threats_is_there():
    text = read('docs', 'THREATS.md')
    places = set(re.findall(r'`((?:\w+/)+\w*(?:\.\w+)?)`', text))
    assert len(places) > 30, places
    for place in places:
        assert any(os.path.exists(os.path.join(ROOT, *top, place)) for top in
                   ([], ['src'], ['tests'])), place
    targets = set(re.findall(r'`(fuzz_\w+)`', text))
    assert len(targets) > 1, targets
    for target in targets:
        assert os.path.exists(os.path.join(ROOT, 'tests', 'fuzz', target + '.c')), target


if __name__ == '__main__':
    tap.main(every_test_that_is_named_is_run, every_test_that_a_requirement_is_shown_by_is_run,
             every_place_that_is_named_among_the_threats_is_there)
