/* The answer of a check: valid, or the first reason why not, and where. An error (CvkErr) means
 * that there is no answer. */
#pragma once

#include "base/err.h"

#include <stdint.h>

#define VERDICT_TEXT_MAX 256

typedef struct {
    bool valid;
    const char *id; /* "ptau.tau_g1.ratio"; API. NULL if valid */
    char text[VERDICT_TEXT_MAX];
    uint32_t section;      /* of the file; 0: none in particular */
    uint64_t offset;       /* in the file, if section is not 0 */
    uint32_t contribution; /* counted from 1; 0: none in particular */
} Verdict;

/* Sets the verdict to "no" unless it is that already; returns false. */
bool verdict_refuse(Verdict *v, const char *id, const char *fmt, ...) PRINTF_LIKE(3, 4);
