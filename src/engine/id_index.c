#include "engine/id_index.h"

#include "base/alloc.h"

#include <assert.h>
#include <string.h>

static const char *identity_at(IdRecords r, uint32_t at) {
    return (const char *)r.records + (size_t)at * r.size;
}

static uint64_t mix(uint64_t h, uint64_t word) {
    h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 32;
}

/* Eight bytes a step; what is left has zeros after it. Only this process sees the hash, so the
 * order of bytes does not matter. */
static uint64_t hash_of(const char *identity) {
    size_t n = strlen(identity);
    uint64_t h = n, word;
    for (; n >= sizeof word; n -= sizeof word, identity += sizeof word) {
        memcpy(&word, identity, sizeof word);
        h = mix(h, word);
    }
    word = 0;
    for (size_t i = 0; i < n; i++)
        word = word << 8 | (uint8_t)identity[i];
    return mix(h, word);
}

static size_t home_of(const IdIndex *x, const char *identity) {
    return (size_t)hash_of(identity) & (x->cap - 1);
}

static size_t next_place(const IdIndex *x, size_t place) {
    return (place + 1) & (x->cap - 1);
}

static void put(IdIndex *x, IdRecords r, uint32_t at) {
    size_t place = home_of(x, identity_at(r, at));
    while (x->at[place] != 0)
        place = next_place(x, place);
    x->at[place] = at + 1;
}

bool id_index_reserve(IdIndex *x, IdRecords r, size_t n, CvkErr *err) {
    if (n <= x->cap / 2)
        return true;
    IdIndex grown = {.cap = x->cap == 0 ? 16 : x->cap, .n = x->n};
    while (n > grown.cap / 2)
        grown.cap *= 2;
    grown.at = cvk_alloc(grown.cap, sizeof *grown.at, err);
    if (grown.at == NULL)
        return false;
    for (size_t place = 0; place < x->cap; place++)
        if (x->at[place] != 0)
            put(&grown, r, x->at[place] - 1);
    id_index_done(x);
    *x = grown;
    return true;
}

void id_index_done(IdIndex *x) {
    free(x->at);
    *x = (IdIndex){0};
}

uint32_t id_index_find(const IdIndex *x, IdRecords r, const char *identity) {
    if (x->cap == 0)
        return ID_NONE;
    for (size_t place = home_of(x, identity); x->at[place] != 0; place = next_place(x, place))
        if (strcmp(identity_at(r, x->at[place] - 1), identity) == 0)
            return x->at[place] - 1;
    return ID_NONE;
}

void id_index_add(IdIndex *x, IdRecords r, uint32_t at) {
    assert(x->n < x->cap / 2);
    put(x, r, at);
    x->n++;
}

void id_index_remove(IdIndex *x, IdRecords r, uint32_t at) {
    size_t hole = home_of(x, identity_at(r, at));
    while (x->at[hole] != at + 1) {
        assert(x->at[hole] != 0);
        hole = next_place(x, hole);
    }
    /* Whoever stands behind the hole and could stand in it moves up, so that no search stops short.
     */
    for (size_t place = next_place(x, hole); x->at[place] != 0; place = next_place(x, place)) {
        size_t home = home_of(x, identity_at(r, x->at[place] - 1));
        size_t from_home = (place - home) & (x->cap - 1);
        size_t from_hole = (place - hole) & (x->cap - 1);
        if (from_home < from_hole)
            continue;
        x->at[hole] = x->at[place];
        hole = place;
    }
    x->at[hole] = 0;
    x->n--;
}
