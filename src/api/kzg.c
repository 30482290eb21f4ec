/* The participant's protocol of the Ethereum KZG ceremony: translation only. Statuses, codes and
 * texts are those that its clients know, so answers carry no further keys; what we add goes into
 * header fields. */
#include "api/app.h"

#include "base/alloc.h"
#include "codec/json_write.h"
#include "http/gate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const ApiError not_your_turn = {400, "ContributeError::NotUsersTurn",
                                       "not your turn to participate"};
static const ApiError no_such_session = {401, "TryContributeError::UnknownSessionId",
                                         "unknown session id"};

/* What one request holds on to: a lease whose challenge goes out, or an upload. */
typedef struct {
    uint64_t lease; /* 0: no challenge goes out */
    Upload *upload;
} Turn;

static Turn *turn_of(HttpRequest *r) {
    Turn *t = http_data(r);
    if (t != NULL)
        return t;
    CvkErr err;
    t = cvk_alloc(1, sizeof *t, &err);
    if (t == NULL)
        reply_failed(r, &err);
    http_set_data(r, t);
    return t;
}

static void end_turn(HttpRequest *r, bool sent) {
    const App *app = http_app(r);
    Turn *t = http_data(r);
    if (t == NULL)
        return;
    if (t->lease != 0 && sent)
        ceremony_challenge_sent(app->ceremony, t->lease);
    upload_free(t->upload);
    free(t);
}

/* ---- POST /lobby/try_contribute ---- */

/* How long to wait, and how many do: in header fields, as no client may see further keys. */
static void add_lobby_fields(HttpRequest *r, bool wait) {
    const App *app = http_app(r);
    CeremonyStatus status;
    char text[24];
    ceremony_status(app->ceremony, &status);
    snprintf(text, sizeof text, "%zu", status.lobby_size);
    http_reply_header(r, "X-Lobby-Size", text);
    if (!wait)
        return;
    snprintf(text, sizeof text, "%" PRId64, (status.view.policy.checkin_every_ms + 999) / 1000);
    http_reply_header(r, "Retry-After", text);
}

static const ApiError *refused_check_in(Refusal refusal) {
    static const ApiError busy = {200, "TryContributeError::AnotherContributionInProgress",
                                  "another contribution in progress"};
    static const ApiError early = {400, "TryContributeError::RateLimited",
                                   "call came too early. rate limited"};
    static const ApiError full = {400, "TryContributeError::LobbyIsFull", "lobby is full"};
    static const ApiError finished = {400, "TryContributeError::CeremonyFinished",
                                      "the ceremony is finished: it takes no more contributions"};
    static const ApiError closed = {400, "TryContributeError::CeremonyClosed",
                                    "the ceremony takes nobody new"};
    switch (refusal) {
    case REFUSAL_BUSY:
        return &busy;
    case REFUSAL_EARLY:
    case REFUSAL_COOLING:
        return &early;
    case REFUSAL_FULL:
        return &full;
    case REFUSAL_CLOSED:
    case REFUSAL_HANDED_OVER:
        return &closed;
    case REFUSAL_FINALIZED:
        return &finished;
    case REFUSAL_OUT:
    case REFUSAL_NOT_HOLDER:
    case REFUSAL_WRONG_PHASE: /* has uploaded: the session's turn is over */
    case REFUSAL_TURN_LIVE:
    case REFUSAL_UNKNOWN:
    case REFUSAL_NO_CHANGE:
        return &no_such_session;
    case REFUSAL_NONE:
    case REFUSAL_HOLDER_AGAIN:
    case REFUSAL_N:
        break;
    }
    return NULL;
}

static void try_contribute(HttpRequest *r) {
    const App *app = http_app(r);
    Session session;
    Refusal refusal;
    CeremonyFile challenge;
    CvkErr err;
    uint64_t lease;
    Turn *turn = turn_of(r);
    if (turn == NULL || !find_session(r, &no_such_session, &session) ||
        !take_rate(r, API_RATE_SIGNED_IN))
        return;
    if (!ceremony_check_in(app->ceremony, &session, &refusal, &lease, &challenge, &err)) {
        reply_failed(r, &err);
        return;
    }
    const ApiError *refused = refused_check_in(refusal);
    add_lobby_fields(r, refused != NULL && refused != &no_such_session);
    if (refused == NULL) {
        turn->lease = lease;
        http_reply_file(r, 200, "application/json", challenge.fd, challenge.size, challenge.etag);
        return;
    }
    reply_api_error(r, refused);
}

const HttpHandler on_try_contribute = {.on_end = try_contribute, .on_done = end_turn};

/* ---- POST /contribute ---- */

/* application/json or application/...+json, with any parameters. */
static bool is_json_type(const char *type) {
    if (type == NULL)
        return false;
    size_t n = strcspn(type, "; \t");
    return http_name_is(type, n, "application/json") ||
           (n > 17 && http_name_is(type, 12, "application/") &&
            http_name_is(type + n - 5, 5, "+json"));
}

