/* Arithmetic on four words against the same done bit by bit, for both primes of bn254 and at the
 * edges of what operands may be. */
#include "support/test.h"

#include "algebra/bn254_constants.h"
#include "algebra/mont4_wide.h"

#include <string.h>

typedef struct {
    uint64_t w[4];
} Number;

static const Mont4 *const primes[] = {&bn254_q, &bn254_r};

/* ---- slow and plain ---- */

static bool below(const uint64_t a[5], const Mont4 *m) {
    if (a[4] != 0)
        return false;
    for (size_t i = 4; i-- > 0;)
        if (a[i] != m->p[i])
            return a[i] < m->p[i];
    return false;
}

static void add_to(uint64_t a[5], const uint64_t b[4]) {
    Word2 sum = 0;
    for (size_t i = 0; i < 5; i++) {
        sum += (Word2)a[i] + (i < 4 ? b[i] : 0);
        a[i] = (uint64_t)sum;
        sum >>= 64;
    }
}

/* Modulo 2^320. */
static void take_from(uint64_t a[5], const uint64_t b[4]) {
    uint64_t complement[4], one[4] = {1};
    for (size_t i = 0; i < 4; i++)
        complement[i] = ~b[i];
    add_to(a, complement);
    add_to(a, one);
    a[4] -= 1; /* the complement's 2^256 */
}

static Number remainder_of(uint64_t a[5], const Mont4 *m) {
    while (!below(a, m))
        take_from(a, m->p);
    return (Number){{a[0], a[1], a[2], a[3]}};
}

/* a b / 2^256: for each bit of b, a or 0 is added, and the sum made even by p and halved. */
static Number slow_product(const Mont4 *m, Number a, Number b) {
    uint64_t sum[5] = {0};
    for (unsigned bit = 0; bit < 256; bit++) {
        if (b.w[bit / 64] >> bit % 64 & 1)
            add_to(sum, a.w);
        if (sum[0] & 1)
            add_to(sum, m->p);
        for (size_t i = 0; i < 5; i++)
            sum[i] = sum[i] >> 1 | (i < 4 ? sum[i + 1] << 63 : 0);
    }
    return remainder_of(sum, m);
}

static Number slow_sum(const Mont4 *m, Number a, Number b) {
    uint64_t sum[5] = {a.w[0], a.w[1], a.w[2], a.w[3]};
    add_to(sum, b.w);
    return remainder_of(sum, m);
}

/* ---- operands ---- */

/* p times `times`, plus `more`, which may be negative. */
static Number near_multiple(const Mont4 *m, unsigned times, int more) {
    uint64_t a[5] = {0}, distance[4] = {(uint64_t)(more < 0 ? -more : more)};
    for (unsigned i = 0; i < times; i++)
        add_to(a, m->p);
    if (more < 0)
        take_from(a, distance);
    else
        add_to(a, distance);
    return (Number){{a[0], a[1], a[2], a[3]}};
}

/* Numbers below 2p. */
static const struct {
    unsigned times;
    int more;
} edges[] = {{0, 0}, {0, 1}, {0, 2}, {1, -2}, {1, -1}, {1, 0}, {1, 1}, {2, -2}, {2, -1}};
enum { PRIMES = 2, EDGES = sizeof edges / sizeof *edges, SAMPLES = EDGES + 24 };

/* The edges; three with words of ones; then numbers without structure. */
static Number sample(const Mont4 *m, size_t i) {
    if (i < EDGES)
        return near_multiple(m, edges[i].times, edges[i].more);
    if (i < EDGES + 3)
        return (Number){{UINT64_MAX, UINT64_MAX, UINT64_MAX, m->p[3] * (i - EDGES)}};
    Number a;
    for (size_t k = 0; k < 4; k++)
        a.w[k] = (i * 0x9e3779b97f4a7c15 + k) * (k * 0xbf58476d1ce4e5b9 + i);
    a.w[3] %= 2 * m->p[3];
    return a;
}

