#include "setup/kzg_transcript.h"

#include "setup/kzg_chain.h"
#include "setup/kzg_check.h"
#include "setup/kzg_identity.h"
#include "setup/kzg_sign.h"

#include <string.h>

/* ---- 1. shape, 2. the initial state ---- */

static bool sizes_fit(const KzgTranscriptWire *t, const KzgSizes *wanted, TranscriptReport *r) {
    KzgSizes found = {0};
    for (size_t i = 0; i < t->n && i < LIMIT_KZG_SUBS; i++) {
        const KzgPowersWire *p = &t->subs[i].powers;
        KzgSize s = {(uint32_t)p->n_g1, (uint32_t)p->n_g2};
        bool fits = p->n_g1 <= LIMIT_KZG_G1_POWERS && p->n_g2 <= LIMIT_KZG_G2_POWERS &&
                    kzg_size_is_valid(s);
        if (wanted != NULL)
            fits = fits && i < wanted->n && s.n_g1 == wanted->at[i].n_g1 &&
                   s.n_g2 == wanted->at[i].n_g2;
        if (!fits) {
            kzg_note_fault(r, TRANSCRIPT_WRONG_SIZES, i, 0, POINT_OK);
            return false;
        }
        found.at[found.n++] = s;
    }
    if (t->n == 0 || t->n > LIMIT_KZG_SUBS || (wanted != NULL && wanted->n != t->n)) {
        kzg_note_fault(r, TRANSCRIPT_WRONG_SIZES, found.n, 0, POINT_OK);
        return false;
    }
    r->sizes = found;
    return true;
}

static bool lists_are_even(const KzgTranscriptWire *t, TranscriptReport *r) {
    for (size_t i = 0; i < t->n; i++) {
        const KzgWitnessWire *w = &t->subs[i].witness;
        if (w->n_products != t->n_ids || w->n_pubkeys != t->n_ids || w->n_bls != t->n_ids ||
            t->n_ecdsa != t->n_ids) {
            kzg_note_fault(r, TRANSCRIPT_UNEVEN_LISTS, i, 0, POINT_OK);
            return false;
        }
    }
    return true;
}

static bool identities_are_valid(const KzgTranscriptWire *t, TranscriptReport *r) {
    for (size_t i = 1; i < t->n_ids; i++)
        if (!kzg_identity_is_valid(t->ids[i])) {
            kzg_note_fault(r, TRANSCRIPT_BAD_IDENTITY, 0, i, POINT_OK);
            return false;
        }
    return true;
}

static bool start_is_right(const KzgTranscriptWire *t, TranscriptReport *r) {
    for (size_t i = 0; i < t->n; i++) {
        const KzgWitnessWire *w = &t->subs[i].witness;
        if (t->n_ids == 0 || t->ids[0][0] != '\0' || t->ecdsa[0].present || w->bls[0].present ||
            memcmp(w->products[0], KZG_G1_GENERATOR, KZG_G1_BYTES) != 0 ||
            memcmp(w->pubkeys[0], KZG_G2_GENERATOR, KZG_G2_BYTES) != 0) {
            kzg_note_fault(r, TRANSCRIPT_BAD_START, i, 0, POINT_OK);
            return false;
        }
    }
    return true;
}

/* ---- 3. to 5. points, chain, end ---- */

static bool check_powers(const KzgTranscriptWire *t, size_t sub, const uint8_t *seed, CvkPool *pool,
                         TranscriptReport *r, CvkErr *err) {
    KzgReport found;
    if (!kzg_powers_check_sub(&t->subs[sub].powers, r->sizes.at[sub], seed, sub, pool, NULL, &found,
                              err))
        return false;
    if (found.verdict == KZG_VALID)
        return true;
    kzg_note_fault(r, TRANSCRIPT_BAD_POWERS, sub, 0, POINT_OK);
    if (r->verdict == TRANSCRIPT_BAD_POWERS && r->sub == sub) {
        r->powers = found;
        r->point = found.point;
    }
    return true;
}

