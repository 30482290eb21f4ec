/* What arrives from strangers or disks: the documents of a KZG ceremony with their hex undone, and
 * nothing checked. No function takes a wire value where a checked one is due: kzg_verify.h and
 * kzg_transcript.h turn these into reports, kzg_powers.h into checked powers.
 *
 * Words: a ceremony has sub-setups (Ethereum: four sizes), contributed to together; a contribution
 * is one participant's response for all of them. Threads: plain data, owned by whoever made it. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

#define KZG_G1_BYTES 48
#define KZG_G2_BYTES 96
#define KZG_ECDSA_BYTES 65

/* The sizes of a ceremony's sub-setups, in their order. Valid sizes: 1..LIMIT_KZG_SUBS of them, and
 * in each 2 <= n_g2 <= n_g1 within the limits, n_g1 a power of two (its Lagrange form needs that).
 */
typedef struct {
    uint32_t n_g1, n_g2;
} KzgSize;

typedef struct {
    size_t n;
    KzgSize at[LIMIT_KZG_SUBS];
} KzgSizes;

bool kzg_size_is_valid(KzgSize size);
/* For sizes that come out of a document: false (CVK_EBADREQ, "kzg.sizes") if they are not valid. */
bool kzg_sizes_check(const KzgSizes *sizes, CvkErr *err) MUST_USE;
/* "4096,65:8192,65": false (CVK_EBADREQ, "kzg.sizes") says what is wrong. */
bool kzg_sizes_parse(const char *text, KzgSizes *ret, CvkErr *err) MUST_USE;
bool kzg_sizes_equal(const KzgSizes *a, const KzgSizes *b);
/* The same form back; `ret` has room for KZG_SIZES_TEXT bytes. */
#define KZG_SIZES_TEXT (LIMIT_KZG_SUBS * 22 + 1)
void kzg_sizes_format(const KzgSizes *sizes, char ret[KZG_SIZES_TEXT]);
extern const KzgSizes KZG_SIZES_ETHEREUM; /* 4096,65:8192,65:16384,65:32768,65 */

typedef struct {
    size_t n_g1, n_g2;
    uint8_t (*g1)[KZG_G1_BYTES];
    uint8_t (*g2)[KZG_G2_BYTES];
} KzgPowersWire;

/* A signature that may be absent. */
typedef struct {
    bool present;
    uint8_t bytes[KZG_G1_BYTES];
} KzgBlsWire;

typedef struct {
    bool present;
    uint8_t bytes[KZG_ECDSA_BYTES];
} KzgEcdsaWire;

/* One sub-setup of a contribution. */
typedef struct {
    KzgPowersWire powers;
    uint8_t pubkey[KZG_G2_BYTES]; /* potPubkey */
    KzgBlsWire bls;
} KzgSubWire;

/* A BatchContribution: a response, or a challenge (pubkey = the generator, no signatures). */
typedef struct {
    size_t n;
    KzgSubWire *subs;
    KzgEcdsaWire ecdsa;
} KzgWire;

/* The history of one sub-setup: entry 0 is the initial state, entry i the i-th contribution. */
typedef struct {
    uint8_t (*products)[KZG_G1_BYTES];   /* runningProducts */
    uint8_t (*pubkeys)[KZG_G2_BYTES];    /* potPubkeys */
    KzgBlsWire *bls;                     /* blsSignatures */
    size_t n_products, n_pubkeys, n_bls; /* a valid transcript has them all equal */
} KzgWitnessWire;

/* A BatchTranscript. */
typedef struct {
    size_t n;
    struct {
        KzgPowersWire powers;
        KzgWitnessWire witness;
    } * subs;
    char **ids; /* participantIds; entry 0 is "" */
    KzgEcdsaWire *ecdsa;
    size_t n_ids, n_ecdsa;
} KzgTranscriptWire;

bool kzg_powers_wire_alloc(KzgPowersWire *p, size_t n_g1, size_t n_g2, CvkErr *err) MUST_USE;
void kzg_powers_wire_done(KzgPowersWire *p);

KzgWire *kzg_wire_new(size_t n_subs, CvkErr *err) MUST_USE; /* with powers still empty */
KzgWire *kzg_wire_free(KzgWire *w);                         /* NULL is fine; returns NULL */
KzgTranscriptWire *kzg_transcript_wire_free(KzgTranscriptWire *t);
KzgTranscriptWire *kzg_transcript_wire_new(size_t n_subs, CvkErr *err) MUST_USE;

/* The challenge before anybody contributed: every power the generator (reference: initial state).
 */
KzgWire *kzg_wire_initial(const KzgSizes *sizes, CvkErr *err) MUST_USE;

/* The compressed generators. */
extern const uint8_t KZG_G1_GENERATOR[KZG_G1_BYTES];
extern const uint8_t KZG_G2_GENERATOR[KZG_G2_BYTES];