static Number reduced_sample(const Mont4 *m, size_t i) {
    Number a = sample(m, i);
    uint64_t words[5] = {a.w[0], a.w[1], a.w[2], a.w[3]};
    return remainder_of(words, m);
}

static void assert_same(Number a, Number b) {
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(a.w[i], b.w[i]);
}

/* ---- tests ---- */

static void products_are_reduced_of_all_operands_below_twice_the_prime(void **state) {
    for (size_t j = 0; j < PRIMES; j++)
        for (size_t i = 0; i < SAMPLES; i++)
            for (size_t k = 0; k < SAMPLES; k++) {
                Number a = sample(primes[j], i), b = sample(primes[j], k), ab;
                mont4_mul(primes[j], ab.w, a.w, b.w);

                assert_same(ab, slow_product(primes[j], a, b));
                mont4_mul(primes[j], a.w, a.w, b.w); /* in place */
                assert_same(a, ab);
            }
}

static void squares_are_products(void **state) {
    for (size_t j = 0; j < PRIMES; j++)
        for (size_t i = 0; i < SAMPLES; i++) {
            Number a = sample(primes[j], i), square;
            a.w[3] &= UINT64_MAX >> 2; /* below 2^254 */
            mont4_sqr(primes[j], square.w, a.w);

            assert_same(square, slow_product(primes[j], a, a));
        }
}

static void any_four_words_may_be_multiplied_by_a_reduced_number(void **state) {
    const Number largest = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    for (size_t j = 0; j < PRIMES; j++)
        for (size_t i = 0; i < SAMPLES; i++)
            for (size_t k = 0; k < 5; k++) {
                Number a = reduced_sample(primes[j], i),
                       b = k == 0 ? largest : sample(primes[j], k);
                Number ab;
                b.w[3] |= (uint64_t)1 << 63;
                mont4_mul(primes[j], ab.w, a.w, b.w);

                assert_same(ab, slow_product(primes[j], a, b));
                mont4_scale(primes[j], ab.w, b.w, a.w);
                assert_same(ab, slow_product(primes[j], a, b));
            }
}

static void a_number_below_two_to_the_255_may_be_multiplied_by_twice_the_prime(void **state) {
    const Number largest = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX >> 1}};
    for (size_t j = 0; j < PRIMES; j++)
        for (size_t i = 0; i < SAMPLES; i++) {
            Number b = sample(primes[j], i), ab;
            mont4_mul(primes[j], ab.w, largest.w, b.w);

            assert_same(ab, slow_product(primes[j], largest, b));
        }
}

static void sums_and_differences_are_reduced(void **state) {
    for (size_t j = 0; j < PRIMES; j++)
        for (size_t i = 0; i < SAMPLES; i++)
            for (size_t k = 0; k < SAMPLES; k++) {
                const Mont4 *m = primes[j];
                Number a = reduced_sample(m, i), b = reduced_sample(m, k), sum, difference;
                mont4_add(m, sum.w, a.w, b.w);
                mont4_sub(m, difference.w, a.w, b.w);

                assert_same(sum, slow_sum(m, a, b));
                assert_same(slow_sum(m, difference, b), a);
                assert_true(below((uint64_t[5]){difference.w[0], difference.w[1], difference.w[2],
                                                difference.w[3]},
                                  m));
            }
}

static void a_lazy_difference_has_the_prime_added(void **state) {
    for (size_t j = 0; j < PRIMES; j++)
        for (size_t i = 0; i < SAMPLES; i++)
            for (size_t k = 0; k < SAMPLES; k++) {
                const Mont4 *m = primes[j];
                Number a = reduced_sample(m, i), b = reduced_sample(m, k), lazy;
                uint64_t back[5] = {0};
                mont4_sub_lazy(m, lazy.w, a.w, b.w);
                add_to(back, lazy.w);
                add_to(back, b.w);
                take_from(back, m->p);

                assert_int_equal(back[4], 0);
                assert_same((Number){{back[0], back[1], back[2], back[3]}}, a);
            }
}

