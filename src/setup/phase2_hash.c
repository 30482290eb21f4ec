/* csHash, the hash that names a circuit's key: of the header and of every vector that contributions
 * leave alone, H in powers of tau.
 *
 * snarkjs hashes H in chunks and does not cut the last one: from a domain of two chunks on, one
 * more difference of powers is hashed than the length before them says. Where the file of powers of
 * tau is just large enough, it takes for the missing power what follows the section in the file.
 * The same circuit then has different hashes with different files; to have the same hash as
 * everybody, we do the same. */
#include "setup/phase2_new_private.h"
#include "setup/phase2_raw.h"

#include <string.h>

#define SNARKJS_CHUNK 16384u

static void add_count(CvkBlake2b *h, uint64_t n) {
    const uint8_t be[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    cvk_blake2b_add(h, be, sizeof be);
}

static void add_element(CvkBlake2b *h, const Element *e) {
    uint8_t b[FORM_BYTES_MAX];
    element_write(e, FORM_UNCOMPRESSED, b);
    cvk_blake2b_add(h, b, form_bytes(e->group, FORM_UNCOMPRESSED));
}

#define POINTS_AT_A_TIME ((size_t)4096)

/* Points [from, end) of p. */
static bool add_points(CvkBlake2b *h, const Points *p, size_t from, size_t end, CvkPool *pool,
                       CvkErr *err) {
    size_t each = form_bytes(points_group(p), FORM_UNCOMPRESSED);
    _cleanup_free_ uint8_t *b = cvk_alloc(POINTS_AT_A_TIME, each, err);
    if (b == NULL)
        return false;
    for (size_t n; from < end; from += n) {
        n = end - from < POINTS_AT_A_TIME ? end - from : POINTS_AT_A_TIME;
        points_write(p, from, n, FORM_UNCOMPRESSED, pool, b);
        cvk_blake2b_add(h, b, n * each);
    }
    return true;
}

static bool add_counted(CvkBlake2b *h, const Points *p, size_t from, size_t end, CvkPool *pool,
                        CvkErr *err) {
    add_count(h, end - from);
    return add_points(h, p, from, end, pool, err);
}

/* Differences [from, from + size) of the powers n apart. */
static bool add_differences(const Phase2New *n, CvkBlake2b *h, uint64_t from, size_t size,
                            Verdict *verdict, CvkErr *err) {
    const Vector *tau = &n->powers.tau_g1;
    _cleanup_(points_free_at) Points *low = NULL, *high = NULL, *difference = NULL;
    if (!vector_read(tau, from, size, &n->work, LABEL_HASH, &low, NULL, verdict, err) ||
        !vector_read(tau, n->key.header.domain + from, size, &n->work, LABEL_HASH, &high, NULL,
                     verdict, err))
        return false;
    if (low == NULL || high == NULL)
        return true;
    if (!points_subtract(high, low, n->work.pool, &difference, err))
        return false;
    phase2_advance(n, size);
    return add_points(h, difference, 0, size, n->work.pool, err);
}

/* The difference that is one too many, with what stands where power 2n - 1 would. */
static bool add_past_end(const Phase2New *n, CvkBlake2b *h, CvkErr *err) {
    const Group *g1 = curve_g1(n->circuit.curve);
    const Vector *tau = &n->powers.tau_g1;
    uint8_t power[FORM_BYTES_MAX], difference[FORM_BYTES_MAX];
    size_t each = form_bytes(g1, FORM_MONTGOMERY);
    if (!cvk_source_read(&tau->bytes, (uint64_t)(n->key.header.domain - 1) * each, power, each,
                         err))
        return false;
    phase2_raw_subtract(n->circuit.curve, n->powers.behind_tau_g1, power, difference);
    cvk_blake2b_add(h, difference, form_bytes(g1, FORM_UNCOMPRESSED));
    return true;
}

static bool add_h(const Phase2New *n, CvkBlake2b *h, Verdict *verdict, CvkErr *err) {
    uint64_t domain = n->key.header.domain, end = domain - 1;
    bool one_more = domain > SNARKJS_CHUNK;
    bool there = n->powers.tau_g1.n >= 2 * domain;
    size_t size = work_block(&n->work, curve_g1(n->circuit.curve), 3);
    add_count(h, domain - 1);
    if (one_more && there)
        end++;
    for (uint64_t from = 0, m; from < end && verdict->valid; from += m) {
        m = end - from < size ? end - from : size;
        if (!add_differences(n, h, from, (size_t)m, verdict, err))
            return false;
    }
    return !one_more || there || !verdict->valid || add_past_end(n, h, err);
}

static void add_header(CvkBlake2b *h, const Phase2Header *header) {
    add_element(h, &header->alpha_g1);
    add_element(h, &header->beta_g1);
    add_element(h, &header->beta_g2);
    add_element(h, &header->gamma_g2);
    add_element(h, &header->delta_g1);
    add_element(h, &header->delta_g2);
}

bool phase2_circuit_hash(const Phase2New *n, uint8_t ret[BLAKE2B_BYTES], Verdict *verdict,
                         CvkErr *err) {
    size_t n_vars = n->key.header.n_vars, n_ic = (size_t)n->key.header.n_public + 1;
    CvkPool *pool = n->work.pool;
    CvkBlake2b h;
    cvk_blake2b_init(&h);
    add_header(&h, &n->key.header);
    if (!add_counted(&h, n->sums[SUM_K], 0, n_ic, pool, err) || !add_h(n, &h, verdict, err) ||
        !add_counted(&h, n->sums[SUM_K], n_ic, n_vars, pool, err) ||
        !add_counted(&h, n->sums[SUM_A], 0, n_vars, pool, err) ||
        !add_counted(&h, n->sums[SUM_B1], 0, n_vars, pool, err) ||
        !add_counted(&h, n->sums[SUM_B2], 0, n_vars, pool, err))
        return false;
    cvk_blake2b_finish(&h, ret);
    return true;
}
