#include "support/test.h"

#include "support/kzg_ceremony.h"

#include "algebra/eth_key.h"
#include "setup/kzg_sign.h"

enum { CONTRIBUTORS = 4 };

/* A transcript of four contributions to two sub-setups; the second is signed by its Ethereum owner,
 * the third by nobody. */
typedef struct {
    KzgSizes sizes;
    KzgTranscriptWire *t;
    KzgWire *last;
} World;

static const char *const NAMES[CONTRIBUTORS] = {"git|1|anna", NULL, "git|3|@carl", "git|4|Dora"};
static char eth_name[64];
static const uint8_t ETH_SECRET[32] = {[31] = 42};

static const char *name_of(size_t i) {
    return NAMES[i] != NULL ? NAMES[i] : eth_name;
}

static void sign_as_ethereum(KzgWire *w, const KzgSizes *sizes) {
    uint8_t keys[LIMIT_KZG_SUBS][KZG_G2_BYTES], digest[32];
    for (size_t s = 0; s < w->n; s++)
        memcpy(keys[s], w->subs[s].pubkey, KZG_G2_BYTES);
    kzg_eip712_digest(sizes, (const uint8_t(*)[KZG_G2_BYTES])keys, digest);
    w->ecdsa.present = true;
    assert_true(eth_sign(ETH_SECRET, digest, w->ecdsa.bytes, NULL));
}

static void name_ethereum(void) {
    uint8_t address[ETH_ADDRESS_BYTES];
    char text[ETH_ADDRESS_TEXT];
    assert_true(eth_key_address(ETH_SECRET, address, NULL));
    eth_address_lower(address, text);
    snprintf(eth_name, sizeof eth_name, "eth|%s", text);
}

static int set_up(void **state) {
    World *w = calloc(1, sizeof *w);
    name_ethereum();
    w->sizes = kzg_test_sizes("8,4:16,5");
    w->t = kzg_test_transcript(&w->sizes);
    w->last = kzg_wire_initial(&w->sizes, NULL);
    for (size_t i = 0; i < CONTRIBUTORS; i++) {
        const uint64_t secrets[] = {10 + i, 20 + i};
        KzgWire *next = kzg_test_contribute(w->last, secrets, i == 2 ? NULL : name_of(i));
        if (i == 1)
            sign_as_ethereum(next, &w->sizes);
        kzg_test_append(w->t, next, name_of(i));
        kzg_wire_free(w->last);
        w->last = next;
    }
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    World *w = *state;
    kzg_transcript_wire_free(w->t);
    kzg_wire_free(w->last);
    free(w);
    return 0;
}

static void assert_found(const World *w, const KzgTranscriptWire *t, TranscriptVerdict verdict,
                         size_t sub, size_t entry) {
    TranscriptReport r = kzg_test_verify_transcript(t, &w->sizes);
    assert_int_equal(r.verdict, verdict);
    assert_int_equal(r.sub, sub);
    assert_int_equal(r.entry, entry);
}

/* Frees the changed copy. */
static void assert_refused(const World *w, KzgTranscriptWire *bad, TranscriptVerdict verdict,
                           size_t sub, size_t entry) {
    assert_found(w, bad, verdict, sub, entry);
    kzg_transcript_wire_free(bad);
}

static KzgTranscriptWire *copy_of(void **state) {
    return kzg_test_transcript_copy(((World *)*state)->t);
}

static void a_true_transcript_is_valid_and_its_signatures_are_counted(void **state) {
    const World *w = *state;

    TranscriptReport r = kzg_test_verify_transcript(w->t, NULL);

    assert_int_equal(r.verdict, TRANSCRIPT_VALID);
    assert_int_equal(r.contributions, CONTRIBUTORS);
    assert_int_equal(r.bls_signatures, 2 * (CONTRIBUTORS - 1));
    assert_int_equal(r.ecdsa_signatures, 1);
    assert_true(kzg_sizes_equal(&r.sizes, &w->sizes));
    assert_found(w, w->t, TRANSCRIPT_VALID, 0, 0);
}

