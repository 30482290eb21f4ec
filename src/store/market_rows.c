/* Reading the tables of experiments: what a row holds is checked like any input. */
#include "base/limits.h"
#include "store/market.h"
#include "store/sqlite.h"

#include <string.h>

#define SHORT_TEXT 256

/* ---- columns ---- */

static bool text(Query *q, int at, size_t max, const char **ret, CvkErr *err) {
    size_t n;
    return column_str(q, at, max, ret, &n, err);
}

static bool small(Query *q, int at, uint32_t *ret, CvkErr *err) {
    int64_t v;
    if (!column_int(q, at, 0, UINT32_MAX, &v, err))
        return false;
    *ret = (uint32_t)v;
    return true;
}

static bool large(Query *q, int at, uint64_t *ret, CvkErr *err) {
    int64_t v;
    if (!column_int(q, at, 0, INT64_MAX, &v, err))
        return false;
    *ret = (uint64_t)v;
    return true;
}

static bool whole(Query *q, int at, int64_t *ret, CvkErr *err) {
    return column_int(q, at, INT64_MIN, INT64_MAX, ret, err);
}

static bool truth(Query *q, int at, bool *ret, CvkErr *err) {
    int64_t v;
    if (!column_int(q, at, 0, 1, &v, err))
        return false;
    *ret = v != 0;
    return true;
}

/* ---- rows ---- */

static bool participant_row(Query *q, StoreParticipant *ret, CvkErr *err) {
    int64_t group;
    if (!small(q, 0, &ret->id, err) || !column_fixed(q, 1, ret->secret, sizeof ret->secret, err) ||
        !column_fixed(q, 2, ret->token, sizeof ret->token, err) ||
        !column_int(q, 3, -1, INT32_MAX, &group, err) ||
        !text(q, 4, SHORT_TEXT, &ret->label, err) ||
        !text(q, 5, LIMIT_MARKET_NOTE, &ret->note, err) || !truth(q, 6, &ret->allowed, err) ||
        !whole(q, 7, &ret->created_ms, err) || !text(q, 8, LIMIT_MARKET_NOTE, &ret->contact, err))
        return false;
    ret->group = (int32_t)group;
    return true;
}

static bool batch_row(Query *q, StoreBatch *ret, CvkErr *err) {
    return small(q, 0, &ret->id, err) && text(q, 1, SHORT_TEXT, &ret->name, err) &&
           column_fixed(q, 2, ret->sha256, sizeof ret->sha256, err) &&
           large(q, 3, &ret->size, err) && text(q, 4, SHORT_TEXT, &ret->verifier, err) &&
           text(q, 5, LIMIT_MARKET_JSON, &ret->params, err) &&
           text(q, 6, LIMIT_MARKET_JSON, &ret->expect, err) &&
           text(q, 7, LIMIT_MARKET_JSON, &ret->covariates, err) && small(q, 8, &ret->block, err) &&
           truth(q, 9, &ret->retired, err) && whole(q, 10, &ret->created_ms, err);
}

static bool request_row(Query *q, StoreRequest *ret, CvkErr *err) {
    return large(q, 0, &ret->id, err) && small(q, 1, &ret->participant, err) &&
           small(q, 2, &ret->batch, err) && small(q, 3, &ret->seq, err) &&
           column_fixed(q, 4, ret->token, sizeof ret->token, err) &&
           small(q, 5, &ret->state, err) && whole(q, 6, &ret->issued_ms, err) &&
           whole(q, 7, &ret->since_ms, err) && whole(q, 8, &ret->closed_ms, err) &&
           column_fixed(q, 9, ret->body, sizeof ret->body, err) &&
           large(q, 10, &ret->served.refetches, err) &&
           whole(q, 11, &ret->served.first_get_ms, err) &&
           whole(q, 12, &ret->served.last_get_ms, err) && large(q, 13, &ret->served.bytes, err) &&
           large(q, 14, &ret->served.whole, err);
}

