/* The participant's protocol against a scripted server: no network, no clock, no chance. */
#include "base/limits.h"
#include "client/kzg.h"
#include "format/kzg_form.h"
#include "support/test.h"

typedef struct {
    int status; /* 0: the connection fails */
    const char *body;
    int64_t retry_after_s; /* 0: absent */
    const char *place;     /* of those 12 who wait; NULL: not told */
} Answer;

typedef struct {
    const Answer *answers;
    size_t n, at;
    char asked[16][96];        /* the first bytes of each address */
    char sent[16][32];         /* and of each body */
    char type[64], accept[96]; /* of the last request; "" where it said none */
    bool gzip;
    int64_t now_ms, slept_ms, waits[16];
    size_t n_waits;
    char told[256]; /* of the wait, last */
    int stall_s;    /* of the last request */
} Script;

static void add_field(WebReply *r, const char *name, const char *value) {
    snprintf(r->fields[r->n_fields].name, WEB_FIELD_MAX, "%s", name);
    snprintf(r->fields[r->n_fields].value, WEB_FIELD_MAX, "%s", value);
    r->n_fields++;
}

static bool perform(void *ctx, const WebRequest *rq, WebReply *ret, CvkErr *err) {
    Script *s = ctx;
    assert_true(s->at < s->n);
    snprintf(s->asked[s->at % 16], sizeof s->asked[0], "%s %s", rq->method, rq->url);
    snprintf(s->sent[s->at % 16], sizeof s->sent[0], "%.*s", (int)rq->body_n,
             rq->body != NULL ? rq->body : "");
    const Answer *a = &s->answers[s->at++];
    s->stall_s = rq->stall_s;
    s->gzip = rq->gzip;
    snprintf(s->type, sizeof s->type, "%s", rq->type != NULL ? rq->type : "");
    snprintf(s->accept, sizeof s->accept, "%s", rq->accept != NULL ? rq->accept : "");
    if (a->status == 0)
        return cvk_fail(err, CVK_EBACKEND, "net.lost", "connection reset");
    cvk_buf_done(&ret->into);
    ret->status = a->status;
    ret->retry_after_s = a->retry_after_s != 0 ? a->retry_after_s : -1;
    ret->n_fields = 0;
    if (a->place != NULL) {
        add_field(ret, "X-Queue-Position", a->place);
        add_field(ret, "X-Queue-Size", "12");
    }
    return cvk_buf_add_str(&ret->into, a->body, err);
}

static int64_t now_ms(void *ctx) {
    return ((Script *)ctx)->now_ms;
}

static void sleep_ms(void *ctx, int64_t ms) {
    Script *s = ctx;
    s->now_ms += ms;
    s->waits[s->n_waits++ % 16] = ms;
}

static uint32_t chance(void *ctx) {
    (void)ctx;
    return UINT32_MAX;
}

static void say(void *ctx, const char *line) {
    (void)ctx;
    (void)line;
}

static void waits(void *ctx, const char *line) {
    Script *s = ctx;
    snprintf(s->told, sizeof s->told, "%s", line);
}

static KzgClient *client_of(Script *s) {
    ClientWorld world = {.ctx = s,
                         .now_ms = now_ms,
                         .sleep_ms = sleep_ms,
                         .random = chance,
                         .say = say,
                         .waits = waits,
                         .web = {.perform = perform, .ctx = s}};
    CvkErr err;
    KzgClient *c = kzg_client_new("http://127.0.0.1:1/", &world, &err);
    assert_non_null(c);
    assert_true(kzg_client_use_session(c, "504d898c-e975-4e13-9a48-4f8b95d754fb", &err));
    return c;
}

