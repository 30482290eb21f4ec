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

/* One more than the value of each digit of the plain alphabet; no digit: 0. */
static const uint8_t plain_digits[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

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
    uint32_t v = plain_digits[(unsigned char)c];
    bool after_end = b->padding != 0 && b->digits == 0;
    bool is_padding = c == '=' && b->digits >= 2 && !after_end;
    if (after_end || (b->padding != 0 && !is_padding) || (v == 0 && !is_padding))
        return false;
    b->padding += is_padding;
    b->bits = b->bits << 6 | (is_padding ? 0 : v - 1);
    b->digits++;
    return true;
}

/* Whole groups of digits alone, from the beginning of one; how many digits that were. Most of a
 * text goes this way. */
static size_t add_groups(const Base64Reader *b, const char *text, size_t n, uint8_t *ret) {
    size_t i = 0;
    if (b->digits != 0 || b->padding != 0)
        return 0;
    for (; n - i >= 4; i += 4) {
        uint32_t v[4];
        for (size_t k = 0; k < 4; k++)
            v[k] = plain_digits[(unsigned char)text[i + k]];
        if (v[0] == 0 || v[1] == 0 || v[2] == 0 || v[3] == 0)
            break;
        uint32_t bits = (v[0] - 1) << 18 | (v[1] - 1) << 12 | (v[2] - 1) << 6 | (v[3] - 1);
        *ret++ = (uint8_t)(bits >> 16);
        *ret++ = (uint8_t)(bits >> 8);
        *ret++ = (uint8_t)bits;
    }
    return i;
}

bool base64_add(Base64Reader *b, const char *text, size_t n, uint8_t *ret, size_t *ret_n) {
    *ret_n = 0;
    for (size_t i = 0; i < n && !b->bad; i++) {
        size_t groups = add_groups(b, text + i, n - i, ret + *ret_n);
        i += groups;
        *ret_n += groups / 4 * 3;
        if (i == n)
            break;
        b->bad = !add_digit(b, text[i]);
        if (!b->bad && b->digits == 4)
            b->bad = !end_group(b, ret, ret_n);
    }
    return !b->bad;
}

bool base64_end(const Base64Reader *b) {
    return !b->bad && b->digits == 0;
}
