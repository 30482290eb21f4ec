/* A Groth16 proof as bytes: A, B and C one after another, x before y, big endian, not compressed; B
 * is in G2, c1 before c0; infinity is all zeros (FORM_UNCOMPRESSED). 256 bytes on bn254,
 * 384 on bls12_381. A proof has one writing in this form. Threads: any. */
#pragma once

#include "setup/groth16.h"

size_t proof_binary_bytes(const Curve *c);
#define PROOF_BINARY_BYTES_MAX 384

/* proof_binary_bytes(c) of them. "proof.point": one of them is no point of its group, or is not
 * written in the one way. */
bool proof_binary_read(const Curve *c, const uint8_t *bytes, Groth16Proof *ret,
                       CvkErr *err) MUST_USE;
void proof_binary_write(const Groth16Proof *p, uint8_t *ret);
