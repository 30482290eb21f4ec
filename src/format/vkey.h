/* verification_key.json, proof.json and public.json, as snarkjs writes them.
 *
 * Readers trust nothing: numbers are canonical, points are on the curve and in the subgroup, lists
 * are capped. Of a key, fields that follow from others (vk_alphabeta_12) and unknown ones are not
 * looked at. Threads: none of its own. */
#pragma once

#include "codec/json_read.h"
#include "codec/json_write.h"
#include "setup/groth16.h"

/* snarkjs's name of a curve in JSON: "bn128", "bls12381". */
const char *vkey_curve_name(const Curve *c);

/* Byte for byte snarkjs's file for the same key. */
bool vkey_write(JsonSink sink, const Groth16Vkey *k, CvkErr *err) MUST_USE;

/* The same as one value of a larger document. */
void vkey_put(JsonWriter *w, const Groth16Vkey *k);
/* As snarkjs writes proof.json. */
bool proof_write(JsonSink sink, const Groth16Proof *p, const Curve *c, CvkErr *err) MUST_USE;

/* `w` for the check of IC's points (its seed must be fresh). Errors: of format/doc.h,
 * "decimal.number", "vkey.protocol", "vkey.curve", "vkey.point", "vkey.count". */
bool vkey_read(JsonSource source, size_t max, const Work *w, Groth16Vkey **ret,
               CvkErr *err) MUST_USE;

/* What is no proof at all is an error; a proof with a point that is none, or of another protocol or
 * curve, is invalid: "proof.point", "proof.protocol", "proof.curve". */
bool proof_read(JsonSource source, size_t max, const Curve *c, Groth16Proof *ret, Verdict *verdict,
                CvkErr *err) MUST_USE;

/* An array of decimal strings. A number that is not below the groups' order r is a verdict,
 * "public.range": with r added to it, it would pass for another number. *ret: the caller frees. */
bool inputs_read(JsonSource source, size_t max, const Curve *c, Fr **ret, size_t *ret_n,
                 Verdict *verdict, CvkErr *err) MUST_USE;
