/* market.get_batch: how often, and how soon, a real server tells provers their batch; and how often
 * it issues one. */
#include "base/alloc.h"
#include "base/file.h"
#include "cli/bench.h"
#include "cli/bench_site.h"
#include "run/experiment.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROVERS 1000
#define UPLOADERS 4
#define PROOF_BYTES (16u << 20)
#define RATE_MS 5000 /* a round of the rate */
#define CONNECTIONS 64
#define P99_MS 20000
#define P99_PER_SECOND 2000
#define NEWCOMERS 5000
#define ISSUE_MS 60000       /* at most */
#define ISSUE_CONNECTIONS 16 /* more of who waits for a commit are told to come back (503) */

/* ---- the experiment ---- */

typedef struct {
    size_t provers;
    bool have_batches;
} Provers;

static bool add_prover(BenchSite *s, Experiment *e, bool has_batch, CvkErr *err) {
    char told[LIMIT_PROVER_ID + 1], *id = s->sessions[s->n_sessions];
    OpenRequest open;
    MarketNext next;
    uint32_t number;
    snprintf(id, LOAD_SESSION_TEXT, "prover-%zu", s->n_sessions);
    s->n_sessions++;
    return experiment_participant_add(e, id, NULL, NULL, told, &number, err) &&
           (!has_batch || experiment_get_batch(e, number, &next, &open, err));
}

static bool fill(BenchSite *s, const void *ctx, Node *node, CvkErr *err) {
    const Provers *p = ctx;
    static const char *const settings[] = {"dev=true", "attempts_per_minute=60000", NULL};
    char path[128];
    Experiment *e;
    size_t added;
    const BatchSource batch = {.name = "batch", .path = path, .verifier = "sha256"};
    snprintf(path, sizeof path, "%s/batch", s->dir);
    if (!cvk_file_write(path, "a batch", 7, 0600, err) ||
        !node_experiment_new(node, "bench", settings, err) ||
        !node_experiment(node, NULL, &e, err) || !experiment_batches_add(e, &batch, 1, &added, err))
        return false;
    while (s->n_sessions < p->provers)
        if (!add_prover(s, e, p->have_batches, err))
            return false;
    return true;
}

/* ---- those who ask ---- */

typedef struct {
    uint64_t told, others;
    int other_status;
    LoadTimes times;
} Tally;

static void count(void *ctx, const LoadAnswer *a) {
    Tally *t = ctx;
    load_times_add(&t->times, a->wait_us);
    if (a->status == 200 && strncmp(a->body, "{\"batch_file\"", 13) == 0) {
        t->told++;
    } else {
        t->others++;
        t->other_status = a->status;
    }
}

/* All but the first, who upload: theirs are the requests 1 to UPLOADERS. */
static LoadPlan asking(const BenchSite *s, Tally *t) {
    return (LoadPlan){.port = s->port,
                      .request = "GET /get_batch/?participant_id=",
                      .in_target = true,
                      .sessions = (const char(*)[LOAD_SESSION_TEXT])s->sessions + UPLOADERS,
                      .n_sessions = s->n_sessions - UPLOADERS,
                      .connections = CONNECTIONS,
                      .answer = count,
                      .ctx = t};
}

static bool all_were_told(const Tally *t, CvkErr *err) {
    return t->others == 0 || cvk_fail(err, CVK_EINTERNAL, "bench.answers",
                                      "%llu of %llu were told no batch, the last with status %d",
                                      (unsigned long long)t->others,
                                      (unsigned long long)(t->told + t->others), t->other_status);
}

static bool rate_once(const BenchSite *s, double *ret, CvkErr *err) {
    Tally t = {.told = 0};
    LoadPlan p = asking(s, &t);
    p.for_ms = RATE_MS;
    const int64_t start_us = load_now_us();
    const bool ok = load_run(&p, err) && all_were_told(&t, err);
    *ret = (double)t.told / ((double)(load_now_us() - start_us) / 1e6);
    load_times_done(&t.times);
    return ok;
}

static bool measure_rate(const Bench *b, const BenchSite *s, CvkErr *err) {
    double values[BENCH_ROUNDS_MAX];
    for (unsigned round = 0; round < b->rounds; round++)
        if (!rate_once(s, &values[round], err))
            return false;
    b->row(b->ctx, &(BenchRow){.name = "market.get_batch",
                               .n = PROVERS,
                               .of = "provers",
                               .value = bench_median(values, b->rounds),
                               .unit = "/s"});
    return true;
}

/* ---- those who upload meanwhile ---- */

typedef struct {
    const BenchSite *site;
    size_t number;
    atomic_bool *over;
    uint64_t refused, failed;
} Uploader;

/* As long a proof as that, of nothing: it is judged, and refused. */
static char *make_body(size_t request, size_t *ret_n) {
    static const char after[] = "\", \"proving_time\": 1, \"cost\": 1, \"price\": 1, "
                                "\"deployment_version\": 1}";
    const size_t digits = (size_t)(PROOF_BYTES / 3) * 4;
    CvkErr ignored; /* nothing is uploaded, then */
    char *body = cvk_alloc(64 + digits + sizeof after, 1, &ignored);
    if (body == NULL)
        return NULL;
    int n = snprintf(body, 64, "{\"request_id\": %zu, \"proof_data\": \"", request);
    memset(body + n, 'A', digits);
    memcpy(body + (size_t)n + digits, after, sizeof after - 1);
    *ret_n = (size_t)n + digits + sizeof after - 1;
    return body;
}

