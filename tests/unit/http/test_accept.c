#include "http/accept.h"
#include "support/test.h"

#define JSON "application/json"
#define OURS "application/vnd.convoke.kzg"

static void assert_type(const char *field, const char *type, unsigned q, bool named) {
    AcceptWish w = accept_type(field, type);
    if (w.q != q || w.named != named)
        fail_msg("%s of '%s': q %u, named %d", type, field != NULL ? field : "nothing", w.q,
                 w.named);
}

static void assert_gzip(const char *field, bool expected) {
    if (accept_gzip(field) != expected)
        fail_msg("'%s': %d expected", field != NULL ? field : "nothing", expected);
}

static void without_a_field_every_type_is_as_good(void **state) {
    (void)state;
    assert_type(NULL, JSON, 1000, false);
    assert_type(NULL, OURS, 1000, false);
}

static void a_type_is_named_whatever_its_case_and_parameters(void **state) {
    (void)state;
    assert_type(OURS, OURS, 1000, true);
    assert_type("Application/VND.Convoke.KZG", OURS, 1000, true);
    assert_type("application/json;charset=utf-8", JSON, 1000, true);
    assert_type("text/html, " OURS " ; v=\"1,;2\" ; q=0.25, x/y", OURS, 250, true);
}

static void the_most_specific_range_counts(void **state) {
    (void)state;
    assert_type("*/*;q=0.1, application/*;q=0.2, " JSON ";q=0.3", JSON, 300, true);
    assert_type("*/*;q=0.1, application/*;q=0.2, " JSON ";q=0.3", OURS, 200, false);
    assert_type("application/*;q=0, */*", JSON, 0, false);
    assert_type("*/*", OURS, 1000, false);
    assert_type("text/html, image/*", JSON, 0, false);
    assert_type("", JSON, 0, false);
}

static void a_quality_has_up_to_three_digits(void **state) {
    (void)state;
    assert_type(JSON ";q=0.125", JSON, 125, true);
    assert_type(JSON ";q=1.000", JSON, 1000, true);
    assert_type(JSON ";Q=0", JSON, 0, true);
    assert_type(JSON ";q=0.", JSON, 0, true);
}

static void a_malformed_item_is_none(void **state) {
    (void)state;
    static const char *const bad[] = {"1.001", "2", "0.1234", "-1", "", "x", "1.x", "00"};
    char field[80];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(field, sizeof field, "*/*;q=0.7, " JSON ";q=%s", bad[i]);
        assert_type(field, JSON, 700, false);
    }
    assert_type(";q=1," JSON ";q=0.5,,", JSON, 500, true);
    assert_type("a/b;x=\"unended, " JSON, JSON, 0, false);
}

static void gzip_is_for_who_names_it(void **state) {
    (void)state;
    assert_gzip(NULL, false);
    assert_gzip("", false);
    assert_gzip("*", false);
    assert_gzip("identity", false);
    assert_gzip("deflate, br", false);
    assert_gzip("gzip", true);
    assert_gzip("gzip, deflate, br", true);
    assert_gzip("deflate, X-GZIP;q=0.3", true);
    assert_gzip("gzip;q=0", false);
    assert_gzip("gzip;q=0.0, *", false);
}

static void gzip_yields_to_who_prefers_it_plain(void **state) {
    (void)state;
    assert_gzip("gzip;q=0.5, identity;q=0.8", false);
    assert_gzip("gzip;q=0.5, identity;q=0.5", true);
    assert_gzip("gzip;q=0.5, *", false);
    assert_gzip("gzip;q=0.5, *;q=0.1", true);
}

static void who_refuses_it_plain_gets_gzip_by_the_star(void **state) {
    (void)state;
    assert_gzip("identity;q=0, *", true);
    assert_gzip("identity;q=0, *;q=0.1", true);
    assert_gzip("identity;q=0", false);
    assert_gzip("*;q=0", false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(without_a_field_every_type_is_as_good),
        TEST(a_type_is_named_whatever_its_case_and_parameters),
        TEST(the_most_specific_range_counts),
        TEST(a_quality_has_up_to_three_digits),
        TEST(a_malformed_item_is_none),
        TEST(gzip_is_for_who_names_it),
        TEST(gzip_yields_to_who_prefers_it_plain),
        TEST(who_refuses_it_plain_gets_gzip_by_the_star),
    };
    return cmocka_run_group_tests_name("http/accept", tests, NULL, NULL);
}
