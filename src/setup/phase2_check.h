/* Shared by setup/phase2_*.c and by nobody else. Threads: none shared. */
#pragma once

#include "base/alloc.h"
#include "setup/phase2_verify.h"

DEFINE_CLEANUP(Points, points_free)

/* What random factors are for: each use of a seed, and each block of it, has its own stream. Both
 * vectors of one comparison take the same. */
typedef enum {
    PHASE2_USE_CHAIN = 0x2001,
    PHASE2_USE_L,
    PHASE2_USE_H,
    PHASE2_USE_POWERS, /* points that are only decoded, not combined */
} Phase2Use;

uint64_t phase2_label(Phase2Use use, uint64_t block);
Factors phase2_factors(const Work *w, Phase2Use use, uint64_t block);

/* verdict_refuse_at about contribution n of a key, counted from 1: "contribution n: <text>". */
bool phase2_refuse_contribution(Verdict *v, const Phase2Key *key, uint32_t n, const char *id,
                                const char *fmt, ...) PRINTF_LIKE(5, 6);

/* One check under way. */
typedef struct {
    const Phase2Key *key, *before;
    const char *whose;         /* "the initial key": how messages call `before` */
    const Phase1State *powers; /* NULL: EXTENDS */
    const Vector *basis;       /* Phase2Claim's */
    unsigned beacon_exp_max;
    const Work *w;
    Verdict *verdict;
} Phase2Check;

/* The same about what stands alone in c->key's file. */
bool phase2_refuse_single(const Phase2Check *c, Phase2Single which, const char *id, const char *fmt,
                          ...) PRINTF_LIKE(4, 5);

/* Is every point of this vector the one before times delta before / delta? phase2_ratio.c */
bool phase2_check_ratio(const Phase2Check *c, Phase2Vector which, CvkErr *err) MUST_USE;
/* Is the new H the old one without its last term, times delta before / delta? The verdict may
 * become no on the way, at a point that is none. phase2_imported.c */
bool phase2_h_is_imported(const Phase2Check *c, bool *ret, CvkErr *err) MUST_USE;
/* Can c->powers judge this key at all? If so: are alpha and beta theirs, does H belong to them?
 * phase2_powers.c */
bool phase2_powers_fit(const Phase2Check *c, CvkErr *err) MUST_USE;
bool phase2_check_h(const Phase2Check *c, CvkErr *err) MUST_USE;

/* For meters: points that are read and combined for one unit. */
#define PHASE2_POINTS_A_UNIT 16
