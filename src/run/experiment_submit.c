/* Proofs that come in: judged outside every lock, recorded in one transaction. */
#include "run/experiment_private.h"

#include <string.h>

static void reached(const Experiment *e, ExperimentPoint p) {
    if (e->at_point != NULL)
        e->at_point(e->at_point_ctx, p);
}

/* ---- how often: budgets that refill over a minute ---- */

#define MINUTE_MS 60000

/* *ret_retry_s: 0, or so long they have to wait. */
static void spend(Experiment *e, uint32_t participant, Budget b, unsigned *ret_retry_s) {
    int64_t now_ms = run_clock_now(e->clock), each_ms = MINUTE_MS / e->rules.attempts_per_minute;
    pthread_mutex_lock(&e->published);
    int64_t *rate_ms = &e->provers[participant - 1].rate_ms[b];
    int64_t from_ms = *rate_ms > now_ms ? *rate_ms : now_ms;
    int64_t over_ms = from_ms + each_ms - now_ms - MINUTE_MS;
    *ret_retry_s = over_ms > 0 ? (unsigned)((over_ms + 999) / 1000) : 0;
    if (over_ms <= 0)
        *rate_ms = from_ms + each_ms;
    pthread_mutex_unlock(&e->published);
}

/* It was valid: whoever proves fast is not slowed down. */
static void give_back(Experiment *e, uint32_t participant) {
    pthread_mutex_lock(&e->published);
    e->provers[participant - 1].rate_ms[BUDGET_PROOFS] -= MINUTE_MS / e->rules.attempts_per_minute;
    pthread_mutex_unlock(&e->published);
}

/* ---- attempts ---- */

/* Held: writer, in a transaction. Its number is set here. */
static bool log_attempt(Experiment *e, StoreAttempt *a, CvkErr *err) {
    MarketEntry entry = {.type = ENTRY_ATTEMPT,
                         .change = {.ms = run_clock_now(e->clock), .participant = a->participant},
                         .attempt = e->attempts + 1};
    a->id = entry.attempt;
    entry.change.request = a->request;
    store_attempt_digest(a, entry.row);
    return store_attempt_add(e->store, e->id, a, err) && experiment_log(e, &entry, err);
}

/* Only if the request is this participant's. */
static bool record_attempt(Experiment *e, StoreAttempt *a, CvkErr *err) {
    MarketRequest r;
    if (!experiment_begin(e, err))
        return false;
    if (!market_request(e->state, a->request, &r) || r.participant != a->participant)
        a->request = 0;
    return experiment_end(e, log_attempt(e, a, err), err);
}

/* What was not verified. */
static bool record_refusal(Experiment *e, uint32_t participant, uint64_t request,
                           const char *verdict, const char *why, CvkErr *err) {
    StoreAttempt a = {.request = request,
                      .participant = participant,
                      .received_ms = run_clock_now(e->clock),
                      .verdict = verdict,
                      .why = why};
    return record_attempt(e, &a, err);
}

bool experiment_refuse(Experiment *e, uint32_t participant, uint64_t request, const char *verdict,
                       const char *why, CvkErr *err) {
    unsigned retry_s;
    spend(e, participant, BUDGET_REFUSALS, &retry_s);
    return retry_s != 0 || record_refusal(e, participant, request, verdict, why, err);
}

bool experiment_declare_failure(Experiment *e, uint32_t participant, uint64_t request,
                                const char *error, SubmissionResult *ret_result,
                                unsigned *ret_retry_s, CvkErr *err) {
    static const uint8_t no_body[32];
    *ret_retry_s = 0;
    *ret_result = SUBMISSION_NO_REQUEST;
    if (experiment_may_submit(e, participant, request, no_body) != MAY_SUBMIT)
        return true;
    spend(e, participant, BUDGET_FAILURES, ret_retry_s);
    *ret_result = *ret_retry_s != 0 ? SUBMISSION_BUSY : SUBMISSION_ACCEPTED;
    return *ret_retry_s != 0 || record_refusal(e, participant, request, "failed", error, err);
}

