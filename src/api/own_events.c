/* GET /events/me: how the caller stands, as server-sent events: their place, that they are next,
 * their turn, its end. What is told is always the newest: somebody who reads slowly misses what was
 * true in between. It is no check-in: that the server can write does not say that anybody reads. */
#include "api/app.h"
#include "api/status_json.h"
#include "api/stream_gate.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "run/standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRIFT_MS 5000 /* how others change one's prospects is told no more often */

/* What else may be said of a place. */
typedef struct {
    uint64_t waiting;
    Mode mode;
    EngineEstimate estimate;
} Prospect;

typedef struct {
    Stream stream; /* first: a Stream * of ours is one of these */
    Ceremony *ceremony;
    Session session;
    Heard heard; /* of who looks */

    Standing now, told; /* the stream's lock: these and below */
    Prospect prospect, told_prospect;
    int64_t told_ms;
    bool any_told, news, over; /* over: its last event is under way or pulled */
} OwnStream;

/* ---- what there is to tell ---- */

static bool same_prospect(const Prospect *a, const Prospect *b) {
    return a->waiting == b->waiting && a->mode == b->mode &&
           a->estimate.known == b->estimate.known && a->estimate.low_ms == b->estimate.low_ms &&
           a->estimate.mean_ms == b->estimate.mean_ms && a->estimate.high_ms == b->estimate.high_ms;
}

static void prospect_of(const Standing *s, const CeremonyStatus *status, Prospect *ret) {
    *ret = (Prospect){.waiting = status->lobby_size, .mode = status->view.mode};
    if (s->kind == STANDING_WAITS)
        engine_estimate(&status->view, s->ahead, status->lobby_size, &ret->estimate);
    else
        status_estimate(status, &ret->estimate);
}

/* Held: lock. */
static bool has_news(const OwnStream *o, int64_t mono_ms) {
    if (!o->any_told || !standing_equal(&o->now, &o->told))
        return true;
    bool place = o->now.kind == STANDING_WAITS || o->now.kind == STANDING_AWAY;
    return place && mono_ms - o->told_ms >= DRIFT_MS &&
           !same_prospect(&o->prospect, &o->told_prospect);
}

/* An end is told once, so it stays until it is. */
static bool take_note(OwnStream *o, const CeremonyStatus *status, int64_t mono_ms) {
    Standing now;
    ceremony_standing(o->ceremony, &o->session, &o->heard, &now);
    pthread_mutex_lock(&o->stream.lock);
    if (o->now.kind != STANDING_OVER)
        o->now = now;
    prospect_of(&o->now, status, &o->prospect);
    o->news = has_news(o, mono_ms);
    bool awake = o->news || stream_is_silent(&o->stream, mono_ms);
    pthread_mutex_unlock(&o->stream.lock);
    return awake;
}

static bool look(Stream *s, const StreamRound *round) {
    return take_note((OwnStream *)s, &round->status, round->mono_ms);
}

/* ---- in words ---- */

static const char *event_of(const Standing *s) {
    switch (s->kind) {
    case STANDING_TURN:
        return "turn";
    case STANDING_OVER:
        return "over";
    case STANDING_WAITS:
    case STANDING_AWAY:
        break;
    }
    return s->in_queue && s->ahead == 0 ? "next" : "place";
}

static void put_uint_or_null(JsonWriter *w, const char *key, bool known, uint64_t v) {
    json_put_key(w, key);
    if (known)
        json_put_uint(w, v);
    else
        json_put_null(w);
}

static void put_place(JsonWriter *w, const OwnStream *o) {
    const Standing *s = &o->now;
    json_put_key(w, "waits");
    json_put_bool(w, s->kind == STANDING_WAITS);
    put_uint_or_null(w, "position", s->in_queue, s->ahead + 1);
    put_uint_or_null(w, "ahead", s->in_queue, s->ahead);
    put_uint_or_null(w, "waiting", true, o->prospect.waiting);
    status_put_estimate(w, &o->prospect.estimate);
    json_put_key(w, "mode");
    json_put_str(w, mode_name(o->prospect.mode));
}

static void put_turn(JsonWriter *w, const Standing *s) {
    bool ends = s->deadline_ms != INT64_MAX;
    int64_t left_ms = ends && s->deadline_ms > s->now_ms ? s->deadline_ms - s->now_ms : 0;
    put_uint_or_null(w, "lease", true, s->lease);
    json_put_key(w, "phase");
    json_put_str(w, phase_name(s->phase));
    status_put_time(w, "phase_ends", s->deadline_ms);
    put_uint_or_null(w, "left_ms", ends, (uint64_t)left_ms);
}

