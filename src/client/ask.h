/* One request, again and again until there is an answer.
 *
 * What is repeated must be safe to repeat: that is the caller's to know. Waits grow, with chance in
 * them, or are what the server wishes; what happens is told through `say`. Time, randomness and the
 * network come from a ClientWorld, so that tests need none of them.
 * Threads: an Asker belongs to one thread. */
#pragma once

#include "client/web.h"

#include <stdint.h>

/* What a client needs from outside. */
typedef struct {
    void *ctx;
    int64_t (*now_ms)(void *ctx); /* monotonic */
    void (*sleep_ms)(void *ctx, int64_t ms);
    uint32_t (*random)(void *ctx);
    void (*say)(void *ctx, const char *line); /* what happens, for a person */
    /* How the wait for the turn stands: called at each answer, so that a line may be drawn over;
     * NULL: not wanted. */
    void (*waits)(void *ctx, const char *line);
    WebTransport web;
} ClientWorld;

typedef struct {
    ClientWorld world;
    int64_t patience_ms; /* of failures without a break; 0: as client/retry.h has it */
    bool answered;       /* has the server ever */
} Asker;

/* What is asked, and which answers mean "later". */
typedef struct {
    const WebRequest *rq;
    const char *doing; /* "handing in" */
    /* True: later; then *err says what the answer says. */
    bool (*later)(void *ctx, const WebReply *r, CvkErr *err);
    void *ctx;
} Question;

/* One answer that does not mean later, however long the network takes to give it. A file of the
 * request is emptied before it is tried again, unless it can be resumed. *ret_tries counts the
 * requests that went out. False: no answer in all the time that there was, or an error that another
 * try does not mend. */
bool client_ask(Asker *a, const Question *q, WebReply *ret, unsigned *ret_tries,
                CvkErr *err) MUST_USE;

void client_say(const ClientWorld *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