static bool submission_row(Query *q, StoreSubmission *ret, CvkErr *err) {
    return large(q, 0, &ret->request, err) && small(q, 1, &ret->participant, err) &&
           small(q, 2, &ret->batch, err) && small(q, 3, &ret->seq, err) &&
           whole(q, 4, &ret->issued_ms, err) && whole(q, 5, &ret->first_get_ms, err) &&
           column_fixed(q, 6, ret->proof, sizeof ret->proof, err) &&
           large(q, 7, &ret->proof_n, err) &&
           column_fixed(q, 8, ret->canonical, sizeof ret->canonical, err) &&
           whole(q, 9, &ret->proving_ms, err) && whole(q, 10, &ret->cost, err) &&
           whole(q, 11, &ret->price, err) && text(q, 12, SHORT_TEXT, &ret->cost_text, err) &&
           text(q, 13, SHORT_TEXT, &ret->price_text, err) &&
           text(q, 14, SHORT_TEXT, &ret->deployment, err) &&
           truth(q, 15, &ret->deployment_is_text, err) &&
           text(q, 16, SHORT_TEXT, &ret->acceleration, err) &&
           text(q, 17, LIMIT_MARKET_EXTRA, &ret->extra, err) &&
           whole(q, 18, &ret->received_ms, err) && whole(q, 19, &ret->verify_us, err) &&
           text(q, 20, SHORT_TEXT, &ret->verifier, err) && small(q, 21, &ret->flags, err) &&
           small(q, 22, &ret->attempts, err);
}

static bool attempt_row(Query *q, StoreAttempt *ret, CvkErr *err) {
    return large(q, 0, &ret->id, err) && large(q, 1, &ret->request, err) &&
           small(q, 2, &ret->participant, err) && whole(q, 3, &ret->received_ms, err) &&
           text(q, 4, SHORT_TEXT, &ret->verdict, err) &&
           column_fixed(q, 5, ret->proof, sizeof ret->proof, err) &&
           large(q, 6, &ret->proof_n, err) && whole(q, 7, &ret->verify_us, err) &&
           text(q, 8, LIMIT_MARKET_NOTE, &ret->why, err);
}

static bool deployment_row(Query *q, StoreDeployment *ret, CvkErr *err) {
    return small(q, 0, &ret->participant, err) && text(q, 1, SHORT_TEXT, &ret->deployment, err) &&
           text(q, 2, LIMIT_MARKET_NOTE, &ret->description, err) &&
           text(q, 3, LIMIT_MARKET_NOTE, &ret->hardware, err) && whole(q, 4, &ret->rate, err) &&
           whole(q, 5, &ret->power_w, err) && whole(q, 6, &ret->changed_ms, err);
}

static bool public_row(Query *q, StorePublicFile *ret, CvkErr *err) {
    return column_text(q, 0, ret->name, sizeof ret->name, err) &&
           column_fixed(q, 1, ret->sha256, sizeof ret->sha256, err) && large(q, 2, &ret->size, err);
}

/* ---- walking: one function a type of row ---- */

/* NOLINTBEGIN(bugprone-macro-parentheses): a type takes none. */
#define WALK(name, Row, read)                                                                      \
    static bool name(Query *q, bool (*fn)(void *ctx, const Row *row, CvkErr *err), void *ctx,      \
                     CvkErr *err) {                                                                \
        Row row;                                                                                   \
        for (bool more;;) {                                                                        \
            if (!query_next(q, &more, err))                                                        \
                return false;                                                                      \
            if (!more)                                                                             \
                return true;                                                                       \
            if (!read(q, &row, err) || !fn(ctx, &row, err))                                        \
                return false;                                                                      \
        }                                                                                          \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

WALK(walk_participants, StoreParticipant, participant_row)
WALK(walk_batches, StoreBatch, batch_row)
WALK(walk_requests, StoreRequest, request_row)
WALK(walk_submissions, StoreSubmission, submission_row)
WALK(walk_attempts, StoreAttempt, attempt_row)
WALK(walk_deployments, StoreDeployment, deployment_row)
WALK(walk_public, StorePublicFile, public_row)

bool store_participant_each(Store *s, int64_t experiment, uint32_t from,
                            bool (*fn)(void *ctx, const StoreParticipant *p, CvkErr *err),
                            void *ctx, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_PARTICIPANT_FROM, &q, err, INT(experiment), INT(from)) &&
           walk_participants(&q, fn, ctx, err);
}