static void reply_upload_failed(HttpRequest *r, const CvkErr *err) {
    static const ApiError many = {429, "RequestError::TooManyRequests",
                                  "too many uploads of yours are under way: wait for their end"};
    if (strcmp(err->id, "turn.not_yours") == 0) {
        reply_api_error(r, &not_your_turn);
    } else if (strcmp(err->id, "upload.many") == 0) {
        http_reply_header(r, "Retry-After", "30"); /* by then a dead one has been cut off */
        reply_api_error(r, &many);
    } else if (strcmp(err->id, "blob.big") == 0) {
        reply_too_large(r);
    } else {
        reply_failed(r, err);
    }
}

/* How many bytes the head promises; 0: it does not say. What is no length was refused before. */
static uint64_t announced(HttpRequest *r) {
    const char *length = http_header(r, "Content-Length");
    return length != NULL ? strtoull(length, NULL, 10) : 0;
}

static void begin_contribution(HttpRequest *r) {
    static const ApiError not_json = {415, "RequestError::UnsupportedMediaType",
                                      "Expected request with `Content-Type: application/json`"};
    const App *app = http_app(r);
    Session session;
    CvkErr err;
    if (!find_session(r, &not_your_turn, &session))
        return;
    if (!ceremony_may_upload(app->ceremony, &session)) {
        reply_api_error(r, &not_your_turn);
        return;
    }
    if (!is_json_type(http_header(r, "Content-Type"))) {
        reply_api_error(r, &not_json);
        return;
    }
    Turn *turn = turn_of(r);
    if (turn != NULL && !upload_begin(app->ceremony, &session, announced(r), &turn->upload, &err))
        reply_upload_failed(r, &err);
}

static void take_contribution(HttpRequest *r, const void *data, size_t n) {
    Turn *turn = http_data(r);
    CvkErr err;
    if (!upload_write(turn->upload, data, n, &err))
        reply_upload_failed(r, &err);
}

static void reply_submit(HttpRequest *r, const Submit *s) {
    switch (s->result) {
    case SUBMIT_ACCEPTED:
        reply_receipt(r, s->receipt, s->signature);
        break;
    case SUBMIT_NOT_YOURS:
    case SUBMIT_STORED: /* upload_finish does not answer it */
        reply_api_error(r, &not_your_turn);
        break;
    case SUBMIT_NOT_JSON:
        http_reply_error(r, 400, "RequestError::InvalidJson", s->text);
        break;
    case SUBMIT_WRONG_SHAPE:
        http_reply_error(r, 422, "RequestError::WrongShape", s->text);
        break;
    case SUBMIT_REFUSED:
        http_reply_error(r, 400, s->code, s->text);
        break;
    }
}

/* On a worker: seconds. */
static void judge_contribution(HttpRequest *r) {
    Turn *turn = http_data(r);
    Submit submit;
    CvkErr err;
    if (!upload_finish(turn->upload, &submit, &err)) {
        reply_failed(r, &err);
        return;
    }
    reply_submit(r, &submit);
    submit_done(&submit);
}

static void end_contribution(HttpRequest *r) {
    Turn *turn = http_data(r);
    upload_whole(turn->upload);
    http_job(r, judge_contribution);
}

const HttpHandler on_contribute = {.on_headers = begin_contribution,
                                   .on_body = take_contribution,
                                   .on_end = end_contribution,
                                   .on_done = end_turn};

/* ---- POST /contribution/abort, /contribute/abort ---- */

static void abort_contribution(HttpRequest *r) {
    const App *app = http_app(r);
    Session session;
    Refusal refusal;
    CvkErr err;
    if (!find_session(r, &not_your_turn, &session))
        return;
    if (!ceremony_abort(app->ceremony, &session, &refusal, &err))
        reply_failed(r, &err);
    else if (refusal == REFUSAL_NONE)
        http_reply(r, 200, "application/json", "{}", 2);
    else
        reply_api_error(r, &not_your_turn);
}

const HttpHandler on_abort = {.on_end = abort_contribution};

/* ---- GET /info/status, /info/current_state ---- */

static void info_status(HttpRequest *r) {
    const App *app = http_app(r);
    CeremonyStatus status;
    _cleanup_buf_ CvkBuf b = CVK_BUF(512);
    ceremony_status(app->ceremony, &status);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);
    json_object_begin(&w);
    json_put_key(&w, "lobby_size");
    json_put_uint(&w, status.lobby_size);
    json_put_key(&w, "num_contributions");
    json_put_uint(&w, status.view.contributions);
    json_put_key(&w, "sequencer_address");
    json_put_str(&w, node_address(app->node));
    json_object_end(&w);
    bool ok = json_finish(&w, NULL);
    reply_built(r, 200, "application/json", &b, ok);
}

const HttpHandler on_status = {.on_end = info_status};

static void send_transcript(HttpRequest *r) {
    const App *app = http_app(r);
    CeremonyFile file;
    CvkErr err;
    if (!ceremony_transcript(app->ceremony, &file, &err)) {
        reply_failed(r, &err);
        return;
    }
    http_reply_header(r, "Cache-Control", "no-cache"); /* keep it, but ask whether it is still so */
    http_reply_file(r, 200, "application/json", file.fd, file.size, file.etag);
}

static void current_state(HttpRequest *r) {
    const App *app = http_app(r);
    if (!take_rate(r, API_RATE_ANONYMOUS))
        return;
    if (ceremony_transcript_ready(app->ceremony))
        send_transcript(r);
    else
        http_job(r, send_transcript);
}

const HttpHandler on_current_state = {.on_end = current_state};
