#include "setup/phase2_verify.h"

#include "setup/phase2_chain.h"
#include "setup/phase2_check.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* ---- the header ---- */

static bool refuse_number(const Phase2Check *c, Phase2Single which, const char *id,
                          const char *what, uint32_t got, uint32_t expected) {
    return got == expected ||
           phase2_refuse_single(c, which, id, "it has %s %" PRIu32 ", %s has %" PRIu32, what, got,
                                c->whose, expected);
}

static bool refuse_element(const Phase2Check *c, Phase2Single which, const char *id,
                           const char *what, const Element *got, const Element *expected) {
    return element_equal(got, expected) ||
           phase2_refuse_single(c, which, id, "%s is not that of %s", what, c->whose);
}

/* False: refused. */
static bool same_header(const Phase2Check *c) {
    const Phase2Header *a = &c->key->header, *b = &c->before->header;
    if (a->curve != b->curve)
        return phase2_refuse_single(c, PHASE2_AT_CURVE, "zkey.curve", "it is for %s, %s is for %s",
                                    curve_name(a->curve), c->whose, curve_name(b->curve));
    return refuse_number(c, PHASE2_AT_N_VARS, "zkey.n_vars", "signals:", a->n_vars, b->n_vars) &&
           refuse_number(c, PHASE2_AT_N_PUBLIC, "zkey.n_public", "public signals:", a->n_public,
                         b->n_public) &&
           refuse_number(c, PHASE2_AT_DOMAIN, "zkey.domain", "the domain", a->domain, b->domain) &&
           refuse_element(c, PHASE2_AT_ALPHA_G1, "zkey.alpha_g1", "alpha in G1", &a->alpha_g1,
                          &b->alpha_g1) &&
           refuse_element(c, PHASE2_AT_BETA_G1, "zkey.beta_g1", "beta in G1", &a->beta_g1,
                          &b->beta_g1) &&
           refuse_element(c, PHASE2_AT_BETA_G2, "zkey.beta_g2", "beta in G2", &a->beta_g2,
                          &b->beta_g2) &&
           refuse_element(c, PHASE2_AT_GAMMA_G2, "zkey.gamma_g2", "gamma", &a->gamma_g2,
                          &b->gamma_g2);
}

static bool check_header(const Phase2Check *c, CvkErr *err) {
    (void)err;
    const Phase2Header *h = &c->key->header;
    if (!same_header(c))
        return true;
    const Element g2 = element_generator(curve_g2(h->curve));
    if (!element_equal(&h->gamma_g2, &g2))
        phase2_refuse_single(c, PHASE2_AT_GAMMA_G2, "zkey.gamma_g2", "gamma is not the generator");
    else if (memcmp(c->key->circuit_hash, c->before->circuit_hash, BLAKE2B_BYTES) != 0)
        phase2_refuse_single(c, PHASE2_AT_CIRCUIT_HASH, "zkey.circuit_hash",
                             "its circuit hash is not that of %s", c->whose);
    return true;
}

/* ---- contributions ---- */

static bool same_params(const ContributionParams *a, const ContributionParams *b) {
    return a->beacon == b->beacon && a->has_name == b->has_name && a->name_n == b->name_n &&
           memcmp(a->name, b->name, a->name_n) == 0 && a->has_iterations == b->has_iterations &&
           (!a->has_iterations || a->iterations_exp == b->iterations_exp) &&
           a->has_beacon_hash == b->has_beacon_hash && a->beacon_hash_n == b->beacon_hash_n &&
           memcmp(a->beacon_hash, b->beacon_hash, a->beacon_hash_n) == 0;
}

static bool same_points(const Phase2Contribution *a, const Phase2Contribution *b) {
    return element_equal(&a->delta_after, &b->delta_after) && element_equal(&a->g1_s, &b->g1_s) &&
           element_equal(&a->g1_sx, &b->g1_sx) && element_equal(&a->g2_spx, &b->g2_spx) &&
           memcmp(a->transcript, b->transcript, BLAKE2B_BYTES) == 0;
}

