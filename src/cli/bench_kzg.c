/* kzg.contribute and kzg.verify at the four sizes of Ethereum's ceremony. */
#include "algebra/peer_blst.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/rng.h"
#include "cli/bench_private.h"
#include "format/kzg_json.h"
#include "setup/kzg_contribute.h"
#include "setup/kzg_verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZES (&KZG_SIZES_ETHEREUM)

typedef struct {
    uint8_t secret[LIMIT_KZG_SUBS][32];
    KzgWire *before, *after; /* after = before with the secrets in it */
} Material;

static double seconds_since(int64_t start_ms) {
    return (double)(cvk_monotonic_ms() - start_ms) / 1000;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *values, size_t n) {
    qsort(values, n, sizeof *values, compare);
    return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static size_t points_of(size_t from, size_t n) {
    size_t points = 0;
    for (size_t i = from; i < from + n; i++)
        points += SIZES->at[i].n_g1 + SIZES->at[i].n_g2;
    return points;
}

/* ---- ours ---- */

/* Exactly what a contributor does: checks the base, then multiplies. Of sub-ceremonies
 * [from, from + n). */
static bool contribute(CvkPool *pool, const KzgWire *base, size_t from, size_t n,
                       const uint8_t (*secrets)[32], KzgWire **ret, CvkErr *err) {
    KzgPowers *powers[LIMIT_KZG_SUBS] = {NULL};
    KzgReport report = {.verdict = KZG_VALID};
    uint8_t seed[CVK_SEED_BYTES];
    bool ok = true;
    cvk_random(seed, sizeof seed);
    for (size_t i = 0; ok && i < n; i++)
        ok = kzg_powers_check(&base->subs[from + i].powers, SIZES->at[from + i], seed, pool,
                              &powers[i], &report, err) &&
             report.verdict == KZG_VALID;
    KzgSecrets *s = ok ? kzg_secrets_from_be(secrets + from, n, err) : NULL;
    ok = s != NULL && kzg_contribute(powers, n, s, NULL, NULL, pool, (CvkProgress){0}, ret, err);
    kzg_secrets_free(s);
    for (size_t i = 0; i < n; i++)
        kzg_powers_free(powers[i]);
    return ok;
}

static bool new_secrets(uint8_t ret[LIMIT_KZG_SUBS][32], CvkErr *err) {
    for (size_t i = 0; i < SIZES->n; i++) {
        uint8_t ikm[32];
        cvk_random(ikm, sizeof ikm);
        if (!kzg_keygen(ikm, sizeof ikm, ret[i], err))
            return false;
    }
    return true;
}

bool bench_chain_make(const Bench *b, size_t n, BenchChain *ret, CvkErr *err) {
    uint8_t secrets[LIMIT_KZG_SUBS][32];
    *ret = (BenchChain){.state = {kzg_wire_initial(SIZES, err)}};
    bool ok = ret->state[0] != NULL && n <= BENCH_ROUNDS_MAX;
    for (; ok && ret->n < n; ret->n += ok ? 1 : 0)
        ok = new_secrets(secrets, err) &&
             contribute(b->pool, ret->state[ret->n], 0, SIZES->n, (const uint8_t(*)[32])secrets,
                        &ret->state[ret->n + 1], err);
    return ok;
}

void bench_chain_done(BenchChain *c) {
    for (size_t i = 0; i <= BENCH_ROUNDS_MAX; i++)
        kzg_wire_free(c->state[i]);
    *c = (BenchChain){.n = 0};
}

bool bench_chain_json(const KzgWire *response, CvkBuf *ret, CvkErr *err) {
    *ret = CVK_BUF(16u << 20);
    return kzg_contribution_write(json_to_buf(ret), response, 0, KZG_JSON_SIGNATURES, err);
}

static bool make_material(CvkPool *pool, Material *m, CvkErr *err) {
    uint8_t first[LIMIT_KZG_SUBS][32];
    if (!new_secrets(first, err) || !new_secrets(m->secret, err))
        return false;
    KzgWire *initial = kzg_wire_initial(SIZES, err);
    bool ok = initial != NULL &&
              contribute(pool, initial, 0, SIZES->n, (const uint8_t(*)[32])first, &m->before, err);
    kzg_wire_free(initial);
    return ok;
}

static void free_material(Material *m) {
    kzg_wire_free(m->before);
    kzg_wire_free(m->after);
}

/* ---- the peer ---- */

static bool peer_contribute(CvkPool *pool, const Material *m, KzgWire *into, CvkErr *err) {
    for (size_t i = 0; i < SIZES->n; i++) {
        const KzgPowersWire *p = &m->before->subs[i].powers;
        KzgPowersWire *q = &into->subs[i].powers;
        if (!peer_contribute_g1((const uint8_t(*)[48])p->g1, p->n_g1, m->secret[i], pool, q->g1) ||
            !peer_contribute_g2((const uint8_t(*)[96])p->g2, p->n_g2, m->secret[i], pool, q->g2))
            return cvk_fail(err, CVK_EINTERNAL, "bench.peer", "the peer does not compute");
    }
    return true;
}

static bool peer_verify_all(CvkPool *pool, const Material *m, const uint8_t *factors, CvkErr *err) {
    for (size_t i = 0; i < SIZES->n; i++) {
        const KzgPowersWire *p = &m->after->subs[i].powers;
        bool valid;
        if (!peer_verify((const uint8_t(*)[48])p->g1, p->n_g1, (const uint8_t(*)[96])p->g2, p->n_g2,
                         factors, pool, &valid) ||
            !valid)
            return cvk_fail(err, CVK_EINTERNAL, "bench.peer", "the peer finds it invalid");
    }
    return true;
}

/* A comparison of two programs that compute different things would be worthless. */
static bool same_result(const KzgWire *a, const KzgWire *b, CvkErr *err) {
    for (size_t i = 0; i < SIZES->n; i++) {
        const KzgPowersWire *p = &a->subs[i].powers, *q = &b->subs[i].powers;
        if (memcmp(p->g1, q->g1, p->n_g1 * KZG_G1_BYTES) != 0 ||
            memcmp(p->g2, q->g2, p->n_g2 * KZG_G2_BYTES) != 0)
            return cvk_fail(err, CVK_EINTERNAL, "bench.differ", "the peer computes another result");
    }
    return true;
}

/* ---- rows ---- */

static void put_row(const Bench *b, const char *name, size_t n, double *ours, double *peer) {
    b->row(b->ctx, &(BenchRow){.name = name,
                               .n = n,
                               .ours = bench_median(ours, b->rounds),
                               .peer = bench_median(peer, b->rounds)});
}

static const char *const contribute_names[] = {"kzg.contribute.4096", "kzg.contribute.8192",
                                               "kzg.contribute.16384", "kzg.contribute.32768"};
static const char *const verify_names[] = {"kzg.verify.4096", "kzg.verify.8192", "kzg.verify.16384",
                                           "kzg.verify.32768"};

/* One size alone, ours only. */
static bool bench_sizes(const Bench *b, const char *const *names,
                        bool (*once)(const Bench *b, const Material *m, size_t i, CvkErr *err),
                        const Material *m, CvkErr *err) {
    double values[BENCH_ROUNDS_MAX];
    for (size_t i = 0; i < SIZES->n; i++) {
        if (!b->wanted(b->ctx, names[i]))
            continue;
        for (unsigned round = 0; round < b->rounds; round++) {
            int64_t start = cvk_monotonic_ms();
            if (!once(b, m, i, err))
                return false;
            values[round] = seconds_since(start);
        }
        b->row(b->ctx, &(BenchRow){.name = names[i],
                                   .n = points_of(i, 1),
                                   .value = bench_median(values, b->rounds),
                                   .unit = "s"});
    }
    return true;
}

static bool contribute_size(const Bench *b, const Material *m, size_t i, CvkErr *err) {
    KzgWire *w;
    if (!contribute(b->pool, m->before, i, 1, (const uint8_t(*)[32])m->secret, &w, err))
        return false;
    kzg_wire_free(w);
    return true;
}

static bool contribute_together(const Bench *b, Material *m, CvkErr *err) {
    double ours[BENCH_ROUNDS_MAX], peer[BENCH_ROUNDS_MAX];
    KzgWire *other = kzg_wire_initial(SIZES, err);
    bool ok = other != NULL;
    for (unsigned round = 0; ok && round < b->rounds; round++) {
        m->after = kzg_wire_free(m->after);
        int64_t start = cvk_monotonic_ms();
        ok = contribute(b->pool, m->before, 0, SIZES->n, (const uint8_t(*)[32])m->secret, &m->after,
                        err);
        ours[round] = seconds_since(start);
        start = cvk_monotonic_ms();
        ok = ok && peer_contribute(b->pool, m, other, err);
        peer[round] = seconds_since(start);
    }
    ok = ok && same_result(m->after, other, err);
    kzg_wire_free(other);
    if (ok)
        put_row(b, "kzg.contribute", points_of(0, SIZES->n), ours, peer);
    return ok;
}

bool bench_kzg_contribute(const Bench *b, CvkErr *err) {
    Material m = {.before = NULL};
    bool ok = make_material(b->pool, &m, err) &&
              (!b->wanted(b->ctx, "kzg.contribute") || contribute_together(b, &m, err)) &&
              bench_sizes(b, contribute_names, contribute_size, &m, err);
    free_material(&m);
    return ok;
}

/* Sub-ceremonies [from, from + n) of the response against the base. */
static bool verify(const Bench *b, const Material *m, size_t from, size_t n, CvkErr *err) {
    KzgBase base = {.sizes = {.n = n}};
    KzgWire part = {.n = n, .subs = m->after->subs + from};
    KzgReport report;
    uint8_t seed[CVK_SEED_BYTES];
    for (size_t i = 0; i < n; i++) {
        base.sizes.at[i] = SIZES->at[from + i];
        memcpy(base.product[i], m->before->subs[from + i].powers.g1[1], KZG_G1_BYTES);
    }
    cvk_random(seed, sizeof seed);
    if (!kzg_verify(&base, &part, seed, b->pool, &report, err))
        return false;
    return report.verdict == KZG_VALID ||
           cvk_fail(err, CVK_EINTERNAL, "bench.ours", "a valid contribution is refused");
}

bool bench_verify_once(const Bench *b, KzgWire *base, KzgWire *response, double *ret_seconds,
                       CvkErr *err) {
    const Material m = {.before = base, .after = response};
    int64_t start = cvk_monotonic_ms();
    bool ok = verify(b, &m, 0, SIZES->n, err);
    *ret_seconds = seconds_since(start);
    return ok;
}

static bool verify_size(const Bench *b, const Material *m, size_t i, CvkErr *err) {
    return verify(b, m, i, 1, err);
}

static bool verify_together(const Bench *b, const Material *m, CvkErr *err) {
    double ours[BENCH_ROUNDS_MAX], peer[BENCH_ROUNDS_MAX];
    uint8_t *factors = cvk_alloc(SIZES->at[SIZES->n - 1].n_g1, 16, err);
    bool ok = factors != NULL;
    for (unsigned round = 0; ok && round < b->rounds; round++) {
        int64_t start = cvk_monotonic_ms();
        ok = verify(b, m, 0, SIZES->n, err);
        ours[round] = seconds_since(start);
        start = cvk_monotonic_ms();
        cvk_random(factors, (size_t)SIZES->at[SIZES->n - 1].n_g1 * 16);
        ok = ok && peer_verify_all(b->pool, m, factors, err);
        peer[round] = seconds_since(start);
    }
    free(factors);
    if (ok)
        put_row(b, "kzg.verify", points_of(0, SIZES->n), ours, peer);
    return ok;
}

bool bench_kzg_verify(const Bench *b, CvkErr *err) {
    Material m = {.before = NULL};
    bool ok =
        make_material(b->pool, &m, err) &&
        contribute(b->pool, m.before, 0, SIZES->n, (const uint8_t(*)[32])m.secret, &m.after, err) &&
        (!b->wanted(b->ctx, "kzg.verify") || verify_together(b, &m, err)) &&
        bench_sizes(b, verify_names, verify_size, &m, err);
    free_material(&m);
    return ok;
}
