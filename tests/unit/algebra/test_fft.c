#include "some_points.h"

#include "algebra/backend.h"

static void the_inverse_transform_of_scalars_undoes_evaluation(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    CvkErr err;
    for (size_t n = 1; n <= 64; n *= 2) {
        Fr coefficients[64], values[64], root, point = fr_from_uint(c, 1);
        assert_true(fr_root_of_unity(c, n, &root));
        for (size_t i = 0; i < n; i++)
            coefficients[i] = fr_from_uint(c, 1000 + i * i);
        for (size_t k = 0; k < n; k++) { /* Horner's rule at w^k */
            values[k] = fr_from_uint(c, 0);
            for (size_t i = n; i-- > 0;) {
                values[k] = fr_mul(c, &values[k], &point);
                values[k] = fr_add(c, &values[k], &coefficients[i]);
            }
            point = fr_mul(c, &point, &root);
        }

        assert_true(fr_fft(c, FFT_INVERSE, values, n, NULL, &err));

        for (size_t i = 0; i < n; i++)
            assert_true(fr_equal(&values[i], &coefficients[i]));
    }
}

/* L_i(tau) = w^i (tau^n - 1) / (n (tau - w^i)) */
static Fr lagrange_at(const Curve *c, const Fr *tau, const Fr *root_power, size_t n) {
    Fr one = fr_from_uint(c, 1), ret = one, size = fr_from_uint(c, n);
    for (size_t i = 0; i < n; i++)
        ret = fr_mul(c, &ret, tau);
    ret = fr_sub(c, &ret, &one);
    ret = fr_mul(c, &ret, root_power);
    Fr below = fr_sub(c, tau, root_power);
    below = fr_mul(c, &below, &size);
    below = fr_inverse(c, &below);
    return fr_mul(c, &ret, &below);
}

static Points *lagrange_of(const Points *p, CvkPool *pool) {
    CvkErr err;
    Points *ret = points_part(p, 0, points_n(p), &err);
    assert_non_null(ret);
    assert_true(points_fft(ret, FFT_INVERSE, pool, (CvkProgress){0}, &err));
    return ret;
}

static void points_become_the_lagrange_basis_in_natural_order(void **state) {
    Setup *s = *state;
    const Curve *c = s->c;
    const Group *groups[] = {s->g1, s->g2};
    Fr tau = fr_from_uint(c, 987654321);
    for (size_t g = 0; g < 2; g++)
        for (size_t n = 1; n <= 128; n = n == 1 ? 2 : n * 4) {
            Points *p = powers_of(groups[g], c, 987654321, n, s->pool), *alone, *pooled;
            Fr root, power = fr_from_uint(c, 1);
            assert_true(fr_root_of_unity(c, n, &root));

            alone = lagrange_of(p, NULL);
            pooled = lagrange_of(p, s->pool);

            Element generator = element_generator(groups[g]);
            for (size_t i = 0; i < n; i++) {
                Fr value = lagrange_at(c, &tau, &power, n);
                Element expected = element_mul(&generator, &value);
                Element a = points_at(alone, i), b = points_at(pooled, i);
                assert_true(element_equal(&a, &expected));
                assert_true(element_equal(&b, &expected));
                power = fr_mul(c, &power, &root);
            }
            points_free(p);
            points_free(alone);
            points_free(pooled);
        }
}

static void the_basis_sums_to_g_and_weighted_by_the_domain_to_tau_g(void **state) {
    Setup *s = *state;
    const Curve *c = s->c;
    enum { N = 512 };
    CvkErr err;
    Points *p = powers_of(s->g1, c, 31337, N, s->pool), *lagrange;
    Fr root, ones[N], domain[N];
    assert_true(fr_root_of_unity(c, N, &root));
    for (size_t i = 0; i < N; i++) {
        ones[i] = fr_from_uint(c, 1);
        domain[i] = i == 0 ? ones[0] : fr_mul(c, &domain[i - 1], &root);
    }

    lagrange = lagrange_of(p, s->pool);

    Element sum, weighted, one = points_at(p, 0), tau = points_at(p, 1);
    assert_true(points_combine_fr(lagrange, 0, N, ones, s->pool, &sum, &err));
    assert_true(points_combine_fr(lagrange, 0, N, domain, s->pool, &weighted, &err));
    assert_true(element_equal(&sum, &one));
    assert_true(element_equal(&weighted, &tau));
    points_free(p);
    points_free(lagrange);
}

