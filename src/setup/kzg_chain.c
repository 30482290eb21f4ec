#include "setup/kzg_chain.h"

#include "setup/kzg_check.h"
#include "setup/kzg_sign.h"
#include "setup/lowest_broken.h"

#include <assert.h>
#include <string.h>

#define BLOCK                                                                                      \
    1024 /* entries checked at once: bounds memory, and what one fault makes us repeat             \
          */

void kzg_meter_add(KzgMeter *m, size_t n) {
    m->done += n;
    if (m->progress.fn != NULL)
        m->progress.fn(m->progress.ctx, m->done, m->total);
}

void kzg_note_fault(TranscriptReport *best, TranscriptVerdict verdict, size_t sub, size_t entry,
                    PointFault fault) {
    if (best->verdict != TRANSCRIPT_VALID) {
        if (verdict != best->verdict ? verdict > best->verdict
            : sub != best->sub       ? sub > best->sub
                                     : entry >= best->entry)
            return;
    }
    best->verdict = verdict;
    best->sub = sub;
    best->entry = entry;
    best->point = (PointReport){.fault = fault, .index = entry};
    best->powers = (KzgReport){0};
}

/* One block at work: entries [first, first + n). */
typedef struct {
    const KzgTranscriptWire *t;
    size_t sub;
    const uint8_t *seed;
    CvkPool *pool;
    Points *products, *keys;
    size_t first, n;
    Factors link_factors, bls_factors;
    /* the signatures of the block that are present */
    size_t n_bls;
    size_t bls_ordinal[BLOCK]; /* of each entry's signature, if it has one */
    uint8_t bls_bytes[BLOCK][KZG_G1_BYTES];
    Element bls_sum; /* sum of s_k S_k */
    bool bls_decode;
    bool bls_bad[BLOCK];
    /* the product in hand */
    size_t from;
    bool with_links, with_bls;
    PairingTerm terms[BLOCK + 1];
} Block;

static const KzgBlsWire *entry_bls(const Block *b, size_t entry) {
    return &b->t->subs[b->sub].witness.bls[entry];
}

/* One left-hand factor, e(r_i P_{i-1} + s_i h_i, K_i); i counts from b->from. */
static void make_term(void *ctx, size_t i) {
    Block *b = ctx;
    const Curve *c = curve_bls12_381();
    size_t at = b->from + i, entry = b->first + at;
    Element sum = element_infinity(curve_g1(c));
    if (b->with_links) {
        Fr r = factors_at(c, &b->link_factors, i);
        Element before = points_at(b->products, entry - 1);
        sum = element_mul(&before, &r);
    }
    if (b->with_bls && entry_bls(b, entry)->present) {
        const char *id = b->t->ids[entry];
        Fr s = factors_at(c, &b->bls_factors, b->bls_ordinal[at]);
        Element h = element_hash_to_g1(c, id, strlen(id), KZG_BLS_DST);
        h = element_mul(&h, &s);
        sum = element_add(&sum, &h);
    }
    b->terms[i] = (PairingTerm){sum, points_at(b->keys, entry)};
}

/* Do the links (and, if asked for, all signatures of the block) hold for the n entries from
 * b->first + from? */
static bool product_holds(Block *b, size_t from, size_t n, bool with_bls, bool *ret, CvkErr *err) {
    const Curve *c = curve_bls12_381();
    Element sum;
    b->from = from;
    b->with_links = true;
    b->with_bls = with_bls;
    cvk_pool_each(b->pool, n, make_term, b);
    if (!points_combine(b->products, b->first + from, n, &b->link_factors, b->pool, &sum, err))
        return false;
    if (with_bls)
        sum = element_add(&sum, &b->bls_sum);
    b->terms[n] = (PairingTerm){element_neg(&sum), element_generator(curve_g2(c))};
    return pairing_product_is_one(c, b->terms, n + 1, b->pool, ret, err);
}

static bool links_hold(void *ctx, size_t from, size_t n, bool *ret, CvkErr *err) {
    return product_holds(ctx, from, n, false, ret, err);
}

/* Gathers and decodes the signatures of the block. */
static bool gather_bls(Block *b, CvkErr *err) {
    const Group *g1 = curve_g1(curve_bls12_381());
    _cleanup_(points_free_at) Points *points = NULL;
    b->n_bls = 0;
    for (size_t i = 0; i < b->n; i++) {
        const KzgBlsWire *bls = entry_bls(b, b->first + i);
        if (!bls->present)
            continue;
        b->bls_ordinal[i] = b->n_bls;
        memcpy(b->bls_bytes[b->n_bls++], bls->bytes, KZG_G1_BYTES);
    }
    b->bls_sum = element_infinity(g1);
    b->bls_decode = true;
    if (b->n_bls == 0)
        return true;
    PointReport report;
    if (!points_read(g1, (PointReading){.form = FORM_ZCASH}, b->bls_bytes[0], b->n_bls,
                     &b->bls_factors, b->pool, &points, &b->bls_sum, &report, err))
        return false;
    b->bls_decode = report.fault == POINT_OK;
    return true;
}