/* ---- a proof that is valid ---- */

typedef struct {
    Experiment *e;
    uint32_t participant;
    const Submission *s;
    VerifyAnswer answer;
    char verifier[VERIFIER_NAME_MAX];
    uint8_t proof[32];
    MarketRequest request;
} Accepting;

/* What memory says of it: true: there is nothing to be judged, *ret is the answer. Held: published.
 */
static bool answer_of(Accepting *a, SubmissionResult *ret) {
    MarketMay may =
        market_may_submit(a->e->state, a->participant, a->s->request, a->s->body_sha256);
    bool known = market_request(a->e->state, a->s->request, &a->request);
    *ret = may == MAY_NOT ? SUBMISSION_NO_REQUEST : SUBMISSION_ACCEPTED;
    return !known || may != MAY_SUBMIT;
}

/* Did this proof come before, where everybody's is another? */
static bool is_copied(const Accepting *a, bool *ret, CvkErr *err) {
    const Verifier *v = verifier_find(a->verifier);
    *ret = false;
    return (v != NULL && v->one_proof) ||
           store_canonical_seen(a->e->store, a->e->id, a->answer.canonical, ret, err);
}

static bool flags_of(const Accepting *a, uint32_t *ret, CvkErr *err) {
    MarketFacts f = {.cost = a->s->cost,
                     .price = a->s->price,
                     .proving_ms = a->s->proving_ms,
                     .issued_ms = a->request.issued_ms,
                     .received_ms = a->s->received_ms};
    pthread_mutex_lock(&a->e->published);
    f.fetched = a->e->issued[a->s->request - 1].whole;
    pthread_mutex_unlock(&a->e->published);
    if (!is_copied(a, &f.copied, err))
        return false;
    *ret = market_flags(&f);
    return true;
}

/* Held: writer, in a transaction. */
static bool accept(const Accepting *a, CvkErr *err) {
    Experiment *e = a->e;
    const Submission *s = a->s;
    MarketChange c = {.kind = CHANGE_REQUEST_CLOSED,
                      .ms = run_clock_now(e->clock),
                      .request = s->request,
                      .state = REQUEST_DONE};
    StoreSubmission row = {.request = s->request,
                           .proof_n = s->proof_n,
                           .proving_ms = s->proving_ms,
                           .cost = s->cost,
                           .price = s->price,
                           .cost_text = s->cost_text,
                           .price_text = s->price_text,
                           .deployment = s->deployment,
                           .deployment_is_text = s->deployment_is_text,
                           .acceleration = s->acceleration,
                           .extra = s->extra == NULL ? "" : s->extra,
                           .received_ms = s->received_ms,
                           .verify_us = a->answer.us,
                           .verifier = a->verifier};
    memcpy(c.body, s->body_sha256, sizeof c.body);
    memcpy(row.proof, a->proof, sizeof row.proof);
    memcpy(row.canonical, a->answer.canonical, sizeof row.canonical);
    MarketEntry entry = market_entry_of(&c);
    if (!flags_of(a, &row.flags, err) ||
        !store_attempt_count(e->store, e->id, s->request, &row.attempts, err))
        return false;
    store_submission_digest(&row, entry.row);
    return store_submission_add(e->store, e->id, &row, err) &&
           store_request_close(e->store, e->id, s->request, REQUEST_DONE, c.ms, c.body, err) &&
           experiment_log(e, &entry, err);
}

/* The first of two that raced wins; the same body again is as good. */
static bool record(Accepting *a, SubmissionResult *ret, CvkErr *err) {
    Experiment *e = a->e;
    if (!experiment_begin(e, err))
        return false;
    MarketMay may = market_may_submit(e->state, a->participant, a->s->request, a->s->body_sha256);
    bool ok = true;
    switch (may) {
    case MAY_SUBMIT:
        *ret = SUBMISSION_ACCEPTED;
        ok = market_request(e->state, a->s->request, &a->request) && accept(a, err);
        break;
    case MAY_REPEAT:
        *ret = SUBMISSION_ACCEPTED;
        break;
    case MAY_NOT:
        *ret = SUBMISSION_NO_REQUEST;
        break;
    }
    return experiment_end(e, ok, err);
}

