#include "support/test.h"

#include "cli/beacon.h"

static void a_beacon_is_read_with_and_without_its_prefix(void **state) {
    (void)state;
    const char *const forms[] = {"00ff10", "0x00Ff10"};
    for (size_t i = 0; i < 2; i++) {
        ContributionParams p = {.beacon = false};

        assert_true(beacon_parse(forms[i], "10", &p, NULL));

        assert_true(p.beacon && p.has_beacon_hash && p.has_iterations);
        assert_int_equal(p.iterations_exp, 10);
        assert_int_equal(p.beacon_hash_n, 3);
        assert_memory_equal(p.beacon_hash, "\x00\xff\x10", 3);
    }
}

static void assert_refused(const char *hex, const char *exponent, const char *id) {
    ContributionParams p = {.beacon = false};
    CvkErr err;
    assert_false(beacon_parse(hex, exponent, &p, &err));
    assert_string_equal(err.id, id);
    assert_false(p.beacon);
}

static void what_is_no_beacon_is_refused(void **state) {
    (void)state;
    char longest[2 * 256 + 1];
    memset(longest, 'a', sizeof longest);
    longest[2 * 256] = '\0';

    assert_refused("", "10", "usage.beacon");
    assert_refused("0x", "10", "usage.beacon");
    assert_refused("abc", "10", "usage.beacon");
    assert_refused("zz", "10", "usage.beacon");
    assert_refused(longest, "10", "usage.beacon");
    assert_refused("ab", "9", "usage.exponent");
    assert_refused("ab", "64", "usage.exponent");
    assert_refused("ab", "", "usage.exponent");
    assert_refused("ab", "-12", "usage.exponent");
    assert_refused("ab", "12x", "usage.exponent");
    assert_refused("ab", "18446744073709551626", "usage.exponent");
}

static void the_longest_beacon_is_read(void **state) {
    (void)state;
    char longest[2 * 255 + 1];
    ContributionParams p = {.beacon = false};
    memset(longest, 'a', sizeof longest);
    longest[2 * 255] = '\0';

    assert_true(beacon_parse(longest, "63", &p, NULL));

    assert_int_equal(p.beacon_hash_n, 255);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_beacon_is_read_with_and_without_its_prefix),
        TEST(what_is_no_beacon_is_refused),
        TEST(the_longest_beacon_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
