/* The queue of a ceremony: who waits at which place. Places are numbers given in growing order and
 * never used again; somebody who has left theirs (for a turn) may be put back there.
 *
 * A Fenwick tree over the entries counts who waits before whom in O(log n). Entries that nobody
 * waits at any more are dropped when room is made, so memory follows those who wait and not those
 * who ever did. What it answers depends on who waits only, not on how it came about.
 * Threads: the owner's. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t place;
    uint32_t who; /* the owner's number of them */
    bool waits;
} PlaceEntry;

typedef struct {
    PlaceEntry *entry; /* in order of places */
    uint32_t *tree;    /* tree[i], from 1: how many wait at the entries (i - lowbit(i), i] */
    uint32_t n, cap;
    uint32_t waiting;
} PlaceIndex;

#define PLACE_NONE UINT32_MAX

/* Room for `more` further places, without further allocation. `keep`: a place that may be put back
 * though nobody waits there now (0 = none); others are forgotten. Takes constant time on average.
 */
bool place_index_reserve(PlaceIndex *x, uint32_t more, uint64_t keep, CvkErr *err) MUST_USE;
void place_index_done(PlaceIndex *x);

/* `who` waits at `place`, which comes after all places before it; there is room. */
void place_index_append(PlaceIndex *x, uint64_t place, uint32_t who);
void place_index_remove(PlaceIndex *x, uint64_t place);   /* somebody waits there */
void place_index_put_back(PlaceIndex *x, uint64_t place); /* who has waited there; it was kept */

/* How many wait before `place`? Any number will do. */
uint32_t place_index_ahead(const PlaceIndex *x, uint64_t place);
/* Who waits with `ahead` before them; PLACE_NONE: so many do not wait. */
uint32_t place_index_at(const PlaceIndex *x, uint32_t ahead);
/* Who waits at `place`, or PLACE_NONE. */
uint32_t place_index_who(const PlaceIndex *x, uint64_t place);