static void a_transcript_without_contributions_is_valid(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = kzg_test_transcript(&w->sizes);

    TranscriptReport r = kzg_test_verify_transcript(t, NULL);

    assert_int_equal(r.verdict, TRANSCRIPT_VALID);
    assert_int_equal(r.contributions, 0);
    kzg_transcript_wire_free(t);
}

/* ---- 1. shape ---- */

static void other_sizes_are_refused(void **state) {
    World *w = *state;
    KzgSizes other = kzg_test_sizes("8,4:16,6"), more = kzg_test_sizes("8,4:16,5:16,5"),
             fewer = kzg_test_sizes("8,4");
    TranscriptReport r = kzg_test_verify_transcript(w->t, &other);
    assert_int_equal(r.verdict, TRANSCRIPT_WRONG_SIZES);
    assert_int_equal(r.sub, 1);
    r = kzg_test_verify_transcript(w->t, &more);
    assert_int_equal(r.verdict, TRANSCRIPT_WRONG_SIZES);
    assert_int_equal(r.sub, 2);
    r = kzg_test_verify_transcript(w->t, &fewer);
    assert_int_equal(r.verdict, TRANSCRIPT_WRONG_SIZES);
    assert_int_equal(r.sub, 1);
}

static void sizes_that_no_ceremony_has_are_refused(void **state) {
    KzgTranscriptWire *t = copy_of(state);
    t->subs[1].powers.n_g1 = 15;
    assert_int_equal(kzg_test_verify_transcript(t, NULL).verdict, TRANSCRIPT_WRONG_SIZES);
    t->subs[1].powers.n_g1 = ((size_t)1 << 32) + 16;
    assert_int_equal(kzg_test_verify_transcript(t, NULL).verdict, TRANSCRIPT_WRONG_SIZES);
    t->subs[1].powers.n_g1 = 16;
    t->subs[1].powers.n_g2 = 1;
    assert_int_equal(kzg_test_verify_transcript(t, NULL).verdict, TRANSCRIPT_WRONG_SIZES);
    t->subs[1].powers.n_g2 = 5;
    t->n = 0;
    assert_int_equal(kzg_test_verify_transcript(t, NULL).verdict, TRANSCRIPT_WRONG_SIZES);
    t->n = 2;
    kzg_transcript_wire_free(t);
}

static void lists_of_different_lengths_are_refused(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state);
    size_t *const lengths[] = {&t->subs[1].witness.n_products, &t->subs[1].witness.n_pubkeys,
                               &t->subs[1].witness.n_bls};
    for (size_t i = 0; i < 3; i++) {
        --*lengths[i];
        assert_found(w, t, TRANSCRIPT_UNEVEN_LISTS, 1, 0);
        ++*lengths[i];
    }
    t->n_ecdsa--;
    assert_found(w, t, TRANSCRIPT_UNEVEN_LISTS, 0, 0);
    t->n_ecdsa++;
    assert_refused(w, t, TRANSCRIPT_VALID, 0, 0);
}

static void set_name(KzgTranscriptWire *t, size_t entry, const char *name) {
    free(t->ids[entry]);
    t->ids[entry] = strdup(name);
    assert_non_null(t->ids[entry]);
}

static void an_identity_of_another_form_is_refused(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state);
    set_name(t, 3, "nobody");
    assert_found(w, t, TRANSCRIPT_BAD_IDENTITY, 0, 3);
    set_name(t, 1, "");
    assert_refused(w, t, TRANSCRIPT_BAD_IDENTITY, 0, 1);
}

/* ---- 2. the initial state ---- */

static void every_part_of_entry_0_is_checked(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state);
    set_name(t, 0, "git|1|anna");
    assert_refused(w, t, TRANSCRIPT_BAD_START, 0, 0);
    t = copy_of(state);
    t->ecdsa[0].present = true;
    assert_refused(w, t, TRANSCRIPT_BAD_START, 0, 0);
    t = copy_of(state);
    t->subs[1].witness.bls[0].present = true;
    assert_refused(w, t, TRANSCRIPT_BAD_START, 1, 0);
    t = copy_of(state);
    kzg_test_g1(2, t->subs[1].witness.products[0]);
    assert_refused(w, t, TRANSCRIPT_BAD_START, 1, 0);
    t = copy_of(state);
    kzg_test_g2(2, t->subs[0].witness.pubkeys[0]);
    assert_refused(w, t, TRANSCRIPT_BAD_START, 0, 0);
}

