/* The result as EIP-4844 clients use it: the powers of one sub-setup, and their Lagrange form. */
#pragma once

#include "base/progress.h"
#include "setup/kzg_powers.h"

/* g1_monomial, g1_lagrange (natural order) and g2_monomial, unchecked. */
typedef struct {
    size_t n_g1, n_g2;
    uint8_t (*g1_monomial)[KZG_G1_BYTES];
    uint8_t (*g1_lagrange)[KZG_G1_BYTES];
    uint8_t (*g2_monomial)[KZG_G2_BYTES];
} TrustedSetupWire;

TrustedSetupWire *trusted_setup_wire_new(size_t n_g1, size_t n_g2, CvkErr *err) MUST_USE;
TrustedSetupWire *trusted_setup_wire_free(TrustedSetupWire *t);

/* Parallel inverse FFT over G1: 32768 points take some 25 s of one thread. */
bool kzg_lagrange(const KzgPowers *p, CvkPool *pool, CvkProgress progress, TrustedSetupWire **ret,
                  CvkErr *err) MUST_USE;

typedef enum {
    TRUSTED_SETUP_VALID = 0,
    TRUSTED_SETUP_WRONG_SIZE,   /* none of the sizes asked for, or of no valid size */
    TRUSTED_SETUP_BAD_POWERS,   /* powers: the report of kzg_powers_check */
    TRUSTED_SETUP_NO_ENTROPY,   /* tau = 1 */
    TRUSTED_SETUP_BAD_LAGRANGE, /* index, point: a Lagrange point does not decode */
    TRUSTED_SETUP_NOT_LAGRANGE, /* index: the lowest Lagrange point that is not the form of the
                                   powers */
} TrustedSetupVerdict;

typedef struct {
    TrustedSetupVerdict verdict;
    size_t index;
    PointReport point;
    KzgReport powers;
} TrustedSetupReport;

/* `sizes`: it must have one of them; NULL: any valid one.
 * Checks the powers as kzg_powers_check does, and that sum r_i L_i = sum c_j G1[j] for random r,
 * with c the inverse FFT of r over scalars: no FFT over the group, not even to find the lowest bad
 * index, which halving does. Reports depend on neither seed nor pool. About 80 us a power and
 * thread. */
bool kzg_trusted_setup_verify(const TrustedSetupWire *t, const KzgSizes *sizes,
                              const uint8_t seed[CVK_SEED_BYTES], CvkPool *pool,
                              TrustedSetupReport *ret_report, CvkErr *err) MUST_USE;
