#include "base/alloc.h"
#include "engine/engine.h"
#include "engine/id_index.h"
#include "engine/meter.h"
#include "engine/presence_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Those present, in a list from the one seen longest ago to the one seen last: forgetting takes
 * from its front, touching moves to its end. The parked ones are in a second list as well, and
 * those who can be late in a heap, the one due first at its root. Records that are free hang on a
 * list of their own. */

#define NOBODY UINT32_MAX

typedef struct {
    uint32_t before, after; /* NOBODY at its ends */
} Link;

typedef struct {
    uint32_t first, last;
} List;

typedef enum { LIST_SEEN = 0, LIST_PARKED, LIST_N } ListName;

typedef struct {
    char identity[LIMIT_IDENTITY + 1]; /* first: IdIndex */
    bool parked;
    int64_t asked_ms, seen_ms;
    int64_t gap_ms; /* from being seen to asking the next time; INT64_MAX: asked only once */
    bool granted;   /* seen_ms is a time at which the server was back, not they */
    int64_t due_ms;
    int64_t parked_ms; /* since when */
    Link link[LIST_N];
    uint32_t heap_at; /* NOBODY: not in it */
} Seen;

struct Presence {
    Seen *at;
    uint32_t used, cap; /* records ever used; allocated */
    uint32_t free;      /* first free one, linked by `after` */
    List list[LIST_N];
    uint32_t *heap;
    uint32_t heap_n;
    int64_t newest_ms; /* no time is earlier than the newest that was told */
    IdIndex index;     /* index.n are present */
    Meter meter;
};

static IdRecords records_of(const Presence *p) {
    return (IdRecords){p->at, sizeof *p->at};
}

Presence *presence_new(CvkErr *err) {
    Presence *p = cvk_alloc(1, sizeof *p, err);
    if (p == NULL)
        return NULL;
    p->free = NOBODY;
    for (size_t i = 0; i < LIST_N; i++)
        p->list[i] = (List){NOBODY, NOBODY};
    return p;
}

Presence *presence_free(Presence *p) {
    if (p == NULL)
        return NULL;
    free(p->at);
    free(p->heap);
    id_index_done(&p->index);
    free(p);
    return NULL;
}

static uint32_t find(const Presence *p, const char *identity) {
    return id_index_find(&p->index, records_of(p), identity); /* ID_NONE is NOBODY */
}

/* ---- time ---- */

static int64_t later(int64_t t, int64_t by_ms) {
    return t > INT64_MAX - by_ms ? INT64_MAX : t + by_ms;
}

static int64_t earlier(int64_t t, int64_t by_ms) {
    return t < INT64_MIN + by_ms ? INT64_MIN : t - by_ms;
}

static int64_t clock_at(Presence *p, int64_t now_ms) {
    if (now_ms > p->newest_ms)
        p->newest_ms = now_ms;
    return p->newest_ms;
}

/* ---- the lists ---- */

static void list_remove(Presence *p, ListName name, uint32_t i) {
    Link l = p->at[i].link[name];
    List *list = &p->list[name];
    *(l.before == NOBODY ? &list->first : &p->at[l.before].link[name].after) = l.after;
    *(l.after == NOBODY ? &list->last : &p->at[l.after].link[name].before) = l.before;
}

static void list_append(Presence *p, ListName name, uint32_t i) {
    List *list = &p->list[name];
    p->at[i].link[name] = (Link){list->last, NOBODY};
    *(list->last == NOBODY ? &list->first : &p->at[list->last].link[name].after) = i;
    list->last = i;
}

/* ---- the heap ---- */

static int64_t due_of(const Presence *p, uint32_t at) {
    return p->at[p->heap[at]].due_ms;
}

static void heap_put(Presence *p, uint32_t at, uint32_t i) {
    p->heap[at] = i;
    p->at[i].heap_at = at;
}

static void heap_swap(Presence *p, uint32_t a, uint32_t b) {
    uint32_t i = p->heap[a];
    heap_put(p, a, p->heap[b]);
    heap_put(p, b, i);
}

/* Moves what stands at `at` to where it belongs. */
static void heap_settle(Presence *p, uint32_t at) {
    for (; at > 0 && due_of(p, at) < due_of(p, (at - 1) / 2); at = (at - 1) / 2)
        heap_swap(p, at, (at - 1) / 2);
    for (;;) {
        uint32_t least = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < p->heap_n; child++)
            if (due_of(p, child) < due_of(p, least))
                least = child;
        if (least == at)
            return;
        heap_swap(p, at, least);
        at = least;
    }
}

static void heap_remove(Presence *p, uint32_t i) {
    uint32_t at = p->at[i].heap_at;
    if (at == NOBODY)
        return;
    p->at[i].heap_at = NOBODY;
    if (at == --p->heap_n)
        return;
    heap_put(p, at, p->heap[p->heap_n]);
    heap_settle(p, at);
}

