/* The protocol of autumn 2022, with a queue instead of a lobby: /queue/join, /queue/checkin,
 * /queue/leave, /contribution/start. The same commands over the same engine as check_in.c, in two
 * steps: a check-in only brings the turn (readyToContribute), and whoever has it comes for the
 * challenge by /contribution/start, in a queue within the start window. Bodies are small, optional
 * JSON; who asks is who signed in, so an `id` may only confirm it. */
#include "api/body.h"
#include "api/check_in.h"
#include "api/claim.h"

#include "base/alloc.h"
#include "codec/json_write.h"

/* ---- bodies ---- */

/* False: the reply says what is wrong with it. */
static bool check_body(HttpRequest *r, const CvkBuf *body, const Identity *own) {
    static const ApiError other = {400, "QueueError::InvalidId",
                                   "the id is not that of who signed in (names of the Ethereum "
                                   "name service cannot be looked up here)"};
    Claim claim = {.id_type = ""};
    CvkErr err;
    if (body->n == 0)
        return true;
    if (!is_json_type(http_header(r, "Content-Type"))) {
        reply_api_error(r, &not_json);
        return false;
    }
    if (!claim_read(body->data, body->n, &claim, &err)) {
        reply_bad_json(r, &err);
        return false;
    }
    if (claim_is_own(&claim, own))
        return true;
    reply_api_error(r, &other);
    return false;
}

static void begin_call(HttpRequest *r) {
    CvkErr err;
    CheckIn *ours = cvk_alloc(1, sizeof *ours, &err);
    if (ours == NULL) {
        reply_failed(r, &err);
        return;
    }
    ours->body.max = LIMIT_QUEUE_BODY;
    http_set_data(r, ours);
    (void)!find_session(r, &no_such_session, &ours->session);
}

static void take_body(HttpRequest *r, const void *data, size_t n) {
    CheckIn *ours = http_data(r);
    body_add(r, &ours->body, data, n);
}

/* The whole request has come: whose is it? False: the reply is set. */
static bool begin_answer(HttpRequest *r, const Session **ret_session, Identity *ret_own) {
    const CheckIn *ours = http_data(r);
    CvkErr err;
    *ret_session = &ours->session;
    if (identity_parse(ours->session.identity, ret_own, &err))
        return check_body(r, &ours->body, ret_own);
    reply_failed(r, &err);
    return false;
}

/* ---- answers ---- */

/* When somebody is due next, in seconds since 1970; 0: never. */
static uint64_t seconds(int64_t ms) {
    return ms == INT64_MAX || ms <= 0 ? 0 : ((uint64_t)ms + 999) / 1000;
}

static const char *status_name(const Waiting *w, uint64_t *ret_next) {
    *ret_next = 0;
    if (w->holds && (w->phase == PHASE_OFFERED || w->phase == PHASE_FETCHING)) {
        *ret_next = seconds(w->deadline_ms);
        return "readyToContribute";
    }
    if (w->holds)
        return "contributing";
    if (w->waits) {
        *ret_next = seconds(w->due.next_ms);
        return "queued";
    }
    return w->lost ? "expired" : "notQueued";
}

static void put_status(JsonWriter *w, const Waiting *waiting, const Identity *own) {
    uint64_t next;
    const char *name = status_name(waiting, &next);
    json_object_begin(w);
    json_put_key(w, "queuePosition");
    json_put_uint(w, waiting->placed ? waiting->ahead + 1 : 0);
    json_put_key(w, "nextCheckinTime");
    json_put_uint(w, next);
    json_put_key(w, "queueStatus");
    json_put_str(w, name);
    json_put_key(w, "id");
    json_put_str(w, own->nickname);
    json_object_end(w);
}

/* As the specification has it, one who joins gets a list of one. */
static void reply_status(HttpRequest *r, const Session *s, const Identity *own, bool list) {
    Waiting waiting;
    _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_REPLY);
    ceremony_waiting(app_ceremony(r), s, &waiting);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);
    if (list)
        json_array_begin(&w);
    put_status(&w, &waiting, own);
    if (list)
        json_array_end(&w);
    bool ok = json_finish(&w, NULL);
    add_check_in_fields(r, s, waiting.waits ? REFUSAL_BUSY : REFUSAL_NONE);
    reply_built(r, 200, "application/json", &b, ok);
}

/* Checks in without taking the turn. */
static void look(HttpRequest *r, const Session *s, const Identity *own, bool list) {
    Refusal refusal;
    CvkErr err;
    if (!ceremony_look(app_ceremony(r), s, &refusal, &err)) {
        reply_failed(r, &err);
    } else if (refusal == REFUSAL_NONE || refusal == REFUSAL_HOLDER_AGAIN ||
               refusal == REFUSAL_BUSY) {
        reply_status(r, s, own, list);
    } else {
        add_check_in_fields(r, s, refusal);
        reply_api_error(r, refused_check_in(refusal));
    }
}

/* ---- the requests ---- */

/* Joining twice changes nothing, and is no check-in. */
static void join(HttpRequest *r) {
    const Session *s;
    Identity own;
    Waiting w;
    if (!begin_answer(r, &s, &own))
        return;
    ceremony_waiting(app_ceremony(r), s, &w);
    if (w.waits || w.holds)
        reply_status(r, s, &own, true);
    else
        look(r, s, &own, true);
}

/* Who does not wait is told so, and does not join by that. */
static void check_in(HttpRequest *r) {
    const Session *s;
    Identity own;
    Waiting w;
    if (!begin_answer(r, &s, &own))
        return;
    ceremony_waiting(app_ceremony(r), s, &w);
    if (s->ended && !w.lost)
        reply_api_error(r, &no_such_session);
    else if (w.waits)
        look(r, s, &own, false);
    else
        reply_status(r, s, &own, false);
}

static void leave(HttpRequest *r) {
    static const ApiError not_queued = {400, "QueueError::NotQueued",
                                        "you do not wait (a turn is given up by an abort)"};
    const Session *s;
    Identity own;
    Refusal refusal;
    CvkErr err;
    if (!begin_answer(r, &s, &own))
        return;
    if (s->ended)
        reply_api_error(r, &no_such_session);
    else if (!ceremony_leave(app_ceremony(r), s, &refusal, &err))
        reply_failed(r, &err);
    else if (refusal == REFUSAL_NONE)
        reply_ok(r, "place", "left");
    else
        reply_api_error(r, &not_queued);
}

static void start(HttpRequest *r) {
    const Session *s;
    Identity own;
    Refusal refusal;
    uint64_t lease;
    CeremonyFile challenge;
    CvkErr err;
    if (!begin_answer(r, &s, &own))
        return;
    if (!ceremony_come(app_ceremony(r), s, &refusal, &lease, &challenge, &err))
        reply_failed(r, &err);
    else if (refusal == REFUSAL_NOT_HOLDER || refusal == REFUSAL_WRONG_PHASE)
        reply_api_error(r, &not_your_turn);
    else
        reply_check_in(r, refusal, lease, &challenge);
}

#define CALL(fn, polled_)                                                                          \
    {                                                                                              \
        .on_headers = begin_call, .on_body = take_body, .on_end = (fn), .on_done = end_check_in,   \
        .polled = (polled_)                                                                        \
    }
const HttpHandler on_queue_join = CALL(join, false);
const HttpHandler on_queue_check_in = CALL(check_in, true);
const HttpHandler on_queue_leave = CALL(leave, false);
const HttpHandler on_start = CALL(start, false);