/* All tau^j G are G when tau = 1, which is in every domain: L_0 = G, all others infinity. */
static void a_tau_in_the_domain_gives_infinities(void **state) {
    Setup *s = *state;
    CvkErr err;
    Points *p = points_generators(s->g1, 8, &err), *ret = lagrange_of(p, NULL);

    Element generator = element_generator(s->g1), first = points_at(ret, 0);
    assert_true(element_equal(&first, &generator));
    assert_true(points_any_infinite(ret));
    assert_false(points_any_infinite(p));
    for (size_t i = 1; i < 8; i++) {
        Element e = points_at(ret, i);
        assert_true(element_is_infinity(&e));
    }
    points_free(p);
    points_free(ret);
}

static void the_transforms_of_points_undo_each_other(void **state) {
    Setup *s = *state;
    const Group *groups[] = {s->g1, s->g2};
    CvkErr err;
    for (size_t g = 0; g < 2; g++)
        for (size_t n = 1; n <= 64; n *= 2) {
            Points *p = powers_of(groups[g], s->c, 3, n, NULL), *q = points_part(p, 0, n, &err);
            memset(points_slot(q, n / 2), 0, groups[g]->point_bytes); /* infinity goes through */
            memset(points_slot(p, n / 2), 0, groups[g]->point_bytes);

            assert_true(points_fft(q, FFT_FORWARD, s->pool, (CvkProgress){0}, &err));
            assert_true(n < 4 || !points_equal(p, 0, q, 0, n));
            assert_true(points_fft(q, FFT_INVERSE, NULL, (CvkProgress){0}, &err));

            assert_true(points_equal(p, 0, q, 0, n));
            points_free(p);
            points_free(q);
        }
}

/* With the logarithms 1, 3, 9, ...: value k is scale * (sum of (shift w^k)^j 3^(i_j)). */
static void check_many(Setup *s, const Group *g, size_t n, bool interleaved, bool shifted) {
    enum { COUNT = 3 };
    const Curve *c = s->c;
    CvkErr err;
    Points *p = powers_of(g, c, 3, n * COUNT, NULL);
    Fr shifts[COUNT], root, three = fr_from_uint(c, 3);
    assert_true(fr_root_of_unity(c, n, &root));
    for (size_t t = 0; t < COUNT; t++)
        shifts[t] = fr_from_uint(c, shifted ? 11 + t : 1);
    const PointsFft how = {.points = p,
                           .n = n,
                           .count = COUNT,
                           .interleaved = interleaved,
                           .direction = FFT_FORWARD,
                           .scale = fr_from_uint(c, shifted ? 5 : 1),
                           .shifts = shifted ? shifts : NULL};

    assert_true(points_fft_many(&how, 1, s->pool, (CvkProgress){0}, &err));

    Element generator = element_generator(g);
    for (size_t t = 0; t < COUNT; t++) {
        Fr x = shifts[t];
        for (size_t k = 0; k < n; k++, x = fr_mul(c, &x, &root)) {
            Fr sum = fr_from_uint(c, 0), power = how.scale;
            for (size_t j = 0; j < n; j++, power = fr_mul(c, &power, &x)) {
                size_t at = interleaved ? j * COUNT + t : t * n + j;
                Fr term = power;
                for (size_t i = 0; i < at; i++)
                    term = fr_mul(c, &term, &three);
                sum = fr_add(c, &sum, &term);
            }
            Element expected = element_mul(&generator, &sum);
            Element ours = points_at(p, interleaved ? k * COUNT + t : t * n + k);
            assert_true(element_equal(&ours, &expected));
        }
    }
    points_free(p);
}

static void many_transforms_run_side_by_side(void **state) {
    Setup *s = *state;
    for (size_t n = 1; n <= 32; n *= 2)
        for (unsigned kind = 0; kind < 4; kind++)
            check_many(s, s->g1, n, kind & 1, kind & 2);
    check_many(s, s->g2, 16, true, true);
    check_many(s, s->g1, 128, false, false);
}

