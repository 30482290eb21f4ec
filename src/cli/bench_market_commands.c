/* market.commands.database, market.commands.csv: what an operator waits for who analyses and
 * simulates a million submissions with two commands, from the directory and from an exported file.
 */
#include "cli/bench.h"
#include "cli/bench_market.h"
#include "cli/bench_program.h"
#include "cli/bench_site.h"
#include "codec/money.h"
#include "run/experiment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a directory ---- */

/* Nobody could issue and prove so many one by one here: their rows are written at once, and the
 * journal, which analyses do not read, says nothing of them. */
typedef struct {
    Store *store;
    int64_t experiment;
    uint64_t requests;
} Writing;

/* Different for each kind and number: tokens and hashes are unique. */
static void number_bytes(char kind, uint64_t number, uint8_t *ret, size_t n) {
    memset(ret, kind, n);
    memcpy(ret, &number, sizeof number);
}

static bool write_names(const Writing *w, CvkErr *err) {
    char name[32];
    for (uint32_t i = 1; i <= BENCH_PEOPLE; i++) {
        snprintf(name, sizeof name, "prover %u", i);
        StoreParticipant p = {.id = i,
                              .group = -1,
                              .label = name,
                              .contact = "",
                              .note = "",
                              .allowed = true,
                              .created_ms = 1};
        number_bytes('s', i, p.secret, sizeof p.secret);
        number_bytes('p', i, p.token, sizeof p.token);
        if (!store_participant_add(w->store, w->experiment, &p, err))
            return false;
    }
    for (uint32_t i = 1; i <= BENCH_BATCHES; i++) {
        snprintf(name, sizeof name, "%04u", i);
        StoreBatch b = {.id = i,
                        .block = 1,
                        .name = name,
                        .size = 1,
                        .verifier = "sha256",
                        .params = "{}",
                        .expect = "null",
                        .covariates = "{}",
                        .created_ms = 1};
        number_bytes('b', i, b.sha256, sizeof b.sha256);
        if (!store_batch_add(w->store, w->experiment, &b, err))
            return false;
    }
    return true;
}

static bool write_submission(void *ctx, const PanelRow *row, CvkErr *err) {
    Writing *w = ctx;
    char cost[MONEY_TEXT_MAX], price[MONEY_TEXT_MAX];
    uint8_t body[32];
    StoreRequest r = {.id = ++w->requests,
                      .participant = row->participant + 1,
                      .batch = row->batch + 1,
                      .seq = row->seq,
                      .state = REQUEST_OPEN,
                      .issued_ms = row->issued_ms,
                      .since_ms = row->issued_ms};
    money_text(row->cost, cost);
    money_text(row->price, price);
    StoreSubmission x = {.request = r.id,
                         .proof_n = 192,
                         .proving_ms = row->proving_ms,
                         .cost = row->cost,
                         .price = row->price,
                         .cost_text = cost,
                         .price_text = price,
                         .deployment = "v1",
                         .deployment_is_text = true,
                         .acceleration = BENCH_ACCELERATIONS[row->acceleration],
                         .extra = "",
                         .received_ms = row->received_ms,
                         .verify_us = 1000,
                         .verifier = "sha256"};
    number_bytes('r', r.id, r.token, sizeof r.token);
    number_bytes('y', r.id, body, sizeof body);
    number_bytes('x', r.id, x.proof, sizeof x.proof);
    number_bytes('c', r.id, x.canonical, sizeof x.canonical);
    return store_request_add(w->store, w->experiment, &r, err) &&
           store_submission_add(w->store, w->experiment, &x, err) &&
           store_request_close(w->store, w->experiment, r.id, REQUEST_DONE, row->received_ms, body,
                               err);
}

static bool write_rows(Writing *w, CvkErr *err) {
    StoreCeremony row;
    if (!store_ceremony_find(w->store, NULL, &row, err))
        return false;
    w->experiment = row.id;
    free(row.definition);
    return store_begin(w->store, err) && write_names(w, err) &&
           bench_each_submission(write_submission, w, err) && store_commit(w->store, err);
}

static bool fill(BenchSite *s, const void *ctx, Node *node, CvkErr *err) {
    static const char *const settings[] = {"dev=true", NULL};
    char path[160];
    Writing w = {.requests = 0};
    (void)ctx;
    snprintf(path, sizeof path, "%s/convoke.db", s->server_dir);
    if (!node_experiment_new(node, "bench", settings, err) ||
        !store_open(path, false, &w.store, err))
        return false;
    const bool ok = write_rows(&w, err);
    store_close(w.store);
    return ok;
}

/* ---- the commands ---- */

#define EXPORTED "submissions.csv"

/* Both commands, one after the other; from: NULL, or a file. */
static bool analyse(const BenchSite *s, const char *from, BenchRun *ret, CvkErr *err) {
    const char *source = from != NULL ? "--from" : s->server_dir;
    const char *const analyze[] = {"convoke", "market", "analyze", "--json", source, from, NULL};
    const char *const simulate[] = {"convoke",    "market", "simulate", "--json", "--lambda", "0.1",
                                    "--capacity", "3",      source,     from,     NULL};
    BenchRun a, b;
    if (!bench_program(s->dir, analyze, &a, err) || !bench_program(s->dir, simulate, &b, err))
        return false;
    *ret = (BenchRun){.seconds = a.seconds + b.seconds,
                      .peak_mb = a.peak_mb > b.peak_mb ? a.peak_mb : b.peak_mb};
    return true;
}

static bool measure(const Bench *b, const BenchSite *s, const char *name, const char *from,
                    CvkErr *err) {
    double seconds[BENCH_ROUNDS_MAX], peak_mb = 0;
    char memory[64];
    BenchRow row = {.name = name, .n = BENCH_SUBMISSIONS, .of = "submissions"};
    if (!b->wanted(b->ctx, name))
        return true;
    for (unsigned r = 0; r < b->rounds; r++) {
        BenchRun run;
        if (!analyse(s, from, &run, err))
            return false;
        seconds[r] = run.seconds;
        peak_mb = run.peak_mb > peak_mb ? run.peak_mb : peak_mb;
    }
    row.value = bench_median(seconds, b->rounds);
    row.unit = "s";
    b->row(b->ctx, &row);
    snprintf(memory, sizeof memory, "%s.memory", name);
    row.name = memory;
    row.value = peak_mb;
    row.unit = "MB";
    b->row(b->ctx, &row);
    return true;
}

bool bench_market_commands(const Bench *b, CvkErr *err) {
    BenchSite s;
    BenchRun export;
    if (!bench_site_possible("market.commands"))
        return true;
    bool ok = bench_site_make_with(&s, 0, fill, NULL, err) &&
              measure(b, &s, "market.commands.database", NULL, err);
    if (ok && b->wanted(b->ctx, "market.commands.csv")) {
        const char *const argv[] = {"convoke", "market", "export", s.server_dir,
                                    "--out",   EXPORTED, NULL};
        ok = bench_program(s.dir, argv, &export, err) &&
             measure(b, &s, "market.commands.csv", EXPORTED, err);
    }
    bench_site_end(&s);
    return ok;
}
