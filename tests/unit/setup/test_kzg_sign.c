#include "support/test.h"

#include "support/kzg_ceremony.h"
#include "support/kzg_fixture.h"

#include "algebra/eth_key.h"
#include "setup/kzg_sign.h"

static const uint8_t INFINITY_G1[KZG_G1_BYTES] = {0xc0}, INFINITY_G2[KZG_G2_BYTES] = {0xc0};

static const char *kat_digest(const json_t *kats, const char *name) {
    return fixture_text(json_object_get(json_object_get(kats, "eip712"), name), "digest");
}

static void the_digest_of_the_specs_example_is_the_known_one(void **state) {
    (void)state;
    json_t *kats = fixture_json("tests/vectors/kzg/crypto_kats.json");
    uint8_t keys[4][KZG_G2_BYTES], expected[32], got[32];
    for (size_t i = 0; i < 4; i++)
        memcpy(keys[i], KZG_G2_GENERATOR, KZG_G2_BYTES);
    fixture_hex(kat_digest(kats, "all_secrets_one_4096_65"), 32, expected);

    kzg_eip712_digest(&KZG_SIZES_ETHEREUM, (const uint8_t(*)[KZG_G2_BYTES])keys, got);

    assert_memory_equal(got, expected, 32);
    json_decref(kats);
}

/* Keys 2, 3, 4 ... times the generator. */
static void make_keys(size_t n, uint8_t (*ret)[KZG_G2_BYTES]) {
    for (size_t i = 0; i < n; i++)
        kzg_test_g2(i + 2, ret[i]);
}

static void the_digest_sorts_by_size(void **state) {
    (void)state;
    KzgSizes up = kzg_test_sizes("4,2:8,2:8,3"), down = kzg_test_sizes("8,3:8,2:4,2");
    uint8_t keys[3][KZG_G2_BYTES], back[3][KZG_G2_BYTES], a[32], b[32], c[32];
    make_keys(3, keys);
    for (size_t i = 0; i < 3; i++)
        memcpy(back[i], keys[2 - i], KZG_G2_BYTES);

    kzg_eip712_digest(&up, (const uint8_t(*)[KZG_G2_BYTES])keys, a);
    kzg_eip712_digest(&down, (const uint8_t(*)[KZG_G2_BYTES])back, b);
    kzg_eip712_digest(&up, (const uint8_t(*)[KZG_G2_BYTES])back, c);

    assert_memory_equal(a, b, 32);
    assert_memory_not_equal(a, c, 32);
}

static void typed_data_is_what_wallets_are_given(void **state) {
    (void)state;
    KzgSizes sizes = kzg_test_sizes("8,3:4,2:8,2");
    const size_t expected_order[3] = {1, 2, 0}; /* by numG1Powers, then numG2Powers */
    uint8_t keys[3][KZG_G2_BYTES], key[KZG_G2_BYTES];
    make_keys(3, keys);

    char *text = kzg_eip712_typed_data(&sizes, (const uint8_t(*)[KZG_G2_BYTES])keys, NULL);

    json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(j);
    assert_string_equal(fixture_text(j, "primaryType"), "PoTPubkeys");
    const json_t *domain = json_object_get(j, "domain");
    assert_string_equal(fixture_text(domain, "name"), "Ethereum KZG Ceremony");
    assert_string_equal(fixture_text(domain, "version"), "1.0");
    assert_int_equal(json_integer_value(json_object_get(domain, "chainId")), 1);
    assert_int_equal(json_object_size(json_object_get(j, "types")), 3);
    const json_t *list = json_object_get(json_object_get(j, "message"), "potPubkeys");
    assert_int_equal(json_array_size(list), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *item = json_array_get(list, i);
        KzgSize size = sizes.at[expected_order[i]];
        assert_int_equal(json_integer_value(json_object_get(item, "numG1Powers")), size.n_g1);
        assert_int_equal(json_integer_value(json_object_get(item, "numG2Powers")), size.n_g2);
        fixture_hex(fixture_text(item, "potPubkey"), KZG_G2_BYTES, key);
        assert_memory_equal(key, keys[expected_order[i]], KZG_G2_BYTES);
    }
    json_decref(j);
    free(text);
}

