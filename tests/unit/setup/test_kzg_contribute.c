#include "support/test.h"

#include "support/kzg_ceremony.h"
#include "support/kzg_fixture.h"

#include "base/hex.h"
#include "base/secret.h"
#include "setup/kzg_sign.h"

static json_t *kats;

static int set_up(void **state) {
    (void)state;
    kats = fixture_json("tests/vectors/kzg/crypto_kats.json");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    json_decref(kats);
    return 0;
}

static void key_generation_gives_the_known_secrets(void **state) {
    (void)state;
    const json_t *list = json_object_get(kats, "keygen_ietf_v4_hashed_salt");
    assert_int_equal(json_array_size(list), 4);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *kat = json_array_get(list, i);
        uint8_t ikm[64], expected[32], got[32];
        size_t n = strlen(fixture_text(kat, "ikm")) / 2 - 1;
        fixture_hex(fixture_text(kat, "ikm"), n, ikm);
        fixture_hex(fixture_text(kat, "sk_be"), 32, expected);

        assert_true(kzg_keygen(ikm, n, got, NULL));

        assert_memory_equal(got, expected, 32);
    }
}

static void key_generation_refuses_little_material(void **state) {
    (void)state;
    uint8_t ikm[32] = {0}, secret[32];
    CvkErr err;

    assert_false(kzg_keygen(ikm, 31, secret, &err));
    assert_string_equal(err.id, "kzg.secret");
    assert_false(kzg_keygen(ikm, SIZE_MAX, secret, &err));
}