static void check_end(const KzgTranscriptWire *t, size_t sub, TranscriptReport *r) {
    const uint8_t *last = t->subs[sub].witness.products[t->n_ids - 1];
    if (memcmp(last, t->subs[sub].powers.g1[1], KZG_G1_BYTES) != 0)
        kzg_note_fault(r, TRANSCRIPT_WRONG_END, sub, t->n_ids - 1, POINT_OK);
}

/* ---- 6. keys ---- */

typedef struct {
    const uint8_t *key;
    size_t sub, entry;
} KeyAt;

/* By key, then in the order in which they came: entry, then sub-setup. */
static int compare_keys(const void *a, const void *b) {
    const KeyAt *x = a, *y = b;
    int by_key = memcmp(x->key, y->key, KZG_G2_BYTES);
    if (by_key != 0)
        return by_key;
    if (x->entry != y->entry)
        return x->entry < y->entry ? -1 : 1;
    return x->sub < y->sub ? -1 : x->sub > y->sub;
}

static bool check_keys(const KzgTranscriptWire *t, TranscriptReport *r, CvkErr *err) {
    size_t n = 0;
    _cleanup_free_ KeyAt *keys = cvk_alloc(t->n * t->n_ids, sizeof *keys, err);
    if (keys == NULL)
        return false;
    for (size_t s = 0; s < t->n; s++)
        for (size_t i = 1; i < t->n_ids; i++)
            keys[n++] = (KeyAt){t->subs[s].witness.pubkeys[i], s, i};
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t i = 0; i < n; i++) {
        if (memcmp(keys[i].key, KZG_G2_GENERATOR, KZG_G2_BYTES) == 0)
            kzg_note_fault(r, TRANSCRIPT_NO_ENTROPY, keys[i].sub, keys[i].entry, POINT_OK);
        if (i > 0 && memcmp(keys[i].key, keys[i - 1].key, KZG_G2_BYTES) == 0)
            kzg_note_fault(r, TRANSCRIPT_DUPLICATE_KEY, keys[i].sub, keys[i].entry, POINT_OK);
    }
    return true;
}

static void check_taus_differ(const KzgTranscriptWire *t, TranscriptReport *r) {
    for (size_t i = 1; i < t->n && t->n_ids > 1; i++)
        for (size_t k = 0; k < i; k++)
            if (memcmp(t->subs[i].powers.g1[1], t->subs[k].powers.g1[1], KZG_G1_BYTES) == 0)
                kzg_note_fault(r, TRANSCRIPT_EQUAL_TAU, i, t->n_ids - 1, POINT_OK);
}

/* ---- 7. ECDSA signatures (the BLS ones go with the chain) ---- */

typedef struct {
    const KzgTranscriptWire *t;
    const KzgSizes *sizes;
    bool *bad;
} EcdsaCtx;

static void gather_pubkeys(const KzgTranscriptWire *t, size_t entry, uint8_t (*ret)[KZG_G2_BYTES]) {
    for (size_t s = 0; s < t->n; s++)
        memcpy(ret[s], t->subs[s].witness.pubkeys[entry], KZG_G2_BYTES);
}

static void check_one_ecdsa(void *ctx, size_t i) {
    EcdsaCtx *c = ctx;
    uint8_t pubkeys[LIMIT_KZG_SUBS][KZG_G2_BYTES];
    if (!c->t->ecdsa[i].present)
        return;
    gather_pubkeys(c->t, i, pubkeys);
    c->bad[i] = !kzg_ecdsa_verify(c->t->ids[i], c->sizes, pubkeys, c->t->ecdsa[i].bytes);
}

static bool check_ecdsa(const KzgTranscriptWire *t, CvkPool *pool, TranscriptReport *r,
                        CvkErr *err) {
    _cleanup_free_ bool *bad = cvk_alloc(t->n_ids, sizeof *bad, err);
    if (bad == NULL)
        return false;
    cvk_pool_each(pool, t->n_ids, check_one_ecdsa, &(EcdsaCtx){t, &r->sizes, bad});
    for (size_t i = 0; i < t->n_ids; i++) {
        if (bad[i])
            kzg_note_fault(r, TRANSCRIPT_BAD_ECDSA, 0, i, POINT_OK);
        else
            r->ecdsa_signatures += t->ecdsa[i].present;
    }
    return true;
}