static PointsFft some_transforms(const Group *g, const Curve *c, unsigned bits, const Fr *shifts) {
    CvkErr err;
    PointsFft ret = {.n = (size_t)1 << bits,
                     .count = 1 + bits % 3,
                     .interleaved = bits % 2 != 0,
                     .direction = FFT_INVERSE,
                     .scale = fr_from_uint(c, bits % 4 == 0 ? 1 : 100 + bits),
                     .shifts = bits % 5 == 0 ? shifts : NULL};
    Points *powers = powers_of(g, c, 3 + bits, ret.n * ret.count, NULL);
    ret.points = points_part(powers, 0, ret.n * ret.count, &err);
    points_free(powers);
    return ret;
}

/* Sizes, shifts and scales are mixed, so that lanes of different transforms share a turn. */
static void check_sizes(Setup *s, const Group *g, CvkPool *pool) {
    enum { SIZES = 9 };
    CvkErr err;
    PointsFft together[SIZES], alone[SIZES];
    const Fr shifts[3] = {fr_from_uint(s->c, 7), fr_from_uint(s->c, 1), fr_from_uint(s->c, 9)};
    for (unsigned i = 0; i < SIZES; i++) {
        together[i] = some_transforms(g, s->c, SIZES - 1 - i, shifts);
        alone[i] = together[i];
        alone[i].points = points_part(together[i].points, 0, points_n(together[i].points), &err);
    }

    assert_true(points_fft_many(together, SIZES, pool, (CvkProgress){0}, &err));

    for (unsigned i = 0; i < SIZES; i++) {
        assert_true(points_fft_many(&alone[i], 1, NULL, (CvkProgress){0}, &err));
        assert_true(
            points_equal(together[i].points, 0, alone[i].points, 0, points_n(alone[i].points)));
        points_free(together[i].points);
        points_free(alone[i].points);
    }
}

static void transforms_of_different_sizes_are_what_each_is_alone(void **state) {
    Setup *s = *state;
    check_sizes(s, s->g1, s->pool);
    check_sizes(s, s->g1, NULL);
    check_sizes(s, s->g2, s->pool);
}

/* Differences of equal points, which the butterflies take, are infinity. */
static void infinities_on_the_way_are_no_trouble(void **state) {
    Setup *s = *state;
    CvkErr err = {.id = ""};
    Element elements[4];
    static const uint64_t logs[4] = {1, 1, 1,
                                     5}; /* no powers: only the sums are to meet infinity */
    for (size_t i = 0; i < 4; i++) {
        Element generator = element_generator(s->g1);
        Fr k = fr_from_uint(s->c, logs[i]);
        elements[i] = element_mul(&generator, &k);
    }
    Points *p, *ret;
    assert_true(points_from_elements(s->g1, elements, 4, NULL, &p, &err));
    Fr values[4];
    for (size_t i = 0; i < 4; i++)
        values[i] = fr_from_uint(s->c, logs[i]);
    assert_true(fr_fft(s->c, FFT_INVERSE, values, 4, NULL, &err));

    ret = lagrange_of(p, NULL);

    for (size_t i = 0; i < 4; i++) {
        Element generator = element_generator(s->g1), e = points_at(ret, i);
        Element expected = element_mul(&generator, &values[i]);
        assert_true(element_equal(&e, &expected));
    }
    points_free(p);
    points_free(ret);
}

static void sizes_that_are_no_powers_of_two_are_refused(void **state) {
    Setup *s = *state;
    static const size_t sizes[] = {0, 3, 12};
    for (size_t i = 0; i < 3; i++) {
        CvkErr err = {.id = ""};
        Points *p = points_generators(s->g1, sizes[i], &err);
        Fr a[12] = {{{0}}};

        assert_false(points_fft(p, FFT_INVERSE, NULL, (CvkProgress){0}, &err));
        assert_string_equal(err.id, "fft.size");
        assert_false(fr_fft(s->c, FFT_INVERSE, a, sizes[i], NULL, &err));

        assert_string_equal(err.id, "fft.size");
        points_free(p);
    }
}

typedef struct {
    size_t last, total, calls;
} Progress;

static void note_progress(void *ctx, size_t done, size_t total) {
    Progress *p = ctx;
    assert_true(done >= p->last && done <= total);
    p->last = done;
    p->total = total;
    p->calls++;
}

static void progress_goes_to_the_end(void **state) {
    Setup *s = *state;
    CvkErr err;
    Progress progress = {0};
    Points *p = powers_of(s->g1, s->c, 3, 512, s->pool);

    assert_true(points_fft(p, FFT_INVERSE, NULL, (CvkProgress){note_progress, &progress}, &err));

    assert_true(progress.calls > 1);
    assert_int_equal(progress.total, 512 / 2 * 9);
    assert_int_equal(progress.last, progress.total);
    points_free(p);
}

