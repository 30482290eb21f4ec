/* The bytes that the journal hashes for each contribution: one layout, from a response and back
 * from a transcript. */
#include "support/test.h"

#include "base/hex.h"
#include "base/sha256.h"
#include "setup/kzg_record.h"

#include <string.h>

enum { SUBS = 2 };

static KzgWire *a_response(void) {
    KzgSizes sizes = {.n = SUBS, .at = {{4, 2}, {8, 2}}};
    KzgWire *w = kzg_wire_initial(&sizes, NULL);
    assert_non_null(w);
    for (size_t i = 0; i < SUBS; i++) {
        memset(w->subs[i].powers.g1[1], 0x10 + (int)i, KZG_G1_BYTES);
        memset(w->subs[i].pubkey, 0x20 + (int)i, KZG_G2_BYTES);
    }
    w->subs[1].bls.present = true;
    memset(w->subs[1].bls.bytes, 0x31, KZG_G1_BYTES);
    memset(w->ecdsa.bytes, 0x40, KZG_ECDSA_BYTES); /* was dropped: not present */
    return w;
}

/* A transcript of the initial state and one contribution, all zero. */
static KzgTranscriptWire *a_transcript(void) {
    KzgTranscriptWire *t = kzg_transcript_wire_new(SUBS, NULL);
    assert_non_null(t);
    t->n_ids = t->n_ecdsa = 2;
    t->ids = calloc(2, sizeof *t->ids);
    t->ecdsa = calloc(2, sizeof *t->ecdsa);
    for (size_t i = 0; i < SUBS; i++) {
        KzgWitnessWire *w = &t->subs[i].witness;
        w->n_products = w->n_pubkeys = w->n_bls = 2;
        w->products = calloc(2, sizeof *w->products);
        w->pubkeys = calloc(2, sizeof *w->pubkeys);
        w->bls = calloc(2, sizeof *w->bls);
    }
    return t;
}

static void the_layout_is_the_one_that_journals_have_hashed(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf b = CVK_BUF(4096);
    KzgWire *w = a_response();
    assert_true(kzg_record_of_response(w, &b, NULL));
    assert_int_equal(b.n, kzg_record_size(SUBS));
    uint8_t expected[2 * 193 + 66] = {0};
    for (int i = 0; i < SUBS; i++) {
        uint8_t *at = expected + i * 193;
        memset(at, 0x10 + i, 48);
        memset(at + 48, 0x20 + i, 96);
    }
    expected[193 + 144] = 1;
    memset(expected + 193 + 145, 0x31, 48);
    assert_int_equal(b.n, sizeof expected);
    assert_memory_equal(b.data, expected, sizeof expected);
    kzg_wire_free(w);
}

static void a_record_goes_through_a_transcript_unchanged(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf before = CVK_BUF(4096), after = CVK_BUF(4096);
    KzgWire *w = a_response();
    KzgTranscriptWire *t = a_transcript();
    assert_true(kzg_record_of_response(w, &before, NULL));
    kzg_record_to_entry((const uint8_t *)before.data, t, 1);
    assert_true(t->subs[1].witness.bls[1].present);
    assert_false(t->subs[0].witness.bls[1].present);
    assert_true(kzg_record_of_entry(t, 1, &after, NULL));
    assert_int_equal(after.n, before.n);
    assert_memory_equal(after.data, before.data, before.n);
    kzg_wire_free(w);
    kzg_transcript_wire_free(t);
}

static void products_and_keys_are_found_inside(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf b = CVK_BUF(4096);
    KzgWire *w = a_response();
    assert_true(kzg_record_of_response(w, &b, NULL));
    const uint8_t *record = (const uint8_t *)b.data;
    for (size_t i = 0; i < SUBS; i++) {
        assert_memory_equal(kzg_record_product(record, i), w->subs[i].powers.g1[1], KZG_G1_BYTES);
        assert_memory_equal(kzg_record_pubkey(record, i), w->subs[i].pubkey, KZG_G2_BYTES);
    }
    kzg_wire_free(w);
}

static void a_list_that_ends_early_has_no_such_entry(void **state) {
    (void)state;
    for (int list = 0; list < 5; list++) {
        _cleanup_buf_ CvkBuf b = CVK_BUF(4096);
        CvkErr err;
        KzgTranscriptWire *t = a_transcript();
        KzgWitnessWire *w = &t->subs[1].witness;
        size_t *lengths[] = {&w->n_products, &w->n_pubkeys, &w->n_bls, &t->n_ids, &t->n_ecdsa};
        assert_true(kzg_record_of_entry(t, 1, &b, NULL));
        *lengths[list] = 1;
        assert_false(kzg_record_of_entry(t, 1, &b, &err));
        assert_string_equal(err.id, "record.entry");
        kzg_transcript_wire_free(t);
    }
}

static void a_record_says_which_signatures_it_holds(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf b = CVK_BUF(4096);
    char words[KZG_RECORD_SIGNATURES];
    KzgWire *w = a_response();
    assert_true(kzg_record_of_response(w, &b, NULL));

    kzg_record_signatures((const uint8_t *)b.data, SUBS, words);

    assert_string_equal(words, "bls=none,kept; ecdsa=none");
    kzg_wire_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_layout_is_the_one_that_journals_have_hashed),
        cmocka_unit_test(a_record_goes_through_a_transcript_unchanged),
        cmocka_unit_test(products_and_keys_are_found_inside),
        cmocka_unit_test(a_list_that_ends_early_has_no_such_entry),
        cmocka_unit_test(a_record_says_which_signatures_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
