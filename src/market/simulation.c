/* Auctions over the panel's bids, as tables and figures. */
#include "base/alloc.h"
#include "codec/money.h"
#include "market/analysis_private.h"
#include "market/stats.h"

#include <math.h>
#include <stdio.h>

#define POINTS_MAX 200
#define LABEL_MAX 120

/* ---- how an auction is called ---- */

typedef struct {
    char text[LABEL_MAX];
    size_t n;
} Label;

static void say(Label *l, const char *what, int64_t micro_cents) {
    char amount[SUM_TEXT_MAX];
    sum_text(micro_cents, amount);
    int n = snprintf(l->text + l->n, sizeof l->text - l->n, "%s%s %s", l->n > 0 ? ", " : "", what,
                     amount);
    if (n > 0 && (size_t)n < sizeof l->text - l->n)
        l->n += (size_t)n;
}

static void say_number(Label *l, const char *what, double v) {
    int n =
        snprintf(l->text + l->n, sizeof l->text - l->n, "%s%s %.6g", l->n > 0 ? ", " : "", what, v);
    if (n > 0 && (size_t)n < sizeof l->text - l->n)
        l->n += (size_t)n;
}

/* What it was held with: "reserve 105, deadline 60 s". */
static void parameters(const Auction *a, Label *l) {
    *l = (Label){{0}, 0};
    if (a->kind == AUCTION_POSTED) {
        say(l, "price", a->posted);
        int n = snprintf(l->text + l->n, sizeof l->text - l->n, ", %s", posted_name(a->choice));
        l->n += n > 0 ? (size_t)n : 0;
    }
    if (a->kind == AUCTION_UNIFORM)
        say_number(l, "winners", a->winners);
    if (a->kind == AUCTION_SCORE || a->kind == AUCTION_SECOND_SCORE) {
        say(l, "lambda", a->lambda);
        say_number(l, "target", (double)a->target_ms / 1000);
    }
    if (a->kind == AUCTION_DUTCH) {
        say(l, "from", a->dutch_from);
        say(l, "to", a->dutch_to);
        say_number(l, "ramp", (double)a->ramp_ms / 1000);
    }
    if (a->kind == AUCTION_VCG && a->capacity != AUCTION_ALL)
        say_number(l, "capacity", a->capacity);
    if (a->kind == AUCTION_VCG && a->fallback >= 0)
        say(l, "fallback", a->fallback);
    if (a->reserve >= 0)
        say(l, "reserve", a->reserve);
    if (a->deadline_ms >= 0)
        say_number(l, "deadline", (double)a->deadline_ms / 1000);
}

/* ---- outcomes ---- */

static const char *const outcome_columns[][2] = {{"mechanism", "mechanism"},
                                                 {"parameters", "parameters"},
                                                 {"batches", "batches"},
                                                 {"served", "served"},
                                                 {"failed", "failed"},
                                                 {"fallback", "elsewhere"},
                                                 {"spend", "spend"},
                                                 {"winner_cost", "winner cost"},
                                                 {"min_cost", "min cost"},
                                                 {"efficiency", "efficiency"},
                                                 {"rent", "rent"},
                                                 {"hhi", "HHI"},
                                                 {"race_cost", "race cost"},
                                                 {"race_waste", "race waste"},
                                                 {"mean_wait", "mean wait (s)"},
                                                 {NULL, NULL}};

static void put_spend(Sheet *t, const Outcome *o, Sum less) {
    if (o->spend == AUCTION_UNDEFINED)
        sheet_none(t);
    else
        sheet_sum(t, o->spend - less);
}

static void put_outcome(Sheet *t, const Auction *a, const Outcome *o) {
    Label l;
    parameters(a, &l);
    sheet_text(t, auction_name(a->kind));
    sheet_text(t, l.text);
    sheet_count(t, o->batches);
    sheet_count(t, o->served);
    sheet_count(t, o->failed);
    sheet_count(t, o->fallback);
    put_spend(t, o, 0);
    sheet_sum(t, o->winner_cost);
    sheet_sum(t, o->min_cost);
    sheet_real(t, o->efficiency);
    put_spend(t, o, o->winner_cost);
    sheet_real(t, o->hhi);
    sheet_sum(t, o->race);
    sheet_sum(t, o->race - o->winner_cost);
    sheet_real(t, a->kind == AUCTION_DUTCH && o->served > 0
                      ? (double)o->wait_ms / 1000 / (double)o->served
                      : (double)NAN);
}

