/* Initial keys against the exponents that they should have: tau, alpha and beta are known here, so
 * each point is the generator times a number that a few lines compute in the field of scalars. */
#include "base/le.h"
#include "base/rng.h"
#include "setup/phase2_new.h"
#include "support/test.h"

#define VARS_MAX 12
#define TERMS_MAX 512
#define DOMAIN_MAX 32

/* ---- chance that is the same each time ---- */

typedef struct {
    uint64_t seed, drawn;
} Chance;

static uint64_t chance(Chance *c, uint64_t below) {
    uint8_t seed[CVK_SEED_BYTES] = {0}, b[8];
    cvk_put_le64(c->seed, seed);
    cvk_stream(seed, c->drawn++, b, sizeof b);
    return cvk_le64(b) % below;
}

static Fr chance_fr(Chance *c, const Curve *curve) {
    uint8_t b[FR_BYTES];
    for (size_t i = 0; i < sizeof b; i++)
        b[i] = (uint8_t)chance(c, 256);
    return fr_from_be_reduced(curve, b, sizeof b);
}

/* ---- circuits ---- */

typedef struct {
    CircuitTerm terms[TERMS_MAX];
    size_t n;
} Terms;

/* A few at a time, however many are asked for. */
static bool read_terms(const void *ctx, CircuitPlace *place, CircuitTerm *ret, size_t n,
                       size_t *ret_n, CvkErr *err) {
    const Terms *t = ctx;
    for (*ret_n = 0; *ret_n < n && *ret_n < 5 && place->at < t->n; place->at++)
        ret[(*ret_n)++] = t->terms[place->at];
    return true;
}

static Fr chance_value(Chance *c, const Curve *curve) {
    Fr one = fr_from_uint(curve, 1);
    switch (chance(c, 4)) {
    case 0:
        return one;
    case 1:
        return fr_neg(curve, &one);
    case 2:
        return fr_from_uint(curve, chance(c, 100));
    }
    return chance_fr(c, curve);
}

/* Signals may come twice in one sum, values may be zero, sums empty. */
static Circuit chance_circuit(Chance *c, const Curve *curve, Terms *t) {
    Circuit k = {.curve = curve, .read = read_terms, .ctx = t};
    k.n_vars = 1 + (uint32_t)chance(c, VARS_MAX);
    k.n_public = (uint32_t)chance(c, k.n_vars);
    k.constraints = (uint32_t)chance(c, DOMAIN_MAX - VARS_MAX);
    t->n = 0;
    for (uint32_t row = 0; row < k.constraints; row++)
        for (CircuitMatrix m = CIRCUIT_A; m < CIRCUIT_MATRICES; m++)
            for (uint64_t left = chance(c, 4); left > 0; left--)
                t->terms[t->n++] = (CircuitTerm){.matrix = m,
                                                 .constraint = row,
                                                 .signal = (uint32_t)chance(c, k.n_vars),
                                                 .value = chance_value(c, curve)};
    return k;
}

/* ---- powers of tau ---- */

typedef struct {
    const Curve *curve;
    Fr tau, alpha, beta;
    Fr lagrange[DOMAIN_MAX], next[2 * DOMAIN_MAX];
    uint8_t *bytes[6]; /* of the vectors */
} Secrets;

/* L_i(tau) = (tau^n - 1) / n * w^i / (tau - w^i) */
static void lagrange_at(const Curve *c, const Fr *tau, size_t n, Fr *ret) {
    Fr w, root = fr_from_uint(c, 1), power = root, z, count = fr_from_uint(c, n);
    assert_true(fr_root_of_unity(c, n, &w));
    for (size_t i = 0; i < n; i++)
        power = fr_mul(c, &power, tau);
    z = fr_sub(c, &power, &root);
    count = fr_inverse(c, &count);
    z = fr_mul(c, &z, &count);
    for (size_t i = 0; i < n; i++) {
        Fr d = fr_sub(c, tau, &root);
        d = fr_inverse(c, &d);
        d = fr_mul(c, &d, &root);
        ret[i] = fr_mul(c, &z, &d);
        root = fr_mul(c, &root, &w);
    }
}

static Element times(const Group *g, const Fr *k) {
    Element one = element_generator(g);
    return element_mul(&one, k);
}

