/* KZG openings (Kate, Zaverucha, Goldberg, ASIACRYPT 2010) over the powers of a ceremony: commit to
 * a polynomial, prove its value at a point, verify that with one pairing check.
 *
 * A polynomial lies in bytes as its coefficients, 32 bytes each, big endian, below r, the constant
 * one first: any number of them up to the powers that there are. An opening of the polynomial f at
 * z is y = f(z) and W, the commitment to (f - y) / (X - z); it holds when
 *     e(C - y g1 + z W, g2) = e(W, tau g2).
 * Every opening that holds for C at z has this y, and this W: an opening is not somebody's own.
 * Threads: everything is immutable once made. Nothing here is secret. */
#pragma once

#include "base/sha256.h"
#include "setup/kzg_lagrange.h"

/* The powers of a published setup, checked (its Lagrange form is not looked at). "kzg.setup": it is
 * none. About 30 us a power and thread. */
bool kzg_opening_powers(const TrustedSetupWire *t, CvkPool *pool, KzgPowers **ret,
                        CvkErr *err) MUST_USE;

typedef struct {
    size_t n; /* at least 1 */
    Fr coefficient[];
} KzgPolynomial;

/* "kzg.polynomial": it has no bytes, not a multiple of 32, or a number that is not below r;
 * "limit.count": more than LIMIT_KZG_G1_POWERS. The caller frees it, with free(). */
bool kzg_polynomial_read(const uint8_t *bytes, size_t n, KzgPolynomial **ret, CvkErr *err) MUST_USE;
Fr kzg_polynomial_value(const KzgPolynomial *f, const Fr *z);

/* C, which is infinity for zero. "kzg.degree": more coefficients than powers. 4096 of them take
 * 50 ms of one thread. */
bool kzg_commit(const KzgPolynomial *f, const KzgPowers *p, CvkPool *pool, Element *ret,
                CvkErr *err) MUST_USE;

/* Where a batch's polynomial is opened: nobody can choose it, as it follows from the batch and from
 * its commitment: sha256(0x00 | t) | sha256(0x01 | t) as one big-endian number, modulo r; t = the
 * 19 bytes "convoke-kzg-opening", the batch's sha256, C compressed (48 bytes). */
Fr kzg_opening_point(const uint8_t batch_sha256[SHA256_BYTES], const Element *commitment);

typedef struct {
    Fr y;
    Element w;
} KzgOpening;

/* As long as kzg_commit. */
bool kzg_open(const KzgPolynomial *f, const Fr *z, const KzgPowers *p, CvkPool *pool,
              KzgOpening *ret, CvkErr *err) MUST_USE;

/* About 1 ms. `tau_g2`: power 1 in G2. */
bool kzg_opening_verify(const KzgOpening *o, const Element *commitment, const Fr *z,
                        const Element *tau_g2, CvkPool *pool, bool *ret_holds,
                        CvkErr *err) MUST_USE;

/* In bytes: y, big endian, then W compressed as Ethereum has it (infinity is fine). */
#define KZG_OPENING_BYTES (FR_BYTES + KZG_G1_BYTES)
void kzg_opening_write(const KzgOpening *o, uint8_t ret[KZG_OPENING_BYTES]);
/* "kzg.opening": another length, y not below r, W no point of the group. */
bool kzg_opening_read(const uint8_t *bytes, size_t n, KzgOpening *ret, CvkErr *err) MUST_USE;