static void check_one_bls(void *ctx, size_t i) {
    Block *b = ctx;
    size_t entry = b->first + i;
    const KzgBlsWire *bls = entry_bls(b, entry);
    b->bls_bad[i] =
        bls->present &&
        !kzg_bls_verify(b->t->ids[entry], b->t->subs[b->sub].witness.pubkeys[entry], bls->bytes);
}

/* Gives how many are wrong. */
static size_t check_bls_one_by_one(Block *b, TranscriptReport *best, size_t *bls_right) {
    size_t wrong = 0;
    cvk_pool_each(b->pool, b->n, check_one_bls, b);
    for (size_t i = 0; i < b->n; i++) {
        wrong += b->bls_bad[i];
        if (b->bls_bad[i])
            kzg_note_fault(best, TRANSCRIPT_BAD_BLS, b->sub, b->first + i, POINT_OK);
    }
    *bls_right += b->n_bls - wrong;
    return wrong;
}

/* *ret_broken: the chain is broken in this block. */
static bool check_links(Block *b, TranscriptReport *best, bool *ret_broken, CvkErr *err) {
    bool hold;
    size_t lowest;
    if (!links_hold(b, 0, b->n, &hold, err))
        return false;
    *ret_broken = !hold;
    if (hold)
        return true;
    if (!lowest_broken(links_hold, b, b->n, &lowest, err))
        return false;
    kzg_note_fault(best, TRANSCRIPT_BROKEN_CHAIN, b->sub, b->first + lowest, POINT_OK);
    return true;
}

static bool check_block(Block *b, TranscriptReport *best, size_t *bls_right, bool *ret_broken,
                        CvkErr *err) {
    size_t part = b->first / BLOCK;
    b->link_factors = kzg_factors(b->seed, KZG_USE_CHAIN, b->sub, part);
    b->bls_factors = kzg_factors(b->seed, KZG_USE_BLS, b->sub, part);
    *ret_broken = false;
    bool all_hold = false;
    if (!gather_bls(b, err) || (b->bls_decode && !product_holds(b, 0, b->n, true, &all_hold, err)))
        return false;
    if (all_hold) {
        *bls_right += b->n_bls;
        return true;
    }
    if (!check_links(b, best, ret_broken, err))
        return false;
    size_t wrong = check_bls_one_by_one(b, best, bls_right);
    assert(*ret_broken || wrong > 0); /* what all passes one by one passes together */
    return true;
}

/* Decodes one list; a fault goes to *best. *ret_points is NULL then. */
static bool decode_list(Block *b, const Group *g, const uint8_t *bytes, KzgUse use,
                        TranscriptVerdict verdict, Points **ret_points, TranscriptReport *best,
                        CvkErr *err) {
    Factors factors = kzg_factors(b->seed, use, b->sub, 0);
    PointReport report;
    if (!points_read(g, (PointReading){.form = FORM_ZCASH}, bytes, b->t->n_ids, &factors, b->pool,
                     ret_points, NULL, &report, err))
        return false;
    if (report.fault == POINT_OK)
        return true;
    *ret_points = points_free(*ret_points);
    kzg_note_fault(best, verdict, b->sub, report.index, report.fault);
    if (best->verdict == verdict && best->sub == b->sub && best->entry == report.index)
        best->point = report;
    return true;
}

static bool decode_witness(Block *b, TranscriptReport *best, CvkErr *err) {
    const Curve *c = curve_bls12_381();
    const KzgWitnessWire *w = &b->t->subs[b->sub].witness;
    return decode_list(b, curve_g1(c), w->products[0], KZG_USE_PRODUCTS, TRANSCRIPT_BAD_PRODUCT,
                       &b->products, best, err) &&
           decode_list(b, curve_g2(c), w->pubkeys[0], KZG_USE_KEYS, TRANSCRIPT_BAD_PUBKEY, &b->keys,
                       best, err);
}

static bool check_blocks(Block *b, KzgMeter *meter, TranscriptReport *best, size_t *bls_right,
                         CvkErr *err) {
    bool broken = false;
    /* Behind a break nothing can come that is to be reported before it. */
    for (b->first = 1; b->first < b->t->n_ids && !broken; b->first += b->n) {
        size_t left = b->t->n_ids - b->first;
        b->n = left < BLOCK ? left : BLOCK;
        if (!check_block(b, best, bls_right, &broken, err))
            return false;
        kzg_meter_add(meter, b->n * KZG_METER_ENTRY);
    }
    return true;
}

bool kzg_chain_check(const KzgTranscriptWire *t, size_t sub, const uint8_t seed[CVK_SEED_BYTES],
                     CvkPool *pool, KzgMeter *meter, TranscriptReport *best, size_t *bls_right,
                     CvkErr *err) {
    Block *b = cvk_alloc(1, sizeof *b, err);
    if (b == NULL)
        return false;
    b->t = t;
    b->sub = sub;
    b->seed = seed;
    b->pool = pool;
    bool ok = decode_witness(b, best, err);
    /* Without its points a chain cannot be judged; and what it could show would not come before a
     * fault of the points, or a break of the chain, in a sub-setup before. */
    if (ok && (best->verdict == TRANSCRIPT_VALID || best->verdict > TRANSCRIPT_BROKEN_CHAIN))
        ok = check_blocks(b, meter, best, bls_right, err);
    points_free(b->products);
    points_free(b->keys);
    free(b);
    return ok;
}
