/* Both inverses modulo both primes of bn254: near 0 and p, near powers of two and p less them,
 * whose highest bits are those of p, near shifted p, and of numbers without structure. */
#include "support/test.h"

#include "algebra/bn254_constants.h"
#include "algebra/mont4_inverse.h"

static const Mont4 *const primes[] = {&bn254_q, &bn254_r};

enum { PRIMES = 2, BITS = 254, NEAR = 5, RANDOM = 2000 };

static void assert_is_one(const Mont4 *m, const uint64_t a[4]) {
    assert_true(mont4_equal(a, m->one));
}

/* The constant-time inverse proves itself by the product, the public one by being the same. */
static void assert_inverted(const Mont4 *m, const uint64_t a[4]) {
    uint64_t inverse[4], quick[4], product[4];
    mont4_inverse(m, inverse, a);
    mont4_inverse_public(m, quick, a);
    mont4_mul(m, product, a, inverse);

    assert_is_one(m, product);
    assert_true(mont4_equal(quick, inverse));
}

/* The inverse of a + distance - 2, and of what is left of p; a number outside 1 .. p - 1 is passed
 * over. */
static void assert_inverted_near(const Mont4 *m, const uint64_t a[4], uint64_t distance) {
    const uint64_t up[4] = {distance}, two[4] = {2};
    uint64_t near[4], rest[4];
    (void)mont4_sum(near, a, up);
    if (mont4_subtract(near, near, two) || mont4_is_zero(near) ||
        mont4_subtract(rest, m->p, near) || mont4_is_zero(rest))
        return;
    assert_inverted(m, near);
    assert_inverted(m, rest);
}

static void power_of_two(uint64_t ret[4], unsigned bit) {
    for (unsigned i = 0; i < 4; i++)
        ret[i] = i == bit / 64 ? (uint64_t)1 << bit % 64 : 0;
}

static void the_inverse_of_zero_is_zero(void **state) {
    for (size_t j = 0; j < PRIMES; j++) {
        const uint64_t zero[4] = {0};
        uint64_t inverse[4] = {1}, quick[4] = {1};
        mont4_inverse(primes[j], inverse, zero);
        mont4_inverse_public(primes[j], quick, zero);

        assert_true(mont4_is_zero(inverse));
        assert_true(mont4_is_zero(quick));
    }
}

static void one_is_its_own_inverse(void **state) {
    for (size_t j = 0; j < PRIMES; j++) {
        uint64_t inverse[4], quick[4];
        mont4_inverse(primes[j], inverse, primes[j]->one);
        mont4_inverse_public(primes[j], quick, primes[j]->one);

        assert_is_one(primes[j], inverse);
        assert_is_one(primes[j], quick);
    }
}

static void numbers_near_powers_of_two_have_inverses(void **state) {
    for (size_t j = 0; j < PRIMES; j++)
        for (unsigned bit = 0; bit < BITS; bit++)
            for (uint64_t distance = 0; distance < NEAR; distance++) {
                uint64_t power[4];
                power_of_two(power, bit);

                assert_inverted_near(primes[j], power, distance);
            }
}

static void numbers_near_the_shifted_prime_have_inverses(void **state) {
    for (size_t j = 0; j < PRIMES; j++)
        for (unsigned bit = 0; bit < BITS; bit++)
            for (uint64_t distance = 0; distance < NEAR; distance++) {
                uint64_t shifted[4] = {0};
                for (unsigned i = bit; i < 256; i++)
                    shifted[(i - bit) / 64] |= (primes[j]->p[i / 64] >> i % 64 & 1)
                                               << (i - bit) % 64;

                assert_inverted_near(primes[j], shifted, distance);
            }
}

static void numbers_without_structure_have_inverses(void **state) {
    uint64_t x = 0x9e3779b97f4a7c15;
    for (size_t j = 0; j < PRIMES; j++)
        for (unsigned k = 0; k < RANDOM; k++) {
            uint64_t a[4];
            for (size_t i = 0; i < 4; i++) {
                x ^= x << 13, x ^= x >> 7, x ^= x << 17;
                a[i] = x;
            }
            a[3] %= primes[j]->p[3];

            assert_inverted(primes[j], a);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_inverse_of_zero_is_zero),
        TEST(one_is_its_own_inverse),
        TEST(numbers_near_powers_of_two_have_inverses),
        TEST(numbers_near_the_shifted_prime_have_inverses),
        TEST(numbers_without_structure_have_inverses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
