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
    CvkPlace place;
    uint32_t contribution; /* counted from 1; 0: none in particular */
} Verdict;

/* Sets the verdict to "no" unless it is that already; returns false. */
bool verdict_refuse(Verdict *v, const char *id, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same about a place, which the text ends with: "... (section 3, offset 1234)". */
bool verdict_refuse_at(Verdict *v, const CvkPlace *place, const char *id, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* Of a file that is no more than needed for an answer about another: what is wrong with it is an
 * error (CVK_EBADREQ), "<file>: <text>", with the verdict's id and place. Returns v->valid. */
bool verdict_need(const Verdict *v, CvkErr *err);
