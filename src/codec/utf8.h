/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#pragma once

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