static void empty_lists_have_no_start(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state);
    size_t n = t->n_ids;
    t->n_ids = t->n_ecdsa = 0;
    for (size_t s = 0; s < t->n; s++)
        t->subs[s].witness.n_products = t->subs[s].witness.n_pubkeys = t->subs[s].witness.n_bls = 0;

    assert_found(w, t, TRANSCRIPT_BAD_START, 0, 0);

    t->n_ids = n;
    kzg_transcript_wire_free(t);
}

/* ---- 3. points ---- */

static void points_that_do_not_decode_are_located(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state);
    memset(t->subs[1].witness.pubkeys[2], 0, KZG_G2_BYTES);
    assert_found(w, t, TRANSCRIPT_BAD_PUBKEY, 1, 2);
    kzg_test_g1(0, t->subs[1].witness.products[4]);
    TranscriptReport r = kzg_test_verify_transcript(t, NULL);
    assert_int_equal(r.verdict, TRANSCRIPT_BAD_PRODUCT);
    assert_int_equal(r.sub, 1);
    assert_int_equal(r.entry, 4);
    assert_int_equal(r.point.fault, POINT_INFINITY);
    memset(t->subs[0].witness.products[3], 0, KZG_G1_BYTES);
    t->subs[0].witness.products[3][0] = 0x80;
    r = kzg_test_verify_transcript(t, NULL);
    assert_int_equal(r.verdict, TRANSCRIPT_BAD_PRODUCT);
    assert_int_equal(r.sub, 0);
    assert_int_equal(r.entry, 3);
    assert_int_equal(r.point.fault, POINT_NOT_IN_GROUP);
    kzg_transcript_wire_free(t);
}

static void an_infinite_key_is_no_key(void **state) {
    KzgTranscriptWire *t = copy_of(state);
    kzg_test_g2(0, t->subs[1].witness.pubkeys[3]);
    assert_refused(*state, t, TRANSCRIPT_BAD_PUBKEY, 1, 3);
}

static void powers_that_are_none_are_located(void **state) {
    const World *w = *state;
    const size_t places[] = {0, 1, 8, 15};
    for (size_t i = 0; i < 4; i++) {
        KzgTranscriptWire *t = copy_of(state);
        kzg_test_g1(1234, t->subs[1].powers.g1[places[i]]);
        TranscriptReport r = kzg_test_verify_transcript(t, NULL);
        assert_int_equal(r.powers.verdict, KZG_G1_PAIRING);
        assert_int_equal(r.powers.index, places[i]);
        assert_int_equal(r.powers.sub, 1);
        assert_refused(w, t, TRANSCRIPT_BAD_POWERS, 1, 0);
    }
    for (size_t i = 0; i < 5; i++) {
        KzgTranscriptWire *t = copy_of(state);
        kzg_test_g2(1234, t->subs[1].powers.g2[i]);
        TranscriptReport r = kzg_test_verify_transcript(t, NULL);
        assert_int_equal(r.powers.verdict, i == 1 ? KZG_G1_PAIRING : KZG_G2_PAIRING);
        assert_int_equal(r.powers.index, i);
        assert_refused(w, t, TRANSCRIPT_BAD_POWERS, 1, 0);
    }
}

static void a_power_that_does_not_decode_is_located(void **state) {
    KzgTranscriptWire *t = copy_of(state);
    memset(t->subs[0].powers.g2[3], 0xff, KZG_G2_BYTES);

    TranscriptReport r = kzg_test_verify_transcript(t, NULL);

    assert_int_equal(r.verdict, TRANSCRIPT_BAD_POWERS);
    assert_int_equal(r.powers.verdict, KZG_BAD_G2_POINT);
    assert_int_equal(r.powers.index, 3);
    assert_int_equal(r.point.fault, r.powers.point.fault);
    kzg_transcript_wire_free(t);
}

