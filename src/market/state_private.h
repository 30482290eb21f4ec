/* The inside of a MarketState, shared by state.c (what changes it), check.c (what may), next.c
 * (questions) and order.c. Nobody else includes this.
 *
 * Batches of a block have consecutive numbers, so a block is a range. Everything is counted from 1
 * outside and stored from 0 here, except where a 0 must mean none: requests in lists. */
#pragma once

#include "market/market.h"

#define WORD 64

typedef struct {
    bool allowed;
    uint32_t group;
    uint32_t requests;   /* so many were issued */
    uint32_t open;       /* of them */
    uint64_t first_open; /* the oldest; next_own leads on */
    uint64_t *taken;     /* a bit a batch: a request was issued; those beyond `words` are clear */
    size_t words;
    uint32_t taken_live; /* of the batches that are not retired */
    uint32_t block;      /* nothing is left in the blocks before this one */
} Person;

typedef struct {
    uint32_t first, n; /* batches, from 0 */
    bool begun;        /* somebody was given one */
} Block;

typedef struct {
    MarketRequest r;
    uint8_t body[32];
    uint64_t before, next; /* among all that are open; 0: none */
    uint64_t next_own;     /* among their participant's */
} Request;

typedef struct {
    void *at;
    size_t n, cap;
} Items;

struct MarketState {
    MarketRules rules;
    Items people;    /* Person */
    Items blocks;    /* Block */
    Items block_of;  /* uint32_t, a batch: index of its block */
    Items shuffled;  /* uint32_t: the batches, each block in its common order (latin) */
    Items live_bits; /* uint64_t, a bit a batch: it is not retired */
    uint32_t live;   /* so many are set */
    Items requests;  /* Request */
    uint64_t first_open, last_open; /* in the order of their numbers; 0: none is open */
    uint64_t count[REQUEST_STATES_N];
    uint32_t allowed;
};

static inline Person *person_at(const MarketState *s, uint32_t participant) {
    return participant == 0 || participant > s->people.n ? NULL
                                                         : (Person *)s->people.at + participant - 1;
}

static inline Request *request_at(const MarketState *s, uint64_t request) {
    return request == 0 || request > s->requests.n ? NULL : (Request *)s->requests.at + request - 1;
}

static inline Block *block_at(const MarketState *s, size_t i) {
    return (Block *)s->blocks.at + i;
}

/* The batches of word i that this participant may still be given, as bits. */
static inline uint64_t word_left(const MarketState *s, const Person *p, size_t i) {
    return ((const uint64_t *)s->live_bits.at)[i] & ~(i < p->words ? p->taken[i] : 0);
}

static inline bool batch_left(const MarketState *s, const Person *p, uint32_t batch) {
    return (word_left(s, p, batch / WORD) >> batch % WORD & 1) != 0;
}

static inline bool is_taken(const Person *p, uint32_t batch) {
    return batch / WORD < p->words && (p->taken[batch / WORD] >> batch % WORD & 1) != 0;
}

static inline bool is_live(const MarketState *s, uint32_t batch) {
    return (((const uint64_t *)s->live_bits.at)[batch / WORD] >> batch % WORD & 1) != 0;
}

/* How many batches they may still be given. */
static inline uint32_t left_for(const MarketState *s, const Person *p) {
    return s->live - p->taken_live;
}

/* order.c */

/* The batch (from 0) that comes first in this participant's order of the block among those that are
 * left for them. False: none is. About 2 us for 1,000 batches. */
bool order_pick(const MarketState *s, uint32_t participant, const Block *b, uint32_t *ret);
/* Is a batch of the block left for them? */
bool order_any(const MarketState *s, const Person *p, const Block *b);
/* The block's newest batch, which is the last of `shuffled`, takes its place there. */
void order_place(MarketState *s, const Block *b);
