#include "codec/base64.h"

#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Writes the digits, and returns where they end. */
static char *encode(const void *data, size_t n, const char digits[65], char *ret) {
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
    return ret;
}

void base64url_encode(const void *data, size_t n, char *ret) {
    *encode(data, n, ALPHANUMERIC "-_", ret) = '\0';
}

void base64_encode(const void *data, size_t n, char *ret) {
    char *end = encode(data, n, ALPHANUMERIC "+/", ret);
    for (size_t i = n % 3; i != 0 && i < 3; i++)
        *end++ = '=';
    *end = '\0';
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

/* ---- base64 with padding, in pieces ---- */

/* The value of a digit of the plain alphabet, or 64. */
static uint32_t plain_value(char c) {
    return c == '+' ? 62 : c == '/' ? 63 : c == '-' || c == '_' ? 64 : value(c);
}

/* A group of four is whole: its bytes. */
static bool end_group(Base64Reader *b, uint8_t *ret, size_t *ret_n) {
    uint8_t bytes[3] = {(uint8_t)(b->bits >> 16), (uint8_t)(b->bits >> 8), (uint8_t)b->bits};
    size_t n = 3 - b->padding;
    for (size_t i = 0; i < 3; i++)
        if (i < n)
            ret[(*ret_n)++] = bytes[i];
        else if (bytes[i] != 0) /* unused bits */
            return false;
    b->bits = 0;
    b->digits = 0;
    return true;
}

/* One digit, or a sign of padding: only as the third and fourth of the last group. */
static bool add_digit(Base64Reader *b, char c) {
    uint32_t v = plain_value(c);
    bool after_end = b->padding != 0 && b->digits == 0;
    bool is_padding = c == '=' && b->digits >= 2 && !after_end;
    if (after_end || (b->padding != 0 && !is_padding) || (v == 64 && !is_padding))
        return false;
    b->padding += is_padding;
    b->bits = b->bits << 6 | (is_padding ? 0 : v);
    b->digits++;
    return true;
}

bool base64_add(Base64Reader *b, const char *text, size_t n, uint8_t *ret, size_t *ret_n) {
    *ret_n = 0;
    for (size_t i = 0; i < n && !b->bad; i++) {
        b->bad = !add_digit(b, text[i]);
        if (!b->bad && b->digits == 4)
            b->bad = !end_group(b, ret, ret_n);
    }
    return !b->bad;
}

bool base64_end(const Base64Reader *b) {
    return !b->bad && b->digits == 0;
}
