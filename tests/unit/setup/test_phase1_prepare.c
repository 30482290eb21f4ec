/* Lagrange bases of powers of tau, against transforms in memory and against the mathematics. */
#include "support/test.h"

#include "base/buf.h"
#include "setup/phase1_prepare.h"
#include "setup/phase1_prepare_level.h"
#include "support/scratch.h"

enum { POWER = 6, TAU = 12345, CAPACITY_ALL = 1024 };

/* A scratch file in memory that says how much was put into it. */
typedef struct {
    uint8_t bytes[1 << 17];
    size_t used;
} Memory;

static bool memory_write(void *ctx, uint64_t at, const void *data, size_t n, CvkErr *err) {
    (void)err;
    Memory *m = ctx;
    assert_true(at + n <= sizeof m->bytes);
    memcpy(m->bytes + at, data, n);
    m->used = at + n > m->used ? (size_t)at + n : m->used;
    return true;
}

static bool memory_read(void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err) {
    (void)err;
    const Memory *m = ctx;
    assert_true(at + n <= m->used);
    memcpy(ret, m->bytes + at, n);
    return true;
}

typedef struct {
    const Curve *c;
    const Group *g;
    uint8_t *bytes; /* of the powers of TAU, FORM_MONTGOMERY */
    Vector v;
    Work w;
    Memory scratch_memory;
    CvkScratch scratch;
    CvkBuf out;
    CvkSink to;
} Prepare;

static Prepare *prepare_new(const Curve *c, const Group *g, size_t n) {
    CvkErr err;
    Prepare *p = calloc(1, sizeof *p);
    assert_non_null(p);
    Points *generators = points_generators(g, n, &err), *powers;
    const PowersOf k = {.first = fr_from_uint(c, 1), .x = fr_from_uint(c, TAU)};
    assert_true(points_mul_secret(generators, &k, NULL, (CvkProgress){NULL, NULL}, &powers, &err));
    p->c = c;
    p->g = g;
    p->bytes = malloc(n * form_bytes(g, FORM_MONTGOMERY));
    points_write(powers, 0, n, FORM_MONTGOMERY, NULL, p->bytes);
    p->v = (Vector){.name = "tauG1",
                    .group = g,
                    .reading = {.form = FORM_MONTGOMERY},
                    .n = n,
                    .bytes = cvk_source_memory(p->bytes, n * form_bytes(g, FORM_MONTGOMERY))};
    p->w = (Work){.memory = WORK_MEMORY_MIN};
    p->scratch = (CvkScratch){memory_write, memory_read, &p->scratch_memory};
    p->out = (CvkBuf){.max = 1 << 20};
    p->to = cvk_sink_buf(&p->out);
    points_free(generators);
    points_free(powers);
    return p;
}

static void prepare_free(Prepare *p) {
    free(p->bytes);
    cvk_buf_done(&p->out);
    free(p);
}

static Levels levels_of(const Prepare *p, size_t capacity, unsigned two_adicity) {
    return (Levels){.curve = p->c,
                    .v = &p->v,
                    .w = &p->w,
                    .scratch = &p->scratch,
                    .to = &p->to,
                    .capacity = capacity,
                    .two_adicity = two_adicity,
                    .unit = 1};
}

/* The level as bytes; the caller frees. */
static uint8_t *level_bytes(Prepare *p, unsigned level, size_t capacity, unsigned two_adicity) {
    CvkErr err;
    const Levels l = levels_of(p, capacity, two_adicity);
    size_t n = form_bytes(p->g, FORM_MONTGOMERY) << level;
    p->out.n = 0;
    p->scratch_memory.used = 0;
    assert_true(levels_write(&l, level, level, &err));
    assert_int_equal(p->out.n, n);
    uint8_t *ret = malloc(n);
    memcpy(ret, p->out.data, n);
    return ret;
}

/* L_i(tau) of points x_0 .. x_(n-1): the product of (tau - x_j) / (x_i - x_j) over j other than i.
 */
