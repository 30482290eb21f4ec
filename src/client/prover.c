#include "client/prover.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/name.h"
#include "base/sha256.h"

#include <string.h>
#include <unistd.h>

#define SMALL_S 120        /* a whole small answer */
#define VERIFY_STALL_S 600 /* a submission is answered only after verification */
#define FETCH_STALL_S 60
#define URL_MAX 1024

struct Prover {
    Asker asker;
    char url[URL_MAX]; /* no slash at the end */
    char id[LIMIT_PROVER_ID + 1];
};

Prover *prover_new(const char *url, const char *id, const ClientWorld *world, int64_t patience_s,
                   CvkErr *err) {
    Prover *p = cvk_alloc(1, sizeof *p, err);
    if (p == NULL)
        return NULL;
    p->asker = (Asker){.world = *world, .patience_ms = patience_s * 1000};
    size_t n = strlen(url);
    while (n > 0 && url[n - 1] == '/')
        n--;
    if (n >= sizeof p->url || strpbrk(url, "?#") != NULL) {
        cvk_fail(err, CVK_EBADREQ, "net.url", "the address is too long, or has a ? or # in it");
        return prover_free(p);
    }
    if (id[0] != '\0' && !cvk_name_ok(id, LIMIT_PROVER_ID)) {
        cvk_fail(err, CVK_EBADREQ, "prover.id",
                 "an id is 1 to %d letters, digits, _ and -: this is none", LIMIT_PROVER_ID);
        return prover_free(p);
    }
    memcpy(p->url, url, n);
    memcpy(p->id, id, strlen(id) + 1);
    return p;
}

Prover *prover_free(Prover *p) {
    free(p);
    return NULL;
}

/* ---- one answer ---- */

static bool is_later(void *ctx, const WebReply *r, CvkErr *err) {
    const Prover *p = ctx;
    ProverAnswer a;
    prover_answer_read(r, p->id, &a);
    if (a.kind == PROVER_LATER)
        cvk_fail(err, CVK_EBACKEND, "server.failed", "status %d: %s", a.status, a.text);
    return a.kind == PROVER_LATER;
}

static bool ask(Prover *p, WebRequest *rq, const char *doing, WebReply *ret, ProverAnswer *ret_a,
                CvkErr *err) {
    unsigned tries;
    const Question q = {.rq = rq, .doing = doing, .later = is_later, .ctx = p};
    ret->into.max = LIMIT_REPLY;
    if (!client_ask(&p->asker, &q, ret, &tries, err))
        return false;
    prover_answer_read(ret, p->id, ret_a);
    return true;
}

/* What is neither what was hoped for nor a no that the protocol knows. */
static bool fail_strange(const ProverAnswer *a, const char *doing, CvkErr *err) {
    return cvk_fail(err, CVK_EBACKEND, a->status == 404 ? "server.nothing" : "server.strange",
                    "%s: the server answers %d%s%s: is this the address of an experiment?", doing,
                    a->status, a->text[0] != '\0' ? " " : "", a->text);
}

/* ---- the two calls ---- */

typedef char CallUrl[URL_MAX + 128];

static void call_url(const Prover *p, const char *call, CallUrl ret) {
    snprintf(ret, sizeof(CallUrl), "%s/%s/?participant_id=%s", p->url, call, p->id);
}

bool prover_next(Prover *p, ProverTask *ret, ProverAnswer *ret_answer, CvkErr *err) {
    static const char doing[] = "asking for a batch";
    CallUrl url;
    WebReply reply = {0};
    call_url(p, "get_batch", url);
    WebRequest rq = {.method = "GET", .url = url, .total_s = SMALL_S};
    bool ok = ask(p, &rq, doing, &reply, ret_answer, err);
    if (ok && ret_answer->kind == PROVER_FINE)
        ok = prover_task_read(cvk_buf_str(&reply.into), reply.into.n, ret, err);
    else if (ok && ret_answer->kind != PROVER_STRANGER && ret_answer->kind != PROVER_FINISHED)
        ok = fail_strange(ret_answer, doing, err);
    cvk_buf_done(&reply.into);
    return ok;
}

