#include "support/test.h"

#include "support/phase2_world.h"

#include "setup/phase2_contribute.h"

#define TAU 7919
#define ALPHA 104729
#define BETA 1299709

static Element scaled(const Group *g, Fr k) {
    Element base = element_generator(g);
    return element_mul(&base, &k);
}

static Element small(const Group *g, uint64_t k, const Curve *c) {
    return scaled(g, fr_from_uint(c, k));
}

static uint8_t *vector_bytes(Vector *v, const Group *g, const char *name, uint32_t section,
                             size_t n) {
    size_t each = form_bytes(g, FORM_MONTGOMERY);
    uint8_t *bytes = calloc(n, each);
    assert_non_null(bytes);
    *v = (Vector){.name = name,
                  .section = section,
                  .group = g,
                  .reading = {.form = FORM_MONTGOMERY, .infinity = true},
                  .n = n,
                  .bytes = cvk_source_memory(bytes, n * each)};
    return bytes;
}

/* ---- powers of tau ---- */

static const uint64_t first_power[PHASE1_VECTORS] = {1, 1, ALPHA, BETA, BETA};

/* Logarithms of the last level of the Lagrange bases, n points, from its definition: powers of
 * this size do not reach to tau^(n-1), and it is made with infinity. */
static void basis_logarithms(const Curve *c, Fr *ret, size_t n) {
    const Fr tau = fr_from_uint(c, TAU);
    ret[0] = fr_from_uint(c, 1);
    for (size_t i = 1; i < n; i++)
        ret[i] = fr_mul(c, &ret[i - 1], &tau);
    ret[n - 1] = fr_from_uint(c, 0);
    assert_true(fr_fft(c, FFT_INVERSE, ret, n, NULL, NULL));
}

static void fill_basis(WorldPowers *p) {
    const Group *g = curve_g1(p->state.curve);
    const size_t n = (size_t)2 << p->state.power, each = form_bytes(g, FORM_MONTGOMERY);
    Fr *k = calloc(n, sizeof *k);
    assert_non_null(k);
    basis_logarithms(p->state.curve, k, n);
    p->basis_bytes = vector_bytes(&p->basis, g, "basis", 12, n);
    for (size_t i = 0; i < n; i++) {
        Element e = scaled(g, k[i]);
        element_write(&e, FORM_MONTGOMERY, p->basis_bytes + i * each);
    }
    free(k);
}

WorldPowers *world_powers(const Curve *c, unsigned power) {
    WorldPowers *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->state = (Phase1State){.curve = c, .power = power, .ceremony_power = power};
    const Fr tau = fr_from_uint(c, TAU);
    for (Phase1Vector which = 0; which < PHASE1_VECTORS; which++) {
        const Group *g =
            which == PHASE1_TAU_G2 || which == PHASE1_BETA_G2 ? curve_g2(c) : curve_g1(c);
        const size_t N = (size_t)1 << power, n = which == PHASE1_TAU_G1    ? 2 * N - 1
                                                 : which == PHASE1_BETA_G2 ? 1
                                                                           : N;
        Fr x = fr_from_uint(c, first_power[which]);
        p->bytes[which] = vector_bytes(&p->state.v[which], g, "powers", 2 + which, n);
        for (size_t i = 0; i < n; i++, x = fr_mul(c, &x, &tau)) {
            Element e = scaled(g, x);
            element_write(&e, FORM_MONTGOMERY,
                          p->bytes[which] + i * form_bytes(g, FORM_MONTGOMERY));
        }
    }
    fill_basis(p);
    return p;
}

Element world_power(const Curve *c, unsigned i) {
    const Fr tau = fr_from_uint(c, TAU);
    Fr x = fr_from_uint(c, 1);
    while (i-- > 0)
        x = fr_mul(c, &x, &tau);
    return scaled(curve_g1(c), x);
}

void world_powers_free(WorldPowers *p) {
    for (unsigned i = 0; i < PHASE1_VECTORS; i++)
        free(p->bytes[i]);
    free(p->basis_bytes);
    free(p);
}

/* ---- the initial key ---- */