static void fresh_secrets_are_all_different(void **state) {
    (void)state;
    uint8_t keys[6][KZG_G2_BYTES];
    KzgSecrets *a = kzg_secrets_new(3, NULL, 0, NULL), *b = kzg_secrets_new(3, "words", 5, NULL);

    assert_true(kzg_pubkeys(a, keys, NULL));
    assert_true(kzg_pubkeys(b, keys + 3, NULL));

    assert_int_equal(kzg_secrets_n(a), 3);
    for (size_t i = 0; i < 6; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(keys[i], keys[k], KZG_G2_BYTES);
    kzg_secrets_free(a);
    kzg_secrets_free(b);
}

static void assert_refused(const uint8_t (*be)[32], size_t n) {
    CvkErr err;
    assert_null(kzg_secrets_from_be(be, n, &err));
    assert_string_equal(err.id, "kzg.secret");
}

static void secrets_that_hide_nothing_are_refused(void **state) {
    (void)state;
    uint8_t be[3][32] = {{[31] = 2}, {[31] = 3}, {[31] = 4}};
    const uint8_t(*given)[32] = (const uint8_t(*)[32])be;

    be[1][31] = 0;
    assert_refused(given, 3);
    be[1][31] = 1;
    assert_refused(given, 3);
    be[1][31] = 4;
    assert_refused(given, 3);
    memset(be[1], 0xff, 32);
    assert_refused(given, 3);
    fixture_hex("0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 32, be[1]);
    assert_refused(given, 3);
    be[1][31] = 0; /* the order less one */
    KzgSecrets *s = kzg_secrets_from_be(given, 3, NULL);
    assert_non_null(s);
    kzg_secrets_free(s);
}

static void as_many_secrets_as_sub_setups_are_possible(void **state) {
    (void)state;
    CvkErr err;

    assert_null(kzg_secrets_new(0, NULL, 0, &err));
    assert_string_equal(err.id, "limit.count");
    assert_null(kzg_secrets_new(LIMIT_KZG_SUBS + 1, NULL, 0, &err));
    KzgSecrets *s = kzg_secrets_new(LIMIT_KZG_SUBS, NULL, 0, NULL);
    assert_int_equal(kzg_secrets_n(s), LIMIT_KZG_SUBS);
    kzg_secrets_free(s);
}

static void keys_and_identity_signatures_are_the_known_ones(void **state) {
    (void)state;
    const json_t *list = json_object_get(kats, "identity_signatures");
    size_t done = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *kat = json_array_get(list, i);
        uint8_t be[1][32], key[1][KZG_G2_BYTES], signature[KZG_G1_BYTES], got[1][KZG_G2_BYTES];
        const char *id = fixture_text(kat, "message_utf8");
        KzgBlsWire bls;
        fixture_hex(fixture_text(kat, "secret_be"), 32, be[0]);
        fixture_hex(fixture_text(kat, "pubkey_g2"), KZG_G2_BYTES, key[0]);
        fixture_hex(fixture_text(kat, "signature_g1"), KZG_G1_BYTES, signature);
        assert_true(kzg_bls_verify(id, key[0], signature));
        KzgSecrets *s = kzg_secrets_from_be((const uint8_t(*)[32])be, 1, NULL);
        if (s == NULL)
            continue; /* the secret 1, which we refuse */

        assert_true(kzg_pubkeys(s, got, NULL));
        assert_true(kzg_bls_sign(s, id, &bls, NULL));

        assert_memory_equal(got[0], key[0], KZG_G2_BYTES);
        assert_true(bls.present);
        assert_memory_equal(bls.bytes, signature, KZG_G1_BYTES);
        kzg_secrets_free(s);
        done++;
    }
    assert_int_equal(done, json_array_size(list) - 1);
}

/* ---- the response ---- */

static const uint64_t SECRETS[] = {9, 10};

static KzgWire *contribute_initial(const char *identity) {
    KzgSizes sizes = kzg_test_sizes("8,3:4,2");
    KzgWire *initial = kzg_wire_initial(&sizes, NULL);
    KzgWire *w = kzg_test_contribute(initial, SECRETS, identity);
    kzg_wire_free(initial);
    return w;
}

static void powers_are_multiplied_by_the_powers_of_the_secret(void **state) {
    (void)state;
    uint8_t expected[KZG_G2_BYTES];
    KzgWire *w = contribute_initial(NULL);

    uint64_t power = 1;
    for (size_t i = 0; i < 8; i++, power *= 9) {
        kzg_test_g1(power, expected);
        assert_memory_equal(w->subs[0].powers.g1[i], expected, KZG_G1_BYTES);
        if (i < 3) {
            kzg_test_g2(power, expected);
            assert_memory_equal(w->subs[0].powers.g2[i], expected, KZG_G2_BYTES);
        }
    }
    kzg_test_g2(10, expected);
    assert_memory_equal(w->subs[1].pubkey, expected, KZG_G2_BYTES);
    kzg_wire_free(w);
}

static void signatures_are_made_only_when_asked_for(void **state) {
    (void)state;
    KzgWire *without = contribute_initial(NULL), *with = contribute_initial("git|7|eve");

    for (size_t i = 0; i < 2; i++) {
        assert_false(without->subs[i].bls.present);
        assert_true(with->subs[i].bls.present);
        assert_true(kzg_bls_verify("git|7|eve", with->subs[i].pubkey, with->subs[i].bls.bytes));
    }
    assert_false(with->ecdsa.present);
    kzg_wire_free(without);
    kzg_wire_free(with);
}

typedef struct {
    size_t calls, done, total;
    bool fell;
} Seen;

static void see(void *ctx, size_t done, size_t total) {
    Seen *seen = ctx;
    seen->fell |= done < seen->done || (seen->total != 0 && total != seen->total);
    seen->calls++;
    seen->done = done;
    seen->total = total;
}

static void progress_grows_to_its_total_over_all_sub_setups(void **state) {
    (void)state;
    KzgSizes sizes = kzg_test_sizes("64,4:32,2");
    KzgWire *initial = kzg_wire_initial(&sizes, NULL), *w;
    KzgPowers *powers[2];
    KzgReport report;
    uint8_t be[2][32] = {{[31] = 2}, {[31] = 3}};
    KzgSecrets *s = kzg_secrets_from_be((const uint8_t(*)[32])be, 2, NULL);
    KzgEcdsaWire ecdsa = {true, {1, 2, 3}};
    CvkPool *pool = cvk_pool_new(2, NULL);
    Seen seen = {0};
    for (size_t i = 0; i < 2; i++)
        assert_true(kzg_powers_check(&initial->subs[i].powers, sizes.at[i], TEST_SEED, pool,
                                     &powers[i], &report, NULL));

    assert_true(
        kzg_contribute(powers, 2, s, NULL, &ecdsa, pool, (CvkProgress){see, &seen}, &w, NULL));

    assert_false(seen.fell);
    assert_true(seen.calls >= 2);
    assert_int_equal(seen.done, seen.total);
    assert_true(w->ecdsa.present);
    assert_memory_equal(w->ecdsa.bytes, ecdsa.bytes, KZG_ECDSA_BYTES);
    CvkErr err;
    KzgWire *none;
    assert_false(kzg_contribute(powers, 1, s, NULL, NULL, NULL, (CvkProgress){0}, &none, &err));
    assert_string_equal(err.id, "kzg.secret");
    for (size_t i = 0; i < 2; i++)
        kzg_powers_free(powers[i]);
    kzg_secrets_free(s);
    kzg_wire_free(w);
    kzg_wire_free(initial);
    cvk_pool_free(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(key_generation_gives_the_known_secrets),
        TEST(key_generation_refuses_little_material),
        TEST(fresh_secrets_are_all_different),
        TEST(secrets_that_hide_nothing_are_refused),
        TEST(as_many_secrets_as_sub_setups_are_possible),
        TEST(keys_and_identity_signatures_are_the_known_ones),
        TEST(powers_are_multiplied_by_the_powers_of_the_secret),
        TEST(signatures_are_made_only_when_asked_for),
        TEST(progress_grows_to_its_total_over_all_sub_setups),
    };
    return cmocka_run_group_tests_name("setup_kzg_contribute", tests, set_up, tear_down);
}