/* One proof of a request is kept at a time: whoever raced with it waits, and is answered by what
 * came of it. So no proof is kept that nobody accepted. False: *ret is the answer. */
static bool begin_keeping(Accepting *a, SubmissionResult *ret) {
    Experiment *e = a->e;
    size_t i = a->s->request - 1;
    pthread_mutex_lock(&e->published);
    while (e->issued[i].keeping)
        pthread_cond_wait(&e->kept, &e->published);
    bool over = answer_of(a, ret);
    e->issued[i].keeping = !over;
    pthread_mutex_unlock(&e->published);
    return !over;
}

static void end_keeping(Accepting *a) {
    Experiment *e = a->e;
    pthread_mutex_lock(&e->published);
    e->issued[a->s->request - 1].keeping = false;
    pthread_cond_broadcast(&e->kept);
    pthread_mutex_unlock(&e->published);
}

static bool keep_and_record(Accepting *a, SubmissionResult *ret, CvkErr *err) {
    if (!begin_keeping(a, ret))
        return true;
    bool ok = blob_keep(a->s->proof, err);
    if (ok) {
        reached(a->e, POINT_KEPT);
        ok = record(a, ret, err);
    }
    end_keeping(a);
    return ok;
}

BlobWriter *experiment_proof_new(Experiment *e, size_t max, CvkErr *err) {
    return blob_writer_new(e->dir, max, err);
}

/* ---- all ---- */

static bool refuse_proof(Accepting *a, SubmissionResult *ret, CvkErr *err) {
    const VerifyAnswer *j = &a->answer;
    StoreAttempt row = {.request = a->s->request,
                        .participant = a->participant,
                        .received_ms = a->s->received_ms,
                        .verdict = proof_verdict_name(j->verdict),
                        .proof_n = a->s->proof_n,
                        .verify_us = j->us,
                        .why = j->why};
    memcpy(row.proof, a->proof, sizeof row.proof);
    *ret = j->verdict == PROOF_ERROR ? SUBMISSION_ERROR : SUBMISSION_INVALID;
    return record_attempt(a->e, &row, err);
}

static bool judge_and_record(Experiment *e, Accepting *a, SubmissionResult *ret, CvkErr *err) {
    const VerifyAnswer *j = &a->answer;
    int fd;
    if (!blob_seal(a->s->proof, a->proof, &fd, err) ||
        !experiment_judge(e, a->request.batch, fd, a->s->proof_n, &a->answer, a->verifier, err))
        return false;
    experiment_note_verdict(e, j);
    reached(e, POINT_VERIFIED);
    if (j->verdict == PROOF_VALID)
        give_back(e, a->participant);
    bool ok = j->verdict == PROOF_VALID ? keep_and_record(a, ret, err) : refuse_proof(a, ret, err);
    reached(e, POINT_COMMITTED);
    return ok;
}

static bool answered(Accepting *a, SubmissionResult *ret) {
    pthread_mutex_lock(&a->e->published);
    bool over = answer_of(a, ret);
    pthread_mutex_unlock(&a->e->published);
    return over;
}

bool experiment_submit(Experiment *e, uint32_t participant, const Submission *s,
                       SubmissionResult *ret_result, unsigned *ret_retry_s, CvkErr *err) {
    Accepting a = {.e = e, .participant = participant, .s = s};
    *ret_retry_s = 0;
    if (answered(&a, ret_result))
        return true;
    spend(e, participant, BUDGET_PROOFS, ret_retry_s);
    if (*ret_retry_s != 0) {
        *ret_result = SUBMISSION_BUSY;
        return true;
    }
    return judge_and_record(e, &a, ret_result, err);
}