/* k[i] * factor times the generator, in the form of files. */
static Vector vector_of(const Group *g, const Curve *c, const Fr *k, size_t n, const Fr *factor,
                        uint8_t **ret_bytes) {
    size_t each = form_bytes(g, FORM_MONTGOMERY);
    uint8_t *bytes = *ret_bytes = malloc(n * each);
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++) {
        Fr exponent = fr_mul(c, &k[i], factor);
        Element e = times(g, &exponent);
        element_write(&e, FORM_MONTGOMERY, bytes + i * each);
    }
    return (Vector){.name = "test",
                    .group = g,
                    .reading = {.form = FORM_MONTGOMERY, .infinity = true},
                    .n = n,
                    .bytes = cvk_source_memory(bytes, n * each)};
}

static Phase2Powers make_powers(Chance *ch, const Curve *c, unsigned power, Secrets *s) {
    const Group *g1 = curve_g1(c), *g2 = curve_g2(c);
    size_t n = (size_t)1 << power;
    Fr one = fr_from_uint(c, 1), powers[2 * DOMAIN_MAX];
    *s = (Secrets){
        .curve = c, .tau = chance_fr(ch, c), .alpha = chance_fr(ch, c), .beta = chance_fr(ch, c)};
    lagrange_at(c, &s->tau, n, s->lagrange);
    lagrange_at(c, &s->tau, 2 * n, s->next);
    powers[0] = one;
    for (size_t i = 1; i < 2 * n - 1; i++)
        powers[i] = fr_mul(c, &powers[i - 1], &s->tau);
    return (Phase2Powers){
        .curve = c,
        .power = power,
        .alpha_g1 = times(g1, &s->alpha),
        .beta_g1 = times(g1, &s->beta),
        .beta_g2 = times(g2, &s->beta),
        .tau_g1 = vector_of(g1, c, powers, 2 * n - 1, &one, &s->bytes[0]),
        .lagrange_g1 = vector_of(g1, c, s->lagrange, n, &one, &s->bytes[1]),
        .lagrange_g2 = vector_of(g2, c, s->lagrange, n, &one, &s->bytes[2]),
        .lagrange_alpha_g1 = vector_of(g1, c, s->lagrange, n, &s->alpha, &s->bytes[3]),
        .lagrange_beta_g1 = vector_of(g1, c, s->lagrange, n, &s->beta, &s->bytes[4]),
        .lagrange_next_g1 = vector_of(g1, c, s->next, 2 * n, &one, &s->bytes[5])};
}

static void secrets_done(Secrets *s) {
    for (size_t i = 0; i < 6; i++)
        free(s->bytes[i]);
}

/* ---- what the key should hold ---- */

typedef struct {
    Fr a[VARS_MAX], b[VARS_MAX], k[VARS_MAX];
} Expected;

static void add_term(const Secrets *s, const CircuitTerm *t, Expected *e) {
    const Curve *c = s->curve;
    Fr l = fr_mul(c, &t->value, &s->lagrange[t->constraint]), alpha = fr_mul(c, &l, &s->alpha),
       beta = fr_mul(c, &l, &s->beta), *sum = &e->k[t->signal];
    if (t->matrix == CIRCUIT_A) {
        e->a[t->signal] = fr_add(c, &e->a[t->signal], &l);
        *sum = fr_add(c, sum, &beta);
    } else if (t->matrix == CIRCUIT_B) {
        e->b[t->signal] = fr_add(c, &e->b[t->signal], &l);
        *sum = fr_add(c, sum, &alpha);
    } else {
        *sum = fr_add(c, sum, &l);
    }
}

static Expected expect(const Circuit *k, const Secrets *s, const Terms *t) {
    Expected e = {0}; /* the field's zero is all zero */
    for (size_t i = 0; i < t->n; i++)
        add_term(s, &t->terms[i], &e);
    for (uint32_t i = 0; i <= k->n_public; i++)
        add_term(s,
                 &(CircuitTerm){.matrix = CIRCUIT_A,
                                .constraint = k->constraints + i,
                                .signal = i,
                                .value = fr_from_uint(k->curve, 1)},
                 &e);
    return e;
}

