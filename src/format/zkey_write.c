#include "base/le.h"
#include "format/zkey_private.h"

#include <assert.h>
#include <inttypes.h>

#define BASE_BYTES_MAX 48
#define SECTIONS_N (ZKEY_SECTIONS_END - 1)

static const ZkeySection orders[ZKEY_ORDERS][SECTIONS_N] = {
    [ZKEY_ORDER_NEW] = {ZKEY_PROTOCOL, ZKEY_HEADER, ZKEY_COEFFICIENTS, ZKEY_IC, ZKEY_H, ZKEY_L,
                        ZKEY_A, ZKEY_B1, ZKEY_B2, ZKEY_CONTRIBUTIONS},
    [ZKEY_ORDER_CONTRIBUTE] = {ZKEY_PROTOCOL, ZKEY_HEADER, ZKEY_IC, ZKEY_COEFFICIENTS, ZKEY_A,
                               ZKEY_B1, ZKEY_B2, ZKEY_L, ZKEY_H, ZKEY_CONTRIBUTIONS},
    [ZKEY_ORDER_BELLMAN] = {ZKEY_PROTOCOL, ZKEY_HEADER, ZKEY_IC, ZKEY_COEFFICIENTS, ZKEY_H, ZKEY_L,
                            ZKEY_A, ZKEY_B1, ZKEY_B2, ZKEY_CONTRIBUTIONS},
};

typedef struct {
    const Phase2Key *key;
    const ZkeyMaker *maker;
} Job;

static bool put_u32(uint32_t v, const CvkSink *to, CvkErr *err) {
    uint8_t b[4];
    cvk_put_le32(v, b);
    return cvk_sink_write(to, b, sizeof b, err);
}

static bool put_primes(const Curve *c, const CvkSink *to, CvkErr *err) {
    uint8_t q[BASE_BYTES_MAX], r[FR_BYTES];
    size_t n = curve_base_bytes(c);
    assert(n <= sizeof q);
    curve_base_prime(c, q);
    curve_order(c, r);
    return put_u32((uint32_t)n, to, err) && cvk_sink_write(to, q, n, err) &&
           put_u32(FR_BYTES, to, err) && cvk_sink_write(to, r, sizeof r, err);
}

static bool put_header(const Phase2Header *h, const CvkSink *to, CvkErr *err) {
    return put_primes(h->curve, to, err) && put_u32(h->n_vars, to, err) &&
           put_u32(h->n_public, to, err) && put_u32(h->domain, to, err) &&
           zkey_put_point(&h->alpha_g1, to, err) && zkey_put_point(&h->beta_g1, to, err) &&
           zkey_put_point(&h->beta_g2, to, err) && zkey_put_point(&h->gamma_g2, to, err) &&
           zkey_put_point(&h->delta_g1, to, err) && zkey_put_point(&h->delta_g2, to, err);
}

typedef struct {
    const CvkSink *to;
    uint64_t n; /* bytes so far */
} Counted;

static bool counted_write(void *ctx, const void *data, size_t n, CvkErr *err) {
    Counted *c = ctx;
    c->n += n;
    return cvk_sink_write(c->to, data, n, err);
}

/* A maker that writes another length than the header announces is a bug. */
static bool put_made(const Job *j, Phase2Vector which, const CvkSink *to, CvkErr *err) {
    const Phase2Header *h = &j->key->header;
    Counted counted = {.to = to};
    const CvkSink sink = {.write = counted_write, .ctx = &counted};
    if (!j->maker->vector(j->maker->ctx, which, &sink, err))
        return false;
    assert(counted.n == phase2_vector_n(h, which) *
                            form_bytes(phase2_vector_group(h->curve, which), FORM_MONTGOMERY));
    return true;
}

static bool put_vector(const Job *j, Phase2Vector which, const CvkSink *to, CvkErr *err) {
    const Vector *v = &j->key->v[which];
    if (v->bytes.read == NULL)
        return put_made(j, which, to, err);
    assert(v->reading.form == FORM_MONTGOMERY);
    return cvk_source_copy(&v->bytes, to, err);
}

static bool put_coefficients(const Job *j, const CvkSink *to, CvkErr *err) {
    if (j->key->coefficients.read == NULL)
        return j->maker->coefficients(j->maker->ctx, to, err);
    return cvk_source_copy(&j->key->coefficients, to, err);
}

static bool put_section(const Job *j, ZkeySection section, const CvkSink *to, CvkErr *err) {
    switch (section) {
    case ZKEY_PROTOCOL:
        return put_u32(1, to, err); /* Groth16 */
    case ZKEY_HEADER:
        return put_header(&j->key->header, to, err);
    case ZKEY_IC:
        return put_vector(j, PHASE2_IC, to, err);
    case ZKEY_COEFFICIENTS:
        return put_coefficients(j, to, err);
    case ZKEY_A:
        return put_vector(j, PHASE2_A, to, err);
    case ZKEY_B1:
        return put_vector(j, PHASE2_B1, to, err);
    case ZKEY_B2:
        return put_vector(j, PHASE2_B2, to, err);
    case ZKEY_L:
        return put_vector(j, PHASE2_L, to, err);
    case ZKEY_H:
        return put_vector(j, PHASE2_H, to, err);
    case ZKEY_CONTRIBUTIONS:
        return zkey_contributions_write(j->key, to, err);
    case ZKEY_SECTIONS_END:
        break;
    }
    assert(section != ZKEY_SECTIONS_END);
    return false;
}

bool zkey_write(const char *path, ZkeyOrder order, const Phase2Key *key, const ZkeyMaker *maker,
                CvkErr *err) {
    const Job job = {.key = key, .maker = maker};
    SectionWriter *w;
    if (!section_writer_open(path, &zkey_kind, SECTIONS_N, &w, err))
        return false;
    for (size_t i = 0; i < SECTIONS_N; i++) {
        CvkSink to;
        if (!section_writer_begin(w, orders[order][i], &to, err) ||
            !put_section(&job, orders[order][i], &to, err)) {
            section_writer_abandon(w);
            return false;
        }
    }
    return section_writer_commit(w, err);
}
