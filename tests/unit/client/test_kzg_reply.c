#include "base/limits.h"
#include "client/kzg_reply.h"
#include "support/test.h"

static KzgReplyMeaning meaning_of(int status, const char *body) {
    WebReply reply = {.status = status, .into = CVK_BUF(1u << 20)};
    KzgReplyMeaning m;
    CvkErr err;
    assert_true(cvk_buf_add_str(&reply.into, body, &err));
    kzg_reply_read(&reply, &m);
    cvk_buf_done(&reply.into);
    return m;
}

static void a_challenge_is_told_by_its_contributions(void **state) {
    (void)state;
    KzgReplyMeaning m = meaning_of(200, "{\"contributions\":[],\"ecdsaSignature\":\"\"}");
    assert_int_equal(m.kind, KZG_REPLY_CHALLENGE);
}

static void a_challenge_in_binary_is_told_by_its_first_byte(void **state) {
    (void)state;
    assert_int_equal(meaning_of(200, "\x89"
                                     "CVKKZG")
                         .kind,
                     KZG_REPLY_CHALLENGE);
    assert_int_equal(meaning_of(400, "\x89"
                                     "CVKKZG")
                         .kind,
                     KZG_REPLY_STRANGE);
}

static void busy_is_told_by_its_code_though_the_status_is_200(void **state) {
    (void)state;
    KzgReplyMeaning m =
        meaning_of(200, "{\"code\":\"TryContributeError::AnotherContributionInProgress\","
                        "\"error\":\"another contribution in progress\"}");
    assert_int_equal(m.kind, KZG_REPLY_BUSY);
}

static void codes_of_the_protocol_have_their_meaning(void **state) {
    (void)state;
    static const struct {
        int status;
        const char *code;
        KzgReplyKind kind;
    } rows[] = {
        {400, "TryContributeError::RateLimited", KZG_REPLY_EARLY},
        {400, "TryContributeError::LobbyIsFull", KZG_REPLY_LOBBY_FULL},
        {401, "TryContributeError::UnknownSessionId", KZG_REPLY_UNKNOWN_SESSION},
        {400, "SessionError::InvalidSessionId", KZG_REPLY_UNKNOWN_SESSION},
        {400, "ContributeError::NotUsersTurn", KZG_REPLY_NOT_YOUR_TURN},
        {400, "CeremonyError::G1PairingFailed", KZG_REPLY_REFUSED},
        {503, "AuthErrorPayload::LobbyIsFull", KZG_REPLY_REFUSED},
        {400, "AuthErrorPayload::UserAlreadyContributed", KZG_REPLY_OUT},
        {400, "TryContributeError::CeremonyClosed", KZG_REPLY_CLOSED},
        {503, "AuthErrorPayload::CeremonyClosed", KZG_REPLY_CLOSED},
        {400, "TryContributeError::CeremonyFinished", KZG_REPLY_FINISHED},
        {400, "TryContributeError::CeremonyHandedOver", KZG_REPLY_MOVED},
        {503, "AuthErrorPayload::CeremonyHandedOver", KZG_REPLY_MOVED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[256];
        snprintf(body, sizeof body, "{\"code\":\"%s\",\"error\":\"x\"}", rows[i].code);
        assert_int_equal(meaning_of(rows[i].status, body).kind, rows[i].kind);
    }
}

static void a_server_whose_disk_is_full_is_asked_again(void **state) {
    (void)state;
    static const char body[] = "{\"code\":\"StorageError::DatabaseError\",\"error\":\"later\"}";
    assert_int_equal(meaning_of(500, body).kind, KZG_REPLY_OVERLOAD);
}

static void a_proxys_page_is_overload_or_strange(void **state) {
    (void)state;
    assert_int_equal(meaning_of(502, "<html>Bad Gateway</html>").kind, KZG_REPLY_OVERLOAD);
    assert_int_equal(meaning_of(429, "").kind, KZG_REPLY_OVERLOAD);
    assert_int_equal(meaning_of(200, "<html>hello</html>").kind, KZG_REPLY_STRANGE);
    assert_int_equal(meaning_of(404, "<h1>Error 404</h1>").kind, KZG_REPLY_STRANGE);
    assert_int_equal(meaning_of(200, "[1]").kind, KZG_REPLY_STRANGE);
}

static void a_redirect_is_not_followed_but_told(void **state) {
    (void)state;
    KzgReplyMeaning m = meaning_of(301, "moved");
    assert_int_equal(m.kind, KZG_REPLY_STRANGE);
    assert_non_null(strstr(m.text, "redirects"));
}

static void terminal_codes_of_a_server_are_made_harmless(void **state) {
    (void)state;
    KzgReplyMeaning m = meaning_of(400, "{\"code\":\"X\",\"error\":\"\\u001b[2Jboo\"}");
    assert_string_equal(m.text, "?[2Jboo");
}

static void an_empty_200_is_fine(void **state) {
    (void)state;
    assert_int_equal(meaning_of(200, "").kind, KZG_REPLY_OK);
    assert_int_equal(meaning_of(200, "{}").kind, KZG_REPLY_OK);
}

static void numbers_larger_than_int64_do_not_disturb(void **state) {
    (void)state;
    WebReply reply = {.status = 200, .into = CVK_BUF(LIMIT_REPLY)};
    char sub[64];
    CvkErr err;
    assert_true(cvk_buf_add_str(
        &reply.into, "{\"id_token\":{\"exp\":18446744073709551615,\"sub\":\"eth|0x1\"}}", &err));

    assert_true(kzg_reply_string(&reply, "id_token", "sub", sub, sizeof sub));

    assert_string_equal(sub, "eth|0x1");
    assert_false(kzg_reply_string(&reply, "id_token", "sub", sub, 4));
    assert_false(kzg_reply_string(&reply, NULL, "sub", sub, sizeof sub));
    cvk_buf_done(&reply.into);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_challenge_is_told_by_its_contributions),
        TEST(a_challenge_in_binary_is_told_by_its_first_byte),
        TEST(busy_is_told_by_its_code_though_the_status_is_200),
        TEST(codes_of_the_protocol_have_their_meaning),
        TEST(a_server_whose_disk_is_full_is_asked_again),
        TEST(a_proxys_page_is_overload_or_strange),
        TEST(a_redirect_is_not_followed_but_told),
        TEST(terminal_codes_of_a_server_are_made_harmless),
        TEST(an_empty_200_is_fine),
        TEST(numbers_larger_than_int64_do_not_disturb),
    };
    return cmocka_run_group_tests_name("client/kzg_reply", tests, NULL, NULL);
}
