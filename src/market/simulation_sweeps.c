/* Auctions over the panel's bids with one parameter varied, as tables and figures. */
#include "base/alloc.h"
#include "codec/money.h"
#include "market/analysis_private.h"

#include <math.h>
#include <stdio.h>

#define POINTS_MAX 200

/* One auction with one parameter varied. */
typedef struct {
    const char *name, *title, *x_title;
    Auction auction;
    void (*set)(Auction *a, double v);
    bool whole; /* there is nothing between whole numbers */
    size_t points;
    double at[POINTS_MAX]; /* in the parameter's unit for people */
} Sweep;

static int64_t micro_cents(double cents) {
    double v = cents * (double)CVK_CENT;
    return v < (double)MONEY_MAX ? (int64_t)llround(v) : MONEY_MAX;
}

static void set_reserve(Auction *a, double v) {
    a->reserve = micro_cents(v);
}

static void set_posted(Auction *a, double v) {
    a->posted = micro_cents(v);
}

static void set_winners(Auction *a, double v) {
    a->winners = (uint32_t)v;
}

static void set_lambda(Auction *a, double v) {
    a->lambda = micro_cents(v);
}

static void set_deadline(Auction *a, double v) {
    a->deadline_ms = llround(v * 1000);
}

static void set_capacity(Auction *a, double v) {
    a->capacity = (uint32_t)v;
}

static void put_point(Sheet *t, const Sweep *s, double v, const Outcome *o) {
    sheet_real(t, v);
    sheet_text(t, auction_name(s->auction.kind));
    sheet_count(t, o->served);
    sheet_count(t, o->failed + o->fallback);
    sheet_spend(t, o, 0);
    sheet_total(t, o);
    sheet_real(t, o->efficiency);
    sheet_real(t, o->hhi);
    sheet_spend(t, o, o->winner_cost);
}

/* A figure's second and third series are filled after the first: values are kept until then. */
typedef struct {
    double mean_price[POINTS_MAX], served[POINTS_MAX], efficiency[POINTS_MAX];
} Curves;

static Figure *sweep_figure(const Sweep *s, size_t batches, const char *what, const char *y_title) {
    char id[40];
    snprintf(id, sizeof id, "sweep-%s-%s", s->name, what);
    Figure *g = figure_new(id, s->title, s->x_title, y_title);
    figure_note(g, "%s, %zu batch%s", auction_name(s->auction.kind), batches,
                batches == 1 ? "" : "es");
    if (g != NULL)
        g->x_whole = s->whole;
    return g;
}

static Figure *price_figure(const Sweep *s, size_t batches, const Curves *c) {
    Figure *g = sweep_figure(s, batches, "price", "mean price of a proof (cents)");
    figure_note(g, "; of those that are served");
    figure_series(g, FIGURE_LINE, auction_name(s->auction.kind));
    for (size_t i = 0; i < s->points; i++)
        figure_point(g, s->at[i], c->mean_price[i]);
    return g;
}

static Figure *share_figure(const Sweep *s, size_t batches, const Curves *c) {
    Figure *g = sweep_figure(s, batches, "served", "share");
    if (g != NULL)
        g->y_share = true;
    figure_note(g, "; efficiency: least possible over winners' cost");
    figure_series(g, s->whole ? FIGURE_LINE : FIGURE_STEP, "batches served");
    for (size_t i = 0; i < s->points; i++)
        figure_point(g, s->at[i], c->served[i]);
    figure_series(g, FIGURE_LINE, "efficiency");
    for (size_t i = 0; i < s->points; i++)
        figure_point(g, s->at[i], c->efficiency[i]);
    return g;
}

static bool hold_points(const Sweep *s, const Bids *b, CvkMeter *meter, Sheet *t, Curves *c,
                        CvkErr *err) {
    for (size_t i = 0; i < s->points; i++) {
        Auction a = s->auction;
        Outcome o;
        s->set(&a, s->at[i]);
        if (!auction_hold(&a, b, meter, &o, err))
            return false;
        put_point(t, s, s->at[i], &o);
        double sold = (double)o.served * (a.kind == AUCTION_UNIFORM ? a.winners : 1);
        bool priced = sold > 0 && o.spend != AUCTION_UNDEFINED;
        c->mean_price[i] = priced ? sum_cents(o.spend) / sold : (double)NAN;
        c->served[i] = o.batches > 0 ? (double)o.served / (double)o.batches : (double)NAN;
        c->efficiency[i] = o.efficiency;
        outcome_done(&o);
    }
    return true;
}

/* ---- where to look ---- */