/* ---- BLS ---- */

static void a_bls_signature_is_refused_for_anything_else(void **state) {
    (void)state;
    KzgSizes sizes = kzg_test_sizes("4,2:4,2");
    KzgWire *initial = kzg_wire_initial(&sizes, NULL);
    KzgWire *w = kzg_test_contribute(initial, (const uint64_t[]){5, 6}, "git|1|a");
    const KzgSubWire *s = &w->subs[0], *other = &w->subs[1];

    assert_true(kzg_bls_verify("git|1|a", s->pubkey, s->bls.bytes));

    assert_false(kzg_bls_verify("git|1|b", s->pubkey, s->bls.bytes));
    assert_false(kzg_bls_verify("", s->pubkey, s->bls.bytes));
    assert_false(kzg_bls_verify("git|1|a", other->pubkey, s->bls.bytes));
    assert_false(kzg_bls_verify("git|1|a", s->pubkey, other->bls.bytes));
    assert_false(kzg_bls_verify("git|1|a", s->pubkey, KZG_G1_GENERATOR));
    kzg_wire_free(w);
    kzg_wire_free(initial);
}

static void infinity_signs_nothing(void **state) {
    (void)state;

    assert_false(kzg_bls_verify("git|1|a", INFINITY_G2, INFINITY_G1));
    assert_false(kzg_bls_verify("git|1|a", KZG_G2_GENERATOR, INFINITY_G1));
    assert_false(kzg_bls_verify("git|1|a", INFINITY_G2, KZG_G1_GENERATOR));
}

static void malformed_points_sign_nothing(void **state) {
    (void)state;
    const uint8_t zero_g1[KZG_G1_BYTES] = {0}, zero_g2[KZG_G2_BYTES] = {0};

    assert_false(kzg_bls_verify("git|1|a", KZG_G2_GENERATOR, zero_g1));
    assert_false(kzg_bls_verify("git|1|a", zero_g2, KZG_G1_GENERATOR));
}

/* ---- ECDSA and pruning ---- */

typedef struct {
    KzgSizes sizes;
    KzgWire *w;
    uint8_t keys[2][KZG_G2_BYTES];
    char identity[64];
} Signed;

static Signed signed_response(void) {
    Signed s = {.sizes = kzg_test_sizes("4,2:8,3")};
    uint8_t secret[32] = {[31] = 77}, address[20], digest[32];
    char text[ETH_ADDRESS_TEXT];
    assert_true(eth_key_address(secret, address, NULL));
    eth_address_lower(address, text);
    snprintf(s.identity, sizeof s.identity, "eth|%s", text);
    KzgWire *initial = kzg_wire_initial(&s.sizes, NULL);
    s.w = kzg_test_contribute(initial, (const uint64_t[]){5, 6}, s.identity);
    kzg_wire_free(initial);
    for (size_t i = 0; i < 2; i++)
        memcpy(s.keys[i], s.w->subs[i].pubkey, KZG_G2_BYTES);
    kzg_eip712_digest(&s.sizes, (const uint8_t(*)[KZG_G2_BYTES])s.keys, digest);
    s.w->ecdsa.present = true;
    assert_true(eth_sign(secret, digest, s.w->ecdsa.bytes, NULL));
    return s;
}

static void an_ecdsa_signature_is_refused_for_anything_else(void **state) {
    (void)state;
    Signed s = signed_response();
    const uint8_t(*keys)[KZG_G2_BYTES] = (const uint8_t(*)[KZG_G2_BYTES])s.keys;
    const uint8_t *signature = s.w->ecdsa.bytes;

    assert_true(kzg_ecdsa_verify(s.identity, &s.sizes, keys, signature));

    assert_false(kzg_ecdsa_verify("git|1|a", &s.sizes, keys, signature));
    assert_false(kzg_ecdsa_verify("eth|0x000000000000000000000000000000000000dead", &s.sizes, keys,
                                  signature));
    s.w->ecdsa.bytes[5] ^= 1;
    assert_false(kzg_ecdsa_verify(s.identity, &s.sizes, keys, signature));
    s.w->ecdsa.bytes[5] ^= 1;
    memcpy(s.keys[1], KZG_G2_GENERATOR, KZG_G2_BYTES);
    assert_false(kzg_ecdsa_verify(s.identity, &s.sizes, keys, signature));
    kzg_wire_free(s.w);
}

