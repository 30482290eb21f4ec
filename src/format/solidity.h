/* A Solidity contract that verifies the proofs of one circuit over bn254 on Ethereum.
 *
 * Its interface is the one that provers' tools know (verifyProof(uint256[2], uint256[2][2],
 * uint256[2], uint256[N]), with the parts of b in the precompiles' order); the text is our own and
 * under this project's licence. Threads: any. */
#pragma once

#include "base/buf.h"
#include "setup/groth16.h"

/* Appends the source. False: "solidity.curve", or the buffer's limit. */
bool solidity_write(const Groth16Vkey *k, CvkBuf *out, CvkErr *err) MUST_USE;
