/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#pragma once

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

#define UTF8_MAX 4 /* bytes of one character */

/* How many bytes the character at the start of text takes, 1 to 4; 0 if the n bytes there do not
 * begin with a whole, valid one (so for n = 0, too). */
size_t utf8_length(const char *text, size_t n);

/* How many bytes a character with this first byte has to have; 0 if none begins with it. */
size_t utf8_expected(char first);

/* Writes a code point that is not a surrogate and not above U+10FFFF; returns how many bytes. */
size_t utf8_put(uint32_t code, char ret[UTF8_MAX]);

/* `text` itself, where all of it is UTF-8; else a copy in *scratch (whose contents go), with U+FFFD
 * in the place of each byte that does not fit. NULL (err set): no memory. */
const char *utf8_clean(const char *text, CvkBuf *scratch, CvkErr *err) MUST_USE;
