/* market simulate: auctions over the bids that were collected. */
#include "base/words.h"
#include "cli/compute.h"
#include "cli/market_analysis.h"
#include "cli/say.h"
#include "cli/subcommands.h"

static const Option options[] = {
    OPTIONS_ANALYSIS,
    {"mechanism", "NAME", NULL,
     "One of first-price, second-price, uniform, posted, score, second-score, dutch, vcg. May be "
     "repeated. Without it: all for which what they need is known."},
    {"reserve", "CENTS", NULL,
     "No higher bid takes part, and nobody is offered more; also the price where no second bid "
     "is."},
    {"deadline", "SECONDS", NULL, "No proof that took longer takes part."},
    {"winners", "M", NULL,
     "Of uniform: how many prove each batch; each is paid the next bid. Without it: 2, or 1 where "
     "no batch has three bids that may take part."},
    {"posted", "CENTS", NULL,
     "Of posted: the price. Without it: the mean of batches' lowest bids that may take part."},
    {"choice", "random|fastest|cheapest", "random",
     "Of posted: which of those wins whose bid is not above the price."},
    {"lambda", "CENTS", NULL,
     "Of score, second-score: what each second over --target adds to a bid."},
    {"target", "SECONDS", "0", "Of score, second-score: a time that costs nothing."},
    {"dutch-from", "CENTS", "0", "Of dutch: the first offer."},
    {"dutch-to", "CENTS", NULL,
     "Of dutch: the last offer. Without it: the highest bid that may take part."},
    {"ramp", "SECONDS", "60", "Of dutch: from the first offer to the last."},
    {"tick", "SECONDS", "1", "Of dutch: how often the offer rises."},
    {"capacity", "K", NULL, "Of vcg: how many batches each can take. Without it: any number."},
    {"fallback", "CENTS", NULL,
     "Of vcg: what a batch costs elsewhere. Without it nobody has a price who cannot be replaced."},
    {"points", "N", "20",
     "Points of each sweep over reserve, posted price, winners, lambda, deadline (with "
     "--mechanism: of those that are named); 0: no sweeps."},
    {"sweep-capacity", NULL, NULL, "Also sweep over capacities: one VCG auction a point."},
    {NULL, NULL, NULL, NULL},
};

#define WINNERS_UNSAID UINT32_MAX /* the bids say */

/* 2, or 1 where that leaves every batch without a bid that says what they are paid. */
static uint32_t usual_winners(const Auction *a, const Bids *b) {
    for (size_t j = 0; j < b->batches; j++) {
        size_t n = 0;
        for (size_t i = b->start[j]; i < b->start[j + 1]; i++)
            n += auction_admits(a, &b->bid[i]);
        if (n > 2)
            return 2;
    }
    return 1;
}

/* The mean of batches' lowest bids, and the highest bid, of those that may take part. */
static void find_prices(const Auction *a, const Bids *b, int64_t *ret_mean, int64_t *ret_highest) {
    Sum lowest = 0, batches = 0;
    *ret_highest = 0;
    for (size_t j = 0; j < b->batches; j++) {
        int64_t least = auction_lowest(a, b, j);
        lowest += least != AUCTION_NONE ? least : 0;
        batches += least != AUCTION_NONE;
    }
    for (size_t i = 0; i < b->n; i++)
        if (auction_admits(a, &b->bid[i]) && b->bid[i].price > *ret_highest)
            *ret_highest = b->bid[i].price;
    *ret_mean = batches > 0 ? (int64_t)(lowest / batches) : 0;
}

/* What follows from the bids where nothing is said. */
static bool follow_bids(const Panel *p, uint64_t seed, Auction *a, CvkErr *err) {
    Bids b;
    int64_t mean, highest;
    if (!bids_make(p, seed, &b, err))
        return false;
    find_prices(a, &b, &mean, &highest);
    if (a->posted < 0)
        a->posted = mean;
    if (a->dutch_to < 0)
        a->dutch_to = highest > a->dutch_from ? highest : a->dutch_from;
    if (a->winners == WINNERS_UNSAID)
        a->winners = usual_winners(a, &b);
    bids_done(&b);
    return true;
}

static bool read_choice(const Args *args, Auction *a, CvkErr *err) {
    const char *names[POSTED_N];
    size_t at;
    for (PostedWinner c = 0; c < POSTED_N; c++)
        names[c] = posted_name(c);
    if (!cvk_words_find("--choice", args_text(args, "choice"), names, POSTED_N, &at, err))
        return false;
    a->choice = (PostedWinner)at;
    return true;
}

/* One set of parameters, of which each mechanism takes what it knows. */
static bool read_parameters(const Args *args, Auction *a, CvkErr *err) {
    uint64_t winners = WINNERS_UNSAID, capacity = AUCTION_ALL;
    *a = auction_usual;
    if (!analysis_cents(args, "reserve", &a->reserve, err) ||
        !analysis_seconds(args, "deadline", &a->deadline_ms, err) ||
        (args_text(args, "winners") != NULL &&
         !args_uint(args, "winners", AUCTION_WINNERS_MAX, &winners, err)) ||
        !analysis_cents(args, "posted", &a->posted, err) || !read_choice(args, a, err) ||
        !analysis_cents(args, "lambda", &a->lambda, err) ||
        !analysis_seconds(args, "target", &a->target_ms, err) ||
        !analysis_cents(args, "dutch-from", &a->dutch_from, err) ||
        !analysis_cents(args, "dutch-to", &a->dutch_to, err) ||
        !analysis_seconds(args, "ramp", &a->ramp_ms, err) ||
        !analysis_seconds(args, "tick", &a->tick_ms, err) ||
        !analysis_cents(args, "fallback", &a->fallback, err) ||
        (args_text(args, "capacity") != NULL &&
         !args_uint(args, "capacity", AUCTION_ALL, &capacity, err)))
        return false;
    a->winners = (uint32_t)winners;
    a->capacity = (uint32_t)capacity;
    return true;
}

