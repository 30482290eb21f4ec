/* What bn254's scalars are split into: the parts' sum, and what the multiplication of points by
 * secrets rests on: that the parts are odd, how long they are, and which one is not short. */
#include "some_points.h"

#include "algebra/bn254_constants.h"
#include "algebra/bn254_split.h"
#include "algebra/draw.h"

#define SCALARS 200

/* Small ones and their negatives, then random ones. */
static Fr scalar(const Curve *c, Draw *d, size_t i) {
    if (i >= 20)
        return draw_fr(c, d);
    Fr k = fr_from_uint(c, i / 2);
    return i % 2 == 0 ? k : fr_neg(c, &k);
}

static Fr fr_of_part(const Curve *c, const ScalarPart *part) {
    Fr high = fr_from_uint(c, (uint64_t)(part->size >> 64)), two32 = fr_from_uint(c, 1ULL << 32);
    Fr ret = fr_mul(c, &high, &two32);
    Fr low = fr_from_uint(c, (uint64_t)part->size);
    ret = fr_mul(c, &ret, &two32);
    ret = fr_add(c, &ret, &low);
    return part->negative ? fr_neg(c, &ret) : ret;
}

static Fr sum_of_parts(const Curve *c, const ScalarPart *parts, size_t n, const Fr *factor) {
    Fr sum = fr_from_uint(c, 0);
    for (size_t i = n; i-- > 0;) {
        Fr part = fr_of_part(c, &parts[i]);
        sum = fr_mul(c, &sum, factor);
        sum = fr_add(c, &sum, &part);
    }
    return sum;
}

/* a x^3 + b x^2 + c x + d */
static Fr cubic(const Curve *curve, const uint64_t coefficients[4]) {
    Fr x = fr_from_uint(curve, BN254_X), ret = fr_from_uint(curve, 0);
    for (size_t i = 0; i < 4; i++) {
        Fr next = fr_from_uint(curve, coefficients[i]);
        ret = fr_mul(curve, &ret, &x);
        ret = fr_add(curve, &ret, &next);
    }
    return ret;
}

/* What (x, y) -> (beta x, y) multiplies by is this cube root of one or the other. */
static Fr g1_factor(const Curve *c) {
    Fr root = cubic(c, (const uint64_t[]){36, 18, 6, 1}), one = fr_from_uint(c, 1);
    ScalarPart parts[BN254_G1_PARTS];
    Fr k = root;
    bn254_split(&bn254_g1_lattice, &k, false, parts);
    Fr sum = sum_of_parts(c, parts, BN254_G1_PARTS, &root);
    if (fr_equal(&sum, &k))
        return root;
    sum = fr_add(c, &root, &one);
    return fr_neg(c, &sum);
}

static Fr g2_factor(const Curve *c) {
    return cubic(c, (const uint64_t[]){0, 6, 0, 0});
}

static void parts_times_the_factors_powers_add_up_to_the_scalar(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    const Bn254Lattice *lattices[] = {&bn254_g1_lattice, &bn254_g2_lattice};
    const Fr factors[] = {g1_factor(c), g2_factor(c)};
    const uint8_t seed[DRAW_SEED_BYTES] = {1};
    Draw d = draw_from(seed);
    for (size_t i = 0; i < SCALARS; i++)
        for (size_t k = 0; k < 4; k++) {
            const Bn254Lattice *l = lattices[k / 2];
            Fr s = scalar(c, &d, i);
            ScalarPart parts[SPLIT_PARTS_MAX];

            bn254_split(l, &s, k % 2 != 0, parts);

            Fr sum = sum_of_parts(c, parts, l->parts, &factors[k / 2]);
            assert_true(fr_equal(&sum, &s));
        }
}

static void parts_have_no_more_bits_than_their_macros_say(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    const uint8_t seed[DRAW_SEED_BYTES] = {2};
    Draw d = draw_from(seed);
    for (size_t i = 0; i < SCALARS; i++) {
        Fr s = scalar(c, &d, i);
        ScalarPart parts[SPLIT_PARTS_MAX];

        bn254_split(&bn254_g1_lattice, &s, false, parts);
        for (size_t k = 0; k < BN254_G1_PARTS; k++)
            assert_true(parts[k].size >> BN254_G1_PART_BITS == 0);

        bn254_split(&bn254_g2_lattice, &s, false, parts);
        for (size_t k = 0; k < BN254_G2_PARTS; k++)
            assert_true(parts[k].size >> BN254_G2_PART_BITS == 0);
    }
}

static void odd_parts_are_odd_and_not_too_long(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    const uint8_t seed[DRAW_SEED_BYTES] = {3};
    Draw d = draw_from(seed);
    for (size_t i = 0; i < SCALARS; i++) {
        Fr s = scalar(c, &d, i);
        ScalarPart parts[SPLIT_PARTS_MAX];

        bn254_split(&bn254_g1_lattice, &s, true, parts);
        for (size_t k = 0; k < BN254_G1_PARTS; k++)
            assert_true((parts[k].size & 1) != 0 && parts[k].size >> BN254_G1_ODD_PART_BITS == 0);

        bn254_split(&bn254_g2_lattice, &s, true, parts);
        for (size_t k = 0; k < BN254_G2_PARTS; k++)
            assert_true((parts[k].size & 1) != 0 && parts[k].size >> BN254_G2_ODD_PART_BITS == 0);
    }
}

/* However short the scalar is. */
static void one_odd_part_for_g2_is_never_short(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    const uint8_t seed[DRAW_SEED_BYTES] = {4};
    Draw d = draw_from(seed);
    unsigned always = (1u << BN254_G2_PARTS) - 1;
    for (size_t i = 0; i < SCALARS; i++) {
        Fr s = scalar(c, &d, i);
        ScalarPart parts[SPLIT_PARTS_MAX];

        bn254_split(&bn254_g2_lattice, &s, true, parts);

        for (unsigned k = 0; k < BN254_G2_PARTS; k++)
            if (parts[k].negative ||
                parts[k].size >> (BN254_G2_ODD_PART_BITS - BN254_G2_ODD_APART) == 0)
                always &= ~(1u << k);
    }
    assert_int_not_equal(always, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BN254(parts_times_the_factors_powers_add_up_to_the_scalar),
        ON_BN254(parts_have_no_more_bits_than_their_macros_say),
        ON_BN254(odd_parts_are_odd_and_not_too_long),
        ON_BN254(one_odd_part_for_g2_is_never_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
