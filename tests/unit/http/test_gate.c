#include "support/test.h"

#include "base/limits.h"
#include "http/gate.h"

static HttpField field(const char *name, const char *value) {
    return (HttpField){name, strlen(name), value, strlen(value), false};
}

/* What the gate says to an HTTP/1.1 request with a Host and these two fields. */
static GateVerdict with_two(HttpField a, HttpField b) {
    HttpField fields[] = {field("Host", "localhost:3000"), a, b};
    return http_gate(fields, 3, false);
}

static GateVerdict with(const char *name, const char *value) {
    return with_two(field("Accept", "*/*"), field(name, value));
}

static void a_usual_request_passes(void **state) {
    (void)state;
    assert_int_equal(with_two(field("Content-Length", "12"), field("Authorization", "Bearer x")),
                     GATE_PASS);
    assert_int_equal(with("Transfer-Encoding", "chunked"), GATE_PASS);
}

static void a_length_beside_chunks_is_refused(void **state) {
    (void)state;
    assert_int_equal(with_two(field("Content-Length", "5"), field("transfer-encoding", "chunked")),
                     GATE_TWO_FRAMINGS);
}

static void two_lengths_are_refused_even_when_equal(void **state) {
    (void)state;
    assert_int_equal(with_two(field("Content-Length", "5"), field("content-LENGTH", "5")),
                     GATE_MANY_LENGTHS);
}

static void a_length_that_is_no_plain_number_is_refused(void **state) {
    (void)state;
    const char *const bad[] = {"", "-1", "+1", "1,1", "0x10", " 5", "1e3", "9999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(with("Content-Length", bad[i]), GATE_BAD_LENGTH);
}

static void an_encoding_other_than_one_chunked_is_refused(void **state) {
    (void)state;
    const char *const bad[] = {"",         "gzip",     "gzip, chunked", "chunked, chunked",
                               "xchunked", "identity", "chunked;x=y"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(with("Transfer-Encoding", bad[i]), GATE_BAD_ENCODING);
    assert_int_equal(
        with_two(field("Transfer-Encoding", "chunked"), field("Transfer-Encoding", "chunked")),
        GATE_BAD_ENCODING);
}

static void chunks_in_http_1_0_are_refused(void **state) {
    (void)state;
    HttpField fields[] = {field("Transfer-Encoding", "chunked")};
    assert_int_equal(http_gate(fields, 1, true), GATE_BAD_ENCODING);
}

static void http_1_1_needs_exactly_one_host(void **state) {
    (void)state;
    HttpField none[] = {field("Accept", "*/*")};
    assert_int_equal(http_gate(none, 1, false), GATE_NO_HOST);
    assert_int_equal(http_gate(none, 1, true), GATE_PASS);
    assert_int_equal(with("host", "other"), GATE_MANY_HOSTS);
}

static void a_host_that_could_break_out_of_a_link_is_refused(void **state) {
    (void)state;
    const char *const bad[] = {"", "a b", "a/b", "a\"b", "a<b", "a@b", "a?b", "a#b", "a\\b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        HttpField fields[] = {field("Host", bad[i])};
        assert_int_equal(http_gate(fields, 1, false), GATE_BAD_HOST);
    }
}

static void names_with_other_than_token_characters_are_refused(void **state) {
    (void)state;
    const char *const bad[] = {"", "Host ", " Host", "X\tY", "X:Y", "X(Y)", "X\x80", "X\"Y"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(with(bad[i], "v"), GATE_BAD_NAME);
}

static void control_characters_in_values_are_refused(void **state) {
    (void)state;
    const char *const bad[] = {"a\rb", "a\nb", "a\x01", "\x7f", "a\r\nSet-Cookie: b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(with("X-Field", bad[i]), GATE_BAD_VALUE);
    HttpField fields[] = {field("Host", "h"), {"X", 1, "a\0b", 3, false}};
    assert_int_equal(http_gate(fields, 2, false), GATE_BAD_VALUE);
}

static void a_field_over_several_lines_is_refused(void **state) {
    (void)state;
    HttpField fields[] = {field("Host", "h"), {"X", 1, "a", 1, .folded = true}};
    assert_int_equal(http_gate(fields, 2, false), GATE_FOLDED);
}

static void tabs_and_bytes_above_ascii_in_values_pass(void **state) {
    (void)state;
    assert_int_equal(with("X-Field", "a\tb \xc3\xa9"), GATE_PASS);
}

static void two_authorizations_are_refused(void **state) {
    (void)state;
    assert_int_equal(
        with_two(field("Authorization", "Bearer a"), field("authorization", "Bearer a")),
        GATE_MANY_AUTHS);
}

static void more_fields_than_the_limit_are_refused(void **state) {
    (void)state;
    HttpField fields[LIMIT_HEADERS + 1];
    fields[0] = field("Host", "h");
    for (size_t i = 1; i <= LIMIT_HEADERS; i++)
        fields[i] = field("X", "y");

    assert_int_equal(http_gate(fields, LIMIT_HEADERS, false), GATE_PASS);
    assert_int_equal(http_gate(fields, LIMIT_HEADERS + 1, false), GATE_TOO_MANY);
    assert_int_equal(http_gate_status(GATE_TOO_MANY), 431);
}

static void a_longer_value_than_the_limit_is_refused(void **state) {
    (void)state;
    static char value[LIMIT_HEADER_VALUE + 2];
    memset(value, 'v', LIMIT_HEADER_VALUE + 1);
    assert_int_equal(with("X", value), GATE_TOO_LONG);
    value[LIMIT_HEADER_VALUE] = '\0';
    assert_int_equal(with("X", value), GATE_PASS);
}

static void every_verdict_has_a_text(void **state) {
    (void)state;
    for (int v = 0; v < GATE_N; v++)
        assert_non_null(http_gate_text((GateVerdict)v));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_usual_request_passes),
        TEST(a_length_beside_chunks_is_refused),
        TEST(two_lengths_are_refused_even_when_equal),
        TEST(a_length_that_is_no_plain_number_is_refused),
        TEST(an_encoding_other_than_one_chunked_is_refused),
        TEST(chunks_in_http_1_0_are_refused),
        TEST(http_1_1_needs_exactly_one_host),
        TEST(a_host_that_could_break_out_of_a_link_is_refused),
        TEST(names_with_other_than_token_characters_are_refused),
        TEST(control_characters_in_values_are_refused),
        TEST(a_field_over_several_lines_is_refused),
        TEST(tabs_and_bytes_above_ascii_in_values_pass),
        TEST(two_authorizations_are_refused),
        TEST(more_fields_than_the_limit_are_refused),
        TEST(a_longer_value_than_the_limit_is_refused),
        TEST(every_verdict_has_a_text),
    };
    return cmocka_run_group_tests_name("http gate", tests, NULL, NULL);
}
