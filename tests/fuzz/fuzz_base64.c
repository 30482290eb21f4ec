#include "codec/base64.h"
#include "fuzz/fuzz.h"

/* Padded base64 is the same whole, and digit by digit. */
static void check_padded(const char *text, size_t n) {
    Base64Reader whole = {0}, single = {0};
    uint8_t *bytes = malloc(BASE64_BYTES(n)), *again = malloc(BASE64_BYTES(n) + 3);
    size_t got, got_again = 0, more;
    bool ok = base64_add(&whole, text, n, bytes, &got), ok_again = true;
    for (size_t i = 0; i < n && ok_again; i++) {
        ok_again = base64_add(&single, text + i, 1, again + got_again, &more);
        got_again += more;
    }
    assert(ok == ok_again && base64_end(&whole) == base64_end(&single));
    assert(got == got_again && memcmp(bytes, again, got) == 0);
    assert(!base64_end(&whole) || n % 4 == 0);
    free(bytes);
    free(again);
}

/* Every value has one text, and whatever decodes is what encoding gives back. */
void fuzz_one(const uint8_t *data, size_t n) {
    uint8_t bytes[64], again[64];
    char text[BASE64URL_TEXT(64)];
    size_t got, got_again;
    check_padded((const char *)data, n);
    if (n != 0 && base64url_decode((const char *)data, n, bytes, sizeof bytes, &got)) {
        base64url_encode(bytes, got, text);
        assert(strlen(text) == n && memcmp(text, data, n) == 0);
    }
    size_t kept = n < sizeof bytes ? n : sizeof bytes;
    if (kept != 0)
        memcpy(bytes, data, kept);
    base64url_encode(bytes, kept, text);
    bool ok = base64url_decode(text, strlen(text), again, kept, &got_again);
    assert(ok && got_again == kept && memcmp(again, bytes, kept) == 0);
}
