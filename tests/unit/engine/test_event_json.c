#include "support/test.h"

#include "base/hex.h"
#include "engine/event_json.h"

#define H "0x0101010101010101010101010101010101010101010101010101010101010101"
#define I "0x0202020202020202020202020202020202020202020202020202020202020202"
#define K "0x0303030303030303030303030303030303030303"
#define S                                                                                          \
    "0x04040404040404040404040404040404040404040404040404040404040404040404040404040404040404"     \
    "04040404040404040404040404040404040404040404"
#define V2(type, at) "{\"v\":2,\"type\":\"" type "\",\"now\":17000000000" at

/* Version 2 of every event, byte for byte, as journals hold it: these lines must be read for ever.
 */
static const char *const golden[] = {
    [EVENT_CEREMONY_OPENED] = V2(
        "CeremonyOpened",
        "01") ",\"name\":\"mini\",\"kind\":\"kzg\",\"definition\":\"" H "\",\"key\":\"" K
              "\",\"policy\":{\"entry\":\"fifo\",\"waiting_max\":1000,\"contributions_max\":1,"
              "\"checkin\":{\"every\":30000,\"tolerance\":15000,\"shortest\":5000,"
              "\"longest\":3600000,\"lead\":7200000},\"ready\":10000,\"park_max\":8,\"park\":20000,"
              "\"deadline\":{\"offered\":15000,\"fetching\":60000,\"computing\":180000,"
              "\"uploading\":90000,\"verifying\":600000},\"upload_rate\":16384,"
              "\"upload_window\":30001,\"missed\":\"place\",\"expired\":\"strike\","
              "\"aborted\":\"cooldown\",\"invalid\":\"out\",\"strikes_max\":3,"
              "\"cooldown\":3600001}}",
    [EVENT_PARTICIPANT_ADMITTED] =
        V2("ParticipantAdmitted", "02") ",\"participant\":5,\"commitment\":\"" H "\"}",
    [EVENT_JOINED] = V2("Joined", "03") ",\"participant\":5,\"place\":9}",
    [EVENT_LEFT] =
        V2("Left", "04") ",\"participant\":5,\"reason\":\"missed\",\"seen\":1699999999999}",
    [EVENT_LEASE_GRANTED] = V2("LeaseGranted", "05") ",\"lease\":7,\"participant\":5,"
                                                     "\"attempt\":7,\"position\":3,"
                                                     "\"offered\":true}",
    [EVENT_LEASE_MOVED] =
        V2("LeaseMoved", "06") ",\"lease\":7,\"phase\":\"uploading\",\"size\":6000000}",
    [EVENT_RESPONSE_STORED] = V2("ResponseStored", "07") ",\"lease\":7,\"response\":\"" H
                                                         "\",\"received\":1700000000006}",
    [EVENT_CONTRIBUTION_ACCEPTED] =
        V2("ContributionAccepted", "08") ",\"lease\":7,\"index\":3,\"response\":\"" H
                                         "\",\"record\":\"" I "\"}",
    [EVENT_CONTRIBUTION_REFUSED] = V2(
        "ContributionRefused", "09") ",\"lease\":8,\"reason\":\"CeremonyError::G1PairingFailed\"}",
    [EVENT_LEASE_EXPIRED] = V2("LeaseExpired", "10") ",\"lease\":9,\"phase\":\"uploading\","
                                                     "\"stalled\":true,\"bytes\":1234}",
    [EVENT_LEASE_ABORTED] = V2("LeaseAborted", "11") ",\"lease\":10,\"by_operator\":true}",
    [EVENT_CLOCK_SKIPPED] = V2("ClockSkipped", "12") ",\"by\":3600000}",
    [EVENT_MODE_CHANGED] = V2("ModeChanged", "13") ",\"mode\":\"draining\"}",
    [EVENT_PARTICIPANT_BANNED] =
        V2("ParticipantBanned", "14") ",\"participant\":5,\"reason\":\"bot\"}",
    [EVENT_PARTICIPANT_UNBANNED] = V2("ParticipantUnbanned", "15") ",\"participant\":5}",
    [EVENT_PARTICIPANT_PARDONED] = V2("ParticipantPardoned", "16") ",\"participant\":5}",
    [EVENT_HANDED_OVER] = V2("HandedOver", "17") ",\"key\":\"" K "\"}",
    [EVENT_TAKEN_OVER] =
        V2("TakenOver", "18") ",\"key\":\"" K "\",\"root\":\"" H "\",\"signature\":\"" S "\"}",
    [EVENT_CEREMONY_FINALIZED] = V2("CeremonyFinalized", "19") ",\"contributions\":3}",
};

