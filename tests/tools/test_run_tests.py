"""tools/run-tests: how it counts what a program printed."""
import tap

run_tests = tap.load_tool('run-tests')


def tally_of(stdout, returncode=0, result='OK', stderr=''):
    return run_tests.tally_of({'name': 'x', 'stdout': stdout, 'stderr': stderr, 'returncode': returncode,
                               'result': result})


def count(*record):
    counted = tally_of(*record)
    return counted.passed, len(counted.failed), len(counted.skipped)


def cases_are_counted_not_programs():
    assert count('1..3\nok 1 - a\nok 2 - b\nok 3 - c\n') == (3, 0, 0)


def a_failed_case_is_one_failure_whatever_the_status():
    assert count('1..2\nnot ok 1 - a\n# why\nok 2 - b\n', 1, 'ERROR') == (1, 1, 0)
    assert count('1..1\nnot ok 1 - a\n') == (0, 1, 0)


def both_ways_of_writing_a_skip_count_as_skipped():
    assert count('1..2\nnot ok 1 # SKIP a\nok 2 - b # SKIP no network\n', 0, 'FAIL') == (0, 0, 2)


def a_skipped_program_is_one_skip():
    assert count('1..0 # SKIP no node\n', 0, 'SKIP') == (0, 0, 1)


def a_program_that_stops_before_its_plan_fails():
    assert count('1..3\nok 1 - a\n') == (1, 1, 0)
    assert count('ok 1 - a\n') == (1, 1, 0)


def a_program_that_ends_badly_after_its_last_case_fails():
    assert count('1..1\nok 1 - a\n', 1, 'ERROR') == (1, 1, 0)
    assert count('1..1\nok 1 - a\n', -6, 'ERROR') == (1, 1, 0)


def what_a_sanitizer_found_is_told_with_the_failure():
    report = 'a log line\n====\nWARNING: ThreadSanitizer: data race (pid=1)\n' \
        'SUMMARY: ThreadSanitizer: data race a.c:3 in f\n'
    assert tally_of('1..1\nok 1 - a\n', 66, 'FAIL', report).failed == \
        ['the program ended with status 66 (ThreadSanitizer: data race a.c:3 in f)']


def a_program_that_hangs_fails():
    assert count('1..2\nok 1 - a\n', -15, 'TIMEOUT') == (1, 1, 0)


def a_program_without_tap_is_one_case():
    assert count('hello\n') == (1, 0, 0)
    assert count('hello\n', 3, 'FAIL') == (0, 1, 0)


def cases_of_a_group_within_a_case_do_not_count_twice():
    assert count('1..1\n    1..2\n    ok 1 - inner\n    ok 2 - inner\nok 1 - outer\n') == (1, 0, 0)


def what_must_be_there_may_not_be_skipped():
    for output, failures in (('ok 1 - a # SKIP x is missing: run npm ci\nok 2 - b\n', 1),
                             ('ok 1 - a # SKIP set CONVOKE_SHARED\nok 2 - b # SKIP too\n', 2),
                             ('ok 1 - a # SKIP no mandoc\nok 2 - b\n', 0), ('ok 1 - npm ci\nok 2 - b\n', 0)):
        record = {'name': 'x', 'stdout': '1..2\n' + output, 'returncode': 0, 'result': 'OK'}
        tally = run_tests.tally_of(record)
        skipped = len(tally.skipped)
        run_tests.refuse_skips(record, tally)
        assert (len(tally.failed), len(tally.skipped)) == (failures, 0 if failures else skipped), output


tap.main(cases_are_counted_not_programs, a_failed_case_is_one_failure_whatever_the_status,
         both_ways_of_writing_a_skip_count_as_skipped, a_skipped_program_is_one_skip,
         a_program_that_stops_before_its_plan_fails, a_program_that_ends_badly_after_its_last_case_fails,
         what_a_sanitizer_found_is_told_with_the_failure, a_program_that_hangs_fails, a_program_without_tap_is_one_case,
         cases_of_a_group_within_a_case_do_not_count_twice, what_must_be_there_may_not_be_skipped)
