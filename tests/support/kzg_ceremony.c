#include "support/test.h"

#include "support/kzg_ceremony.h"

#include "base/alloc.h"

const uint8_t TEST_SEED[CVK_SEED_BYTES] = {1, 2, 3, 4, 5};

KzgSizes kzg_test_sizes(const char *text) {
    KzgSizes sizes;
    assert_true(kzg_sizes_parse(text, &sizes, NULL));
    return sizes;
}

static void put_multiple(const Group *g, uint64_t k, uint8_t *ret) {
    Fr scalar = fr_from_uint(curve_bls12_381(), k);
    Element e = element_generator(g);
    e = k == 0 ? element_infinity(g) : element_mul(&e, &scalar);
    element_write(&e, FORM_ZCASH, ret);
}

void kzg_test_g1(uint64_t k, uint8_t ret[KZG_G1_BYTES]) {
    put_multiple(curve_g1(curve_bls12_381()), k, ret);
}

void kzg_test_g2(uint64_t k, uint8_t ret[KZG_G2_BYTES]) {
    put_multiple(curve_g2(curve_bls12_381()), k, ret);
}

KzgWire *kzg_test_contribute(const KzgWire *challenge, const uint64_t *secrets,
                             const char *identity) {
    KzgPowers *powers[LIMIT_KZG_SUBS];
    uint8_t be[LIMIT_KZG_SUBS][32] = {{0}};
    for (size_t i = 0; i < challenge->n; i++) {
        const KzgPowersWire *p = &challenge->subs[i].powers;
        KzgReport report;
        assert_true(kzg_powers_check(p, (KzgSize){(uint32_t)p->n_g1, (uint32_t)p->n_g2}, TEST_SEED,
                                     NULL, &powers[i], &report, NULL));
        assert_non_null(powers[i]);
        for (size_t k = 0; k < 8; k++)
            be[i][31 - k] = (uint8_t)(secrets[i] >> (8 * k));
    }
    KzgSecrets *s = kzg_secrets_from_be((const uint8_t(*)[32])be, challenge->n, NULL);
    assert_non_null(s);
    KzgWire *response = NULL;
    assert_true(kzg_contribute(powers, challenge->n, s, identity, NULL, NULL, (CvkProgress){0},
                               &response, NULL));
    kzg_secrets_free(s);
    for (size_t i = 0; i < challenge->n; i++)
        kzg_powers_free(powers[i]);
    return response;
}

static void copy_powers(const KzgPowersWire *from, KzgPowersWire *to) {
    kzg_powers_wire_done(to);
    assert_true(kzg_powers_wire_alloc(to, from->n_g1, from->n_g2, NULL));
    memcpy(to->g1, from->g1, from->n_g1 * KZG_G1_BYTES);
    memcpy(to->g2, from->g2, from->n_g2 * KZG_G2_BYTES);
}

KzgWire *kzg_test_copy(const KzgWire *w) {
    KzgWire *copy = kzg_wire_new(w->n, NULL);
    assert_non_null(copy);
    copy->ecdsa = w->ecdsa;
    for (size_t i = 0; i < w->n; i++) {
        KzgPowersWire empty = {0};
        copy->subs[i] = w->subs[i];
        copy->subs[i].powers = empty;
        copy_powers(&w->subs[i].powers, &copy->subs[i].powers);
    }
    return copy;
}

KzgReport kzg_test_verify(const KzgBase *base, const KzgWire *response) {
    KzgReport report;
    assert_true(kzg_verify(base, response, TEST_SEED, NULL, &report, NULL));
    return report;
}

static void *grow(void *list, size_t n, size_t size) {
    void *p = realloc(list, n * size);
    assert_non_null(p);
    return p;
}

/* Makes all lists `n` long. */
static void resize_lists(KzgTranscriptWire *t, size_t n) {
    for (size_t s = 0; s < t->n; s++) {
        KzgWitnessWire *w = &t->subs[s].witness;
        w->products = grow(w->products, n, sizeof *w->products);
        w->pubkeys = grow(w->pubkeys, n, sizeof *w->pubkeys);
        w->bls = grow(w->bls, n, sizeof *w->bls);
        w->n_products = w->n_pubkeys = w->n_bls = n;
    }
    t->ids = grow(t->ids, n, sizeof *t->ids);
    t->ecdsa = grow(t->ecdsa, n, sizeof *t->ecdsa);
    t->n_ids = t->n_ecdsa = n;
}