static void set_due(Presence *p, uint32_t i, int64_t due_ms) {
    Seen *x = &p->at[i];
    x->due_ms = due_ms;
    if (x->parked || due_ms == INT64_MAX) {
        heap_remove(p, i);
        return;
    }
    if (x->heap_at == NOBODY)
        heap_put(p, p->heap_n++, i);
    heap_settle(p, x->heap_at);
}

size_t presence_late(const Presence *p, int64_t now_ms, const char **ret, size_t max) {
    uint32_t open[2 * PRESENCE_LATE_MAX + 1] = {0}; /* places in the heap, parents first */
    size_t n = 0, from = 0, to = 1;
    assert(max <= PRESENCE_LATE_MAX);
    while (n < max && from < to) {
        uint32_t at = open[from++];
        if (at >= p->heap_n || due_of(p, at) >= now_ms)
            continue;
        ret[n++] = p->at[p->heap[at]].identity;
        open[to++] = 2 * at + 1;
        open[to++] = 2 * at + 2;
    }
    return n;
}

/* ---- coming and going ---- */

static bool grow(Presence *p, CvkErr *err) {
    uint32_t cap = p->cap == 0 ? 16 : p->cap * 2;
    if (cap > LIMIT_SESSIONS)
        cap = LIMIT_SESSIONS;
    if (p->used == cap)
        return cvk_fail(err, CVK_ELIMIT, "limit.count", "more than %d are present", LIMIT_SESSIONS);
    if (!id_index_reserve(&p->index, records_of(p), cap, err))
        return false;
    uint32_t *heap = realloc(p->heap, cap * sizeof *heap);
    if (heap != NULL)
        p->heap = heap;
    Seen *at = realloc(p->at, cap * sizeof *at);
    if (at != NULL)
        p->at = at;
    if (heap == NULL || at == NULL)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory for those present");
    p->cap = cap;
    return true;
}

/* A record that nobody uses, not in any list; NOBODY and *err when there is none. */
static uint32_t fresh(Presence *p, CvkErr *err) {
    uint32_t i = p->free;
    if (i != NOBODY) {
        p->free = p->at[i].link[LIST_SEEN].after;
        return i;
    }
    if (p->used == p->cap && !grow(p, err))
        return NOBODY;
    return p->used++;
}

static uint32_t add(Presence *p, const char *identity, CvkErr *err) {
    uint32_t i = fresh(p, err);
    if (i == NOBODY)
        return NOBODY;
    p->at[i] = (Seen){.gap_ms = INT64_MAX, .heap_at = NOBODY};
    snprintf(p->at[i].identity, sizeof p->at[i].identity, "%s", identity);
    id_index_add(&p->index, records_of(p), i);
    return i;
}

bool presence_touch(Presence *p, const char *identity, int64_t now_ms, int64_t due_ms,
                    CvkErr *err) {
    assert(engine_text_ok(identity, LIMIT_IDENTITY));
    int64_t now = clock_at(p, now_ms);
    uint32_t i = find(p, identity);
    if (i != NOBODY) {
        Seen *x = &p->at[i];
        x->gap_ms = x->parked ? 0 : x->granted ? x->gap_ms : now - x->seen_ms;
        list_remove(p, LIST_SEEN, i);
    } else {
        i = add(p, identity, err);
        if (i == NOBODY)
            return false;
    }
    p->at[i].asked_ms = p->at[i].seen_ms = p->at[i].parked_ms = now;
    p->at[i].granted = false;
    list_append(p, LIST_SEEN, i);
    set_due(p, i, due_ms);
    return true;
}

bool presence_seat(Presence *p, const char *identity, int64_t now_ms, int64_t due_ms, CvkErr *err) {
    if (!presence_touch(p, identity, now_ms, due_ms, err))
        return false;
    Seen *x = &p->at[find(p, identity)];
    x->asked_ms = INT64_MIN;
    x->granted = true;
    return true;
}

static void forget(Presence *p, uint32_t i) {
    list_remove(p, LIST_SEEN, i);
    if (p->at[i].parked)
        list_remove(p, LIST_PARKED, i);
    heap_remove(p, i);
    id_index_remove(&p->index, records_of(p), i);
    p->at[i].link[LIST_SEEN].after = p->free;
    p->free = i;
}

void presence_remove(Presence *p, const char *identity) {
    uint32_t i = find(p, identity);
    if (i != NOBODY)
        forget(p, i);
}

void presence_expect(Presence *p, const char *identity, int64_t due_ms) {
    uint32_t i = find(p, identity);
    if (i != NOBODY)
        set_due(p, i, due_ms);
}

void presence_park(Presence *p, const char *identity, bool parked, int64_t now_ms) {
    uint32_t i = find(p, identity);
    if (i == NOBODY || p->at[i].parked == parked)
        return;
    Seen *x = &p->at[i];
    int64_t now = clock_at(p, now_ms);
    x->parked = parked;
    if (parked) {
        x->parked_ms = now;
        list_append(p, LIST_PARKED, i);
        set_due(p, i, x->due_ms);
        return;
    }
    list_remove(p, LIST_PARKED, i);
    list_remove(p, LIST_SEEN, i);
    x->seen_ms = now;
    x->granted = false;
    list_append(p, LIST_SEEN, i);
    set_due(p, i, later(x->due_ms, now - x->parked_ms));
}

