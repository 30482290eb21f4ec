/* In which order a participant meets the batches of a block. */
#include "market/state_private.h"

#include <string.h>

/* ---- ranks: a keyed hash of participant and batch ---- */

/* A bijection of 64 bits in which every bit of the input moves every bit of the output. */
static uint64_t mix(uint64_t x) {
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* participant 0: the order that all have in common, which the rows of a Latin square rotate. */
static uint64_t key_of(const MarketState *s, uint32_t participant) {
    return mix(mix(s->rules.seed + UINT64_C(0x9e3779b97f4a7c15)) ^ participant);
}

/* Two batches have never the same rank under one key. */
static uint64_t rank_of(uint64_t key, uint32_t batch) {
    return mix(key + (batch + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15));
}

/* ---- what is left of a block ---- */

/* word_left, of the block's batches only. */
static uint64_t word_of_block(const MarketState *s, const Person *p, const Block *b, size_t i) {
    uint64_t left = word_left(s, p, i);
    uint32_t end = b->first + b->n;
    if (i == b->first / WORD)
        left &= UINT64_MAX << b->first % WORD;
    if (i == end / WORD)
        left &= ~(UINT64_MAX << end % WORD);
    return left;
}

static size_t last_word(const Block *b) {
    return (b->first + b->n - 1) / WORD;
}

bool order_any(const MarketState *s, const Person *p, const Block *b) {
    for (size_t i = b->first / WORD; i <= last_word(b); i++)
        if (word_of_block(s, p, b, i) != 0)
            return true;
    return false;
}

/* ---- the three orders ---- */

static bool pick_first(const MarketState *s, const Person *p, const Block *b, uint32_t *ret) {
    for (size_t i = b->first / WORD; i <= last_word(b); i++) {
        uint64_t left = word_of_block(s, p, b, i);
        if (left != 0) {
            *ret = (uint32_t)(i * WORD) + (uint32_t)__builtin_ctzll(left);
            return true;
        }
    }
    return false;
}

static bool pick_lowest_rank(const MarketState *s, const Person *p, uint64_t key, const Block *b,
                             uint32_t *ret) {
    uint64_t lowest = UINT64_MAX;
    bool found = false;
    for (size_t i = b->first / WORD; i <= last_word(b); i++)
        for (uint64_t left = word_of_block(s, p, b, i); left != 0; left &= left - 1) {
            uint32_t batch = (uint32_t)(i * WORD) + (uint32_t)__builtin_ctzll(left);
            uint64_t rank = rank_of(key, batch);
            if (!found || rank < lowest) {
                lowest = rank;
                *ret = batch;
                found = true;
            }
        }
    return found;
}

/* Row r of the cyclic square begins with the r-th batch of the common order. */
static bool pick_in_row(const MarketState *s, const Person *p, uint32_t row, const Block *b,
                        uint32_t *ret) {
    const uint32_t *common = (const uint32_t *)s->shuffled.at + b->first;
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t batch = common[(row + i) % b->n];
        if (batch_left(s, p, batch)) {
            *ret = batch;
            return true;
        }
    }
    return false;
}

bool order_pick(const MarketState *s, uint32_t participant, const Block *b, uint32_t *ret) {
    const Person *p = person_at(s, participant);
    switch (s->rules.order) {
    case ORDER_SEQUENTIAL:
        return pick_first(s, p, b, ret);
    case ORDER_SHUFFLED:
        return pick_lowest_rank(s, p, key_of(s, participant), b, ret);
    case ORDER_LATIN:
        return pick_in_row(s, p, (participant - 1) % b->n, b, ret);
    case MARKET_ORDERS_N:
        break;
    }
    return false;
}

void order_place(MarketState *s, const Block *b) {
    uint32_t *common = (uint32_t *)s->shuffled.at + b->first;
    uint64_t key = key_of(s, 0);
    uint32_t batch = b->first + b->n - 1;
    uint32_t low = 0, high = b->n - 1; /* the others are in order */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (rank_of(key, common[middle]) < rank_of(key, batch))
            low = middle + 1;
        else
            high = middle;
    }
    memmove(common + low + 1, common + low, (b->n - 1 - low) * sizeof *common);
    common[low] = batch;
}
