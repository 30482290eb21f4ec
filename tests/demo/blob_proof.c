/* Uses a trusted setup as an Ethereum client does: c-kzg's own sources load it, commit to a blob,
 * prove and verify (EIP-4844). blob_proof FILE; exit 0 only if a right proof holds and wrong ones
 * do not. */
#include "ckzg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what) {
    fprintf(stderr, "blob_proof: %s\n", what);
    return 1;
}

/* Field elements below the modulus: the first byte of each stays 0. */
static void fill(Blob *blob) {
    for (size_t i = 0; i < BYTES_PER_BLOB; i++)
        blob->bytes[i] = i % BYTES_PER_FIELD_ELEMENT == 0 ? 0 : (uint8_t)(i * 37 + i / 251);
}

static int prove(const KZGSettings *s, Blob *blob) {
    KZGCommitment commitment;
    KZGProof proof;
    bool holds, wrong_holds;
    fill(blob);
    if (blob_to_kzg_commitment(&commitment, blob, s) != C_KZG_OK)
        return fail("cannot commit to the blob");
    if (compute_blob_kzg_proof(&proof, blob, &commitment, s) != C_KZG_OK)
        return fail("cannot compute the proof");
    if (verify_blob_kzg_proof(&holds, blob, &commitment, &proof, s) != C_KZG_OK || !holds)
        return fail("the proof does not hold");
    blob->bytes[31] ^= 1;
    if (verify_blob_kzg_proof(&wrong_holds, blob, &commitment, &proof, s) != C_KZG_OK ||
        wrong_holds)
        return fail("the proof holds for another blob");
    printf("a proof for a blob of %d bytes was computed, holds, and fails for another blob\n",
           BYTES_PER_BLOB);
    return 0;
}

int main(int argc, char **argv) {
    KZGSettings settings;
    FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (f == NULL)
        return fail("usage: blob_proof trusted_setup_4096.txt");
    C_KZG_RET loaded = load_trusted_setup_file(&settings, f, 0);
    fclose(f);
    if (loaded != C_KZG_OK)
        return fail("c-kzg does not load this trusted setup");
    Blob *blob = malloc(sizeof *blob);
    int status = blob != NULL ? prove(&settings, blob) : fail("no memory");
    free(blob);
    free_trusted_setup(&settings);
    return status;
}