#define SCRIPT(list) ((Script){.answers = (list), .n = sizeof(list) / sizeof *(list)})
#define BUSY "{\"code\":\"TryContributeError::AnotherContributionInProgress\",\"error\":\"b\"}"
#define EARLY "{\"code\":\"TryContributeError::RateLimited\",\"error\":\"e\"}"
#define UNKNOWN "{\"code\":\"TryContributeError::UnknownSessionId\",\"error\":\"u\"}"
#define NOT_YOURS "{\"code\":\"ContributeError::NotUsersTurn\",\"error\":\"n\"}"
#define CHALLENGE "{\"contributions\":[]}"
#define SIGNATURE                                                                                  \
    "1111111111111111111111111111111111111111111111111111111111111111"                             \
    "22222222222222222222222222222222222222222222222222222222222222221b"
#define RECEIPT "{\"receipt\":\"{}\",\"signature\":\"" SIGNATURE "\"}"
static const CvkProgress unseen = {0};

static void a_busy_server_is_asked_again_when_it_wishes_else_every_30_s(void **state) {
    (void)state;
    const Answer answers[] = {
        {200, BUSY, 0, NULL}, {400, EARLY, 7, NULL}, {200, CHALLENGE, 0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    CvkBuf challenge = CVK_BUF(LIMIT_CHALLENGE);
    CvkErr err;

    assert_true(kzg_client_wait_turn(c, false, unseen, &challenge, &err));

    assert_string_equal(cvk_buf_str(&challenge), CHALLENGE);
    assert_int_equal(s.n_waits, 2);
    assert_int_equal(s.waits[0], 30000);
    assert_int_equal(s.waits[1], 7000);
    assert_string_equal(s.asked[0], "POST http://127.0.0.1:1/lobby/try_contribute");
    cvk_buf_done(&challenge);
    kzg_client_free(c);
}

static void the_wait_is_told_with_the_place(void **state) {
    (void)state;
    const Answer answers[] = {{200, BUSY, 5, "3"}, {200, CHALLENGE, 0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    CvkBuf challenge = CVK_BUF(LIMIT_CHALLENGE);
    CvkErr err;

    assert_true(kzg_client_wait_turn(c, false, unseen, &challenge, &err));

    assert_string_equal(s.told, "place 3 of 12; asking again in 5 s");
    cvk_buf_done(&challenge);
    kzg_client_free(c);
}

static void an_answer_that_is_kept_back_for_a_minute_is_waited_for(void **state) {
    (void)state;
    const Answer answers[] = {{200, CHALLENGE, 0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    CvkBuf challenge = CVK_BUF(LIMIT_CHALLENGE);
    CvkErr err;

    assert_true(kzg_client_wait_turn(c, false, unseen, &challenge, &err));

    assert_true(s.stall_s > 60);
    cvk_buf_done(&challenge);
    kzg_client_free(c);
}

static void refusals_that_no_wait_ends_say_what_to_do(void **state) {
    (void)state;
    static const struct {
        const char *code, *id;
    } rows[] = {{"CeremonyClosed", "ceremony.closed"},
                {"CeremonyFinished", "ceremony.finished"},
                {"CeremonyHandedOver", "ceremony.moved"},
                {"UnknownSessionId", "session.unknown"},
                {"Other", "server.refused"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[128];
        snprintf(body, sizeof body, "{\"code\":\"TryContributeError::%s\",\"error\":\"x\"}",
                 rows[i].code);
        const Answer answers[] = {{400, body, 30, NULL}};
        Script s = SCRIPT(answers);
        KzgClient *c = client_of(&s);
        CvkBuf challenge = CVK_BUF(LIMIT_CHALLENGE);
        CvkErr err;

        assert_false(kzg_client_wait_turn(c, false, unseen, &challenge, &err));

        assert_string_equal(err.id, rows[i].id);
        kzg_client_free(c);
    }
}

static void asking_once_reports_a_wait(void **state) {
    (void)state;
    const Answer answers[] = {{200, BUSY, 0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    CvkBuf challenge = CVK_BUF(LIMIT_CHALLENGE);
    CvkErr err;

    assert_false(kzg_client_wait_turn(c, true, unseen, &challenge, &err));

    assert_string_equal(err.id, "turn.busy");
    kzg_client_free(c);
}

static void a_challenge_lost_on_its_way_is_fetched_again(void **state) {
    (void)state;
    const Answer answers[] = {
        {0, NULL, 0, NULL}, {0, NULL, 0, NULL}, {503, "", 0, NULL}, {200, CHALLENGE, 0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    CvkBuf challenge = CVK_BUF(LIMIT_CHALLENGE);
    CvkErr err;

    assert_true(kzg_client_wait_turn(c, false, unseen, &challenge, &err));

    assert_int_equal(s.waits[0], 1000);
    assert_int_equal(s.waits[1], 2000);
    assert_int_equal(s.waits[2], 4000);
    cvk_buf_done(&challenge);
    kzg_client_free(c);
}

static void an_unknown_session_asks_to_sign_in_again(void **state) {
    (void)state;
    const Answer answers[] = {{401, UNKNOWN, 0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    CvkBuf challenge = CVK_BUF(LIMIT_CHALLENGE);
    CvkErr err;

    assert_false(kzg_client_wait_turn(c, false, unseen, &challenge, &err));

    assert_string_equal(err.id, "session.unknown");
    kzg_client_free(c);
}

static void a_lost_answer_is_asked_for_with_the_same_bytes(void **state) {
    (void)state;
    const Answer answers[] = {{0, NULL, 0, NULL}, {200, RECEIPT, 0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    KzgReceiptAnswer receipt;
    CvkBuf answer = CVK_BUF(0);
    CvkErr err;

    assert_true(kzg_client_submit(c, "{\"a\":1}", 7, unseen, &answer, &receipt, &err));

    assert_string_equal(s.sent[0], "{\"a\":1}");
    assert_string_equal(s.sent[1], "{\"a\":1}");
    assert_string_equal(receipt.text, "{}");
    assert_int_equal(receipt.signature[64], 0x1b);
    assert_string_equal(cvk_buf_str(&answer), RECEIPT);
    cvk_buf_done(&answer);
    kzg_receipt_answer_done(&receipt);
    kzg_client_free(c);
}

static void not_your_turn_after_a_lost_answer_says_that_it_may_have_been_accepted(void **state) {
    (void)state;
    const Answer answers[] = {{0, NULL, 0, NULL}, {400, NOT_YOURS, 0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    KzgReceiptAnswer receipt;
    CvkBuf answer = CVK_BUF(0);
    CvkErr err;

    assert_false(kzg_client_submit(c, "{}", 2, unseen, &answer, &receipt, &err));

    assert_string_equal(err.id, "turn.not_yours");
    assert_non_null(strstr(err.msg, "may have been accepted"));
    kzg_client_free(c);
}

static void the_binary_form_of_a_challenge_is_asked_for_and_taken(void **state) {
    (void)state;
    const Answer answers[] = {{200,
                               "\x89"
                               "CVKKZG\x01",
                               0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    CvkBuf challenge = CVK_BUF(LIMIT_CHALLENGE);
    CvkErr err;

    assert_true(kzg_client_wait_turn(c, false, unseen, &challenge, &err));

    assert_string_equal(s.accept, "application/vnd.convoke.kzg, application/json;q=0.9");
    assert_int_equal(kzg_form_of(challenge.data, challenge.n), KZG_FORM_BINARY);
    cvk_buf_done(&challenge);
    kzg_client_free(c);
}

static void a_response_goes_under_the_type_of_its_form(void **state) {
    (void)state;
    static const struct {
        const char *bytes, *type;
    } rows[] = {{"{}", "application/json"}, {"\x89 ", "application/vnd.convoke.kzg"}};
    for (size_t i = 0; i < 2; i++) {
        const Answer answers[] = {{200, RECEIPT, 0, NULL}};
        Script s = SCRIPT(answers);
        KzgClient *c = client_of(&s);
        CvkBuf answer = {0};
        KzgReceiptAnswer receipt;
        CvkErr err;

        assert_true(kzg_client_submit(c, rows[i].bytes, 2, unseen, &answer, &receipt, &err));

        assert_string_equal(s.type, rows[i].type);
        kzg_receipt_answer_done(&receipt);
        cvk_buf_done(&answer);
        kzg_client_free(c);
    }
}

static void a_transcript_may_come_in_gzip(void **state) {
    (void)state;
    const Answer answers[] = {{200, "{}", 0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    FILE *f = tmpfile();
    CvkErr err;
    assert_non_null(f);

    assert_true(kzg_client_transcript(c, f, unseen, &err));

    assert_true(s.gzip);
    fclose(f);
    kzg_client_free(c);
}

static void a_network_that_stays_away_is_given_up_in_the_end(void **state) {
    (void)state;
    Answer answers[200] = {{400, NOT_YOURS, 0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    KzgStatus status;
    CvkErr err;
    assert_false(kzg_client_status(c, &status, &err)); /* an answer all the same */
    int64_t since = s.now_ms;

    assert_false(kzg_client_status(c, &status, &err));

    assert_string_equal(err.id, "net.lost");
    assert_in_range(s.now_ms - since, 1800000, 1900000);
    kzg_client_free(c);
}

static void an_address_at_which_nobody_ever_answered_is_given_up_soon(void **state) {
    (void)state;
    Answer answers[20] = {{0}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    KzgStatus status;
    CvkErr err;

    assert_false(kzg_client_status(c, &status, &err));

    assert_string_equal(err.id, "net.lost");
    assert_non_null(strstr(err.msg, "no server answers at that address"));
    assert_in_range(s.now_ms, 45000, 60000);
    kzg_client_free(c);
}

static void signing_in_answers_the_servers_state(void **state) {
    (void)state;
    const Answer answers[] = {
        {200, "{\"eth_auth_url\":\"http://x/auth?a=b&state=QUJD&z=1\",\"github_auth_url\":\"\"}", 0,
         NULL},
        {200,
         "{\"id_token\":{\"exp\":18446744073709551615,\"sub\":\"eth|0x1\"},"
         "\"session_id\":\"00000000-e975-4e13-9a48-4f8b95d754fb\"}",
         0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    char identity[LIMIT_IDENTITY + 1];
    uint8_t key[32] = {[31] = 1};
    CvkErr err;

    assert_true(kzg_client_sign_in(c, key, identity, &err));

    assert_string_equal(identity, "eth|0x1");
    assert_string_equal(kzg_client_session(c), "00000000-e975-4e13-9a48-4f8b95d754fb");
    assert_non_null(strstr(s.asked[1], "GET http://127.0.0.1:1/auth/callback/eth?code=0x"));
    kzg_client_free(c);
}

static void a_sign_in_address_without_a_plain_state_is_refused(void **state) {
    (void)state;
    static const char *const urls[] = {"http://x/auth", "http://x/?state=", "http://x/?state=a%20b",
                                       "http://x/?mystate=abc"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        char body[128], identity[LIMIT_IDENTITY + 1];
        snprintf(body, sizeof body, "{\"eth_auth_url\":\"%s\"}", urls[i]);
        const Answer answers[] = {{200, body, 0, NULL}};
        Script s = SCRIPT(answers);
        KzgClient *c = client_of(&s);
        uint8_t key[32] = {[31] = 1};
        CvkErr err;
        assert_false(kzg_client_sign_in(c, key, identity, &err));
        assert_string_equal(err.id, "server.strange");
        kzg_client_free(c);
    }
}

static void an_abort_falls_back_to_the_original_servers_path(void **state) {
    (void)state;
    const Answer answers[] = {{404, "<h1>Error 404</h1>", 0, NULL}, {200, "", 0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    CvkErr err;

    assert_true(kzg_client_abort(c, &err));

    assert_string_equal(s.asked[1], "POST http://127.0.0.1:1/contribute/abort");
    kzg_client_free(c);
}

static void a_status_names_the_key_of_the_receipts(void **state) {
    (void)state;
    const Answer answers[] = {{200,
                               "{\"lobby_size\":2,\"num_contributions\":5,\"sequencer_address\":"
                               "\"0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F\"}",
                               0, NULL}};
    Script s = SCRIPT(answers);
    KzgClient *c = client_of(&s);
    KzgStatus status;
    CvkErr err;

    assert_true(kzg_client_status(c, &status, &err));

    assert_int_equal(status.lobby_size, 2);
    assert_int_equal(status.contributions, 5);
    assert_int_equal(status.address[0], 0x9d);
    kzg_client_free(c);
}

static void plain_http_is_for_this_machine_only(void **state) {
    (void)state;
    CvkErr err;
    assert_true(web_url_check("http://127.0.0.1:3000", false, &err));
    assert_true(web_url_check("http://localhost/x", false, &err));
    assert_true(web_url_check("http://[::1]:3000", false, &err));
    assert_true(web_url_check("https://example.org", false, &err));
    assert_true(web_url_check("http://example.org", true, &err));
    assert_false(web_url_check("http://example.org", false, &err));
    assert_string_equal(err.id, "net.plain");
    assert_false(web_url_check("http://127.0.0.1.example.org", false, &err));
    assert_false(web_url_check("http://localhost.example.org", false, &err));
    assert_false(web_url_check("http://localhost@example.org", true, &err));
    assert_string_equal(err.id, "net.url");
    assert_false(web_url_check("file:///etc/passwd", true, &err));
    assert_false(web_url_check("example.org", true, &err));
}

/* ---- Sign-In with Ethereum ---- */

#define OFFER                                                                                      \
    "{\"nonce\":\"12345678abcdefgh\",\"domain\":\"127.0.0.1:1\",\"uri\":\"http://127.0.0.1:1\","   \
    "\"statement\":\"s\",\"version\":\"1\",\"chain_id\":1,\"issued_at\":\"2026-11-21T08:00:00Z\"," \
    "\"expiration_time\":\"2026-11-21T08:10:00Z\"}"
#define SESSION                                                                                    \
    "{\"id_token\":{\"exp\":18446744073709551615,\"sub\":\"eth|0xaa\"},"                           \
    "\"session_id\":\"11111111-c975-4e13-9a48-4f8b95d754fb\"}"
#define USED "{\"code\":\"AuthErrorPayload::InvalidNonce\",\"error\":\"used\"}"
static const uint8_t account[ETH_SECRET_BYTES] = {[31] = 1};

static bool sign_in_by_account(Script *s, CvkErr *err) {
    char identity[LIMIT_IDENTITY + 1];
    KzgClient *c = client_of(s);
    bool ok = kzg_client_sign_in_wallet(c, account, identity, err);
    if (ok) {
        assert_string_equal(identity, "eth|0xaa");
        assert_string_equal(kzg_client_session(c), "11111111-c975-4e13-9a48-4f8b95d754fb");
    }
    kzg_client_free(c);
    return ok;
}

static void an_account_signs_the_servers_nonce(void **state) {
    (void)state;
    const Answer answers[] = {{200, OFFER, 0, NULL}, {200, SESSION, 0, NULL}};
    Script s = SCRIPT(answers);
    CvkErr err;

    assert_true(sign_in_by_account(&s, &err));

    assert_string_equal(s.asked[0], "GET http://127.0.0.1:1/auth/nonce");
    assert_string_equal(s.asked[1], "POST http://127.0.0.1:1/login");
    assert_string_equal(s.sent[1], "{\"message\":\"127.0.0.1:1 wants y"); /* its first bytes */
}

static void a_lost_answer_costs_a_nonce_and_no_more(void **state) {
    (void)state;
    const Answer answers[] = {{200, OFFER, 0, NULL},
                              {0, NULL, 0, NULL},
                              {401, USED, 0, NULL},
                              {200, OFFER, 0, NULL},
                              {200, SESSION, 0, NULL}};
    Script s = SCRIPT(answers);
    CvkErr err;

    assert_true(sign_in_by_account(&s, &err));

    assert_int_equal(s.at, 5);
}

static void a_used_nonce_whose_answer_was_not_lost_is_told(void **state) {
    (void)state;
    const Answer answers[] = {{200, OFFER, 0, NULL}, {401, USED, 0, NULL}};
    Script s = SCRIPT(answers);
    CvkErr err;

    assert_false(sign_in_by_account(&s, &err));

    assert_string_equal(err.id, "server.refused");
}

static void nothing_is_signed_for_another_name(void **state) {
    (void)state;
    const Answer answers[] = {{200,
                               "{\"nonce\":\"12345678\",\"domain\":\"evil.example\",\"issued_at\":"
                               "\"2026-11-21T08:00:00Z\",\"expiration_time\":"
                               "\"2026-11-21T08:00:00Z\"}",
                               0, NULL}};
    Script s = SCRIPT(answers);
    CvkErr err;

    assert_false(sign_in_by_account(&s, &err));

    assert_string_equal(err.id, "server.name");
}

static void no_line_of_the_servers_gets_into_the_message(void **state) {
    (void)state;
    const Answer answers[] = {
        {200,
         "{\"nonce\":\"12345678\",\"domain\":\"127.0.0.1:1\",\"issued_at\":"
         "\"2026-11-21T08:00:00Z\\nRequest ID: x\",\"expiration_time\":\"2026-11-21T08:00:00Z\"}",
         0, NULL}};
    Script s = SCRIPT(answers);
    CvkErr err;

    assert_false(sign_in_by_account(&s, &err));

    assert_string_equal(err.id, "siwe.syntax");
}

static void a_server_that_knows_no_wallets_is_told_as_such(void **state) {
    (void)state;
    const Answer answers[] = {{404, "<h1>Error 404</h1>", 0, NULL}};
    Script s = SCRIPT(answers);
    CvkErr err;

    assert_false(sign_in_by_account(&s, &err));

    assert_string_equal(err.id, "server.no_wallets");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_account_signs_the_servers_nonce),
        TEST(a_lost_answer_costs_a_nonce_and_no_more),
        TEST(a_used_nonce_whose_answer_was_not_lost_is_told),
        TEST(nothing_is_signed_for_another_name),
        TEST(no_line_of_the_servers_gets_into_the_message),
        TEST(a_server_that_knows_no_wallets_is_told_as_such),
        TEST(a_busy_server_is_asked_again_when_it_wishes_else_every_30_s),
        TEST(the_wait_is_told_with_the_place),
        TEST(an_answer_that_is_kept_back_for_a_minute_is_waited_for),
        TEST(refusals_that_no_wait_ends_say_what_to_do),
        TEST(asking_once_reports_a_wait),
        TEST(a_challenge_lost_on_its_way_is_fetched_again),
        TEST(an_unknown_session_asks_to_sign_in_again),
        TEST(a_lost_answer_is_asked_for_with_the_same_bytes),
        TEST(not_your_turn_after_a_lost_answer_says_that_it_may_have_been_accepted),
        TEST(the_binary_form_of_a_challenge_is_asked_for_and_taken),
        TEST(a_response_goes_under_the_type_of_its_form),
        TEST(a_transcript_may_come_in_gzip),
        TEST(a_network_that_stays_away_is_given_up_in_the_end),
        TEST(an_address_at_which_nobody_ever_answered_is_given_up_soon),
        TEST(signing_in_answers_the_servers_state),
        TEST(a_sign_in_address_without_a_plain_state_is_refused),
        TEST(an_abort_falls_back_to_the_original_servers_path),
        TEST(a_status_names_the_key_of_the_receipts),
        TEST(plain_http_is_for_this_machine_only),
    };
    return cmocka_run_group_tests_name("client/kzg", tests, NULL, NULL);
}
