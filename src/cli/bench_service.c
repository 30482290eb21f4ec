/* The service at its speed: a real server as a process of its own, and thousands of sessions that
 * check in over real connections. Linux only; elsewhere the rows are told as skipped. */
#include "cli/bench_private.h"
#include "cli/bench_site.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define SESSIONS 10000
#define RATE_MS 5000 /* a round of the rate */
#define RATE_CONNECTIONS 64

/* What was answered. */
typedef struct {
    uint64_t busy, turns, others;
    int other_status;
    LoadTimes times;
} Tally;

static void count(void *ctx, const LoadAnswer *a) {
    Tally *t = ctx;
    load_times_add(&t->times, a->wait_us);
    if (a->status == 200 && strstr(a->body, "AnotherContributionInProgress") != NULL) {
        t->busy++;
    } else if (a->status == 200 && strncmp(a->body, "{\"contributions\"", 16) == 0) {
        t->turns++;
    } else {
        t->others++;
        t->other_status = a->status;
    }
}

static bool all_were_busy(const Tally *t, CvkErr *err) {
    return t->others == 0 ||
           cvk_fail(err, CVK_EINTERNAL, "bench.answers",
                    "%llu check-ins were answered otherwise than busy, the last with status %d",
                    (unsigned long long)t->others, t->other_status);
}

static LoadPlan check_ins(const BenchSite *s, Tally *t) {
    return (LoadPlan){.port = s->port,
                      .request = "POST /lobby/try_contribute",
                      .sessions = (const char(*)[LOAD_SESSION_TEXT])s->sessions,
                      .n_sessions = s->n_sessions,
                      .answer = count,
                      .ctx = t};
}

/* ---- kzg.lobby.rate ---- */

static bool rate_rounds(const Bench *b, const BenchSite *s, CvkErr *err) {
    double values[BENCH_ROUNDS_MAX];
    for (unsigned round = 0; round < b->rounds; round++) {
        Tally t = {.busy = 0};
        LoadPlan p = check_ins(s, &t);
        p.connections = RATE_CONNECTIONS;
        p.for_ms = RATE_MS;
        int64_t start_us = load_now_us();
        bool ok = load_run(&p, err) && all_were_busy(&t, err);
        values[round] = (double)t.busy / ((double)(load_now_us() - start_us) / 1e6);
        load_times_done(&t.times);
        if (!ok)
            return false;
    }
    b->row(b->ctx, &(BenchRow){.name = "kzg.lobby.rate",
                               .n = s->n_sessions,
                               .of = "sessions",
                               .value = bench_median(values, b->rounds),
                               .unit = "/s"});
    return true;
}

bool bench_lobby_rate(const Bench *b, CvkErr *err) {
    /* no check-in is too early, and who has asked is in the lobby */
    static const char *const settings[] = {"checkin_every_s=30", "checkin_tolerance_s=30",
                                           "waiting_max=100000", "fetch_s=3600",
                                           "compute_s=3600",     NULL};
    const BenchSitePlan plan = {
        .preset = "ethereum", .sizes = "4,3", .settings = settings, .sessions = SESSIONS};
    BenchSite s;
    if (!bench_site_possible("kzg.lobby.rate"))
        return true;
    bool ok = bench_site_make(&s, &plan, err) && bench_site_serve(&s, NULL, err) &&
              rate_rounds(b, &s, err);
    bench_site_end(&s);
    return ok;
}

/* ---- kzg.lobby.p99 ---- */

#define EVERY_S 30
#define P99_MS 60000
#define CONNECTIONS 512

/* Whoever of the lobby has the turn hands in the same contribution, in which one point is another:
 * that costs the whole verification, and then the slot is free for the next. */
typedef struct {
    const BenchSite *site;
    const CvkBuf *body;
    LoadTimes times;
    uint64_t busy, turns, others;
    int other_status;
    const char *why;

    pthread_mutex_t lock;
    pthread_cond_t turn;
    size_t holder; /* + 1; 0: nobody new */
    bool over;
    uint64_t verified, failed; /* contributions */
} Crowd;