bool store_batch_each(Store *s, int64_t experiment, uint32_t from,
                      bool (*fn)(void *ctx, const StoreBatch *b, CvkErr *err), void *ctx,
                      CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_BATCH_FROM, &q, err, INT(experiment), INT(from)) &&
           walk_batches(&q, fn, ctx, err);
}

bool store_request_each(Store *s, int64_t experiment, uint64_t from,
                        bool (*fn)(void *ctx, const StoreRequest *r, CvkErr *err), void *ctx,
                        CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_REQUEST_FROM, &q, err, INT(experiment), INT(from)) &&
           walk_requests(&q, fn, ctx, err);
}

typedef struct {
    int64_t now_ms;
    bool (*fn)(void *ctx, const StoreRequest *r, CvkErr *err);
    void *ctx;
} Unproved;

static bool unproved(void *ctx, const StoreRequest *r, CvkErr *err) {
    const Unproved *u = ctx;
    StoreRequest seen = *r;
    if (seen.closed_ms == 0)
        seen.closed_ms = u->now_ms;
    return u->fn(u->ctx, &seen, err);
}

bool store_request_unproved_each(Store *s, int64_t experiment, int64_t now_ms,
                                 bool (*fn)(void *ctx, const StoreRequest *r, CvkErr *err),
                                 void *ctx, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    Unproved u = {.now_ms = now_ms, .fn = fn, .ctx = ctx};
    return QUERY(s, SQL_REQUEST_UNPROVED, &q, err, INT(experiment)) &&
           walk_requests(&q, unproved, &u, err);
}

bool store_submission_each(Store *s, int64_t experiment, uint64_t from,
                           bool (*fn)(void *ctx, const StoreSubmission *x, CvkErr *err), void *ctx,
                           CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_SUBMISSION_FROM, &q, err, INT(experiment), INT(from)) &&
           walk_submissions(&q, fn, ctx, err);
}

bool store_attempt_each(Store *s, int64_t experiment, uint64_t from,
                        bool (*fn)(void *ctx, const StoreAttempt *a, CvkErr *err), void *ctx,
                        CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_ATTEMPT_FROM, &q, err, INT(experiment), INT(from)) &&
           walk_attempts(&q, fn, ctx, err);
}

bool store_deployment_each(Store *s, int64_t experiment,
                           bool (*fn)(void *ctx, const StoreDeployment *d, CvkErr *err), void *ctx,
                           CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_DEPLOYMENT_ALL, &q, err, INT(experiment)) &&
           walk_deployments(&q, fn, ctx, err);
}

bool store_public_each(Store *s, int64_t experiment,
                       bool (*fn)(void *ctx, const StorePublicFile *f, CvkErr *err), void *ctx,
                       CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_PUBLIC_ALL, &q, err, INT(experiment)) && walk_public(&q, fn, ctx, err);
}

/* ---- one row: of those from a number on the first, if that is its number ---- */

/* NOLINTBEGIN(bugprone-macro-parentheses) */
#define ONE(name, Row, read, number)                                                               \
    static bool name(Query *q, uint64_t wanted,                                                    \
                     bool (*fn)(void *ctx, const Row *row, CvkErr *err), void *ctx,                \
                     bool *ret_found, CvkErr *err) {                                               \
        Row row;                                                                                   \
        bool more;                                                                                 \
        if (!query_next(q, &more, err) || (more && !read(q, &row, err)))                           \
            return false;                                                                          \
        *ret_found = more && row.number == wanted;                                                 \
        return !*ret_found || fn(ctx, &row, err);                                                  \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

ONE(one_participant, StoreParticipant, participant_row, id)
ONE(one_batch, StoreBatch, batch_row, id)
ONE(one_request, StoreRequest, request_row, id)
ONE(one_submission, StoreSubmission, submission_row, request)
ONE(one_attempt, StoreAttempt, attempt_row, id)

bool store_participant_get(Store *s, int64_t experiment, uint32_t id,
                           bool (*fn)(void *ctx, const StoreParticipant *p, CvkErr *err), void *ctx,
                           bool *ret_found, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_PARTICIPANT_FROM, &q, err, INT(experiment), INT(id)) &&
           one_participant(&q, id, fn, ctx, ret_found, err);
}

