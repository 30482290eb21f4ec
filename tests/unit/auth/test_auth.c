#include "algebra/eth_key.h"
#include "auth/auth.h"
#include "base/hex.h"
#include "support/test.h"

#define NOW 1700000000000

static const uint8_t server_secret[32] = {7};

static Auth *new_auth(const uint8_t secret[32]) {
    CvkErr err;
    Auth *a = auth_new(secret, &err);
    assert_non_null(a);
    return a;
}

/* ---- nonces ---- */

static bool opens(const Auth *a, const char *nonce, int64_t now_ms, const char *id) {
    uint8_t name[AUTH_NONCE_NAME];
    int64_t expires_ms;
    CvkErr err = {.id = ""};
    if (auth_nonce_open(a, nonce, strlen(nonce), now_ms, name, &expires_ms, &err)) {
        assert_true(expires_ms >= now_ms);
        return true;
    }
    assert_string_equal(err.id, id);
    return false;
}

static void a_nonce_of_ours_is_known_until_it_expires(void **state) {
    (void)state;
    Auth *a = new_auth(server_secret);
    char nonce[AUTH_NONCE_TEXT];

    auth_nonce_make(a, NOW, nonce);

    assert_int_equal(strspn(nonce, "0123456789abcdef"), AUTH_NONCE_TEXT - 1);
    assert_true(opens(a, nonce, NOW, ""));
    assert_true(opens(a, nonce, NOW + AUTH_NONCE_LIFE_MS, ""));
    assert_false(opens(a, nonce, NOW + AUTH_NONCE_LIFE_MS + 1, "nonce.expired"));
    auth_free(a);
}

static void a_nonce_of_another_or_a_changed_one_is_foreign(void **state) {
    (void)state;
    Auth *a = new_auth(server_secret), *b = new_auth((const uint8_t[32]){8});
    char nonce[AUTH_NONCE_TEXT], changed[AUTH_NONCE_TEXT];
    auth_nonce_make(b, NOW, nonce);
    assert_false(opens(a, nonce, NOW, "nonce.foreign"));
    assert_false(opens(a, "", NOW, "nonce.foreign"));
    assert_false(opens(a, "12345678", NOW, "nonce.foreign"));
    for (size_t i = 0; i < AUTH_NONCE_TEXT - 1; i++) {
        memcpy(changed, nonce, sizeof changed);
        changed[i] = changed[i] == '0' ? '1' : '0';
        assert_false(opens(b, changed, NOW, "nonce.foreign"));
    }
    auth_free(a);
    auth_free(b);
}

static void two_nonces_have_different_names(void **state) {
    (void)state;
    Auth *a = new_auth(server_secret);
    char nonce[2][AUTH_NONCE_TEXT];
    uint8_t name[2][AUTH_NONCE_NAME];
    int64_t expires_ms;
    for (int i = 0; i < 2; i++) {
        auth_nonce_make(a, NOW, nonce[i]);
        assert_true(auth_nonce_open(a, nonce[i], 64, NOW, name[i], &expires_ms, NULL));
        assert_int_equal(expires_ms, NOW + AUTH_NONCE_LIFE_MS);
    }
    assert_memory_not_equal(name[0], name[1], AUTH_NONCE_NAME);
    auth_free(a);
}

/* ---- login states ---- */

static void a_state_opens_again_with_its_redirect(void **state) {
    (void)state;
    Auth *a = new_auth(server_secret);
    char text[AUTH_STATE_MAX], redirect[LIMIT_REDIRECT + 1];
    CvkErr err;
    const char *to = "http://localhost:1/a?b=\"c\"";

    assert_true(auth_state_make(a, to, NOW, text, &err));

    assert_true(auth_state_open(a, text, NOW + AUTH_STATE_LIFE_MS, redirect, &err));
    assert_string_equal(redirect, to);
    auth_free(a);
}

static void a_state_without_redirect_opens_to_none(void **state) {
    (void)state;
    Auth *a = new_auth(server_secret);
    char text[AUTH_STATE_MAX], redirect[LIMIT_REDIRECT + 1] = "x";
    CvkErr err;

    assert_true(auth_state_make(a, "", NOW, text, &err));

    assert_true(auth_state_open(a, text, NOW, redirect, &err));
    assert_string_equal(redirect, "");
    auth_free(a);
}

