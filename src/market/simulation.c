/* Auctions over the panel's bids, as tables and figures. */
#include "base/alloc.h"
#include "codec/money.h"
#include "market/analysis_private.h"

#include <math.h>
#include <stdio.h>

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

static void say_number(Label *l, const char *what, double v, const char *unit) {
    int n = snprintf(l->text + l->n, sizeof l->text - l->n, "%s%s %.6g%s", l->n > 0 ? ", " : "",
                     what, v, unit);
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
        say_number(l, "winners", a->winners, "");
    if (a->kind == AUCTION_SCORE || a->kind == AUCTION_SECOND_SCORE) {
        say(l, "lambda", a->lambda);
        say_number(l, "target", (double)a->target_ms / 1000, " s");
    }
    if (a->kind == AUCTION_DUTCH) {
        say(l, "from", a->dutch_from);
        say(l, "to", a->dutch_to);
        say_number(l, "ramp", (double)a->ramp_ms / 1000, " s");
    }
    if (a->kind == AUCTION_VCG && a->capacity != AUCTION_ALL)
        say_number(l, "capacity", a->capacity, "");
    if (a->kind == AUCTION_VCG && a->fallback >= 0)
        say(l, "fallback", a->fallback);
    if (a->reserve >= 0)
        say(l, "reserve", a->reserve);
    if (a->deadline_ms >= 0)
        say_number(l, "deadline", (double)a->deadline_ms / 1000, " s");
}

/* ---- outcomes ---- */

static const char *const outcome_columns[][2] = {{"mechanism", "mechanism"},
                                                 {"parameters", "parameters"},
                                                 {"batches", "batches"},
                                                 {"served", "served"},
                                                 {"failed", "failed"},
                                                 {"fallback", "elsewhere"},
                                                 {"spend", "spend"},
                                                 {"total", "with elsewhere"},
                                                 {"winner_cost", "winner cost"},
                                                 {"min_cost", "min cost"},
                                                 {"efficiency", "efficiency"},
                                                 {"rent", "rent"},
                                                 {"hhi", "HHI"},
                                                 {"race_cost", "race cost"},
                                                 {"race_waste", "race waste"},
                                                 {"mean_wait", "mean wait (s)"},
                                                 {NULL, NULL}};

void sheet_spend(Sheet *t, const Outcome *o, Sum less) {
    if (o->spend == AUCTION_UNDEFINED)
        sheet_none(t);
    else
        sheet_sum(t, o->spend - less);
}