static void *upload_on(void *arg) {
    Uploader *u = arg;
    char request[128], answer[64];
    size_t n = 0;
    _cleanup_free_ char *body = make_body(u->number + 1, &n);
    snprintf(request, sizeof request, "POST /submit_proof/?participant_id=%s",
             u->site->sessions[u->number]);
    const LoadRequest rq = {request, "", body, n};
    while (body != NULL && !atomic_load(u->over)) {
        int status = 0;
        int64_t sent_us;
        CvkErr err;
        bool ok = load_ask(u->site->port, &rq, &status, answer, sizeof answer, &sent_us, &err) &&
                  status == 422 && strcmp(answer, "invalid proof") == 0;
        *(ok ? &u->refused : &u->failed) += 1;
    }
    return NULL;
}

static void put_ms(const Bench *b, const char *name, Tally *t, double percent) {
    b->row(b->ctx, &(BenchRow){.name = name,
                               .n = t->times.n,
                               .of = "requests",
                               .value = load_times_ms(&t->times, percent),
                               .unit = "ms"});
}

static bool tell_p99(const Bench *b, Tally *t, const Uploader u[UPLOADERS], CvkErr *err) {
    uint64_t refused = 0, failed = 0;
    for (size_t i = 0; i < UPLOADERS; i++) {
        refused += u[i].refused;
        failed += u[i].failed;
    }
    if (failed != 0 || refused == 0)
        return cvk_fail(err, CVK_EINTERNAL, "bench.answers",
                        "%llu of %llu uploads were answered otherwise than refused",
                        (unsigned long long)failed, (unsigned long long)(failed + refused));
    put_ms(b, "market.get_batch.p99", t, 99);
    put_ms(b, "market.get_batch.p99.median", t, 50);
    b->row(b->ctx, &(BenchRow){.name = "market.get_batch.p99.uploads",
                               .n = refused,
                               .of = "proofs of 16 MiB",
                               .value = (double)refused / (P99_MS / 1e3),
                               .unit = "/s"});
    return true;
}

static bool measure_p99(const Bench *b, const BenchSite *s, CvkErr *err) {
    pthread_t thread[UPLOADERS];
    Uploader u[UPLOADERS];
    atomic_bool over = false;
    size_t n = 0;
    Tally t = {.told = 0};
    LoadPlan p = asking(s, &t);
    p.per_second = P99_PER_SECOND;
    p.for_ms = P99_MS;
    bool ok = true;
    for (; ok && n < UPLOADERS; n += ok) {
        u[n] = (Uploader){.site = s, .number = n, .over = &over};
        ok = pthread_create(&thread[n], NULL, upload_on, &u[n]) == 0 ||
             cvk_fail(err, CVK_EINTERNAL, "bench.thread", "cannot start a thread");
    }
    ok = ok && load_run(&p, err) && all_were_told(&t, err);
    atomic_store(&over, true);
    for (size_t i = 0; i < n; i++)
        pthread_join(thread[i], NULL);
    ok = ok && tell_p99(b, &t, u, err);
    load_times_done(&t.times);
    return ok;
}

/* ---- new requests ---- */

/* So many provers ask for the first time: each answer waits for a commit. */
static bool issue(const Bench *b, const BenchSite *s, CvkErr *err) {
    Tally t = {.told = 0};
    LoadPlan p = asking(s, &t);
    p.sessions = (const char(*)[LOAD_SESSION_TEXT])s->sessions;
    p.n_sessions = s->n_sessions;
    p.most = NEWCOMERS;
    p.connections = ISSUE_CONNECTIONS;
    p.for_ms = ISSUE_MS;
    const int64_t start_us = load_now_us();
    bool ok = load_run(&p, err);
    const int64_t end_us = load_now_us();
    ok = ok && all_were_told(&t, err) &&
         (t.told == NEWCOMERS ||
          cvk_fail(err, CVK_EINTERNAL, "bench.answers", "not all were told their first batch"));
    if (ok) {
        b->row(b->ctx, &(BenchRow){.name = "market.get_batch.issue",
                                   .n = NEWCOMERS,
                                   .of = "new requests",
                                   .value = NEWCOMERS / ((double)(end_us - start_us) / 1e6),
                                   .unit = "/s"});
        put_ms(b, "market.get_batch.issue.p99", &t, 99);
    }
    load_times_done(&t.times);
    return ok;
}

static bool measure_issue(const Bench *b, CvkErr *err) {
    BenchSite s;
    const Provers p = {NEWCOMERS, false};
    bool ok = bench_site_make_with(&s, p.provers, fill, &p, err) &&
              bench_site_serve(&s, NULL, err) && issue(b, &s, err);
    bench_site_end(&s);
    return ok;
}

static bool measure_told(const Bench *b, CvkErr *err) {
    BenchSite s;
    const Provers p = {UPLOADERS + PROVERS, true};
    bool ok = bench_site_make_with(&s, p.provers, fill, &p, err) &&
              bench_site_serve(&s, NULL, err) && measure_rate(b, &s, err) &&
              (!b->wanted(b->ctx, "market.get_batch.p99") || measure_p99(b, &s, err));
    bench_site_end(&s);
    return ok;
}

bool bench_market_get_batch(const Bench *b, CvkErr *err) {
    if (!bench_site_possible("market.get_batch"))
        return true;
    const bool told =
        b->wanted(b->ctx, "market.get_batch") || b->wanted(b->ctx, "market.get_batch.p99");
    return (!told || measure_told(b, err)) &&
           (!b->wanted(b->ctx, "market.get_batch.issue") || measure_issue(b, err));
}