static Fr basis_at(const Curve *c, const Fr *x, size_t n, size_t i) {
    Fr tau = fr_from_uint(c, TAU), ret = fr_from_uint(c, 1);
    for (size_t j = 0; j < n; j++) {
        if (j == i)
            continue;
        Fr above = fr_sub(c, &tau, &x[j]), below = fr_sub(c, &x[i], &x[j]);
        below = fr_inverse(c, &below);
        ret = fr_mul(c, &ret, &above);
        ret = fr_mul(c, &ret, &below);
    }
    return ret;
}

static void check_basis(const Prepare *p, const uint8_t *bytes, const Fr *x, size_t n) {
    Element generator = element_generator(p->g);
    uint8_t expected[FORM_BYTES_MAX];
    for (size_t i = 0; i < n; i++) {
        Fr value = basis_at(p->c, x, n, i);
        Element e = element_mul(&generator, &value);
        element_write(&e, FORM_MONTGOMERY, expected);
        size_t each = form_bytes(p->g, FORM_MONTGOMERY);
        assert_memory_equal(bytes + i * each, expected, each);
    }
}

static void for_each_group(void (*fn)(const Curve *c, const Group *g)) {
    const Curve *curves[] = {curve_bls12_381(), curve_bn254()};
    for (size_t i = 0; i < 2; i++) {
        fn(curves[i], curve_g1(curves[i]));
        fn(curves[i], curve_g2(curves[i]));
    }
}

static void check_levels(const Curve *c, const Group *g) {
    Prepare *p = prepare_new(c, g, 1 << POWER);
    for (unsigned level = 0; level <= POWER; level++) {
        Fr x[1 << POWER], root;
        size_t n = (size_t)1 << level;
        assert_true(fr_root_of_unity(c, n, &root));
        x[0] = fr_from_uint(c, 1);
        for (size_t i = 1; i < n; i++)
            x[i] = fr_mul(c, &x[i - 1], &root);

        uint8_t *bytes = level_bytes(p, level, CAPACITY_ALL, 28);

        check_basis(p, bytes, x, n);
        assert_int_equal(p->scratch_memory.used, 0);
        free(bytes);
    }
    prepare_free(p);
}

static void every_level_is_the_lagrange_basis_of_its_domain(void **state) {
    (void)state;
    for_each_group(check_levels);
}

static void check_memory(const Curve *c, const Group *g) {
    Prepare *p = prepare_new(c, g, (1 << POWER) - 1); /* as tauG1: the last entry is not there */
    for (unsigned level = 0; level <= POWER; level++) {
        uint8_t *expected = level_bytes(p, level, CAPACITY_ALL, 28);
        for (size_t capacity = 1; capacity < (size_t)1 << level; capacity *= 2) {
            if (capacity * capacity < (size_t)1 << level)
                continue;
            uint8_t *bytes = level_bytes(p, level, capacity, 28);

            assert_memory_equal(bytes, expected, form_bytes(g, FORM_MONTGOMERY) << level);
            assert_int_equal(p->scratch_memory.used, form_bytes(g, FORM_MONTGOMERY) << level);
            free(bytes);
        }
        free(expected);
    }
    prepare_free(p);
}

static void a_level_is_the_same_however_little_memory_there_is(void **state) {
    (void)state;
    for_each_group(check_memory);
}

/* Level after level, each made by itself. */
static void add_levels(Prepare *p, unsigned last, CvkBuf *to) {
    CvkErr err;
    for (unsigned level = 0; level <= last; level++) {
        uint8_t *bytes = level_bytes(p, level, CAPACITY_ALL, 28);
        assert_true(cvk_buf_add(to, bytes, form_bytes(p->g, FORM_MONTGOMERY) << level, &err));
        free(bytes);
    }
}

static void check_together(const Curve *c, const Group *g) {
    CvkErr err;
    CvkPool *pool = cvk_pool_new(2, &err);
    Prepare *p = prepare_new(c, g, (1 << POWER) - 1);
    CvkBuf expected = {.max = 1 << 20};
    add_levels(p, POWER, &expected);
    for (size_t capacity = 1 << POWER / 2; capacity <= CAPACITY_ALL; capacity *= 2) {
        const Levels l = levels_of(p, capacity, 28);
        for (unsigned pooled = 0; pooled < 2; pooled++) {
            p->w.pool = pooled != 0 ? pool : NULL;
            p->out.n = 0;

            assert_true(levels_write(&l, 0, POWER, &err));

            assert_int_equal(p->out.n, expected.n);
            assert_memory_equal(p->out.data, expected.data, expected.n);
        }
    }
    cvk_buf_done(&expected);
    prepare_free(p);
    cvk_pool_free(pool);
}

