/* What is fitted: covariates, margins, shared and private cost. */
#include "base/alloc.h"
#include "market/analysis_private.h"
#include "market/margins.h"
#include "market/slope.h"
#include "market/stats.h"
#include "market/two_way.h"

#include <math.h>

/* ---- by covariate ---- */

static bool summary_of(const double *v, size_t n, Summary *ret, CvkErr *err) {
    _cleanup_free_ double *sorted = cvk_alloc(n, sizeof *sorted, err);
    size_t kept;
    if (sorted == NULL || !stats_sort(v, n, sorted, &kept, err))
        return false;
    stats_summary(sorted, kept, ret);
    return true;
}

static bool put_per(const Panel *p, size_t covariate, double (*of)(const PanelRow *),
                    const char *what, Sheet *t, CvkErr *err) {
    const size_t n = panel_n(p);
    _cleanup_free_ double *v = cvk_alloc(n, sizeof *v, err);
    Summary s;
    if (v == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        const PanelRow *r = &panel_rows(p)[i];
        double by = panel_covariate_at(p, covariate, r->batch);
        v[i] = by > 0 ? of(r) / by : (double)NAN;
    }
    if (!summary_of(v, n, &s, err))
        return false;
    sheet_text(t, what);
    sheet_text(t, panel_covariate_name(p, covariate));
    sheet_count(t, s.n);
    const double shown[] = {s.p5, s.p25, s.p50, s.p75, s.p95, s.mean};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        sheet_real(t, shown[i]);
    return true;
}

static double ms_of(const PanelRow *r) {
    return (double)r->proving_ms;
}

bool analysis_covariates(const Panel *p, Findings *f, CvkErr *err) {
    static const char *const columns[][2] = {
        {"what", "what"},  {"per", "per"},  {"n", "n"},      {"p5", "5 %"},    {"p25", "25 %"},
        {"p50", "median"}, {"p75", "75 %"}, {"p95", "95 %"}, {"mean", "mean"}, {NULL, NULL}};
    if (panel_covariates_n(p) == 0)
        return true;
    Sheet *t = sheet_new("per_covariate", "By what batches are made of", NULL);
    sheet_columns(t, columns);
    for (size_t c = 0; c < panel_covariates_n(p); c++)
        if (!put_per(p, c, row_price, "price (cents)", t, err) ||
            !put_per(p, c, ms_of, "time (ms)", t, err)) {
            sheet_free(t);
            return false;
        }
    return findings_sheet(f, t, err);
}

/* ---- margins ---- */

typedef struct {
    size_t n, covers;
    double markup, lerner, ratio; /* means */
    LineFit slope;
} Margins;

static double markup_of(const Panel *p, const PanelRow *r) {
    (void)p;
    return margin_markup(r);
}

static double lerner_of(const Panel *p, const PanelRow *r) {
    (void)p;
    return margin_lerner(r);
}

/* Of those rows where there is one; v: room for n. */
static double mean_of(const Panel *p, const uint32_t *row, size_t n,
                      double (*of)(const Panel *, const PanelRow *), double *v) {
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        v[used] = of(p, &panel_rows(p)[row[i]]);
        used += isnan(v[used]) ? 0 : 1;
    }
    return stats_mean_rounded(v, used);
}

static void add_margins(const Panel *p, const uint32_t *row, size_t n, const PairsRoom *room,
                        Margins *m) {
    double *x = room->x;
    size_t logs = 0;
    *m = (Margins){.n = n,
                   .markup = mean_of(p, row, n, markup_of, x),
                   .lerner = mean_of(p, row, n, lerner_of, x),
                   .ratio = mean_of(p, row, n, margin_declared_ratio, x)};
    for (size_t i = 0; i < n; i++) {
        const PanelRow *r = &panel_rows(p)[row[i]];
        m->covers += margin_covers(r);
        if (r->price > 0 && r->cost > 0) {
            x[logs] = log(sum_cents(r->cost));
            room->y[logs] = log(sum_cents(r->price));
            room->batch[logs++] = r->batch;
        }
    }
    slope_fit(&(Pairs){x, room->y, room->batch, logs}, room->sum, &m->slope);
}

static void put_margins(Sheet *t, const char *who, const Margins *m) {
    sheet_text(t, who);
    sheet_count(t, m->n);
    sheet_count(t, m->slope.batches);
    sheet_real(t, (double)m->covers / (double)m->n);
    sheet_real(t, m->markup);
    sheet_real(t, m->lerner);
    sheet_real(t, m->slope.b);
    sheet_real(t, m->slope.error);
    sheet_real(t, m->ratio);
}

