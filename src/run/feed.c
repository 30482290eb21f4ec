#include "run/feed.h"

#include "base/alloc.h"
#include "base/limits.h"

#include <pthread.h>
#include <string.h>

typedef struct {
    void (*fn)(void *ctx);
    void *ctx;
} Watcher;

/* Lines lie one behind another in `bytes`, which is used round and round: a place is counted from
 * the first byte ever written. */
typedef struct {
    uint64_t at;
    size_t n;
} Place;

struct Feed {
    pthread_mutex_t lock;
    pthread_cond_t calm;            /* nobody is being called */
    uint64_t oldest, newest, shown; /* oldest = newest + 1: the ring is empty */
    uint64_t end;                   /* the place of the next line */
    Place place[LIMIT_FEED_LINES];  /* of entry i at i % LIMIT_FEED_LINES */
    Watcher watchers[LIMIT_FEED_WATCHERS];
    size_t n_watchers, calling;
    char bytes[LIMIT_FEED_BYTES];
};

_Static_assert(LIMIT_FEED_BYTES >= JOURNAL_LINE_MAX, "every line has room");

Feed *feed_new(CvkErr *err) {
    Feed *f = cvk_alloc(1, sizeof *f, err);
    if (f == NULL)
        return NULL;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->calm, NULL);
    f->oldest = 1;
    return f;
}

Feed *feed_free(Feed *f) {
    if (f == NULL)
        return NULL;
    pthread_cond_destroy(&f->calm);
    pthread_mutex_destroy(&f->lock);
    free(f);
    return NULL;
}

/* ---- the ring ---- */

static Place *place_of(Feed *f, uint64_t seq) {
    return &f->place[seq % LIMIT_FEED_LINES];
}

/* How much of what begins at `at` lies before the end of `bytes`. */
static size_t before_turn(uint64_t at, size_t n) {
    size_t left = LIMIT_FEED_BYTES - (size_t)(at % LIMIT_FEED_BYTES);
    return n < left ? n : left;
}

static void copy_in(Feed *f, const char *text, size_t n) {
    size_t first = before_turn(f->end, n);
    memcpy(f->bytes + f->end % LIMIT_FEED_BYTES, text, first);
    memcpy(f->bytes, text + first, n - first);
    f->end += n;
}

static void copy_out(const Feed *f, const Place *p, char *ret) {
    size_t first = before_turn(p->at, p->n);
    memcpy(ret, f->bytes + p->at % LIMIT_FEED_BYTES, first);
    memcpy(ret + first, f->bytes, p->n - first);
}

/* The oldest go, until there is room for n bytes and one line more. */
static void make_room(Feed *f, size_t n) {
    while (f->oldest <= f->newest && (f->newest - f->oldest + 1 == LIMIT_FEED_LINES ||
                                      f->end + n - place_of(f, f->oldest)->at > LIMIT_FEED_BYTES))
        f->oldest++;
}

void feed_add(Feed *f, const JournalLine *line) {
    char text[JOURNAL_LINE_MAX];
    size_t n = journal_line_put(line, text);
    pthread_mutex_lock(&f->lock);
    if (line->seq != f->newest + 1) {
        f->oldest = line->seq;
        f->newest = f->shown = line->seq - 1;
    }
    make_room(f, n);
    *place_of(f, line->seq) = (Place){.at = f->end, .n = n};
    copy_in(f, text, n);
    f->newest = line->seq;
    pthread_mutex_unlock(&f->lock);
}

uint64_t feed_newest(Feed *f) {
    pthread_mutex_lock(&f->lock);
    uint64_t ret = f->shown;
    pthread_mutex_unlock(&f->lock);
    return ret;
}

FeedResult feed_line(Feed *f, uint64_t seq, char ret[JOURNAL_LINE_MAX], size_t *ret_n) {
    FeedResult found = FEED_LINE;
    pthread_mutex_lock(&f->lock);
    if (seq > f->shown)
        found = FEED_AHEAD;
    else if (seq < f->oldest)
        found = FEED_OLDER;
    if (found == FEED_LINE) {
        const Place *p = place_of(f, seq);
        copy_out(f, p, ret);
        *ret_n = p->n;
    }
    pthread_mutex_unlock(&f->lock);
    return found;
}

/* ---- who watches ---- */

void feed_show(Feed *f) {
    Watcher watchers[LIMIT_FEED_WATCHERS];
    pthread_mutex_lock(&f->lock);
    size_t n = f->shown != f->newest ? f->n_watchers : 0;
    f->shown = f->newest;
    memcpy(watchers, f->watchers, sizeof watchers);
    f->calling += n != 0;
    pthread_mutex_unlock(&f->lock);
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        watchers[i].fn(watchers[i].ctx);
    pthread_mutex_lock(&f->lock);
    if (--f->calling == 0)
        pthread_cond_broadcast(&f->calm);
    pthread_mutex_unlock(&f->lock);
}

bool feed_watch(Feed *f, void (*fn)(void *ctx), void *ctx, CvkErr *err) {
    pthread_mutex_lock(&f->lock);
    bool room = f->n_watchers < LIMIT_FEED_WATCHERS;
    if (room)
        f->watchers[f->n_watchers++] = (Watcher){fn, ctx};
    pthread_mutex_unlock(&f->lock);
    return room || cvk_fail(err, CVK_ELIMIT, "limit.count", "%d watch this journal already",
                            LIMIT_FEED_WATCHERS);
}

void feed_unwatch(Feed *f, void *ctx) {
    pthread_mutex_lock(&f->lock);
    for (size_t i = f->n_watchers; i-- != 0;)
        if (f->watchers[i].ctx == ctx)
            f->watchers[i] = f->watchers[--f->n_watchers];
    while (f->calling != 0)
        pthread_cond_wait(&f->calm, &f->lock);
    pthread_mutex_unlock(&f->lock);
}