/* What those lines say, made by hand. */
static Event said(EventType type) {
    Event e = {.type = type, .now_ms = INT64_C(1700000000000) + (int64_t)type};
    switch (type) {
    case EVENT_CEREMONY_OPENED:
        snprintf(e.u.opened.name, sizeof e.u.opened.name, "mini");
        snprintf(e.u.opened.kind, sizeof e.u.opened.kind, "kzg");
        memset(e.u.opened.definition, 1, 32);
        memset(e.u.opened.key, 3, ENGINE_KEY_BYTES);
        e.u.opened.policy = (EnginePolicy){
            .entry = ENTRY_FIFO,
            .waiting_max = 1000,
            .contributions_max = 1,
            .checkin_every_ms = 30000,
            .checkin_tolerance_ms = 15000,
            .checkin_shortest_ms = 5000,
            .checkin_longest_ms = 3600000,
            .checkin_lead_ms = 7200000,
            .ready_ms = 10000,
            .park_max = 8,
            .park_ms = 20000,
            .deadline_ms = {15000, 60000, 180000, 90000, 600000},
            .upload_rate = 16384,
            .upload_window_ms = 30001,
            .missed = COST_PLACE,
            .expired = COST_STRIKE,
            .aborted = COST_COOLDOWN,
            .invalid = COST_OUT,
            .strikes_max = 3,
            .cooldown_ms = 3600001,
        };
        break;
    case EVENT_PARTICIPANT_ADMITTED:
        e.u.admitted.participant = 5;
        memset(e.u.admitted.commitment, 1, 32);
        break;
    case EVENT_JOINED:
        e.u.joined.participant = 5;
        e.u.joined.place = 9;
        break;
    case EVENT_LEFT:
        e.u.left.participant = 5;
        e.u.left.seen_ms = INT64_C(1699999999999);
        break;
    case EVENT_LEASE_GRANTED:
        e.lease = 7;
        e.u.granted.participant = 5;
        e.u.granted.attempt = 7;
        e.u.granted.position = 3;
        e.u.granted.offered = true;
        break;
    case EVENT_LEASE_MOVED:
        e.lease = 7;
        e.u.moved.phase = PHASE_UPLOADING;
        e.u.moved.size = 6000000;
        break;
    case EVENT_RESPONSE_STORED:
        e.lease = 7;
        memset(e.u.stored.response, 1, 32);
        e.u.stored.received_ms = INT64_C(1700000000006);
        break;
    case EVENT_CONTRIBUTION_ACCEPTED:
        e.lease = 7;
        e.u.accepted.index = 3;
        memset(e.u.accepted.response, 1, 32);
        memset(e.u.accepted.record, 2, 32);
        break;
    case EVENT_CONTRIBUTION_REFUSED:
        e.lease = 8;
        snprintf(e.u.refused.reason, sizeof e.u.refused.reason, "CeremonyError::G1PairingFailed");
        break;
    case EVENT_LEASE_EXPIRED:
        e.lease = 9;
        e.u.expired.phase = PHASE_UPLOADING;
        e.u.expired.stalled = true;
        e.u.expired.bytes = 1234;
        break;
    case EVENT_LEASE_ABORTED:
        e.lease = 10;
        e.u.aborted.by_operator = true;
        break;
    case EVENT_CLOCK_SKIPPED:
        e.u.skipped.by_ms = 3600000;
        break;
    case EVENT_MODE_CHANGED:
        e.u.mode.mode = MODE_DRAINING;
        break;
    case EVENT_PARTICIPANT_BANNED:
        snprintf(e.u.person.reason, sizeof e.u.person.reason, "bot");
        e.u.person.participant = 5;
        break;
    case EVENT_PARTICIPANT_UNBANNED:
    case EVENT_PARTICIPANT_PARDONED:
        e.u.person.participant = 5;
        break;
    case EVENT_HANDED_OVER:
        memset(e.u.handed_over.key, 3, ENGINE_KEY_BYTES);
        break;
    case EVENT_TAKEN_OVER:
        memset(e.u.taken_over.key, 3, ENGINE_KEY_BYTES);
        memset(e.u.taken_over.root, 1, 32);
        memset(e.u.taken_over.signature, 4, ENGINE_SIGNATURE_BYTES);
        break;
    case EVENT_CEREMONY_FINALIZED:
        e.u.finalized.contributions = 3;
        break;
    case EVENT_N:
        break;
    }
    return e;
}

