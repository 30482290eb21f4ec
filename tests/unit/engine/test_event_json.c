#include "support/test.h"

#include "base/hex.h"
#include "support/engine_world.h"

#define H "0x0101010101010101010101010101010101010101010101010101010101010101"
#define I "0x0202020202020202020202020202020202020202020202020202020202020202"

/* Version 1 of every event, byte for byte, as journals hold it: these lines must be read for ever.
 */
static const char *const golden[] = {
    "{\"v\":1,\"type\":\"CeremonyOpened\",\"now\":1700000000000,\"name\":\"mini\","
    "\"kind\":\"kzg\",\"definition\":\"" H "\",\"policy\":{\"checkin_every\":30000,"
    "\"checkin_tolerance\":15000,\"lobby_max\":1000,\"deadline\":{\"offered\":0,"
    "\"fetching\":60000,\"computing\":180000,\"uploading\":90000,\"verifying\":600000},"
    "\"expired\":\"out\",\"aborted\":\"nothing\",\"invalid\":\"out\",\"repeat\":false}}",
    "{\"v\":1,\"type\":\"LeaseGranted\",\"now\":1700000000001,\"lease\":7,"
    "\"identity\":\"eth|0xaa\",\"attempt\":7,\"position\":3}",
    "{\"v\":1,\"type\":\"LeaseMoved\",\"now\":1700000000002,\"lease\":7,\"phase\":\"computing\"}",
    "{\"v\":1,\"type\":\"ResponseStored\",\"now\":1700000000003,\"lease\":7,\"response\":\"" H
    "\"}",
    "{\"v\":1,\"type\":\"ContributionAccepted\",\"now\":1700000000004,\"lease\":7,\"index\":3,"
    "\"response\":\"" H "\",\"record\":\"" I "\"}",
    "{\"v\":1,\"type\":\"ContributionRefused\",\"now\":1700000000005,\"lease\":8,"
    "\"reason\":\"CeremonyError::G1PairingFailed\"}",
    "{\"v\":1,\"type\":\"LeaseExpired\",\"now\":1700000000006,\"lease\":9,\"phase\":\"uploading\"}",
    "{\"v\":1,\"type\":\"LeaseAborted\",\"now\":1700000000007,\"lease\":10}",
    "{\"v\":1,\"type\":\"CeremonyFinalized\",\"now\":1700000000008,\"contributions\":3}",
};
#define GOLDEN (sizeof golden / sizeof golden[0])

/* What those lines say, made by hand. */
static Event said(size_t i) {
    const EnginePolicy policy = {
        .checkin_every_ms = 30000,
        .checkin_tolerance_ms = 15000,
        .lobby_max = 1000,
        .deadline_ms = {0, 60000, 180000, 90000, 600000},
        .expired = COST_OUT,
        .aborted = COST_NOTHING,
        .invalid = COST_OUT,
    };
    Event e = {.now_ms = INT64_C(1700000000000) + (int64_t)i, .type = (EventType)(i + 1)};
    e.lease = (const uint64_t[]){0, 7, 7, 7, 7, 8, 9, 10, 0}[i];
    switch (e.type) {
    case EVENT_CEREMONY_OPENED:
        e = world_opening(policy, e.now_ms);
        memset(e.u.opened.definition, 1, 32);
        break;
    case EVENT_LEASE_GRANTED:
        snprintf(e.u.granted.identity, sizeof e.u.granted.identity, "eth|0xaa");
        e.u.granted.attempt = 7;
        e.u.granted.position = 3;
        break;
    case EVENT_LEASE_MOVED:
        e.u.moved.phase = PHASE_COMPUTING;
        break;
    case EVENT_RESPONSE_STORED:
        memset(e.u.stored.response, 1, 32);
        break;
    case EVENT_CONTRIBUTION_ACCEPTED:
        e.u.accepted.index = 3;
        memset(e.u.accepted.response, 1, 32);
        memset(e.u.accepted.record, 2, 32);
        break;
    case EVENT_CONTRIBUTION_REFUSED:
        snprintf(e.u.refused.reason, sizeof e.u.refused.reason, "CeremonyError::G1PairingFailed");
        break;
    case EVENT_LEASE_EXPIRED:
        e.u.expired.phase = PHASE_UPLOADING;
        break;
    case EVENT_CEREMONY_FINALIZED:
        e.u.finalized.contributions = 3;
        break;
    case EVENT_LEASE_ABORTED:
    case EVENT_N:
        break;
    }
    return e;
}