void presence_skip(Presence *p, int64_t by_ms) {
    if (by_ms <= 0)
        return;
    p->newest_ms = later(p->newest_ms, by_ms);
    for (uint32_t i = p->list[LIST_SEEN].first; i != NOBODY; i = p->at[i].link[LIST_SEEN].after) {
        Seen *x = &p->at[i];
        x->seen_ms = later(x->seen_ms, by_ms); /* not asked_ms: nobody comes too early for that */
        x->due_ms = later(x->due_ms, by_ms);   /* all alike: the heap stays one */
        x->parked_ms = later(x->parked_ms, by_ms);
        x->granted = true;
    }
    meter_skip(&p->meter, by_ms);
}

/* ---- who was seen when ---- */

bool presence_last_seen(const Presence *p, const char *identity, int64_t *ret_ms) {
    uint32_t i = find(p, identity);
    if (i == NOBODY)
        return false;
    *ret_ms = p->at[i].parked ? p->newest_ms : p->at[i].seen_ms;
    return true;
}

bool presence_last_asked(const Presence *p, const char *identity, int64_t *ret_ms) {
    uint32_t i = find(p, identity);
    if (i == NOBODY || p->at[i].asked_ms == INT64_MIN)
        return false;
    *ret_ms = p->at[i].asked_ms;
    return true;
}

bool presence_seen(const Presence *p, const char *identity, int64_t since_ms) {
    uint32_t i = find(p, identity);
    return i != NOBODY && (p->at[i].parked || p->at[i].seen_ms >= since_ms);
}

size_t presence_seen_since(const Presence *p, int64_t since_ms) {
    size_t n = p->index.n;
    for (uint32_t i = p->list[LIST_SEEN].first; i != NOBODY && p->at[i].seen_ms < since_ms;
         i = p->at[i].link[LIST_SEEN].after)
        n -= p->at[i].parked ? 0 : 1;
    return n;
}

size_t presence_count(Presence *p, int64_t now_ms, int64_t window_ms, bool forget_earlier) {
    int64_t since_ms = earlier(now_ms, window_ms);
    uint32_t i = p->list[LIST_SEEN].first;
    while (forget_earlier && i != NOBODY && p->at[i].seen_ms < since_ms) {
        uint32_t next = p->at[i].link[LIST_SEEN].after;
        if (!p->at[i].parked)
            forget(p, i);
        i = next;
    }
    return presence_seen_since(p, since_ms);
}

/* ---- who is ready ---- */

static bool is_ready(const Seen *x, int64_t since_ms, int64_t ready_ms) {
    return x->parked || (x->seen_ms >= since_ms && x->gap_ms <= ready_ms);
}

bool presence_ready(const Presence *p, const char *identity, int64_t now_ms, int64_t ready_ms) {
    uint32_t i = find(p, identity);
    return i != NOBODY && is_ready(&p->at[i], earlier(now_ms, ready_ms), ready_ms);
}

/* The parked ones first; then back from the one seen last, to the first seen too long ago. */
const char *presence_next_ready(const Presence *p, PresenceWalk *w, int64_t now_ms,
                                int64_t ready_ms) {
    int64_t since_ms = earlier(now_ms, ready_ms);
    if (!w->seen) {
        uint32_t i =
            w->at == 0 ? p->list[LIST_PARKED].first : p->at[w->at - 1].link[LIST_PARKED].after;
        if (i != NOBODY) {
            w->at = i + 1;
            return p->at[i].identity;
        }
        *w = (PresenceWalk){.seen = true};
    }
    uint32_t i = w->at == 0 ? p->list[LIST_SEEN].last : p->at[w->at - 1].link[LIST_SEEN].before;
    for (; i != NOBODY && (p->at[i].parked || p->at[i].seen_ms >= since_ms);
         i = p->at[i].link[LIST_SEEN].before)
        if (!p->at[i].parked && p->at[i].gap_ms <= ready_ms) {
            w->at = i + 1;
            return p->at[i].identity;
        }
    return NULL;
}

/* ---- the upload ---- */

void presence_received(Presence *p, uint64_t lease, uint64_t bytes, int64_t now_ms) {
    meter_add(&p->meter, lease, bytes, now_ms);
}

void presence_whole(Presence *p, uint64_t lease, bool whole, int64_t at_ms) {
    meter_whole(&p->meter, lease, whole, at_ms);
}

bool presence_upload_bytes(const Presence *p, uint64_t lease, int64_t now_ms, int64_t window_ms,
                           uint64_t *ret) {
    return meter_bytes(&p->meter, lease, now_ms, window_ms, ret);
}

bool presence_is_whole(const Presence *p, uint64_t lease, int64_t by_ms) {
    return meter_is_whole(&p->meter, lease, by_ms);
}
