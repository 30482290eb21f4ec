#include "support/test.h"

#include "base/hex.h"
#include "engine/event_json.h"

static const uint8_t salt[EVENT_SALT_BYTES] = "this salt has thirty-two bytes..";

static Event admission(const char *identity) {
    Event e = {.type = EVENT_PARTICIPANT_ADMITTED, .now_ms = 5};
    e.u.admitted.participant = 3;
    snprintf(e.u.admitted.identity, sizeof e.u.admitted.identity, "%s", identity);
    return e;
}

static void commit(Event *e, const char *part) {
    event_commit(salt, part, strlen(part), e->u.admitted.commitment);
}

static void an_admission_alone_has_a_private_part(void **state) {
    (void)state;
    for (EventType t = EVENT_CEREMONY_OPENED; t < EVENT_N; t++) {
        _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_PRIVATE_MAX);
        Event e = admission("eth|0xaa");
        e.type = t;

        assert_int_equal(event_has_private(&e), t == EVENT_PARTICIPANT_ADMITTED);
        assert_true(event_private_write(&e, &b, NULL));
        assert_string_equal(cvk_buf_str(&b),
                            t == EVENT_PARTICIPANT_ADMITTED ? "{\"identity\":\"eth|0xaa\"}" : "");
    }
}

static void an_identity_that_is_not_known_is_not_written(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_PRIVATE_MAX);
    Event e = admission("");
    CvkErr err = {0};

    assert_false(event_private_write(&e, &b, &err));
    assert_string_equal(err.id, "event.field");
}

/* HMAC-SHA256, computed by Python's hmac. */
static void the_commitment_is_hmac_sha256_of_the_part_under_the_salt(void **state) {
    (void)state;
    uint8_t got[32];
    char text[65];

    event_commit(salt, "{\"identity\":\"eth|0xaa\"}", 23, got);

    cvk_hex_encode(got, 32, text);
    assert_string_equal(text, "14e340921aad71084cabac5bf7fc9eea94bb4c399599d8e3564ceef85bc5e798");
}

static void what_was_committed_to_is_brought_back(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_PRIVATE_MAX);
    Event e = admission("eth|0xaa"), back = admission("");
    assert_true(event_private_write(&e, &b, NULL));
    commit(&back, cvk_buf_str(&b));

    assert_true(event_open(&back, salt, b.data, b.n, NULL));

    assert_string_equal(back.u.admitted.identity, "eth|0xaa");
}

static void the_longest_identity_fits(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_PRIVATE_MAX);
    Event e = admission(""), back = admission("");
    memset(e.u.admitted.identity, 'x', LIMIT_IDENTITY);
    assert_true(event_private_write(&e, &b, NULL));
    commit(&back, cvk_buf_str(&b));

    assert_true(event_open(&back, salt, b.data, b.n, NULL));

    assert_string_equal(back.u.admitted.identity, e.u.admitted.identity);
}

static void refused(const Event *e, const uint8_t *with, const char *part, size_t n) {
    Event opened = *e;
    CvkErr err = {0};
    if (event_open(&opened, with, part, n, &err))
        fail_msg("accepted: %.*s", (int)n, part);
    assert_string_equal(err.id, "event.private");
    assert_memory_equal(&opened, e, sizeof opened);
}

static void another_identity_or_another_salt_is_refused(void **state) {
    (void)state;
    const char *part = "{\"identity\":\"eth|0xaa\"}", *other = "{\"identity\":\"eth|0xab\"}";
    uint8_t other_salt[EVENT_SALT_BYTES];
    Event e = admission("");
    commit(&e, part);
    memcpy(other_salt, salt, sizeof salt);
    other_salt[31] ^= 1;

    refused(&e, salt, other, strlen(other));
    refused(&e, other_salt, part, strlen(part));
}

/* Even where the commitment is to exactly these bytes. */
static void parts_in_another_form_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "{}",
        "{\"identity\":\"\"}",
        "{\"identity\":\"a b\"}",
        "{\"identity\":\"a\\\\b\"}",
        "{\"identity\":\"a\"b\"}",
        "{\"identity\":\"a\"} ",
        " {\"identity\":\"a\"}",
        "{\"identity\": \"a\"}",
        "{\"identity\":\"a\",\"more\":1}",
        "{\"identity\":\"}",
        "{\"identity\":\"a}",
        "{\"Identity\":\"a\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Event e = admission("");
        commit(&e, bad[i]);
        refused(&e, salt, bad[i], strlen(bad[i]));
    }
}

static void a_part_that_is_too_long_or_has_a_zero_byte_is_refused(void **state) {
    (void)state;
    char part[EVENT_PRIVATE_MAX + 100];
    Event e = admission("");
    memset(part, 'x', sizeof part);
    memcpy(part, "{\"identity\":\"", 13);
    for (size_t n = 13 + LIMIT_IDENTITY + 3; n <= sizeof part; n += 50) {
        char copy[sizeof part];
        memcpy(copy, part, n);
        memcpy(copy + n - 2, "\"}", 2);
        event_commit(salt, copy, n, e.u.admitted.commitment);
        refused(&e, salt, copy, n);
    }
    event_commit(salt, "{\"identity\":\"a\0b\"}", 18, e.u.admitted.commitment);
    refused(&e, salt, "{\"identity\":\"a\0b\"}", 18);
}

static void an_event_without_a_private_part_cannot_be_opened(void **state) {
    (void)state;
    const char *part = "{\"identity\":\"eth|0xaa\"}";
    Event e = admission("");
    commit(&e, part);
    e.type = EVENT_JOINED;

    refused(&e, salt, part, strlen(part));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_admission_alone_has_a_private_part),
        TEST(an_identity_that_is_not_known_is_not_written),
        TEST(the_commitment_is_hmac_sha256_of_the_part_under_the_salt),
        TEST(what_was_committed_to_is_brought_back),
        TEST(the_longest_identity_fits),
        TEST(another_identity_or_another_salt_is_refused),
        TEST(parts_in_another_form_are_refused),
        TEST(a_part_that_is_too_long_or_has_a_zero_byte_is_refused),
        TEST(an_event_without_a_private_part_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