static void levels_that_are_made_together_are_the_same_as_alone(void **state) {
    (void)state;
    for_each_group(check_together);
}

/* How many bytes were read since something was written last. */
typedef struct {
    CvkSource from;
    CvkSink to;
    size_t *held, *most;
} Watched;

static bool watched_read(const void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err) {
    const Watched *w = ctx;
    *w->held += n;
    *w->most = *w->held > *w->most ? *w->held : *w->most;
    return cvk_source_read(&w->from, at, ret, n, err);
}

static bool watched_write(void *ctx, const void *data, size_t n, CvkErr *err) {
    const Watched *w = ctx;
    *w->held = 0;
    return cvk_sink_write(&w->to, data, n, err);
}

static void levels_are_made_together_only_as_far_as_memory_holds_them(void **state) {
    (void)state;
    CvkErr err;
    Prepare *p = prepare_new(curve_bn254(), curve_g1(curve_bn254()), 1 << POWER);
    size_t held = 0, most = 0;
    Watched w = {.from = p->v.bytes, .to = p->to, .held = &held, .most = &most};
    p->v.bytes = (CvkSource){.read = watched_read, .ctx = &w, .n = w.from.n};
    p->to = (CvkSink){.write = watched_write, .ctx = &w};
    for (size_t capacity = 1 << POWER; capacity <= CAPACITY_ALL; capacity *= 2) {
        const Levels l = levels_of(p, capacity, 28);
        most = 0;

        assert_true(levels_write(&l, 0, POWER, &err));

        /* all levels: one point fewer than twice the last one */
        size_t together = capacity > 1 << POWER ? (2 << POWER) - 1 : 1 << POWER;
        assert_int_equal(most, together * form_bytes(p->g, FORM_MONTGOMERY));
        assert_true(most <= capacity * form_bytes(p->g, FORM_MONTGOMERY));
    }
    prepare_free(p);
}

/* As if the field had only the 8th roots of unity: level 4 has them and a coset of them. */
static void check_halves(const Curve *c, const Group *g) {
    Prepare *p = prepare_new(c, g, 16);
    Fr x[16], root;
    assert_true(fr_root_of_unity(c, 8, &root));
    x[0] = fr_from_uint(c, 1);
    x[8] = fr_coset(c);
    for (size_t i = 1; i < 8; i++) {
        x[i] = fr_mul(c, &x[i - 1], &root);
        x[8 + i] = fr_mul(c, &x[7 + i], &root);
    }

    uint8_t *bytes = level_bytes(p, 4, CAPACITY_ALL, 3);
    uint8_t *with_scratch = level_bytes(p, 4, 8, 3);

    check_basis(p, bytes, x, 16);
    assert_true(p->scratch_memory.used != 0);
    assert_memory_equal(bytes, with_scratch, 16 * form_bytes(g, FORM_MONTGOMERY));
    free(bytes);
    free(with_scratch);
    prepare_free(p);
}

static void beyond_the_roots_of_unity_a_level_is_of_two_cosets(void **state) {
    (void)state;
    for_each_group(check_halves);
}

/* ---- whole vectors ---- */

/* All levels of a vector, as bytes; the caller frees. */
static CvkBuf all_levels(Prepare *p, Phase1Vector which, unsigned power, size_t memory,
                         const CvkScratch *scratch) {
    CvkErr err;
    Phase1State s = {.curve = p->c, .power = power};
    CvkBuf ret = {.max = 1 << 20};
    const CvkSink to = cvk_sink_buf(&ret);
    s.v[which] = p->v;
    p->w.memory = memory;
    if (!phase1_prepare(&s, which, 0, &p->w, scratch, &to, &err))
        fail_msg("%s", err.msg);
    return ret;
}

