/* Who holds which batch, and the cheapest hand-over from each holder to each other participant:
 * the smallest difference of their bids over the batches that the first holds and the second bid
 * on. The other with the number `participants` is elsewhere, whose bid is 0 on each batch. Private
 * to vcg.c.
 *
 * That is kept only of those who were full once: nobody else has to hand anything on. Who holds
 * many batches has a heap for each cell: those that could be handed over there, the cheapest first.
 * A batch that was handed on is left in its heaps until it comes up; heaps that have had too many
 * are made anew, so they have at most twice as many entries as batches are held, and some.
 *
 * A batch that is handed on stays in its holder's cells: each is found again when somebody looks,
 * and most of them nobody does look at, as even what they were at least is too dear.
 *
 * Invariant: of each i who is open, difference[k] is at most the least price(k) - price(i) over i's
 * batches; and it is the least, of row[i].batch[k], where i holds that one. */
#pragma once

#include "market/bids.h"

#define NO_BID INT64_MAX

typedef struct {
    int64_t *difference;  /* [participants + 1]; NO_BID: they bid on none; NULL: not open */
    uint32_t *batch;      /* [participants + 1] */
    uint32_t *heap;       /* [cap][participants + 1]; NULL: few are held */
    uint32_t *size;       /* [participants + 1]: of the heaps */
    uint32_t pushed, cap; /* since the heaps were made; none is larger */
} Row;

typedef struct {
    size_t participants, batches;
    int64_t *price;        /* [batches][participants + 1]; NO_BID */
    int64_t *mirror;       /* [participants + 1: to][participants: from]: all differences again */
    uint32_t *holder;      /* [batches]; HELD_ELSEWHERE, HELD_BY_NOBODY */
    uint32_t *first;       /* [participants]: of the list of batches that they hold, or NO_BATCH */
    uint32_t *next, *last; /* [batches]: the neighbours in that list */
    uint32_t *used;        /* [participants]: how many they hold */
    Row *row;              /* [participants] */
} Rows;
#define HELD_BY_NOBODY UINT32_MAX
#define HELD_ELSEWHERE (UINT32_MAX - 1)
#define NO_BATCH UINT32_MAX

/* What each who is open pays at least for handing a batch to k. */
static inline const int64_t *differences_to(const Rows *r, size_t k) {
    return r->mirror + k * r->participants;
}

static inline int64_t rows_price(const Rows *r, uint32_t batch, uint32_t of) {
    return r->price[(size_t)batch * (r->participants + 1) + of];
}

/* Was the batch of this cell handed on? Then its difference is only what it is at least. */
static inline bool rows_stale(const Rows *r, uint32_t i, uint32_t k) {
    const uint32_t batch = r->row[i].batch[k];
    return batch != NO_BATCH && r->holder[batch] != i;
}

/* Finds the cheapest that i, who is open, can hand to k among what i has. */
void rows_renew(Rows *r, uint32_t i, uint32_t k);

/* What i, who is open, pays for handing the cheapest batch to k; NO_BID: there is none. */
static inline int64_t rows_difference(Rows *r, uint32_t i, uint32_t k) {
    if (rows_stale(r, i, k))
        rows_renew(r, i, k);
    return r->row[i].difference[k];
}

/* That batch; there is one. */
static inline uint32_t rows_cheapest(Rows *r, uint32_t i, uint32_t k) {
    rows_difference(r, i, k);
    return r->row[i].batch[k];
}

bool rows_init(Rows *r, const Bids *bids, CvkErr *err) MUST_USE;
void rows_done(Rows *r);

/* From now on i is open. O(participants * i's batches), the first time. False: no memory;
 * then only rows_done may follow. */
bool rows_open(Rows *r, uint32_t i, CvkErr *err) MUST_USE;

/* Gives a batch to somebody who bid on it, whoever has it now. O(participants * log batches),
 * spread over calls. False: as above. */
bool rows_give(Rows *r, uint32_t batch, uint32_t to, CvkErr *err) MUST_USE;
