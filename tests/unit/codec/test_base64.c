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

/* RFC 4648, section 10. */
static void with_padding_known_texts_come_out_too(void **state) {
    (void)state;
    static const char *const known[][2] = {
        {"", ""},        {"f", "Zg=="},          {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbf\xfb", "+/+/+w=="}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[64];
        base64_encode(known[i][0], strlen(known[i][0]), text);
        assert_string_equal(text, known[i][1]);
        assert_int_equal(strlen(text) + 1, BASE64_TEXT(strlen(known[i][0])));
    }
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

/* Whole, and in pieces of every size. False: not base64. */
static bool read_plain(const char *text, char ret[64]) {
    bool first = false;
    for (size_t piece = 1; piece <= strlen(text) + 1; piece++) {
        Base64Reader b = {0};
        size_t at = 0, n = strlen(text), got = 0, more;
        bool ok = true;
        for (; at < n && ok; at += piece) {
            uint8_t bytes[BASE64_BYTES(64)];
            ok = base64_add(&b, text + at, n - at < piece ? n - at : piece, bytes, &more);
            memcpy(ret + got, bytes, more);
            got += more;
        }
        ok = base64_end(&b) && ok;
        ret[got] = '\0';
        assert_true(piece == 1 || ok == first);
        first = ok;
    }
    return first;
}

/* RFC 4648, section 10. */
static void padded_texts_are_read_in_pieces(void **state) {
    (void)state;
    static const char *const known[][2] = {
        {"", ""},
        {"Zg==", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Zm9vYg==", "foob"},
        {"Zm9vYmE=", "fooba"},
        {"Zm9vYmFy", "foobar"},
        {"+/+/", "\xfb\xff\xbf"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char got[64];
        assert_true(read_plain(known[i][0], got));
        assert_string_equal(got, known[i][1]);
    }
}

static void one_value_has_one_padded_text(void **state) {
    (void)state;
    static const char *const bad[] = {"Z",        "Zg",    "Zg=",   "Zm9vYg",    "=",
                                      "====",     "Z===",  "Zg=a",  "Zh==",      "Zm9=",
                                      "Zg==Zg==", "Zg===", "Zm8==", "-_-_",      "Zm 9v",
                                      "Zm9v\n",   "@@@@",  "Zm9v=", "Zm\xc3\xa9"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char got[64];
        assert_false(read_plain(bad[i], got));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(known_texts_come_out),
        TEST(every_byte_comes_back),
        TEST(with_padding_known_texts_come_out_too),
        TEST(what_is_not_strict_is_refused),
        TEST(what_does_not_fit_is_refused),
        TEST(padded_texts_are_read_in_pieces),
        TEST(one_value_has_one_padded_text),
    };
    return cmocka_run_group_tests_name("codec/base64", tests, NULL, NULL);
}
