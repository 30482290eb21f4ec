/* POST /submit_proof: the proof goes to a temporary file while it arrives, and is judged by
 * run/experiment.h once it is whole. */
#include "api/market.h"

#include "api/submission.h"
#include "base/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_S 5
#define PROOF_MAX (LIMIT_SUBMISSION / 4 * 3)

/* One upload. */
typedef struct {
    Market *market;
    uint32_t participant;
    bool has_place; /* among those under way */
    SubmissionReader *reader;
    BlobWriter *proof; /* NULL: nothing of it has come */
    HandedIn handed_in;
} Post;

/* ---- how many at once ---- */

size_t market_uploads(Market *m) {
    size_t n = 0;
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < LIMIT_SUBMISSIONS; i++)
        n += m->uploads[i] != 0;
    pthread_mutex_unlock(&m->lock);
    return n;
}

/* ---- answers ---- */

static void note(HttpRequest *r, MarketOutcome outcome) {
    atomic_fetch_add(&app_market(r)->outcomes[outcome], 1);
    http_tell(r, "result", market_outcome_names[outcome]);
}

static void tell_number(HttpRequest *r, const char *key, uint64_t n) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, n);
    http_tell(r, key, text);
}

static void reply_accepted(HttpRequest *r, MarketOutcome outcome) {
    note(r, outcome);
    market_reply(r, 200, "proof submitted successfully");
}

static void reply_invalid(HttpRequest *r) {
    note(r, MARKET_INVALID);
    market_reply(r, 422, "invalid proof");
}

/* What is no number that a request may have is not told again. */
static void reply_no_request(HttpRequest *r, uint64_t request) {
    char text[24] = "";
    if (request != 0)
        snprintf(text, sizeof text, "%" PRIu64, request);
    note(r, MARKET_NO_REQUEST);
    market_reply(r, 422, "request %s does not exist", text);
}

static void reply_busy(HttpRequest *r, int64_t retry_s) {
    note(r, MARKET_BUSY);
    market_reply_busy(r, retry_s);
}

static void reply_failed(HttpRequest *r, const CvkErr *err) {
    note(r, MARKET_ERROR);
    market_reply_failed(r, err);
}

/* The body cannot be read, or kept. */
static void reply_unreadable(HttpRequest *r, const CvkErr *err) {
    switch (err->code) {
    case CVK_EBADREQ:
        note(r, MARKET_MALFORMED);
        market_reply(r, 400, "malformed JSON");
        break;
    case CVK_ELIMIT:
        note(r, MARKET_TOO_LARGE);
        market_reply(r, 413, "request body too large");
        break;
    case CVK_OK:
    case CVK_EAUTH:
    case CVK_ENOTFOUND:
    case CVK_ECONFLICT:
    case CVK_EBACKEND:
    case CVK_EINTERNAL:
        reply_failed(r, err);
        break;
    }
}

/* ---- the body comes ---- */

static bool keep_proof(void *ctx, const void *data, size_t n, CvkErr *err) {
    Post *p = ctx;
    if (p->proof == NULL)
        p->proof = experiment_proof_new(p->market->experiment, PROOF_MAX, err);
    return p->proof != NULL && blob_write(p->proof, data, n, err);
}

static void begin_reading(HttpRequest *r, uint32_t participant) {
    CvkErr err;
    Post *p = cvk_alloc(1, sizeof *p, &err);
    http_set_data(r, p);
    if (p == NULL) {
        reply_failed(r, &err);
        return;
    }
    p->market = app_market(r);
    p->participant = participant;
    p->has_place = market_take_place(p->market, p->market->uploads, LIMIT_SUBMISSIONS,
                                     LIMIT_SUBMISSIONS_EACH, participant);
    if (!p->has_place) {
        reply_busy(r, RETRY_S);
        return;
    }
    p->reader = submission_reader_new((CvkSink){.write = keep_proof, .ctx = p}, &err);
    if (p->reader == NULL)
        reply_failed(r, &err);
}

static void begin_submission(HttpRequest *r) {
    uint32_t who = market_participant_soon(r);
    if (who == 0)
        return;
    tell_number(r, "participant", who);
    if (http_header(r, "Content-Length") == NULL && http_header(r, "Transfer-Encoding") == NULL)
        market_reply(r, 411, "length required");
    else
        begin_reading(r, who);
}

static void take_submission(HttpRequest *r, const void *data, size_t n) {
    Post *p = http_data(r);
    CvkErr err;
    if (!submission_reader_add(p->reader, data, n, &err))
        reply_unreadable(r, &err);
}

/* ---- it is whole; on a worker ---- */

/* Why it was not even verified is kept as an attempt. */
static void refuse(HttpRequest *r, uint64_t request, const char *verdict, const char *why) {
    const Post *p = http_data(r);
    CvkErr err;
    if (!experiment_refuse(p->market->experiment, p->participant, request, verdict, why, &err))
        reply_failed(r, &err); /* in place of the refusal */
}