static void hand_in(Crowd *x, size_t holder) {
    char answer[512];
    int status = 0;
    int64_t sent_us;
    CvkErr err;
    const LoadRequest rq = {"POST /contribute", x->site->sessions[holder], x->body->data,
                            x->body->n};
    bool ok = load_ask(x->site->port, &rq, &status, answer, sizeof answer, &sent_us, &err) &&
              strstr(answer, "PairingFailed") != NULL;
    pthread_mutex_lock(&x->lock);
    *(ok ? &x->verified : &x->failed) += 1;
    pthread_mutex_unlock(&x->lock);
}

static void *contribute_on(void *arg) {
    Crowd *x = arg;
    pthread_mutex_lock(&x->lock);
    while (!x->over) {
        if (x->holder == 0) {
            pthread_cond_wait(&x->turn, &x->lock);
            continue;
        }
        size_t holder = x->holder - 1;
        x->holder = 0;
        pthread_mutex_unlock(&x->lock);
        hand_in(x, holder);
        pthread_mutex_lock(&x->lock);
    }
    pthread_mutex_unlock(&x->lock);
    return NULL;
}

static void call_contributor(Crowd *x, size_t session, bool over) {
    pthread_mutex_lock(&x->lock);
    x->holder = over ? x->holder : session + 1;
    x->over = over;
    pthread_cond_signal(&x->turn);
    pthread_mutex_unlock(&x->lock);
}

static void on_answer(void *ctx, const LoadAnswer *a) {
    Crowd *x = ctx;
    load_times_add(&x->times, a->wait_us);
    if (a->status == 200 && strstr(a->body, "AnotherContributionInProgress") != NULL) {
        x->busy++;
    } else if (a->status == 200 && a->size > 1000000) {
        x->turns++;
        call_contributor(x, a->session, false);
    } else {
        x->others++;
        x->other_status = a->status;
        x->why = a->why;
    }
}

static void put_ms(const Bench *b, const char *name, size_t n, double ms) {
    b->row(b->ctx, &(BenchRow){.name = name, .n = n, .of = "check-ins", .value = ms, .unit = "ms"});
}

static void tell_crowd(const Bench *b, Crowd *x) {
    size_t n = x->times.n;
    put_ms(b, "kzg.lobby.p99", n, load_times_ms(&x->times, 99));
    put_ms(b, "kzg.lobby.p99.median", n, load_times_ms(&x->times, 50));
    put_ms(b, "kzg.lobby.p99.most", n, load_times_ms(&x->times, 100));
    b->row(b->ctx, &(BenchRow){.name = "kzg.lobby.p99.verified",
                               .n = x->verified,
                               .of = "contributions",
                               .value = (double)x->verified / (P99_MS / 1e3),
                               .unit = "/s"});
}

static bool run_crowd(Crowd *x, int64_t for_ms, CvkErr *err) {
    pthread_t contributor;
    const LoadPlan p = {.port = x->site->port,
                        .request = "POST /lobby/try_contribute",
                        .sessions = (const char(*)[LOAD_SESSION_TEXT])x->site->sessions,
                        .n_sessions = x->site->n_sessions,
                        .connections = CONNECTIONS,
                        .fresh = true,
                        .per_second = (double)SESSIONS / EVERY_S,
                        .for_ms = for_ms,
                        .answer = on_answer,
                        .ctx = x};
    pthread_mutex_init(&x->lock, NULL);
    pthread_cond_init(&x->turn, NULL);
    if (pthread_create(&contributor, NULL, contribute_on, x) != 0)
        return cvk_fail(err, CVK_EINTERNAL, "bench.thread", "cannot start a thread");
    bool ok = load_run(&p, err);
    call_contributor(x, 0, true);
    pthread_join(contributor, NULL);
    pthread_cond_destroy(&x->turn);
    pthread_mutex_destroy(&x->lock);
    if (ok && (x->others != 0 || x->failed != 0 || x->verified == 0))
        return cvk_fail(err, CVK_EINTERNAL, "bench.answers",
                        "%llu check-ins had an unusual answer (status %d, %s), %llu of %llu "
                        "contributions too",
                        (unsigned long long)x->others, x->other_status,
                        x->why != NULL ? x->why : "-", (unsigned long long)x->failed,
                        (unsigned long long)(x->failed + x->verified));
    return ok;
}

