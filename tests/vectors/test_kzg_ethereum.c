#include "support/test.h"

#include "support/kzg_ceremony.h"

#include "base/hex.h"
#include "base/sha256.h"
#include "format/kzg_json.h"

/* The public vector of the ceremony's test suite (jsign/kzg-ceremony-test-vectors), made from its
 * description: the initial state of the four Ethereum sizes, four given secrets, the identity "",
 * no ECDSA signature; compared by the hash of the published file. And the honest and the dishonest
 * verdict at these sizes. */

static const uint64_t SECRETS[4] = {0x111100, 0x221100, 0x331100, 0x441100};

typedef struct {
    KzgWire *updated;
    CvkPool *pool;
} World;

static KzgWire *contribute(const KzgWire *initial, CvkPool *pool) {
    KzgPowers *powers[4];
    uint8_t be[4][32] = {{0}};
    KzgWire *w = NULL;
    for (size_t i = 0; i < 4; i++) {
        KzgReport report;
        assert_true(kzg_powers_check(&initial->subs[i].powers, KZG_SIZES_ETHEREUM.at[i], TEST_SEED,
                                     pool, &powers[i], &report, NULL));
        assert_int_equal(report.verdict, KZG_VALID);
        for (size_t k = 0; k < 8; k++)
            be[i][31 - k] = (uint8_t)(SECRETS[i] >> (8 * k));
    }
    KzgSecrets *s = kzg_secrets_from_be((const uint8_t(*)[32])be, 4, NULL);
    assert_non_null(s);
    assert_true(kzg_contribute(powers, 4, s, "", NULL, pool, (CvkProgress){0}, &w, NULL));
    kzg_secrets_free(s);
    for (size_t i = 0; i < 4; i++)
        kzg_powers_free(powers[i]);
    return w;
}

static int set_up(void **state) {
    World *world = calloc(1, sizeof *world);
    world->pool = cvk_pool_new(0, NULL);
    KzgWire *initial = kzg_wire_initial(&KZG_SIZES_ETHEREUM, NULL);
    world->updated = contribute(initial, world->pool);
    kzg_wire_free(initial);
    *state = world;
    return 0;
}

static int tear_down(void **state) {
    World *world = *state;
    kzg_wire_free(world->updated);
    cvk_pool_free(world->pool);
    free(world);
    return 0;
}

static void the_public_vector_is_made_byte_for_byte(void **state) {
    const World *world = *state;
    CvkBuf text = CVK_BUF(8 << 20);
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];

    assert_true(
        kzg_contribution_write(json_to_buf(&text), world->updated, 2, KZG_JSON_SIGNATURES, NULL));

    cvk_sha256(text.data, text.n, digest);
    cvk_hex_encode(digest, sizeof digest, hex);
    assert_int_equal(text.n, 6937413);
    assert_string_equal(hex, "a3628c79f77ce39f2fa500b0c3582ea5c70b2cdd15efb48576d8eace2866d3f5");
    cvk_buf_done(&text);
}

/* So that a failure of the hash says more than that something is wrong. */
static void its_last_powers_are_the_published_ones(void **state) {
    const World *world = *state;
    static const char *const last[4] = {
        "b2ac9993468828a94b6ac6e9b0b61dfd7607f1422885fcfd0f1c642add1ebd78"
        "9455f1e8a6dfa4127dc8991a1cce74b7",
        "ad5f1f409a0fdbe8c5b50f42bbc280cb8fe847245f74371e477c7b8e5977fa45"
        "5140de4e53e3ce2102f04a8c606c3792",
        "a1a75759d48f35758f25f722e612dce8960868a31925e40b4df2e49941ddd8ea"
        "82f934b653c114ad81d09cd28202915c",
        "8ad8b6d5ec7f330169aadf4db8a4246dc1285f02ed199e173959a538228310fa"
        "c0ece3892fff392c7f2a18028ae17e3a"};
    for (size_t i = 0; i < 4; i++) {
        const KzgPowersWire *p = &world->updated->subs[i].powers;
        char hex[2 * KZG_G1_BYTES + 1];
        cvk_hex_encode(p->g1[p->n_g1 - 1], KZG_G1_BYTES, hex);
        assert_string_equal(hex, last[i]);
    }
}

static KzgReport verify(const World *world) {
    KzgBase base;
    KzgReport r;
    kzg_base_initial(&KZG_SIZES_ETHEREUM, &base);
    assert_true(kzg_verify(&base, world->updated, TEST_SEED, world->pool, &r, NULL));
    return r;
}

static void it_verifies(void **state) {
    const World *world = *state;

    assert_int_equal(verify(world).verdict, KZG_VALID);
}

static void a_wrong_power_in_the_largest_sub_setup_is_found(void **state) {
    const World *world = *state;
    uint8_t *at = world->updated->subs[3].powers.g1[20001], old[KZG_G1_BYTES];
    memcpy(old, at, sizeof old);
    kzg_test_g1(5, at);

    KzgReport r = verify(world);

    memcpy(at, old, sizeof old);
    assert_int_equal(r.verdict, KZG_G1_PAIRING);
    assert_int_equal(r.sub, 3);
    assert_int_equal(r.index, 20001);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_public_vector_is_made_byte_for_byte),
        TEST(its_last_powers_are_the_published_ones),
        TEST(it_verifies),
        TEST(a_wrong_power_in_the_largest_sub_setup_is_found),
    };
    return cmocka_run_group_tests_name("vectors_kzg_ethereum", tests, set_up, tear_down);
}
