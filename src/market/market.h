/* An experiment as a pure state machine: who has proved which batch, and what may happen next.
 * `market_...` questions look at the state and a time and return what would change; market_apply
 * changes it. No clock, no randomness, no I/O: tokens and times come from the caller, which makes a
 * change durable before it applies it.
 *
 * Numbers: participants, batches and requests count from 1, in the order of their making; 0 is
 * none. Requests count over all participants.
 * Invariants: a participant has at most rules.open_max requests open, and at most one request a
 * batch. Threads: the caller's lock. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef enum { ORDER_SEQUENTIAL = 0, ORDER_SHUFFLED, ORDER_LATIN, MARKET_ORDERS_N } MarketOrder;
const char *market_order_name(MarketOrder o);

#define MARKET_GROUPS_MAX 16
#define MARKET_GROUP_NAME 32

/* A treatment: participants of one group are told one posted price. */
typedef struct {
    char name[MARKET_GROUP_NAME + 1];
    int64_t posted_price; /* micro-cents; -1: none is posted */
} MarketGroup;

typedef struct {
    MarketOrder order;
    uint64_t seed;                /* of shuffled and latin */
    uint32_t open_max;            /* requests that a participant may have open; 1 by default */
    int64_t request_ttl_ms;       /* 0: for ever */
    uint32_t attempts_per_minute; /* of one participant, that are verified; more are answered 503 */
    bool dev;                     /* verifiers for tests are allowed */
    size_t n_groups;
    MarketGroup groups[MARKET_GROUPS_MAX];
} MarketRules;
extern const MarketRules market_usual_rules;
/* The group of this number, as rows and changes have it; NULL: none, or there is no such group. */
const MarketGroup *market_group_at(const MarketRules *r, int64_t group);

/* ---- flags of a submission: never a reason to refuse it ---- */
#define MARKET_FLAG_PRICE_LT_COST 1u   /* price below cost */
#define MARKET_FLAG_TIME_IMPOSSIBLE 2u /* proved longer than it had the request */
#define MARKET_FLAG_NOT_FETCHED 4u     /* its batch was never downloaded whole */
#define MARKET_FLAG_COPIED 8u /* the same proof (canonical hash) came before, from anybody */
#define MARKET_FLAG_ZERO_PRICE 16u
#define MARKET_FLAG_ZERO_COST 32u
#define MARKET_FLAGS_N 6
const char *market_flag_name(unsigned bit); /* bit 0..MARKET_FLAGS_N-1: "PRICE_LT_COST" */

typedef struct {
    int64_t cost, price; /* micro-cents */
    int64_t proving_ms;  /* as declared */
    int64_t issued_ms, received_ms;
    bool fetched; /* the whole batch went out to them */
    bool copied;
} MarketFacts;
uint32_t market_flags(const MarketFacts *f);

typedef enum {
    REQUEST_OPEN = 0,
    REQUEST_DONE,
    REQUEST_EXPIRED, /* by the time to live, or by the operator */
    REQUEST_SKIPPED, /* by the operator: not asked for again */
    REQUEST_STATES_N
} RequestState;
const char *request_state_name(RequestState s); /* "open", "done", "expired", "skipped" */

/* ---- changes ---- */
typedef enum {
    CHANGE_PARTICIPANT_ADDED,
    CHANGE_PARTICIPANT_ALLOWED, /* `on`: may come (again), or not */
    CHANGE_BATCH_ADDED,
    CHANGE_BATCH_RETIRED, /* `on` false: it is handed out to nobody new; true: again */
    CHANGE_REQUEST_ISSUED,
    CHANGE_REQUEST_CLOSED,   /* state: what it is now, body: of REQUEST_DONE */
    CHANGE_REQUEST_REOPENED, /* an expired or skipped one */
    MARKET_CHANGES_N
} MarketChangeKind;

