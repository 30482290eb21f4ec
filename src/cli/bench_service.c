/* The service at its speed: a real server as a process of its own, and thousands of sessions that
 * check in over real connections. Linux only; elsewhere the rows are told as skipped. */
#include "cli/bench.h"
#include "cli/bench_site.h"

#include <stdio.h>
#include <string.h>

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
