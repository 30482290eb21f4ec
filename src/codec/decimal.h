/* Whole numbers of many bytes as decimal digits, as the JSON files of the circuit world write them:
 * no sign, no zero in front that is not the number itself. Pure; public values only. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define DECIMAL_BYTES_MAX 64

/* n digits to `bytes` bytes, big endian; `bytes` is a multiple of 4, DECIMAL_BYTES_MAX at most.
 * False: not so written, or too large. */
bool decimal_parse(const char *digits, size_t n, uint8_t *ret_be, size_t bytes) MUST_USE;

#define DECIMAL_TEXT_MAX 156 /* 2^512 has 155 digits */

/* The digits of such a number, and a zero byte. */
void decimal_text(const uint8_t *be, size_t bytes, char ret[DECIMAL_TEXT_MAX]);
