#include "setup/kzg_wire.h"

#include "base/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const KzgSizes KZG_SIZES_ETHEREUM = {4, {{4096, 65}, {8192, 65}, {16384, 65}, {32768, 65}}};

const uint8_t KZG_G1_GENERATOR[KZG_G1_BYTES] = {
    0x97, 0xf1, 0xd3, 0xa7, 0x31, 0x97, 0xd7, 0x94, 0x26, 0x95, 0x63, 0x8c, 0x4f, 0xa9, 0xac, 0x0f,
    0xc3, 0x68, 0x8c, 0x4f, 0x97, 0x74, 0xb9, 0x05, 0xa1, 0x4e, 0x3a, 0x3f, 0x17, 0x1b, 0xac, 0x58,
    0x6c, 0x55, 0xe8, 0x3f, 0xf9, 0x7a, 0x1a, 0xef, 0xfb, 0x3a, 0xf0, 0x0a, 0xdb, 0x22, 0xc6, 0xbb};

const uint8_t KZG_G2_GENERATOR[KZG_G2_BYTES] = {
    0x93, 0xe0, 0x2b, 0x60, 0x52, 0x71, 0x9f, 0x60, 0x7d, 0xac, 0xd3, 0xa0, 0x88, 0x27, 0x4f, 0x65,
    0x59, 0x6b, 0xd0, 0xd0, 0x99, 0x20, 0xb6, 0x1a, 0xb5, 0xda, 0x61, 0xbb, 0xdc, 0x7f, 0x50, 0x49,
    0x33, 0x4c, 0xf1, 0x12, 0x13, 0x94, 0x5d, 0x57, 0xe5, 0xac, 0x7d, 0x05, 0x5d, 0x04, 0x2b, 0x7e,
    0x02, 0x4a, 0xa2, 0xb2, 0xf0, 0x8f, 0x0a, 0x91, 0x26, 0x08, 0x05, 0x27, 0x2d, 0xc5, 0x10, 0x51,
    0xc6, 0xe4, 0x7a, 0xd4, 0xfa, 0x40, 0x3b, 0x02, 0xb4, 0x51, 0x0b, 0x64, 0x7a, 0xe3, 0xd1, 0x77,
    0x0b, 0xac, 0x03, 0x26, 0xa8, 0x05, 0xbb, 0xef, 0xd4, 0x80, 0x56, 0xc8, 0xc1, 0x21, 0xbd, 0xb8};

static bool is_power_of_two(uint32_t n) {
    return n != 0 && (n & (n - 1)) == 0;
}

bool kzg_size_is_valid(KzgSize s) {
    return is_power_of_two(s.n_g1) && s.n_g1 <= LIMIT_KZG_G1_POWERS && s.n_g2 >= 2 &&
           s.n_g2 <= s.n_g1 && s.n_g2 <= LIMIT_KZG_G2_POWERS;
}

static bool check_size(KzgSize s, CvkErr *err) {
    if (kzg_size_is_valid(s))
        return true;
    return cvk_fail(err, CVK_EBADREQ, "kzg.sizes",
                    "size %" PRIu32 ",%" PRIu32 ": the first must be a power of two up to %u, "
                    "the second between 2 and the first and at most %u",
                    s.n_g1, s.n_g2, LIMIT_KZG_G1_POWERS, LIMIT_KZG_G2_POWERS);
}

bool kzg_sizes_check(const KzgSizes *sizes, CvkErr *err) {
    if (sizes->n == 0 || sizes->n > LIMIT_KZG_SUBS)
        return cvk_fail(err, CVK_EBADREQ, "kzg.sizes", "%zu sub-setups: from 1 to %d are possible",
                        sizes->n, LIMIT_KZG_SUBS);
    for (size_t i = 0; i < sizes->n; i++)
        if (!check_size(sizes->at[i], err))
            return false;
    return true;
}

/* Reads a decimal number of at most nine digits at *at and moves past it. */
static bool take_number(const char **at, uint32_t *ret) {
    uint32_t v = 0;
    const char *p = *at;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (p - *at == 9)
            return false;
        v = v * 10 + (uint32_t)(*p - '0');
    }
    if (p == *at)
        return false;
    *at = p;
    *ret = v;
    return true;
}

bool kzg_sizes_parse(const char *text, KzgSizes *ret, CvkErr *err) {
    KzgSizes sizes = {0};
    const char *at = text;
    for (;;) {
        KzgSize s;
        if (sizes.n == LIMIT_KZG_SUBS)
            return cvk_fail(err, CVK_EBADREQ, "kzg.sizes", "more than %d sub-setups",
                            LIMIT_KZG_SUBS);
        if (!take_number(&at, &s.n_g1) || *at++ != ',' || !take_number(&at, &s.n_g2) ||
            (*at != ':' && *at != '\0'))
            return cvk_fail(err, CVK_EBADREQ, "kzg.sizes",
                            "sizes '%.80s' are not like 4096,65:8192,65", text);
        if (!check_size(s, err))
            return false;
        sizes.at[sizes.n++] = s;
        if (*at == '\0')
            break;
        at++;
    }
    *ret = sizes;
    return true;
}

