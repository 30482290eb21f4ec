/* The whole of c-kzg is one source file, and its names are nobody else's business. */
#define fr_equal ckzg_fr_equal
#define fr_fft ckzg_fr_fft
#define fr_pow ckzg_fr_pow
#include "ckzg.c" /* NOLINT(bugprone-suspicious-include): that is meant */

#include "support/ckzg_judge.h"

struct CkzgJudge {
    KZGSettings settings;
};

CkzgJudge *ckzg_judge_new(FILE *trusted_setup) {
    CkzgJudge *j = calloc(1, sizeof *j);
    if (j == NULL || load_trusted_setup_file(&j->settings, trusted_setup, 0) == C_KZG_OK)
        return j;
    free(j);
    return NULL;
}

void ckzg_judge_free(CkzgJudge *j) {
    free_trusted_setup(&j->settings);
    free(j);
}

bool ckzg_judge_verify(const CkzgJudge *j, const uint8_t commitment[48], const uint8_t z[32],
                       const uint8_t y[32], const uint8_t proof[48], bool *ret_holds) {
    Bytes48 c, p;
    Bytes32 point, value;
    memcpy(c.bytes, commitment, sizeof c.bytes);
    memcpy(p.bytes, proof, sizeof p.bytes);
    memcpy(point.bytes, z, sizeof point.bytes);
    memcpy(value.bytes, y, sizeof value.bytes);
    return verify_kzg_proof(ret_holds, &c, &point, &value, &p, &j->settings) == C_KZG_OK;
}

bool ckzg_judge_open(const CkzgJudge *j, const uint8_t *blob, const uint8_t z[32],
                     uint8_t ret_commitment[48], uint8_t ret_y[32], uint8_t ret_proof[48]) {
    Blob *b = malloc(sizeof *b);
    KZGCommitment c;
    KZGProof p;
    Bytes32 point, y;
    if (b == NULL)
        return false;
    memcpy(b->bytes, blob, sizeof b->bytes);
    memcpy(point.bytes, z, sizeof point.bytes);
    bool ok = blob_to_kzg_commitment(&c, b, &j->settings) == C_KZG_OK &&
              compute_kzg_proof(&p, &y, b, &point, &j->settings) == C_KZG_OK;
    free(b);
    if (!ok)
        return false;
    memcpy(ret_commitment, c.bytes, sizeof c.bytes);
    memcpy(ret_y, y.bytes, sizeof y.bytes);
    memcpy(ret_proof, p.bytes, sizeof p.bytes);
    return true;
}