static void a_state_expires(void **state) {
    (void)state;
    Auth *a = new_auth(server_secret);
    char text[AUTH_STATE_MAX], redirect[LIMIT_REDIRECT + 1];
    CvkErr err;
    assert_true(auth_state_make(a, "", NOW, text, &err));

    assert_false(auth_state_open(a, text, NOW + AUTH_STATE_LIFE_MS + 1, redirect, &err));

    assert_string_equal(err.id, "state.seal");
    auth_free(a);
}

static void another_servers_state_is_refused(void **state) {
    (void)state;
    Auth *a = new_auth(server_secret), *b = new_auth((const uint8_t[32]){8});
    char text[AUTH_STATE_MAX], redirect[LIMIT_REDIRECT + 1];
    CvkErr err;
    assert_true(auth_state_make(b, "", NOW, text, &err));

    assert_false(auth_state_open(a, text, NOW, redirect, &err));

    assert_string_equal(err.id, "state.seal");
    auth_free(a);
    auth_free(b);
}

static void no_changed_character_of_a_state_is_accepted(void **state) {
    (void)state;
    Auth *a = new_auth(server_secret);
    char text[AUTH_STATE_MAX], redirect[LIMIT_REDIRECT + 1];
    CvkErr err;
    assert_true(auth_state_make(a, "http://localhost/", NOW, text, &err));
    size_t n = strlen(text);

    for (size_t i = 0; i < n; i++) {
        char kept = text[i];
        text[i] = kept == 'A' ? 'B' : 'A';
        assert_false(auth_state_open(a, text, NOW, redirect, &err));
        text[i] = kept;
    }
    auth_free(a);
}

static void malformed_states_are_told_apart(void **state) {
    (void)state;
    Auth *a = new_auth(server_secret);
    char redirect[LIMIT_REDIRECT + 1];
    CvkErr err;

    assert_false(auth_state_open(a, "!!", NOW, redirect, &err));
    assert_string_equal(err.id, "state.base64");
    assert_false(auth_state_open(a, "AAAA", NOW, redirect, &err));
    assert_string_equal(err.id, "state.json");
    assert_false(auth_state_open(a, "eyJyZWRpcmVjdCI6bnVsbH0", NOW, redirect, &err));
    assert_string_equal(err.id, "state.json"); /* the original server's: nothing seals it */
    auth_free(a);
}

/* ---- codes and invitations ---- */

/* The code of the key 0x1111... for this server and state. */
static void make_code(const char *server, const char *state,
                      char ret[3 + 2 * ETH_SIGNATURE_BYTES]) {
    uint8_t secret[32], digest[32], signature[ETH_SIGNATURE_BYTES];
    char text[AUTH_SIGN_IN_MAX];
    CvkErr err;
    memset(secret, 0x11, sizeof secret);
    auth_sign_in_text(server, state, text);
    eth_personal_digest(text, strlen(text), digest);
    assert_true(eth_sign(secret, digest, signature, &err));
    memcpy(ret, "0x", 2);
    cvk_hex_encode(signature, sizeof signature, ret + 2);
}

static bool is_the_holder(const char *server, const char *state, const char *code) {
    uint8_t secret[32], address[20], found[20];
    CvkErr err;
    memset(secret, 0x11, sizeof secret);
    assert_true(eth_key_address(secret, address, &err));
    return auth_code_address(server, state, code, found) && memcmp(found, address, 20) == 0;
}

static void a_code_names_the_holder_of_the_key(void **state) {
    (void)state;
    char code[3 + 2 * ETH_SIGNATURE_BYTES];

    make_code("a.example", "some-state", code);

    assert_true(is_the_holder("a.example", "some-state", code));
    assert_false(is_the_holder("a.example", "another-state", code));
    assert_false(is_the_holder("a.example", "some-state", "0x12"));
    assert_false(is_the_holder("a.example", "some-state", ""));
}

static void a_code_for_another_server_is_of_no_use(void **state) {
    (void)state;
    char code[3 + 2 * ETH_SIGNATURE_BYTES];

    make_code("evil.example", "some-state", code); /* which it had from a.example */

    assert_false(is_the_holder("a.example", "some-state", code));
}