static void assert_vector(const Phase2New *key, Phase2Vector which, const Fr *k, size_t step,
                          size_t n) {
    const Group *g = phase2_vector_group(phase2_new_key(key)->header.curve, which);
    size_t each = form_bytes(g, FORM_MONTGOMERY);
    CvkBuf made = CVK_BUF(1 << 20);
    const CvkSink to = cvk_sink_buf(&made);
    Verdict verdict = {.valid = true};
    CvkErr err;
    assert_true(phase2_new_vector(key, which, &to, &verdict, &err));
    assert_int_equal(made.n, n * each);
    assert_int_equal(phase2_new_key(key)->v[which].n, n);
    for (size_t i = 0; i < n; i++) {
        uint8_t right[FORM_BYTES_MAX];
        Element e = times(g, &k[i * step]);
        element_write(&e, FORM_MONTGOMERY, right);
        assert_memory_equal(made.data + i * each, right, each);
    }
    cvk_buf_done(&made);
}

/* The value stands in the file as v * R^2: twice taken for a Montgomery form it is v again. */
static void assert_coefficient(const Curve *c, const uint8_t *b, const CircuitTerm *t) {
    Fr once, twice;
    uint8_t le[FR_BYTES];
    assert_int_equal(cvk_le32(b), t->matrix);
    assert_int_equal(cvk_le32(b + 4), t->constraint);
    assert_int_equal(cvk_le32(b + 8), t->signal);
    assert_true(fr_from_montgomery(c, b + 12, &once));
    fr_to_le(c, &once, le);
    assert_true(fr_from_montgomery(c, le, &twice));
    assert_true(fr_equal(&twice, &t->value));
}

static void assert_coefficients(const Phase2New *key, const Circuit *k, const Terms *t) {
    CvkBuf made = CVK_BUF(1 << 20);
    const CvkSink to = cvk_sink_buf(&made);
    CvkErr err;
    size_t n = 0;
    assert_true(phase2_new_coefficients(key, &to, &err));
    const uint8_t *b = (const uint8_t *)made.data;
    for (size_t i = 0; i < t->n; i++)
        if (t->terms[i].matrix != CIRCUIT_C)
            assert_coefficient(k->curve, b + 4 + 44 * n++, &t->terms[i]);
    for (uint32_t i = 0; i <= k->n_public; i++)
        assert_coefficient(k->curve, b + 4 + 44 * n++,
                           &(CircuitTerm){.matrix = CIRCUIT_A,
                                          .constraint = k->constraints + i,
                                          .signal = i,
                                          .value = fr_from_uint(k->curve, 1)});
    assert_int_equal(cvk_le32(b), n);
    assert_int_equal(made.n, 4 + 44 * n);
    cvk_buf_done(&made);
}

static void hash_points(CvkBlake2b *h, const Group *g, const Fr *k, size_t n) {
    const uint8_t count[4] = {0, 0, 0, (uint8_t)n};
    cvk_blake2b_add(h, count, sizeof count);
    for (size_t i = 0; i < n; i++) {
        uint8_t b[FORM_BYTES_MAX];
        Element e = times(g, &k[i]);
        element_write(&e, FORM_UNCOMPRESSED, b);
        cvk_blake2b_add(h, b, form_bytes(g, FORM_UNCOMPRESSED));
    }
}

static void hash_point(CvkBlake2b *h, const Group *g, const Fr *k) {
    uint8_t b[FORM_BYTES_MAX];
    Element e = times(g, k);
    element_write(&e, FORM_UNCOMPRESSED, b);
    cvk_blake2b_add(h, b, form_bytes(g, FORM_UNCOMPRESSED));
}