/* ---- 4. the chain, 5. the end ---- */

static void another_product_breaks_the_chain_at_its_entry(void **state) {
    for (size_t sub = 0; sub < 2; sub++)
        for (size_t i = 1; i <= CONTRIBUTORS; i++) {
            KzgTranscriptWire *t = copy_of(state);
            kzg_test_g1(987, t->subs[sub].witness.products[i]);
            assert_refused(*state, t, TRANSCRIPT_BROKEN_CHAIN, sub, i);
        }
}

static void another_key_breaks_the_chain_at_its_entry(void **state) {
    for (size_t i = 1; i <= CONTRIBUTORS; i++) {
        KzgTranscriptWire *t = copy_of(state);
        kzg_test_g2(987, t->subs[1].witness.pubkeys[i]);
        assert_refused(*state, t, TRANSCRIPT_BROKEN_CHAIN, 1, i);
    }
}

static void entries_cannot_be_removed_doubled_or_swapped(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state);
    kzg_test_drop_entry(t, 2);
    assert_refused(w, t, TRANSCRIPT_BROKEN_CHAIN, 0, 2);
    t = copy_of(state);
    kzg_test_drop_entry(t, 1);
    assert_refused(w, t, TRANSCRIPT_BROKEN_CHAIN, 0, 1);
    t = copy_of(state);
    kzg_test_drop_entry(t, CONTRIBUTORS);
    assert_refused(w, t, TRANSCRIPT_WRONG_END, 0, CONTRIBUTORS - 1);
    t = copy_of(state);
    kzg_test_double_entry(t, 3);
    assert_refused(w, t, TRANSCRIPT_BROKEN_CHAIN, 0, 4);
    t = copy_of(state);
    memcpy(t->subs[1].witness.products[1], w->t->subs[1].witness.products[2], KZG_G1_BYTES);
    memcpy(t->subs[1].witness.products[2], w->t->subs[1].witness.products[1], KZG_G1_BYTES);
    assert_refused(w, t, TRANSCRIPT_BROKEN_CHAIN, 1, 1);
}

static void the_history_of_another_ceremony_is_refused(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state), *other = kzg_test_transcript(&w->sizes);
    KzgWire *initial = kzg_wire_initial(&w->sizes, NULL);
    KzgWire *elsewhere = kzg_test_contribute(initial, (const uint64_t[]){71, 72}, NULL);
    for (size_t i = 0; i < CONTRIBUTORS; i++)
        kzg_test_append(other, elsewhere, "git|9|z"); /* lists as long as those of t */
    memcpy(t->subs[1].witness.products[2], other->subs[1].witness.products[1], KZG_G1_BYTES);
    memcpy(t->subs[1].witness.pubkeys[2], other->subs[1].witness.pubkeys[1], KZG_G2_BYTES);
    assert_refused(w, t, TRANSCRIPT_BROKEN_CHAIN, 1, 2);
    kzg_transcript_wire_free(other);
    kzg_wire_free(initial);
    kzg_wire_free(elsewhere);
}

static void powers_of_another_tau_are_a_wrong_end(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state);
    KzgWire *initial = kzg_wire_initial(&w->sizes, NULL);
    KzgWire *elsewhere = kzg_test_contribute(initial, (const uint64_t[]){71, 72}, NULL);
    KzgPowersWire powers = t->subs[1].powers;
    t->subs[1].powers = elsewhere->subs[1].powers;
    elsewhere->subs[1].powers = powers;
    assert_refused(w, t, TRANSCRIPT_WRONG_END, 1, CONTRIBUTORS);
    kzg_wire_free(initial);
    kzg_wire_free(elsewhere);
}

/* ---- 6. keys ---- */

static void a_contribution_of_one_is_refused(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state);
    KzgWire *idle = kzg_test_copy(w->last);
    idle->ecdsa.present = false;
    for (size_t s = 0; s < idle->n; s++) {
        memcpy(idle->subs[s].pubkey, KZG_G2_GENERATOR, KZG_G2_BYTES);
        idle->subs[s].bls.present = false;
    }
    kzg_test_append(t, idle, "git|5|idle");
    kzg_wire_free(idle);
    assert_refused(w, t, TRANSCRIPT_NO_ENTROPY, 0, CONTRIBUTORS + 1);
}

