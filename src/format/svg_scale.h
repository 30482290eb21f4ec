/* Where values stand on a page, and which of them get a tick. Private to svg.c. Pure. */
#pragma once

#include "format/figure.h"

#define TICKS_MAX 12

typedef struct {
    double low, high; /* of values, or of their logarithms */
    bool log, whole;
    double from, to; /* on the page */
    size_t ticks;
    double step;            /* between ticks; 0 where they are logarithmic */
    double tick[TICKS_MAX]; /* values */
} Scale;

bool scale_has(const Scale *s, double v); /* logarithms are of what is above 0 */
double scale_place(const Scale *s, double v);
/* Of all points of a figure, for its x or y; bars stand on 0. `log`, `whole`, `from` and `to` are
 * set before. */
void scale_of(const Figure *f, bool y, Scale *s);
void scale_of_labels(const Figure *f, Scale *s); /* of bars: a place of width 1 for each */