static void assert_hash(const Phase2New *key, const Circuit *k, const Secrets *s,
                        const Expected *e) {
    const Curve *c = k->curve;
    const Group *g1 = curve_g1(c), *g2 = curve_g2(c);
    size_t n = phase2_new_key(key)->header.domain, n_ic = k->n_public + 1;
    Fr one = fr_from_uint(c, 1), power = one, tau_n = one, differences[DOMAIN_MAX];
    uint8_t right[BLAKE2B_BYTES];
    for (size_t i = 0; i < n; i++)
        tau_n = fr_mul(c, &tau_n, &s->tau);
    tau_n = fr_sub(c, &tau_n, &one);
    for (size_t i = 0; i < n - 1; i++, power = fr_mul(c, &power, &s->tau))
        differences[i] = fr_mul(c, &power, &tau_n);
    CvkBlake2b h;
    cvk_blake2b_init(&h);
    hash_point(&h, g1, &s->alpha);
    hash_point(&h, g1, &s->beta);
    hash_point(&h, g2, &s->beta);
    hash_point(&h, g2, &one);
    hash_point(&h, g1, &one);
    hash_point(&h, g2, &one);
    hash_points(&h, g1, e->k, n_ic);
    hash_points(&h, g1, differences, n - 1);
    hash_points(&h, g1, e->k + n_ic, k->n_vars - n_ic);
    hash_points(&h, g1, e->a, k->n_vars);
    hash_points(&h, g1, e->b, k->n_vars);
    hash_points(&h, g2, e->b, k->n_vars);
    cvk_blake2b_finish(&h, right);
    assert_memory_equal(phase2_new_key(key)->circuit_hash, right, sizeof right);
}

/* ---- the tests ---- */

static void assert_key_of_chance(const Curve *curve, uint64_t seed) {
    Chance ch = {.seed = seed};
    Terms t;
    Secrets s;
    Circuit k = chance_circuit(&ch, curve, &t);
    Phase2Powers p = make_powers(&ch, curve, circuit_domain_power(&k), &s);
    Work w = {.memory = WORK_MEMORY_MIN};
    Verdict verdict = {.valid = true};
    CvkErr err = {0};
    Phase2New *key;

    if (!phase2_new(&k, &p, &w, &key, &verdict, &err))
        fail_msg("seed %u: %s", (unsigned)seed, err.msg);

    Expected e = expect(&k, &s, &t);
    size_t n_ic = k.n_public + 1;
    assert_true(verdict.valid);
    assert_vector(key, PHASE2_IC, e.k, 1, n_ic);
    assert_vector(key, PHASE2_L, e.k + n_ic, 1, k.n_vars - n_ic);
    assert_vector(key, PHASE2_A, e.a, 1, k.n_vars);
    assert_vector(key, PHASE2_B1, e.b, 1, k.n_vars);
    assert_vector(key, PHASE2_B2, e.b, 1, k.n_vars);
    assert_vector(key, PHASE2_H, s.next + 1, 2, (size_t)1 << p.power);
    assert_coefficients(key, &k, &t);
    assert_hash(key, &k, &s, &e);
    phase2_new_free(key);
    secrets_done(&s);
}

static void keys_over_bn254_have_the_exponents_that_they_should(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++)
        assert_key_of_chance(curve_bn254(), seed);
}

static void keys_over_bls12_381_have_the_exponents_that_they_should(void **state) {
    (void)state;
    for (uint64_t seed = 100; seed < 108; seed++)
        assert_key_of_chance(curve_bls12_381(), seed);
}

static void the_domain_is_the_least_power_of_two_above_the_rows(void **state) {
    (void)state;
    static const struct {
        uint32_t constraints, n_public;
        unsigned power;
    } table[] = {{0, 0, 1}, {1, 0, 1}, {1, 1, 2}, {2, 1, 2},          {3, 1, 3},
                 {7, 0, 3}, {8, 0, 4}, {7, 2, 4}, {UINT32_MAX, 9, 33}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const Circuit c = {.constraints = table[i].constraints, .n_public = table[i].n_public};
        assert_int_equal(circuit_domain_power(&c), table[i].power);
    }
}

/* More rows than a block holds in the least memory. */
#define ROWS 12000u
#define POWER 14

/* step * i + 1 times the generator at i. */
static Vector steps(const Group *g, uint64_t step, uint8_t **ret_bytes) {
    const Curve *c = curve_bn254();
    size_t each = form_bytes(g, FORM_MONTGOMERY);
    uint8_t *bytes = *ret_bytes = calloc((size_t)1 << POWER, each);
    Fr k = fr_from_uint(c, step);
    Element e = element_generator(g), more = element_mul(&e, &k);
    assert_non_null(bytes);
    for (size_t i = 0; i < ROWS; i++, e = element_add(&e, &more))
        element_write(&e, FORM_MONTGOMERY, bytes + i * each);
    return (Vector){.name = "test",
                    .group = g,
                    .reading = {.form = FORM_MONTGOMERY, .infinity = true},
                    .n = (size_t)1 << POWER,
                    .bytes = cvk_source_memory(bytes, each << POWER)};
}

