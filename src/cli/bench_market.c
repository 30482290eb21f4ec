/* market.analyze: a million submissions, analysed and simulated. */
#include "cli/bench_market.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/rng.h"
#include "cli/bench.h"
#include "codec/money.h"
#include "market/analysis.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>

/* Between 0 and 1, from the stream of a seed. */
typedef struct {
    uint8_t seed[CVK_SEED_BYTES];
    uint64_t label;
    size_t at;
    uint64_t word[512];
} Draw;

static double draw(Draw *d) {
    if (d->at == 0)
        cvk_stream(d->seed, d->label++, d->word, sizeof d->word);
    double v = (double)(d->word[d->at] >> 11) / 9007199254740992.0;
    d->at = (d->at + 1) % 512;
    return v;
}

const char *const BENCH_ACCELERATIONS[3] = {"GPU", "FPGA", "NONE"};

typedef struct {
    double speed, cents_a_second, margin;
    uint32_t shift;
} Prover;

static PanelRow row_of(Draw *d, const double *difficulty, const Prover *p, uint32_t who,
                       uint32_t n) {
    const uint32_t batch = (n + p->shift) % BENCH_BATCHES;
    const double s =
        60 * difficulty[batch] * p->speed * exp(0.2 * (draw(d) - 0.5)) * pow(n + 1, -0.05);
    const double cents = s * p->cents_a_second * exp(0.1 * (draw(d) - 0.5));
    return (PanelRow){.participant = who,
                      .batch = batch,
                      .deployment = who,
                      .acceleration = who % 3,
                      .seq = n + 1,
                      .issued_ms = INT64_C(1700000000000),
                      .received_ms = INT64_C(1700000000000) + (int64_t)(s * 1100),
                      .proving_ms = (int64_t)(s * 1000),
                      .cost = (int64_t)(cents * (double)CVK_CENT),
                      .price = (int64_t)(cents * p->margin * (double)CVK_CENT)};
}

static bool each_submission(Draw *d, const double *difficulty,
                            bool (*fn)(void *ctx, const PanelRow *r, CvkErr *err), void *ctx,
                            CvkErr *err) {
    for (uint32_t who = 0; who < BENCH_PEOPLE; who++) {
        Prover p = {.speed = exp(draw(d) - 0.5)};
        p.cents_a_second = 0.5 + draw(d);
        p.margin = 1.02 + 0.5 * draw(d);
        p.shift = (uint32_t)(draw(d) * BENCH_BATCHES);
        for (uint32_t n = 0; n < BENCH_BATCHES; n++) {
            const PanelRow r = row_of(d, difficulty, &p, who, n);
            if (!fn(ctx, &r, err))
                return false;
        }
    }
    return true;
}

bool bench_each_submission(bool (*fn)(void *ctx, const PanelRow *r, CvkErr *err), void *ctx,
                           CvkErr *err) {
    _cleanup_free_ Draw *d = cvk_alloc(1, sizeof *d, err);
    _cleanup_free_ double *difficulty = cvk_alloc(BENCH_BATCHES, sizeof *difficulty, err);
    if (d == NULL || difficulty == NULL)
        return false;
    for (size_t j = 0; j < BENCH_BATCHES; j++)
        difficulty[j] = exp(2 * draw(d));
    return each_submission(d, difficulty, fn, ctx, err);
}

/* ---- in memory ---- */

static bool add_names(Panel *p, CvkErr *err) {
    char text[32];
    uint32_t i;
    for (uint32_t k = 0; k < BENCH_PEOPLE; k++) {
        snprintf(text, sizeof text, "p%u", k + 1);
        if (!panel_name(p, PANEL_PARTICIPANT, text, &i, err))
            return false;
        snprintf(text, sizeof text, "p%u/v1", k + 1);
        if (!panel_name(p, PANEL_DEPLOYMENT, text, &i, err))
            return false;
    }
    for (uint32_t k = 0; k < BENCH_BATCHES; k++) {
        snprintf(text, sizeof text, "%04u", k + 1);
        if (!panel_name(p, PANEL_BATCH, text, &i, err))
            return false;
    }
    for (size_t k = 0; k < 3; k++)
        if (!panel_name(p, PANEL_ACCELERATION, BENCH_ACCELERATIONS[k], &i, err))
            return false;
    return true;
}

static bool add_row(void *ctx, const PanelRow *r, CvkErr *err) {
    return panel_add(ctx, r, err);
}

static Panel *make_panel(CvkErr *err) {
    Panel *p = panel_new(err);
    if (p != NULL && add_names(p, err) && bench_each_submission(add_row, p, err) &&
        panel_number(p, err))
        return p;
    return panel_free(p);
}

/* What the commands do: all findings, and all mechanisms with their sweeps; VCG twice, with all the
 * room there is and with room for three batches each. */
static bool analyse(const Panel *p, CvkPool *pool, CvkErr *err) {
    const AnalysisOptions o = {.seed = 1, .replicates = 400, .pool = pool};
    Simulation s = {.base = auction_usual, .points = 20};
    for (AuctionKind k = 0; k < AUCTIONS_N; k++) {
        Auction *a = &s.auction[s.n++];
        *a = auction_usual;
        a->kind = k;
        a->winners = 2;
        a->posted = 50 * CVK_CENT;
        a->lambda = CVK_CENT / 10;
        a->dutch_to = 500 * CVK_CENT;
        a->ramp_ms = 60000;
    }
    s.auction[s.n] = s.auction[s.n - 1];
    s.auction[s.n++].capacity = 3;
    Findings *f = findings_new("", "", err);
    bool ok = f != NULL && analysis_run(p, NULL, &o, f, err) && simulation_run(p, &o, &s, f, err);
    findings_free(f);
    return ok;
}

static void row(const Bench *b, const char *name, double value, const char *unit) {
    if (b->wanted(b->ctx, name))
        b->row(b->ctx, &(BenchRow){.name = name,
                                   .n = BENCH_SUBMISSIONS,
                                   .of = "submissions",
                                   .value = value,
                                   .unit = unit});
}

bool bench_market_analyze(const Bench *b, CvkErr *err) {
    double seconds[BENCH_ROUNDS_MAX];
    struct rusage used;
    Panel *p = make_panel(err);
    bool ok = p != NULL;
    for (unsigned r = 0; ok && r < b->rounds; r++) {
        int64_t start = cvk_monotonic_ms();
        ok = analyse(p, b->pool, err);
        seconds[r] = (double)(cvk_monotonic_ms() - start) / 1000;
    }
    panel_free(p);
    if (!ok)
        return false;
    row(b, "market.analyze", bench_median(seconds, b->rounds), "s");
    getrusage(RUSAGE_SELF, &used); /* of the whole process, whatever it measured before */
    row(b, "market.analyze.memory", (double)used.ru_maxrss / 1024, "MiB");
    return true;
}
