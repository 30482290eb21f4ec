/* Plays many clients of one server on this machine: check-ins at a rate, or as fast as answers
 * come, over connections that are kept or made anew, from one thread. For measuring.
 *
 * A latency is counted from the moment a request was due, not from when it could be sent, so that a
 * server that stands still is charged for all who wait meanwhile. Threads: none of its own. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define LOAD_SESSION_TEXT 37

typedef struct {
    size_t session;
    int status;       /* 0: no answer; the connection was refused, reset, or silent for 60 s */
    const char *why;  /* of status 0 */
    uint64_t size;    /* of the body ... */
    const char *body; /* ... of which the beginning is here, zero-terminated */
    int64_t wait_us;  /* from when it was due to its last byte */
} LoadAnswer;

typedef struct {
    uint16_t port;
    const char *request; /* "POST /lobby/try_contribute" */
    bool in_target;      /* the session is the end of the target, rather than a header field */
    const char (*sessions)[LOAD_SESSION_TEXT];
    size_t n_sessions; /* asked one after another, in a circle, from `first` on */
    size_t first;
    size_t connections; /* at once, at most */
    bool fresh;         /* a connection for each request */
    double per_second;  /* evenly; 0: as fast as answers come */
    int64_t for_ms;     /* requests that are due in this time; their answers are waited for */
    uint64_t most;      /* so many requests at most; 0: as many as there is time for */
    void (*answer)(void *ctx, const LoadAnswer *a);
    void *ctx;
} LoadPlan;
bool load_run(const LoadPlan *p, CvkErr *err) MUST_USE;

/* One request with a body, by a connection of its own; waits for the answer, 600 s at most. The
 * first `cap` - 1 bytes of its body to ret_body, zero-terminated. *ret_sent_us: when the last byte
 * of the request had been handed over (load_now_us). */
typedef struct {
    const char *request, *session; /* session may be "" */
    const void *body;
    size_t n;
} LoadRequest;
bool load_ask(uint16_t port, const LoadRequest *rq, int *ret_status, char *ret_body, size_t cap,
              int64_t *ret_sent_us, CvkErr *err) MUST_USE;

/* Opens an answer without an end (GET /events): *ret_fd has at least its head behind it, and is the
 * caller's to close. */
bool load_stream(uint16_t port, const char *request, const char *session, int *ret_fd,
                 CvkErr *err) MUST_USE;

int64_t load_now_us(void);

/* Many times, and their percentiles. */
typedef struct {
    uint32_t *us;
    size_t n, cap;
    bool sorted;
} LoadTimes;
void load_times_add(LoadTimes *t, int64_t us);      /* what finds no memory is left out */
double load_times_ms(LoadTimes *t, double percent); /* 0 when there are none */
void load_times_done(LoadTimes *t);