static void a_first_contribution_of_one_is_refused(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = kzg_test_transcript(&w->sizes);
    KzgWire *idle = kzg_wire_initial(&w->sizes, NULL);
    kzg_test_append(t, idle, "git|5|idle");
    kzg_wire_free(idle);
    assert_refused(w, t, TRANSCRIPT_NO_ENTROPY, 0, 1);
}

static void a_key_used_again_is_refused(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state);
    KzgWire *again = kzg_test_contribute(w->last, (const uint64_t[]){50, 10}, NULL);
    kzg_test_append(t, again, "git|5|again"); /* 10 was the key of entry 1, sub-setup 0 */
    kzg_wire_free(again);
    assert_refused(w, t, TRANSCRIPT_DUPLICATE_KEY, 1, CONTRIBUTORS + 1);
}

static void equal_taus_of_two_sub_setups_are_refused(void **state) {
    (void)state;
    KzgSizes sizes = kzg_test_sizes("4,2:8,3");
    KzgTranscriptWire *t = kzg_test_transcript(&sizes);
    KzgWire *initial = kzg_wire_initial(&sizes, NULL);
    KzgWire *first = kzg_test_contribute(initial, (const uint64_t[]){2, 5}, NULL);
    KzgWire *second = kzg_test_contribute(first, (const uint64_t[]){15, 6}, NULL);
    kzg_test_append(t, first, "git|1|a");
    kzg_test_append(t, second, "git|2|b");

    TranscriptReport r = kzg_test_verify_transcript(t, &sizes);

    assert_int_equal(r.verdict, TRANSCRIPT_EQUAL_TAU);
    assert_int_equal(r.sub, 1);
    kzg_transcript_wire_free(t);
    kzg_wire_free(initial);
    kzg_wire_free(first);
    kzg_wire_free(second);
}

/* ---- 7. signatures ---- */

static void a_wrong_bls_signature_is_located(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state);
    memcpy(t->subs[1].witness.bls[4].bytes, t->subs[1].witness.bls[1].bytes, KZG_G1_BYTES);
    assert_found(w, t, TRANSCRIPT_BAD_BLS, 1, 4);
    kzg_test_g1(0, t->subs[1].witness.bls[2].bytes); /* does not decode to a point */
    assert_found(w, t, TRANSCRIPT_BAD_BLS, 1, 2);
    t->subs[1].witness.bls[2].present = t->subs[1].witness.bls[4].present = false;
    TranscriptReport r = kzg_test_verify_transcript(t, NULL);
    assert_int_equal(r.verdict, TRANSCRIPT_VALID);
    assert_int_equal(r.bls_signatures, 2 * (CONTRIBUTORS - 1) - 2);
    kzg_transcript_wire_free(t);
}

static void a_signature_for_another_name_is_refused(void **state) {
    KzgTranscriptWire *t = copy_of(state);
    set_name(t, 4, "git|4|dora");
    assert_refused(*state, t, TRANSCRIPT_BAD_BLS, 0, 4);
}

static void a_wrong_ecdsa_signature_is_located(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state);
    t->ecdsa[4] = t->ecdsa[2];
    assert_found(w, t, TRANSCRIPT_BAD_ECDSA, 0, 4);
    t->ecdsa[2].bytes[40] ^= 1;
    assert_refused(w, t, TRANSCRIPT_BAD_ECDSA, 0, 2);
}

static void a_broken_chain_is_told_before_a_bad_signature(void **state) {
    const World *w = *state;
    KzgTranscriptWire *t = copy_of(state);
    kzg_test_g1(3, t->subs[0].witness.bls[1].bytes);
    t->ecdsa[2].bytes[40] ^= 1;
    kzg_test_g2(987, t->subs[1].witness.pubkeys[3]);
    assert_refused(w, t, TRANSCRIPT_BROKEN_CHAIN, 1, 3);
}

/* ---- the same for everybody ---- */

