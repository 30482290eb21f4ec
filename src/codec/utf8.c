#include "codec/utf8.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

size_t utf8_expected(char first) {
    uint8_t c = (uint8_t)first;
    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4) /* c0 and c1 would be overlong, f5 and above beyond U+10FFFF */
        return 0;
    return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* The second byte decides on overlong forms, surrogates and the upper end. */
static bool second_fits(uint8_t first, uint8_t second) {
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high;
}

size_t utf8_length(const char *text, size_t n) {
    size_t want = n == 0 ? 0 : utf8_expected(text[0]);
    if (want > n)
        return 0;
    if (want > 1 && !second_fits((uint8_t)text[0], (uint8_t)text[1]))
        return 0;
    for (size_t i = 2; i < want; i++)
        if (((uint8_t)text[i] & 0xc0) != 0x80)
            return 0;
    return want;
}

size_t utf8_put(uint32_t code, char ret[UTF8_MAX]) {
    assert(code <= 0x10ffff && (code < 0xd800 || code > 0xdfff));
    if (code < 0x80) {
        ret[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; code >>= 6)
        ret[i] = (char)(0x80 | (code & 0x3f));
    ret[0] = (char)(marks[n] | code);
    return n;
}

const char *utf8_clean(const char *text, CvkBuf *scratch, CvkErr *err) {
    size_t n = strlen(text), at = 0, step;
    while (at < n && (step = utf8_length(text + at, n - at)) > 0)
        at += step;
    if (at == n)
        return text;
    scratch->n = 0;
    for (at = 0; at<n; at += step> 0 ? step : 1) {
        step = utf8_length(text + at, n - at);
        if (!cvk_buf_add(scratch, step > 0 ? text + at : "\xef\xbf\xbd", step > 0 ? step : 3, err))
            return NULL;
    }
    return cvk_buf_str(scratch);
}
