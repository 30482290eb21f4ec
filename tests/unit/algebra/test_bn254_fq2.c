/* Fq2 of bn254 against its definition over Fq; against another implementation in
 * test_bn254_tower.c. */
#include "support/test.h"

#include "algebra/bn254_fq2.h"

enum { EDGES = 6, SAMPLES = EDGES * EDGES + 30 };

/* 0, 1, 2, q - 1, q - 2, (q - 1) / 2; then numbers without structure. */
static Fq coordinate(size_t i) {
    uint8_t be[FQ_BYTES] = {0};
    Fq x, one = fq_one(), two;
    fq_add(&two, &one, &one);
    if (i == 3 || i == 4)
        fq_neg(&x, i == 3 ? &one : &two);
    else if (i == 5) {
        fq_inverse(&x, &two);
        fq_sub(&x, &x, &one); /* 1/2 - 1 = -1/2 = (q - 1) / 2 */
    } else {
        be[31] = (uint8_t)i;
        for (size_t k = 0; i > 2 && k < sizeof be; k++)
            be[k] = (uint8_t)((i * 53 + k) * (k * 77 + 29) >> 2);
        be[0] &= 0x1f;
        assert_true(fq_from_be(&x, be));
    }
    return x;
}

/* All pairs of edges first. */
static Fq2 sample(size_t i) {
    if (i < EDGES * EDGES)
        return (Fq2){coordinate(i / EDGES), coordinate(i % EDGES)};
    return (Fq2){coordinate(2 * i), coordinate(2 * i + 1)};
}

static Fq product(Fq a, Fq b) {
    fq_mul(&a, &a, &b);
    return a;
}

static void assert_same(Fq2 a, Fq2 b) {
    assert_true(fq2_equal(&a, &b));
}

static void a_product_is_that_of_polynomials_with_u_squared_minus_one(void **state) {
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t k = 0; k < SAMPLES; k++) {
            Fq2 a = sample(i), b = sample(k), ab, expected;
            Fq right = product(a.c1, b.c1), cross = product(a.c1, b.c0);
            expected.c0 = product(a.c0, b.c0);
            fq_sub(&expected.c0, &expected.c0, &right);
            expected.c1 = product(a.c0, b.c1);
            fq_add(&expected.c1, &expected.c1, &cross);

            fq2_mul(&ab, &a, &b);
            assert_same(ab, expected);
            fq2_mul(&a, &a, &b); /* in place */
            assert_same(a, expected);
        }
}

/* Of products with lazy operands and of the same reduced. */
static void a_lazy_operand_makes_no_difference_to_a_product(void **state) {
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t k = 0; k < SAMPLES; k++) {
            const Fq2 a = sample(i), b = sample(k), c = sample((7 * i + k) % SAMPLES);
            Fq2 lazy[3], reduced[3], product, expected;
            fq2_add_lazy(&lazy[0], &a, &b);
            fq2_add(&reduced[0], &a, &b);
            fq2_sub_lazy(&lazy[1], &a, &b);
            fq2_sub(&reduced[1], &a, &b);
            fq2_mul_by_3_lazy(&lazy[2], &a);
            fq2_mul_by_3(&reduced[2], &a);
            for (size_t j = 0; j < 3; j++) {
                fq2_mul(&expected, &reduced[j], &c);

                fq2_mul(&product, &lazy[j], &c);
                assert_same(product, expected);
                fq2_mul(&product, &c, &lazy[j]);
                assert_same(product, expected);
                fq2_scale(&product, &lazy[j], &c.c0);
                fq2_scale(&expected, &reduced[j], &c.c0);
                assert_same(product, expected);
            }
        }
}

static void a_sum_of_three_products_is_that(void **state) {
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t k = 0; k < SAMPLES; k++) {
            Fq2 x[3] = {sample(i), sample(k), sample((i + k) % SAMPLES)};
            const Fq2 *a[3] = {&x[0], &x[1], &x[2]}, *b[3] = {&x[1], &x[1], &x[0]};
            Fq2 expected = fq2_zero;
            for (size_t j = 0; j < 3; j++) {
                Fq2 ab;
                fq2_mul(&ab, a[j], b[j]);
                fq2_add(&expected, &expected, &ab);
            }

            fq2_dot3(&x[0], a, b); /* in place */
            assert_same(x[0], expected);
        }
}

