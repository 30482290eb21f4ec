/* Shared by setup/phase1_*.c and by nobody else. Threads: none shared. */
#pragma once

#include "base/alloc.h"
#include "setup/phase1_verify.h"
#include "setup/ratio.h"

DEFINE_CLEANUP(Points, points_free)

/* What random factors are for: each use of a seed, and each block of it, has its own stream.
 * Vectors that are compared with each other take the same. */
typedef enum {
    PHASE1_USE_READ = 0x1001, /* points that are only checked, not combined */
    PHASE1_USE_POWERS,
    PHASE1_USE_CHAIN,
    PHASE1_USE_LAGRANGE,
    PHASE1_USE_BASES, /* of Lagrange, all levels in a row */
    PHASE1_USE_WHOLE, /* a point of the polynomial, and equations */
} Phase1Use;

/* `part` is a level or a contribution. */
uint64_t phase1_label(Phase1Use use, uint64_t part, uint64_t block);

/* n points from the first on, in a form, to a sink. */
bool phase1_emit(const Points *p, size_t n, PointForm form, CvkPool *pool, const CvkSink *to,
                 CvkErr *err) MUST_USE;

/* vector_read_good of points that are only checked. */
bool phase1_read_good(const Vector *v, uint64_t from, size_t n, const Work *w, Points **ret,
                      CvkErr *err) MUST_USE;

/* ---- the vectors of a state ---- */

/* Points of each vector, and sums over it with random factors r_i. */
#define PHASE1_HEAD 2
typedef struct {
    Element head[PHASE1_VECTORS][PHASE1_HEAD]; /* points 0 and 1; of betaG2 only 0 */
    Element sum[PHASE1_VECTORS];               /* of r_i P_i for i < N */
    /* of tauG1, for i < 2N - 2: of r_i P_i, and of r_i P_(i+1) */
    Element steps, stepped;
    Element weighed; /* instead of the three sums of tauG1, where it is read with weights */
} Phase1Sums;

/* What is to be done while the vectors are read. */
typedef struct {
    CvkBlake2b *hash;        /* gets all points, uncompressed; NULL: not */
    const Phase1Output *out; /* NULL: not written */
    const Fr *weights;       /* of tauG1's points; NULL: it is summed with the r_i */
} Phase1Pass;

/* Reads and checks every point once. After a refusal the sums are worth nothing. */
bool phase1_sums_read(const Phase1State *s, const Phase1Pass *pass, const Work *w, Phase1Sums *ret,
                      Verdict *verdict, CvkErr *err) MUST_USE;
/* How many points have the same label of random factors: r_i is that of (phase1_label(
 * PHASE1_USE_POWERS, 0, i / block), i % block). */
size_t phase1_sums_block(const Phase1State *s, const Work *w);
/* Only ret->head, of the few points that phase1_heads_check looks at. */
bool phase1_heads_read(const Phase1State *s, const Work *w, Phase1Sums *ret, Verdict *verdict,
                       CvkErr *err) MUST_USE;
/* Do the vectors begin with the generators and have these heads? */
void phase1_heads_check(const Phase1State *s, const Phase1Sums *sums,
                        const Phase1Contribution *last, Verdict *verdict);
/* Have they these heads, and are they powers? */
bool phase1_powers_check(const Phase1State *s, const Phase1Sums *sums,
                         const Phase1Contribution *last, CvkPool *pool, Verdict *verdict,
                         CvkErr *err) MUST_USE;

/* ---- contributions ---- */

/* verdict_refuse_at about contribution `number`, from 1; 0: a response that is in no file yet. */
bool phase1_refuse_contribution(Verdict *v, const Phase1Contribution *c, size_t number,
                                const char *id, const char *text);

/* Contribution `number` (from 1; 0: a response) after `before` (NULL: the initial state, whose hash
 * is `challenge`). */
bool phase1_link_check(const Curve *curve, const Phase1Contribution *before,
                       const uint8_t challenge[BLAKE2B_BYTES], const Phase1Contribution *c,
                       size_t number, const Work *w, Verdict *verdict, CvkErr *err) MUST_USE;
/* A beacon's keys must be what its hash gives. */
bool phase1_beacon_check(const Curve *curve, const uint8_t challenge[BLAKE2B_BYTES],
                         const Phase1Contribution *c, size_t number, Verdict *verdict,
                         CvkErr *err) MUST_USE;

/* ---- the Lagrange bases ---- */

/* The levels from `first` on. */
bool phase1_lagrange_check(const Phase1Lagrange *l, unsigned first, const Phase1State *s,
                           const Phase1Contribution *last, const Work *w, Verdict *verdict,
                           CvkErr *err) MUST_USE;

/* ---- everything at once ---- */

/* Tries to prove, by one equation, all vectors of a claim and its bases below phase1_whole_levels.
 * *ret_proved = false: something is wrong, or there is no room for the weights; the other checks
 * find out. `hash` gets all points, uncompressed (NULL: not). */
bool phase1_prove_whole(const Phase1Claim *claim, CvkBlake2b *hash, const Work *w, bool *ret_proved,
                        CvkErr *err) MUST_USE;
unsigned phase1_whole_levels(const Phase1Claim *claim);
