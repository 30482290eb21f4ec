#include "base/hex.h"
#include "base/sha256.h"
#include "support/test.h"

/* The digests are those of FIPS 180-4's examples and of RFC 4231. */

static void assert_hex(const uint8_t digest[SHA256_BYTES], const char *expected) {
    char hex[2 * SHA256_BYTES + 1];
    cvk_hex_encode(digest, SHA256_BYTES, hex);
    assert_string_equal(hex, expected);
}

static void known_digests_come_out(void **state) {
    (void)state;
    uint8_t digest[SHA256_BYTES];

    cvk_sha256("abc", 3, digest);
    assert_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

    cvk_sha256(NULL, 0, digest);
    assert_hex(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void pieces_give_what_the_whole_gives(void **state) {
    (void)state;
    CvkErr err;
    uint8_t data[1000], whole[SHA256_BYTES], pieces[SHA256_BYTES];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);

    CvkSha256 *h = cvk_sha256_new(&err);
    assert_non_null(h);
    size_t at = 0;
    for (size_t n = 0; at + n <= sizeof data; at += n, n = (n + 13) % 97)
        cvk_sha256_add(h, data + at, n);
    cvk_sha256_add(h, data + at, sizeof data - at);
    cvk_sha256_finish(h, pieces);
    assert_null(cvk_sha256_free(h));

    cvk_sha256(data, sizeof data, whole);
    assert_memory_equal(pieces, whole, SHA256_BYTES);
}

static void a_tag_is_hashed_before_the_data(void **state) {
    (void)state;
    uint8_t digest[SHA256_BYTES];

    cvk_sha256_tagged('a', "bc", 2, digest);

    assert_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void freeing_nothing_is_fine(void **state) {
    (void)state;
    assert_null(cvk_sha256_free(NULL));
}

static void a_known_authentication_code_comes_out(void **state) {
    (void)state;
    uint8_t key[32] = {0}, mac[SHA256_BYTES];
    memset(key, 0x0b, 20); /* RFC 4231 case 1: zero padding of a key does not change the code */

    cvk_hmac_sha256(key, "Hi There", 8, mac);

    assert_hex(mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(known_digests_come_out),
        TEST(pieces_give_what_the_whole_gives),
        TEST(a_tag_is_hashed_before_the_data),
        TEST(freeing_nothing_is_fine),
        TEST(a_known_authentication_code_comes_out),
    };
    return cmocka_run_group_tests_name("base/sha256", tests, NULL, NULL);
}
