#include "client/kzg.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "client/kzg_private.h"
#include "client/kzg_wait.h"
#include "client/retry.h"
#include "format/kzg_form.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#define POLL_MS 30000      /* what the protocol expects where the server does not say */
#define VERIFY_STALL_S 300 /* an upload is answered only after verification */
#define TURN_STALL_S 120   /* a poll may be kept until the turn comes */

static const char ASKING[] = "asking for the turn";
/* What we can read of a challenge. Servers of the original protocol send JSON whatever we say. */
static const char FORMS[] = KZG_BINARY_TYPE ", application/json;q=0.9";

KzgClient *kzg_client_new(const char *url, const ClientWorld *world, CvkErr *err) {
    KzgClient *c = cvk_alloc(1, sizeof *c, err);
    if (c == NULL)
        return NULL;
    c->asker.world = *world;
    size_t n = strlen(url);
    while (n > 0 && url[n - 1] == '/')
        n--;
    if (n >= sizeof c->url || strpbrk(url, "?#") != NULL) {
        cvk_fail(err, CVK_EBADREQ, "net.url", "the address is too long, or has a ? or # in it");
        return kzg_client_free(c);
    }
    memcpy(c->url, url, n);
    return c;
}

KzgClient *kzg_client_free(KzgClient *c) {
    free(c);
    return NULL;
}

bool kzg_client_use_session(KzgClient *c, const char *session, CvkErr *err) {
    size_t n = strlen(session);
    if (n != sizeof c->session - 1 || strspn(session, "0123456789abcdef-") != n)
        return cvk_fail(err, CVK_EBADREQ, "session.text",
                        "a session looks like 504d898c-e975-4e13-9a48-4f8b95d754fb");
    memcpy(c->session, session, n + 1);
    return true;
}

const char *kzg_client_session(const KzgClient *c) {
    return c->session;
}

static bool is_overload(void *ctx, const WebReply *r, CvkErr *err) {
    const Question *q = ctx;
    KzgReplyMeaning meaning;
    kzg_reply_read(r, &meaning);
    if (meaning.kind == KZG_REPLY_OVERLOAD)
        kzg_reply_fail(&meaning, q->doing, err);
    return meaning.kind == KZG_REPLY_OVERLOAD;
}

bool kzg_client_ask(KzgClient *c, const WebRequest *rq, const char *doing, WebReply *ret,
                    KzgReplyMeaning *ret_meaning, unsigned *ret_tries, CvkErr *err) {
    Question q = {.rq = rq, .doing = doing, .later = is_overload, .ctx = &q};
    if (!client_ask(&c->asker, &q, ret, ret_tries, err))
        return false;
    kzg_reply_read(ret, ret_meaning);
    return true;
}

bool kzg_client_get(KzgClient *c, const char *path, const char *doing, WebReply *ret,
                    KzgReplyMeaning *ret_meaning, CvkErr *err) {
    char url[KZG_CLIENT_URL_MAX + 1024];
    unsigned tries;
    snprintf(url, sizeof url, "%s%s", c->url, path);
    WebRequest rq = {.method = "GET", .url = url, .total_s = KZG_CLIENT_SMALL_S};
    ret->into.max = LIMIT_REPLY;
    return kzg_client_ask(c, &rq, doing, ret, ret_meaning, &tries, err);
}

/* ---- the turn ---- */

static bool post(KzgClient *c, const char *path, WebRequest rq, size_t max, const char *doing,
                 WebReply *ret, KzgReplyMeaning *ret_meaning, unsigned *ret_tries, CvkErr *err) {
    char url[1200];
    snprintf(url, sizeof url, "%s%s", c->url, path);
    rq.method = "POST";
    rq.url = url;
    rq.bearer = c->session;
    ret->into.max = max;
    return kzg_client_ask(c, &rq, doing, ret, ret_meaning, ret_tries, err);
}

static bool may_wait(KzgReplyKind kind) {
    return kind == KZG_REPLY_BUSY || kind == KZG_REPLY_EARLY || kind == KZG_REPLY_LOBBY_FULL;
}

/* What the person sees of an answer that means to wait. */
static void tell_wait(KzgClient *c, const char *text, int64_t wait_ms) {
    char line[KZG_WAIT_TEXT + 48];
    if (c->asker.world.waits == NULL)
        return;
    snprintf(line, sizeof line, "%s; asking again in %lld s", text,
             (long long)(wait_ms + 999) / 1000);
    c->asker.world.waits(c->asker.world.ctx, line);
}

/* A busy answer may take its time: a server with a queue keeps the poll of who is next until it is
 * their turn, some half a minute at most. */
static bool ask_turn(KzgClient *c, CvkProgress receiving, size_t max, WebReply *ret,
                     KzgReplyMeaning *ret_meaning, CvkErr *err) {
    unsigned tries;
    WebRequest rq = {.accept = FORMS, .receiving = receiving, .stall_s = TURN_STALL_S};
    return post(c, "/lobby/try_contribute", rq, max, ASKING, ret, ret_meaning, &tries, err);
}

