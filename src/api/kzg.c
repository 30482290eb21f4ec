/* The participant's protocol of the Ethereum KZG ceremony: translation only. Statuses, codes and
 * texts are those that its clients know, so answers carry no further keys. check_in.c has the
 * wait for the turn. */
#include "api/app.h"

#include "base/alloc.h"
#include "codec/json_write.h"
#include "format/kzg_form.h"
#include "http/gate.h"

#include <stdlib.h>
#include <string.h>

const ApiError not_your_turn = {400, "ContributeError::NotUsersTurn",
                                "not your turn to participate"};

/* ---- POST /contribute ---- */

/* One upload, and the form that its Content-Type names. */
typedef struct {
    Upload *upload;
    KzgForm form;
    bool begun; /* its first byte has come */
} Post;

/* With any parameters. */
static bool form_of_type(const char *type, KzgForm *ret) {
    bool binary = type != NULL && http_name_is(type, strcspn(type, "; \t"), KZG_BINARY_TYPE);
    *ret = binary ? KZG_FORM_BINARY : KZG_FORM_JSON;
    return binary || is_json_type(type);
}

/* The headers of its body: 415 if it cannot be what we take. */
static bool take_type(HttpRequest *r, KzgForm *ret) {
    bool known = form_of_type(http_header(r, "Content-Type"), ret);
    if (!known)
        reply_api_error(r, &not_json);
    return known;
}

/* Content-Type said one form, the body is of the other, or empty. */
static void reply_wrong_form(HttpRequest *r, KzgForm said) {
    if (said == KZG_FORM_BINARY)
        http_reply_error(r, 400, "RequestError::InvalidBinary",
                         "Failed to parse the request body as " KZG_BINARY_TYPE
                         ": it does not begin as that form does");
    else
        http_reply_error(r, 400, "RequestError::InvalidJson",
                         "Failed to parse the request body as JSON: it begins as " KZG_BINARY_TYPE
                         ", which Content-Type must name");
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
    const App *app = http_app(r);
    Session session;
    CvkErr err;
    if (!find_session(r, &not_your_turn, &session))
        return;
    if (!ceremony_may_upload(app->ceremony, &session)) {
        reply_api_error(r, &not_your_turn);
        return;
    }
    KzgForm form;
    if (!take_type(r, &form))
        return;
    Post *post = cvk_alloc(1, sizeof *post, &err);
    http_set_data(r, post);
    if (post == NULL)
        reply_failed(r, &err);
    else if (!upload_begin(app->ceremony, &session, announced(r), &post->upload, &err))
        reply_upload_failed(r, &err);
    else
        post->form = form;
}

static void take_contribution(HttpRequest *r, const void *data, size_t n) {
    Post *post = http_data(r);
    CvkErr err;
    if (!post->begun && kzg_form_of(data, n) != post->form) {
        reply_wrong_form(r, post->form);
        return;
    }
    post->begun = true;
    if (!upload_write(post->upload, data, n, &err))
        reply_upload_failed(r, &err);
}

static const char *result_name(SubmitResult r) {
    switch (r) {
    case SUBMIT_ACCEPTED:
        return "accepted";
    case SUBMIT_NOT_YOURS:
        return "not-yours";
    case SUBMIT_NOT_JSON:
    case SUBMIT_NOT_BINARY:
        return "unreadable";
    case SUBMIT_WRONG_SHAPE:
        return "wrong-shape";
    case SUBMIT_STORED:
        return "stored";
    case SUBMIT_REFUSED:
        break;
    }
    return "refused";
}

static void reply_submit(HttpRequest *r, const Submit *s) {
    tell(r, "result", result_name(s->result));
    switch (s->result) {
    case SUBMIT_ACCEPTED:
        reply_accepted(r, s);
        break;
    case SUBMIT_NOT_YOURS:
    case SUBMIT_STORED: /* upload_finish does not answer it */
        reply_api_error(r, &not_your_turn);
        break;
    case SUBMIT_NOT_JSON:
        http_reply_error(r, 400, "RequestError::InvalidJson", s->text);
        break;
    case SUBMIT_NOT_BINARY:
        http_reply_error(r, 400, "RequestError::InvalidBinary", s->text);
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
    const Post *post = http_data(r);
    Submit submit;
    CvkErr err;
    if (!upload_finish(post->upload, &submit, &err)) {
        reply_failed(r, &err);
        return;
    }
    reply_submit(r, &submit);
    submit_done(&submit);
}

static void end_contribution(HttpRequest *r) {
    const Post *post = http_data(r);
    if (!post->begun && post->form == KZG_FORM_BINARY) {
        reply_wrong_form(r, post->form);
        return;
    }
    upload_whole(post->upload);
    http_job(r, LANE_TURN, judge_contribution);
}

static void forget_upload(HttpRequest *r, bool sent) {
    (void)sent;
    Post *post = http_data(r);
    if (post != NULL)
        upload_free(post->upload);
    free(post);
}

const HttpHandler on_contribute = {.on_headers = begin_contribution,
                                   .on_body = take_contribution,
                                   .on_end = end_contribution,
                                   .on_done = forget_upload};

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
        reply_ok(r, "turn", "aborted");
    else
        reply_api_error(r, &not_your_turn);
}

const HttpHandler on_abort = {.on_end = abort_contribution};

/* ---- GET /info/status ---- */

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

const HttpHandler on_status = {.on_end = info_status, .polled = true};
