/* Shared by the files of this layer and by nobody else: the check of one sub-setup's powers in its
 * two halves (kzg_verify puts the contributor's key between them), and the tools for it.
 *
 * How the powers are checked. With tau = the logarithm of G2[1] and random r_i:
 *   f: e(sum r_i G1[i+1], g2) = e(sum r_i G1[i], G2[1]);  g: e(sum r_i G1[i], g2) = e(g1, sum r_i
 * G2[i]). Where the batch fails, halving finds the lowest power at fault. Threads: none shared. */
#pragma once

#include "base/alloc.h"
#include "setup/kzg_powers.h"

DEFINE_CLEANUP(Points, points_free)
DEFINE_CLEANUP(KzgPowers, kzg_powers_free)

/* What random factors are for: each use of a seed has its own stream. */
typedef enum {
    KZG_USE_POWERS_G1 = 1,
    KZG_USE_POWERS_G2,
    KZG_USE_POINT, /* single points: decoding alone, no combination */
    KZG_USE_PRODUCTS,
    KZG_USE_KEYS,
    KZG_USE_CHAIN,
    KZG_USE_BLS,
    KZG_USE_LAGRANGE,
} KzgUse;

/* `part` tells the pieces of one use and sub-setup apart. */
Factors kzg_factors(const uint8_t seed[CVK_SEED_BYTES], KzgUse use, size_t sub, size_t part);

/* One point of a stranger. Not POINT_OK or POINT_INFINITY: *ret is not written. */
bool kzg_decode_one(const Group *g, const uint8_t *bytes, Element *ret, PointFault *ret_fault,
                    CvkErr *err) MUST_USE;

/* Is e(a, b) = e(c, d)? */
bool kzg_pairings_equal(const PairingTerm *ab, const PairingTerm *cd, CvkPool *pool, bool *ret,
                        CvkErr *err) MUST_USE;

/* Powers whose encodings are right and in the subgroup. */
typedef struct {
    KzgPowers *powers;         /* each vector up to its first infinite power */
    size_t n_g1, n_g2;         /* as many as were given */
    bool g1_starts, g2_starts; /* power 0 is the generator */
    Element g1_one, g2_one;    /* power 1, which may be infinity */
    Element g1_sum, g2_sum;    /* sum of r_i times the i-th power in `powers` */
    Factors g1_factors, g2_factors;
} KzgDecoded;

/* True: the counts are those of `size`; else false, and *report says which is not. */
bool kzg_powers_count(const KzgPowersWire *wire, KzgSize size, size_t sub, KzgReport *report);

/* The first half: encodings and subgroup. *ret is filled if the report is KZG_VALID; then
 * kzg_decoded_done it. */
bool kzg_powers_decode(const KzgPowersWire *wire, const uint8_t seed[CVK_SEED_BYTES], size_t sub,
                       CvkPool *pool, KzgDecoded *ret, KzgReport *report, CvkErr *err) MUST_USE;
void kzg_decoded_done(KzgDecoded *d);

/* The second half: generators, f, g. */
bool kzg_powers_pair(const KzgDecoded *d, size_t sub, CvkPool *pool, KzgReport *report,
                     CvkErr *err) MUST_USE;

/* kzg_powers_check as sub-setup `sub` of several that share a seed. ret_powers may be NULL. */
bool kzg_powers_check_sub(const KzgPowersWire *wire, KzgSize size,
                          const uint8_t seed[CVK_SEED_BYTES], size_t sub, CvkPool *pool,
                          KzgPowers **ret_powers, KzgReport *ret_report, CvkErr *err) MUST_USE;
