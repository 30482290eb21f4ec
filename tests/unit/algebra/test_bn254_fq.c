/* Fq of bn254 against its own laws and plain numbers; against another implementation in
 * test_bn254_vectors.c. */
#include "support/test.h"

#include "algebra/bn254_fq.h"

/* The edges, then numbers without structure. */
enum { EDGES = 6, SAMPLES = 40 };

static Fq sample(size_t i) {
    uint8_t be[FQ_BYTES] = {0};
    Fq x;
    if (i < 3)
        be[31] = (uint8_t)i;
    else
        for (size_t k = 0; k < sizeof be; k++)
            be[k] = (uint8_t)((i * 37 + k) * (k * 91 + 13) >> 2);
    be[0] &= 0x1f;
    assert_true(fq_from_be(&x, be));
    if (i >= 3 && i < EDGES) {
        Fq small = sample(i - 2);
        fq_sub(&x, &fq_zero, &small); /* q - 1, q - 2, .. */
    }
    return x;
}

static Fq product(Fq a, Fq b) {
    fq_mul(&a, &a, &b);
    return a;
}

static Fq sum(Fq a, Fq b) {
    fq_add(&a, &a, &b);
    return a;
}

static void assert_same(Fq a, Fq b) {
    assert_true(fq_equal(&a, &b));
}

static void multiplication_distributes_over_addition(void **state) {
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t k = 0; k < SAMPLES; k++) {
            Fq a = sample(i), b = sample(k), c = sample((i * 7 + k) % SAMPLES);

            assert_same(product(a, sum(b, c)), sum(product(a, b), product(a, c)));
            assert_same(product(product(a, b), c), product(a, product(b, c)));
        }
}

static void a_square_is_a_product_and_three_times_a_sum(void **state) {
    for (size_t i = 0; i < SAMPLES; i++) {
        Fq a = sample(i), square, triple;
        fq_sqr(&square, &a);
        fq_mul_by_3(&triple, &a);

        assert_same(square, product(a, a));
        assert_same(triple, sum(sum(a, a), a));
    }
}

static void a_difference_and_its_subtrahend_sum_up(void **state) {
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t k = 0; k < SAMPLES; k++) {
            Fq a = sample(i), b = sample(k), d, minus, same;
            fq_sub(&d, &a, &b);
            fq_cneg(&minus, &b, true);
            fq_cneg(&same, &b, false);

            assert_same(sum(d, b), a);
            assert_same(sum(a, minus), d);
            assert_same(same, b);
        }
}

static void an_element_times_its_inverse_is_one(void **state) {
    for (size_t i = 0; i < SAMPLES; i++) {
        Fq a = sample(i), inverse, quick;
        fq_inverse(&inverse, &a);
        fq_inverse_public(&quick, &a);

        assert_same(product(a, inverse), fq_is_zero(&a) ? fq_zero : fq_one());
        assert_same(quick, inverse);
    }
}

static void roots_are_found_of_squares_alone(void **state) {
    for (size_t i = 1; i < SAMPLES; i++) {
        Fq a = sample(i), square, minus, root;
        fq_sqr(&square, &a);
        fq_neg(&minus, &square); /* q = 3 mod 4: -1 is no square */

        assert_true(fq_sqrt(&root, &square));
        assert_same(product(root, root), square);
        assert_false(fq_sqrt(&root, &minus));
    }
}

static void every_form_of_bytes_comes_back(void **state) {
    for (size_t i = 0; i < SAMPLES; i++) {
        Fq a = sample(i), b;
        uint8_t be[FQ_BYTES], le[FQ_BYTES], montgomery[FQ_BYTES];
        fq_to_be(be, &a);
        fq_to_le(le, &a);
        fq_to_montgomery(montgomery, &a);

        for (size_t k = 0; k < FQ_BYTES; k++)
            assert_int_equal(be[k], le[FQ_BYTES - 1 - k]);
        assert_true(fq_from_be(&b, be));
        assert_same(a, b);
        assert_true(fq_from_le(&b, le));
        assert_same(a, b);
        assert_true(fq_from_montgomery(&b, montgomery));
        assert_same(a, b);
    }
}

static void bytes_of_q_and_above_are_refused(void **state) {
    uint8_t q_le[FQ_BYTES], q_be[FQ_BYTES];
    Fq x, largest, one = fq_one();
    fq_neg(&largest, &one);
    fq_to_le(q_le, &largest);
    q_le[0]++; /* q - 1 is even */
    for (size_t i = 0; i < FQ_BYTES; i++)
        q_be[i] = q_le[FQ_BYTES - 1 - i];

    assert_false(fq_from_le(&x, q_le));
    assert_false(fq_from_montgomery(&x, q_le));
    assert_false(fq_from_be(&x, q_be));
    memset(q_be, 0xff, sizeof q_be);
    assert_false(fq_from_be(&x, q_be));
}

static void half_of_the_field_is_large(void **state) {
    Fq half, one = fq_one(), two, minus_one;
    fq_add(&two, &one, &one);
    fq_neg(&minus_one, &one);
    fq_inverse(&half, &two);
    half = product(half, minus_one); /* (q - 1) / 2 */

    assert_false(fq_is_large(&half));
    fq_add(&half, &half, &one);
    assert_true(fq_is_large(&half));
    assert_false(fq_is_large(&fq_zero));
    assert_true(fq_is_large(&minus_one));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multiplication_distributes_over_addition),
        cmocka_unit_test(a_square_is_a_product_and_three_times_a_sum),
        cmocka_unit_test(a_difference_and_its_subtrahend_sum_up),
        cmocka_unit_test(an_element_times_its_inverse_is_one),
        cmocka_unit_test(roots_are_found_of_squares_alone),
        cmocka_unit_test(every_form_of_bytes_comes_back),
        cmocka_unit_test(bytes_of_q_and_above_are_refused),
        cmocka_unit_test(half_of_the_field_is_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
