/* Small ceremonies for tests: made, changed, and judged in the plainest way (kzg_naive). Every
 * helper ends the test when something it needs fails. Include after support/test.h. */
#pragma once

#include "setup/kzg_contribute.h"
#include "setup/kzg_transcript.h"
#include "setup/kzg_verify.h"

extern const uint8_t TEST_SEED[CVK_SEED_BYTES];

KzgSizes kzg_test_sizes(const char *text);

/* k times the generator, compressed; 0 gives infinity. */
void kzg_test_g1(uint64_t k, uint8_t ret[KZG_G1_BYTES]);
void kzg_test_g2(uint64_t k, uint8_t ret[KZG_G2_BYTES]);

/* The response of somebody with these secrets (one a sub-setup) to `challenge`; `identity` may be
 * NULL (no BLS signatures). */
KzgWire *kzg_test_contribute(const KzgWire *challenge, const uint64_t *secrets,
                             const char *identity);
KzgWire *kzg_test_copy(const KzgWire *w);
KzgReport kzg_test_verify(const KzgBase *base, const KzgWire *response);

/* Entry 0 only. */
KzgTranscriptWire *kzg_test_transcript(const KzgSizes *sizes);
void kzg_test_append(KzgTranscriptWire *t, const KzgWire *response, const char *identity);
KzgTranscriptWire *kzg_test_transcript_copy(const KzgTranscriptWire *t);
/* All lists lose, or have twice, entry `i`. */
void kzg_test_drop_entry(KzgTranscriptWire *t, size_t i);
void kzg_test_double_entry(KzgTranscriptWire *t, size_t i);
TranscriptReport kzg_test_verify_transcript(const KzgTranscriptWire *t, const KzgSizes *sizes);

/* The judge: reference 3.2 taken literally, two pairings a power, nothing batched, its own order of
 * faults. Fills verdict, sub and index. `base` may be NULL. */
KzgReport kzg_naive_verify(const KzgBase *base, const KzgSizes *sizes, const KzgWire *response);
