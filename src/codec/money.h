/* Amounts of US cents, exactly: as a JSON number says it, and as an integer of micro-cents (10^-6
 * cents; a cent is CVK_CENT of them). No floating point. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CVK_CENT INT64_C(1000000)
#define MONEY_MAX (INT64_C(9000000000000) * CVK_CENT) /* 90 billion dollars */
#define MONEY_TEXT_MAX 24

/* A JSON number (grammar of RFC 8259, exponents too), n bytes, to the nearest micro-cent (a half
 * goes up): 0.1 + 0.2 is 0.30000000000000004 in most languages. False: no such number, negative
 * (except zero), or above MONEY_MAX. */
bool money_parse(const char *text, size_t n, int64_t *ret) __attribute__((warn_unused_result));

/* The shortest decimal text of cents: "100", "0.0516", "-3.5". */
void money_text(int64_t micro_cents, char ret[MONEY_TEXT_MAX]);
