/* The prover's messages, hashed into the verifier's challenges (Fiat and Shamir). The transcript is
 * 64 bytes, two Keccak digests of everything so far, each in a domain of its own. */
#include "base/keccak.h"
#include "setup/plonk_private.h"

#include <string.h>

#define TAG_BYTES 4 /* a number, big endian, that says what is hashed */
#define STATE_BYTES (2 * KECCAK256_BYTES)

typedef enum { TAG_LOW, TAG_HIGH, TAG_CHALLENGE } TranscriptTag;

typedef struct {
    uint8_t state[STATE_BYTES];
    uint32_t drawn; /* challenges so far */
} Transcript;

static void put_number(uint32_t v, uint8_t ret[TAG_BYTES]) {
    for (unsigned i = 0; i < TAG_BYTES; i++)
        ret[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* The digest of a tag, the state, and `n` bytes. */
static void hash(const Transcript *t, TranscriptTag tag, const uint8_t *bytes, size_t n,
                 uint8_t ret[KECCAK256_BYTES]) {
    uint8_t head[TAG_BYTES + STATE_BYTES];
    put_number(tag, head);
    memcpy(head + TAG_BYTES, t->state, STATE_BYTES);
    cvk_keccak256_joined(head, sizeof head, bytes, n, ret);
}

static void absorb(Transcript *t, const uint8_t word[FR_BYTES]) {
    uint8_t next[STATE_BYTES];
    hash(t, TAG_LOW, word, FR_BYTES, next);
    hash(t, TAG_HIGH, word, FR_BYTES, next + KECCAK256_BYTES);
    memcpy(t->state, next, sizeof next);
}

static void absorb_scalars(Transcript *t, const Fr *a, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint8_t word[FR_BYTES];
        fr_to_be(curve_bn254(), &a[i], word);
        absorb(t, word);
    }
}

/* x, then y. */
static void absorb_points(Transcript *t, const Element *a, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint8_t words[2 * FR_BYTES];
        element_write(&a[i], FORM_UNCOMPRESSED, words);
        absorb(t, words);
        absorb(t, words + FR_BYTES);
    }
}

/* 253 bits of a digest: they are below the order, and nothing of it is lost but a half bit. */
#define TOP_BYTE_MASK 0x1f

static Fr draw(Transcript *t) {
    uint8_t number[TAG_BYTES], digest[KECCAK256_BYTES];
    put_number(t->drawn++, number);
    hash(t, TAG_CHALLENGE, number, sizeof number, digest);
    digest[0] &= TOP_BYTE_MASK;
    return fr_from_be_reduced(curve_bn254(), digest, sizeof digest);
}

/* What the prover says last before v: everything that is opened. */
static void absorb_openings(Transcript *t, const PlonkProof *p) {
    absorb_scalars(t, &p->quotient_at, 1);
    absorb_scalars(t, p->wires_at, PLONK_WIRES);
    absorb_scalars(t, &p->d_next, 1);
    absorb_scalars(t, &p->main_at, 1);
    absorb_scalars(t, p->sigmas_at, PLONK_SIGMAS_AT);
    absorb_scalars(t, &p->permutation_next, 1);
    absorb_scalars(t, &p->table_at, 1);
    absorb_scalars(t, &p->lookup_selector_at, 1);
    absorb_scalars(t, &p->table_number_at, 1);
    absorb_scalars(t, &p->sorted_next, 1);
    absorb_scalars(t, &p->lookup_next, 1);
    absorb_scalars(t, &p->table_next, 1);
    absorb_scalars(t, &p->linear_at, 1);
}

void plonk_challenges(const PlonkProof *p, PlonkChallenges *ret) {
    Transcript t = {.drawn = 0};
    absorb_scalars(&t, &p->input, 1);
    absorb_points(&t, p->wires, PLONK_WIRES);
    ret->eta = draw(&t);
    absorb_points(&t, &p->sorted, 1);
    ret->beta = draw(&t);
    ret->gamma = draw(&t);
    absorb_points(&t, &p->permutation, 1);
    ret->lookup_beta = draw(&t);
    ret->lookup_gamma = draw(&t);
    absorb_points(&t, &p->lookup, 1);
    ret->alpha = draw(&t);
    absorb_points(&t, p->quotient, PLONK_WIRES);
    ret->z = draw(&t);
    absorb_openings(&t, p);
    ret->v = draw(&t);
    absorb_points(&t, &p->opening_at, 1);
    absorb_points(&t, &p->opening_next, 1);
    ret->u = draw(&t);
}
