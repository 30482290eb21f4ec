/* The proof of a batch as zkSync Era's prover hands it to those who put it on Ethereum: what the
 * batch came to (four hashes), the PLONK proof, the version of the protocol; written by Rust's
 * bincode. Numbers are 8 bytes little endian, scalars and coordinates 32, lists begin with their
 * length, what is optional with 1 (there) or 0, points end with 1 if they are infinity.
 *
 * Every byte is either a value of the proof or compared with the only one it may have, so that two
 * writings of one proof do not exist. Threads: any. */
#pragma once

#include "setup/plonk.h"

#include <stddef.h>

#define PLONK_PROOF_VERSION "0.24.2" /* of the only published example */
#define PLONK_PROOF_HASHES 4
#define PLONK_PROOF_WORDS 44

typedef struct {
    /* What the batch came to: system logs, state differences, the bootloader's first memory, the
     * queue of events. The proof does not vouch for them: compare them with the batch's. */
    uint8_t hashes[PLONK_PROOF_HASHES][32];
    PlonkProof plonk;
} EraProof;

/* The proof of a program of this version, n bytes. What is no such proof is an error, CVK_EBADREQ
 * ("plonk.length", "plonk.number", "plonk.version"); with a point or scalar that is none it is
 * invalid ("plonk.point", "plonk.scalar"). *ret is set if it is valid so far. */
bool plonk_proof_read(const uint8_t *bytes, size_t n, const char *version, EraProof *ret,
                      Verdict *verdict, CvkErr *err) MUST_USE;

/* How many bytes a proof of this version has. */
size_t plonk_proof_bytes(const char *version);

/* The proof as Ethereum's verifier takes it: coordinates and scalars in the order of the file,
 * without the public input. Big endian. */
void plonk_proof_words(const PlonkProof *p, uint8_t ret[PLONK_PROOF_WORDS][FR_BYTES]);