bool store_batch_get(Store *s, int64_t experiment, uint32_t id,
                     bool (*fn)(void *ctx, const StoreBatch *b, CvkErr *err), void *ctx,
                     bool *ret_found, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_BATCH_FROM, &q, err, INT(experiment), INT(id)) &&
           one_batch(&q, id, fn, ctx, ret_found, err);
}

static bool copy_request(void *ctx, const StoreRequest *r, CvkErr *err) {
    (void)err;
    *(StoreRequest *)ctx = *r;
    return true;
}

bool store_request_get(Store *s, int64_t experiment, uint64_t id, StoreRequest *ret,
                       bool *ret_found, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_REQUEST_FROM, &q, err, INT(experiment), INT(id)) &&
           one_request(&q, id, copy_request, ret, ret_found, err);
}

bool store_submission_get(Store *s, int64_t experiment, uint64_t request,
                          bool (*fn)(void *ctx, const StoreSubmission *x, CvkErr *err), void *ctx,
                          bool *ret_found, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_SUBMISSION_FROM, &q, err, INT(experiment), INT(request)) &&
           one_submission(&q, request, fn, ctx, ret_found, err);
}

bool store_attempt_get(Store *s, int64_t experiment, uint64_t id,
                       bool (*fn)(void *ctx, const StoreAttempt *a, CvkErr *err), void *ctx,
                       bool *ret_found, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_ATTEMPT_FROM, &q, err, INT(experiment), INT(id)) &&
           one_attempt(&q, id, fn, ctx, ret_found, err);
}

bool store_batch_like(Store *s, int64_t experiment, const char *name, const uint8_t sha256[32],
                      bool (*fn)(void *ctx, const StoreBatch *b, CvkErr *err), void *ctx,
                      bool *ret_found, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    StoreBatch row;
    return QUERY(s, SQL_BATCH_LIKE, &q, err, INT(experiment), STR(name), BYTES(sha256, 32)) &&
           query_next(&q, ret_found, err) &&
           (!*ret_found || (batch_row(&q, &row, err) && fn(ctx, &row, err)));
}

/* ---- questions ---- */

bool store_request_find(Store *s, int64_t experiment, const uint8_t theirs[STORE_TOKEN_BYTES],
                        const uint8_t own[STORE_TOKEN_BYTES], uint64_t *ret_request,
                        uint8_t ret_sha256[32], uint64_t *ret_size, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    bool row;
    if (!QUERY(s, SQL_REQUEST_TOKEN, &q, err, INT(experiment), BYTES(theirs, STORE_TOKEN_BYTES),
               BYTES(own, STORE_TOKEN_BYTES)) ||
        !query_next(&q, &row, err))
        return false;
    *ret_request = 0;
    return !row || (large(&q, 0, ret_request, err) && column_fixed(&q, 1, ret_sha256, 32, err) &&
                    large(&q, 2, ret_size, err));
}

bool store_canonical_seen(Store *s, int64_t experiment, const uint8_t canonical[32], bool *ret,
                          CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_SUBMISSION_SEEN, &q, err, INT(experiment), BYTES(canonical, 32)) &&
           query_next(&q, ret, err);
}

bool store_attempt_last(Store *s, int64_t experiment, uint64_t *ret, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    bool row;
    return QUERY(s, SQL_ATTEMPT_LAST, &q, err, INT(experiment)) && query_next(&q, &row, err) &&
           large(&q, 0, ret, err);
}

bool store_attempt_count(Store *s, int64_t experiment, uint64_t request, uint32_t *ret,
                         CvkErr *err) {
    _cleanup_query_ Query q = {0};
    bool row;
    return QUERY(s, SQL_ATTEMPT_COUNT, &q, err, INT(experiment), INT(request)) &&
           query_next(&q, &row, err) && small(&q, 0, ret, err);
}

bool store_market_count(Store *s, int64_t experiment, uint64_t *ret_submissions,
                        uint64_t *ret_attempts, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    bool row;
    return QUERY(s, SQL_MARKET_COUNT, &q, err, INT(experiment)) && query_next(&q, &row, err) &&
           large(&q, 0, ret_submissions, err) && large(&q, 1, ret_attempts, err);
}