typedef struct {
    MarketChangeKind kind;
    int64_t ms;
    uint32_t participant, batch;
    uint64_t request;
    uint32_t group; /* PARTICIPANT_ADDED: index into rules.groups, or MARKET_NO_GROUP */
    uint32_t block; /* BATCH_ADDED: from 1, never falling */
    bool on;
    RequestState state;
    uint32_t seq;     /* REQUEST_ISSUED: how-manyeth of its participant, from 1 */
    uint8_t body[32]; /* REQUEST_CLOSED as done: sha256 of the request body that was accepted */
} MarketChange;
#define MARKET_NO_GROUP UINT32_MAX

typedef struct MarketState MarketState;
MarketState *market_new(const MarketRules *rules, CvkErr *err) MUST_USE;
MarketState *market_free(MarketState *s); /* NULL is fine; returns NULL */

/* A change that was decided on this state, or read back from the tables in their order. False: no
 * memory, and nothing has changed; or (CVK_EBACKEND "market.broken") it does not follow from the
 * state, which only what was read can cause. */
bool market_apply(MarketState *s, const MarketChange *c, CvkErr *err) MUST_USE;

/* ---- questions ---- */
typedef enum {
    NEXT_OPEN,     /* *ret is an open request: the oldest, when all that may be are open */
    NEXT_NEW,      /* *ret would be issued */
    NEXT_FINISHED, /* nothing is left for them */
    NEXT_STRANGER, /* no such participant, or not allowed any more */
} MarketNext;
/* Is there such a participant, and may they come? */
bool market_allowed(const MarketState *s, uint32_t participant);
/* Is there such a batch, and is it handed out? */
bool market_handed_out(const MarketState *s, uint32_t batch);
uint32_t market_group(const MarketState *s, uint32_t participant); /* or MARKET_NO_GROUP */
/* What get_batch answers: the change is set for NEXT_OPEN (its request and batch) and NEXT_NEW. */
MarketNext market_next(const MarketState *s, uint32_t participant, int64_t now_ms,
                       MarketChange *ret);

typedef enum {
    MAY_SUBMIT,
    MAY_REPEAT, /* done, by this very body: the answer is the same again */
    MAY_NOT,    /* unknown, another's, or closed */
} MarketMay;
MarketMay market_may_submit(const MarketState *s, uint32_t participant, uint64_t request,
                            const uint8_t body[32]);

/* The first request (above `after`) whose time to live is over; 0: none. From one that is open it
 * goes on where it was: all of them in one walk. */
uint64_t market_overdue(const MarketState *s, uint64_t after, int64_t now_ms);

/* Does the change follow from the state? What market_apply asks, and what an operator's command may
 * be refused for: "participant.none", ".state" (it is so already), ".many", "group.none",
 * "batch.none", ".state", ".many", ".block" (somebody was given one of that block: it is
 * complete), "request.none", ".state", ".taken" (they had this batch), ".open" (they have as many
 * open as they may), ".many"; "market.number" when a number is not the next. */
bool market_check(const MarketState *s, const MarketChange *c, CvkErr *err) MUST_USE;

typedef struct {
    uint32_t participant, batch, seq;
    RequestState state;
    int64_t issued_ms;
    int64_t since_ms;  /* the time to live runs from here: issued, or reopened */
    int64_t closed_ms; /* 0: it is open */
} MarketRequest;
bool market_request(const MarketState *s, uint64_t request, MarketRequest *ret) MUST_USE;
/* Is this the body that was accepted for it? Zeros: none was. */
bool market_has_body(const MarketState *s, uint64_t request, const uint8_t body[32]);
/* The next request as the tables have it, whatever has become of it; participants and batches come
 * before, and who may not come any more, and what was retired, after all requests. `body` is of a
 * REQUEST_DONE. Errors as market_apply's. */
bool market_restore(MarketState *s, const MarketRequest *r, const uint8_t body[32],
                    CvkErr *err) MUST_USE;

typedef struct {
    uint32_t participants, allowed, finished; /* finished: nothing is left for them now */
    uint32_t batches, retired, blocks;
    uint64_t requests, open, done, expired, skipped;
    int64_t oldest_open_ms; /* 0: none is open */
} MarketCounts;
void market_counts(const MarketState *s, MarketCounts *ret);