/* `yes`: what the server says when it has taken it. A page of somebody on the way is a 200 too. */
static bool post(Prover *p, WebRequest *rq, const char *yes, ProverAnswer *ret_answer,
                 CvkErr *err) {
    static const char doing[] = "handing in";
    CallUrl url;
    WebReply reply = {0};
    call_url(p, "submit_proof", url);
    rq->method = "POST";
    rq->url = url;
    rq->stall_s = VERIFY_STALL_S;
    bool ok = ask(p, rq, doing, &reply, ret_answer, err);
    if (ok && ret_answer->kind == PROVER_FINE && !prover_answer_begins(&reply, yes))
        ret_answer->kind = PROVER_STRANGE;
    if (ok && (ret_answer->kind == PROVER_STRANGE || ret_answer->kind == PROVER_FINISHED))
        ok = fail_strange(ret_answer, doing, err);
    cvk_buf_done(&reply.into);
    return ok;
}

bool prover_submit(Prover *p, const char *body, size_t n, CvkProgress sending,
                   ProverAnswer *ret_answer, CvkErr *err) {
    WebRequest rq = {.body = body, .body_n = n, .sending = sending};
    return post(p, &rq, "proof submitted successfully", ret_answer, err);
}

bool prover_declare_failure(Prover *p, const char *body, size_t n, ProverAnswer *ret_answer,
                            CvkErr *err) {
    WebRequest rq = {.body = body, .body_n = n};
    return post(p, &rq, "failure recorded", ret_answer, err);
}

/* ---- files ---- */

char *prover_address(const Prover *p, const char *path, CvkErr *err) {
    size_t cap = strlen(p->url) + strlen(path) + 2;
    char *url = cvk_alloc(cap, 1, err);
    if (url != NULL)
        snprintf(url, cap, "%s/%s", p->url, path);
    return url;
}

/* An ETag that is 64 hex digits in quotes is taken for the sha256 of the file; any other says
 * nothing. */
static bool compare_digest(FILE *file, const char *etag, bool *ret_fits, CvkErr *err) {
    uint8_t told[SHA256_BYTES], has[SHA256_BYTES];
    size_t n = etag != NULL ? strlen(etag) : 0;
    *ret_fits = true;
    if (n != 2 * SHA256_BYTES + 2 || etag[0] != '"' || etag[n - 1] != '"' ||
        !cvk_hex_decode(etag + 1, sizeof told, told))
        return true;
    uint64_t size;
    rewind(file);
    if (!cvk_sha256_file(file, &size, has, err))
        return false;
    *ret_fits = memcmp(told, has, sizeof told) == 0;
    return true;
}

static bool empty(FILE *file, CvkErr *err) {
    rewind(file);
    return ftruncate(fileno(file), 0) == 0 ||
           cvk_fail_errno(err, "file.write", "cannot start the download again");
}

/* All of it, once. *ret_fits: its bytes are what the server says of them. */
static bool fetch_once(Prover *p, const char *url, FILE *file, CvkProgress receiving,
                       bool *ret_fits, CvkErr *err) {
    static const char doing[] = "fetching the batch";
    WebReply reply = {0};
    ProverAnswer answer;
    WebRequest rq = {.method = "GET",
                     .url = url,
                     .file = file,
                     .file_max = LIMIT_BATCH,
                     .resume = true,
                     .receiving = receiving,
                     .stall_s = FETCH_STALL_S};
    bool ok = ask(p, &rq, doing, &reply, &answer, err);
    if (ok && answer.status == 416)
        *ret_fits = false; /* it held more than there is */
    else if (ok && answer.kind != PROVER_FINE)
        ok = fail_strange(&answer, doing, err);
    else if (ok && fflush(file) != 0)
        ok = cvk_fail_errno(err, "file.write", "cannot store the batch");
    else if (ok)
        ok = compare_digest(file, web_reply_field(&reply, "ETag"), ret_fits, err);
    cvk_buf_done(&reply.into);
    return ok;
}

bool prover_fetch(Prover *p, const char *path, FILE *file, CvkProgress receiving, CvkErr *err) {
    bool fits = false;
    char *url = prover_address(p, path, err);
    if (url == NULL)
        return false;
    bool ok = fetch_once(p, url, file, receiving, &fits, err);
    if (ok && !fits)
        ok = empty(file, err) && fetch_once(p, url, file, receiving, &fits, err);
    free(url);
    if (ok && !fits)
        return cvk_fail(err, CVK_EBACKEND, "batch.digest",
                        "what the server sends is not the batch that it describes");
    return ok;
}
