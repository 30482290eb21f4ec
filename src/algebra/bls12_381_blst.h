/* Shared by the files of the blst back end, and by no others: how its values lie in ours. blst is
 * that of the c-kzg package; only its public interface is used, and of that neither mult_wbits nor
 * unchecked_mult, nor its Pippenger and batch to-affine on anything that may be infinity
 * (docs/adr/0001-blst-from-c-kzg.md). */
#pragma once

#include "algebra/backend.h"

#include <assert.h>
#include <blst.h>

/* Our words and blst's limbs are both uint64_t, so its structures may be read through ours. */
static_assert(sizeof(Fr) == sizeof(blst_fr), "a scalar is a blst_fr");
static_assert(sizeof(((Element *)NULL)->w) >= sizeof(blst_p2), "an element holds any point");
static_assert(sizeof(Gt) == sizeof(blst_fp12), "Gt is a blst_fp12");

static inline const blst_fr *fr_in(const Fr *a) {
    return (const blst_fr *)(const void *)a->w;
}
static inline blst_fr *fr_out(Fr *a) {
    return (blst_fr *)(void *)a->w;
}

extern const Curve blst_bls12_381;
extern const Group blst_bls12_381_g1, blst_bls12_381_g2;

/* What is left of 48 bytes of a coordinate, big endian, without `flags`: below p? */
bool blst_coordinate_ok(const uint8_t be[48], uint8_t flags);