static void a_square_is_a_product_and_three_times_a_sum(void **state) {
    for (size_t i = 0; i < SAMPLES; i++) {
        Fq2 a = sample(i), square, by_itself, triple, sum;
        fq2_sqr(&square, &a);
        fq2_mul(&by_itself, &a, &a);
        fq2_mul_by_3(&triple, &a);
        fq2_add(&sum, &a, &a);
        fq2_add(&sum, &sum, &a);

        assert_same(square, by_itself);
        assert_same(triple, sum);
    }
}

static void xi_is_nine_and_u(void **state) {
    Fq2 xi = {coordinate(0), fq_one()}, one = fq2_one();
    for (int i = 0; i < 9; i++)
        fq2_add(&xi, &xi, &one);
    for (size_t i = 0; i < SAMPLES; i++) {
        Fq2 a = sample(i), by_xi, expected;
        fq2_mul(&expected, &a, &xi);

        fq2_mul_by_xi(&by_xi, &a);
        assert_same(by_xi, expected);
    }
}

static void an_element_times_its_inverse_is_one(void **state) {
    for (size_t i = 0; i < SAMPLES; i++) {
        Fq2 a = sample(i), inverse, quick, one;
        fq2_inverse(&inverse, &a);
        fq2_inverse_public(&quick, &a);
        fq2_mul(&one, &a, &inverse);

        assert_same(one, fq2_is_zero(&a) ? fq2_zero : fq2_one());
        assert_same(quick, inverse);
    }
}

static void a_conditional_negation_obeys_its_flag(void **state) {
    for (size_t i = 0; i < SAMPLES; i++) {
        Fq2 a = sample(i), minus, same, sum;
        fq2_cneg(&minus, &a, true);
        fq2_cneg(&same, &a, false);
        fq2_add(&sum, &a, &minus);

        assert_same(sum, fq2_zero);
        assert_same(same, a);
    }
}

static void roots_are_found_of_squares_alone(void **state) {
    for (size_t i = 0; i < SAMPLES; i++) {
        Fq2 a = sample(i), square, other, root, again;
        fq2_sqr(&square, &a);
        fq2_mul_by_xi(&other,
                      &square); /* xi is no square, or w^2 = v, v^3 = xi would be no field */

        assert_true(fq2_sqrt(&root, &square));
        fq2_sqr(&again, &root);
        assert_same(again, square);
        assert_int_equal(fq2_sqrt(&root, &other), fq2_is_zero(&a));
    }
}

static void of_an_element_and_its_negative_one_is_large(void **state) {
    for (size_t i = 0; i < SAMPLES; i++) {
        Fq2 a = sample(i), minus;
        fq2_neg(&minus, &a);

        if (fq2_is_zero(&a))
            assert_false(fq2_is_large(&a));
        else
            assert_int_not_equal(fq2_is_large(&a), fq2_is_large(&minus));
        if (!fq_is_zero(&a.c1))
            assert_int_equal(fq2_is_large(&a), fq_is_large(&a.c1));
    }
}

static void the_norm_is_the_product_with_the_conjugate(void **state) {
    for (size_t i = 0; i < SAMPLES; i++) {
        Fq2 a = sample(i), conjugate, expected;
        Fq norm;
        fq2_conjugate(&conjugate, &a);
        fq2_mul(&expected, &a, &conjugate);

        fq2_norm(&norm, &a);
        assert_same((Fq2){norm, fq_zero}, expected);
    }
}

static void inverses_of_lazy_elements_are_made_of_their_norms(void **state) {
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t k = 0; k < EDGES * EDGES; k++) {
            Fq2 a = sample(i), b = sample(k), difference, lazy, expected;
            Fq one = fq_one(), norm;
            fq2_sub(&difference, &a, &b);
            fq2_inverse(&expected, &difference);
            fq2_sub_lazy(&lazy, &a, &b);

            fq2_norm(&norm, &lazy);
            fq_mul(&norm, &norm, &one);
            fq_inverse_public(&norm, &norm);
            fq2_inverse_by_norm(&lazy, &lazy, &norm);
            assert_same(lazy, expected);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_norm_is_the_product_with_the_conjugate),
        TEST(inverses_of_lazy_elements_are_made_of_their_norms),
        TEST(a_product_is_that_of_polynomials_with_u_squared_minus_one),
        TEST(a_lazy_operand_makes_no_difference_to_a_product),
        TEST(a_sum_of_three_products_is_that),
        TEST(a_square_is_a_product_and_three_times_a_sum),
        TEST(xi_is_nine_and_u),
        TEST(an_element_times_its_inverse_is_one),
        TEST(a_conditional_negation_obeys_its_flag),
        TEST(roots_are_found_of_squares_alone),
        TEST(of_an_element_and_its_negative_one_is_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
