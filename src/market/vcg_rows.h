/* Who holds which batch, and the cheapest hand-over from each holder to each other participant:
 * the smallest difference of their bids over the batches that the first holds and the second bid
 * on. The other with the number `participants` is elsewhere, whose bid is 0 on each batch. Private
 * to vcg.c.
 *
 * Invariant: for all i who hold something, difference[i][k] is the least price(k) - price(i) over
 * i's batches, and batch[i][k] one where it is so. */
#pragma once

#include "market/bids.h"

/* Prices are at most this small, so that lengths of paths fit in 64 bits with room to spare. */
#define ROWS_LENGTH_MAX (INT64_C(1) << 58)
#define NO_BID (INT64_C(1) << 61)

typedef struct {
    int64_t *difference; /* [participants + 1]; about NO_BID: they bid on none of these */
    uint32_t *batch;     /* [participants + 1] */
} Row;

typedef struct {
    size_t participants, batches;
    int64_t *price;        /* [batches][participants + 1]; NO_BID */
    uint32_t *holder;      /* [batches]; HELD_ELSEWHERE, HELD_BY_NOBODY */
    uint32_t *first;       /* [participants]: of the list of batches that they hold, or NO_BATCH */
    uint32_t *next, *last; /* [batches]: the neighbours in that list */
    uint32_t *used;        /* [participants]: how many they hold */
    Row *row;              /* [participants]; who never held a batch has none */
} Rows;
#define HELD_BY_NOBODY UINT32_MAX
#define HELD_ELSEWHERE (UINT32_MAX - 1)
#define NO_BATCH UINT32_MAX

bool rows_init(Rows *r, const Bids *bids, CvkErr *err) MUST_USE;
void rows_done(Rows *r);

/* Gives a batch to somebody who bid on it, whoever has it now. O(participants). False: no memory;
 * then only rows_done may follow. */
bool rows_give(Rows *r, uint32_t batch, uint32_t to, CvkErr *err) MUST_USE;
