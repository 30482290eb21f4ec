/* Signing in with a wallet, by the server's clock: what e2e tests cannot wait for. */
#include "world.h"

#include "auth/siwe.h"
#include "base/clock.h"
#include "base/hex.h"

#define SERVER "127.0.0.1"

/* Somebody with an Ethereum key, whose last byte is its name. */
typedef struct {
    uint8_t key[ETH_SECRET_BYTES], address[ETH_ADDRESS_BYTES];
    char text[ETH_ADDRESS_TEXT], identity[LIMIT_IDENTITY + 1];
} Holder;

static Holder holder(uint8_t name) {
    Holder h = {.key = {[31] = name}};
    assert_true(eth_key_address(h.key, h.address, NULL));
    eth_address_checksummed(h.address, h.text);
    char lower[ETH_ADDRESS_TEXT];
    eth_address_lower(h.address, lower);
    snprintf(h.identity, sizeof h.identity, "eth|%s", lower);
    return h;
}

typedef struct {
    CvkBuf message;
    char signature[2 + 2 * ETH_SIGNATURE_BYTES + 1];
} Signed;

static void sign_text(const Holder *h, const char *text, size_t n, char *ret) {
    uint8_t digest[32], signature[ETH_SIGNATURE_BYTES];
    eth_personal_digest(text, n, digest);
    assert_true(eth_sign(h->key, digest, signature, NULL));
    memcpy(ret, "0x", 2);
    cvk_hex_encode(signature, sizeof signature, ret + 2);
}

/* A message with a nonce of now; `life_ms` 0: it does not say when it ends. */
static Signed sign(World *w, const Holder *h, int64_t life_ms) {
    SignInNonce nonce;
    char issued[CVK_TIME_TEXT], expires[CVK_TIME_TEXT];
    Signed s = {.message = CVK_BUF(LIMIT_SIWE)};
    node_nonce(w->node, &nonce);
    cvk_time_format(nonce.issued_ms, issued);
    cvk_time_format(nonce.issued_ms + life_ms, expires);
    SiweMessage m = {.domain = SIWE_TEXT(SERVER),
                     .uri = SIWE_TEXT("http://" SERVER),
                     .version = SIWE_TEXT("1"),
                     .chain_id = SIWE_TEXT("1"),
                     .nonce = SIWE_TEXT(nonce.nonce),
                     .issued_at = SIWE_TEXT(issued)};
    if (life_ms != 0)
        m.expires_at = SIWE_TEXT(expires);
    memcpy(m.address, h->address, sizeof m.address);
    assert_true(siwe_write(&m, &s.message, NULL));
    sign_text(h, s.message.data, s.message.n, s.signature);
    return s;
}

static SignInResult bring(World *w, const Signed *s, SignedIn *ret, CvkErr *err) {
    char redirect[LIMIT_REDIRECT + 1];
    SignInResult result;
    const SignInProof proof = {.kind = PROOF_WALLET,
                               .server = SERVER,
                               .code = s->signature,
                               .message = cvk_buf_str(&s->message)};
    assert_true(node_sign_in(w->node, w->c, &proof, redirect, ret, &result, err));
    return result;
}

/* "" when they are signed in, else why not. */
static const char *outcome(World *w, const Signed *s) {
    SignedIn in;
    CvkErr err = {.id = ""};
    switch (bring(w, s, &in, &err)) {
    case SIGN_IN_OK:
        return "";
    case SIGN_IN_BAD_WALLET:
        return err.id;
    case SIGN_IN_STRANGER:
        return "stranger";
    case SIGN_IN_OUT:
        return "out";
    case SIGN_IN_FULL:
    case SIGN_IN_CLOSED:
        return "closed";
    case SIGN_IN_BAD_STATE:
    case SIGN_IN_BAD_CODE:
    case SIGN_IN_NO_WALLETS:
        break;
    }
    return "other";
}

static void invite(World *w, const Holder *h) {
    char identity[LIMIT_IDENTITY + 1];
    assert_true(node_invite_wallet(w->node, h->text, NULL, identity, NULL));
    assert_string_equal(identity, h->identity);
}

