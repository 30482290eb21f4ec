/* What a prover asks for: their batch (GET /get_batch) and its file (GET /static/...), and what
 * experiment this is. Which batch is whose is decided in run/experiment.h. */
#include "api/market.h"

#include "api/app.h"
#include "api/rates.h"
#include "base/alloc.h"
#include "base/hex.h"
#include "base/log.h"
#include "codec/json_write.h"
#include "codec/money.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT "text/plain; charset=utf-8"
#define RETRY_S 5

const char *const market_outcome_names[MARKET_OUTCOMES_N] = {
    [MARKET_ACCEPTED] = "accepted",   [MARKET_REPEATED] = "repeated",
    [MARKET_INVALID] = "invalid",     [MARKET_NO_REQUEST] = "no-request",
    [MARKET_BAD_FIELD] = "bad-field", [MARKET_MALFORMED] = "malformed",
    [MARKET_TOO_LARGE] = "too-large", [MARKET_FAILURE] = "failure",
    [MARKET_ERROR] = "error",         [MARKET_BUSY] = "busy",
};

Market *market_api_new(Experiment *e, CvkErr *err) {
    Market *m = cvk_alloc(1, sizeof *m, err);
    if (m == NULL)
        return NULL;
    m->experiment = e;
    pthread_mutex_init(&m->lock, NULL);
    return m;
}

Market *market_api_free(Market *m) {
    if (m != NULL)
        pthread_mutex_destroy(&m->lock);
    free(m);
    return NULL;
}

Market *app_market(const HttpRequest *r) {
    const App *app = http_app(r);
    return app->market;
}

/* ---- answers ---- */

void market_reply(HttpRequest *r, unsigned status, const char *fmt, ...) {
    char text[512];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    http_reply(r, status, TEXT, text, n < 0 ? 0 : strlen(text));
}

void market_reply_busy(HttpRequest *r, int64_t retry_s) {
    char seconds[24];
    snprintf(seconds, sizeof seconds, "%" PRId64, retry_s);
    http_reply_header(r, "Retry-After", seconds);
    market_reply(r, 503, "busy");
}

void market_reply_failed(HttpRequest *r, const CvkErr *err) {
    char req[24];
    snprintf(req, sizeof req, "%" PRIu64, http_number(r));
    cvk_log(LOG_ERROR, "market.failed", "req", req, "error", err->id, "message", err->msg, NULL);
    market_reply(r, 500, "server error");
}

static bool is_ours(const HttpRequest *r, const HttpRoute *route) {
    const App *app = http_app(r);
    const char *path = http_path(r);
    if (app->market == NULL || app->ceremony == NULL || route != NULL)
        return app->market != NULL && (app->ceremony == NULL || route->class_ == COUNT_MARKET);
    path += strspn(path, "/");
    return strncmp(path, "static", 6) == 0 && (path[6] == '/' || path[6] == '\0');
}

void market_reword(HttpRequest *r, HttpRefusal why, const HttpRoute *route) {
    if (!is_ours(r, route))
        return;
    switch (why) {
    case HTTP_NO_PATH:
        market_reply(r, 404, "not found");
        break;
    case HTTP_NO_METHOD:
        market_reply(r, 405, "method not allowed");
        break;
    case HTTP_TOO_LARGE:
        market_reply(r, 413, "request body too large");
        break;
    case HTTP_ENCODED:
        market_reply(r, 415, "content encoding not supported");
        break;
    case HTTP_BUSY:
    case HTTP_STOPPING: /* its Retry-After is set */
        market_reply(r, 503, "busy");
        break;
    }
}

/* ---- who asks ---- */

static bool is_id(const char *id) {
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return id[0] != '\0' && id[strspn(id, allowed)] == '\0';
}

/* What cannot be an id is not told again. */
uint32_t market_participant(HttpRequest *r) {
    static const char name[] = "participant_id";
    Market *m = app_market(r);
    char id[PROVER_ID_MAX + 1];
    bool formed = http_query_get(r, name, id, sizeof id) == FORM_FOUND && is_id(id) &&
                  http_query_count(r, name) == 1;
    uint32_t who = formed ? experiment_who(m->experiment, id, strlen(id)) : 0;
    if (who == 0) {
        atomic_fetch_add(&m->strangers, 1);
        market_reply(r, 422, "participant %s does not exist", formed ? id : "");
    }
    return who;
}

/* ---- GET /get_batch ---- */

