#include "engine/place_index.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>

/* ---- the tree ---- */

static uint32_t low_bit(uint32_t i) {
    return i & (~i + 1);
}

/* One more, or one fewer, waits at the entry. */
static void tree_add(PlaceIndex *x, uint32_t at, bool more) {
    for (uint32_t i = at + 1; i <= x->n; i += low_bit(i))
        x->tree[i] = more ? x->tree[i] + 1 : x->tree[i] - 1;
}

/* How many wait at the entries before `at`? */
static uint32_t tree_before(const PlaceIndex *x, uint32_t at) {
    uint32_t n = 0;
    for (uint32_t i = at; i > 0; i -= low_bit(i))
        n += x->tree[i];
    return n;
}

/* The node of the newest entry, from those of its children. */
static void tree_grow(PlaceIndex *x) {
    uint32_t i = x->n;
    uint32_t sum = x->entry[i - 1].waits ? 1 : 0;
    for (uint32_t child = i - 1; child > i - low_bit(i); child -= low_bit(child))
        sum += x->tree[child];
    x->tree[i] = sum;
}

/* ---- room ---- */

/* Drops the entries that nobody waits at, but for `keep`. */
static void compact(PlaceIndex *x, uint64_t keep) {
    uint32_t n = x->n;
    x->n = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!x->entry[i].waits && x->entry[i].place != keep)
            continue;
        x->entry[x->n++] = x->entry[i];
        tree_grow(x);
    }
}

bool place_index_reserve(PlaceIndex *x, uint32_t more, uint64_t keep, CvkErr *err) {
    if (more <= x->cap - x->n)
        return true;
    if (x->cap > 0)
        compact(x, keep);
    uint64_t need = (uint64_t)x->n + more, cap = x->cap == 0 ? 16 : x->cap;
    while (cap / 2 < need) /* half of it free: the next compaction is that far away */
        cap *= 2;
    if (cap == x->cap)
        return true;
    if (cap > UINT32_MAX / 2)
        return cvk_fail(err, CVK_ELIMIT, "limit.count", "too many wait");
    PlaceEntry *entry = realloc(x->entry, cap * sizeof *entry);
    if (entry != NULL)
        x->entry = entry;
    uint32_t *tree = realloc(x->tree, (cap + 1) * sizeof *tree);
    if (tree != NULL)
        x->tree = tree;
    if (entry == NULL || tree == NULL)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory for those who wait");
    x->cap = (uint32_t)cap;
    return true;
}

void place_index_done(PlaceIndex *x) {
    free(x->entry);
    free(x->tree);
    *x = (PlaceIndex){0};
}

/* ---- places ---- */

/* The first entry whose place is not before this one; n: there is none. */
static uint32_t find(const PlaceIndex *x, uint64_t place) {
    uint32_t from = 0, to = x->n;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (x->entry[middle].place < place)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static uint32_t find_known(const PlaceIndex *x, uint64_t place) {
    uint32_t at = find(x, place);
    assert(at < x->n && x->entry[at].place == place);
    return at;
}

void place_index_append(PlaceIndex *x, uint64_t place, uint32_t who) {
    assert(x->n < x->cap && who != PLACE_NONE);
    assert(x->n == 0 || x->entry[x->n - 1].place < place);
    x->entry[x->n++] = (PlaceEntry){.place = place, .who = who, .waits = true};
    tree_grow(x);
    x->waiting++;
}

static void set_waits(PlaceIndex *x, uint64_t place, bool waits) {
    uint32_t at = find_known(x, place);
    assert(x->entry[at].waits != waits);
    x->entry[at].waits = waits;
    tree_add(x, at, waits);
    x->waiting = waits ? x->waiting + 1 : x->waiting - 1;
}

void place_index_remove(PlaceIndex *x, uint64_t place) {
    set_waits(x, place, false);
}

void place_index_put_back(PlaceIndex *x, uint64_t place) {
    set_waits(x, place, true);
}

uint32_t place_index_ahead(const PlaceIndex *x, uint64_t place) {
    return tree_before(x, find(x, place));
}

uint32_t place_index_at(const PlaceIndex *x, uint32_t ahead) {
    if (ahead >= x->waiting)
        return PLACE_NONE;
    uint32_t at = 0, step = 1;
    while (step <= x->n / 2)
        step *= 2;
    for (; step > 0; step /= 2) /* the most entries that have no more than `ahead` waiting */
        if (at + step <= x->n && x->tree[at + step] <= ahead) {
            at += step;
            ahead -= x->tree[at];
        }
    return x->entry[at].who;
}

uint32_t place_index_who(const PlaceIndex *x, uint64_t place) {
    uint32_t at = find(x, place);
    return at < x->n && x->entry[at].place == place && x->entry[at].waits ? x->entry[at].who
                                                                          : PLACE_NONE;
}
