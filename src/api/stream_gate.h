/* The streams that are open at this server, and the thread that looks after them: it asks each
 * whether there is something new for it, and wakes those that say so. One round over all of them
 * serves whatever has happened since the last, so a burst of events costs as many rounds as fit in
 * its time, not one an event.
 *
 * INVARIANT: a stream is in the list from stream_gate_begin to stream_gate_leave, and while its
 * `look` runs or it is being woken, stream_gate_leave does not return: so its request lives.
 * Threads: any; `look` runs on the gate's own, with no lock held. */
#pragma once

#include "http/request.h"
#include "run/ceremony.h"

#include <pthread.h>

#define STREAM_TEXT 1024 /* one event of a stream's own, or its preface */

#define STREAM_TYPE "text/event-stream"
#define STREAM_RETRY "retry: 3000\n" /* who is cut off comes again after 3 s */

typedef struct StreamGate StreamGate;

/* What a round knows, for all streams. */
typedef struct {
    int64_t mono_ms;
    uint64_t newest; /* of the journal */
    CeremonyStatus status;
} StreamRound;

/* A stream, inside what the request holds. */
typedef struct Stream {
    StreamGate *gate; /* NULL: it never entered */
    HttpRequest *request;
    bool (*look)(struct Stream *s, const StreamRound *round); /* is there something to pull? */
    struct Stream *before, *after;                            /* with hurries: the gate's lock */
    bool listed, hurries;

    pthread_mutex_t lock;   /* of all below, and of what the owner adds; held briefly */
    char text[STREAM_TEXT]; /* under way: bytes [at, n) are still to be pulled */
    size_t text_at, text_n;
    int64_t said_ms; /* when something was last pulled */
    bool beats;      /* a heartbeat is due */
} Stream;

/* The ceremony outlives it. Starts a thread. */
StreamGate *stream_gate_new(Ceremony *c, CvkErr *err) MUST_USE;
/* No stream is left; NULL is fine; returns NULL. */
StreamGate *stream_gate_free(StreamGate *g);

/* Takes a place for `s`, of r. False: LIMIT_STREAMS are open. */
bool stream_gate_enter(StreamGate *g, Stream *s, HttpRequest *r,
                       bool (*look)(Stream *s, const StreamRound *round)) MUST_USE;
/* It has begun (http_stream): from here on it is looked at. */
void stream_gate_begin(Stream *s);
/* Look at this one at once. */
void stream_gate_hurry(Stream *s);
/* It is over. No-op for one that never entered. */
void stream_gate_leave(Stream *s);

size_t stream_gate_count(StreamGate *g);

/* ---- what a stream has to say; held: its lock ---- */

/* True, once LIMIT_STREAM_BEAT_MS have passed in silence: then the next pull says something, which
 * finds out whether anybody is there. */
bool stream_is_silent(Stream *s, int64_t mono_ms);
/* Copies what is under way, and behind it a heartbeat if one is due and nothing else was said. */
size_t stream_pull_text(Stream *s, char *buf, size_t cap);