static const char *const names[PHASE2_VECTORS] = {"IC", "A", "B1", "B2", "L", "H"};
static const uint32_t sections[PHASE2_VECTORS] = {3, 5, 6, 7, 8, 9};
static const size_t lengths[PHASE2_VECTORS] = {
    WORLD_PUBLIC + 1, WORLD_VARS, WORLD_VARS, WORLD_VARS, WORLD_VARS - WORLD_PUBLIC - 1,
    WORLD_DOMAIN};

static void h_logarithms(const Curve *c, Fr ret[WORLD_DOMAIN]) {
    Fr a[2 * WORLD_DOMAIN];
    basis_logarithms(c, a, 2 * WORLD_DOMAIN);
    for (size_t j = 0; j < WORLD_DOMAIN; j++)
        ret[j] = a[2 * j + 1];
}

static void fill_vector(WorldKey *k, Phase2Vector which) {
    const Curve *c = k->key.header.curve;
    const Group *g = which == PHASE2_B2 ? curve_g2(c) : curve_g1(c);
    const size_t each = form_bytes(g, FORM_MONTGOMERY);
    Fr h[WORLD_DOMAIN];
    h_logarithms(c, h);
    k->bytes[which] =
        vector_bytes(&k->key.v[which], g, names[which], sections[which], lengths[which]);
    for (size_t i = 0; i < lengths[which]; i++) {
        Fr x = which == PHASE2_H ? h[i] : fr_from_uint(c, 1000 * (which + 1) + i);
        if ((which == PHASE2_L || which == PHASE2_A) && i == WORLD_UNUSED)
            x = fr_from_uint(c, 0);
        Element e = scaled(g, x);
        element_write(&e, FORM_MONTGOMERY, k->bytes[which] + i * each);
    }
}

WorldKey *world_key(const Curve *c) {
    WorldKey *k = calloc(1, sizeof *k);
    assert_non_null(k);
    const Group *g1 = curve_g1(c), *g2 = curve_g2(c);
    k->key.header = (Phase2Header){.curve = c,
                                   .n_vars = WORLD_VARS,
                                   .n_public = WORLD_PUBLIC,
                                   .domain = WORLD_DOMAIN,
                                   .alpha_g1 = small(g1, ALPHA, c),
                                   .beta_g1 = small(g1, BETA, c),
                                   .beta_g2 = small(g2, BETA, c),
                                   .gamma_g2 = element_generator(g2),
                                   .delta_g1 = element_generator(g1),
                                   .delta_g2 = element_generator(g2)};
    for (Phase2Vector which = 0; which < PHASE2_VECTORS; which++)
        fill_vector(k, which);
    for (size_t i = 0; i < WORLD_COEFFICIENTS; i++)
        k->coefficients[i] = (uint8_t)i;
    k->key.coefficients = cvk_source_memory(k->coefficients, WORLD_COEFFICIENTS);
    memset(k->key.circuit_hash, 0xc5, sizeof k->key.circuit_hash);
    k->key.contributions = k->list;
    return k;
}

WorldKey *world_copy(const WorldKey *from) {
    WorldKey *k = malloc(sizeof *k);
    assert_non_null(k);
    *k = *from;
    k->key.contributions = k->list;
    k->key.coefficients = cvk_source_memory(k->coefficients, WORLD_COEFFICIENTS);
    for (unsigned i = 0; i < PHASE2_VECTORS; i++) {
        Vector *v = &k->key.v[i];
        k->bytes[i] = malloc(v->bytes.n);
        assert_non_null(k->bytes[i]);
        memcpy(k->bytes[i], from->bytes[i], v->bytes.n);
        v->bytes = cvk_source_memory(k->bytes[i], v->bytes.n);
    }
    return k;
}

void world_key_free(WorldKey *k) {
    for (unsigned i = 0; i < PHASE2_VECTORS; i++)
        free(k->bytes[i]);
    free(k);
}

void world_put(WorldKey *k, Phase2Vector which, size_t i, Element e) {
    element_write(&e, FORM_MONTGOMERY, k->bytes[which] + i * form_bytes(e.group, FORM_MONTGOMERY));
}

/* ---- the last term of H ---- */

