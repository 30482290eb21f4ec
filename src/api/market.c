/* What a prover asks for: their batch (GET /get_batch) and its file (GET /static/...), and what
 * experiment this is. Which batch is whose is decided in run/experiment.h. */
#include "api/market.h"

#include "api/app.h"
#include "api/rates.h"
#include "base/alloc.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/name.h"
#include "codec/json_write.h"
#include "codec/money.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT "text/plain; charset=utf-8"
#define RETRY_S 5
#define SOON_S 1

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

/* ---- how many at once ---- */

bool market_take_place(Market *m, uint32_t *places, size_t n, size_t each, uint32_t who) {
    size_t own = 0, free_at = n;
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < n; i++) {
        own += places[i] == who;
        if (places[i] == 0)
            free_at = i;
    }
    bool room = own < each && free_at < n;
    if (room)
        places[free_at] = who;
    pthread_mutex_unlock(&m->lock);
    return room;
}

void market_leave_place(Market *m, uint32_t *places, uint32_t who) {
    pthread_mutex_lock(&m->lock);
    size_t i = 0;
    while (places[i] != who) /* it is there */
        i++;
    places[i] = 0;
    pthread_mutex_unlock(&m->lock);
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

/* ret_id: what can be an id, or "": nothing else is told again. */
static uint32_t look_up(HttpRequest *r, char ret_id[LIMIT_PROVER_ID + 1]) {
    static const char name[] = "participant_id";
    if (http_query_get(r, name, ret_id, LIMIT_PROVER_ID + 1) != FORM_FOUND ||
        !cvk_name_ok(ret_id, LIMIT_PROVER_ID) || http_query_count(r, name) != 1) {
        ret_id[0] = '\0';
        return 0;
    }
    return experiment_who(app_market(r)->experiment, ret_id, strlen(ret_id));
}

static void refuse_stranger(HttpRequest *r, const char *id) {
    atomic_fetch_add(&app_market(r)->strangers, 1);
    market_reply(r, 422, "participant %s does not exist", id);
}

uint32_t market_participant(HttpRequest *r) {
    char id[LIMIT_PROVER_ID + 1];
    uint32_t who = look_up(r, id);
    if (who == 0)
        refuse_stranger(r, id);
    return who;
}

uint32_t market_participant_soon(HttpRequest *r) {
    char id[LIMIT_PROVER_ID + 1];
    bool current = experiment_is_current(app_market(r)->experiment); /* asked first */
    uint32_t who = look_up(r, id);
    if (who == 0 && (current || id[0] == '\0'))
        refuse_stranger(r, id);
    else if (who == 0)
        market_reply_busy(r, SOON_S);
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

/* From memory; `otherwise` does what takes a transaction. */
static void answer_batch(HttpRequest *r, void (*otherwise)(HttpRequest *r, uint32_t who)) {
    OpenRequest open;
    uint32_t who = market_participant(r);
    if (who == 0)
        return;
    MarketNext next = experiment_peek(app_market(r)->experiment, who, &open);
    if (next == NEXT_NEW)
        otherwise(r, who);
    else
        reply_next(r, who, next, &open);
}

/* On a worker. */
static void issue(HttpRequest *r, uint32_t who) {
    MarketNext next;
    OpenRequest open;
    CvkErr err;
    if (!experiment_get_batch(app_market(r)->experiment, who, &next, &open, &err))
        market_reply_failed(r, &err);
    else
        reply_next(r, who, next, &open);
}

/* The same: whoever wrote meanwhile, an operator's command or ourselves, memory follows first. */
static void get_batch_anew(HttpRequest *r) {
    CvkErr err;
    if (!experiment_make_current(app_market(r)->experiment, &err))
        market_reply_failed(r, &err);
    else
        answer_batch(r, issue);
}

/* `who` may not be theirs any more by then. */
static void ask_later(HttpRequest *r, uint32_t who) {
    Market *m = app_market(r);
    CvkErr err;
    uint32_t *place = cvk_alloc(1, sizeof *place, &err);
    http_set_data(r, place);
    if (place == NULL) {
        market_reply_failed(r, &err);
    } else if (!market_take_place(m, m->asking, LIMIT_JOBS, LIMIT_ASKING_EACH, who)) {
        market_reply_busy(r, SOON_S);
    } else {
        *place = who;
        http_job(r, LANE_COMMIT, get_batch_anew);
    }
}

/* Whom memory does not know shares the places of all of these. */
static void get_batch(HttpRequest *r) {
    char id[LIMIT_PROVER_ID + 1];
    if (experiment_is_current(app_market(r)->experiment)) {
        answer_batch(r, ask_later);
        return;
    }
    uint32_t who = look_up(r, id);
    ask_later(r, who != 0 ? who : UINT32_MAX);
}

static void end_asking(HttpRequest *r, bool sent) {
    (void)sent;
    Market *m = app_market(r);
    uint32_t *place = http_data(r);
    if (place != NULL && *place != 0)
        market_leave_place(m, m->asking, *place);
    free(place);
}

const HttpHandler on_get_batch = {.on_end = get_batch, .on_done = end_asking, .polled = true};

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
        http_job(r, LANE_FILE, send_file);
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
    json_field_uint(&w, "extra_bytes_max", LIMIT_MARKET_EXTRA);
    json_object_end(&w);
    bool ok = json_finish(&w, NULL);
    reply_built(r, 200, "application/json", &b, ok);
}

const HttpHandler on_experiment = {.on_end = experiment_info, .polled = true};
