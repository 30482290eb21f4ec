/* Digits of Eisenstein integers: what they add up to, how far they are apart and where they end. */
#include "support/test.h"

#include "algebra/eisenstein.h"

typedef struct {
    Word2 a, b; /* modulo 2^128 */
} Number;

static Number times_unit(Number z, unsigned unit) {
    for (unsigned turns = 0; turns < unit / 2; turns++)
        z = (Number){0 - z.b, z.a - z.b};
    return unit % 2 == 0 ? z : (Number){0 - z.a, 0 - z.b};
}

static Number multiple(unsigned i) {
    if (i == 0)
        return (Number){1, 0};
    const EisensteinSum *sum = &eisenstein_sums[i];
    assert_true(sum->a < i && sum->b < i);
    Number a = multiple(sum->a), b = times_unit(multiple(sum->b), sum->unit);
    return (Number){a.a + b.a, a.b + b.b};
}

static Word2 value_of(const ScalarPart *part) {
    return part->negative ? 0 - part->size : part->size;
}

static Word2 power_of_two(unsigned bits) {
    return (Word2)1 << bits;
}

/* Of all digits. */
static Number sum_of(const EisensteinDigit *digits, size_t n) {
    Number sum = {0, 0};
    for (size_t i = 0; i < n; i++) {
        Number digit = times_unit(multiple(digits[i].multiple), digits[i].unit);
        sum.a += digit.a << digits[i].place;
        sum.b += digit.b << digits[i].place;
    }
    return sum;
}

static void check(ScalarPart a, ScalarPart b, unsigned bits) {
    EisensteinDigits all;
    EisensteinDigit digits[EISENSTEIN_MOST];
    eisenstein_init(&all);

    size_t n = eisenstein_digits(&all, &a, &b, digits);

    assert_true(n <= EISENSTEIN_MOST);
    Number sum = sum_of(digits, n);
    assert_true(sum.a == value_of(&a) && sum.b == value_of(&b));
    for (size_t i = 0; i < n; i++) {
        assert_true(digits[i].place < EISENSTEIN_PLACES(bits));
        assert_true(i == 0 || digits[i].place >= digits[i - 1].place + 3);
    }
}

static void check_with_all_signs(Word2 a, Word2 b, unsigned bits) {
    for (unsigned signs = 0; signs < 4; signs++)
        check((ScalarPart){a, (signs & 1) != 0}, (ScalarPart){b, (signs & 2) != 0}, bits);
}

static void digits_of_small_numbers_add_up(void **state) {
    for (unsigned a = 0; a < 64; a++)
        for (unsigned b = 0; b < 64; b++)
            check_with_all_signs(a, b, 6);
}

static void digits_of_numbers_next_to_powers_of_two_add_up(void **state) {
    for (unsigned k = 4; k < 127; k++)
        for (unsigned i = 0; i < 9; i++) {
            check_with_all_signs(power_of_two(k) - 1 - i, i, k);
            check_with_all_signs(power_of_two(k) - 1 - i, power_of_two(k) - 1, k);
            check_with_all_signs(power_of_two(k) - 8, power_of_two(k - 1) + i, k);
        }
    const Word2 most = ((Word2)EISENSTEIN_BOUND << 120) - 1;
    check_with_all_signs(most, most, 127);
    check_with_all_signs(most, 0, 127);
}

/* The next number of `bits` bits of a sequence. */
static Word2 any(uint64_t *sequence, unsigned bits) {
    Word2 ret = 0;
    for (unsigned i = 0; i < 4; i++) {
        *sequence = *sequence * 6364136223846793005 + 1442695040888963407;
        ret = ret << 32 | *sequence >> 32;
    }
    return ret >> (128 - bits);
}

static void digits_of_long_numbers_add_up_and_are_few(void **state) {
    enum { N = 2000 };
    size_t n = 0;
    uint64_t sequence = 5;
    for (unsigned i = 0; i < N; i++) {
        const ScalarPart a = {any(&sequence, 126), i % 2 != 0};
        const ScalarPart b = {any(&sequence, 126), i % 3 != 0};
        EisensteinDigits all;
        EisensteinDigit digits[EISENSTEIN_MOST];
        check(a, b, 126);
        eisenstein_init(&all);
        n += eisenstein_digits(&all, &a, &b, digits);
    }
    assert_true(n > 37 * N && n < 40 * N);
}

static void a_digit_has_one_multiple_and_unit(void **state) {
    for (unsigned i = 0; i < EISENSTEIN_MULTIPLES; i++)
        for (unsigned unit = 0; unit < 6; unit++) {
            Number digit = times_unit(multiple(i), unit);
            SignedWord2 a = (SignedWord2)digit.a, b = (SignedWord2)digit.b;
            const ScalarPart parts[] = {{(Word2)(a < 0 ? -a : a), a < 0},
                                        {(Word2)(b < 0 ? -b : b), b < 0}};
            EisensteinDigits all;
            EisensteinDigit digits[EISENSTEIN_MOST];
            eisenstein_init(&all);

            size_t n = eisenstein_digits(&all, &parts[0], &parts[1], digits);

            assert_int_equal(n, 1);
            assert_int_equal(digits[0].place, 0);
            assert_int_equal(digits[0].multiple, i);
            assert_int_equal(digits[0].unit, unit);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_of_small_numbers_add_up),
        cmocka_unit_test(digits_of_numbers_next_to_powers_of_two_add_up),
        cmocka_unit_test(digits_of_long_numbers_add_up_and_are_few),
        cmocka_unit_test(a_digit_has_one_multiple_and_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
