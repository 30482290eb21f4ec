#include "support/test.h"

#include "support/kzg_ceremony.h"

/* A history of more entries than are checked at once (1024): faults at the borders of blocks. The
 * entries are made directly, product by product, as nobody waits for 1030 contributors. */

enum { ENTRIES = 1030 };

typedef struct {
    KzgTranscriptWire *t;
} World;

static uint64_t secret_of(size_t entry) {
    return 2 + entry;
}

static int set_up(void **state) {
    World *w = calloc(1, sizeof *w);
    const Curve *c = curve_bls12_381();
    KzgSizes sizes = kzg_test_sizes("2,2");
    KzgWire *response = kzg_wire_initial(&sizes, NULL);
    Element product = element_generator(curve_g1(c)), tau_g2 = element_generator(curve_g2(c));
    w->t = kzg_test_transcript(&sizes);
    for (size_t i = 1; i <= ENTRIES; i++) {
        Fr x = fr_from_uint(c, secret_of(i));
        product = element_mul(&product, &x);
        tau_g2 = element_mul(&tau_g2, &x);
        element_write(&product, FORM_ZCASH, response->subs[0].powers.g1[1]);
        element_write(&tau_g2, FORM_ZCASH, response->subs[0].powers.g2[1]);
        kzg_test_g2(secret_of(i), response->subs[0].pubkey);
        kzg_test_append(w->t, response, "git|1|a");
    }
    kzg_wire_free(response);
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    World *w = *state;
    kzg_transcript_wire_free(w->t);
    free(w);
    return 0;
}

static void sign_entry(const World *w, size_t entry) {
    uint8_t be[1][32] = {{0}};
    be[0][30] = (uint8_t)(secret_of(entry) >> 8);
    be[0][31] = (uint8_t)secret_of(entry);
    KzgSecrets *s = kzg_secrets_from_be((const uint8_t(*)[32])be, 1, NULL);
    assert_true(kzg_bls_sign(s, "git|1|a", &w->t->subs[0].witness.bls[entry], NULL));
    kzg_secrets_free(s);
}

static void a_long_history_is_accepted_with_its_signatures(void **state) {
    const World *w = *state;
    const size_t signers[] = {1, 7, 1023, 1024, 1025, ENTRIES};
    for (size_t i = 0; i < 6; i++)
        sign_entry(w, signers[i]);

    TranscriptReport r = kzg_test_verify_transcript(w->t, NULL);

    assert_int_equal(r.verdict, TRANSCRIPT_VALID);
    assert_int_equal(r.contributions, ENTRIES);
    assert_int_equal(r.bls_signatures, 6);
}

static void faults_around_the_border_of_blocks_are_located(void **state) {
    const World *w = *state;
    const size_t places[] = {1024, 1025};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *at = w->t->subs[0].witness.products[places[i]], old[KZG_G1_BYTES];
        memcpy(old, at, sizeof old);
        kzg_test_g1(5, at);

        TranscriptReport r = kzg_test_verify_transcript(w->t, NULL);

        assert_int_equal(r.verdict, TRANSCRIPT_BROKEN_CHAIN);
        assert_int_equal(r.entry, places[i]);
        memcpy(at, old, sizeof old);
    }
}

static void a_break_in_the_second_block_is_told_before_a_signature_in_the_first(void **state) {
    const World *w = *state;
    KzgBlsWire *bls = &w->t->subs[0].witness.bls[7];
    sign_entry(w, 7);
    bls->bytes[0] ^= 0x20; /* the negative point */
    TranscriptReport r = kzg_test_verify_transcript(w->t, NULL);
    assert_int_equal(r.verdict, TRANSCRIPT_BAD_BLS);
    assert_int_equal(r.entry, 7);
    kzg_test_g2(3, w->t->subs[0].witness.pubkeys[1028]);

    r = kzg_test_verify_transcript(w->t, NULL);

    assert_int_equal(r.verdict, TRANSCRIPT_BROKEN_CHAIN);
    assert_int_equal(r.entry, 1028);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_long_history_is_accepted_with_its_signatures),
        TEST(faults_around_the_border_of_blocks_are_located),
        TEST(a_break_in_the_second_block_is_told_before_a_signature_in_the_first),
    };
    return cmocka_run_group_tests_name("setup_kzg_long_chain", tests, set_up, tear_down);
}