static const char *const winner_columns[][2] = {{"mechanism", "mechanism"},
                                                {"parameters", "parameters"},
                                                {"participant", "participant"},
                                                {"wins", "wins"},
                                                {"share", "share"},
                                                {"paid", "paid"},
                                                {"lost_without", "lost without them"},
                                                {"saved", "saved by them"},
                                                {NULL, NULL}};

static void put_winners(Sheet *t, const Panel *p, const Auction *a, const Outcome *o,
                        const Absence *absence) {
    Label l;
    size_t wins = 0;
    parameters(a, &l);
    for (size_t i = 0; i < o->participants; i++)
        wins += o->wins[i];
    for (uint32_t i = 0; i < o->participants; i++) {
        const Absence *here = &absence[i];
        if (o->wins[i] == 0 && here->lost == 0 && here->saved == 0)
            continue;
        sheet_text(t, auction_name(a->kind));
        sheet_text(t, l.text);
        sheet_text(t, panel_name_at(p, PANEL_PARTICIPANT, i));
        sheet_count(t, o->wins[i]);
        sheet_real(t, wins > 0 ? (double)o->wins[i] / (double)wins : (double)NAN);
        if (o->paid[i] == AUCTION_UNDEFINED)
            sheet_none(t);
        else
            sheet_sum(t, o->paid[i]);
        sheet_count(t, here->lost);
        sheet_sum(t, here->saved);
    }
}

/* VCG's absence follows from its outcome: it is not solved again for that. */
static bool hold(const Panel *p, const Auction *a, const Bids *b, Absence *absence, Sheet *outcomes,
                 Sheet *winners, CvkErr *err) {
    Outcome o;
    if (!auction_hold(a, b, &o, err))
        return false;
    put_outcome(outcomes, a, &o);
    bool ok = true;
    if (a->kind == AUCTION_VCG)
        auction_absence_vcg(b, &o, absence);
    else
        ok = auction_absence(a, b, absence, err);
    if (ok)
        put_winners(winners, p, a, &o, absence);
    outcome_done(&o);
    return ok;
}

static bool hold_all(const Panel *p, const Simulation *s, const Bids *b, Findings *f, CvkErr *err) {
    _cleanup_free_ Absence *absence = cvk_alloc(b->participants, sizeof *absence, err);
    if (absence == NULL)
        return false;
    Sheet *outcomes =
        sheet_new("outcomes", "Auctions (amounts in cents)",
                  "bids are taken as they were reported; rent = spend - winner cost; efficiency = "
                  "min cost / winner cost; race: all who bid prove, losers' costs are the waste");
    Sheet *winners =
        sheet_new("winners", "Who wins",
                  "without them: so many batches nobody would serve, and the others would cost so "
                  "much more (VCG: their payment less their bids)");
    sheet_columns(outcomes, outcome_columns);
    sheet_columns(winners, winner_columns);
    for (size_t i = 0; i < s->n; i++)
        if (!hold(p, &s->auction[i], b, absence, outcomes, winners, err)) {
            sheet_free(outcomes);
            sheet_free(winners);
            return false;
        }
    if (!findings_sheet(f, outcomes, err)) {
        sheet_free(winners);
        return false;
    }
    return findings_sheet(f, winners, err);
}

/* ---- sweeps ---- */

/* One auction with one parameter varied. */
typedef struct {
    const char *id, *title, *x_title;
    Auction auction;
    size_t points;
    double at[POINTS_MAX]; /* in the parameter's unit for people */
    void (*set)(Auction *a, double v);
} Sweep;

