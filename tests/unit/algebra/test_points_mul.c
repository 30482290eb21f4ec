#include "some_points.h"

#include "algebra/backend.h"

#include <pthread.h>

static void each_point_is_multiplied_by_its_power(void **state) {
    Setup *s = *state;
    const Group *groups[] = {s->g1, s->g2};
    static const size_t sizes[] = {0, 1, 2, 3, 63, 64, 65, 130};
    CvkErr err;
    uint8_t wide[64];
    memset(wide, 0xab, sizeof wide);
    Fr x = fr_from_be_reduced(s->c, wide, sizeof wide), first = fr_from_uint(s->c, 77);
    const PowersOf powers = {.first = first, .x = x, .from = 3};
    for (size_t g = 0; g < 2; g++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            Points *p = powers_of(groups[g], s->c, 3, sizes[i], NULL), *alone, *pooled;

            assert_true(points_mul_secret(p, &powers, NULL, (CvkProgress){0}, &alone, &err));
            assert_true(points_mul_secret(p, &powers, s->pool, (CvkProgress){0}, &pooled, &err));

            assert_int_equal(points_n(alone), sizes[i]);
            assert_ptr_equal(points_group(alone), groups[g]);
            Fr power = first; /* 77 x^3 */
            for (size_t k = 0; k < 3; k++)
                power = fr_mul(s->c, &power, &x);
            for (size_t k = 0; k < sizes[i]; k++) {
                Element before = points_at(p, k), expected = element_mul(&before, &power);
                Element a = points_at(alone, k), b = points_at(pooled, k);
                assert_true(element_equal(&a, &expected));
                assert_true(element_equal(&b, &expected));
                power = fr_mul(s->c, &power, &x);
            }
            points_free(p);
            points_free(alone);
            points_free(pooled);
        }
}

/* The last power of r - 1 is 1 or -1: the scalars are the edges of the field. */
static void powers_of_minus_one_alternate(void **state) {
    Setup *s = *state;
    CvkErr err;
    Fr zero = fr_from_uint(s->c, 0), one = fr_from_uint(s->c, 1), x = fr_sub(s->c, &zero, &one);
    const PowersOf powers = {.first = one, .x = x};
    Points *p = points_generators(s->g1, 5, &err), *ret;

    assert_true(points_mul_secret(p, &powers, NULL, (CvkProgress){0}, &ret, &err));

    Element plus = element_generator(s->g1), minus = element_neg(&plus);
    for (size_t i = 0; i < 5; i++) {
        Element e = points_at(ret, i);
        assert_true(element_equal(&e, i % 2 == 0 ? &plus : &minus));
    }
    points_free(p);
    points_free(ret);
}

/* Which points are infinite is no secret. */
static void infinite_points_stay_infinite(void **state) {
    Setup *s = *state;
    CvkErr err;
    const Group *groups[] = {s->g1, s->g2};
    const PowersOf powers = {.first = fr_from_uint(s->c, 5), .x = fr_from_uint(s->c, 1)};
    for (size_t g = 0; g < 2; g++) {
        Points *p = points_generators(groups[g], 70, &err), *ret;
        memset(points_slot(p, 0), 0, groups[g]->point_bytes);
        memset(points_slot(p, 65), 0, groups[g]->point_bytes);

        assert_true(points_mul_secret(p, &powers, s->pool, (CvkProgress){0}, &ret, &err));

        Element one = element_generator(groups[g]), five = element_mul(&one, &powers.first);
        for (size_t i = 0; i < 70; i++) {
            Element e = points_at(ret, i);
            assert_true(i == 0 || i == 65 ? element_is_infinity(&e) : element_equal(&e, &five));
        }
        points_free(p);
        points_free(ret);
    }
}

typedef struct {
    size_t calls, last, total;
    bool fell;
    pthread_mutex_t lock; /* must never be found taken: two calls at once */
    bool at_once;
} Progress;

static void note_progress(void *ctx, size_t done, size_t total) {
    Progress *p = ctx;
    if (pthread_mutex_trylock(&p->lock) != 0) {
        p->at_once = true;
        return;
    }
    p->calls++;
    p->fell |= done < p->last;
    p->last = done;
    p->total = total;
    pthread_mutex_unlock(&p->lock);
}

static void progress_never_falls_nor_comes_twice_at_once(void **state) {
    Setup *s = *state;
    CvkErr err;
    Progress progress = {.lock = PTHREAD_MUTEX_INITIALIZER};
    const PowersOf powers = {.first = fr_from_uint(s->c, 1), .x = fr_from_uint(s->c, 5)};
    Points *p = points_generators(s->g1, 700, &err), *ret;

    assert_true(points_mul_secret(p, &powers, s->pool, (CvkProgress){note_progress, &progress},
                                  &ret, &err));

    assert_true(progress.calls >= 2);
    assert_false(progress.fell);
    assert_false(progress.at_once);
    assert_int_equal(progress.last, 700);
    assert_int_equal(progress.total, 700);
    points_free(p);
    points_free(ret);
}

static void elements_become_points_again(void **state) {
    Setup *s = *state;
    const Group *groups[] = {s->g1, s->g2};
    static const size_t sizes[] = {0, 1, 2, 64, 65, 1025};
    CvkErr err;
    for (size_t g = 0; g < 2; g++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            size_t n = sizes[i];
            Element *elements = malloc((n + 1) * sizeof *elements), g0, sum;
            assert_non_null(elements);
            g0 = sum = element_generator(groups[g]);
            for (size_t k = 0; k < n; k++, sum = element_add(&sum, &g0))
                elements[k] = sum; /* k + 1 times the generator, with all manner of Z */
            Points *p;

            assert_true(points_from_elements(groups[g], elements, n, s->pool, &p, &err));

            assert_int_equal(points_n(p), n);
            for (size_t k = 0; k < n; k++) {
                Element e = points_at(p, k);
                assert_true(element_equal(&e, &elements[k]));
            }
            points_free(p);
            free(elements);
        }
}

static void one_infinity_among_the_elements_is_refused(void **state) {
    Setup *s = *state;
    enum { N = 1100 };
    static const size_t places[] = {0, 1, 63, 64, 1023, 1024, N - 1};
    const Group *groups[] = {s->g1, s->g2};
    static Element elements[N];
    for (size_t g = 0; g < 2; g++)
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            CvkErr err = {.id = ""};
            Points *p = NULL;
            for (size_t k = 0; k < N; k++)
                elements[k] = element_generator(groups[g]);
            elements[places[i]] = element_infinity(groups[g]);

            assert_false(points_from_elements(groups[g], elements, N, s->pool, &p, &err));

            assert_null(p);
            assert_string_equal(err.id, "point.infinity");
            assert_int_equal(err.code, CVK_EBADREQ);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_EACH_CURVE(each_point_is_multiplied_by_its_power),
        ON_EACH_CURVE(powers_of_minus_one_alternate),
        ON_EACH_CURVE(infinite_points_stay_infinite),
        ON_EACH_CURVE(progress_never_falls_nor_comes_twice_at_once),
        ON_EACH_CURVE(elements_become_points_again),
        ON_EACH_CURVE(one_infinity_among_the_elements_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