static void see(void *ctx, size_t done, size_t total) {
    size_t *at = ctx;
    assert_true(done >= at[0] && done <= total);
    at[0] = done;
    at[1] = total;
}

static void the_report_depends_on_neither_seed_nor_pool(void **state) {
    const World *w = *state;
    CvkPool *pool = cvk_pool_new(3, NULL);
    KzgTranscriptWire *bad = copy_of(state);
    kzg_test_g1(987, bad->subs[1].witness.products[3]);
    for (uint8_t i = 0; i < 3; i++) {
        uint8_t seed[CVK_SEED_BYTES] = {i};
        size_t at[2] = {0};
        CvkProgress progress = {see, at};
        TranscriptReport r;

        assert_true(kzg_transcript_verify(w->t, NULL, seed, pool, progress, &r, NULL));
        assert_int_equal(r.verdict, TRANSCRIPT_VALID);
        assert_int_equal(at[0], at[1]);
        assert_true(kzg_transcript_verify(bad, NULL, seed, pool, (CvkProgress){0}, &r, NULL));
        assert_int_equal(r.verdict, TRANSCRIPT_BROKEN_CHAIN);
        assert_int_equal(r.entry, 3);
    }
    kzg_transcript_wire_free(bad);
    cvk_pool_free(pool);
}

/* ---- 8. one's own contribution ---- */

static void a_contributor_finds_their_entry(void **state) {
    const World *w = *state;
    uint8_t keys[2][KZG_G2_BYTES];
    const uint8_t(*own)[KZG_G2_BYTES] = (const uint8_t(*)[KZG_G2_BYTES])keys;
    size_t entry = 0;
    bool found;
    for (size_t s = 0; s < 2; s++)
        memcpy(keys[s], w->t->subs[s].witness.pubkeys[3], KZG_G2_BYTES);

    kzg_transcript_find(w->t, name_of(2), own, 2, &entry, &found);
    assert_true(found);
    assert_int_equal(entry, 3);

    kzg_transcript_find(w->t, name_of(1), own, 2, &entry, &found);
    assert_false(found);
    kzg_transcript_find(w->t, name_of(2), own, 1, &entry, &found);
    assert_false(found);
    memcpy(keys[1], w->t->subs[1].witness.pubkeys[2], KZG_G2_BYTES);
    kzg_transcript_find(w->t, name_of(2), own, 2, &entry, &found);
    assert_false(found);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_true_transcript_is_valid_and_its_signatures_are_counted),
        TEST(a_transcript_without_contributions_is_valid),
        TEST(other_sizes_are_refused),
        TEST(sizes_that_no_ceremony_has_are_refused),
        TEST(lists_of_different_lengths_are_refused),
        TEST(an_identity_of_another_form_is_refused),
        TEST(every_part_of_entry_0_is_checked),
        TEST(empty_lists_have_no_start),
        TEST(points_that_do_not_decode_are_located),
        TEST(an_infinite_key_is_no_key),
        TEST(powers_that_are_none_are_located),
        TEST(a_power_that_does_not_decode_is_located),
        TEST(another_product_breaks_the_chain_at_its_entry),
        TEST(another_key_breaks_the_chain_at_its_entry),
        TEST(entries_cannot_be_removed_doubled_or_swapped),
        TEST(the_history_of_another_ceremony_is_refused),
        TEST(powers_of_another_tau_are_a_wrong_end),
        TEST(a_contribution_of_one_is_refused),
        TEST(a_first_contribution_of_one_is_refused),
        TEST(a_key_used_again_is_refused),
        TEST(equal_taus_of_two_sub_setups_are_refused),
        TEST(a_wrong_bls_signature_is_located),
        TEST(a_signature_for_another_name_is_refused),
        TEST(a_wrong_ecdsa_signature_is_located),
        TEST(a_broken_chain_is_told_before_a_bad_signature),
        TEST(the_report_depends_on_neither_seed_nor_pool),
        TEST(a_contributor_finds_their_entry),
    };
    return cmocka_run_group_tests_name("setup_kzg_transcript", tests, set_up, tear_down);
}
