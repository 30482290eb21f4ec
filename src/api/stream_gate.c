#include "api/stream_gate.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/cond.h"

#include <string.h>

#define ROUND_MS 100        /* rounds for what has happened are at least so far apart */
#define QUIET_ROUND_MS 1000 /* and so far when nothing has: for what only time changes */

struct StreamGate {
    Ceremony *ceremony;
    pthread_mutex_t lock;
    pthread_cond_t wake; /* for the thread */
    pthread_cond_t calm; /* it is done with the stream that it was at */
    Stream *first;
    Stream *at; /* the one that the thread is at, without the lock; NULL: none */
    size_t count;
    bool grown, hurries, stops;
    int64_t round_ms; /* of the last round */
    pthread_t thread;
};

/* ---- the thread ---- */

/* Held: lock, which is given up meanwhile. */
static void serve(StreamGate *g, Stream *s, const StreamRound *round) {
    s->hurries = false;
    g->at = s;
    pthread_mutex_unlock(&g->lock);
    if (s->look(s, round))
        http_stream_wake(s->request);
    pthread_mutex_lock(&g->lock);
    g->at = NULL;
    pthread_cond_broadcast(&g->calm);
}

/* All of them, or only those in a hurry. Held: lock. */
static void go_round(StreamGate *g, bool all) {
    StreamRound round = {.mono_ms = cvk_monotonic_ms()};
    pthread_mutex_unlock(&g->lock);
    round.newest = feed_newest(ceremony_feed(g->ceremony));
    if (all)
        ceremony_status(g->ceremony, &round.status);
    pthread_mutex_lock(&g->lock);
    for (Stream *s = g->first; s != NULL && !g->stops; s = s->after) /* it cannot have left */
        if (all || s->hurries)
            serve(g, s, &round);
}

/* Until the next round is due; 0: it is. Held: lock. */
static int64_t rest_ms(const StreamGate *g) {
    int64_t passed = cvk_monotonic_ms() - g->round_ms;
    int64_t between = g->grown ? ROUND_MS : QUIET_ROUND_MS;
    return passed < between ? between - passed : 0;
}

static void work(StreamGate *g) {
    if (rest_ms(g) == 0) {
        g->grown = g->hurries = false;
        g->round_ms = cvk_monotonic_ms();
        go_round(g, true);
    } else if (g->hurries) {
        g->hurries = false;
        go_round(g, false);
    } else {
        cvk_cond_wait_ms(&g->wake, &g->lock, rest_ms(g));
    }
}

static void *run(void *arg) {
    StreamGate *g = arg;
    pthread_mutex_lock(&g->lock);
    while (!g->stops)
        work(g);
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

static void on_growth(void *ctx) {
    StreamGate *g = ctx;
    pthread_mutex_lock(&g->lock);
    g->grown = true;
    pthread_cond_signal(&g->wake);
    pthread_mutex_unlock(&g->lock);
}

/* ---- beginning and end ---- */

static bool start(StreamGate *g, CvkErr *err) {
    if (!feed_watch(ceremony_feed(g->ceremony), on_growth, g, err))
        return false;
    if (pthread_create(&g->thread, NULL, run, g) == 0)
        return true;
    feed_unwatch(ceremony_feed(g->ceremony), g);
    return cvk_fail(err, CVK_EINTERNAL, "streams.start", "cannot start the thread of streams");
}

static void destroy(StreamGate *g) {
    pthread_cond_destroy(&g->calm);
    pthread_cond_destroy(&g->wake);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

StreamGate *stream_gate_new(Ceremony *c, CvkErr *err) {
    StreamGate *g = cvk_alloc(1, sizeof *g, err);
    if (g == NULL)
        return NULL;
    g->ceremony = c;
    pthread_mutex_init(&g->lock, NULL);
    cvk_cond_init(&g->wake);
    pthread_cond_init(&g->calm, NULL);
    if (start(g, err))
        return g;
    destroy(g);
    return NULL;
}

StreamGate *stream_gate_free(StreamGate *g) {
    if (g == NULL)
        return NULL;
    feed_unwatch(ceremony_feed(g->ceremony), g);
    pthread_mutex_lock(&g->lock);
    g->stops = true;
    pthread_cond_signal(&g->wake);
    pthread_mutex_unlock(&g->lock);
    pthread_join(g->thread, NULL);
    destroy(g);
    return NULL;
}

/* ---- streams ---- */

bool stream_gate_enter(StreamGate *g, Stream *s, HttpRequest *r,
                       bool (*look)(Stream *s, const StreamRound *round)) {
    pthread_mutex_lock(&g->lock);
    bool room = g->count < LIMIT_STREAMS;
    g->count += room;
    pthread_mutex_unlock(&g->lock);
    if (!room)
        return false;
    s->gate = g;
    s->request = r;
    s->look = look;
    s->said_ms = cvk_monotonic_ms();
    pthread_mutex_init(&s->lock, NULL);
    return true;
}

void stream_gate_begin(Stream *s) {
    StreamGate *g = s->gate;
    pthread_mutex_lock(&g->lock);
    s->listed = true;
    s->after = g->first;
    if (g->first != NULL)
        g->first->before = s;
    g->first = s;
    pthread_mutex_unlock(&g->lock);
}

void stream_gate_hurry(Stream *s) {
    StreamGate *g = s->gate;
    pthread_mutex_lock(&g->lock);
    s->hurries = g->hurries = true;
    pthread_cond_signal(&g->wake);
    pthread_mutex_unlock(&g->lock);
}

/* Held: lock. */
static void take_out(StreamGate *g, Stream *s) {
    while (g->at == s)
        pthread_cond_wait(&g->calm, &g->lock);
    if (s->before != NULL)
        s->before->after = s->after;
    else
        g->first = s->after;
    if (s->after != NULL)
        s->after->before = s->before;
}

void stream_gate_leave(Stream *s) {
    StreamGate *g = s->gate;
    if (g == NULL)
        return;
    pthread_mutex_lock(&g->lock);
    if (s->listed)
        take_out(g, s);
    g->count--;
    pthread_mutex_unlock(&g->lock);
    pthread_mutex_destroy(&s->lock);
}

size_t stream_gate_count(StreamGate *g) {
    pthread_mutex_lock(&g->lock);
    size_t n = g->count;
    pthread_mutex_unlock(&g->lock);
    return n;
}

/* ---- what a stream has to say ---- */

bool stream_is_silent(Stream *s, int64_t mono_ms) {
    s->beats = mono_ms - s->said_ms >= LIMIT_STREAM_BEAT_MS;
    return s->beats;
}

size_t stream_pull_text(Stream *s, char *buf, size_t cap) {
    static const char beat[] = ":\n\n"; /* a comment */
    if (s->beats && s->text_at == s->text_n) {
        memcpy(s->text, beat, sizeof beat - 1);
        s->text_at = 0;
        s->text_n = sizeof beat - 1;
    }
    size_t left = s->text_n - s->text_at, n = left < cap ? left : cap;
    memcpy(buf, s->text + s->text_at, n);
    s->text_at += n;
    if (n != 0) {
        s->beats = false;
        s->said_ms = cvk_monotonic_ms();
    }
    return n;
}