static void put_over(JsonWriter *w, const Standing *s) {
    json_put_key(w, "outcome");
    json_put_str(w, outcome_name(s->outcome));
    put_uint_or_null(w, "index", s->index != 0, s->index);
    json_put_key(w, "reason");
    if (s->reason[0] != '\0')
        json_put_str(w, s->reason);
    else
        json_put_null(w);
}

static void put_data(JsonWriter *w, const OwnStream *o) {
    json_object_begin(w);
    switch (o->now.kind) {
    case STANDING_AWAY:
    case STANDING_WAITS:
        put_place(w, o);
        break;
    case STANDING_TURN:
        put_turn(w, &o->now);
        break;
    case STANDING_OVER:
        put_over(w, &o->now);
        break;
    }
    json_object_end(w);
}

/* The news become the text under way. Short of memory, they stay news. Held: lock. */
static void say_news(OwnStream *o) {
    _cleanup_buf_ CvkBuf data = CVK_BUF(STREAM_TEXT - 64);
    JsonWriter w = JSON_WRITER(json_to_buf(&data), 0);
    put_data(&w, o);
    if (!json_finish(&w, NULL))
        return;
    Stream *s = &o->stream;
    s->text_at = 0;
    s->text_n = (size_t)snprintf(s->text, sizeof s->text, "event: %s\ndata: %s\n\n",
                                 event_of(&o->now), data.data);
    o->told = o->now;
    o->told_prospect = o->prospect;
    o->told_ms = cvk_monotonic_ms();
    o->any_told = true;
    o->news = false;
    o->over = o->now.kind == STANDING_OVER;
}

/* ---- GET /events/me ---- */

static ptrdiff_t pull(HttpRequest *r, char *buf, size_t cap) {
    OwnStream *o = http_data(r);
    pthread_mutex_lock(&o->stream.lock);
    if (o->news && !o->over && o->stream.text_at == o->stream.text_n)
        say_news(o);
    size_t n = stream_pull_text(&o->stream, buf, cap);
    bool end = n == 0 && o->over;
    pthread_mutex_unlock(&o->stream.lock);
    return end ? HTTP_STREAM_END : (ptrdiff_t)n;
}

static void begun(HttpRequest *r) {
    OwnStream *o = http_data(r);
    stream_gate_begin(&o->stream);
}

/* Whoever contributed before this stream began is told the index all the same. */
static void find_index(OwnStream *o) {
    Submit submit;
    CvkErr err;
    if (o->now.kind != STANDING_OVER || o->now.outcome != OVER_ACCEPTED || o->now.index != 0)
        return;
    if (!ceremony_own_receipt(o->ceremony, &o->session, &submit, &err)) {
        cvk_log_err(LOG_WARN, "events.index", &err); /* it stays unknown */
        return;
    }
    if (submit.result == SUBMIT_ACCEPTED)
        o->now.index = submit.index;
    submit_done(&submit);
}

static void begin(HttpRequest *r, OwnStream *o, const Session *session) {
    CeremonyStatus status;
    static const char preface[] = STREAM_RETRY "\n";
    o->ceremony = app_ceremony(r);
    o->session = *session;
    memcpy(o->stream.text, preface, sizeof preface);
    o->stream.text_n = sizeof preface - 1;
    ceremony_standing_begin(o->ceremony, &o->heard);
    ceremony_status(o->ceremony, &status);
    (void)take_note(o, &status, cvk_monotonic_ms());
    find_index(o);
    http_reply_header(r, "X-Accel-Buffering", "no");
    http_stream(r, STREAM_TYPE, begun, pull);
}

static void own_events(HttpRequest *r) {
    const App *app = http_app(r);
    Session session;
    CvkErr err;
    if (!find_session(r, &no_such_session, &session))
        return;
    OwnStream *o = cvk_alloc(1, sizeof *o, &err);
    http_set_data(r, o);
    if (o == NULL)
        reply_failed(r, &err);
    else if (stream_gate_enter(app->streams, &o->stream, r, look))
        begin(r, o, &session);
    else
        reply_too_many_streams(r);
}

static void end_own_events(HttpRequest *r, bool sent) {
    (void)sent;
    OwnStream *o = http_data(r);
    if (o != NULL)
        stream_gate_leave(&o->stream);
    free(o);
}

const HttpHandler on_own_events = {.on_end = own_events, .on_done = end_own_events};