/* Where price is cost, if there is a colour left: who is below it asks for less than they pay. */
static void draw_break_even(Figure *g, const Panel *p) {
    double low = INFINITY, high = -INFINITY;
    if (g == NULL || g->series_n == FIGURE_SERIES_MAX || panel_n(p) == 0)
        return;
    for (size_t i = 0; i < panel_n(p); i++) {
        low = fmin(low, row_cost(&panel_rows(p)[i]));
        high = fmax(high, row_cost(&panel_rows(p)[i]));
    }
    figure_series(g, FIGURE_LINE, "price = cost");
    figure_point(g, low, low);
    figure_point(g, high, high);
}

static Figure *cost_figure(const Panel *p, const uint32_t *row, const size_t *start) {
    Figure *g = figure_new("price-cost", "Price over declared cost", "declared cost (cents)",
                           "price (cents)");
    scatter_by_participant(g, p, row, start, row_cost, row_price);
    draw_break_even(g, p);
    return g;
}

static void put_all_margins(const Panel *p, const uint32_t *row, const size_t *start,
                            const PairsRoom *room, Sheet *t) {
    Margins m;
    for (uint32_t i = 0; i < panel_names_n(p, PANEL_PARTICIPANT); i++) {
        if (start[i] == start[i + 1])
            continue;
        add_margins(p, row + start[i], start[i + 1] - start[i], room, &m);
        put_margins(t, panel_name_at(p, PANEL_PARTICIPANT, i), &m);
    }
    add_margins(p, row, panel_n(p), room, &m);
    put_margins(t, "(all)", &m);
}

bool analysis_margins(const Panel *p, Findings *f, CvkErr *err) {
    static const char *const columns[][2] = {{"participant", "participant"},
                                             {"n", "n"},
                                             {"batches", "batches"},
                                             {"covers_cost", "price >= cost"},
                                             {"markup", "mean markup"},
                                             {"lerner", "mean Lerner"},
                                             {"elasticity", "elasticity"},
                                             {"elasticity_error", "std. error"},
                                             {"declared_over_imputed", "declared/imputed"},
                                             {NULL, NULL}};
    uint32_t *row;
    size_t *start;
    if (!panel_by_participant(p, &row, &start, err))
        return false;
    PairsRoom room;
    bool ok = pairs_room_make(&room, panel_n(p), panel_names_n(p, PANEL_BATCH), err);
    if (ok) {
        Sheet *t =
            sheet_new("margins", "Margins",
                      "elasticity: slope of ln price on ln cost, over so many batches; "
                      "declared/imputed: mean of declared cost over a deployment's hourly rate "
                      "times its time; " SLOPE_ERRORS);
        sheet_columns(t, columns);
        put_all_margins(p, row, start, &room, t);
        ok = findings_sheet(f, t, err) && findings_figure(f, cost_figure(p, row, start), err);
        pairs_room_done(&room);
    }
    free(row);
    free(start);
    return ok;
}

/* ---- structure ---- */

static bool put_shares(const Panel *p, const char *what, double (*of)(const PanelRow *), Sheet *t,
                       CvkErr *err) {
    const size_t n = panel_n(p);
    _cleanup_free_ double *y = cvk_alloc(n, sizeof *y, err);
    _cleanup_free_ uint32_t *who = cvk_alloc(n, sizeof *who, err);
    _cleanup_free_ uint32_t *batch = cvk_alloc(n, sizeof *batch, err);
    size_t used = 0;
    TwoWay w;
    Shares s;
    if (y == NULL || who == NULL || batch == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        const PanelRow *r = &panel_rows(p)[i];
        if (!(of(r) > 0))
            continue;
        y[used] = log(of(r));
        who[used] = r->participant;
        batch[used++] = r->batch;
    }
    if (!two_way_fit(y, who, panel_names_n(p, PANEL_PARTICIPANT), batch,
                     panel_names_n(p, PANEL_BATCH), used, &w, err))
        return false;
    two_way_shares(&w, y, who, batch, used, &s);
    sheet_text(t, what);
    sheet_count(t, used);
    const double v[] = {s.b, s.a, s.rest};
    for (size_t i = 0; i < 3; i++)
        if (w.settled)
            sheet_real(t, v[i]);
        else
            sheet_none(t);
    two_way_done(&w);
    return true;
}

bool analysis_structure(const Panel *p, Findings *f, CvkErr *err) {
    static const char *const columns[][2] = {{"of", "of"},       {"n", "n"},
                                             {"batch", "batch"}, {"participant", "participant"},
                                             {"rest", "rest"},   {NULL, NULL}};
    Sheet *t = sheet_new(
        "structure", "Shares of variance: ln x = mean + batch + participant + rest",
        "batch: common to all provers; participant and rest: private. Covariances with "
        "ln x over its variance: they may fall below 0 or exceed 1 where cells are missing");
    sheet_columns(t, columns);
    if (!put_shares(p, "cost", row_cost, t, err) || !put_shares(p, "price", row_price, t, err) ||
        !put_shares(p, "time", ms_of, t, err)) {
        sheet_free(t);
        return false;
    }
    return findings_sheet(f, t, err);
}