/* Valid but for one point. */
static bool make_invalid(const Bench *b, CvkBuf *ret, CvkErr *err) {
    BenchChain chain;
    bool ok = bench_chain_make(b, 1, &chain, err);
    if (ok) {
        KzgPowersWire *last = &chain.state[1]->subs[chain.state[1]->n - 1].powers;
        memcpy(last->g1[last->n_g1 - 1], last->g1[last->n_g1 - 2], KZG_G1_BYTES);
        ok = bench_chain_json(chain.state[1], ret, err);
    }
    bench_chain_done(&chain);
    return ok;
}

/* A server with all of them; what is done there is measured by `measure`. */
static bool with_crowd(const Bench *b, const char *name,
                       bool (*measure)(const Bench *b, Crowd *x, CvkErr *err), CvkErr *err) {
    static const char *const settings[] = {"waiting_max=100000", "on_invalid=nothing", NULL};
    const BenchSitePlan plan = {.preset = "ethereum", .settings = settings, .sessions = SESSIONS};
    BenchSite s;
    CvkBuf body = CVK_BUF(0);
    if (!bench_site_possible(name))
        return true;
    Crowd x = {.site = &s, .body = &body};
    bool ok = bench_site_make(&s, &plan, err) && make_invalid(b, &body, err) &&
              bench_site_serve(&s, NULL, err) && measure(b, &x, err);
    load_times_done(&x.times);
    bench_site_end(&s);
    cvk_buf_done(&body);
    return ok;
}

static bool measure_times(const Bench *b, Crowd *x, CvkErr *err) {
    if (!run_crowd(x, P99_MS, err))
        return false;
    tell_crowd(b, x);
    return true;
}

bool bench_lobby_p99(const Bench *b, CvkErr *err) {
    return with_crowd(b, "kzg.lobby.p99", measure_times, err);
}

/* ---- kzg.service.memory ---- */

#define STREAMS 1000

/* Half of them follow the journal, half their own place. */
static size_t open_streams(const BenchSite *s, int fds[STREAMS], CvkErr *err) {
    for (size_t i = 0; i < STREAMS; i++) {
        const char *request = i % 2 == 0 ? "GET /events" : "GET /events/me";
        if (!load_stream(s->port, request, s->sessions[i], &fds[i], err))
            return i;
    }
    return STREAMS;
}

/* Those whose server has not hung up. */
static size_t count_open(const int *fds, size_t n) {
    char piece[65536];
    size_t open = 0;
    for (size_t i = 0; i < n; i++) {
        struct pollfd p = {.fd = fds[i], .events = POLLIN};
        ssize_t got = 1;
        while (got > 0 && poll(&p, 1, 0) > 0)
            got = read(fds[i], piece, sizeof piece);
        open += got > 0 ? 1 : 0;
    }
    return open;
}

static bool measure_memory(const Bench *b, Crowd *x, CvkErr *err) {
    int fds[STREAMS];
    double most_mb = 0, now_mb = 0;
    size_t n = open_streams(x->site, fds, err);
    bool ok = n == STREAMS && run_crowd(x, (EVERY_S + 5) * 1000, err) &&
              bench_site_memory(x->site, "VmHWM", &most_mb, err) &&
              bench_site_memory(x->site, "VmRSS", &now_mb, err);
    size_t open = count_open(fds, n);
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    if (ok && open != STREAMS)
        ok = cvk_fail(err, CVK_EINTERNAL, "bench.streams", "%zu of %d streams have ended",
                      STREAMS - open, STREAMS);
    BenchRow row = {.name = "kzg.service.memory", .n = SESSIONS, .of = "sessions", .unit = "MB"};
    row.value = most_mb;
    if (ok)
        b->row(b->ctx, &row);
    row.name = "kzg.service.memory.now";
    row.value = now_mb;
    if (ok)
        b->row(b->ctx, &row);
    return ok;
}

bool bench_service_memory(const Bench *b, CvkErr *err) {
    return with_crowd(b, "kzg.service.memory", measure_memory, err);
}