/* From the lowest bid to the highest of those that matter: the dearest of each batch's cheapest,
 * and a tenth more. Bids that cannot take part do not matter. */
static void bid_range(const Auction *a, const Bids *b, double *ret_low, double *ret_high) {
    int64_t low = INT64_MAX, high = 0;
    for (size_t j = 0; j < b->batches; j++) {
        int64_t least = auction_lowest(a, b, j);
        if (least == AUCTION_NONE)
            continue;
        low = least < low ? least : low;
        high = least > high ? least : high;
    }
    *ret_low = low < INT64_MAX ? sum_cents(low) : 0;
    *ret_high = sum_cents(high) * 1.1 + 1e-6;
}

/* Amounts, each what it is called: a whole number of micro-cents. */
static void spread(Sweep *s, size_t points, double low, double high) {
    s->points = points < POINTS_MAX ? points : POINTS_MAX;
    for (size_t i = 0; i < s->points; i++) {
        double v = s->points == 1 ? high : low + (high - low) * (double)i / (double)(s->points - 1);
        s->at[i] = sum_cents(micro_cents(v));
    }
}

static void whole_numbers(Sweep *s, size_t points, size_t from, size_t most) {
    size_t step = (most - from) / (points > 0 ? points : 1) + 1;
    s->whole = true;
    s->points = 0;
    for (size_t v = from; v <= most && s->points < POINTS_MAX; v += step)
        s->at[s->points++] = (double)v;
}

/* A second's worth at which the slowest would lose all of what a proof costs, at most. */
static double lambda_range(const Auction *a, const Bids *b) {
    double slowest = 1, dearest = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (!auction_admits(a, &b->bid[i]))
            continue;
        slowest = fmax(slowest, (double)b->bid[i].proving_ms / 1000);
        dearest = fmax(dearest, sum_cents(b->bid[i].price));
    }
    return 2 * dearest / slowest;
}

/* On one batch. */
static size_t most_bids(const Auction *a, const Bids *b) {
    size_t most = 0;
    for (size_t j = 0; j < b->batches; j++) {
        size_t n = 0;
        for (size_t i = b->start[j]; i < b->start[j + 1]; i++)
            n += auction_admits(a, &b->bid[i]);
        most = n > most ? n : most;
    }
    return most;
}

static void over_reserves(Sweep *s, const Bids *b, size_t points) {
    double low, high;
    s->auction.reserve = AUCTION_NONE; /* the one that is set leaves nothing out of its own sweep */
    bid_range(&s->auction, b, &low, &high);
    spread(s, points, low, high);
}

static void over_prices(Sweep *s, const Bids *b, size_t points) {
    double low, high;
    bid_range(&s->auction, b, &low, &high);
    spread(s, points, low, high);
}

static void over_winners(Sweep *s, const Bids *b, size_t points) {
    const size_t most = most_bids(&s->auction, b);
    whole_numbers(s, points, 1, most > 1 ? (most - 1 < 16 ? most - 1 : 16) : 1);
}

static void over_lambda(Sweep *s, const Bids *b, size_t points) {
    spread(s, points, 0, lambda_range(&s->auction, b));
}

/* From the quickest proof to the slowest, each a whole number of milliseconds. */
static void over_deadlines(Sweep *s, const Bids *b, size_t points) {
    int64_t quickest = INT64_MAX, slowest = 0;
    s->auction.deadline_ms = AUCTION_NONE; /* as with reserves */
    for (size_t i = 0; i < b->n; i++) {
        const int64_t ms = b->bid[i].proving_ms;
        if (!auction_admits(&s->auction, &b->bid[i]))
            continue;
        quickest = ms < quickest ? ms : quickest;
        slowest = ms > slowest ? ms : slowest;
    }
    const double low = quickest < slowest ? (double)quickest : (double)slowest;
    s->points = points < POINTS_MAX ? points : POINTS_MAX;
    for (size_t i = 0; i < s->points; i++) {
        double share = s->points == 1 ? 1 : (double)i / (double)(s->points - 1);
        s->at[i] = round(low + ((double)slowest - low) * share) / 1000;
    }
}

static void over_capacities(Sweep *s, const Bids *b, size_t points) {
    s->auction.capacities = NULL;
    whole_numbers(s, points < 10 ? points : 10, 1, b->batches > 1 ? b->batches : 1);
}

/* ---- all of them ---- */

typedef struct {
    const char *name, *title, *x_title;
    AuctionKind kind, instead; /* `instead` is swept if it is held and `kind` is not */
    void (*set)(Auction *a, double v);
    void (*over)(Sweep *s, const Bids *b, size_t points);
} SweepKind;