static void each_event_is_written_in_its_one_form(void **state) {
    (void)state;
    assert_int_equal(GOLDEN, EVENT_N - 1);
    for (size_t i = 0; i < GOLDEN; i++) {
        _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
        Event e = said(i);

        assert_true(event_write(&e, &b, NULL));

        assert_string_equal(cvk_buf_str(&b), golden[i]);
    }
}

static void each_line_of_version_1_is_read_back(void **state) {
    (void)state;
    for (size_t i = 0; i < GOLDEN; i++) {
        Event want = said(i), got;
        CvkErr err = {0};
        memset(&got, 0xee, sizeof got);

        if (!event_read(golden[i], strlen(golden[i]), &got, &err))
            fail_msg("%s: %s", golden[i], err.msg);

        assert_int_equal(got.type, want.type);
        assert_int_equal(got.now_ms, want.now_ms);
        assert_int_equal(got.lease, want.lease);
        _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
        assert_true(event_write(&got, &b, NULL));
        assert_string_equal(cvk_buf_str(&b), golden[i]);
    }
}

static void a_line_shortened_anywhere_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < GOLDEN; i++)
        for (size_t n = 0; n < strlen(golden[i]); n++) {
            Event e;
            CvkErr err = {0};
            assert_false(event_read(golden[i], n, &e, &err));
            assert_int_equal(err.code, CVK_EBADREQ);
        }
}

static void no_byte_can_be_changed_without_changing_what_is_said(void **state) {
    (void)state;
    for (size_t i = 0; i < GOLDEN; i++)
        for (size_t at = 0; at < strlen(golden[i]); at++) {
            char line[EVENT_JSON_MAX];
            Event e;
            snprintf(line, sizeof line, "%s", golden[i]);
            line[at] ^= 1;
            if (!event_read(line, strlen(line), &e, NULL))
                continue;
            _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
            assert_true(event_write(&e, &b, NULL));
            assert_string_equal(cvk_buf_str(&b), line);
        }
}

#define FINAL "{\"v\":1,\"type\":\"CeremonyFinalized\",\"now\":"
#define REFUSED "{\"v\":1,\"type\":\"ContributionRefused\",\"now\":5,\"lease\":8,\"reason\":"

#define STORED "{\"v\":1,\"type\":\"ResponseStored\",\"now\":3,\"lease\":7,\"response\":\""
#define CAPITALS "0xFF01010101010101010101010101010101010101010101010101010101010101"

static void lines_in_another_form_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "null",
        "{}",
        " " FINAL "8,\"contributions\":3}",
        FINAL "8,\"contributions\":3} ",
        FINAL "8,\"contributions\":3}\n",
        FINAL "8, \"contributions\":3}",
        FINAL "8,\"contributions\":03}",
        FINAL "8,\"contributions\":+3}",
        FINAL "8,\"contributions\":-3}",
        FINAL "8,\"contributions\":3.0}",
        FINAL "8,\"contributions\":\"3\"}",
        FINAL "8,\"contributions\":}",
        FINAL "8,\"contributions\":9223372036854775808}",
        FINAL "8,\"contributions\":99999999999999999999999}",
        FINAL "-8,\"contributions\":3}",
        FINAL "8}",
        FINAL "8,\"contributions\":3,\"contributions\":3}",
        FINAL "8,\"contributions\":3,\"more\":1}",
        "{\"type\":\"CeremonyFinalized\",\"v\":1,\"now\":8,\"contributions\":3}",
        REFUSED "\"\"}",
        REFUSED "\"a b\"}",
        REFUSED "\"a\\\"b\"}",
        REFUSED "\"a\\u0041\"}",
        REFUSED "\"\xc3\xa9\"}",
        REFUSED "\"0123456789012345678901234567890123456789012345678901234567890123\"}",
        "{\"v\":1,\"type\":\"LeaseMoved\",\"now\":2,\"lease\":7,\"phase\":\"sleeping\"}",
        "{\"v\":1,\"type\":\"LeaseMoved\",\"now\":2,\"lease\":7,\"phase\":3}",
        STORED "0x01\"}",
        STORED H "00\"}",
        STORED CAPITALS "\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Event e;
        CvkErr err = {0};
        if (event_read(bad[i], strlen(bad[i]), &e, &err))
            fail_msg("accepted: %s", bad[i]);
        assert_string_equal(err.id, "event.syntax");
    }
}