bool kzg_sizes_equal(const KzgSizes *a, const KzgSizes *b) {
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->at[i].n_g1 != b->at[i].n_g1 || a->at[i].n_g2 != b->at[i].n_g2)
            return false;
    return true;
}

void kzg_sizes_format(const KzgSizes *sizes, char ret[KZG_SIZES_TEXT]) {
    size_t used = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < sizes->n; i++)
        used += (size_t)snprintf(ret + used, KZG_SIZES_TEXT - used, "%s%" PRIu32 ",%" PRIu32,
                                 i == 0 ? "" : ":", sizes->at[i].n_g1, sizes->at[i].n_g2);
}

bool kzg_powers_wire_alloc(KzgPowersWire *p, size_t n_g1, size_t n_g2, CvkErr *err) {
    KzgPowersWire fresh = {.n_g1 = n_g1, .n_g2 = n_g2};
    fresh.g1 = cvk_try_alloc(n_g1, sizeof *fresh.g1, LIMIT_KZG_G1_POWERS, err);
    if (fresh.g1 != NULL)
        fresh.g2 = cvk_try_alloc(n_g2, sizeof *fresh.g2, LIMIT_KZG_G2_POWERS, err);
    if (fresh.g2 == NULL) {
        free(fresh.g1);
        return false;
    }
    *p = fresh;
    return true;
}

void kzg_powers_wire_done(KzgPowersWire *p) {
    free(p->g1);
    free(p->g2);
    *p = (KzgPowersWire){0};
}

KzgWire *kzg_wire_new(size_t n_subs, CvkErr *err) {
    KzgWire *w = cvk_alloc(1, sizeof *w, err);
    if (w == NULL)
        return NULL;
    w->subs = cvk_try_alloc(n_subs, sizeof *w->subs, LIMIT_KZG_SUBS, err);
    if (w->subs == NULL)
        return kzg_wire_free(w);
    w->n = n_subs;
    return w;
}

KzgWire *kzg_wire_free(KzgWire *w) {
    if (w == NULL)
        return NULL;
    for (size_t i = 0; i < w->n; i++)
        kzg_powers_wire_done(&w->subs[i].powers);
    free(w->subs);
    free(w);
    return NULL;
}

KzgTranscriptWire *kzg_transcript_wire_new(size_t n_subs, CvkErr *err) {
    KzgTranscriptWire *t = cvk_alloc(1, sizeof *t, err);
    if (t == NULL)
        return NULL;
    t->subs = cvk_try_alloc(n_subs, sizeof *t->subs, LIMIT_KZG_SUBS, err);
    if (t->subs == NULL)
        return kzg_transcript_wire_free(t);
    t->n = n_subs;
    return t;
}

KzgTranscriptWire *kzg_transcript_wire_free(KzgTranscriptWire *t) {
    if (t == NULL)
        return NULL;
    for (size_t i = 0; i < t->n; i++) {
        kzg_powers_wire_done(&t->subs[i].powers);
        free(t->subs[i].witness.products);
        free(t->subs[i].witness.pubkeys);
        free(t->subs[i].witness.bls);
    }
    free(t->subs);
    for (size_t i = 0; i < t->n_ids; i++)
        free(t->ids[i]);
    free(t->ids);
    free(t->ecdsa);
    free(t);
    return NULL;
}

KzgWire *kzg_wire_initial(const KzgSizes *sizes, CvkErr *err) {
    KzgWire *w = kzg_wire_new(sizes->n, err);
    if (w == NULL)
        return NULL;
    for (size_t i = 0; i < sizes->n; i++) {
        KzgSubWire *sub = &w->subs[i];
        if (!kzg_powers_wire_alloc(&sub->powers, sizes->at[i].n_g1, sizes->at[i].n_g2, err))
            return kzg_wire_free(w);
        for (size_t k = 0; k < sub->powers.n_g1; k++)
            memcpy(sub->powers.g1[k], KZG_G1_GENERATOR, KZG_G1_BYTES);
        for (size_t k = 0; k < sub->powers.n_g2; k++)
            memcpy(sub->powers.g2[k], KZG_G2_GENERATOR, KZG_G2_BYTES);
        memcpy(sub->pubkey, KZG_G2_GENERATOR, KZG_G2_BYTES);
    }
    return w;
}