static int64_t micro_cents(double cents) {
    double v = cents * (double)CVK_CENT;
    return v < (double)MONEY_MAX ? (int64_t)v : MONEY_MAX;
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

static void set_capacity(Auction *a, double v) {
    a->capacity = (uint32_t)v;
}

static void put_point(Sheet *t, const Sweep *s, double v, const Outcome *o) {
    sheet_text(t, s->id);
    sheet_text(t, auction_name(s->auction.kind));
    sheet_real(t, v);
    sheet_count(t, o->served);
    sheet_count(t, o->failed + o->fallback);
    put_spend(t, o, 0);
    sheet_real(t, o->efficiency);
    sheet_real(t, o->hhi);
    put_spend(t, o, o->winner_cost);
}

/* A figure's second and third series are filled after the first: values are kept until then. */
typedef struct {
    double mean_price[POINTS_MAX], served[POINTS_MAX], efficiency[POINTS_MAX];
} Curves;

static Figure *price_figure(const Sweep *s, const Curves *c) {
    char id[40];
    snprintf(id, sizeof id, "sweep-%s-price", s->id);
    Figure *g = figure_new(id, s->title, s->x_title, "mean price of a proof (cents)");
    figure_series(g, FIGURE_LINE, auction_name(s->auction.kind));
    for (size_t i = 0; i < s->points; i++)
        figure_point(g, s->at[i], c->mean_price[i]);
    return g;
}

static Figure *share_figure(const Sweep *s, const Curves *c) {
    char id[40];
    snprintf(id, sizeof id, "sweep-%s-served", s->id);
    Figure *g = figure_new(id, s->title, s->x_title, "share");
    figure_series(g, FIGURE_STEP, "served");
    for (size_t i = 0; i < s->points; i++)
        figure_point(g, s->at[i], c->served[i]);
    figure_series(g, FIGURE_LINE, "efficiency");
    for (size_t i = 0; i < s->points; i++)
        figure_point(g, s->at[i], c->efficiency[i]);
    return g;
}

static bool one_sweep(const Sweep *s, const Bids *b, Sheet *t, Curves *c, CvkErr *err) {
    for (size_t i = 0; i < s->points; i++) {
        Auction a = s->auction;
        Outcome o;
        s->set(&a, s->at[i]);
        if (!auction_hold(&a, b, &o, err))
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

/* From the lowest bid to the highest of those that matter: the dearest of each batch's cheapest,
 * and a tenth more. */
static void bid_range(const Bids *b, double *ret_low, double *ret_high) {
    int64_t low = INT64_MAX, high = 0;
    for (size_t j = 0; j < b->batches; j++) {
        int64_t least = INT64_MAX;
        for (size_t i = b->start[j]; i < b->start[j + 1]; i++)
            least = b->bid[i].price < least ? b->bid[i].price : least;
        low = least < low ? least : low;
        high = least > high ? least : high;
    }
    *ret_low = sum_cents(low);
    *ret_high = sum_cents(high) * 1.1 + 1e-6;
}

static void spread(Sweep *s, size_t points, double low, double high) {
    s->points = points < POINTS_MAX ? points : POINTS_MAX;
    for (size_t i = 0; i < s->points; i++)
        s->at[i] = s->points == 1 ? high : low + (high - low) * (double)i / (double)(s->points - 1);
}

static void whole_numbers(Sweep *s, size_t points, size_t from, size_t most) {
    size_t step = (most - from) / (points > 0 ? points : 1) + 1;
    s->points = 0;
    for (size_t v = from; v <= most && s->points < POINTS_MAX; v += step)
        s->at[s->points++] = (double)v;
}

/* A second's worth at which the slowest would lose all of what a proof costs, at most. */
static double lambda_range(const Bids *b) {
    double slowest = 1, dearest = 0;
    for (size_t i = 0; i < b->n; i++) {
        slowest = fmax(slowest, (double)b->bid[i].proving_ms / 1000);
        dearest = fmax(dearest, sum_cents(b->bid[i].price));
    }
    return 2 * dearest / slowest;
}

/* On one batch. */
static size_t most_bids(const Bids *b) {
    size_t most = 0;
    for (size_t j = 0; j < b->batches; j++)
        most = b->start[j + 1] - b->start[j] > most ? b->start[j + 1] - b->start[j] : most;
    return most;
}

#define SWEEPS_MAX 5
static size_t plan(const Simulation *s, const Bids *b, Sweep *ret) {
    static const Sweep shapes[SWEEPS_MAX] = {
        {"reserve", "Second price: the reserve", "reserve (cents)", {0}, 0, {0}, set_reserve},
        {"posted", "Posted price: the price", "posted price (cents)", {0}, 0, {0}, set_posted},
        {"winners",
         "Uniform price: the number of winners",
         "winners a batch",
         {0},
         0,
         {0},
         set_winners},
        {"lambda",
         "Score auction: what a second is worth",
         "lambda (cents a second)",
         {0},
         0,
         {0},
         set_lambda},
        {"capacity",
         "VCG: the capacity of each",
         "batches that each can take",
         {0},
         0,
         {0},
         set_capacity},
    };
    static const AuctionKind kinds[SWEEPS_MAX] = {AUCTION_SECOND, AUCTION_POSTED, AUCTION_UNIFORM,
                                                  AUCTION_SCORE, AUCTION_VCG};
    double low, high;
    const size_t most = most_bids(b);
    bid_range(b, &low, &high);
    for (size_t i = 0; i < SWEEPS_MAX; i++) {
        ret[i] = shapes[i];
        ret[i].auction = auction_usual;
        for (size_t k = s->n; k-- > 0;) /* with what is set for the first auction of its kind */
            if (s->auction[k].kind == kinds[i])
                ret[i].auction = s->auction[k];
        ret[i].auction.kind = kinds[i];
    }
    spread(&ret[0], s->points, low, high);
    spread(&ret[1], s->points, low, high);
    whole_numbers(&ret[2], s->points, 1, most > 1 ? (most - 1 < 16 ? most - 1 : 16) : 1);
    spread(&ret[3], s->points, 0, lambda_range(b));
    whole_numbers(&ret[4], s->points < 10 ? s->points : 10, 1, b->batches > 1 ? b->batches : 1);
    return s->vcg_sweep ? SWEEPS_MAX : SWEEPS_MAX - 1;
}

static bool sweep_all(const Simulation *s, const Bids *b, Findings *f, Sheet *t, CvkErr *err) {
    _cleanup_free_ Sweep *sweep = cvk_alloc(SWEEPS_MAX, sizeof *sweep, err);
    _cleanup_free_ Curves *curves = cvk_alloc(SWEEPS_MAX, sizeof *curves, err);
    if (sweep == NULL || curves == NULL)
        return false;
    size_t n = plan(s, b, sweep);
    for (size_t i = 0; i < n; i++)
        if (!one_sweep(&sweep[i], b, t, &curves[i], err) ||
            !findings_figure(f, price_figure(&sweep[i], &curves[i]), err) ||
            !findings_figure(f, share_figure(&sweep[i], &curves[i]), err))
            return false;
    return true;
}

static bool sweeps(const Simulation *s, const Bids *b, Findings *f, CvkErr *err) {
    static const char *const columns[][2] = {{"sweep", "over"},
                                             {"mechanism", "mechanism"},
                                             {"value", "value"},
                                             {"served", "served"},
                                             {"failed", "not served"},
                                             {"spend", "spend"},
                                             {"efficiency", "efficiency"},
                                             {"hhi", "HHI"},
                                             {"rent", "rent"},
                                             {NULL, NULL}};
    Sheet *t = sheet_new("sweeps", "Sweeps", NULL);
    sheet_columns(t, columns);
    if (!sweep_all(s, b, f, t, err)) {
        sheet_free(t);
        return false;
    }
    return findings_sheet(f, t, err);
}

static Figure *share_of_wins(const Panel *p, const Bids *b, const Simulation *s, CvkErr *err) {
    Figure *g = figure_new("wins", "Who wins how many batches", "participant", "batches won");
    const size_t people = b->participants < FIGURE_LABELS_MAX ? b->participants : FIGURE_LABELS_MAX;
    for (uint32_t i = 0; i < people; i++)
        figure_label(g, panel_name_at(p, PANEL_PARTICIPANT, i));
    for (size_t k = 0; k < s->n && k < 4; k++) {
        Outcome o;
        if (s->auction[k].kind == AUCTION_VCG || !auction_hold(&s->auction[k], b, &o, err))
            continue;
        figure_series(g, FIGURE_BAR, auction_name(s->auction[k].kind));
        for (size_t i = 0; i < people; i++)
            figure_point(g, (double)i, (double)o.wins[i]);
        outcome_done(&o);
    }
    return g;
}

bool simulation_run(const Panel *p, const AnalysisOptions *o, const Simulation *s, Findings *f,
                    CvkErr *err) {
    Bids b;
    if (!bids_make(p, &(BidsRules){.seed = o->seed}, &b, err))
        return false;
    bool ok = hold_all(p, s, &b, f, err) && findings_figure(f, share_of_wins(p, &b, s, err), err) &&
              (s->points == 0 || b.batches == 0 || sweeps(s, &b, f, err));
    bids_done(&b);
    return ok;
}
