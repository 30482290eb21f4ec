#include "codec/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_encode(const void *data, size_t n, char *ret) {
    const uint8_t *bytes = data;
    uint32_t bits = 0;
    unsigned held = 0; /* bits of `bits` not yet written */
    for (size_t i = 0; i < n; i++) {
        bits = (bits << 8 | bytes[i]) & 0xffff;
        for (held += 8; held >= 6; held -= 6)
            *ret++ = digits[bits >> (held - 6) & 63];
    }
    if (held != 0)
        *ret++ = digits[bits << (6 - held) & 63];
    *ret = '\0';
}

/* The value of a digit, or 64. */
static uint32_t value(char c) {
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0') + 52;
    return c == '-' ? 62 : c == '_' ? 63 : 64;
}

bool base64url_decode(const char *text, size_t n, uint8_t *ret, size_t cap, size_t *ret_n) {
    size_t bytes = n / 4 * 3 + n % 4 * 6 / 8;
    if (n % 4 == 1 || bytes > cap)
        return false;
    uint32_t bits = 0;
    unsigned held = 0;
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t v = value(text[i]);
        if (v == 64)
            return false;
        bits = (bits << 6 | v) & 0xffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            ret[out++] = (uint8_t)(bits >> held & 0xff);
        }
    }
    if ((bits & ((1u << held) - 1)) != 0) /* unused bits must be zero: one text for one value */
        return false;
    *ret_n = out;
    return true;
}
