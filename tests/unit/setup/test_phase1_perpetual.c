/* The perpetual powers of tau have a first challenge that is too long to be hashed each time: so is
 * it for a test that runs each time (minutes). It does with CONVOKE_LONG in the environment. */
#include "support/test.h"

#include "setup/phase1_new.h"

static void the_first_challenge_of_the_perpetual_powers_is_what_hashing_gives(void **state) {
    (void)state;
    if (getenv("CONVOKE_LONG") == NULL) { /* NOLINT(concurrency-mt-unsafe): nobody sets it */
        print_message("# SKIP: it hashes 100 GB, for minutes: set CONVOKE_LONG=1\n");
        skip();
    }
    const Curve *c = curve_bn254();
    uint8_t hash[BLAKE2B_BYTES], known[BLAKE2B_BYTES];
    CvkBlake2b b;
    const CvkSink to = cvk_sink_blake2b(&b);
    cvk_blake2b("", 0, hash);
    cvk_blake2b_init(&b);
    cvk_blake2b_add(&b, hash, sizeof hash);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        assert_true(phase1_new_write(c, v, 28, FORM_UNCOMPRESSED, &to, NULL, NULL));
    cvk_blake2b_finish(&b, hash);

    phase1_first_challenge(c, 28, NULL, known);

    assert_memory_equal(known, hash, sizeof hash);
    assert_int_equal(phase1_first_challenge_units(c, 28), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_first_challenge_of_the_perpetual_powers_is_what_hashing_gives),
    };
    return cmocka_run_group_tests_name("phase1_perpetual", tests, NULL, NULL);
}
