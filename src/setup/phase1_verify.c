#include "setup/phase1_new.h"
#include "setup/phase1_private.h"

#include <string.h>

/* ---- a file ---- */

/* What contribution i (from 0) answered; of the first only a hash of all blank powers tells. */
static const uint8_t *challenge_of(const Phase1Claim *claim, size_t i,
                                   const uint8_t first[BLAKE2B_BYTES]) {
    return i == 0 ? first : claim->contributions[i - 1].next_challenge;
}

static bool check_link(const Phase1Claim *claim, size_t i, const uint8_t first[BLAKE2B_BYTES],
                       const Work *w, Verdict *verdict, CvkErr *err) {
    const Phase1Contribution *c = &claim->contributions[i];
    return phase1_link_check(claim->state->curve, i == 0 ? NULL : c - 1,
                             challenge_of(claim, i, first), c, i + 1, w, verdict, err);
}

/* Those of all contributions but the first. */
static bool check_later_links(const Phase1Claim *claim, const Work *w, Verdict *verdict,
                              CvkErr *err) {
    for (size_t i = 1; i < claim->contributions_n && verdict->valid; i++)
        if (!check_link(claim, i, NULL, w, verdict, err))
            return false;
    return true;
}

static bool check_beacons(const Phase1Claim *claim, const uint8_t first[BLAKE2B_BYTES],
                          Verdict *verdict, CvkErr *err) {
    uint64_t spent = 0;
    for (size_t i = 0; i < claim->contributions_n && verdict->valid; i++) {
        const Phase1Contribution *c = &claim->contributions[i];
        if (!c->params.beacon)
            continue;
        if (!beacon_is_quick(&c->params, i + 1, claim->beacon_exp_max, &spent, err))
            return cvk_fail_named(err, claim->state->v[PHASE1_TAU_G1].bytes.file);
        if (!phase1_beacon_check(claim->state->curve, challenge_of(claim, i, first), c, i + 1,
                                 verdict, err))
            return false;
    }
    return true;
}

static const Phase1Contribution *last_of(const Phase1Claim *claim) {
    return &claim->contributions[claim->contributions_n - 1];
}

/* A few points, before anything is done with all. */
static bool check_heads(const Phase1Claim *claim, const Work *w, Verdict *verdict, CvkErr *err) {
    _cleanup_free_ Phase1Sums *sums = cvk_alloc(1, sizeof *sums, err);
    if (sums == NULL || !phase1_heads_read(claim->state, w, sums, verdict, err))
        return false;
    if (verdict->valid)
        phase1_heads_check(claim->state, sums, last_of(claim), verdict);
    return true;
}

/* The hash of the next challenge, up to the points. */
static void begin_next_challenge(const Phase1Contribution *last, CvkBlake2b *ret) {
    uint8_t hash[BLAKE2B_BYTES];
    phase1_response_hash(last, hash);
    cvk_blake2b_init(ret);
    cvk_blake2b_add(ret, hash, sizeof hash);
}

/* Vector by vector: for the reason why not, and where there is no room to prove all at once. */
static bool check_each_vector(const Phase1Claim *claim, CvkBlake2b *hash, const Work *w,
                              Verdict *verdict, CvkErr *err) {
    const Phase1Pass pass = {.hash = hash};
    _cleanup_free_ Phase1Sums *sums = cvk_alloc(1, sizeof *sums, err);
    if (sums == NULL || !phase1_sums_read(claim->state, &pass, w, sums, verdict, err))
        return false;
    return !verdict->valid ||
           phase1_powers_check(claim->state, sums, last_of(claim), w->pool, verdict, err);
}

/* Every point, the powers and the bases, and the hash, which a file that was truncated can no
 * longer give. */
static bool check_vectors(const Phase1Claim *claim, const Work *w, Verdict *verdict, CvkErr *err) {
    const Phase1State *s = claim->state;
    const bool whole = s->power == s->ceremony_power;
    const Phase1Contribution *last = last_of(claim);
    uint8_t hash[BLAKE2B_BYTES];
    CvkBlake2b b;
    bool proved;
    begin_next_challenge(last, &b);
    if (!phase1_prove_whole(claim, whole ? &b : NULL, w, &proved, err))
        return false;
    if (!proved) {
        begin_next_challenge(last, &b);
        if (!check_each_vector(claim, whole ? &b : NULL, w, verdict, err))
            return false;
    }
    cvk_blake2b_finish(&b, hash);
    if (verdict->valid && whole && memcmp(hash, last->next_challenge, sizeof hash) != 0) {
        phase1_refuse_contribution(
            verdict, last, claim->contributions_n, "ptau.next_challenge",
            "the hash of the next challenge is not that of the file's points");
    }
    return !verdict->valid || claim->lagrange == NULL ||
           phase1_lagrange_check(claim->lagrange, proved ? phase1_whole_levels(claim) : 0, s, last,
                                 w, verdict, err);
}

/* The contributions, and what costs little, the cheapest first. */
static bool check_chain(const Phase1Claim *claim, const Work *w, uint8_t ret_first[BLAKE2B_BYTES],
                        Verdict *verdict, CvkErr *err) {
    const Phase1State *s = claim->state;
    if (!check_later_links(claim, w, verdict, err) ||
        (verdict->valid && !check_heads(claim, w, verdict, err)))
        return false;
    if (!verdict->valid)
        return true;
    phase1_first_challenge(s->curve, s->ceremony_power, w->meter, ret_first);
    return check_link(claim, 0, ret_first, w, verdict, err) &&
           (!verdict->valid || check_beacons(claim, ret_first, verdict, err));
}

