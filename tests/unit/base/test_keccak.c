#include "base/hex.h"
#include "base/keccak.h"
#include "support/test.h"

static void assert_digest(const char *text, const char *expected) {
    uint8_t digest[KECCAK256_BYTES];
    char hex[2 * KECCAK256_BYTES + 1];

    cvk_keccak256(text, strlen(text), digest);

    cvk_hex_encode(digest, sizeof digest, hex);
    assert_string_equal(hex, expected);
}

static void known_digests_come_out(void **state) {
    (void)state;
    assert_digest("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    assert_digest("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
}

/* The judge is nettle's permutation, run once outside this program: the digest of (digest so far ||
 * first n bytes of a message), for n = 0..700, so every position in a block is an end. */
static void every_length_agrees_with_an_independent_implementation(void **state) {
    (void)state;
    uint8_t in[KECCAK256_BYTES + 700] = {0};
    for (size_t i = 0; i < 700; i++)
        in[KECCAK256_BYTES + i] = (uint8_t)(i * 7 + 1);

    for (size_t n = 0; n <= 700; n++) {
        uint8_t digest[KECCAK256_BYTES];
        cvk_keccak256(in, KECCAK256_BYTES + n, digest);
        memcpy(in, digest, sizeof digest);
    }

    char hex[2 * KECCAK256_BYTES + 1];
    cvk_hex_encode(in, KECCAK256_BYTES, hex);
    assert_string_equal(hex, "42579fc7ebbe8cde7b12787a6657dc3a2b06a41a6558dc1465e9a2df83bb5aa2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(known_digests_come_out),
        TEST(every_length_agrees_with_an_independent_implementation),
    };
    return cmocka_run_group_tests_name("base/keccak", tests, NULL, NULL);
}
