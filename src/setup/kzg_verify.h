/* Is this response a valid contribution on top of that state? Reference 3.2, in its order:
 * counts; every point decodes, in the subgroup; potPubkey not infinity; e(new G1[1], g2) =
 * e(old G1[1], potPubkey); f (G1 chain); g (G2 against G1); then tau = 1; then repeated keys.
 *
 * One decode a point, one pass of 128-bit factors from `seed`, parallel over the pool. Whatever the
 * timing, the report names the lowest sub-setup with a fault, in it the first check of the order
 * that fails, and the lowest index there (bisection finds the lowest bad power). An infinite power
 * decodes but can be no power of tau: it is reported as the failure of its place (G1[1]: key
 * pairing, other G1: G1 pairing, G2[1]: G1 pairing since that check uses it, other G2: G2 pairing).
 * Pure: no I/O, no clock, no log; threads: any. */
#pragma once

#include "setup/kzg_powers.h"
#include "setup/kzg_report.h"
#include "setup/kzg_wire.h"

/* What a response is held against. */
typedef struct {
    KzgSizes sizes;
    uint8_t product[LIMIT_KZG_SUBS]
                   [KZG_G1_BYTES]; /* old G1[1] of each sub-setup, known to be valid */
    /* Was this potPubkey accepted before? NULL: nobody asked. Called on the calling thread only. */
    bool (*key_seen)(void *ctx, const uint8_t pubkey[KZG_G2_BYTES]);
    void *ctx;
} KzgBase;

/* The base before anybody contributed. */
void kzg_base_initial(const KzgSizes *sizes, KzgBase *ret);
/* The base that a challenge (or the last response) leaves: its G1[1] are copied, unchecked. */
bool kzg_base_from_wire(const KzgWire *challenge, const KzgSizes *sizes, KzgBase *ret,
                        CvkErr *err) MUST_USE;

bool kzg_verify(const KzgBase *base, const KzgWire *response, const uint8_t seed[CVK_SEED_BYTES],
                CvkPool *pool, KzgReport *ret_report, CvkErr *err) MUST_USE;

/* As far as a contribution can be judged alone (no base at hand): all but the key pairing and the
 * earlier keys. */
bool kzg_verify_alone(const KzgSizes *sizes, const KzgWire *response,
                      const uint8_t seed[CVK_SEED_BYTES], CvkPool *pool, KzgReport *ret_report,
                      CvkErr *err) MUST_USE;

/* Are these powers a state that a contribution can start from? Counts of all sub-setups, then each
 * as kzg_powers_check; keys and signatures are not looked at. ret_powers (may be NULL): room for
 * sizes->n, set exactly when the report is KZG_VALID; the caller frees each. */
bool kzg_verify_challenge(const KzgSizes *sizes, const KzgWire *challenge,
                          const uint8_t seed[CVK_SEED_BYTES], CvkPool *pool, KzgPowers **ret_powers,
                          KzgReport *ret_report, CvkErr *err) MUST_USE;