static void written(const Event *e, CvkBuf *b) {
    CvkErr err = {0};
    if (!event_write(e, b, &err))
        fail_msg("%s: %s", event_name(e->type), err.msg);
}

static Event read_line(const char *line) {
    Event e;
    CvkErr err = {0};
    memset(&e, 0xee, sizeof e);
    if (!event_read(line, strlen(line), &e, &err))
        fail_msg("%s: %s", line, err.msg);
    return e;
}

static void each_event_is_written_in_its_one_form(void **state) {
    (void)state;
    assert_int_equal(sizeof golden / sizeof golden[0], EVENT_N);
    for (EventType t = EVENT_CEREMONY_OPENED; t < EVENT_N; t++) {
        _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
        Event e = said(t);

        written(&e, &b);

        assert_string_equal(cvk_buf_str(&b), golden[t]);
    }
}

static void each_line_is_read_back(void **state) {
    (void)state;
    for (EventType t = EVENT_CEREMONY_OPENED; t < EVENT_N; t++) {
        Event want = said(t);

        Event got = read_line(golden[t]);

        assert_memory_equal(&got, &want, sizeof want); /* both zeroed before: no stray bytes */
    }
}

static void a_line_shortened_anywhere_is_refused(void **state) {
    (void)state;
    for (EventType t = EVENT_CEREMONY_OPENED; t < EVENT_N; t++)
        for (size_t n = 0; n < strlen(golden[t]); n++) {
            Event e;
            CvkErr err = {0};
            assert_false(event_read(golden[t], n, &e, &err));
            assert_int_equal(err.code, CVK_EBADREQ);
        }
}

static void no_byte_can_be_changed_without_changing_what_is_said(void **state) {
    (void)state;
    for (EventType t = EVENT_CEREMONY_OPENED; t < EVENT_N; t++)
        for (size_t at = strlen("{\"v\":2"); at < strlen(golden[t]); at++) {
            char line[EVENT_JSON_MAX];
            Event e;
            snprintf(line, sizeof line, "%s", golden[t]);
            line[at] ^= 1;
            if (!event_read(line, strlen(line), &e, NULL))
                continue;
            _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
            written(&e, &b);
            assert_string_equal(cvk_buf_str(&b), line);
        }
}

#define FINAL "{\"v\":2,\"type\":\"CeremonyFinalized\",\"now\":"
#define REFUSED "{\"v\":2,\"type\":\"ContributionRefused\",\"now\":5,\"lease\":8,\"reason\":"
#define MOVED "{\"v\":2,\"type\":\"LeaseMoved\",\"now\":2,\"lease\":7,\"phase\":"
#define STORED "{\"v\":2,\"type\":\"ResponseStored\",\"now\":3,\"lease\":7,\"response\":\""
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
        "{\"type\":\"CeremonyFinalized\",\"v\":2,\"now\":8,\"contributions\":3}",
        REFUSED "\"\"}",
        REFUSED "\"a b\"}",
        REFUSED "\"a\\\"b\"}",
        REFUSED "\"a\\u0041\"}",
        REFUSED "\"\xc3\xa9\"}",
        REFUSED "\"0123456789012345678901234567890123456789012345678901234567890123\"}",
        MOVED "\"sleeping\",\"size\":0}",
        MOVED "\"Uploading\",\"size\":0}",
        MOVED "\"upload\",\"size\":0}",
        MOVED "\"\",\"size\":0}",
        MOVED "3,\"size\":0}",
        STORED "0x01\",\"received\":3}",
        STORED H "00\",\"received\":3}",
        STORED CAPITALS "\",\"received\":3}",
        "{\"v\":2,\"type\":\"LeaseAborted\",\"now\":7,\"lease\":10,\"by_operator\":1}",
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