static void progress_of_many_is_that_of_all_and_never_falls(void **state) {
    Setup *s = *state;
    CvkErr err;
    Progress progress = {0};
    PointsFft how[3];
    for (unsigned i = 0; i < 3; i++)
        how[i] = some_transforms(s->g1, s->c, 8 - i, NULL); /* three, two and one of them */

    assert_true(points_fft_many(how, 3, s->pool, (CvkProgress){note_progress, &progress}, &err));

    assert_int_equal(progress.total, 256 / 2 * 8 * 3 + 128 / 2 * 7 * 2 + 64 / 2 * 6);
    assert_int_equal(progress.last, progress.total);
    for (unsigned i = 0; i < 3; i++)
        points_free(how[i].points);
}

/* ---- the real ceremony's result, as the c-kzg package carries it ---- */

/* "4096\n65\n", then in hex 4096 Lagrange G1, 65 G2, 4096 G1 powers. */
static uint8_t *read_g1(FILE *f, size_t n) {
    uint8_t *ret = malloc(n * 48);
    assert_non_null(ret);
    for (size_t i = 0; i < n * 48; i++) {
        unsigned byte;
        assert_int_equal(fscanf(f, "%2x", &byte), 1);
        ret[i] = (uint8_t)byte;
    }
    return ret;
}

/* That ceremony's root of unity comes from 7, not from 5: it is some power of ours. */
static size_t power_that_is_theirs(const Curve *c, size_t n) {
    Fr ours, theirs, power = fr_from_uint(c, 1);
    size_t e = 0;
    assert_true(fr_root_of_unity(c, n, &ours) && fr_root_of_unity_from(c, 7, n, &theirs));
    for (; !fr_equal(&power, &theirs); e++)
        power = fr_mul(c, &power, &ours);
    return e;
}

static void the_real_powers_give_the_published_lagrange_points(void **state) {
    Setup *s = *state;
    enum { N = 4096 };
    char path[4096];
    snprintf(path, sizeof path, "%s/node_modules/c-kzg/deps/c-kzg/trusted_setup.txt",
             getenv("CONVOKE_SOURCE"));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    int n1, n2;
    assert_int_equal(fscanf(f, "%d %d", &n1, &n2), 2);
    assert_int_equal(n1, N);
    uint8_t *published = read_g1(f, N);
    uint8_t *g2 = read_g1(f, 2 * (size_t)n2);
    uint8_t *powers = read_g1(f, N);
    fclose(f);
    Factors factors = {.label = 1};
    Points *p, *lagrange;
    PointReport report;
    CvkErr err;
    assert_true(points_read(s->g1, (PointReading){.form = FORM_ZCASH}, powers, N, &factors, s->pool,
                            &p, NULL, &report, &err));
    assert_int_equal(report.fault, POINT_OK);

    lagrange = lagrange_of(p, s->pool);

    uint8_t *ours = encoded(lagrange, s->pool);
    size_t step = power_that_is_theirs(curve_bls12_381(), N);
    for (size_t i = 0; i < N; i++)
        assert_memory_equal(ours + i * step % N * 48, published + i * 48, 48);
    free(ours);
    free(published);
    free(g2);
    free(powers);
    points_free(p);
    points_free(lagrange);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_EACH_CURVE(the_inverse_transform_of_scalars_undoes_evaluation),
        ON_EACH_CURVE(points_become_the_lagrange_basis_in_natural_order),
        ON_EACH_CURVE(the_basis_sums_to_g_and_weighted_by_the_domain_to_tau_g),
        ON_EACH_CURVE(a_tau_in_the_domain_gives_infinities),
        ON_EACH_CURVE(the_transforms_of_points_undo_each_other),
        ON_EACH_CURVE(many_transforms_run_side_by_side),
        ON_EACH_CURVE(transforms_of_different_sizes_are_what_each_is_alone),
        ON_EACH_CURVE(infinities_on_the_way_are_no_trouble),
        ON_EACH_CURVE(sizes_that_are_no_powers_of_two_are_refused),
        ON_EACH_CURVE(progress_goes_to_the_end),
        ON_EACH_CURVE(progress_of_many_is_that_of_all_and_never_falls),
        ON_BLS12_381(the_real_powers_give_the_published_lagrange_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
