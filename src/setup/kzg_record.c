#include "setup/kzg_record.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define SUB_BYTES (KZG_G1_BYTES + KZG_G2_BYTES + 1 + KZG_G1_BYTES)
#define ECDSA_BYTES (1 + KZG_ECDSA_BYTES)

size_t kzg_record_size(size_t n) {
    return n * SUB_BYTES + ECDSA_BYTES;
}

static bool add_signature(CvkBuf *b, bool present, const uint8_t *bytes, size_t n, CvkErr *err) {
    static const uint8_t absent[KZG_ECDSA_BYTES];
    uint8_t flag = present;
    assert(n <= sizeof absent);
    return cvk_buf_add(b, &flag, 1, err) && cvk_buf_add(b, present ? bytes : absent, n, err);
}

static bool add_sub(CvkBuf *b, const uint8_t *product, const uint8_t *pubkey, const KzgBlsWire *bls,
                    CvkErr *err) {
    return cvk_buf_add(b, product, KZG_G1_BYTES, err) &&
           cvk_buf_add(b, pubkey, KZG_G2_BYTES, err) &&
           add_signature(b, bls->present, bls->bytes, sizeof bls->bytes, err);
}

static bool add_ecdsa(CvkBuf *b, const KzgEcdsaWire *e, CvkErr *err) {
    return add_signature(b, e->present, e->bytes, sizeof e->bytes, err);
}

bool kzg_record_of_response(const KzgWire *w, CvkBuf *ret, CvkErr *err) {
    for (size_t i = 0; i < w->n; i++) {
        const KzgSubWire *s = &w->subs[i];
        if (!add_sub(ret, s->powers.g1[1], s->pubkey, &s->bls, err))
            return false;
    }
    return add_ecdsa(ret, &w->ecdsa, err);
}

static bool has_entry(const KzgTranscriptWire *t, size_t i) {
    for (size_t k = 0; k < t->n; k++) {
        const KzgWitnessWire *w = &t->subs[k].witness;
        if (i >= w->n_products || i >= w->n_pubkeys || i >= w->n_bls)
            return false;
    }
    return i < t->n_ids && i < t->n_ecdsa;
}

bool kzg_record_of_entry(const KzgTranscriptWire *t, size_t i, CvkBuf *ret, CvkErr *err) {
    if (!has_entry(t, i))
        return cvk_fail(err, CVK_EBADREQ, "record.entry",
                        "the transcript has no whole contribution %zu", i);
    for (size_t k = 0; k < t->n; k++) {
        const KzgWitnessWire *w = &t->subs[k].witness;
        if (!add_sub(ret, w->products[i], w->pubkeys[i], &w->bls[i], err))
            return false;
    }
    return add_ecdsa(ret, &t->ecdsa[i], err);
}

void kzg_record_to_entry(const uint8_t *record, KzgTranscriptWire *t, size_t i) {
    assert(has_entry(t, i));
    for (size_t k = 0; k < t->n; k++, record += SUB_BYTES) {
        KzgWitnessWire *w = &t->subs[k].witness;
        const uint8_t *bls = record + KZG_G1_BYTES + KZG_G2_BYTES;
        memcpy(w->products[i], record, KZG_G1_BYTES);
        memcpy(w->pubkeys[i], record + KZG_G1_BYTES, KZG_G2_BYTES);
        w->bls[i].present = bls[0] != 0;
        memcpy(w->bls[i].bytes, bls + 1, KZG_G1_BYTES);
    }
    t->ecdsa[i].present = record[0] != 0;
    memcpy(t->ecdsa[i].bytes, record + 1, KZG_ECDSA_BYTES);
}

const uint8_t *kzg_record_product(const uint8_t *record, size_t sub) {
    return record + sub * SUB_BYTES;
}

const uint8_t *kzg_record_pubkey(const uint8_t *record, size_t sub) {
    return kzg_record_product(record, sub) + KZG_G1_BYTES;
}

static const char *kept(uint8_t flag) {
    return flag != 0 ? "kept" : "none";
}

void kzg_record_signatures(const uint8_t *record, size_t n, char ret[KZG_RECORD_SIGNATURES]) {
    size_t at = (size_t)snprintf(ret, KZG_RECORD_SIGNATURES, "bls=");
    assert(n <= LIMIT_KZG_SUBS);
    for (size_t i = 0; i < n; i++) {
        const uint8_t *bls = kzg_record_pubkey(record, i) + KZG_G2_BYTES;
        at += (size_t)snprintf(ret + at, KZG_RECORD_SIGNATURES - at, "%s%s", i != 0 ? "," : "",
                               kept(bls[0]));
    }
    snprintf(ret + at, KZG_RECORD_SIGNATURES - at, "; ecdsa=%s", kept(record[n * SUB_BYTES]));
}