/* Those of the key before come first, names included. */
static bool check_prefix(const Phase2Check *c, CvkErr *err) {
    (void)err;
    const Phase2Key *key = c->key, *before = c->before;
    const uint32_t n = before->contributions_n < key->contributions_n ? before->contributions_n
                                                                      : key->contributions_n;
    for (uint32_t i = 0; i < n && c->verdict->valid; i++) {
        const Phase2Contribution *a = &key->contributions[i], *b = &before->contributions[i];
        const bool same = same_points(a, b);
        if (!same || !same_params(&a->params, &b->params))
            phase2_refuse_contribution(
                c->verdict, key, i + 1, "zkey.prefix", "it is not that of %s%s", c->whose,
                same ? ": its name or what it says of a beacon was changed" : "");
    }
    const bool one = c->powers == NULL, fewer = key->contributions_n < before->contributions_n;
    if (fewer || (one && key->contributions_n - before->contributions_n != 1))
        phase2_refuse_single(c, PHASE2_AT_COUNT, "zkey.count",
                             "its contributions: %" PRIu32 ", those of %s: %" PRIu32 "; %s",
                             key->contributions_n, c->whose, before->contributions_n,
                             one ? "exactly one more is wanted" : "none of them may be missing");
    return true;
}

static bool check_contributions(const Phase2Check *c, CvkErr *err) {
    const bool all = c->powers != NULL;
    const Phase2Replay how = {.from = all ? 0 : c->before->contributions_n,
                              .beacon_exp_max = c->beacon_exp_max};
    if (!phase2_replay(c->key, &how, c->w, c->verdict, err))
        return false;
    if (all || !c->verdict->valid)
        return true;
    const Phase2Contribution *last = &c->key->contributions[how.from];
    if (element_equal(&last->g1_s, &last->g1_sx))
        phase2_refuse_contribution(c->verdict, c->key, how.from + 1, "zkey.contribution.idle",
                                   "its secret is 1, so it changed nothing");
    return true;
}

/* e(g1, delta2) = e(delta1, g2) */
static bool check_delta(const Phase2Check *c, CvkErr *err) {
    const Phase2Header *h = &c->key->header;
    const Element delta = phase2_delta_after(c->key, c->key->contributions_n);
    const PairingTerm terms[2] = {
        {element_generator(curve_g1(h->curve)), h->delta_g2},
        {element_neg(&h->delta_g1), element_generator(curve_g2(h->curve))},
    };
    bool same;
    if (!pairing_product_is_one(h->curve, terms, 2, c->w->pool, &same, err))
        return false;
    if (!element_equal(&h->delta_g1, &delta))
        phase2_refuse_single(c, PHASE2_AT_DELTA_G1, "zkey.delta_g1",
                             "delta in G1 is not what its last contribution says");
    else if (element_is_infinity(&h->delta_g2) || !same)
        phase2_refuse_single(c, PHASE2_AT_DELTA_G2, "zkey.delta_g2",
                             "delta in G2 is not delta in G1");
    return true;
}

/* ---- what no contribution changes ---- */

#define COMPARE_BYTES ((size_t)1 << 18)

/* *ret = where they differ first, or their length. Of the same length. */
static bool first_difference(const CvkSource *a, const CvkSource *b, uint64_t *ret, CvkErr *err) {
    _cleanup_free_ uint8_t *bytes = cvk_alloc(2, COMPARE_BYTES, err);
    if (bytes == NULL)
        return false;
    for (uint64_t at = 0; at < a->n; at += COMPARE_BYTES) {
        const size_t n = a->n - at < COMPARE_BYTES ? (size_t)(a->n - at) : COMPARE_BYTES;
        const uint8_t *other = bytes + COMPARE_BYTES;
        if (!cvk_source_read(a, at, bytes, n, err) ||
            !cvk_source_read(b, at, bytes + COMPARE_BYTES, n, err))
            return false;
        if (memcmp(bytes, other, n) != 0) {
            size_t i = 0;
            while (bytes[i] == other[i])
                i++;
            *ret = at + i;
            return true;
        }
    }
    *ret = a->n;
    return true;
}

static bool check_same(const Phase2Check *c, const Vector *got, const CvkSource *expected,
                       const char *id, CvkErr *err) {
    uint64_t at;
    if (!c->verdict->valid)
        return true;
    if (got->bytes.n != expected->n) {
        verdict_refuse(c->verdict, id, "%s: %" PRIu64 " bytes, and %" PRIu64 " in %s", got->name,
                       got->bytes.n, expected->n, c->whose);
        return true;
    }
    if (!first_difference(&got->bytes, expected, &at, err))
        return false;
    if (at < got->bytes.n) {
        const CvkPlace place = cvk_place_at(got->bytes.file, got->section, got->bytes.from + at);
        verdict_refuse_at(c->verdict, &place, id, "%s: not as in %s", got->name, c->whose);
    }
    return true;
}

