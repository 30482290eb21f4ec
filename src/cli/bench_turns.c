/* What contributing costs those who wait: contributions of the real sizes are uploaded to a real
 * server while others ask for their turn. Linux only; elsewhere the rows are told as skipped. */
#include "base/alloc.h"
#include "base/buf.h"
#include "cli/bench_private.h"
#include "cli/bench_site.h"
#include "format/kzg_json.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define BODY_MAX (16u << 20)

static bool to_json(const KzgWire *w, CvkBuf *ret, CvkErr *err) {
    *ret = CVK_BUF(BODY_MAX);
    return kzg_contribution_write(json_to_buf(ret), w, 0, KZG_JSON_SIGNATURES, err);
}

/* ---- kzg.lobby.p99 ---- */

#define SESSIONS 10000
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

static bool tell_crowd(const Bench *b, Crowd *x, CvkErr *err) {
    size_t n = x->times.n;
    if (x->others != 0 || x->failed != 0 || x->verified == 0)
        return cvk_fail(err, CVK_EINTERNAL, "bench.answers",
                        "%llu check-ins had an unusual answer (status %d, %s), %llu of %llu "
                        "contributions too",
                        (unsigned long long)x->others, x->other_status,
                        x->why != NULL ? x->why : "-", (unsigned long long)x->failed,
                        (unsigned long long)(x->failed + x->verified));
    put_ms(b, "kzg.lobby.p99", n, load_times_ms(&x->times, 99));
    put_ms(b, "kzg.lobby.p99.median", n, load_times_ms(&x->times, 50));
    put_ms(b, "kzg.lobby.p99.most", n, load_times_ms(&x->times, 100));
    b->row(b->ctx, &(BenchRow){.name = "kzg.lobby.p99.verified",
                               .n = x->verified,
                               .of = "contributions",
                               .value = (double)x->verified / (P99_MS / 1e3),
                               .unit = "/s"});
    return true;
}

static bool run_crowd(const Bench *b, Crowd *x, CvkErr *err) {
    pthread_t contributor;
    const LoadPlan p = {.port = x->site->port,
                        .request = "POST /lobby/try_contribute",
                        .sessions = (const char(*)[LOAD_SESSION_TEXT])x->site->sessions,
                        .n_sessions = x->site->n_sessions,
                        .connections = CONNECTIONS,
                        .fresh = true,
                        .per_second = (double)SESSIONS / EVERY_S,
                        .for_ms = P99_MS,
                        .answer = on_answer,
                        .ctx = x};
    pthread_mutex_init(&x->lock, NULL);
    pthread_cond_init(&x->turn, NULL);
    if (pthread_create(&contributor, NULL, contribute_on, x) != 0)
        return cvk_fail(err, CVK_EINTERNAL, "bench.thread", "cannot start a thread");
    bool ok = load_run(&p, err);
    call_contributor(x, 0, true);
    pthread_join(contributor, NULL);
    ok = ok && tell_crowd(b, x, err);
    load_times_done(&x->times);
    pthread_cond_destroy(&x->turn);
    pthread_mutex_destroy(&x->lock);
    return ok;
}

/* Valid but for one point. */
static bool make_invalid(const Bench *b, CvkBuf *ret, CvkErr *err) {
    BenchChain chain;
    bool ok = bench_chain_make(b, 1, &chain, err);
    if (ok) {
        KzgPowersWire *last = &chain.state[1]->subs[chain.state[1]->n - 1].powers;
        memcpy(last->g1[last->n_g1 - 1], last->g1[last->n_g1 - 2], KZG_G1_BYTES);
        ok = to_json(chain.state[1], ret, err);
    }
    bench_chain_done(&chain);
    return ok;
}

bool bench_lobby_p99(const Bench *b, CvkErr *err) {
    static const char *const settings[] = {"waiting_max=100000", "on_invalid=nothing", NULL};
    const BenchSitePlan plan = {.preset = "ethereum", .settings = settings, .sessions = SESSIONS};
    BenchSite s;
    CvkBuf body = CVK_BUF(0);
    if (!bench_site_possible("kzg.lobby.p99"))
        return true;
    Crowd x = {.site = &s, .body = &body};
    bool ok = bench_site_make(&s, &plan, err) && make_invalid(b, &body, err) &&
              bench_site_serve(&s, NULL, err) && run_crowd(b, &x, err);
    bench_site_end(&s);
    cvk_buf_done(&body);
    return ok;
}

/* ---- kzg.turnround ---- */