static void sums_of_products_are_reduced_at_once(void **state) {
    for (size_t j = 0; j < PRIMES; j++)
        for (size_t i = 0; i < SAMPLES; i++)
            for (size_t k = 0; k < SAMPLES; k++) {
                const Mont4 *m = primes[j];
                Number a = sample(m, i), b = reduced_sample(m, k), c = sample(m, k), sum;
                Number expected = slow_sum(m, slow_product(m, a, b), slow_product(m, b, c));
                Mont4Wide wide;
                mont4_wide_product(&wide, a.w, b.w);
                mont4_wide_add_product(&wide, b.w, c.w); /* below 4 p^2 */
                mont4_wide_reduce(m, sum.w, &wide);

                assert_same(sum, expected);
                mont4_wide_add_half(m, &wide); /* below 6.64 p^2 */
                mont4_wide_reduce(m, sum.w, &wide);
                mont4_reduce_once(m, sum.w, sum.w);
                assert_same(sum, expected);
            }
}

static void half_of_p_r_makes_up_for_a_negative_difference(void **state) {
    for (size_t j = 0; j < PRIMES; j++)
        for (size_t i = 0; i < SAMPLES; i++)
            for (size_t k = 0; k < SAMPLES; k++) {
                const Mont4 *m = primes[j];
                Number a = sample(m, i), b = reduced_sample(m, k), difference;
                Mont4Wide square, product;
                mont4_wide_product(&product, a.w, b.w);
                mont4_wide_product(&square, b.w, b.w);
                mont4_wide_take(&square, &product); /* above -2 p^2 */
                mont4_wide_add_half(m, &square);
                mont4_wide_reduce(m, difference.w, &square);

                assert_same(slow_sum(m, difference, slow_product(m, a, b)), slow_product(m, b, b));
                mont4_reduce_once(m, square.w, difference.w); /* was reduced */
                assert_same((Number){{square.w[0], square.w[1], square.w[2], square.w[3]}},
                            difference);
            }
}

static void powers_have_every_bit_of_their_exponents(void **state) {
    const Number exponents[] = {{{0}},
                                {{1}},
                                {{16}},
                                {{0, 0, 0, (uint64_t)1 << 63}},
                                {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
                                {{(uint64_t)31 << 62, 7, (uint64_t)1 << 63, 2}},
                                {{0x123456789abcdef0, 0xfedcba9876543210, 0x5555aaaa5555aaaa, 3}}};
    for (size_t j = 0; j < PRIMES; j++)
        for (size_t i = 0; i < SAMPLES; i++)
            for (size_t k = 0; k < sizeof exponents / sizeof *exponents; k++) {
                const Mont4 *m = primes[j];
                Number a = reduced_sample(m, i), expected, power;
                memcpy(expected.w, m->one, sizeof expected.w);
                for (unsigned bit = 256; bit-- > 0;) {
                    mont4_mul(m, expected.w, expected.w, expected.w);
                    if (exponents[k].w[bit / 64] >> bit % 64 & 1)
                        mont4_mul(m, expected.w, expected.w, a.w);
                }
                mont4_pow(m, power.w, a.w, exponents[k].w);

                assert_same(power, expected);
                mont4_pow(m, a.w, a.w, exponents[k].w); /* in place */
                assert_same(a, expected);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(products_are_reduced_of_all_operands_below_twice_the_prime),
        TEST(squares_are_products),
        TEST(any_four_words_may_be_multiplied_by_a_reduced_number),
        TEST(a_number_below_two_to_the_255_may_be_multiplied_by_twice_the_prime),
        TEST(sums_and_differences_are_reduced),
        TEST(a_lazy_difference_has_the_prime_added),
        TEST(sums_of_products_are_reduced_at_once),
        TEST(powers_have_every_bit_of_their_exponents),
        TEST(half_of_p_r_makes_up_for_a_negative_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
