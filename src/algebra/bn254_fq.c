/* Fq of bn254: what is too large or too rare to be inlined. */
#include "algebra/bn254_fq.h"

#include "algebra/mont4_inverse.h"

#include <string.h>

void fq_inverse(Fq *ret, const Fq *a) {
    mont4_inverse(&bn254_q, ret->w, a->w);
}

void fq_inverse_public(Fq *ret, const Fq *a) {
    mont4_inverse_public(&bn254_q, ret->w, a->w);
}

bool fq_sqrt(Fq *ret, const Fq *a) {
    Fq root, square;
    mont4_pow(&bn254_q, root.w, a->w, bn254_q.root);
    fq_sqr(&square, &root);
    if (!fq_equal(&square, a))
        return false;
    *ret = root;
    return true;
}

bool fq_is_large(const Fq *a) {
    uint64_t plain[4], rest[4];
    mont4_plain(&bn254_q, plain, a->w);
    return mont4_subtract(rest, bn254_q.half, plain) != 0;
}

static bool below_q(const uint64_t a[4]) {
    uint64_t rest[4];
    return mont4_subtract(rest, a, bn254_q.p) != 0;
}

static bool from_plain(Fq *ret, const uint64_t plain[4]) {
    if (!below_q(plain))
        return false;
    mont4_mul(&bn254_q, ret->w, plain, bn254_q.r2);
    return true;
}

bool fq_from_be(Fq *ret, const uint8_t be[FQ_BYTES]) {
    uint64_t plain[4];
    mont4_read_be(plain, be);
    return from_plain(ret, plain);
}

bool fq_from_le(Fq *ret, const uint8_t le[FQ_BYTES]) {
    uint64_t plain[4];
    mont4_read_le(plain, le);
    return from_plain(ret, plain);
}

void fq_to_be(uint8_t ret[FQ_BYTES], const Fq *a) {
    uint64_t plain[4];
    mont4_plain(&bn254_q, plain, a->w);
    mont4_write_be(plain, ret);
}

void fq_to_le(uint8_t ret[FQ_BYTES], const Fq *a) {
    uint64_t plain[4];
    mont4_plain(&bn254_q, plain, a->w);
    mont4_write_le(plain, ret);
}

bool fq_from_montgomery(Fq *ret, const uint8_t le[FQ_BYTES]) {
    uint64_t residue[4];
    mont4_read_le(residue, le);
    if (!below_q(residue))
        return false;
    memcpy(ret->w, residue, sizeof residue);
    return true;
}

void fq_to_montgomery(uint8_t ret[FQ_BYTES], const Fq *a) {
    mont4_write_le(a->w, ret);
}
