/* market.analyze: a million submissions, analysed and simulated. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/rng.h"
#include "cli/bench.h"
#include "codec/money.h"
#include "market/analysis.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>

#define PEOPLE 1000u
#define BATCHES 1000u
#define SUBMISSIONS ((size_t)PEOPLE * BATCHES)

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

static bool add_names(Panel *p, CvkErr *err) {
    static const char *const accelerations[] = {"GPU", "FPGA", "NONE"};
    char text[32];
    uint32_t i;
    for (uint32_t k = 0; k < PEOPLE; k++) {
        snprintf(text, sizeof text, "p%u", k + 1);
        if (!panel_name(p, PANEL_PARTICIPANT, text, &i, err))
            return false;
        snprintf(text, sizeof text, "p%u/v1", k + 1);
        if (!panel_name(p, PANEL_DEPLOYMENT, text, &i, err))
            return false;
    }
    for (uint32_t k = 0; k < BATCHES; k++) {
        snprintf(text, sizeof text, "%04u", k + 1);
        if (!panel_name(p, PANEL_BATCH, text, &i, err))
            return false;
    }
    for (size_t k = 0; k < 3; k++)
        if (!panel_name(p, PANEL_ACCELERATION, accelerations[k], &i, err))
            return false;
    return true;
}

/* Batches differ in difficulty, provers in speed, cost and margin; everybody has an own order, and
 * becomes quicker. */
static bool add_rows(Panel *p, Draw *d, const double *difficulty, CvkErr *err) {
    for (uint32_t who = 0; who < PEOPLE; who++) {
        const double speed = exp(draw(d) - 0.5), cents_a_second = 0.5 + draw(d),
                     margin = 1.02 + 0.5 * draw(d);
        const uint32_t shift = (uint32_t)(draw(d) * BATCHES);
        for (uint32_t n = 0; n < BATCHES; n++) {
            const uint32_t batch = (n + shift) % BATCHES;
            double s =
                60 * difficulty[batch] * speed * exp(0.2 * (draw(d) - 0.5)) * pow(n + 1, -0.05);
            double cents = s * cents_a_second * exp(0.1 * (draw(d) - 0.5));
            PanelRow r = {.participant = who,
                          .batch = batch,
                          .deployment = who,
                          .acceleration = who % 3,
                          .seq = n + 1,
                          .issued_ms = INT64_C(1700000000000),
                          .received_ms = INT64_C(1700000000000) + (int64_t)(s * 1100),
                          .proving_ms = (int64_t)(s * 1000),
                          .cost = (int64_t)(cents * (double)CVK_CENT),
                          .price = (int64_t)(cents * margin * (double)CVK_CENT)};
            if (!panel_add(p, &r, err))
                return false;
        }
    }
    return true;
}

static Panel *make_panel(CvkErr *err) {
    _cleanup_free_ Draw *d = cvk_alloc(1, sizeof *d, err);
    _cleanup_free_ double *difficulty = cvk_alloc(BATCHES, sizeof *difficulty, err);
    Panel *p = d != NULL && difficulty != NULL ? panel_new(err) : NULL;
    for (size_t j = 0; p != NULL && j < BATCHES; j++)
        difficulty[j] = exp(2 * draw(d));
    if (p != NULL && add_names(p, err) && add_rows(p, d, difficulty, err) && panel_number(p, err))
        return p;
    return panel_free(p);
}

/* What the commands do: all findings, and all mechanisms with their sweeps; VCG twice, with all the
 * room there is and with room for three batches each. */
static bool analyse(const Panel *p, CvkErr *err) {
    const AnalysisOptions o = {.seed = 1, .replicates = 400};
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
        b->row(
            b->ctx,
            &(BenchRow){
                .name = name, .n = SUBMISSIONS, .of = "submissions", .value = value, .unit = unit});
}

bool bench_market_analyze(const Bench *b, CvkErr *err) {
    double seconds[BENCH_ROUNDS_MAX];
    struct rusage used;
    Panel *p = make_panel(err);
    bool ok = p != NULL;
    for (unsigned r = 0; ok && r < b->rounds; r++) {
        int64_t start = cvk_monotonic_ms();
        ok = analyse(p, err);
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
