/* The history of one sub-setup: does every contribution build on the one before, and did the owners
 * of the keys sign? For kzg_transcript.c.
 *
 * With P_i the products, K_i the keys, h_i the hash of identity i and S_i its signature, the links
 * e(P_i, g2) = e(P_{i-1}, K_i) and the signatures e(S_i, g2) = e(h_i, K_i) of one block of entries
 * are one product, for random r_i and s_i:
 *   prod e(r_i P_{i-1} + s_i h_i, K_i) = e(sum r_i P_i + sum s_i S_i, g2):
 * one Miller loop an entry, signed or not. Where that fails, the links alone tell whether the chain
 * is broken, and halving tells where; signatures are then looked at one by one. */
#pragma once

#include "setup/kzg_transcript.h"

/* How far a verification is; shown at most once a block. */
typedef struct {
    CvkProgress progress;
    size_t done, total;
} KzgMeter;

#define KZG_METER_ENTRY 16 /* an entry takes as long as so many powers */

void kzg_meter_add(KzgMeter *m, size_t n);

/* Notes a fault in *best, if it is the first, or comes before the one there: by verdict (the order
 * of the steps), then sub-setup, then entry. */
void kzg_note_fault(TranscriptReport *best, TranscriptVerdict verdict, size_t sub, size_t entry,
                    PointFault fault);

/* Decodes and checks products, keys, links and BLS signatures of sub-setup `sub`, whose lists all
 * have t->n_ids >= 1 entries. Faults go to *best; *bls_right grows by the signatures that are. */
bool kzg_chain_check(const KzgTranscriptWire *t, size_t sub, const uint8_t seed[CVK_SEED_BYTES],
                     CvkPool *pool, KzgMeter *meter, TranscriptReport *best, size_t *bls_right,
                     CvkErr *err) MUST_USE;