static void copy_entry(KzgTranscriptWire *to, size_t at, const KzgTranscriptWire *from,
                       size_t source) {
    for (size_t s = 0; s < to->n; s++) {
        KzgWitnessWire *w = &to->subs[s].witness;
        const KzgWitnessWire *v = &from->subs[s].witness;
        memmove(w->products[at], v->products[source], KZG_G1_BYTES);
        memmove(w->pubkeys[at], v->pubkeys[source], KZG_G2_BYTES);
        w->bls[at] = v->bls[source];
    }
    to->ids[at] = cvk_strdup(from->ids[source], NULL);
    assert_non_null(to->ids[at]);
    to->ecdsa[at] = from->ecdsa[source];
}

void kzg_test_append(KzgTranscriptWire *t, const KzgWire *response, const char *identity) {
    size_t at = t->n_ids;
    resize_lists(t, at + 1);
    for (size_t s = 0; s < t->n; s++) {
        KzgWitnessWire *w = &t->subs[s].witness;
        memcpy(w->products[at], response->subs[s].powers.g1[1], KZG_G1_BYTES);
        memcpy(w->pubkeys[at], response->subs[s].pubkey, KZG_G2_BYTES);
        w->bls[at] = response->subs[s].bls;
        copy_powers(&response->subs[s].powers, &t->subs[s].powers);
    }
    t->ids[at] = cvk_strdup(identity, NULL);
    assert_non_null(t->ids[at]);
    t->ecdsa[at] = response->ecdsa;
}

KzgTranscriptWire *kzg_test_transcript(const KzgSizes *sizes) {
    KzgTranscriptWire *t = kzg_transcript_wire_new(sizes->n, NULL);
    KzgWire *initial = kzg_wire_initial(sizes, NULL);
    assert_true(t != NULL && initial != NULL);
    kzg_test_append(t, initial, "");
    kzg_wire_free(initial);
    return t;
}

KzgTranscriptWire *kzg_test_transcript_copy(const KzgTranscriptWire *t) {
    KzgTranscriptWire *copy = kzg_transcript_wire_new(t->n, NULL);
    assert_non_null(copy);
    for (size_t s = 0; s < t->n; s++)
        copy_powers(&t->subs[s].powers, &copy->subs[s].powers);
    resize_lists(copy, t->n_ids);
    for (size_t i = 0; i < t->n_ids; i++)
        copy_entry(copy, i, t, i);
    return copy;
}

void kzg_test_drop_entry(KzgTranscriptWire *t, size_t i) {
    free(t->ids[i]);
    for (; i + 1 < t->n_ids; i++) {
        copy_entry(t, i, t, i + 1);
        free(t->ids[i + 1]);
    }
    resize_lists(t, t->n_ids - 1);
}

void kzg_test_double_entry(KzgTranscriptWire *t, size_t i) {
    size_t last = t->n_ids;
    resize_lists(t, last + 1);
    for (size_t k = last; k > i; k--) {
        if (k != last)
            free(t->ids[k]);
        copy_entry(t, k, t, k - 1);
    }
}

TranscriptReport kzg_test_verify_transcript(const KzgTranscriptWire *t, const KzgSizes *sizes) {
    TranscriptReport report;
    assert_true(kzg_transcript_verify(t, sizes, TEST_SEED, NULL, (CvkProgress){0}, &report, NULL));
    return report;
}

/* ---- the judge ---- */

static bool naive_decode(const Group *g, const uint8_t *bytes, Element *ret) {
    Points *one = NULL;
    Factors factors = {.label = 1};
    PointReport report;
    assert_true(points_read(g, (PointReading){.form = FORM_ZCASH}, bytes, 1, &factors, NULL, &one,
                            NULL, &report, NULL));
    if (report.fault == POINT_OK)
        *ret = points_at(one, 0);
    else if (report.fault == POINT_INFINITY)
        *ret = element_infinity(g);
    points_free(one);
    return report.fault == POINT_OK || report.fault == POINT_INFINITY;
}

static bool naive_equal(Element a, Element b, Element c, Element d) {
    PairingTerm terms[2] = {{a, b}, {element_neg(&c), d}};
    bool one;
    assert_true(pairing_product_is_one(curve_bls12_381(), terms, 2, NULL, &one, NULL));
    return one;
}

