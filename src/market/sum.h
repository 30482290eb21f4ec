/* Sums of amounts: 128 bits, as the prices of a million submissions may pass what int64 holds.
 * 2^127 is room for 10^19 of the largest amount. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef __int128 Sum;

#define SUM_TEXT_MAX 48

/* The shortest decimal text of cents, of a sum of micro-cents: "448", "-0.5". */
void sum_text(Sum micro_cents, char ret[SUM_TEXT_MAX]);
/* The same for people, rounded half away from zero: to two decimals, and no fewer than four
 * significant digits ("448.00", "1.074", "0.04042"), so that small ones still add up. */
void sum_text_rounded(Sum micro_cents, char ret[SUM_TEXT_MAX]);
/* The nearest double of cents. */
double sum_cents(Sum micro_cents);
