/* base64url without padding (RFC 4648, section 5), strict: no whitespace, no padding, the unused
 * bits of the last digit zero. */
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