void sheet_total(Sheet *t, const Outcome *o) {
    sheet_spend(t, o, -o->elsewhere);
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
    sheet_spend(t, o, 0);
    sheet_total(t, o);
    sheet_sum(t, o->winner_cost);
    sheet_sum(t, o->min_cost);
    sheet_real(t, o->efficiency);
    sheet_spend(t, o, o->winner_cost);
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

/* ---- the figure ---- */

/* Who has a bar for each mechanism: the first of those who bid. */
typedef struct {
    uint32_t who[FIGURE_LABELS_MAX];
    size_t n, bidders;
} Drawn;

static void find_bidders(const Bids *b, Drawn *ret) {
    _cleanup_free_ bool *bids = cvk_alloc(b->participants, sizeof *bids, NULL);
    *ret = (Drawn){0};
    for (size_t i = 0; bids != NULL && i < b->n; i++)
        bids[b->bid[i].participant] = true;
    for (uint32_t i = 0; bids != NULL && i < b->participants; i++) {
        if (bids[i] && ret->n < FIGURE_LABELS_MAX)
            ret->who[ret->n++] = i;
        ret->bidders += bids[i];
    }
}

static Figure *share_of_wins(const Panel *p, const Bids *b, const Drawn *drawn) {
    Figure *g = figure_new("wins", "Who wins", "participant", "share of what is won");
    figure_note(g, "%zu batch%s; shares of each mechanism add up to 1", b->batches,
                b->batches == 1 ? "" : "es");
    if (drawn->bidders > drawn->n)
        figure_note(g, "; the first %zu of %zu participants", drawn->n, drawn->bidders);
    if (g != NULL)
        g->failed = g->failed || (drawn->bidders == 0 && b->n > 0); /* memory ran short */
    for (size_t i = 0; i < drawn->n; i++)
        figure_label(g, panel_name_at(p, PANEL_PARTICIPANT, drawn->who[i]));
    return g;
}

/* The first mechanisms, as many as colours. */
static void draw_wins(Figure *g, const Drawn *drawn, const Auction *a, const Outcome *o) {
    double wins = 0;
    if (g == NULL || g->series_n == FIGURE_SERIES_MAX)
        return;
    for (size_t i = 0; i < o->participants; i++)
        wins += (double)o->wins[i];
    figure_series(g, FIGURE_BAR, auction_name(a->kind));
    for (size_t i = 0; i < drawn->n && wins > 0; i++)
        figure_point(g, (double)i, (double)o->wins[drawn->who[i]] / wins);
}

/* ---- all of them ---- */

typedef struct {
    Sheet *outcomes, *winners;
    Figure *wins;
    Drawn drawn;
} Held;

/* VCG's absence follows from its outcome: it is not solved again for that. */
static bool hold(const Panel *p, const Auction *a, const Bids *b, CvkMeter *meter, Absence *absence,
                 const Held *to, CvkErr *err) {
    Outcome o;
    if (!auction_hold(a, b, meter, &o, err))
        return false;
    put_outcome(to->outcomes, a, &o);
    draw_wins(to->wins, &to->drawn, a, &o);
    bool ok = true;
    if (a->kind == AUCTION_VCG)
        auction_absence_vcg(b, &o, absence);
    else
        ok = auction_absence(a, b, absence, err);
    if (ok)
        put_winners(to->winners, p, a, &o, absence);
    outcome_done(&o);
    return ok;
}

static Held held_new(const Panel *p, const Bids *b) {
    Drawn drawn;
    find_bidders(b, &drawn);
    Held h = {
        sheet_new("outcomes", "Auctions (amounts in cents)",
                  "bids are taken as they were reported; rent = spend - winner cost; "
                  "efficiency = min cost (VCG: as if capacity did not bind) / winner cost; "
                  "race: all who may take part prove what is served, losers' costs are the waste"),
        sheet_new("winners", "Who wins",
                  "without them: so many batches nobody would serve, and the others would "
                  "cost so much more (VCG: their payment less their bids)"),
        share_of_wins(p, b, &drawn), drawn};
    sheet_columns(h.outcomes, outcome_columns);
    sheet_columns(h.winners, winner_columns);
    return h;
}

/* All three are handed over, or freed. */
static bool give_held(const Held *h, Findings *f, CvkErr *err) {
    bool ok = findings_sheet(f, h->outcomes, err);
    if (ok)
        ok = findings_sheet(f, h->winners, err);
    else
        sheet_free(h->winners);
    if (ok)
        return findings_figure(f, h->wins, err);
    figure_free(h->wins);
    return false;
}

static void held_free(const Held *h) {
    sheet_free(h->outcomes);
    sheet_free(h->winners);
    figure_free(h->wins);
}

static bool hold_all(const Panel *p, const Simulation *s, const Bids *b, CvkMeter *meter,
                     Findings *f, CvkErr *err) {
    _cleanup_free_ Absence *absence = cvk_alloc(b->participants, sizeof *absence, err);
    if (absence == NULL)
        return false;
    const Held h = held_new(p, b);
    for (size_t i = 0; i < s->n; i++) {
        if (!hold(p, &s->auction[i], b, meter, absence, &h, err)) {
            held_free(&h);
            return false;
        }
    }
    return give_held(&h, f, err);
}

size_t simulation_units(const Simulation *s, const Panel *p) {
    const size_t batches = panel_names_n(p, PANEL_BATCH),
                 participants = panel_names_n(p, PANEL_PARTICIPANT);
    size_t units = simulation_sweeps_units(s, batches, participants);
    for (size_t i = 0; i < s->n; i++)
        units += auction_units(&s->auction[i], batches, participants);
    return units;
}

bool simulation_run(const Panel *p, const AnalysisOptions *o, const Simulation *s, Findings *f,
                    CvkErr *err) {
    Bids b;
    if (!bids_make(p, o->seed, &b, err))
        return false;
    bool ok = hold_all(p, s, &b, o->meter, f, err) &&
              (s->points == 0 || b.batches == 0 || simulation_sweeps(s, &b, o->meter, f, err));
    bids_done(&b);
    return ok;
}
