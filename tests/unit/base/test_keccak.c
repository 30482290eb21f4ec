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

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(known_digests_come_out),
    };
    return cmocka_run_group_tests_name("base/keccak", tests, NULL, NULL);
}
