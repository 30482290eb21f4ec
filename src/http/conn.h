/* The open connections: who they are from, what they do, and since when.
 *
 * libmicrohttpd knows only one deadline, silence; a client that sends a byte a minute lives for
 * ever. So each connection is in a phase with limits of its own, and a watcher thread cuts (shuts
 * down the socket of) those past them; the library then ends them in its own time.
 * Invariant: a Conn is in the table from conn_add to conn_remove, and its socket is open all that
 * time, so a cut never hits another's descriptor.
 * Threads: all functions from any thread. */
#pragma once

#include "base/err.h"
#include "http/peer.h"

#include <stddef.h>
#include <stdint.h>

typedef enum {
    CONN_WAITING = 0,   /* for a request's head */
    CONN_BODY,          /* a wanted body arrives */
    CONN_DISCARDING,    /* an unwanted body arrives */
    CONN_WORKING,       /* a job runs; nothing is expected of the client */
    CONN_SENDING,       /* the reply goes out */
    CONN_STREAMING,     /* so does what a stream had to say */
    CONN_STREAM_ASLEEP, /* a stream has nothing to say */
} ConnPhase;
#define CONN_PHASES (CONN_STREAM_ASLEEP + 1)

typedef struct {
    int64_t head_ms, upload_ms, discard_ms, send_ms;
    int64_t stall_ms;          /* a stream whose client takes nothing */
    int64_t window_ms;         /* over so long ... */
    uint64_t bytes_per_second; /* ... an upload must make so much */
    size_t connections;        /* at once; never more than there are descriptors for */
    size_t per_peer;           /* of them from one peer that is not this machine */
    size_t crowd;              /* from so many on, kept connections must make room ... */
    int64_t crowd_head_ms;     /* ... instead of head_ms */
} ConnLimits;

typedef struct {
    ConnPhase phase;
    int64_t since_ms;  /* in this phase */
    int64_t window_at; /* start of the present window of an upload ... */
    uint64_t window_n; /* ... and the bytes in it */
} ConnProgress;

/* Past its limits? Why, as a constant, or NULL. Moves the window of an upload that is well. */
const char *conn_overdue(ConnProgress *p, const ConnLimits *limits, bool crowded, int64_t now_ms);

typedef struct ConnTable ConnTable;
typedef struct Conn Conn;

ConnTable *conn_table_new(const ConnLimits *limits, CvkErr *err) MUST_USE;
ConnTable *conn_table_free(ConnTable *t); /* none may be left; NULL is fine */

/* Has the peer room for one more? */
bool conn_admits(ConnTable *t, const IpAddress *ip);
Conn *conn_add(ConnTable *t, int fd, const IpAddress *ip); /* NULL: memory is short */
void conn_remove(ConnTable *t, Conn *c);
const IpAddress *conn_ip(const Conn *c);
/* The address at this end. False: the system does not say. */
bool conn_here(const Conn *c, IpAddress *ret, uint16_t *ret_port);
bool conn_gone(const Conn *c); /* the peer has closed its end: a look, nothing is read */
/* A stream begins: the system keeps little of it, and notices when the peer takes none of that. */
void conn_begin_stream(ConnTable *t, Conn *c);
/* Streams end: whose client does not take the rest of its own within `ms` is cut. */
void conn_hurry_streams(ConnTable *t, int64_t ms);

void conn_enter(ConnTable *t, Conn *c, ConnPhase phase);
void conn_received(ConnTable *t, Conn *c, size_t n);

/* How many there are in each phase, and how many were cut since the start. */
void conn_count(ConnTable *t, size_t ret[CONN_PHASES], uint64_t *ret_cut);
/* So many that a connection had better not be kept for its next request. */
bool conn_crowded(const ConnTable *t);

/* Waits until every connection waits for a head, at most until `deadline_ms` (monotonic). False: it
 * came to that. */
bool conn_wait_idle(ConnTable *t, int64_t deadline_ms);
/* The same until no request that has come whole lacks its answer; others may still be coming. */
bool conn_wait_answered(ConnTable *t, int64_t deadline_ms);
