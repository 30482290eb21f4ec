/* GET /metrics: numbers for Prometheus, text format 0.0.4 (docs/METRICS.md has the table). Nothing
 * here names a person: what a number is of is a route's class, a phase or a status. */
#include "api/app.h"
#include "api/process.h"
#include "http/counters.h"
#include "run/vitals.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define METRICS_MAX (64u << 10)

/* ---- the text; a failure is kept to the end ---- */

typedef struct {
    CvkBuf b;
    bool failed;
} Page;

static void add(Page *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void add(Page *p, const char *fmt, ...) {
    char line[512];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    p->failed = p->failed || n < 0 || (size_t)n >= sizeof line ||
                !cvk_buf_add(&p->b, line, (size_t)n, NULL);
}

/* What is said once, before a metric's samples. */
static void head(Page *p, const char *name, const char *type, const char *help) {
    add(p, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(Page *p, const char *name, uint64_t v, const char *help) {
    head(p, name, "gauge", help);
    add(p, "%s %" PRIu64 "\n", name, v);
}

static void counter(Page *p, const char *name, uint64_t v, const char *help) {
    head(p, name, "counter", help);
    add(p, "%s %" PRIu64 "\n", name, v);
}

static void seconds(Page *p, const char *name, const char *type, double v, const char *help) {
    head(p, name, type, help);
    add(p, "%s %.3f\n", name, v);
}

static void sample(Page *p, const char *name, const char *label, const char *value, uint64_t v) {
    add(p, "%s{%s=\"%s\"} %" PRIu64 "\n", name, label, value, v);
}

/* n_bounds bounds in seconds; n[i] were at most bounds[i] and more than the one before. */
typedef struct {
    size_t n_bounds;
    double bounds[16];
    const uint64_t *n;
    double sum;
} Histogram;

static void histogram(Page *p, const char *name, const Histogram *h, const char *help) {
    uint64_t so_far = 0;
    head(p, name, "histogram", help);
    for (size_t i = 0; i < h->n_bounds; i++) {
        so_far += h->n[i];
        add(p, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, h->bounds[i], so_far);
    }
    so_far += h->n[h->n_bounds];
    add(p, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, so_far);
    add(p, "%s_sum %.6f\n%s_count %" PRIu64 "\n", name, h->sum, name, so_far);
}

/* ---- the ceremony ---- */

static void add_ends(Page *p, const EngineView *v) {
    static const char name[] = "convoke_turn_ends_total";
    head(p, name, "counter", "Turns that have ended, by how.");
    sample(p, name, "outcome", "accepted", v->contributions);
    sample(p, name, "outcome", "refused", v->refused);
    sample(p, name, "outcome", "expired", v->expired);
    sample(p, name, "outcome", "aborted", v->aborted);
}

static void add_mode(Page *p, const EngineView *v) {
    static const char name[] = "convoke_mode";
    head(p, name, "gauge", "1 for what the operator has set.");
    for (int m = 0; m < MODE_N; m++)
        sample(p, name, "mode", mode_name((Mode)m), v->mode == (Mode)m);
}

static void add_phase(Page *p, const EngineView *v) {
    static const char name[] = "convoke_phase";
    bool live = v->lease.number != 0, ends = live && v->lease.deadline_ms != INT64_MAX;
    head(p, name, "gauge", "1 for what the turn is at.");
    sample(p, name, "phase", "free", !live);
    for (int i = 0; i < PHASE_N; i++)
        sample(p, name, "phase", phase_name((Phase)i), live && v->lease.phase == (Phase)i);
    seconds(p, "convoke_phase_deadline_timestamp_seconds", "gauge",
            ends ? (double)v->lease.deadline_ms / 1e3 : 0,
            "When the phase of the turn under way ends, since 1970; 0 = it does not.");
}

static void add_ceremony(Page *p, const App *app) {
    CeremonyStatus s;
    ceremony_status(app->ceremony, &s);
    head(p, "convoke_ceremony_info", "gauge", "Which ceremony this is.");
    add(p, "convoke_ceremony_info{name=\"%s\",kind=\"%s\"} 1\n", ceremony_name(app->ceremony),
        ceremony_kind(app->ceremony));
    counter(p, "convoke_journal_entries_total", feed_newest(ceremony_feed(app->ceremony)),
            "Entries of the journal.");
    counter(p, "convoke_contributions_total", s.view.contributions, "Contributions accepted.");
    counter(p, "convoke_turns_total", s.view.leases, "Turns given.");
    add_ends(p, &s.view);
    counter(p, "convoke_participants_total", s.view.participants,
            "People who had a place or a turn.");
    gauge(p, "convoke_waiting", s.lobby_size, "People who wait in the lobby or queue.");
    add_mode(p, &s.view);
    add_phase(p, &s.view);
    gauge(p, "convoke_finalized", s.view.finalized, "1 once the ceremony is finished.");
    gauge(p, "convoke_handed_over", s.view.handed_over, "1 once it is another server's.");
    seconds(p, "convoke_turn_mean_seconds", "gauge", (double)s.view.turns.mean_ms / 1e3,
            "From one turn's end to the next, over the newest turns.");
}

/* ---- the server ---- */

static void add_verifications(Page *p, const char *name, const VerifyTimes *v, const char *help) {
    Histogram h = {.n_bounds = VERIFY_BOUNDS, .n = v->n, .sum = (double)v->sum_ms / 1e3};
    for (size_t i = 0; i < VERIFY_BOUNDS; i++)
        h.bounds[i] = (double)verify_bounds_ms[i] / 1e3;
    histogram(p, name, &h, help);
}

static void add_vitals(Page *p, const App *app) {
    CeremonyVitals c;
    ceremony_vitals(app->ceremony, &c);
    add_verifications(p, "convoke_verification_seconds", &c.verify,
                      "How long verifying a contribution took.");
    gauge(p, "convoke_signed_head_entries", c.head_entries,
          "Entries of the journal under its newest signed head.");
    gauge(p, "convoke_sessions", c.sessions, "Sessions that have not ended.");
    gauge(p, "convoke_parked_polls", c.parked, "Polls that sleep until their turn.");
    gauge(p, "convoke_streams", stream_gate_count(app->streams), "Streams of events open.");
}

static void add_server(Page *p, const App *app) {
    NodeVitals n;
    node_vitals(app->node, &n);
    head(p, "convoke_build_info", "gauge", "Which convoke this is.");
    sample(p, "convoke_build_info", "version", CONVOKE_VERSION, 1);
    gauge(p, "convoke_healthy", node_health(app->node) == HEALTH_OK, "1 while /health is 200.");
    gauge(p, "convoke_jobs_waiting", n.jobs, "Jobs that wait for a worker.");
    gauge(p, "convoke_database_bytes", n.database, "Size of the database.");
    gauge(p, "convoke_wal_bytes", n.wal, "Size of its write-ahead log.");
    gauge(p, "convoke_disk_free_bytes", n.disk_free, "Space left where the directory is.");
}

/* ---- the prover market ---- */

static void add_market_requests(Page *p, const MarketCounts *c) {
    static const char name[] = "convoke_market_requests";
    head(p, name, "gauge", "Requests, by what has become of them.");
    sample(p, name, "state", request_state_name(REQUEST_OPEN), c->open);
    sample(p, name, "state", request_state_name(REQUEST_DONE), c->done);
    sample(p, name, "state", request_state_name(REQUEST_EXPIRED), c->expired);
    sample(p, name, "state", request_state_name(REQUEST_SKIPPED), c->skipped);
    seconds(p, "convoke_market_oldest_open_timestamp_seconds", "gauge",
            (double)c->oldest_open_ms / 1e3,
            "When the oldest open request was handed out, since 1970; 0 = none is open.");
}

static void add_submissions(Page *p, Market *m) {
    static const char name[] = "convoke_market_submissions_total";
    head(p, name, "counter", "Submissions that were answered, by how, since the start.");
    for (size_t i = 0; i < MARKET_OUTCOMES_N; i++)
        sample(p, name, "result", market_outcome_names[i], m->outcomes[i]);
    counter(p, "convoke_market_strangers_total", m->strangers,
            "Requests with a participant's id that is nobody's.");
    counter(p, "convoke_market_proof_bytes_total", m->proof_bytes, "Bytes of proofs that came.");
    counter(p, "convoke_market_file_bytes_total", m->file_bytes,
            "Bytes of batches and examples that went out.");
    gauge(p, "convoke_market_uploads", market_uploads(m),
          "Submissions that arrive or are verified.");
}

static void add_proofs(Page *p, Market *m) {
    static const char name[] = "convoke_market_proofs_total";
    ExperimentVitals v;
    experiment_vitals(m->experiment, &v);
    head(p, name, "counter", "Proofs that were judged, by verdict, since the start.");
    for (size_t i = 0; i < PROOF_VERDICTS_N; i++)
        sample(p, name, "verdict", proof_verdict_name((ProofVerdict)i), v.verdicts[i]);
    add_verifications(p, "convoke_market_verification_seconds", &v.verify,
                      "How long judging a proof took.");
}

static void add_market(Page *p, Market *m) {
    MarketCounts c;
    experiment_counts(m->experiment, &c);
    head(p, "convoke_experiment_info", "gauge", "Which prover market this is.");
    sample(p, "convoke_experiment_info", "name", experiment_name(m->experiment), 1);
    gauge(p, "convoke_market_participants", c.allowed, "Participants who may come.");
    gauge(p, "convoke_market_participants_finished", c.finished,
          "Participants for whom nothing is left.");
    gauge(p, "convoke_market_batches", c.batches - c.retired, "Batches that are handed out.");
    add_market_requests(p, &c);
    add_submissions(p, m);
    add_proofs(p, m);
}

/* ---- its HTTP ---- */

static void add_connections(Page *p, const HttpCounters *c) {
    static const char name[] = "convoke_http_connections";
    static const char *const phases[CONN_PHASES] = {
        [CONN_WAITING] = "waiting",       [CONN_BODY] = "body",
        [CONN_DISCARDING] = "discarding", [CONN_WORKING] = "working",
        [CONN_SENDING] = "sending",       [CONN_STREAMING] = "streaming",
        [CONN_STREAM_ASLEEP] = "asleep",
    };
    head(p, name, "gauge", "Connections open, by what they do.");
    for (size_t i = 0; i < CONN_PHASES; i++)
        sample(p, name, "phase", phases[i], c->connections[i]);
}

static void add_requests(Page *p, const HttpCounters *c) {
    static const char name[] = "convoke_http_requests_total";
    static const char *const classes[HTTP_STATUS_CLASSES] = {"none", "1xx", "2xx",
                                                             "3xx",  "4xx", "5xx"};
    Histogram h = {
        .n_bounds = HTTP_LATENCIES, .n = c->latency, .sum = (double)c->latency_sum_us / 1e6};
    head(p, name, "counter", "Requests that are over, by the class of their status.");
    for (size_t i = 0; i < HTTP_STATUS_CLASSES; i++)
        sample(p, name, "status", classes[i], c->requests[i]);
    for (size_t i = 0; i < HTTP_LATENCIES; i++)
        h.bounds[i] = (double)http_latency_us[i] / 1e6;
    histogram(p, "convoke_http_request_seconds", &h,
              "From a request's last byte to its reply; not of those that wait on purpose.");
}

static void add_http(Page *p, const HttpRequest *r) {
    HttpCounters c;
    http_counters(r, &c);
    add_requests(p, &c);
    counter(p, "convoke_http_body_bytes_total", c.body_bytes, "Bytes of request bodies.");
    add_connections(p, &c);
    counter(p, "convoke_http_refused_connections_total", c.refused_peers,
            "Connections refused: too many from one address.");
    counter(p, "convoke_http_cut_connections_total", c.cut,
            "Connections cut off: too slow, or silent.");
    gauge(p, "convoke_http_jobs", c.jobs, "Requests whose work waits or runs.");
}

static void add_process(Page *p) {
    ProcessNumbers n;
    process_numbers(&n);
    seconds(p, "process_cpu_seconds_total", "counter", n.cpu_s, "Processor time used.");
    if (n.resident_bytes != 0)
        gauge(p, "process_resident_memory_bytes", n.resident_bytes, "Memory in use.");
    if (n.open_fds != 0)
        gauge(p, "process_open_fds", n.open_fds, "Files and connections open.");
    if (n.max_fds != 0)
        gauge(p, "process_max_fds", n.max_fds, "The most that may be open.");
}

static void metrics(HttpRequest *r) {
    const App *app = http_app(r);
    Page p = {.b = CVK_BUF(METRICS_MAX)};
    add_server(&p, app);
    if (app->ceremony != NULL) {
        add_ceremony(&p, app);
        add_vitals(&p, app);
    }
    if (app->market != NULL)
        add_market(&p, app->market);
    add_http(&p, r);
    add_process(&p);
    reply_built(r, 200, "text/plain; version=0.0.4; charset=utf-8", &p.b, !p.failed);
    cvk_buf_done(&p.b);
}

const HttpHandler on_metrics = {.on_end = metrics, .polled = true};
