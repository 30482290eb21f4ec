/* From turn to turn: contributions of the real sizes are uploaded to a real server, whose queue
 * waits for the next. Linux only; elsewhere the rows are told as skipped. */
#include "base/buf.h"
#include "cli/bench_private.h"
#include "cli/bench_site.h"
#include "format/kzg_json.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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
    if (!bench_chain_json(response, &body, err))
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
    char threads[16];
    char *const as_many[] = {"--threads", threads, NULL};
    BenchSite s;
    BenchChain chain = {.n = 0};
    snprintf(threads, sizeof threads, "%u", cvk_pool_width(b->pool));
    if (!bench_site_possible("kzg.turnround"))
        return true;
    bool ok = bench_site_make(&s, &plan, err) && bench_chain_make(b, b->rounds, &chain, err) &&
              bench_site_serve(&s, as_many, err) && turn_rounds(b, &s, &chain, err);
    bench_site_end(&s);
    bench_chain_done(&chain);
    return ok;
}