static void events_that_this_release_does_not_know_are_named(void **state) {
    (void)state;
    static const char *const later[] = {
        "{\"v\":3,\"type\":\"LeaseAborted\",\"now\":7,\"lease\":10}",
        "{\"v\":0,\"type\":\"LeaseAborted\",\"now\":7,\"lease\":10}",
        "{\"v\":1,\"type\":\"Joined\",\"now\":7,\"participant\":1,\"place\":1}",
        "{\"v\":2,\"type\":\"RoundSealed\",\"now\":7}",
        "{\"v\":2,\"type\":\"unknown\",\"now\":7}",
    };
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        Event e;
        CvkErr err = {0};
        assert_false(event_read(later[i], strlen(later[i]), &e, &err));
        assert_string_equal(err.id, "event.unknown");
    }
}

static void nothing_is_written_that_could_not_be_read(void **state) {
    (void)state;
    Event bad[] = {
        said(EVENT_LEASE_GRANTED),
        said(EVENT_LEASE_MOVED),
        said(EVENT_CEREMONY_OPENED),
        said(EVENT_CEREMONY_FINALIZED),
        said(EVENT_CEREMONY_FINALIZED),
        said(EVENT_CONTRIBUTION_REFUSED),
        said(EVENT_JOINED),
        said(EVENT_PARTICIPANT_BANNED),
        said(EVENT_LEFT),
        said(EVENT_MODE_CHANGED),
    };
    snprintf(bad[0].u.granted.identity, 8, "eth|0xa"); /* version 1 only */
    bad[1].u.moved.phase = PHASE_N;
    bad[2].u.opened.policy.expired = COST_N;
    bad[3].now_ms = -1;
    bad[4].type = EVENT_N;
    bad[5].u.refused.reason[3] = '"';
    bad[6].u.joined.place = UINT64_MAX;
    bad[7].u.person.reason[0] = '\0';
    bad[8].u.left.reason = LEFT_N;
    bad[9].u.mode.mode = MODE_N;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
        CvkErr err = {0};
        assert_false(event_write(&bad[i], &b, &err));
        assert_string_equal(err.id, "event.field");
    }
}

static void the_longest_event_fits(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
    Event e = said(EVENT_CEREMONY_OPENED);
    EnginePolicy *p = &e.u.opened.policy;
    e.now_ms = INT64_MAX;
    memset(e.u.opened.name, 'n', LIMIT_IDENTITY);
    memset(e.u.opened.kind, 'k', sizeof e.u.opened.kind - 1);
    p->entry = ENTRY_LOBBY;
    p->missed = p->expired = p->aborted = p->invalid = COST_COOLDOWN;
    p->waiting_max = p->contributions_max = p->park_max = p->upload_rate = p->strikes_max =
        UINT32_MAX;
    p->checkin_every_ms = p->checkin_tolerance_ms = p->checkin_shortest_ms = p->checkin_longest_ms =
        p->checkin_lead_ms = p->ready_ms = p->park_ms = p->upload_window_ms = p->cooldown_ms =
            INT64_MAX;
    for (size_t i = 0; i < PHASE_N; i++)
        p->deadline_ms[i] = INT64_MAX;

    written(&e, &b);
}

/* ---- version 1 ---- */

/* As the first release wrote them, and what they say in version 2. */
static const struct {
    const char *line, *now;
} version_1[] = {
    {"{\"v\":1,\"type\":\"LeaseMoved\",\"now\":1700000000002,\"lease\":7,"
     "\"phase\":\"computing\"}",
     "{\"v\":2,\"type\":\"LeaseMoved\",\"now\":1700000000002,\"lease\":7,"
     "\"phase\":\"computing\",\"size\":0}"},
    {"{\"v\":1,\"type\":\"ResponseStored\",\"now\":1700000000003,\"lease\":7,"
     "\"response\":\"" H "\"}",
     "{\"v\":2,\"type\":\"ResponseStored\",\"now\":1700000000003,\"lease\":7,"
     "\"response\":\"" H "\",\"received\":1700000000003}"},
    {"{\"v\":1,\"type\":\"ContributionAccepted\",\"now\":1700000000004,\"lease\":7,"
     "\"index\":3,\"response\":\"" H "\",\"record\":\"" I "\"}",
     "{\"v\":2,\"type\":\"ContributionAccepted\",\"now\":1700000000004,\"lease\":7,"
     "\"index\":3,\"response\":\"" H "\",\"record\":\"" I "\"}"},
    {"{\"v\":1,\"type\":\"ContributionRefused\",\"now\":1700000000005,\"lease\":8,"
     "\"reason\":\"CeremonyError::G1PairingFailed\"}",
     "{\"v\":2,\"type\":\"ContributionRefused\",\"now\":1700000000005,\"lease\":8,"
     "\"reason\":\"CeremonyError::G1PairingFailed\"}"},
    {"{\"v\":1,\"type\":\"LeaseExpired\",\"now\":1700000000006,\"lease\":9,"
     "\"phase\":\"uploading\"}",
     "{\"v\":2,\"type\":\"LeaseExpired\",\"now\":1700000000006,\"lease\":9,"
     "\"phase\":\"uploading\",\"stalled\":false,\"bytes\":0}"},
    {"{\"v\":1,\"type\":\"LeaseAborted\",\"now\":1700000000007,\"lease\":10}",
     "{\"v\":2,\"type\":\"LeaseAborted\",\"now\":1700000000007,\"lease\":10,"
     "\"by_operator\":false}"},
    {"{\"v\":1,\"type\":\"CeremonyFinalized\",\"now\":1700000000008,\"contributions\":3}",
     "{\"v\":2,\"type\":\"CeremonyFinalized\",\"now\":1700000000008,\"contributions\":3}"},
};

