/* What judges proofs. A verifier is opened once for its parameters (a verification key, a command)
 * and judges any number of proofs; it decides about bytes only and knows nothing of participants.
 *
 * A proof is bound to its batch by what the verifier expects of it: public inputs from the batch's
 * manifest, or the batch's own bytes. A verifier that would accept the proof of one batch for
 * another is a fault.
 *
 * Threads: a handle belongs to one thread (or forked worker) at a time. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define VERIFIER_ABI 1
#define VERIFIER_WHY_MAX 200

typedef struct {
    int fd;                /* the batch's bytes: a plain file, read-only; read with pread */
    uint64_t size;         /* of it */
    const uint8_t *sha256; /* of it, 32 bytes */
    const char *name;
    const char
        *expect; /* JSON: what a proof must prove, from the manifest; "null": nothing given */
} VerifierBatch;

typedef enum {
    PROOF_VALID = 0,
    PROOF_INVALID,   /* well formed, and proves something else or nothing */
    PROOF_MALFORMED, /* no proof of this system at all */
    PROOF_ERROR,     /* no verdict: the verifier failed, not the prover */
    PROOF_VERDICTS_N
} ProofVerdict;
const char *proof_verdict_name(ProofVerdict v); /* "valid", "invalid", "malformed", "error" */

typedef struct {
    const char *name;
    unsigned abi;   /* VERIFIER_ABI */
    bool dev_only;  /* for tests: refused unless the experiment says so */
    bool one_proof; /* a batch has one proof only, whoever makes it: two alike are no copies */
    /* `params`: JSON, an object. Errors: it makes no sense, or a file it names cannot be read. NULL
     * (and close too): there are no parameters, and no handle. */
    bool (*open)(const char *params, void **ret, CvkErr *err);
    /* `why`: a few words for the operator when it is not valid; never shown to provers. */
    ProofVerdict (*verify)(void *handle, const VerifierBatch *batch, const uint8_t *proof, size_t n,
                           char why[VERIFIER_WHY_MAX]);
    /* The same proof in another writing has the same canonical hash, so that copies are seen
     * whatever their encoding. NULL: the bytes' own hash. */
    bool (*canonical)(void *handle, const uint8_t *proof, size_t n, uint8_t ret[32]);
    void (*close)(void *handle);
    /* Does what is expected of this batch make sense under these parameters? For the operator, when
     * a batch comes. NULL: nothing is expected of it. */
    bool (*check)(void *handle, const VerifierBatch *batch, CvkErr *err);
} Verifier;

/* Those that are built in, by name: "groth16", "kzg-opening", "plonk-zksync-era", "sha256",
 * "accept-all". NULL: there is none ("exec" is run/'s, as it starts programs). */
const Verifier *verifier_find(const char *name);
const Verifier *verifier_at(size_t i); /* all of these; NULL past the last */
