#include "base/hex.h"
#include "base/rng.h"
#include "support/test.h"

static void two_draws_differ(void **state) {
    (void)state;
    uint8_t a[32], b[32];

    cvk_random(a, sizeof a);
    cvk_random(b, sizeof b);

    assert_memory_not_equal(a, b, sizeof a);
}

static void the_stream_is_chacha20_with_the_label_as_nonce(void **state) {
    (void)state;
    uint8_t seed[CVK_SEED_BYTES] = {0}, out[16];
    char hex[2 * sizeof out + 1];

    /* The stream of the all-zero key and nonce is published with every ChaCha20 test suite. */
    cvk_stream(seed, 0, out, sizeof out);
    cvk_hex_encode(out, sizeof out, hex);
    assert_string_equal(hex, "76b8e0ada0f13d90405d6ae55386bd28");

    /* So is that of nonce 00..01: the label's bytes are little-endian on every machine. */
    cvk_stream(seed, (uint64_t)1 << 56, out, sizeof out);
    cvk_hex_encode(out, sizeof out, hex);
    assert_string_equal(hex, "de9cba7bf3d69ef5e786dc63973f653a");
}

static void a_longer_draw_begins_with_the_shorter_one(void **state) {
    (void)state;
    const uint8_t seed[CVK_SEED_BYTES] = {7};
    uint8_t shorter[100], longer[1000];

    cvk_stream(seed, 3, shorter, sizeof shorter);
    cvk_stream(seed, 3, longer, sizeof longer);

    assert_memory_equal(shorter, longer, sizeof shorter);
}

static void labels_and_seeds_give_different_streams(void **state) {
    (void)state;
    const uint8_t seed[CVK_SEED_BYTES] = {1}, other[CVK_SEED_BYTES] = {2};
    uint8_t a[32], b[32], c[32];

    cvk_stream(seed, 1, a, sizeof a);
    cvk_stream(seed, 2, b, sizeof b);
    cvk_stream(other, 1, c, sizeof c);

    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_not_equal(a, c, sizeof a);
}

static void a_uuid_has_its_version_and_variant(void **state) {
    (void)state;
    uint8_t zeros[16] = {0}, ones[16];
    char text[37];
    memset(ones, 0xff, sizeof ones);

    cvk_uuid4(zeros, text);
    assert_string_equal(text, "00000000-0000-4000-8000-000000000000");

    cvk_uuid4(ones, text);
    assert_string_equal(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(two_draws_differ),
        TEST(the_stream_is_chacha20_with_the_label_as_nonce),
        TEST(a_longer_draw_begins_with_the_shorter_one),
        TEST(labels_and_seeds_give_different_streams),
        TEST(a_uuid_has_its_version_and_variant),
    };
    return cmocka_run_group_tests_name("base/rng", tests, NULL, NULL);
}
