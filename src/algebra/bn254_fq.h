/* Fq of bn254: the field that coordinates of points are in.
 *
 * Functions take their result first, as blst's do, because the templates of affine arithmetic are
 * written over both. INVARIANT: an Fq is the Montgomery residue below q, so equal elements have
 * equal words; results of functions with "lazy" in their names excepted. Constant time, but for the
 * functions that say "public". Threads: no state. */
#pragma once

#include "algebra/bn254_constants.h"
#include "algebra/mont4.h"

typedef struct {
    uint64_t w[4];
} Fq;

#define FQ_BYTES 32

static const Fq fq_zero = {{0}};

static inline Fq fq_one(void) {
    Fq ret;
    for (size_t i = 0; i < 4; i++)
        ret.w[i] = bn254_q.one[i];
    return ret;
}

MONT4_INLINE void fq_mul_inlined(Fq *ret, const Fq *a, const Fq *b) {
    mont4_mul(&bn254_q, ret->w, a->w, b->w);
}

MONT4_INLINE void fq_sqr_inlined(Fq *ret, const Fq *a) {
    mont4_sqr(&bn254_q, ret->w, a->w);
}

/* The same, as the compiler likes it: mostly by a call, which makes smaller programs. */
static inline void fq_mul(Fq *ret, const Fq *a, const Fq *b) {
    fq_mul_inlined(ret, a, b);
}

static inline void fq_sqr(Fq *ret, const Fq *a) {
    fq_sqr_inlined(ret, a);
}

static inline void fq_add(Fq *ret, const Fq *a, const Fq *b) {
    mont4_add(&bn254_q, ret->w, a->w, b->w);
}

static inline void fq_sub(Fq *ret, const Fq *a, const Fq *b) {
    mont4_sub(&bn254_q, ret->w, a->w, b->w);
}

/* flag ? -a : a */
static inline void fq_cneg(Fq *ret, const Fq *a, bool flag) {
    mont4_cneg(&bn254_q, ret->w, a->w, flag);
}

static inline void fq_neg(Fq *ret, const Fq *a) {
    fq_sub(ret, &fq_zero, a);
}

static inline void fq_mul_by_3(Fq *ret, const Fq *a) {
    Fq twice;
    fq_add(&twice, a, a);
    fq_add(ret, &twice, a);
}

/* Lazy: reduced operands, but a result below 2q, for products alone: of fq_mul's operands one may
 * be lazy, of fq_sqr's none. */
static inline void fq_add_lazy(Fq *ret, const Fq *a, const Fq *b) {
    (void)mont4_sum(ret->w, a->w, b->w);
}

/* a - b + q */
static inline void fq_sub_lazy(Fq *ret, const Fq *a, const Fq *b) {
    mont4_sub_lazy(&bn254_q, ret->w, a->w, b->w);
}

static inline void fq_mul_by_3_lazy(Fq *ret, const Fq *a) {
    Fq twice;
    fq_add(&twice, a, a);
    fq_add_lazy(ret, &twice, a);
}

/* mask is all ones: a; zero: b. */
static inline void fq_select(Fq *ret, uint64_t mask, const Fq *a, const Fq *b) {
    mont4_select(ret->w, mask, a->w, b->w);
}

static inline bool fq_is_zero(const Fq *a) {
    return mont4_is_zero(a->w);
}

static inline bool fq_equal(const Fq *a, const Fq *b) {
    return mont4_equal(a->w, b->w);
}

/* 0 for 0. */
void fq_inverse(Fq *ret, const Fq *a);
void fq_inverse_public(Fq *ret, const Fq *a);

/* A square root of a, if it has one: the other is its negative. */
bool fq_sqrt(Fq *ret, const Fq *a);

/* Is a, as a number, above (q - 1) / 2? */
bool fq_is_large(const Fq *a);

/* 32 bytes of a number; false (nothing written): not below q. */
bool fq_from_be(Fq *ret, const uint8_t be[FQ_BYTES]);
bool fq_from_le(Fq *ret, const uint8_t le[FQ_BYTES]);
void fq_to_be(uint8_t ret[FQ_BYTES], const Fq *a);
void fq_to_le(uint8_t ret[FQ_BYTES], const Fq *a);
/* The residue itself, little endian: how .ptau and .zkey hold coordinates. */
bool fq_from_montgomery(Fq *ret, const uint8_t le[FQ_BYTES]);
void fq_to_montgomery(uint8_t ret[FQ_BYTES], const Fq *a);