/* One term of A and one of B in each row, all of signal 1 and of value 1. */
static bool read_rows(const void *ctx, CircuitPlace *place, CircuitTerm *ret, size_t n,
                      size_t *ret_n, CvkErr *err) {
    const Circuit *c = ctx;
    for (*ret_n = 0; *ret_n < n && place->at < 2 * (uint64_t)c->constraints; place->at++)
        ret[(*ret_n)++] = (CircuitTerm){.matrix = place->at % 2 == 0 ? CIRCUIT_A : CIRCUIT_B,
                                        .constraint = (uint32_t)(place->at / 2),
                                        .signal = 1,
                                        .value = fr_from_uint(c->curve, 1)};
    return true;
}

static void circuits_larger_than_a_block_are_summed_whole(void **state) {
    (void)state;
    const Curve *c = curve_bn254();
    const Group *g1 = curve_g1(c), *g2 = curve_g2(c);
    Circuit k = {.curve = c, .constraints = ROWS - 1, .n_vars = 2, .read = read_rows};
    k.ctx = &k;
    uint8_t *bytes[5];
    Element one = element_generator(g1);
    Phase2Powers p = {.curve = c,
                      .power = POWER,
                      .alpha_g1 = one,
                      .beta_g1 = one,
                      .beta_g2 = element_generator(g2),
                      .lagrange_g1 = steps(g1, 1, &bytes[0]),
                      .lagrange_g2 = steps(g2, 3, &bytes[1]),
                      .lagrange_alpha_g1 = steps(g1, 5, &bytes[2]),
                      .lagrange_beta_g1 = steps(g1, 7, &bytes[3])};
    size_t each = form_bytes(g1, FORM_MONTGOMERY), n_tau = ((size_t)2 << POWER) - 1;
    bytes[4] = malloc(n_tau * each);
    for (size_t i = 0; i < n_tau; i++)
        element_write(&one, FORM_MONTGOMERY, bytes[4] + i * each);
    p.tau_g1 = p.lagrange_g1;
    p.tau_g1.n = n_tau;
    p.tau_g1.bytes = cvk_source_memory(bytes[4], n_tau * each);
    Work w = {.memory = WORK_MEMORY_MIN};
    assert_true(work_block(&w, g2, 3) < ROWS);
    Verdict verdict = {.valid = true};
    CvkErr err;
    Phase2New *key;

    assert_true(phase2_new(&k, &p, &w, &key, &verdict, &err));

    /* sums of step * i + 1 over the constraints; signal 0 has only its own row */
    uint64_t n = ROWS - 1, half = n * (n - 1) / 2;
    const Fr zero = fr_from_uint(c, 0), l = fr_from_uint(c, half + n),
             last = fr_from_uint(c, n + 1), beta_last = fr_from_uint(c, 7 * n + 1);
    const Fr a[] = {last, l}, b1[] = {zero, l}, b2[] = {zero, fr_from_uint(c, 3 * half + n)},
             k_1 = fr_from_uint(c, 12 * half + 2 * n);
    assert_true(verdict.valid);
    assert_vector(key, PHASE2_A, a, 1, 2);
    assert_vector(key, PHASE2_B1, b1, 1, 2);
    assert_vector(key, PHASE2_B2, b2, 1, 2);
    assert_vector(key, PHASE2_IC, &beta_last, 1, 1);
    assert_vector(key, PHASE2_L, &k_1, 1, 1);
    phase2_new_free(key);
    for (size_t i = 0; i < 5; i++)
        free(bytes[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(keys_over_bn254_have_the_exponents_that_they_should),
        TEST(keys_over_bls12_381_have_the_exponents_that_they_should),
        TEST(the_domain_is_the_least_power_of_two_above_the_rows),
        TEST(circuits_larger_than_a_block_are_summed_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