static const SweepKind sweep_kinds[] = {
    {"reserve", "Second price: the reserve", "reserve (cents)", AUCTION_SECOND, AUCTION_SECOND,
     set_reserve, over_reserves},
    {"posted", "Posted price: the price", "posted price (cents)", AUCTION_POSTED, AUCTION_POSTED,
     set_posted, over_prices},
    {"winners", "Uniform price: the number of winners", "winners a batch", AUCTION_UNIFORM,
     AUCTION_UNIFORM, set_winners, over_winners},
    {"lambda", "Score auction: what a second is worth", "lambda (cents a second)", AUCTION_SCORE,
     AUCTION_SECOND_SCORE, set_lambda, over_lambda},
    {"deadline", "Deadline: the longest that a proof may have taken", "deadline (s)",
     AUCTION_SECOND, AUCTION_FIRST, set_deadline, over_deadlines},
    {"capacity", "VCG: the capacity of each", "batches that each can take", AUCTION_VCG,
     AUCTION_VCG, set_capacity, over_capacities},
};
#define SWEEPS_N (sizeof sweep_kinds / sizeof *sweep_kinds)

static bool is_held(const Simulation *s, AuctionKind kind) {
    for (size_t i = 0; i < s->n; i++)
        if (s->auction[i].kind == kind)
            return true;
    return false;
}

static bool is_wanted(const Simulation *s, const SweepKind *k) {
    if (k->kind == AUCTION_VCG)
        return s->vcg_sweep;
    return s->all_sweeps || is_held(s, k->kind) || is_held(s, k->instead);
}

static void plan(const Simulation *s, const SweepKind *k, const Bids *b, Sweep *ret) {
    *ret = (Sweep){.name = k->name,
                   .title = k->title,
                   .x_title = k->x_title,
                   .auction = s->base,
                   .set = k->set};
    ret->auction.kind = is_held(s, k->instead) && !is_held(s, k->kind) ? k->instead : k->kind;
    k->over(ret, b, s->points);
}

static Sheet *sweep_sheet(const Sweep *s) {
    static const char *const columns[][2] = {{"mechanism", "mechanism"},
                                             {"served", "served"},
                                             {"not_served", "not served"},
                                             {"spend", "spend"},
                                             {"total", "with elsewhere"},
                                             {"efficiency", "efficiency"},
                                             {"hhi", "HHI"},
                                             {"rent", "rent"},
                                             {NULL, NULL}};
    char id[40];
    snprintf(id, sizeof id, "sweep_%s", s->name);
    Sheet *t = sheet_new(id, s->title, "texts show rows of the same outcome once, as the first");
    sheet_column(t, "value", s->x_title);
    sheet_columns(t, columns);
    if (t != NULL)
        t->steps = true;
    return t;
}

static bool sweep_one(const Sweep *s, const Bids *b, CvkMeter *meter, Findings *f, Curves *c,
                      CvkErr *err) {
    Sheet *t = sweep_sheet(s);
    if (!hold_points(s, b, meter, t, c, err)) {
        sheet_free(t);
        return false;
    }
    /* Of a posted price the mean is known. */
    return findings_sheet(f, t, err) &&
           (s->auction.kind == AUCTION_POSTED ||
            findings_figure(f, price_figure(s, b->batches, c), err)) &&
           findings_figure(f, share_figure(s, b->batches, c), err);
}

size_t simulation_sweeps_units(const Simulation *s, size_t batches, size_t participants) {
    size_t units = 0;
    for (size_t i = 0; i < SWEEPS_N; i++)
        if (is_wanted(s, &sweep_kinds[i]))
            units += s->points *
                     auction_units(&(Auction){.kind = sweep_kinds[i].kind}, batches, participants);
    return units;
}

bool simulation_sweeps(const Simulation *s, const Bids *b, CvkMeter *meter, Findings *f,
                       CvkErr *err) {
    _cleanup_free_ Sweep *sweep = cvk_alloc(1, sizeof *sweep, err);
    _cleanup_free_ Curves *curves = cvk_alloc(1, sizeof *curves, err);
    if (sweep == NULL || curves == NULL)
        return false;
    for (size_t i = 0; i < SWEEPS_N; i++) {
        if (!is_wanted(s, &sweep_kinds[i]))
            continue;
        plan(s, &sweep_kinds[i], b, sweep);
        if (!sweep_one(sweep, b, meter, f, curves, err))
            return false;
    }
    return true;
}