static bool check_sections(const Phase2Check *c, CvkErr *err) {
    const Vector coefficients = {.name = "coefficients",
                                 .section = c->key->coefficients_section,
                                 .bytes = c->key->coefficients};
    for (size_t i = 0; i < PHASE2_CONSTANTS; i++) {
        const Phase2Constant *constant = &phase2_constants[i];
        const Vector *got = &c->key->v[constant->which];
        const Vector *expected = &c->before->v[constant->which];
        assert(got->reading.form == expected->reading.form);
        if (!check_same(c, got, &expected->bytes, constant->id, err))
            return false;
    }
    return check_same(c, &coefficients, &c->before->coefficients, "zkey.coefficients", err);
}

/* ---- what a contribution multiplies ---- */

static bool check_l(const Phase2Check *c, CvkErr *err) {
    return phase2_check_ratio(c, PHASE2_L, err);
}

static bool check_h(const Phase2Check *c, CvkErr *err) {
    return c->powers != NULL ? phase2_check_h(c, err) : phase2_check_ratio(c, PHASE2_H, err);
}

/* ---- all of it ---- */

/* Leaves the verdict as it is, or refuses. */
typedef bool (*Step)(const Phase2Check *c, CvkErr *err);

/* What the others rely on: sizes that fit each other. */
static const Step first_steps[] = {check_header, check_prefix};
/* These do not depend on each other, and each has parts that one thread does alone: they are done
 * side by side. */
static const Step steps[] = {check_contributions, check_delta, check_sections, check_l, check_h};
#define STEPS (sizeof steps / sizeof *steps)
#define STEPS_OF_POINTS 2 /* check_l and check_h share the memory */

typedef struct {
    const Phase2Check *check;
    Work w;
    struct {
        Verdict verdict;
        CvkErr err;
        bool ok;
    } of[STEPS];
} Side;

static void run_step(void *ctx, size_t i) {
    Side *side = ctx;
    Phase2Check c = *side->check;
    side->of[i].verdict = (Verdict){.valid = true};
    c.w = &side->w;
    c.verdict = &side->of[i].verdict;
    side->of[i].ok = steps[i](&c, &side->of[i].err);
}

/* The first step that refuses, or has no answer, has the word. */
static bool check_side_by_side(const Phase2Check *c, CvkErr *err) {
    Side side = {.check = c, .w = *c->w};
    side.w.memory /= STEPS_OF_POINTS;
    if (side.w.memory < WORK_MEMORY_MIN)
        side.w.memory = WORK_MEMORY_MIN;
    cvk_pool_each(c->w->pool, STEPS, run_step, &side);
    for (size_t i = 0; i < STEPS; i++) {
        if (!side.of[i].ok && err != NULL)
            *err = side.of[i].err;
        if (!side.of[i].ok)
            return false;
        if (!side.of[i].verdict.valid) {
            *c->verdict = side.of[i].verdict;
            return true;
        }
    }
    return true;
}

static bool check(const Phase2Check *c, CvkErr *err) {
    for (size_t i = 0; i < sizeof first_steps / sizeof *first_steps && c->verdict->valid; i++)
        if (!first_steps[i](c, err))
            return false;
    return !c->verdict->valid || check_side_by_side(c, err);
}

bool phase2_extends(const Phase2Claim *claim, const Work *w, Verdict *verdict, CvkErr *err) {
    const Phase2Check c = {.key = claim->key,
                           .before = claim->before,
                           .whose = "the old key",
                           .beacon_exp_max = claim->beacon_exp_max,
                           .w = w,
                           .verdict = verdict};
    return check(&c, err);
}

bool phase2_verify(const Phase2Claim *claim, const Phase1State *powers, const Work *w,
                   Verdict *verdict, CvkErr *err) {
    const Phase2Check c = {.key = claim->key,
                           .before = claim->before,
                           .whose = "the initial key",
                           .powers = powers,
                           .basis = claim->basis,
                           .beacon_exp_max = claim->beacon_exp_max,
                           .w = w,
                           .verdict = verdict};
    return phase2_powers_fit(&c, err) && check(&c, err);
}

static size_t units(const Phase2Key *key, size_t contributions, size_t points) {
    return contributions * PHASE2_CONTRIBUTION_UNITS +
           (points + 2 * (size_t)key->v[PHASE2_L].n) / PHASE2_POINTS_A_UNIT;
}

size_t phase2_extends_units(const Phase2Claim *claim) {
    return units(claim->key, 1, 2 * (size_t)claim->key->v[PHASE2_H].n);
}

size_t phase2_verify_units(const Phase2Claim *claim) {
    return units(claim->key, claim->key->contributions_n, 4 * (size_t)claim->key->v[PHASE2_H].n);
}
