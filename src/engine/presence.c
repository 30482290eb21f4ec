#include "base/alloc.h"
#include "engine/state.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Those present, in a list from the one seen longest ago to the one seen last: forgetting takes
 * from its front, touching moves to its end. Records that are free hang on a list of their own. */

#define NOBODY UINT32_MAX

typedef struct {
    char identity[LIMIT_IDENTITY + 1]; /* first: IdIndex */
    int64_t seen_ms;
    uint32_t before, after; /* in the list; NOBODY at its ends */
} Seen;

struct Presence {
    Seen *at;
    uint32_t used, cap; /* records ever used; allocated */
    uint32_t free;      /* first free one, linked by `after` */
    uint32_t first, last;
    IdIndex index; /* index.n are present */
};

static IdRecords records_of(const Presence *p) {
    return (IdRecords){p->at, sizeof *p->at};
}

Presence *presence_new(CvkErr *err) {
    Presence *p = cvk_alloc(1, sizeof *p, err);
    if (p != NULL)
        p->free = p->first = p->last = NOBODY;
    return p;
}

Presence *presence_free(Presence *p) {
    if (p == NULL)
        return NULL;
    free(p->at);
    id_index_done(&p->index);
    free(p);
    return NULL;
}

static void take_out(Presence *p, uint32_t i) {
    Seen *x = &p->at[i];
    *(x->before == NOBODY ? &p->first : &p->at[x->before].after) = x->after;
    *(x->after == NOBODY ? &p->last : &p->at[x->after].before) = x->before;
}

static void put_last(Presence *p, uint32_t i, int64_t now_ms) {
    Seen *x = &p->at[i];
    if (p->last != NOBODY && now_ms < p->at[p->last].seen_ms)
        now_ms = p->at[p->last].seen_ms; /* the list stays in order of time */
    x->seen_ms = now_ms;
    x->before = p->last;
    x->after = NOBODY;
    *(p->last == NOBODY ? &p->first : &p->at[p->last].after) = i;
    p->last = i;
}

static bool grow(Presence *p, CvkErr *err) {
    uint32_t cap = p->cap == 0 ? 16 : p->cap * 2;
    if (cap > LIMIT_SESSIONS)
        cap = LIMIT_SESSIONS;
    if (p->used == cap)
        return cvk_fail(err, CVK_ELIMIT, "limit.count", "more than %d are present", LIMIT_SESSIONS);
    if (!id_index_reserve(&p->index, records_of(p), cap, err))
        return false;
    Seen *at = realloc(p->at, cap * sizeof *at);
    if (at == NULL)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory for those present");
    p->at = at;
    p->cap = cap;
    return true;
}

/* A record that nobody uses, not in any list; NOBODY and *err when there is none. */
static uint32_t fresh(Presence *p, CvkErr *err) {
    uint32_t i = p->free;
    if (i != NOBODY) {
        p->free = p->at[i].after;
        return i;
    }
    if (p->used == p->cap && !grow(p, err))
        return NOBODY;
    return p->used++;
}

bool presence_touch(Presence *p, const char *identity, int64_t now_ms, CvkErr *err) {
    assert(engine_text_ok(identity, LIMIT_IDENTITY));
    uint32_t i = id_index_find(&p->index, records_of(p), identity);
    if (i != ID_NONE) {
        take_out(p, i);
    } else {
        i = fresh(p, err);
        if (i == NOBODY)
            return false;
        snprintf(p->at[i].identity, sizeof p->at[i].identity, "%s", identity);
        id_index_add(&p->index, records_of(p), i);
    }
    put_last(p, i, now_ms);
    return true;
}

static void forget(Presence *p, uint32_t i) {
    take_out(p, i);
    id_index_remove(&p->index, records_of(p), i);
    p->at[i].after = p->free;
    p->free = i;
}

void presence_remove(Presence *p, const char *identity) {
    uint32_t i = id_index_find(&p->index, records_of(p), identity);
    if (i != ID_NONE)
        forget(p, i);
}

bool presence_last_seen(const Presence *p, const char *identity, int64_t *ret_ms) {
    uint32_t i = id_index_find(&p->index, records_of(p), identity);
    if (i == ID_NONE)
        return false;
    *ret_ms = p->at[i].seen_ms;
    return true;
}

size_t presence_count(Presence *p, int64_t now_ms, int64_t window_ms) {
    while (p->first != NOBODY && p->at[p->first].seen_ms < now_ms - window_ms)
        forget(p, p->first);
    return p->index.n;
}

size_t presence_seen_since(const Presence *p, int64_t since_ms) {
    size_t n = p->index.n;
    for (uint32_t i = p->first; i != NOBODY && p->at[i].seen_ms < since_ms; i = p->at[i].after)
        n--;
    return n;
}