typedef struct {
    KzgReport report;
    Element g1[64], g2[64], pubkey;
} Naive;

static bool naive_fault(Naive *n, KzgVerdict verdict, size_t index) {
    n->report.verdict = verdict;
    n->report.index = index;
    return true;
}

static bool naive_decoding(Naive *n, const KzgSubWire *sub) {
    const Curve *c = curve_bls12_381();
    for (size_t i = 0; i < sub->powers.n_g1; i++)
        if (!naive_decode(curve_g1(c), sub->powers.g1[i], &n->g1[i]))
            return naive_fault(n, KZG_BAD_G1_POINT, i);
    for (size_t i = 0; i < sub->powers.n_g2; i++)
        if (!naive_decode(curve_g2(c), sub->powers.g2[i], &n->g2[i]))
            return naive_fault(n, KZG_BAD_G2_POINT, i);
    if (!naive_decode(curve_g2(c), sub->pubkey, &n->pubkey))
        return naive_fault(n, KZG_BAD_PUBKEY_POINT, 0);
    return false;
}

static bool naive_pairings(Naive *n, const KzgSubWire *sub, const uint8_t *old_product) {
    const Curve *c = curve_bls12_381();
    Element g1 = element_generator(curve_g1(c)), g2 = element_generator(curve_g2(c)), old;
    if (element_is_infinity(&n->pubkey))
        return naive_fault(n, KZG_ZERO_PUBKEY, 0);
    if (old_product != NULL) {
        assert_true(naive_decode(curve_g1(c), old_product, &old));
        if (!naive_equal(n->g1[1], g2, old, n->pubkey))
            return naive_fault(n, KZG_PUBKEY_PAIRING, 0);
    }
    for (size_t i = 0; i < sub->powers.n_g1; i++)
        if (element_is_infinity(&n->g1[i]) || (i == 0 && !element_equal(&n->g1[0], &g1)) ||
            (i > 0 && !naive_equal(n->g1[i], g2, n->g1[i - 1], n->g2[1])))
            return naive_fault(n, KZG_G1_PAIRING, i);
    for (size_t i = 0; i < sub->powers.n_g2; i++)
        if (!naive_equal(n->g1[i], g2, g1, n->g2[i]))
            return naive_fault(n, KZG_G2_PAIRING, i);
    return false;
}

static bool naive_keys(Naive *n, const KzgBase *base, const KzgWire *w, size_t sub) {
    if (memcmp(w->subs[sub].pubkey, KZG_G2_GENERATOR, KZG_G2_BYTES) == 0)
        return naive_fault(n, KZG_NO_ENTROPY, 0);
    for (size_t i = 0; i < sub; i++)
        if (memcmp(w->subs[sub].pubkey, w->subs[i].pubkey, KZG_G2_BYTES) == 0)
            return naive_fault(n, KZG_DUPLICATE_KEY, 0);
    if (base != NULL && base->key_seen != NULL && base->key_seen(base->ctx, w->subs[sub].pubkey))
        return naive_fault(n, KZG_DUPLICATE_KEY, 0);
    return false;
}

KzgReport kzg_naive_verify(const KzgBase *base, const KzgSizes *sizes, const KzgWire *response) {
    static Naive n; /* too big for a stack under a sanitizer; tests run on one thread */
    n.report = (KzgReport){0};
    if (response->n != sizes->n)
        return (KzgReport){.verdict = KZG_WRONG_NUM_SUBS};
    for (size_t s = 0; s < sizes->n; s++) {
        n.report.sub = s;
        assert_true(response->subs[s].powers.n_g1 <= 64);
        if (response->subs[s].powers.n_g1 != sizes->at[s].n_g1)
            return (KzgReport){KZG_WRONG_NUM_G1, .sub = s};
        if (response->subs[s].powers.n_g2 != sizes->at[s].n_g2)
            return (KzgReport){KZG_WRONG_NUM_G2, .sub = s};
    }
    for (size_t s = 0; s < sizes->n; s++) {
        n.report.sub = s;
        if (naive_decoding(&n, &response->subs[s]) ||
            naive_pairings(&n, &response->subs[s], base != NULL ? base->product[s] : NULL) ||
            naive_keys(&n, base, response, s))
            return n.report;
    }
    n.report.sub = 0;
    return n.report;
}
