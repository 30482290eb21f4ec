#include "support/test.h"

#include "http/url.h"

static void a_target_is_split_and_its_path_decoded(void **state) {
    (void)state;
    char path[64];
    const char *query;

    assert_true(url_split("/a%20b/c+d?x=1&y=%41", path, sizeof path, &query));

    assert_string_equal(path, "/a b/c+d");
    assert_string_equal(query, "x=1&y=%41");
}

static void a_target_without_query_has_an_empty_one(void **state) {
    (void)state;
    char path[64];
    const char *query;
    assert_true(url_split("/", path, sizeof path, &query));
    assert_string_equal(path, "/");
    assert_string_equal(query, "");
}

static void malformed_targets_are_refused(void **state) {
    (void)state;
    const char *const bad[] = {"",     "*",         "http://h/", "/a%", "/a%4",
                               "/%zz", "/%00admin", "/%0d%0a",   "/%ff"};
    char path[64];
    const char *query;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(url_split(bad[i], path, sizeof path, &query));
}

static FormResult get(const char *text, const char *name, char *ret, size_t cap) {
    return form_get(text, strlen(text), name, ret, cap);
}

static void a_value_is_found_and_decoded(void **state) {
    (void)state;
    char v[64];
    assert_int_equal(get("a=1&redirect_to=http%3A%2F%2Fx%2Fy+z&b", "redirect_to", v, sizeof v),
                     FORM_FOUND);
    assert_string_equal(v, "http://x/y z");
    assert_int_equal(get("a=1&b", "b", v, sizeof v), FORM_FOUND);
    assert_string_equal(v, "");
}

static void a_value_written_without_encoding_is_found_too(void **state) {
    (void)state;
    char v[64];
    assert_int_equal(
        get("redirect_to=http://localhost:1234/auth_callback", "redirect_to", v, sizeof v),
        FORM_FOUND);
    assert_string_equal(v, "http://localhost:1234/auth_callback");
}

static void the_first_of_equal_names_counts(void **state) {
    (void)state;
    char v[8];
    assert_int_equal(get("a=1&a=2", "a", v, sizeof v), FORM_FOUND);
    assert_string_equal(v, "1");
}

static void equal_names_are_counted(void **state) {
    (void)state;
    static const char text[] = "a=1&b=2&%61=&a&aa=3&=a";

    assert_int_equal(form_count(text, sizeof text - 1, "a"), 3);
    assert_int_equal(form_count(text, sizeof text - 1, "b"), 1);
    assert_int_equal(form_count(text, sizeof text - 1, "c"), 0);
    assert_int_equal(form_count("", 0, "a"), 0);
}

static void a_name_that_only_begins_alike_is_another(void **state) {
    (void)state;
    char v[8];
    assert_int_equal(get("state2=1&xstate=2", "state", v, sizeof v), FORM_ABSENT);
    assert_string_equal(v, "");
}

static void malformed_values_are_told_from_absent_ones(void **state) {
    (void)state;
    char v[8];
    const char *const bad[] = {"a=%", "a=%4", "a=%gg", "a=%00", "a=%0a", "a=\x80", "a=%c0%af"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(get(bad[i], "a", v, sizeof v), FORM_MALFORMED);
}

static void a_value_too_long_for_its_place_is_refused_whole(void **state) {
    (void)state;
    char v[4];
    assert_int_equal(get("a=123", "a", v, sizeof v), FORM_FOUND);
    assert_int_equal(get("a=1234", "a", v, sizeof v), FORM_TOO_LONG);
    assert_string_equal(v, "");
}

static void pairs_are_encoded_as_forms_are(void **state) {
    (void)state;
    CvkErr err;
    _cleanup_buf_ CvkBuf b = CVK_BUF(256);

    assert_true(form_add(&b, "sub", "git|1|A b", &err));
    assert_true(form_add(&b, "code", "A::B", &err));

    assert_string_equal(b.data, "sub=git%7C1%7CA+b&code=A%3A%3AB");
}

static void a_query_is_appended_to_any_url(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"http://h/p", "http://h/p?q=1"},         {"http://h/p?", "http://h/p?q=1"},
        {"http://h/p?x=2", "http://h/p?x=2&q=1"}, {"http://h/p?x=2&", "http://h/p?x=2&q=1"},
        {"http://h/p#f?", "http://h/p?q=1#f?"},
    };
    CvkErr err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        _cleanup_buf_ CvkBuf b = CVK_BUF(256);
        assert_true(url_with_query(&b, cases[i][0], "q=1", &err));
        assert_string_equal(b.data, cases[i][1]);
    }
}

static void html_is_escaped(void **state) {
    (void)state;
    CvkErr err;
    _cleanup_buf_ CvkBuf b = CVK_BUF(256);
    assert_true(html_add(&b, "<a href='x' & \"y\">", &err));
    assert_string_equal(b.data, "&lt;a href=&#39;x&#39; &amp; &quot;y&quot;&gt;");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_target_is_split_and_its_path_decoded),
        TEST(a_target_without_query_has_an_empty_one),
        TEST(malformed_targets_are_refused),
        TEST(a_value_is_found_and_decoded),
        TEST(a_value_written_without_encoding_is_found_too),
        TEST(the_first_of_equal_names_counts),
        TEST(equal_names_are_counted),
        TEST(a_name_that_only_begins_alike_is_another),
        TEST(malformed_values_are_told_from_absent_ones),
        TEST(a_value_too_long_for_its_place_is_refused_whole),
        TEST(pairs_are_encoded_as_forms_are),
        TEST(a_query_is_appended_to_any_url),
        TEST(html_is_escaped),
    };
    return cmocka_run_group_tests_name("http url", tests, NULL, NULL);
}