typedef struct {
    AuctionKind kind[SIMULATION_AUCTIONS_MAX];
    size_t n; /* 0: none was named */
} Mechanisms;

static bool read_mechanisms(const Args *args, Mechanisms *ret, CvkErr *err) {
    const char *names[AUCTIONS_N];
    size_t at;
    for (AuctionKind k = 0; k < AUCTIONS_N; k++)
        names[k] = auction_name(k);
    ret->n = 0;
    for (const char *const *named = args_list(args, "mechanism"); *named != NULL; named++) {
        if (ret->n == SIMULATION_AUCTIONS_MAX)
            return cvk_fail(err, CVK_ELIMIT, "usage.many", "--mechanism is given %d times at most",
                            SIMULATION_AUCTIONS_MAX);
        if (!cvk_words_find("--mechanism", *named, names, AUCTIONS_N, &at, err))
            return false;
        ret->kind[ret->n++] = (AuctionKind)at;
    }
    return true;
}

/* Those for which what they need is known. */
static void usual_mechanisms(const Auction *a, Mechanisms *ret) {
    for (AuctionKind k = 0; k < AUCTIONS_N; k++)
        if (a->lambda >= 0 || (k != AUCTION_SCORE && k != AUCTION_SECOND_SCORE))
            ret->kind[ret->n++] = k;
}

static bool plan(const Args *args, const Auction *a, const Mechanisms *named, Simulation *s,
                 CvkErr *err) {
    Mechanisms m = *named;
    uint64_t points;
    if (!args_uint(args, "points", 200, &points, err))
        return false;
    if (m.n == 0)
        usual_mechanisms(a, &m);
    *s = (Simulation){.base = *a,
                      .points = (size_t)points,
                      .all_sweeps = named->n == 0,
                      .vcg_sweep = args_flag(args, "sweep-capacity")};
    for (; s->n < m.n; s->n++) {
        s->auction[s->n] = *a;
        s->auction[s->n].kind = m.kind[s->n];
        if (!auction_check(&s->auction[s->n], err))
            return false;
    }
    return true;
}

static bool compute(const Args *args, AnalysisOptions *o, const Panel *p, const Simulation *s,
                    Findings *f, CvkErr *err) {
    Compute c = {.quiet = args_flag(args, "json")};
    compute_begin(&c, "simulating", simulation_units(s, p));
    o->meter = c.work.meter;
    bool ok = simulation_run(p, o, s, f, err);
    compute_end(&c);
    return ok;
}

static bool simulate(const Args *args, CvkErr *err) {
    char about[ANALYSIS_ABOUT_MAX];
    Mechanisms named;
    Auction a;
    Simulation s;
    Panel *p;
    AnalysisOptions o = {0};
    if (!args_uint(args, "seed", UINT64_MAX, &o.seed, err) || !read_parameters(args, &a, err) ||
        !read_mechanisms(args, &named, err) || !analysis_panel(args, &p, about, err))
        return false;
    Findings *f = findings_new("Auctions over the bids of a prover experiment", about, err);
    bool ok = f != NULL && follow_bids(p, o.seed, &a, err) && plan(args, &a, &named, &s, err) &&
              compute(args, &o, p, &s, f, err) && analysis_give_out(args, f, err);
    findings_free(f);
    panel_free(p);
    return ok;
}

static int run(const Args *args) {
    CvkErr err;
    return simulate(args, &err) ? EXIT_DONE : say_error("market simulate", &err);
}

const Subcommand CLI_MARKET_SIMULATE = {
    .name = "market simulate",
    .purpose = "what auctions over the collected bids would have cost, and who would have won",
    .usage = "DIR [--mechanism NAME]... [--reserve CENTS] [--panel complete] [--json] [...]\n"
             "--from FILE [...]",
    .about =
        "Bids are taken as they were reported, whatever the mechanism: reservation prices were "
        "asked for without paying for them, so that provers would bid the same in each of these "
        "auctions is an assumption, and for those that pay the own bid (first-price, score) a "
        "strong one.\n\n"
        "first-price: the lowest bid wins, and is paid. second-price: is paid the second lowest, "
        "or "
        "the reserve. uniform: M win, each is paid the next bid. posted: a price is offered, and "
        "one whose bid is not above it wins. score: the lowest bid + lambda * seconds over the "
        "target; second-score: is paid what would have made the scores equal. dutch: an offer "
        "rises until somebody takes it. vcg: all batches at once, each prover taking K at most; "
        "each is paid what their being there saves the others.\n\n"
        "Told are spend, winners' cost, what is paid elsewhere (vcg with --fallback), efficiency "
        "(least possible cost of who may take part / winners' cost; vcg: as if capacity did not "
        "bind), rent (spend - winners' cost), batches that nobody serves, shares of wins and their "
        "concentration (HHI), what a race of all provers would waste, what each prover's presence "
        "is worth, and sweeps over parameters. Ties are decided by lots from --seed; in vcg only "
        "those for a batch, not those "
        "between assignments that capacities make equal.",
    .options = options,
    .examples = "convoke market simulate DIR --report auctions.html\n"
                "convoke market simulate DIR --mechanism second-price --reserve 105\n"
                "convoke market simulate --from submissions.csv --mechanism vcg --capacity 2 "
                "--fallback 160",
    .args_min = 0,
    .args_max = 1,
    .run = run,
};
