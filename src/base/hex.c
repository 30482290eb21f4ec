#include "base/hex.h"

#include <string.h>

void cvk_hex_encode(const uint8_t *bytes, size_t n, char *ret) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        ret[2 * i] = digits[bytes[i] >> 4];
        ret[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret[2 * n] = '\0';
}

/* The value of a digit plus one, or 0. A table, because comparing random digits makes the processor
 * guess wrong half of the time, and files have millions of them. */
static const uint8_t digit_plus_one[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

/* The value of a digit, or a value with high bits set. */
static unsigned digit(char c) {
    return digit_plus_one[(uint8_t)c] - 1u;
}

bool cvk_hex_decode(const char *digits, size_t n, uint8_t *ret) {
    unsigned bad = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned high = digit(digits[2 * i]), low = digit(digits[2 * i + 1]);
        bad |= high | low;
        ret[i] = (uint8_t)((high << 4 | low) & 0xff);
    }
    return bad < 16;
}

bool cvk_hex_parse(const char *text, size_t n, uint8_t *ret) {
    if (strlen(text) != 2 + 2 * n || text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
        return false;
    for (size_t i = 0; i < n; i++) {
        char pair[2];
        for (size_t k = 0; k < 2; k++) {
            char c = text[2 + 2 * i + k];
            pair[k] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
        }
        if (!cvk_hex_decode(pair, 1, ret + i))
            return false;
    }
    return true;
}
