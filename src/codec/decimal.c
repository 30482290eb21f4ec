#include "codec/decimal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX (DECIMAL_BYTES_MAX / 4)
#define CHUNK 9 /* digits that fit a word */

/* words = words * factor + add, least significant first; what does not fit is returned. */
static uint32_t multiply(uint32_t *words, size_t n, uint32_t factor, uint32_t add) {
    uint64_t carry = add;
    for (size_t i = 0; i < n; i++) {
        carry += (uint64_t)words[i] * factor;
        words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return (uint32_t)carry;
}

bool decimal_parse(const char *digits, size_t n, uint8_t *ret_be, size_t bytes) {
    uint32_t words[WORDS_MAX] = {0};
    assert(bytes % 4 == 0 && bytes <= DECIMAL_BYTES_MAX);
    if (n == 0 || n >= DECIMAL_TEXT_MAX || (digits[0] == '0' && n > 1))
        return false;
    for (size_t i = 0; i < n;) {
        uint32_t chunk = 0, factor = 1;
        for (size_t end = i + CHUNK; i < n && i < end; i++) {
            if (digits[i] < '0' || digits[i] > '9')
                return false;
            chunk = chunk * 10 + (uint32_t)(digits[i] - '0');
            factor *= 10;
        }
        if (multiply(words, bytes / 4, factor, chunk) != 0)
            return false;
    }
    for (size_t i = 0; i < bytes; i++)
        ret_be[bytes - 1 - i] = (uint8_t)(words[i / 4] >> (8 * (i % 4)));
    return true;
}

/* words = words / 10^9; the remainder is returned. */
static uint32_t divide(uint32_t *words, size_t n) {
    uint64_t rest = 0;
    for (size_t i = n; i-- > 0;) {
        rest = rest << 32 | words[i];
        words[i] = (uint32_t)(rest / 1000000000);
        rest %= 1000000000;
    }
    return (uint32_t)rest;
}

void decimal_text(const uint8_t *be, size_t bytes, char ret[DECIMAL_TEXT_MAX]) {
    uint32_t words[WORDS_MAX] = {0};
    char digits[18 * CHUNK + 1]; /* of the lowest chunks, right-aligned */
    char *at = digits + sizeof digits - 1;
    assert(bytes % 4 == 0 && bytes <= DECIMAL_BYTES_MAX);
    for (size_t i = 0; i < bytes; i++)
        words[i / 4] |= (uint32_t)be[bytes - 1 - i] << (8 * (i % 4));
    *at = '\0';
    while (at >= digits + CHUNK) {
        uint32_t chunk = divide(words, bytes / 4);
        for (unsigned i = 0; i < CHUNK; i++, chunk /= 10)
            *--at = (char)('0' + chunk % 10);
    }
    while (at[0] == '0' && at[1] != '\0')
        at++;
    memcpy(ret, at, strlen(at) + 1);
}