static void right_signatures_are_kept(void **state) {
    (void)state;
    Signed s = signed_response();
    bool bls[2] = {true, true}, ecdsa = true;

    kzg_prune_signatures(s.w, &s.sizes, s.identity, bls, &ecdsa);

    assert_true(s.w->subs[0].bls.present && s.w->subs[1].bls.present && s.w->ecdsa.present);
    assert_false(bls[0] || bls[1] || ecdsa);
    kzg_wire_free(s.w);
}

static void wrong_signatures_are_dropped_one_by_one(void **state) {
    (void)state;
    Signed s = signed_response();
    bool bls[2], ecdsa;
    memcpy(s.w->subs[1].bls.bytes, s.w->subs[0].bls.bytes, KZG_G1_BYTES);

    kzg_prune_signatures(s.w, &s.sizes, s.identity, bls, &ecdsa);
    assert_true(s.w->subs[0].bls.present && !bls[0]);
    assert_true(!s.w->subs[1].bls.present && bls[1]);
    assert_true(s.w->ecdsa.present && !ecdsa);

    kzg_prune_signatures(s.w, &s.sizes, "git|1|a", bls, &ecdsa);
    assert_true(!s.w->subs[0].bls.present && bls[0]);
    assert_false(bls[1]); /* absent already: nothing was dropped */
    assert_true(!s.w->ecdsa.present && ecdsa);
    kzg_prune_signatures(s.w, &s.sizes, "git|1|a", NULL, NULL);
    kzg_wire_free(s.w);
}

/* A response of one sub-setup whose BLS signature is over `name`. */
static KzgWire *response_signed_as(const char *name) {
    KzgSizes sizes = kzg_test_sizes("4,2");
    KzgWire *initial = kzg_wire_initial(&sizes, NULL);
    KzgWire *w = kzg_test_contribute(initial, (const uint64_t[]){5}, name);
    kzg_wire_free(initial);
    return w;
}

static void a_login_that_was_signed_in_another_spelling_is_recognized(void **state) {
    (void)state;
    static const struct {
        const char *identity, *signed_as, *found;
    } cases[] = {
        {"git|7|Octo-Cat", "git|7|@Octo-Cat", "git|7|@Octo-Cat"},
        {"git|7|Octo-Cat", "git|7|@octo-cat", "git|7|@octo-cat"},
        {"git|7|octo", "git|7|@octo", "git|7|@octo"},
        {"git|7|Octo-Cat", "git|7|Octo-Cat", ""}, /* the right one */
        {"git|7|Octo-Cat", "git|7|octo-cat", ""}, /* nobody's spelling */
        {"git|7|Octo-Cat", "git|8|@Octo-Cat", ""},
        {"git|7|@Octo-Cat", "git|7|Octo-Cat", ""},
        {"eth|0x000000000000000000000000000000000000dead", "git|7|@Octo-Cat", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char found[130];
        KzgWire *w = response_signed_as(cases[i].signed_as);

        kzg_signed_as(w, cases[i].identity, found, sizeof found);

        assert_string_equal(found, cases[i].found);
        kzg_wire_free(w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_digest_of_the_specs_example_is_the_known_one),
        TEST(the_digest_sorts_by_size),
        TEST(typed_data_is_what_wallets_are_given),
        TEST(a_bls_signature_is_refused_for_anything_else),
        TEST(infinity_signs_nothing),
        TEST(malformed_points_sign_nothing),
        TEST(an_ecdsa_signature_is_refused_for_anything_else),
        TEST(right_signatures_are_kept),
        TEST(wrong_signatures_are_dropped_one_by_one),
        TEST(a_login_that_was_signed_in_another_spelling_is_recognized),
    };
    return cmocka_run_group_tests_name("setup_kzg_sign", tests, NULL, NULL);
}