static void assert_server(const char *address, const char *expected) {
    char name[AUTH_SERVER_MAX];
    assert_true(auth_server_name(address, name));
    assert_string_equal(name, expected);
}

static void a_server_has_one_name_however_it_is_addressed(void **state) {
    (void)state;
    assert_server("https://Ceremony.Example.org/kzg", "ceremony.example.org");
    assert_server("https://ceremony.example.org:443", "ceremony.example.org");
    assert_server("http://ceremony.example.org:80/", "ceremony.example.org");
    assert_server("ceremony.example.org", "ceremony.example.org"); /* a Host field */
    assert_server("ceremony.example.org:443", "ceremony.example.org");
    assert_server("http://127.0.0.1:3000", "127.0.0.1:3000");
    assert_server("[::1]:3000", "[::1]:3000");
}

static void an_address_without_a_host_names_no_server(void **state) {
    (void)state;
    char name[AUTH_SERVER_MAX];
    assert_false(auth_server_name("", name));
    assert_false(auth_server_name("https://", name));
    assert_false(auth_server_name("https:///path", name));
    assert_false(auth_server_name("http://user@host", name));
    assert_false(auth_server_name("a b", name));
}

static void invitations_go_to_text_and_back(void **state) {
    (void)state;
    uint8_t secret[32], back[32];
    char text[AUTH_INVITATION_TEXT];
    memset(secret, 0xa5, sizeof secret);

    auth_invitation_format(secret, text);

    assert_true(auth_invitation_parse(text, back));
    assert_memory_equal(back, secret, sizeof secret);
    assert_int_equal(strlen(text), AUTH_INVITATION_TEXT - 1);
    text[0] = 'C';
    assert_false(auth_invitation_parse(text, back));
    assert_false(auth_invitation_parse("", back));
    assert_false(auth_invitation_parse("convoke-invitation-v1:zz", back));
}

/* ---- sessions ---- */

static void the_same_person_gets_the_same_session(void **state) {
    (void)state;
    Auth *a = new_auth(server_secret);
    char first[AUTH_SESSION_TEXT], again[AUTH_SESSION_TEXT], other[AUTH_SESSION_TEXT],
        elsewhere[AUTH_SESSION_TEXT];

    auth_session_id(a, 1, "git|1|a", 0, first);
    auth_session_id(a, 1, "git|1|a", 0, again);
    auth_session_id(a, 1, "git|1|b", 0, other);
    auth_session_id(a, 2, "git|1|a", 0, elsewhere);

    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
    assert_string_not_equal(first, elsewhere);
    assert_int_equal(strlen(first), 36);
    assert_int_equal(first[14], '4');
    auth_free(a);
}

static void each_generation_has_another_session_and_the_same_uploader(void **state) {
    (void)state;
    Auth *a = new_auth(server_secret);
    char id[3][AUTH_SESSION_TEXT];
    uint8_t uploader[32], hash[32];

    for (size_t i = 0; i < 3; i++)
        auth_session_id(a, 1, "git|1|a", i, id[i]);
    auth_uploader(a, 1, "git|1|a", uploader);

    assert_string_not_equal(id[0], id[1]);
    assert_string_not_equal(id[1], id[2]);
    assert_string_not_equal(id[0], id[2]);
    auth_session_hash(id[0], hash);
    assert_memory_equal(hash, uploader, sizeof hash);
    auth_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_nonce_of_ours_is_known_until_it_expires),
        TEST(a_nonce_of_another_or_a_changed_one_is_foreign),
        TEST(two_nonces_have_different_names),
        TEST(a_state_opens_again_with_its_redirect),
        TEST(a_state_without_redirect_opens_to_none),
        TEST(a_state_expires),
        TEST(another_servers_state_is_refused),
        TEST(no_changed_character_of_a_state_is_accepted),
        TEST(malformed_states_are_told_apart),
        TEST(a_code_names_the_holder_of_the_key),
        TEST(a_code_for_another_server_is_of_no_use),
        TEST(a_server_has_one_name_however_it_is_addressed),
        TEST(an_address_without_a_host_names_no_server),
        TEST(invitations_go_to_text_and_back),
        TEST(the_same_person_gets_the_same_session),
        TEST(each_generation_has_another_session_and_the_same_uploader),
    };
    return cmocka_run_group_tests_name("auth/auth", tests, NULL, NULL);
}
