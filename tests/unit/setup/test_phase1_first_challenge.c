/* What the first contribution answers. At high powers it is known, as hashing takes too long: for a
 * test that runs each time, too, but at the lowest of these powers. With CONVOKE_LONG in the
 * environment all of these hashes are made again: 500 GB, ten minutes. */
#include "support/test.h"

#include "setup/phase1_new.h"

#define KNOWN_FROM 20

#define CURVES 2
static const Curve *(*const curves[CURVES])(void) = {curve_bn254, curve_bls12_381};

static void hash_blank_powers(const Curve *c, unsigned power, uint8_t ret[BLAKE2B_BYTES]) {
    uint8_t blank[BLAKE2B_BYTES];
    CvkBlake2b b;
    const CvkSink to = cvk_sink_blake2b(&b);
    cvk_blake2b("", 0, blank);
    cvk_blake2b_init(&b);
    cvk_blake2b_add(&b, blank, sizeof blank);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        assert_true(phase1_new_write(c, v, power, FORM_UNCOMPRESSED, &to, NULL, NULL));
    cvk_blake2b_finish(&b, ret);
}

static void assert_is_what_hashing_gives(const Curve *c, unsigned power) {
    uint8_t expected[BLAKE2B_BYTES], got[BLAKE2B_BYTES];
    hash_blank_powers(c, power, expected);

    phase1_first_challenge(c, power, NULL, got);

    assert_memory_equal(got, expected, sizeof got);
}

static void a_first_challenge_is_the_hash_of_blank_powers(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++)
        for (unsigned power = PHASE1_POWER_MIN; power <= 10; power += 3)
            assert_is_what_hashing_gives(curves[i](), power);
}

static void the_lowest_that_is_known_is_what_hashing_gives(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++)
        assert_is_what_hashing_gives(curves[i](), KNOWN_FROM);
}

static void all_that_are_known_are_what_hashing_gives(void **state) {
    (void)state;
    if (getenv("CONVOKE_LONG") == NULL) { /* NOLINT(concurrency-mt-unsafe): nobody sets it */
        print_message("# SKIP: it hashes 500 GB, for minutes: set CONVOKE_LONG=1\n");
        skip();
    }
    for (size_t i = 0; i < CURVES; i++)
        for (unsigned power = KNOWN_FROM; power <= PHASE1_POWER_MAX; power++)
            assert_is_what_hashing_gives(curves[i](), power);
}

static void no_power_makes_anybody_hash_for_long(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++)
        for (unsigned power = PHASE1_POWER_MIN; power <= PHASE1_POWER_MAX; power++) {
            const size_t units = phase1_first_challenge_units(curves[i](), power);
            if (power >= KNOWN_FROM)
                assert_int_equal(units, 0);
            else
                assert_true(units <= (512u << 20) / 4096); /* bytes of a second */
        }
}

/* As a row of the table that was copied twice would. */
static void no_two_powers_begin_with_the_same_hash(void **state) {
    (void)state;
    enum { N = CURVES * (PHASE1_POWER_MAX + 1 - KNOWN_FROM) };
    uint8_t hashes[N][BLAKE2B_BYTES];
    size_t n = 0;
    for (size_t i = 0; i < CURVES; i++)
        for (unsigned power = KNOWN_FROM; power <= PHASE1_POWER_MAX; power++) {
            assert_int_equal(phase1_first_challenge_units(curves[i](), power), 0);
            phase1_first_challenge(curves[i](), power, NULL, hashes[n++]);
        }

    for (size_t k = 1; k < N; k++)
        for (size_t other = 0; other < k; other++)
            assert_memory_not_equal(hashes[k], hashes[other], BLAKE2B_BYTES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_first_challenge_is_the_hash_of_blank_powers),
        TEST(the_lowest_that_is_known_is_what_hashing_gives),
        TEST(all_that_are_known_are_what_hashing_gives),
        TEST(no_power_makes_anybody_hash_for_long),
        TEST(no_two_powers_begin_with_the_same_hash),
    };
    return cmocka_run_group_tests_name("phase1_first_challenge", tests, NULL, NULL);
}
