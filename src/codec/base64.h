/* base64url without padding (RFC 4648, section 5), strict: no whitespace, no padding, the unused
 * bits of the last digit zero. And plain base64, with padding, which is read in pieces. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define BASE64URL_TEXT(n) (((n)*4 + 2) / 3 + 1) /* room for n bytes as text with its zero byte */

void base64url_encode(const void *data, size_t n, char *ret);

/* At most `cap` bytes to ret, which holds anything after a false. False: not base64url, or too
 * long.
 */
bool base64url_decode(const char *text, size_t n, uint8_t *ret, size_t cap, size_t *ret_n) MUST_USE;

/* Base64 with its own alphabet and padding (RFC 4648, section 4), as it arrives: no whitespace, and
 * as strict as above. USAGE: a zeroed Base64Reader; base64_add piece by piece; base64_end. */
typedef struct {
    uint32_t bits;   /* of digits that make no whole byte group yet */
    unsigned digits; /* of the present group of four, padding too */
    unsigned padding;
    bool bad; /* what came is not base64, whatever follows */
} Base64Reader;

#define BASE64_BYTES(n) ((n) / 4 * 3 + 3) /* room for what n digits can make whole */

/* The bytes that are whole now to ret[BASE64_BYTES(n)]. False: it is not base64. */
bool base64_add(Base64Reader *b, const char *text, size_t n, uint8_t *ret, size_t *ret_n) MUST_USE;
/* Did it end where base64 may end? (Nothing at all is base64 of nothing.) */
bool base64_end(const Base64Reader *b) MUST_USE;

/* Plain base64 of n bytes, in one piece. */
#define BASE64_TEXT(n) (((n) + 2) / 3 * 4 + 1) /* room for it, with its zero byte */
void base64_encode(const void *data, size_t n, char *ret);
