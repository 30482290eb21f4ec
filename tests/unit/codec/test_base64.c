#include "codec/base64.h"
#include "support/test.h"

static void assert_text(const char *bytes, size_t n, const char *expected) {
    char text[64];
    uint8_t back[64];
    size_t back_n = 99;

    base64url_encode(bytes, n, text);
    bool ok = base64url_decode(text, strlen(text), back, n, &back_n);

    assert_string_equal(text, expected);
    assert_true(strlen(text) + 1 <= BASE64URL_TEXT(n));
    assert_true(ok);
    assert_int_equal(back_n, n);
    assert_memory_equal(back, bytes, n);
}

/* RFC 4648, section 10, and the state of the original server's sign-in links. */
static void known_texts_come_out(void **state) {
    (void)state;
    assert_text("", 0, "");
    assert_text("f", 1, "Zg");
    assert_text("fo", 2, "Zm8");
    assert_text("foo", 3, "Zm9v");
    assert_text("foob", 4, "Zm9vYg");
    assert_text("fooba", 5, "Zm9vYmE");
    assert_text("foobar", 6, "Zm9vYmFy");
    assert_text("\xfb\xff\xbf", 3, "-_-_");
    assert_text("{\"redirect\":null}", 17, "eyJyZWRpcmVjdCI6bnVsbH0");
}

static void every_byte_comes_back(void **state) {
    (void)state;
    uint8_t bytes[256], back[256];
    char text[BASE64URL_TEXT(256)];
    size_t n = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;

    base64url_encode(bytes, sizeof bytes, text);

    assert_true(base64url_decode(text, strlen(text), back, sizeof back, &n));
    assert_int_equal(n, sizeof bytes);
    assert_memory_equal(back, bytes, n);
}

static void what_is_not_strict_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "Z", "Zg==", "Zg=", "Zm 8", "Zm9v\n", "Zh", "Zm9", "+/+/", "Zm9v!", "\xc3\xa9\xc3\xa9",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t bytes[16];
        size_t n;
        assert_false(base64url_decode(bad[i], strlen(bad[i]), bytes, sizeof bytes, &n));
    }
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    uint8_t bytes[3];
    size_t n;

    assert_false(base64url_decode("Zm9vYg", 6, bytes, sizeof bytes, &n));
    assert_true(base64url_decode("Zm9v", 4, bytes, sizeof bytes, &n));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(known_texts_come_out),
        TEST(every_byte_comes_back),
        TEST(what_is_not_strict_is_refused),
        TEST(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests_name("codec/base64", tests, NULL, NULL);
}
