/* What submissions are told apart by: each grouping gives a row a number below grouping_n. */
#pragma once

#include "market/panel.h"

typedef enum {
    GROUPING_ALL,
    GROUPING_ACCELERATION,
    GROUPING_PARTICIPANT,
    GROUPING_DEPLOYMENT,
    GROUPING_GROUP, /* of a participant: their treatment */
    GROUPINGS_N
} Grouping;

const char *grouping_name(Grouping g); /* "all", ... */
/* 0: this panel has nothing to group by (nobody is of a group). */
size_t grouping_n(const Panel *p, Grouping g);
const char *grouping_at(const Panel *p, Grouping g, size_t i); /* "(none)": of no group */
/* ret[i]: of row i. O(rows). */
void grouping_rows(const Panel *p, Grouping g, uint32_t *ret);
