/* c-kzg behind a few functions of bytes: its own header has names that are ours too. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CKZG_COEFFICIENTS 4096
#define CKZG_BLOB ((size_t)CKZG_COEFFICIENTS * 32)

typedef struct CkzgJudge CkzgJudge;

CkzgJudge *ckzg_judge_new(FILE *trusted_setup); /* NULL: it does not load it */
void ckzg_judge_free(CkzgJudge *j);

/* False: it does not answer. */
bool ckzg_judge_verify(const CkzgJudge *j, const uint8_t commitment[48], const uint8_t z[32],
                       const uint8_t y[32], const uint8_t proof[48], bool *ret_holds);
bool ckzg_judge_open(const CkzgJudge *j, const uint8_t *blob, const uint8_t z[32],
                     uint8_t ret_commitment[48], uint8_t ret_y[32], uint8_t ret_proof[48]);
