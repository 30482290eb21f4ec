/* What the handlers of the prover market share. Answers are plain text, in the words of the
 * market's own protocol; a participant's id is a secret and stands in no log.
 * Threads: any. */
#pragma once

#include "base/limits.h"
#include "http/request.h"
#include "http/server.h"
#include "run/experiment.h"

#include <pthread.h>
#include <stdatomic.h>

/* What became of calls, for /metrics. */
typedef enum {
    MARKET_ACCEPTED = 0,
    MARKET_REPEATED, /* the same body again */
    MARKET_INVALID,  /* proof */
    MARKET_NO_REQUEST,
    MARKET_BAD_FIELD,
    MARKET_MALFORMED, /* JSON */
    MARKET_TOO_LARGE,
    MARKET_FAILURE, /* the prover's own, as they say */
    MARKET_ERROR,   /* ours, or the verifier's */
    MARKET_BUSY,
    MARKET_OUTCOMES_N
} MarketOutcome;
extern const char *const market_outcome_names[MARKET_OUTCOMES_N];

typedef struct {
    Experiment *experiment;
    pthread_mutex_t lock;
    uint32_t uploads[LIMIT_SUBMISSIONS]; /* whose they are; 0: nobody's. With the lock */
    uint32_t asking[LIMIT_JOBS];         /* the same, of jobs that look for a batch */
    atomic_uint_fast64_t outcomes[MARKET_OUTCOMES_N];
    atomic_uint_fast64_t strangers;   /* calls of nobody we know */
    atomic_uint_fast64_t proof_bytes; /* of submissions that came whole */
    atomic_uint_fast64_t file_bytes;  /* sent */
} Market;

Market *market_api_new(Experiment *e, CvkErr *err) MUST_USE;
Market *market_api_free(Market *m); /* NULL is fine; returns NULL */
size_t market_uploads(Market *m);   /* under way now */

Market *app_market(const HttpRequest *r);

/* One of n places for `who` (not 0), who has at most `each` of them. False: they have, or none is
 * free. */
bool market_take_place(Market *m, uint32_t *places, size_t n, size_t each, uint32_t who) MUST_USE;
void market_leave_place(Market *m, uint32_t *places, uint32_t who); /* it was taken */

/* HttpOptions.reword: for the market's paths, and for nobody's where there is no ceremony. */
void market_reword(HttpRequest *r, HttpRefusal why, const HttpRoute *route);

void market_reply(HttpRequest *r, unsigned status, const char *fmt, ...) PRINTF_LIKE(3, 4);
void market_reply_busy(HttpRequest *r, int64_t retry_s);
/* An error of ours: logged, and told without its details. */
void market_reply_failed(HttpRequest *r, const CvkErr *err);

/* Who asks, by the query, as far as memory knows (experiment_is_current). 0: nobody, and the reply
 * is set. */
uint32_t market_participant(HttpRequest *r) MUST_USE;
/* The same where nothing may wait for what others wrote: then who is not known may be soon, and is
 * asked to come again. */
uint32_t market_participant_soon(HttpRequest *r) MUST_USE;

/* api/market.c */
extern const HttpHandler on_get_batch, on_batch_file, on_experiment;
/* api/market_submit.c */
extern const HttpHandler on_submit_proof;