static void a_nonce_is_good_for_ten_minutes(void **state) {
    World *w = *state;
    Holder h = holder(1);
    invite(w, &h);
    Signed in_time = sign(w, &h, 0), late = sign(w, &h, 0);

    world_pass(w, AUTH_NONCE_LIFE_MS);
    assert_string_equal(outcome(w, &in_time), "");

    world_pass(w, 1000);
    assert_string_equal(outcome(w, &late), "nonce.expired");
    cvk_buf_done(&in_time.message);
    cvk_buf_done(&late.message);
}

static void a_message_ends_when_it_says_so(void **state) {
    World *w = *state;
    Holder h = holder(1);
    invite(w, &h);
    Signed s = sign(w, &h, 60000);

    world_pass(w, 60000);

    assert_string_equal(outcome(w, &s), "siwe.time");
    cvk_buf_done(&s.message);
}

static void a_message_that_did_not_sign_in_may_come_again(void **state) {
    World *w = *state;
    Holder h = holder(1);
    Signed s = sign(w, &h, 0);
    assert_string_equal(outcome(w, &s), "stranger");

    invite(w, &h);

    assert_string_equal(outcome(w, &s), "");
    assert_string_equal(outcome(w, &s), "nonce.used");
    cvk_buf_done(&s.message);
}

static void a_used_nonce_stays_used_over_a_restart_and_until_it_expires(void **state) {
    World *w = *state;
    Holder h = holder(1);
    invite(w, &h);
    Signed s = sign(w, &h, 0);
    assert_string_equal(outcome(w, &s), "");

    world_restart(w);
    assert_string_equal(outcome(w, &s), "nonce.used");
    world_pass(w, AUTH_NONCE_LIFE_MS); /* sweeps happen meanwhile */
    assert_string_equal(outcome(w, &s), "nonce.used");

    world_pass(w, 60000);
    assert_string_equal(outcome(w, &s), "nonce.expired");
    cvk_buf_done(&s.message);
}

static void who_has_contributed_is_told_so(void **state) {
    World *w = *state;
    Holder h = holder(1);
    invite(w, &h);
    world_contribute(w, h.identity, 1);

    Signed s = sign(w, &h, 0);

    assert_string_equal(outcome(w, &s), "out");
    cvk_buf_done(&s.message);
}

static void a_wallet_and_an_invitation_of_one_identity_have_one_session(void **state) {
    World *w = *state;
    Holder h = holder(1);
    SignedIn in;
    Session again;
    invite(w, &h);
    Session by_invitation = world_sign_in(w, h.identity);
    Signed s = sign(w, &h, 0);

    assert_int_equal(bring(w, &s, &in, NULL), SIGN_IN_OK);

    assert_true(ceremony_session(w->c, in.session_id, &again));
    assert_memory_equal(again.hash, by_invitation.hash, sizeof again.hash);
    cvk_buf_done(&s.message);
}

static void an_address_is_entered_once_and_only_if_it_is_one(void **state) {
    World *w = *state;
    Holder h = holder(1);
    char identity[LIMIT_IDENTITY + 1];
    CvkErr err;
    invite(w, &h);

    assert_false(node_invite_wallet(w->node, h.text, NULL, identity, &err));
    assert_string_equal(err.id, "invitation.exists");
    assert_false(node_invite_wallet(w->node, "0x12", NULL, identity, &err));
    assert_string_equal(err.id, "wallet.address");
}

int main(void) {
#define WORLD(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        WORLD(a_nonce_is_good_for_ten_minutes),
        WORLD(a_message_ends_when_it_says_so),
        WORLD(a_message_that_did_not_sign_in_may_come_again),
        WORLD(a_used_nonce_stays_used_over_a_restart_and_until_it_expires),
        WORLD(who_has_contributed_is_told_so),
        WORLD(a_wallet_and_an_invitation_of_one_identity_have_one_session),
        WORLD(an_address_is_entered_once_and_only_if_it_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
