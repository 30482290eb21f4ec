/* What a server's header fields say about the wait, and how a person is told. */
#include "client/kzg_wait.h"
#include "support/test.h"

static void add(WebReply *r, const char *name, const char *value) {
    snprintf(r->fields[r->n_fields].name, WEB_FIELD_MAX, "%s", name);
    snprintf(r->fields[r->n_fields].value, WEB_FIELD_MAX, "%s", value);
    r->n_fields++;
}

static void assert_told(const WebReply *r, KzgReplyKind kind, const char *text) {
    KzgWait w;
    char told[KZG_WAIT_TEXT];
    kzg_wait_read(r, &w);
    kzg_wait_text(kind, &w, told);
    assert_string_equal(told, text);
}

static void a_server_of_the_original_protocol_says_nothing(void **state) {
    (void)state;
    WebReply r = {0};
    assert_told(&r, KZG_REPLY_BUSY, "another contribution is in progress");
    assert_told(&r, KZG_REPLY_EARLY, "asked a little too soon");
    assert_told(&r, KZG_REPLY_LOBBY_FULL, "too many people are waiting");
}

static void a_place_and_the_expected_wait_are_told(void **state) {
    (void)state;
    WebReply r = {0};
    add(&r, "x-queue-position", "3");
    add(&r, "X-Queue-Size", "12");
    add(&r, "X-Expected-Wait", "130-200-290");
    assert_told(&r, KZG_REPLY_BUSY, "place 3 of 12; 2 to 5 minutes until your turn");
}

static void a_lobby_tells_how_many_wait(void **state) {
    (void)state;
    WebReply r = {0};
    add(&r, "X-Queue-Size", "12");
    assert_told(&r, KZG_REPLY_BUSY, "another contribution is in progress; 12 waiting");
    add(&r, "X-Expected-Wait", "0-100-300");
    assert_told(&r, KZG_REPLY_BUSY, "12 waiting; up to 5 minutes until your turn");
}

static void a_pause_and_a_cool_down_are_told(void **state) {
    (void)state;
    WebReply paused = {0}, cooling = {0};
    add(&paused, "X-Ceremony-Mode", "paused");
    add(&paused, "X-Queue-Position", "1");
    add(&paused, "X-Queue-Size", "1");
    add(&paused, "X-Expected-Wait", "60-60-60");
    add(&cooling, "X-Cool-Down", "299");
    assert_told(&paused, KZG_REPLY_BUSY, "the ceremony is paused; place 1 of 1");
    assert_told(&cooling, KZG_REPLY_EARLY, "a pause after the turn that failed");
}

static void what_cannot_be_so_is_not_told(void **state) {
    (void)state;
    static const char *const bad[] = {"",       "1",     "1-2",        "3-2-1",
                                      "1-2-3-", "a-2-3", "1-2-3 left", "1-2-9999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        WebReply r = {0};
        KzgWait w;
        add(&r, "X-Expected-Wait", bad[i]);
        add(&r, "X-Queue-Position", "5"); /* of none */
        kzg_wait_read(&r, &w);
        assert_false(w.expected);
        assert_int_equal(w.position, 0);
    }
}

static void the_largest_numbers_fit(void **state) {
    (void)state;
    WebReply r = {0};
    KzgWait w;
    char told[KZG_WAIT_TEXT];
    add(&r, "X-Queue-Position", "999999999999999998");
    add(&r, "X-Queue-Size", "999999999999999999");
    add(&r, "X-Expected-Wait", "3155759999-3155759999-3155760000");
    kzg_wait_read(&r, &w);
    kzg_wait_text(KZG_REPLY_EARLY, &w, told);
    assert_string_equal(told, "asked a little too soon; place 999999999999999998 of "
                              "999999999999999999; 36524 to 36525 days until your turn");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_server_of_the_original_protocol_says_nothing),
        TEST(a_place_and_the_expected_wait_are_told),
        TEST(a_lobby_tells_how_many_wait),
        TEST(a_pause_and_a_cool_down_are_told),
        TEST(what_cannot_be_so_is_not_told),
        TEST(the_largest_numbers_fit),
    };
    return cmocka_run_group_tests_name("client/kzg_wait", tests, NULL, NULL);
}
