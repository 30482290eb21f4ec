#include "base/limits.h"
#include "client/reply.h"
#include "support/test.h"

static ReplyMeaning meaning_of(int status, const char *body) {
    HttpReply reply = {.status = status, .into = CVK_BUF(1u << 20)};
    ReplyMeaning m;
    CvkErr err;
    assert_true(cvk_buf_add_str(&reply.into, body, &err));
    reply_read(&reply, &m);
    cvk_buf_done(&reply.into);
    return m;
}

static void a_challenge_is_told_by_its_contributions(void **state) {
    (void)state;
    ReplyMeaning m = meaning_of(200, "{\"contributions\":[],\"ecdsaSignature\":\"\"}");
    assert_int_equal(m.kind, REPLY_CHALLENGE);
}

static void busy_is_told_by_its_code_though_the_status_is_200(void **state) {
    (void)state;
    ReplyMeaning m =
        meaning_of(200, "{\"code\":\"TryContributeError::AnotherContributionInProgress\","
                        "\"error\":\"another contribution in progress\"}");
    assert_int_equal(m.kind, REPLY_BUSY);
}

static void codes_of_the_protocol_have_their_meaning(void **state) {
    (void)state;
    static const struct {
        int status;
        const char *code;
        ReplyKind kind;
    } rows[] = {
        {400, "TryContributeError::RateLimited", REPLY_EARLY},
        {400, "TryContributeError::LobbyIsFull", REPLY_LOBBY_FULL},
        {401, "TryContributeError::UnknownSessionId", REPLY_UNKNOWN_SESSION},
        {400, "SessionError::InvalidSessionId", REPLY_UNKNOWN_SESSION},
        {400, "ContributeError::NotUsersTurn", REPLY_NOT_YOUR_TURN},
        {400, "CeremonyError::G1PairingFailed", REPLY_REFUSED},
        {503, "AuthErrorPayload::LobbyIsFull", REPLY_REFUSED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[256];
        snprintf(body, sizeof body, "{\"code\":\"%s\",\"error\":\"x\"}", rows[i].code);
        assert_int_equal(meaning_of(rows[i].status, body).kind, rows[i].kind);
    }
}

static void a_proxys_page_is_overload_or_strange(void **state) {
    (void)state;
    assert_int_equal(meaning_of(502, "<html>Bad Gateway</html>").kind, REPLY_OVERLOAD);
    assert_int_equal(meaning_of(429, "").kind, REPLY_OVERLOAD);
    assert_int_equal(meaning_of(200, "<html>hello</html>").kind, REPLY_STRANGE);
    assert_int_equal(meaning_of(404, "<h1>Error 404</h1>").kind, REPLY_STRANGE);
    assert_int_equal(meaning_of(200, "[1]").kind, REPLY_STRANGE);
}

static void a_redirect_is_not_followed_but_told(void **state) {
    (void)state;
    ReplyMeaning m = meaning_of(301, "moved");
    assert_int_equal(m.kind, REPLY_STRANGE);
    assert_non_null(strstr(m.text, "redirects"));
}

static void terminal_codes_of_a_server_are_made_harmless(void **state) {
    (void)state;
    ReplyMeaning m = meaning_of(400, "{\"code\":\"X\",\"error\":\"\\u001b[2Jboo\"}");
    assert_string_equal(m.text, "?[2Jboo");
}

static void an_empty_200_is_fine(void **state) {
    (void)state;
    assert_int_equal(meaning_of(200, "").kind, REPLY_OK);
    assert_int_equal(meaning_of(200, "{}").kind, REPLY_OK);
}

static void numbers_larger_than_int64_do_not_disturb(void **state) {
    (void)state;
    HttpReply reply = {.status = 200, .into = CVK_BUF(LIMIT_REPLY)};
    char sub[64];
    CvkErr err;
    assert_true(cvk_buf_add_str(
        &reply.into, "{\"id_token\":{\"exp\":18446744073709551615,\"sub\":\"eth|0x1\"}}", &err));

    assert_true(reply_string(&reply, "id_token", "sub", sub, sizeof sub));

    assert_string_equal(sub, "eth|0x1");
    assert_false(reply_string(&reply, "id_token", "sub", sub, 4));
    assert_false(reply_string(&reply, NULL, "sub", sub, sizeof sub));
    cvk_buf_done(&reply.into);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_challenge_is_told_by_its_contributions),
        TEST(busy_is_told_by_its_code_though_the_status_is_200),
        TEST(codes_of_the_protocol_have_their_meaning),
        TEST(a_proxys_page_is_overload_or_strange),
        TEST(a_redirect_is_not_followed_but_told),
        TEST(terminal_codes_of_a_server_are_made_harmless),
        TEST(an_empty_200_is_fine),
        TEST(numbers_larger_than_int64_do_not_disturb),
    };
    return cmocka_run_group_tests_name("client/reply", tests, NULL, NULL);
}