/* ---- the whole ---- */

static bool check_sub(const KzgTranscriptWire *t, size_t sub, const uint8_t *seed, CvkPool *pool,
                      KzgMeter *meter, TranscriptReport *r, CvkErr *err) {
    if (!check_powers(t, sub, seed, pool, r, err))
        return false;
    kzg_meter_add(meter, r->sizes.at[sub].n_g1);
    check_end(t, sub, r);
    return kzg_chain_check(t, sub, seed, pool, meter, r, &r->bls_signatures, err);
}

static KzgMeter new_meter(const KzgSizes *sizes, size_t contributions, CvkProgress progress) {
    KzgMeter m = {.progress = progress, .total = sizes->n * contributions * KZG_METER_ENTRY};
    for (size_t i = 0; i < sizes->n; i++)
        m.total += sizes->at[i].n_g1;
    return m;
}

bool kzg_transcript_verify(const KzgTranscriptWire *t, const KzgSizes *sizes,
                           const uint8_t seed[CVK_SEED_BYTES], CvkPool *pool, CvkProgress progress,
                           TranscriptReport *ret_report, CvkErr *err) {
    TranscriptReport r = {0};
    if (t->n_ids > LIMIT_CONTRIBUTIONS + 1)
        return cvk_fail(err, CVK_ELIMIT, "limit.count", "more than %u contributions",
                        LIMIT_CONTRIBUTIONS);
    if (!sizes_fit(t, sizes, &r) || !lists_are_even(t, &r) || !identities_are_valid(t, &r) ||
        !start_is_right(t, &r)) {
        *ret_report = r;
        return true;
    }
    r.contributions = t->n_ids - 1;
    KzgMeter meter = new_meter(&r.sizes, r.contributions, progress);
    for (size_t i = 0; i < t->n; i++)
        if (!check_sub(t, i, seed, pool, &meter, &r, err))
            return false;
    if (!check_keys(t, &r, err) || !check_ecdsa(t, pool, &r, err))
        return false;
    check_taus_differ(t, &r);
    *ret_report = r;
    return true;
}

static bool decode_fine(const Group *g, const uint8_t *bytes, Element *ret) {
    PointFault fault;
    return kzg_decode_one(g, bytes, ret, &fault, NULL) && fault == POINT_OK;
}

bool kzg_link_holds(const uint8_t before[KZG_G1_BYTES], const uint8_t pubkey[KZG_G2_BYTES],
                    const uint8_t after[KZG_G1_BYTES]) {
    const Curve *c = curve_bls12_381();
    Element from, key, to;
    bool equal;
    return decode_fine(curve_g1(c), before, &from) && decode_fine(curve_g2(c), pubkey, &key) &&
           decode_fine(curve_g1(c), after, &to) &&
           kzg_pairings_equal(&(PairingTerm){to, element_generator(curve_g2(c))},
                              &(PairingTerm){from, key}, NULL, &equal, NULL) &&
           equal;
}

void kzg_transcript_find(const KzgTranscriptWire *t, const char *identity,
                         const uint8_t (*pubkeys)[KZG_G2_BYTES], size_t n, size_t *ret_entry,
                         bool *ret_found) {
    *ret_found = false;
    for (size_t i = 1; i < t->n_ids && n == t->n && !*ret_found; i++) {
        bool same = strcmp(t->ids[i], identity) == 0;
        for (size_t s = 0; s < n && same; s++)
            same = i < t->subs[s].witness.n_pubkeys &&
                   memcmp(t->subs[s].witness.pubkeys[i], pubkeys[s], KZG_G2_BYTES) == 0;
        if (same) {
            *ret_entry = i;
            *ret_found = true;
        }
    }
}
