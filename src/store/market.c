/* Writing the tables of experiments. */
#include "store/market.h"

#include "base/limits.h"
#include "store/sqlite.h"

#include <string.h>

#define SHORT_TEXT 256 /* names, labels, deployments, verdicts */

static bool fits(const char *text, size_t max, CvkErr *err) {
    return strlen(text) <= max ||
           cvk_fail(err, CVK_ELIMIT, "market.text", "a text has more than %zu bytes", max);
}

static bool words_fit(const StoreParticipant *p, CvkErr *err) {
    return fits(p->label, SHORT_TEXT, err) && fits(p->contact, LIMIT_MARKET_NOTE, err) &&
           fits(p->note, LIMIT_MARKET_NOTE, err);
}

bool store_participant_add(Store *s, int64_t experiment, const StoreParticipant *p, CvkErr *err) {
    return words_fit(p, err) &&
           RUN(s, SQL_PARTICIPANT_ADD, NULL, err, INT(experiment), INT(p->id),
               BYTES(p->secret, sizeof p->secret), BYTES(p->token, sizeof p->token), INT(p->group),
               STR(p->label), STR(p->note), INT(p->allowed), INT(p->created_ms), STR(p->contact));
}

bool store_participant_describe(Store *s, int64_t experiment, const StoreParticipant *p,
                                CvkErr *err) {
    return words_fit(p, err) && RUN(s, SQL_PARTICIPANT_DESCRIBE, NULL, err, INT(experiment),
                                    INT(p->id), STR(p->label), STR(p->contact), STR(p->note));
}

bool store_participant_set(Store *s, int64_t experiment, uint32_t id, const uint8_t secret[32],
                           bool allowed, CvkErr *err) {
    return RUN(s, SQL_PARTICIPANT_SET, NULL, err, INT(experiment), INT(id), BYTES(secret, 32),
               INT(allowed));
}

bool store_batch_add(Store *s, int64_t experiment, const StoreBatch *b, CvkErr *err) {
    return fits(b->name, SHORT_TEXT, err) && fits(b->verifier, SHORT_TEXT, err) &&
           fits(b->params, LIMIT_MARKET_JSON, err) && fits(b->expect, LIMIT_MARKET_JSON, err) &&
           fits(b->covariates, LIMIT_MARKET_JSON, err) &&
           RUN(s, SQL_BATCH_ADD, NULL, err, INT(experiment), INT(b->id), STR(b->name),
               BYTES(b->sha256, sizeof b->sha256), INT(b->size), STR(b->verifier), STR(b->params),
               STR(b->expect), STR(b->covariates), INT(b->block), INT(b->retired),
               INT(b->created_ms));
}

bool store_batch_retire(Store *s, int64_t experiment, uint32_t id, bool retired, CvkErr *err) {
    return RUN(s, SQL_BATCH_RETIRE, NULL, err, INT(experiment), INT(id), INT(retired));
}

bool store_batch_describe(Store *s, int64_t experiment, uint32_t id, const char *covariates,
                          CvkErr *err) {
    return fits(covariates, LIMIT_MARKET_JSON, err) &&
           RUN(s, SQL_BATCH_DESCRIBE, NULL, err, INT(experiment), INT(id), STR(covariates));
}

bool store_request_add(Store *s, int64_t experiment, const StoreRequest *r, CvkErr *err) {
    return RUN(s, SQL_REQUEST_ADD, NULL, err, INT(experiment), INT(r->id), INT(r->participant),
               INT(r->batch), INT(r->seq), BYTES(r->token, sizeof r->token), INT(r->state),
               INT(r->issued_ms), INT(r->since_ms), INT(r->closed_ms),
               BYTES(r->body, sizeof r->body), INT(r->served.refetches),
               INT(r->served.first_get_ms), INT(r->served.last_get_ms), INT(r->served.bytes),
               INT(r->served.whole));
}

static bool changed_one(int64_t changed, CvkErr *err) {
    return changed == 1 || cvk_fail(err, CVK_EINTERNAL, "market.request",
                                    "the request's row is not in the state that it should be in");
}

bool store_request_close(Store *s, int64_t experiment, uint64_t id, uint32_t state, int64_t ms,
                         const uint8_t body[32], CvkErr *err) {
    int64_t changed;
    return RUN(s, SQL_REQUEST_CLOSE, &changed, err, INT(experiment), INT(id), INT(state), INT(ms),
               BYTES(body, 32)) &&
           changed_one(changed, err);
}

bool store_request_reopen(Store *s, int64_t experiment, uint64_t id, int64_t since_ms,
                          CvkErr *err) {
    int64_t changed;
    return RUN(s, SQL_REQUEST_REOPEN, &changed, err, INT(experiment), INT(id), INT(since_ms)) &&
           changed_one(changed, err);
}

bool store_request_served(Store *s, int64_t experiment, uint64_t id, const StoreServed *more,
                          CvkErr *err) {
    return RUN(s, SQL_REQUEST_SERVED, NULL, err, INT(experiment), INT(id), INT(more->refetches),
               INT(more->first_get_ms), INT(more->last_get_ms), INT(more->bytes), INT(more->whole));
}

bool store_submission_add(Store *s, int64_t experiment, const StoreSubmission *x, CvkErr *err) {
    return fits(x->cost_text, SHORT_TEXT, err) && fits(x->price_text, SHORT_TEXT, err) &&
           fits(x->deployment, SHORT_TEXT, err) && fits(x->acceleration, SHORT_TEXT, err) &&
           fits(x->extra, LIMIT_MARKET_EXTRA, err) &&
           RUN(s, SQL_SUBMISSION_ADD, NULL, err, INT(experiment), INT(x->request),
               BYTES(x->proof, sizeof x->proof), INT(x->proof_n),
               BYTES(x->canonical, sizeof x->canonical), INT(x->proving_ms), INT(x->cost),
               INT(x->price), STR(x->cost_text), STR(x->price_text), STR(x->deployment),
               INT(x->deployment_is_text), STR(x->acceleration), STR(x->extra), INT(x->received_ms),
               INT(x->verify_us), STR(x->verifier), INT(x->flags), INT(x->attempts));
}

bool store_attempt_add(Store *s, int64_t experiment, const StoreAttempt *a, CvkErr *err) {
    return fits(a->verdict, SHORT_TEXT, err) && fits(a->why, LIMIT_MARKET_NOTE, err) &&
           RUN(s, SQL_ATTEMPT_ADD, NULL, err, INT(experiment), INT(a->id), INT(a->request),
               INT(a->participant), INT(a->received_ms), STR(a->verdict),
               BYTES(a->proof, sizeof a->proof), INT(a->proof_n), INT(a->verify_us), STR(a->why));
}

bool store_deployment_put(Store *s, int64_t experiment, const StoreDeployment *d, CvkErr *err) {
    return fits(d->deployment, SHORT_TEXT, err) && fits(d->description, LIMIT_MARKET_NOTE, err) &&
           fits(d->hardware, LIMIT_MARKET_NOTE, err) &&
           RUN(s, SQL_DEPLOYMENT_PUT, NULL, err, INT(experiment), INT(d->participant),
               STR(d->deployment), STR(d->description), STR(d->hardware), INT(d->rate),
               INT(d->power_w), INT(d->changed_ms));
}

bool store_public_put(Store *s, int64_t experiment, const StorePublicFile *f, CvkErr *err) {
    return RUN(s, SQL_PUBLIC_PUT, NULL, err, INT(experiment), STR(f->name),
               BYTES(f->sha256, sizeof f->sha256), INT(f->size));
}
