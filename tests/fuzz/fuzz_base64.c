#include "codec/base64.h"
#include "fuzz/fuzz.h"

/* Every value has one text, and whatever decodes is what encoding gives back. */
void fuzz_one(const uint8_t *data, size_t n) {
    uint8_t bytes[64], again[64];
    char text[BASE64URL_TEXT(64)];
    size_t got, got_again;
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
