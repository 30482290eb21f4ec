/* The shortest way from each participant to room: whoever is given a batch hands one on, until
 * somebody has room or it goes elsewhere. Together the ways are a forest. Where somebody has no
 * room any more or hands on other batches than before, the ways through them are lost, and found
 * again by Dijkstra's search over their increases. Private to vcg.c. */
#pragma once

#include "market/sum.h"
#include "market/vcg_rows.h"

#define WAYS_NOBODY UINT32_MAX
/* There is no way at all: of who has no capacity, and of those whose way is being found. */
#define WAYS_FAR ((Sum)1 << 120)

typedef enum { WAY_UNKNOWN, WAY_SAME, WAY_LOST, WAY_FOLLOWED } WayState;

/* Somebody whose way is found again. */
typedef struct {
    Sum before, more; /* how long it was, and how much longer the shortest known one is */
    uint32_t who, over;
} Lost;

typedef struct {
    Rows *rows;
    uint32_t n;    /* participants; also the number of elsewhere, where there is always room */
    uint32_t gone; /* left out; WAYS_NOBODY: nobody */
    /* By participant and elsewhere: the length of the way, and whom they hand a batch to;
     * WAYS_NOBODY: there is room with them, or no way. */
    Sum *toward;
    uint32_t *next;
    /* While ways are found again. */
    WayState *state;
    Sum *same_way; /* of the FOLLOWED: how long the lost way is now */
    Lost *lost;
    uint32_t *known, *path;
    size_t lost_n, known_n;
} Ways;

bool ways_init(Ways *w, Rows *rows, CvkErr *err) MUST_USE; /* nobody has a way yet */
void ways_done(Ways *w);

/* First it is said whose ways are lost: nobody's so far; i's. Then those, and all that lead through
 * them, are found. No way may have become shorter; who lost theirs is open (vcg_rows.h). */
void ways_all_known(Ways *w);
void ways_lose(Ways *w, uint32_t i);
void ways_find(Ways *w);
