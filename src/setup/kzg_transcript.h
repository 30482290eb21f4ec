/* Does a whole transcript hold, with no trust in whoever ran the ceremony? All eight steps of
 * reference 3.4, the pairing chain included; docs/TRANSCRIPT.md says why they suffice. Pure;
 * parallel over the pool; the report names the first fault by verdict in the order of the enum,
 * then the lowest sub-setup, then the lowest entry (among points malformed ones come before
 * infinities). About 0.45 ms an entry, sub-setup and thread. */
#pragma once

#include "base/progress.h"
#include "setup/kzg_report.h"
#include "setup/kzg_wire.h"

typedef enum {
    TRANSCRIPT_VALID = 0,
    /* 1. shape */
    TRANSCRIPT_WRONG_SIZES,  /* sub: not the sizes asked for (or the number of sub-setups) */
    TRANSCRIPT_UNEVEN_LISTS, /* sub: the lists of witness and participants differ in length */
    TRANSCRIPT_BAD_IDENTITY, /* entry: not an identity of the loose form */
    /* 2. the initial state */
    TRANSCRIPT_BAD_START, /* sub: entry 0 is not the generators, "" and no signatures */
    /* 3. points */
    TRANSCRIPT_BAD_PRODUCT, /* sub, entry, point */
    TRANSCRIPT_BAD_PUBKEY,  /* sub, entry, point */
    TRANSCRIPT_BAD_POWERS,  /* sub, powers: the report of kzg_powers_check (step 5 as well) */
    /* 4. the chain */
    TRANSCRIPT_BROKEN_CHAIN, /* sub, entry: e(P_i, g2) != e(P_{i-1}, K_i) */
    /* 5. the end */
    TRANSCRIPT_WRONG_END, /* sub: the last product is not G1[1] */
    /* 6. keys */
    TRANSCRIPT_NO_ENTROPY,    /* sub, entry: K_i is the generator */
    TRANSCRIPT_DUPLICATE_KEY, /* sub, entry: K_i was used before */
    TRANSCRIPT_EQUAL_TAU,     /* sub: G1[1] equals another sub-setup's */
    /* 7. signatures */
    TRANSCRIPT_BAD_BLS,   /* sub, entry */
    TRANSCRIPT_BAD_ECDSA, /* entry */
} TranscriptVerdict;

typedef struct {
    TranscriptVerdict verdict;
    size_t sub;
    size_t entry; /* the contribution, from 1; 0 is the initial state */
    PointReport point;
    KzgReport powers;
    /* What was checked; the numbers of signatures are those of the whole transcript only if it is
     * valid. */
    KzgSizes sizes;        /* as found */
    size_t contributions;  /* entries - 1 */
    size_t bls_signatures; /* present and right */
    size_t ecdsa_signatures;
} TranscriptReport;

/* `sizes` NULL: accept whatever valid sizes the transcript has (they are in the report). A
 * transcript with no contribution is valid in shape; the caller decides what it thinks of it
 * (EQUAL_TAU is not applied to it). */
bool kzg_transcript_verify(const KzgTranscriptWire *t, const KzgSizes *sizes,
                           const uint8_t seed[CVK_SEED_BYTES], CvkPool *pool, CvkProgress progress,
                           TranscriptReport *ret_report, CvkErr *err) MUST_USE;

/* One link of the chain: is `after` the product that the owner of `pubkey` made of `before`? False
 * for malformed or infinite points too. ~1.5 ms. */
bool kzg_link_holds(const uint8_t before[KZG_G1_BYTES], const uint8_t pubkey[KZG_G2_BYTES],
                    const uint8_t after[KZG_G1_BYTES]);

/* Step 8 of the reference for a contributor: the one entry at which all sub-setups hold these keys
 * and that identity. False in *ret_found: there is none. */
void kzg_transcript_find(const KzgTranscriptWire *t, const char *identity,
                         const uint8_t (*pubkeys)[KZG_G2_BYTES], size_t n, size_t *ret_entry,
                         bool *ret_found);