bool kzg_client_wait_turn(KzgClient *c, bool ask_once, CvkProgress receiving, CvkBuf *ret_challenge,
                          CvkErr *err) {
    const ClientWorld *w = &c->asker.world;
    for (;;) {
        WebReply reply = {0};
        KzgReplyMeaning meaning;
        KzgWait wait;
        char text[KZG_WAIT_TEXT];
        bool ok = ask_turn(c, receiving, ret_challenge->max, &reply, &meaning, err);
        if (ok && meaning.kind == KZG_REPLY_CHALLENGE) {
            cvk_buf_done(ret_challenge);
            *ret_challenge = reply.into;
            return true;
        }
        cvk_buf_done(&reply.into);
        if (!ok)
            return false;
        if (!may_wait(meaning.kind))
            return kzg_reply_fail(&meaning, ASKING, err);
        kzg_wait_read(&reply, &wait);
        kzg_wait_text(meaning.kind, &wait, text);
        if (ask_once)
            return cvk_fail(err, CVK_ECONFLICT, "turn.busy", "%s: try later", text);
        int64_t wait_ms = retry_after_ms(reply.retry_after_s, POLL_MS);
        tell_wait(c, text, wait_ms);
        w->sleep_ms(w->ctx, wait_ms);
    }
}

bool kzg_client_submit(KzgClient *c, const char *response, size_t n, CvkProgress sending,
                       CvkBuf *ret_json, KzgReceiptAnswer *ret, CvkErr *err) {
    static const char doing[] = "handing in";
    WebReply reply = {0};
    KzgReplyMeaning meaning;
    unsigned tries;
    WebRequest rq = {.body = response,
                     .body_n = n,
                     .type = kzg_form_type(kzg_form_of(response, n)),
                     .sending = sending,
                     .stall_s = VERIFY_STALL_S};
    bool ok = post(c, "/contribute", rq, LIMIT_REPLY, doing, &reply, &meaning, &tries, err);
    if (ok && meaning.kind == KZG_REPLY_NOT_YOUR_TURN && tries > 1)
        ok = cvk_fail(err, CVK_ECONFLICT, "turn.not_yours",
                      "the answer to an earlier try was lost, and now it is not your turn: the "
                      "contribution may have been accepted");
    else if (ok && meaning.kind != KZG_REPLY_OK)
        ok = kzg_reply_fail(&meaning, doing, err);
    JsonMemory memory = {.data = cvk_buf_str(&reply.into), .n = reply.into.n};
    if (ok && !kzg_receipt_answer_read(json_from_memory(&memory), ret, err))
        ok = cvk_fail_prefix(err, "the server's answer is no receipt");
    if (ok)
        *ret_json = reply.into;
    else
        cvk_buf_done(&reply.into);
    return ok;
}

bool kzg_client_abort(KzgClient *c, CvkErr *err) {
    static const char doing[] = "giving up the turn";
    static const char *const paths[] = {"/contribution/abort", "/contribute/abort"};
    WebReply reply = {0};
    KzgReplyMeaning meaning = {0};
    unsigned tries;
    bool ok = true;
    for (size_t i = 0; ok && i < 2; i++) { /* the original server has only the second */
        ok = post(c, paths[i], (WebRequest){.total_s = KZG_CLIENT_SMALL_S}, LIMIT_REPLY, doing,
                  &reply, &meaning, &tries, err);
        if (meaning.status != 404)
            break;
    }
    if (ok && meaning.kind != KZG_REPLY_OK)
        ok = kzg_reply_fail(&meaning, doing, err);
    cvk_buf_done(&reply.into);
    return ok;
}

/* ---- what anybody may ask ---- */

static bool read_status(const WebReply *reply, KzgStatus *ret) {
    char address[64];
    json_t *doc = json_loadb(cvk_buf_str(&reply->into), reply->into.n, 0, NULL);
    const json_t *lobby = json_object_get(doc, "lobby_size");
    const json_t *n = json_object_get(doc, "num_contributions");
    bool ok = json_is_integer(lobby) && json_is_integer(n) &&
              kzg_reply_string(reply, NULL, "sequencer_address", address, sizeof address) &&
              eth_address_parse(address, ret->address);
    ret->lobby_size = (uint64_t)json_integer_value(lobby);
    ret->contributions = (uint64_t)json_integer_value(n);
    json_decref(doc);
    return ok;
}

bool kzg_client_status(KzgClient *c, KzgStatus *ret, CvkErr *err) {
    WebReply reply = {0};
    KzgReplyMeaning meaning;
    bool ok = kzg_client_get(c, "/info/status", "asking for the status", &reply, &meaning, err);
    if (ok && meaning.kind != KZG_REPLY_OK)
        ok = kzg_reply_fail(&meaning, "asking for the status", err);
    if (ok && !read_status(&reply, ret)) {
        meaning.kind = KZG_REPLY_STRANGE;
        ok = kzg_reply_fail(&meaning, "asking for the status", err);
    }
    cvk_buf_done(&reply.into);
    return ok;
}

bool kzg_client_transcript(KzgClient *c, FILE *into, CvkProgress receiving, CvkErr *err) {
    static const char doing[] = "fetching the transcript";
    char url[1200];
    WebReply reply = {.into = CVK_BUF(LIMIT_REPLY)};
    KzgReplyMeaning meaning;
    unsigned tries;
    snprintf(url, sizeof url, "%s/info/current_state", c->url);
    WebRequest rq = {.method = "GET",
                     .url = url,
                     .file = into,
                     .file_max = LIMIT_TRANSCRIPT,
                     .gzip = true,
                     .receiving = receiving,
                     .stall_s = VERIFY_STALL_S};
    bool ok = kzg_client_ask(c, &rq, doing, &reply, &meaning, &tries, err);
    if (ok && reply.status != 200)
        ok = kzg_reply_fail(&meaning, doing, err);
    cvk_buf_done(&reply.into);
    if (ok && fflush(into) != 0)
        ok = cvk_fail_errno(err, "file.write", "cannot store the transcript");
    return ok;
}