static void a_zero_byte_in_a_text_is_refused(void **state) {
    (void)state;
    char line[EVENT_JSON_MAX];
    Event e;
    int n = snprintf(line, sizeof line, "%s\"aXb\"}", REFUSED);
    assert_true(event_read(line, (size_t)n, &e, NULL));
    *strchr(line, 'X') = '\0';

    assert_false(event_read(line, (size_t)n, &e, NULL));
}

static void a_line_longer_than_any_event_is_refused(void **state) {
    (void)state;
    char line[EVENT_JSON_MAX + 1];
    Event e;
    memset(line, ' ', sizeof line);

    assert_false(event_read(line, sizeof line, &e, NULL));
}

static void events_of_a_later_release_are_named(void **state) {
    (void)state;
    static const char *const later[] = {
        "{\"v\":2,\"type\":\"LeaseAborted\",\"now\":7,\"lease\":10}",
        "{\"v\":1,\"type\":\"RoundSealed\",\"now\":7}",
        "{\"v\":1,\"type\":\"unknown\",\"now\":7}",
    };
    for (size_t i = 0; i < 3; i++) {
        Event e;
        CvkErr err = {0};
        assert_false(event_read(later[i], strlen(later[i]), &e, &err));
        assert_string_equal(err.id, "event.unknown");
    }
}

static void nothing_is_written_that_could_not_be_read(void **state) {
    (void)state;
    Event bad[7];
    for (size_t i = 0; i < 7; i++)
        bad[i] = said((size_t[]){1, 1, 2, 0, 8, 8, 5}[i]);
    bad[0].u.granted.identity[0] = '\0';
    memset(bad[1].u.granted.identity, 'x', sizeof bad[1].u.granted.identity);
    bad[2].u.moved.phase = PHASE_N;
    bad[3].u.opened.policy.expired = COST_N;
    bad[4].now_ms = -1;
    bad[5].type = EVENT_N;
    bad[6].u.refused.reason[3] = '"';
    for (size_t i = 0; i < 7; i++) {
        _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
        CvkErr err = {0};
        assert_false(event_write(&bad[i], &b, &err));
        assert_string_equal(err.id, "event.field");
    }
}

static void the_longest_event_fits(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
    EnginePolicy p = world_policy();
    for (size_t i = 0; i < PHASE_N; i++)
        p.deadline_ms[i] = INT64_MAX;
    p.checkin_every_ms = p.checkin_tolerance_ms = INT64_MAX;
    p.lobby_max = UINT32_MAX;
    Event e = world_opening(p, INT64_MAX);
    memset(e.u.opened.name, 'n', LIMIT_IDENTITY);
    memset(e.u.opened.kind, 'k', sizeof e.u.opened.kind - 1);

    assert_true(event_write(&e, &b, NULL));
}

static void the_chain_begins_with_zeros_and_takes_in_each_line(void **state) {
    (void)state;
    uint8_t hash[32] = {0};
    char text[65];

    event_chain(hash, "abc", 3, hash);
    cvk_hex_encode(hash, 32, text);
    assert_string_equal(text, "365aa7d8f7f9402c4b9434502b4cc89ddb09fe50d7cd95b493b834c62d5a5370");
    event_chain(hash, "", 0, hash);
    cvk_hex_encode(hash, 32, text);
    assert_string_equal(text, "e68b0c72b1aff9488294900ba6cc1e99075122a8d0c122eb42da506f9c2321a4");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_event_is_written_in_its_one_form),
        TEST(each_line_of_version_1_is_read_back),
        TEST(a_line_shortened_anywhere_is_refused),
        TEST(no_byte_can_be_changed_without_changing_what_is_said),
        TEST(lines_in_another_form_are_refused),
        TEST(a_zero_byte_in_a_text_is_refused),
        TEST(a_line_longer_than_any_event_is_refused),
        TEST(events_of_a_later_release_are_named),
        TEST(nothing_is_written_that_could_not_be_read),
        TEST(the_longest_event_fits),
        TEST(the_chain_begins_with_zeros_and_takes_in_each_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
