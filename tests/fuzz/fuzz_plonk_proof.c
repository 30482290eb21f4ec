#include "format/plonk_proof.h"
#include "fuzz/fuzz.h"

/* All of a proof's bytes that are no values of it. */
#define FIXED_BYTES 155

/* An accepted proof has nothing but its hashes, its input, its words, in their order, and bytes
 * that are always the same. */
void fuzz_one(const uint8_t *data, size_t n) {
    uint8_t words[PLONK_PROOF_WORDS][FR_BYTES];
    EraProof p;
    Verdict v;
    if (!plonk_proof_read(data, n, PLONK_PROOF_VERSION, &p, &v, NULL))
        return;
    assert(v.valid == (v.id == NULL) && n == plonk_proof_bytes(PLONK_PROOF_VERSION));
    if (!v.valid)
        return;
    plonk_proof_words(&p.plonk, words);
    assert(n == sizeof p.hashes + FR_BYTES + sizeof words + FIXED_BYTES);
    const uint8_t *at = data + sizeof p.hashes;
    for (size_t i = 0; i < PLONK_PROOF_WORDS; i++) {
        uint8_t le[FR_BYTES];
        for (size_t b = 0; b < FR_BYTES; b++)
            le[b] = words[i][FR_BYTES - 1 - b];
        while (at + FR_BYTES <= data + n && memcmp(at, le, FR_BYTES) != 0)
            at++;
        assert(at + FR_BYTES <= data + n);
        at += FR_BYTES;
    }
}
