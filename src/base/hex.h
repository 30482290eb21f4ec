/* Hexadecimal, as the KZG protocol writes it: lower case. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Writes 2n digits and a zero byte to `ret` (2n + 1 bytes). No "0x". */
void cvk_hex_encode(const uint8_t *bytes, size_t n, char *ret);

/* Decodes exactly 2n lower-case digits at `digits` (no "0x", no zero byte needed). False: some
 * character is not a lower-case hex digit; nothing is promised of `ret` then. Not constant-time. */
bool cvk_hex_decode(const char *digits, size_t n, uint8_t *ret) MUST_USE;

/* "0x" and exactly 2n hex digits of either case, and nothing after: what people paste. */
bool cvk_hex_parse(const char *text, size_t n, uint8_t *ret) MUST_USE;