static void refuse_field(HttpRequest *r, const SubmissionText *t) {
    char why[64];
    snprintf(why, sizeof why, "invalid field %s", t->wrong_field);
    note(r, MARKET_BAD_FIELD);
    market_reply(r, 422, "%s", why);
    refuse(r, t->submission.request, "badmeta", why);
}

static void refuse_proof(HttpRequest *r, const SubmissionText *t) {
    reply_invalid(r);
    refuse(r, t->submission.request, "malformed", "no base64, or empty");
}

/* What came of a proof, or of a failure that was declared. */
static void reply_result(HttpRequest *r, uint64_t request, SubmissionResult result,
                         unsigned retry_s) {
    switch (result) {
    case SUBMISSION_ACCEPTED:
        reply_accepted(r, MARKET_ACCEPTED);
        break;
    case SUBMISSION_NO_REQUEST:
        reply_no_request(r, request);
        break;
    case SUBMISSION_INVALID:
        reply_invalid(r);
        break;
    case SUBMISSION_ERROR:
        note(r, MARKET_ERROR);
        market_reply(r, 500, "verifier error");
        break;
    case SUBMISSION_BUSY:
        reply_busy(r, retry_s);
        break;
    }
}

static void declare_failure(HttpRequest *r, const SubmissionText *t) {
    const Post *p = http_data(r);
    uint64_t request = t->submission.request;
    SubmissionResult result;
    unsigned retry_s;
    CvkErr err;
    if (!experiment_declare_failure(p->market->experiment, p->participant, request, t->failure,
                                    &result, &retry_s, &err)) {
        reply_failed(r, &err);
    } else if (result == SUBMISSION_ACCEPTED) {
        note(r, MARKET_FAILURE);
        market_reply(r, 200, "failure recorded");
    } else {
        reply_result(r, request, result, retry_s);
    }
}

static void submit(HttpRequest *r, const Submission *s) {
    const Post *p = http_data(r);
    SubmissionResult result;
    unsigned retry_s;
    CvkErr err;
    if (!experiment_submit(p->market->experiment, p->participant, s, &result, &retry_s, &err))
        reply_failed(r, &err);
    else
        reply_result(r, s->request, result, retry_s);
}

/* The request is theirs, and open. */
static void judge_open(HttpRequest *r, const SubmissionText *t) {
    const Post *p = http_data(r);
    if (t->failure != NULL) {
        declare_failure(r, t);
    } else if (t->wrong_field != NULL) {
        refuse_field(r, t);
    } else if (!t->has_proof) {
        refuse_proof(r, t);
    } else {
        Submission s = t->submission;
        s.proof = p->proof;
        s.received_ms = p->handed_in.received_ms;
        submit(r, &s);
    }
}

static void judge_text(HttpRequest *r, const SubmissionText *t) {
    const Post *p = http_data(r);
    const Submission *s = &t->submission;
    atomic_fetch_add(&p->market->proof_bytes, s->proof_n);
    tell_number(r, "request", s->request);
    switch (t->has_request ? experiment_may_submit(p->market->experiment, p->participant,
                                                   s->request, s->body_sha256)
                           : MAY_NOT) {
    case MAY_SUBMIT:
        judge_open(r, t);
        break;
    case MAY_REPEAT:
        reply_accepted(r, MARKET_REPEATED);
        break;
    case MAY_NOT:
        reply_no_request(r, t->has_request ? s->request : 0);
        break;
    }
}

/* An id that ended meanwhile is nobody's; one that is somebody else's now comes again. */
static bool is_still_theirs(HttpRequest *r) {
    const Post *p = http_data(r);
    uint32_t who = market_participant(r);
    if (who != 0 && who != p->participant)
        reply_busy(r, RETRY_S);
    return who == p->participant;
}

/* What was written while it came counts, too. */
static void judge(HttpRequest *r) {
    const Post *p = http_data(r);
    const SubmissionText *t;
    CvkErr err;
    if (!submission_reader_end(p->reader, &t, &err))
        reply_unreadable(r, &err);
    else if (!experiment_make_current(p->market->experiment, &err))
        reply_failed(r, &err);
    else if (is_still_theirs(r))
        judge_text(r, t);
}

static void end_submission(HttpRequest *r) {
    Post *p = http_data(r);
    experiment_hand_in(p->market->experiment, p->participant, &p->handed_in);
    http_job(r, LANE_LONG, judge);
}

static void forget_submission(HttpRequest *r, bool sent) {
    (void)sent;
    Post *p = http_data(r);
    if (p == NULL)
        return;
    experiment_judged(p->market->experiment, &p->handed_in);
    if (p->has_place)
        market_leave_place(p->market, p->market->uploads, p->participant);
    submission_reader_free(p->reader);
    blob_writer_free(p->proof);
    free(p);
}

const HttpHandler on_submit_proof = {.on_headers = begin_submission,
                                     .on_body = take_submission,
                                     .on_end = end_submission,
                                     .on_done = forget_submission,
                                     .body_max = LIMIT_SUBMISSION};
