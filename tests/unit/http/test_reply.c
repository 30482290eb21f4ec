#include "support/test.h"

#include "http/reply.h"

#include <fcntl.h>

static RangeResult range(const char *text, uint64_t *at, uint64_t *n) {
    return range_parse(text, 100, at, n);
}

static void one_range_is_understood_in_its_three_forms(void **state) {
    (void)state;
    uint64_t at, n;
    assert_int_equal(range("bytes=10-19", &at, &n), RANGE_PART);
    assert_int_equal(at, 10);
    assert_int_equal(n, 10);
    assert_int_equal(range("bytes=90-", &at, &n), RANGE_PART);
    assert_int_equal(n, 10);
    assert_int_equal(range("bytes=-5", &at, &n), RANGE_PART);
    assert_int_equal(at, 95);
    assert_int_equal(n, 5);
}

static void a_range_past_the_end_is_cut_to_it(void **state) {
    (void)state;
    uint64_t at, n;
    assert_int_equal(range("bytes=99-1000", &at, &n), RANGE_PART);
    assert_int_equal(n, 1);
    assert_int_equal(range("bytes=-1000", &at, &n), RANGE_PART);
    assert_int_equal(n, 100);
}

static void a_range_that_begins_past_the_end_cannot_be_satisfied(void **state) {
    (void)state;
    uint64_t at, n;
    assert_int_equal(range("bytes=100-", &at, &n), RANGE_UNSATISFIABLE);
    assert_int_equal(range("bytes=-0", &at, &n), RANGE_UNSATISFIABLE);
}

static void other_ranges_are_ignored(void **state) {
    (void)state;
    const char *const odd[] = {"",
                               "bytes=",
                               "bytes=-",
                               "bytes=5-4",
                               "bytes=1-2,4-5",
                               "lines=1-2",
                               "bytes=a-b",
                               "bytes=9999999999999999999-"};
    uint64_t at, n;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_int_equal(range(odd[i], &at, &n), RANGE_WHOLE);
}

static void an_etag_is_found_in_a_list(void **state) {
    (void)state;
    assert_true(etag_matches("\"a\"", "\"a\""));
    assert_true(etag_matches("\"x\", W/\"a\" , \"y\"", "\"a\""));
    assert_true(etag_matches("*", "\"a\""));
    assert_false(etag_matches("\"ab\"", "\"a\""));
    assert_false(etag_matches("a", "\"a\""));
    assert_false(etag_matches("", "\"a\""));
}

static HttpReply a_file(void) {
    HttpReply p = HTTP_REPLY_NONE;
    int fd = open("/dev/null", O_RDONLY);
    assert_true(fd >= 0);
    reply_set_file(&p, 200, "application/json", fd, 100, "abc");
    return p;
}

static void a_known_etag_is_answered_without_a_body(void **state) {
    (void)state;
    HttpReply p = a_file();

    reply_narrow(&p, "\"abc\"", NULL, "bytes=0-1");

    assert_int_equal(p.status, 304);
    assert_int_equal(p.n, 0);
    assert_int_equal(p.fd, -1);
    assert_string_equal(p.etag, "\"abc\"");
    reply_done(&p);
}

static void a_range_becomes_part_of_the_file(void **state) {
    (void)state;
    HttpReply p = a_file();

    reply_narrow(&p, NULL, NULL, "bytes=10-19");

    assert_int_equal(p.status, 206);
    assert_int_equal(p.at, 10);
    assert_int_equal(p.n, 10);
    assert_string_equal(reply_field(&p, "Content-Range"), "bytes 10-19/100");
    reply_done(&p);
}

static void a_range_of_an_older_file_gives_the_whole(void **state) {
    (void)state;
    HttpReply p = a_file();
    reply_narrow(&p, NULL, "\"old\"", "bytes=10-19");
    assert_int_equal(p.status, 200);
    assert_int_equal(p.n, 100);
    reply_done(&p);
}

static void a_header_value_cannot_forge_another_header(void **state) {
    (void)state;
    HttpReply p = HTTP_REPLY_NONE;
    reply_add_field(&p, "Location", "http://h/\r\nSet-Cookie: x");
    assert_null(reply_field(&p, "Location"));
    reply_done(&p);
}

static void an_error_is_compact_json_whatever_its_text(void **state) {
    (void)state;
    HttpReply p = HTTP_REPLY_NONE;
    reply_set_error(&p, 400, "A::B", "a \"quoted\" \\ and\nbroken text");
    static const char want[] =
        "{\"code\":\"A::B\",\"error\":\"a \\\"quoted\\\" \\\\ and\\u000abroken text\"}";
    assert_int_equal(p.n, sizeof want - 1);
    assert_memory_equal(p.data, want, p.n);
    assert_string_equal(p.type, "application/json");
    reply_done(&p);
}

static void a_later_reply_replaces_an_earlier_one(void **state) {
    (void)state;
    HttpReply p = a_file();
    reply_set(&p, 404, "text/html", "gone", 4);
    assert_int_equal(p.fd, -1);
    assert_int_equal(p.status, 404);
    assert_int_equal(p.n, 4);
    reply_done(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(one_range_is_understood_in_its_three_forms),
        TEST(a_range_past_the_end_is_cut_to_it),
        TEST(a_range_that_begins_past_the_end_cannot_be_satisfied),
        TEST(other_ranges_are_ignored),
        TEST(an_etag_is_found_in_a_list),
        TEST(a_known_etag_is_answered_without_a_body),
        TEST(a_range_becomes_part_of_the_file),
        TEST(a_range_of_an_older_file_gives_the_whole),
        TEST(a_header_value_cannot_forge_another_header),
        TEST(an_error_is_compact_json_whatever_its_text),
        TEST(a_later_reply_replaces_an_earlier_one),
    };
    return cmocka_run_group_tests_name("http reply", tests, NULL, NULL);
}