static void reply_batch(HttpRequest *r, const OpenRequest *open) {
    char text[256], price[MONEY_TEXT_MAX] = "";
    if (open->posted_price >= 0)
        money_text(open->posted_price, price);
    int n =
        snprintf(text, sizeof text, "{\"batch_file\": \"%s\", \"request_id\": %" PRIu64 "%s%s}",
                 open->path, open->request, price[0] != '\0' ? ", \"posted_price\": " : "", price);
    http_reply(r, 200, "application/json", text, (size_t)n);
}

/* Not NEXT_NEW. */
static void reply_next(HttpRequest *r, uint32_t who, MarketNext next, const OpenRequest *open) {
    switch (next) {
    case NEXT_OPEN:
        reply_batch(r, open);
        break;
    case NEXT_FINISHED:
        market_reply(r, 429, "no more batches left to prove");
        break;
    case NEXT_STRANGER: /* not allowed any more, since they were looked up */
        if (market_participant(r) == who)
            market_reply_busy(r, RETRY_S);
        break;
    case NEXT_NEW:
        market_reply_busy(r, RETRY_S);
        break;
    }
}

/* On a worker: a transaction. */
static void issue(HttpRequest *r) {
    MarketNext next;
    OpenRequest open;
    CvkErr err;
    uint32_t who = market_participant(r);
    if (who == 0)
        return;
    if (!experiment_get_batch(app_market(r)->experiment, who, &next, &open, &err))
        market_reply_failed(r, &err);
    else
        reply_next(r, who, next, &open);
}

static void get_batch(HttpRequest *r) {
    OpenRequest open;
    uint32_t who = market_participant(r);
    if (who == 0)
        return;
    MarketNext next = experiment_peek(app_market(r)->experiment, who, &open);
    if (next == NEXT_NEW)
        http_job(r, issue);
    else
        reply_next(r, who, next, &open);
}

const HttpHandler on_get_batch = {.on_end = get_batch, .polled = true};

/* ---- GET /static/... ---- */

typedef struct {
    uint64_t request, size;
} Download;

/* On a worker: it is looked up, and opened. */
static void send_file(HttpRequest *r) {
    BatchFile file;
    CvkErr err;
    Download *d = http_data(r);
    if (experiment_file(app_market(r)->experiment, http_tail(r), &file, &err)) {
        *d = (Download){file.request, file.size};
        http_reply_file(r, 200, "application/octet-stream", file.fd, file.size, file.etag);
    } else if (err.code == CVK_ENOTFOUND) {
        market_reply(r, 404, "not found");
    } else {
        market_reply_failed(r, &err);
    }
}

static void get_file(HttpRequest *r) {
    CvkErr err;
    Download *d = cvk_alloc(1, sizeof *d, &err);
    http_set_data(r, d);
    if (d != NULL)
        http_job(r, send_file);
    else
        market_reply_failed(r, &err);
}

static void end_file(HttpRequest *r, bool sent) {
    Download *d = http_data(r);
    Market *m = app_market(r);
    uint64_t at, n;
    if (d != NULL && http_sent_part(r, sent, &at, &n)) {
        atomic_fetch_add(&m->file_bytes, n);
        if (d->request != 0)
            experiment_file_sent(m->experiment, d->request, at, n, d->size);
    }
    free(d);
}

const HttpHandler on_batch_file = {.on_end = get_file, .on_done = end_file};

/* ---- GET /experiment ---- */

static void experiment_info(HttpRequest *r) {
    Experiment *e = app_market(r)->experiment;
    const MarketRules *rules = experiment_rules(e);
    MarketCounts counts;
    char hash[65];
    _cleanup_buf_ CvkBuf b = CVK_BUF(1024);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);
    experiment_counts(e, &counts);
    cvk_hex_encode(experiment_hash(e), 32, hash);
    json_object_begin(&w);
    json_field_str(&w, "experiment", experiment_name(e));
    json_field_str(&w, "rules_sha256", hash);
    json_field_uint(&w, "batches", counts.batches - counts.retired);
    json_field_uint(&w, "open_requests", rules->open_max);
    json_field_int(&w, "request_ttl_ms", rules->request_ttl_ms);
    json_field_uint(&w, "attempts_per_minute", rules->attempts_per_minute);
    json_field_uint(&w, "body_bytes_max", LIMIT_SUBMISSION);
    json_field_uint(&w, "extra_bytes_max", MARKET_EXTRA_MAX);
    json_object_end(&w);
    bool ok = json_finish(&w, NULL);
    reply_built(r, 200, "application/json", &b, ok);
}

const HttpHandler on_experiment = {.on_end = experiment_info, .polled = true};