static void lines_of_version_1_say_what_they_always_said(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof version_1 / sizeof version_1[0]; i++) {
        _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_JSON_MAX);

        Event e = read_line(version_1[i].line);

        written(&e, &b);
        assert_string_equal(cvk_buf_str(&b), version_1[i].now);
    }
}

#define OPENED_1(repeat)                                                                           \
    "{\"v\":1,\"type\":\"CeremonyOpened\",\"now\":1700000000000,\"name\":\"mini\","                \
    "\"kind\":\"kzg\",\"definition\":\"" H "\",\"policy\":{\"checkin_every\":30000,"               \
    "\"checkin_tolerance\":15000,\"lobby_max\":1000,\"deadline\":{\"offered\":0,"                  \
    "\"fetching\":60000,\"computing\":180000,\"uploading\":90000,\"verifying\":600000},"           \
    "\"expired\":\"out\",\"aborted\":\"nothing\",\"invalid\":\"out\",\"repeat\":" repeat "}}"

static void an_opening_of_version_1_is_a_lobby(void **state) {
    (void)state;
    const EnginePolicy want = {
        .entry = ENTRY_LOBBY,
        .waiting_max = 1000,
        .contributions_max = 1,
        .checkin_every_ms = 30000,
        .checkin_tolerance_ms = 15000,
        .deadline_ms = {0, 60000, 180000, 90000, 600000},
        .expired = COST_OUT,
        .aborted = COST_NOTHING,
        .invalid = COST_OUT,
    };

    Event once = read_line(OPENED_1("false"));
    Event often = read_line(OPENED_1("true"));

    assert_memory_equal(&once.u.opened.policy, &want, sizeof want);
    assert_int_equal(often.u.opened.policy.contributions_max, 0);
    for (size_t i = 0; i < ENGINE_KEY_BYTES; i++)
        assert_int_equal(once.u.opened.key[i], 0);
}

static void a_grant_of_version_1_names_an_identity_and_is_not_written_again(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
    CvkErr err = {0};

    Event e = read_line("{\"v\":1,\"type\":\"LeaseGranted\",\"now\":1700000000001,\"lease\":7,"
                        "\"identity\":\"eth|0xaa\",\"attempt\":7,\"position\":3}");

    assert_string_equal(e.u.granted.identity, "eth|0xaa");
    assert_int_equal(e.u.granted.participant, 0);
    assert_int_equal(e.u.granted.attempt, 7);
    assert_int_equal(e.u.granted.position, 3);
    assert_false(e.u.granted.offered);
    assert_false(event_write(&e, &b, &err));
    assert_string_equal(err.id, "event.field");
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
        TEST(each_line_is_read_back),
        TEST(a_line_shortened_anywhere_is_refused),
        TEST(no_byte_can_be_changed_without_changing_what_is_said),
        TEST(lines_in_another_form_are_refused),
        TEST(a_zero_byte_in_a_text_is_refused),
        TEST(a_line_longer_than_any_event_is_refused),
        TEST(events_that_this_release_does_not_know_are_named),
        TEST(nothing_is_written_that_could_not_be_read),
        TEST(the_longest_event_fits),
        TEST(lines_of_version_1_say_what_they_always_said),
        TEST(an_opening_of_version_1_is_a_lobby),
        TEST(a_grant_of_version_1_names_an_identity_and_is_not_written_again),
        TEST(the_chain_begins_with_zeros_and_takes_in_each_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