bool phase1_verify(const Phase1Claim *claim, const Work *w, Verdict *ret,
                   uint8_t ret_first[BLAKE2B_BYTES], CvkErr *err) {
    Verdict verdict = {.valid = true};
    uint8_t first[BLAKE2B_BYTES] = {0};
    if (claim->contributions_n == 0)
        verdict_refuse(&verdict, "ptau.contributions",
                       "nobody has contributed: everybody knows the secrets");
    else if (!check_chain(claim, w, first, &verdict, err))
        return false;
    if (verdict.valid && !check_vectors(claim, w, &verdict, err))
        return false;
    if (ret_first != NULL)
        memcpy(ret_first, first, sizeof first);
    *ret = verdict;
    return true;
}

static size_t points_units(Phase1Vector which, uint64_t n) {
    return (size_t)n * (which == PHASE1_TAU_G2 || which == PHASE1_BETA_G2 ? PHASE1_G2_UNITS : 1);
}

size_t phase1_verify_units(const Phase1Claim *claim) {
    const Phase1State *s = claim->state;
    size_t units =
        phase1_first_challenge_units(s->curve, s->ceremony_power) + phase1_import_units(s->power);
    for (Phase1Vector v = 0; v < PHASE1_BETA_G2 && claim->lagrange != NULL; v++)
        for (unsigned i = 0; i < claim->lagrange->levels[v]; i++)
            units += points_units(v, (uint64_t)1 << i);
    return units;
}

/* ---- a response ---- */

/* The hash as it was when the response's author came to the public key: of the challenge's hash and
 * the points as they came. */
static bool hash_response(const Phase1State *s, const uint8_t challenge[BLAKE2B_BYTES],
                          CvkBlake2b *ret, CvkErr *err) {
    const CvkSink to = cvk_sink_blake2b(ret);
    cvk_blake2b_init(ret);
    cvk_blake2b_add(ret, challenge, BLAKE2B_BYTES);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        if (!cvk_source_copy(&s->v[v].bytes, &to, err))
            return false;
    return true;
}

static void take_heads(const Phase1Sums *sums, Phase1Contribution *c) {
    c->tau_g1 = sums->head[PHASE1_TAU_G1][1];
    c->tau_g2 = sums->head[PHASE1_TAU_G2][1];
    c->alpha_g1 = sums->head[PHASE1_ALPHA_G1][0];
    c->beta_g1 = sums->head[PHASE1_BETA_G1][0];
    c->beta_g2 = sums->head[PHASE1_BETA_G2][0];
}

typedef struct {
    const Phase1State *response;
    const Phase1Contribution *last;
    const Phase1Output *out;
    const Work *w;
    Phase1Contribution *c;
    Phase1Sums *sums;
    Verdict *verdict;
} Import;

/* What the response says that it leads to, which its keys must prove: before all points are read.
 */
static bool check_claims(const Import *job, const uint8_t challenge[BLAKE2B_BYTES], CvkErr *err) {
    const Phase1State *s = job->response;
    if (!phase1_heads_read(s, job->w, job->sums, job->verdict, err))
        return false;
    if (!job->verdict->valid)
        return true;
    take_heads(job->sums, job->c);
    phase1_heads_check(s, job->sums, job->c, job->verdict);
    return !job->verdict->valid ||
           phase1_link_check(s->curve, job->last, challenge, job->c, 0, job->w, job->verdict, err);
}

static bool import_vectors(const Import *job, const uint8_t challenge[BLAKE2B_BYTES], CvkErr *err) {
    const Phase1State *s = job->response;
    CvkBlake2b next;
    const Phase1Pass pass = {.hash = &next, .out = job->out};
    if (!hash_response(s, challenge, &job->c->partial, err))
        return false;
    begin_next_challenge(job->c, &next);
    if (!phase1_sums_read(s, &pass, job->w, job->sums, job->verdict, err))
        return false;
    cvk_blake2b_finish(&next, job->c->next_challenge);
    return true;
}

bool phase1_import(const Phase1State *response, const Phase1Pubkey *pubkey,
                   const Phase1Contribution *last, const Phase1Output *out, const Work *w,
                   Phase1Contribution *ret, Verdict *ret_verdict, CvkErr *err) {
    Verdict verdict = {.valid = true};
    uint8_t challenge[BLAKE2B_BYTES];
    _cleanup_free_ Phase1Contribution *c = cvk_alloc(1, sizeof *c, err);
    _cleanup_free_ Phase1Sums *sums = cvk_alloc(1, sizeof *sums, err);
    if (c == NULL || sums == NULL)
        return false;
    if (last != NULL)
        memcpy(challenge, last->next_challenge, sizeof challenge);
    else
        phase1_first_challenge(response->curve, response->power, NULL, challenge);
    c->pubkey = *pubkey;
    const CvkSource *points = &response->v[PHASE1_BETA_G2].bytes; /* its key stands behind them */
    c->place = (CvkSpot){.file = points->file, .offset = points->from + points->n};
    const Import job = {response, last, out, w, c, sums, &verdict};
    if (!check_claims(&job, challenge, err) ||
        (verdict.valid && !import_vectors(&job, challenge, err)) ||
        (verdict.valid && !phase1_powers_check(response, sums, c, w->pool, &verdict, err)))
        return false;
    *ret_verdict = verdict;
    c->place.file = NULL; /* it is in no file yet */
    if (verdict.valid)
        *ret = *c;
    return true;
}

size_t phase1_import_units(unsigned power) {
    size_t units = 0;
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        units += points_units(v, phase1_vector_n(v, power));
    return units;
}