static Element h_at(const WorldKey *k, size_t j) {
    const Group *g1 = curve_g1(k->key.header.curve);
    const PointReading reading = {.form = FORM_MONTGOMERY, .infinity = true};
    const uint8_t *bytes = k->bytes[PHASE2_H] + j * form_bytes(g1, FORM_MONTGOMERY);
    Element h;
    assert_int_equal(element_read(g1, reading, bytes, &h), POINT_OK);
    return h;
}

static Fr domain_root(const Curve *c) {
    Fr root;
    assert_true(fr_root_of_unity(c, WORLD_DOMAIN, &root));
    return root;
}

Element world_last_term(const WorldKey *k) {
    const Curve *c = k->key.header.curve;
    const Fr root = domain_root(c), step = fr_inverse(c, &root), n = fr_from_uint(c, WORLD_DOMAIN);
    Fr x = fr_inverse(c, &n);
    Element sum = element_infinity(curve_g1(c));
    for (size_t j = 0; j < WORLD_DOMAIN; j++, x = fr_mul(c, &x, &step)) {
        Element h = h_at(k, j);
        h = element_mul(&h, &x);
        sum = element_add(&sum, &h);
    }
    return sum;
}

void world_add_last_term(WorldKey *k, const Element *t) {
    const Curve *c = k->key.header.curve;
    const Fr root = domain_root(c);
    Fr x = fr_from_uint(c, 1);
    for (size_t j = 0; j < WORLD_DOMAIN; j++, x = fr_mul(c, &x, &root)) {
        const Element h = h_at(k, j), more = element_mul(t, &x);
        world_put(k, PHASE2_H, j, element_add(&h, &more));
    }
}

Work world_work(void) {
    Work w = {.memory = WORK_MEMORY_MIN};
    memset(w.seed, 0x5e, sizeof w.seed);
    return w;
}

/* ---- contributions ---- */

typedef struct {
    uint8_t *at, *end;
} Space;

static bool write_space(void *ctx, const void *data, size_t n, CvkErr *err) {
    (void)err;
    Space *s = ctx;
    assert_true((size_t)(s->end - s->at) >= n);
    memcpy(s->at, data, n);
    s->at += n;
    return true;
}

static void scale(const Phase2Step *step, const WorldKey *from, WorldKey *to, Phase2Vector which) {
    const Work w = world_work();
    const Vector *v = &from->key.v[which];
    Space space = {to->bytes[which], to->bytes[which] + v->bytes.n};
    const CvkSink sink = {write_space, &space};
    assert_true(phase2_scale(step, v, &w, &sink, NULL));
    assert_ptr_equal(space.at, space.end);
}

static WorldKey *contribute(const WorldKey *k, Draw *draw, const ContributionParams *params) {
    WorldKey *next = world_copy(k);
    Phase2Step step;
    assert_true(phase2_contribute(&k->key, draw, params, &step, NULL));
    scale(&step, k, next, PHASE2_L);
    scale(&step, k, next, PHASE2_H);
    assert_true(k->key.contributions_n < WORLD_CONTRIBUTIONS);
    next->key.header = step.header;
    next->list[next->key.contributions_n++] = step.contribution;
    phase2_step_done(&step);
    return next;
}

WorldKey *world_contribute(const WorldKey *k, uint8_t seed, const char *name) {
    uint8_t bytes[DRAW_SEED_BYTES];
    ContributionParams params = {.beacon = false};
    memset(bytes, seed, sizeof bytes);
    Draw draw = draw_from(bytes);
    if (name != NULL) {
        params.has_name = true;
        params.name_n = (uint8_t)strlen(name);
        memcpy(params.name, name, params.name_n);
    }
    return contribute(k, &draw, &params);
}

WorldKey *world_beacon(const WorldKey *k, uint8_t beacon) {
    ContributionParams params = {.beacon = true,
                                 .has_iterations = true,
                                 .iterations_exp = BEACON_EXP_MIN,
                                 .has_beacon_hash = true,
                                 .beacon_hash_n = 32};
    Draw draw;
    memset(params.beacon_hash, beacon, params.beacon_hash_n);
    assert_true(beacon_draw(&params, &draw, NULL));
    return contribute(k, &draw, &params);
}