/* Of 2^7 points, where the least memory holds 2^6. */
static void check_file(const Curve *c, Phase1Vector which, const char *beside) {
    const unsigned power = which == PHASE1_TAU_G1 ? 6 : 7;
    Prepare *p =
        prepare_new(c, phase1_vector_group(c, which), (size_t)phase1_vector_n(which, power));
    CvkScratchFile file;
    const CvkScratch scratch = cvk_scratch_file(&file, beside);

    _cleanup_buf_ CvkBuf in_memory = all_levels(p, which, power, WORK_MEMORY_MIN, &scratch);
    assert_int_equal(file.fd, -1);
    _cleanup_buf_ CvkBuf over_file = all_levels(p, which, power, 0, &scratch);
    assert_int_not_equal(file.fd, -1);

    assert_int_equal(over_file.n, in_memory.n);
    assert_memory_equal(over_file.data, in_memory.data, in_memory.n);
    cvk_scratch_file_close(&file);
    prepare_free(p);
}

/* Here and not by a command: with the 16 MB that are the least there, the first level that does not
 * fit has 2^16 points (of tauG1, power 15), and takes ten seconds even where it is the only one
 * that is made (convert). */
static void a_vector_is_the_same_over_a_file_on_disk(void **state) {
    char path[512];
    const Curve *curves[] = {curve_bls12_381(), curve_bn254()};
    for (size_t i = 0; i < 2; i++)
        for (Phase1Vector which = PHASE1_TAU_G1; which <= PHASE1_TAU_G2; which++)
            check_file(curves[i], which, scratch_path(*state, path, "out"));
}

static void a_point_off_the_curve_is_named_before_anything_is_written(void **state) {
    (void)state;
    CvkErr err = {.id = ""};
    Prepare *p = prepare_new(curve_bn254(), curve_g1(curve_bn254()), 31);
    Phase1State s = {.curve = p->c, .power = 4};
    s.v[PHASE1_TAU_G1] = p->v;
    p->bytes[17 * 64] ^= 1;

    assert_false(phase1_prepare(&s, PHASE1_TAU_G1, 0, &p->w, &p->scratch, &p->to, &err));

    assert_string_equal(err.id, "point.not_on_curve");
    assert_string_equal(err.msg, "tauG1[17] is not on the curve");
    assert_int_equal(p->out.n, 0);
    prepare_free(p);
}

typedef struct {
    size_t done, total;
} Seen;

static void see(void *ctx, size_t done, size_t total) {
    Seen *s = ctx;
    s->done = done;
    s->total = total;
}

static void all_vectors_together_are_as_many_units_as_announced(void **state) {
    (void)state;
    CvkErr err;
    CvkMeter meter;
    size_t total = 0;
    for (Phase1Vector which = 0; which < PHASE1_BETA_G2; which++)
        total += phase1_prepare_units(which, 4, 0);
    Seen seen = {0, 0};
    cvk_meter_init(&meter, (CvkProgress){see, &seen}, total + 1);
    for (Phase1Vector which = 0; which < PHASE1_BETA_G2; which++) {
        const Curve *c = curve_bn254();
        Prepare *p =
            prepare_new(c, phase1_vector_group(c, which), (size_t)phase1_vector_n(which, 4));
        Phase1State s = {.curve = c, .power = 4};
        s.v[which] = p->v;
        p->w.meter = &meter;

        assert_true(phase1_prepare(&s, which, 0, &p->w, &p->scratch, &p->to, &err));

        size_t points = ((size_t)2 << phase1_prepare_top(which, 4)) - 1;
        assert_int_equal(p->out.n, points * form_bytes(p->g, FORM_MONTGOMERY));
        prepare_free(p);
    }
    assert_int_equal(seen.done, seen.total - 1);
    cvk_meter_done(&meter);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_level_is_the_lagrange_basis_of_its_domain),
        TEST(a_level_is_the_same_however_little_memory_there_is),
        TEST(levels_that_are_made_together_are_the_same_as_alone),
        TEST(levels_are_made_together_only_as_far_as_memory_holds_them),
        TEST(beyond_the_roots_of_unity_a_level_is_of_two_cosets),
        TEST_SCRATCH(a_vector_is_the_same_over_a_file_on_disk),
        TEST(a_point_off_the_curve_is_named_before_anything_is_written),
        TEST(all_vectors_together_are_as_many_units_as_announced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