/* The next in the queue, whose poll sleeps until the turn is theirs. */
typedef struct {
    uint16_t port;
    const char *session;
    bool ok;
    int64_t had_us;
    CvkErr err;
} Next;

static bool ask_turn(uint16_t port, const char *session, int64_t *ret_had_us, CvkErr *err) {
    char answer[2048];
    int status;
    int64_t sent_us;
    const LoadRequest rq = {"POST /lobby/try_contribute", session, "", 0};
    if (!load_ask(port, &rq, &status, answer, sizeof answer, &sent_us, err))
        return false;
    *ret_had_us = load_now_us();
    return (status == 200 && strncmp(answer, "{\"contributions\"", 16) == 0) ||
           cvk_fail(err, CVK_EINTERNAL, "bench.turn", "no turn but status %d: %.60s", status,
                    answer);
}

static void *wait_for_turn(void *arg) {
    Next *n = arg;
    n->ok = ask_turn(n->port, n->session, &n->had_us, &n->err);
    return NULL;
}

static bool upload(uint16_t port, const char *session, const CvkBuf *body, int64_t *ret_sent_us,
                   CvkErr *err) {
    char answer[512];
    int status;
    const LoadRequest rq = {"POST /contribute", session, body->data, body->n};
    return load_ask(port, &rq, &status, answer, sizeof answer, ret_sent_us, err) &&
           (status == 200 ||
            cvk_fail(err, CVK_EINTERNAL, "bench.upload", "status %d: %.60s", status, answer));
}

/* From the last byte of contribution `i` of the chain to the first of the next one's challenge. */
static bool turn_once(const BenchSite *s, const KzgWire *response, size_t i, double *ret_s,
                      CvkErr *err) {
    CvkBuf body;
    pthread_t waiting;
    int64_t sent_us = 0;
    const struct timespec asleep = {.tv_nsec = 300000000};
    Next next = {.port = s->port, .session = s->sessions[i + 1]};
    if (!to_json(response, &body, err))
        return false;
    if (pthread_create(&waiting, NULL, wait_for_turn, &next) != 0) {
        cvk_buf_done(&body);
        return cvk_fail(err, CVK_EINTERNAL, "bench.thread", "cannot start a thread");
    }
    nanosleep(&asleep, NULL);
    bool ok = upload(s->port, s->sessions[i], &body, &sent_us, err);
    pthread_join(waiting, NULL);
    if (ok && !next.ok) {
        *err = next.err;
        ok = false;
    }
    *ret_s = (double)(next.had_us - sent_us) / 1e6;
    cvk_buf_done(&body);
    return ok;
}

static void put_seconds(const Bench *b, const char *name, double *values, const char *unit) {
    b->row(b->ctx, &(BenchRow){.name = name,
                               .n = b->rounds,
                               .of = "contributions",
                               .value = bench_median(values, b->rounds),
                               .unit = unit});
}

static bool turn_rounds(const Bench *b, const BenchSite *s, const BenchChain *chain, CvkErr *err) {
    double turn[BENCH_ROUNDS_MAX], alone[BENCH_ROUNDS_MAX], ratio[BENCH_ROUNDS_MAX];
    int64_t ignored;
    if (!ask_turn(s->port, s->sessions[0], &ignored, err))
        return false;
    for (size_t i = 0; i < b->rounds; i++) {
        if (!bench_verify_once(b, chain->state[i], chain->state[i + 1], &alone[i], err) ||
            !turn_once(s, chain->state[i + 1], i, &turn[i], err))
            return false;
        ratio[i] = turn[i] / alone[i];
    }
    put_seconds(b, "kzg.turnround", ratio, "x verification");
    put_seconds(b, "kzg.turnround.turn", turn, "s");
    put_seconds(b, "kzg.turnround.alone", alone, "s");
    return true;
}

bool bench_turnround(const Bench *b, CvkErr *err) {
    static const char *const settings[] = {"fetch_s=600", NULL};
    const BenchSitePlan plan = {.preset = "kzg",
                                .sizes = "4096,65:8192,65:16384,65:32768,65",
                                .settings = settings,
                                .sessions = b->rounds + 1};
    BenchSite s;
    BenchChain chain = {.n = 0};
    if (!bench_site_possible("kzg.turnround"))
        return true;
    bool ok = bench_site_make(&s, &plan, err) && bench_chain_make(b, b->rounds, &chain, err) &&
              bench_site_serve(&s, NULL, err) && turn_rounds(b, &s, &chain, err);
    bench_site_end(&s);
    bench_chain_done(&chain);
    return ok;
}
