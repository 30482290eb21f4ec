/* What is fitted: covariates, margins, learning, shared and private cost, times with open requests.
 */
#include "base/alloc.h"
#include "market/analysis_private.h"
#include "market/learning.h"
#include "market/margins.h"
#include "market/samples.h"
#include "market/stats.h"
#include "market/survival.h"
#include "market/two_way.h"

#include <math.h>

#define POINTS_MAX 2000 /* of a scatter plot, over all series */
#define SWITCHES_MAX 200

/* ---- by covariate ---- */

static bool summary_of(const double *v, size_t n, Summary *ret, CvkErr *err) {
    _cleanup_free_ uint32_t *order = cvk_alloc(n, sizeof *order, err);
    _cleanup_free_ double *sorted = cvk_alloc(n, sizeof *sorted, err);
    size_t kept;
    if (order == NULL || sorted == NULL || !stats_order(v, n, order, &kept, err))
        return false;
    for (size_t i = 0; i < kept; i++)
        sorted[i] = v[order[i]];
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

static double price_of(const PanelRow *r) {
    return sum_cents(r->price);
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
        if (!put_per(p, c, price_of, "price (cents)", t, err) ||
            !put_per(p, c, ms_of, "time (ms)", t, err)) {
            sheet_free(t);
            return false;
        }
    return findings_sheet(f, t, err);
}

/* ---- margins ---- */

typedef struct {
    size_t n, covers, markups, lerners, logs, ratios;
    double markup, lerner, ratio;
    LineFit slope;
} Margins;

/* Rows of each participant, in one array: ret_row[n], ret_start[participants + 1]. */
static bool by_participant(const Panel *p, uint32_t **ret_row, size_t **ret_start, CvkErr *err) {
    const size_t n = panel_n(p), people = panel_names_n(p, PANEL_PARTICIPANT);
    uint32_t *row = cvk_alloc(n, sizeof *row, err);
    size_t *start = cvk_alloc(people + 2, sizeof *start, err);
    if (row == NULL || start == NULL) {
        free(row);
        free(start);
        return false;
    }
    for (size_t i = 0; i < n; i++)
        start[panel_rows(p)[i].participant + 2]++;
    for (size_t g = 0; g < people; g++)
        start[g + 2] += start[g + 1];
    for (size_t i = 0; i < n; i++)
        row[start[panel_rows(p)[i].participant + 1]++] = (uint32_t)i;
    *ret_row = row;
    *ret_start = start;
    return true;
}

static void add_margins(const Panel *p, const uint32_t *row, size_t n, double *x, double *y,
                        Margins *m) {
    *m = (Margins){.n = n};
    for (size_t i = 0; i < n; i++) {
        const PanelRow *r = &panel_rows(p)[row[i]];
        double markup = margin_markup(r), lerner = margin_lerner(r),
               ratio = margin_declared_ratio(p, r);
        m->covers += margin_covers(r);
        m->markups += isnan(markup) ? 0 : 1;
        m->lerners += isnan(lerner) ? 0 : 1;
        m->ratios += isnan(ratio) ? 0 : 1;
        m->markup += isnan(markup) ? 0 : markup;
        m->lerner += isnan(lerner) ? 0 : lerner;
        m->ratio += isnan(ratio) ? 0 : ratio;
        if (r->price > 0 && r->cost > 0) {
            x[m->logs] = log(sum_cents(r->cost));
            y[m->logs++] = log(sum_cents(r->price));
        }
    }
    stats_line(x, y, m->logs, &m->slope);
}

static void put_margins(Sheet *t, const char *who, const Margins *m) {
    sheet_text(t, who);
    sheet_count(t, m->n);
    sheet_real(t, (double)m->covers / (double)m->n);
    sheet_real(t, m->markup / (double)m->markups);
    sheet_real(t, m->lerner / (double)m->lerners);
    sheet_real(t, m->slope.b);
    sheet_real(t, m->slope.error);
    sheet_real(t, m->ratio / (double)m->ratios);
}

/* Price over cost, thinned out to what can be seen. */
static Figure *cost_figure(const Panel *p, const uint32_t *row, const size_t *start) {
    Figure *g = figure_new("price-cost", "Price over declared cost", "declared cost (cents)",
                           "price (cents)");
    if (g == NULL)
        return NULL;
    size_t step = panel_n(p) / POINTS_MAX + 1;
    for (uint32_t i = 0, drawn = 0;
         i < panel_names_n(p, PANEL_PARTICIPANT) && drawn < FIGURE_SERIES_MAX; i++) {
        if (start[i] == start[i + 1])
            continue;
        drawn++;
        figure_series(g, FIGURE_SCATTER, panel_name_at(p, PANEL_PARTICIPANT, i));
        for (size_t k = start[i]; k < start[i + 1]; k += step)
            figure_point(g, sum_cents(panel_rows(p)[row[k]].cost),
                         sum_cents(panel_rows(p)[row[k]].price));
    }
    return g;
}

static void put_all_margins(const Panel *p, const uint32_t *row, const size_t *start, double *x,
                            double *y, Sheet *t) {
    Margins m;
    for (uint32_t i = 0; i < panel_names_n(p, PANEL_PARTICIPANT); i++) {
        if (start[i] == start[i + 1])
            continue;
        add_margins(p, row + start[i], start[i + 1] - start[i], x, y, &m);
        put_margins(t, panel_name_at(p, PANEL_PARTICIPANT, i), &m);
    }
    add_margins(p, row, panel_n(p), x, y, &m);
    put_margins(t, "(all)", &m);
}

bool analysis_margins(const Panel *p, Findings *f, CvkErr *err) {
    static const char *const columns[][2] = {{"participant", "participant"},
                                             {"n", "n"},
                                             {"covers_cost", "price >= cost"},
                                             {"markup", "mean markup"},
                                             {"lerner", "mean Lerner"},
                                             {"elasticity", "elasticity"},
                                             {"elasticity_error", "error"},
                                             {"declared_over_imputed", "declared/imputed"},
                                             {NULL, NULL}};
    const size_t n = panel_n(p);
    uint32_t *row;
    size_t *start;
    if (!by_participant(p, &row, &start, err))
        return false;
    _cleanup_free_ double *x = cvk_alloc(n, sizeof *x, err);
    _cleanup_free_ double *y = cvk_alloc(n, sizeof *y, err);
    bool ok = x != NULL && y != NULL;
    if (ok) {
        Sheet *t = sheet_new("margins", "Margins",
                             "elasticity: slope of ln price on ln cost; declared/imputed: mean of "
                             "declared cost over a deployment's hourly rate times its time");
        sheet_columns(t, columns);
        put_all_margins(p, row, start, x, y, t);
        ok = findings_sheet(f, t, err) && findings_figure(f, cost_figure(p, row, start), err);
    }
    free(row);
    free(start);
    return ok;
}

/* ---- learning ---- */

/* Times in the order of requests, thinned out to what can be seen. */
static Figure *learning_figure(const Panel *p, const uint32_t *row, const size_t *start) {
    Figure *g = figure_new("learning", "Proving times in the order of requests",
                           "request of this participant", "proving time (s)");
    if (g == NULL)
        return NULL;
    g->x_log = g->y_log = true;
    size_t step = panel_n(p) / POINTS_MAX + 1;
    for (uint32_t i = 0, drawn = 0;
         i < panel_names_n(p, PANEL_PARTICIPANT) && drawn < FIGURE_SERIES_MAX; i++) {
        if (start[i] == start[i + 1])
            continue;
        drawn++;
        figure_series(g, FIGURE_SCATTER, panel_name_at(p, PANEL_PARTICIPANT, i));
        for (size_t k = start[i]; k < start[i + 1]; k += step)
            figure_point(g, panel_rows(p)[row[k]].seq,
                         (double)panel_rows(p)[row[k]].proving_ms / 1000);
    }
    return g;
}

static bool draw_learning(const Panel *p, Findings *f, CvkErr *err) {
    uint32_t *row;
    size_t *start;
    if (!by_participant(p, &row, &start, err))
        return false;
    bool ok = findings_figure(f, learning_figure(p, row, start), err);
    free(row);
    free(start);
    return ok;
}

static void put_learning(Sheet *t, const char *name, const Learning *l) {
    sheet_text(t, name);
    sheet_count(t, l->time.n);
    sheet_real(t, l->time.b);
    sheet_real(t, l->time.error);
    sheet_real(t, learning_ratio(&l->time));
    sheet_real(t, l->time.r2);
    sheet_real(t, l->cost.b);
    sheet_real(t, learning_ratio(&l->cost));
}

static bool put_switches(const Panel *p, Findings *f, CvkErr *err) {
    static const char *const columns[][2] = {{"participant", "participant"},
                                             {"seq", "from request"},
                                             {"from", "from"},
                                             {"to", "to"},
                                             {"n_before", "n before"},
                                             {"n_after", "n after"},
                                             {"time_ratio", "time x"},
                                             {"cost_ratio", "cost x"},
                                             {NULL, NULL}};
    Switch s[SWITCHES_MAX];
    size_t n;
    if (!learning_switches(p, s, SWITCHES_MAX, &n, err))
        return false;
    if (n == 0)
        return true;
    Sheet *t = sheet_new("switches", "Changes of deployment",
                         n > SWITCHES_MAX ? "the first 200 of them" : NULL);
    sheet_columns(t, columns);
    for (size_t i = 0; i < n && i < SWITCHES_MAX; i++) {
        sheet_text(t, panel_name_at(p, PANEL_PARTICIPANT, s[i].participant));
        sheet_count(t, s[i].seq);
        sheet_text(t, panel_name_at(p, PANEL_DEPLOYMENT, s[i].from));
        sheet_text(t, panel_name_at(p, PANEL_DEPLOYMENT, s[i].to));
        sheet_count(t, s[i].before);
        sheet_count(t, s[i].after);
        sheet_real(t, s[i].time_ratio);
        sheet_real(t, s[i].cost_ratio);
    }
    return findings_sheet(f, t, err);
}

bool analysis_learning(const Panel *p, Findings *f, CvkErr *err) {
    static const char *const columns[][2] = {{"deployment", "deployment"},
                                             {"n", "n"},
                                             {"beta", "beta"},
                                             {"error", "error"},
                                             {"ratio", "2^beta"},
                                             {"r2", "r2"},
                                             {"cost_beta", "beta (cost)"},
                                             {"cost_ratio", "2^beta (cost)"},
                                             {NULL, NULL}};
    const size_t n = panel_names_n(p, PANEL_DEPLOYMENT);
    _cleanup_free_ Learning *l = cvk_alloc(n, sizeof *l, err);
    LearningPooled pooled;
    if (l == NULL || !learning_fit(p, l, err) || !learning_pooled(p, &pooled, err))
        return false;
    Sheet *t = sheet_new("learning", "Learning: ln time = a + beta ln n within a deployment",
                         "(pooled): one beta with effects of deployments and batches; none where "
                         "everybody had the same order");
    sheet_columns(t, columns);
    for (uint32_t i = 0; i < n; i++)
        if (l[i].time.n > 0)
            put_learning(t, panel_name_at(p, PANEL_DEPLOYMENT, i), &l[i]);
    const double none = (double)NAN;
    Learning all = {.time = {pooled.n, none, pooled.beta, pooled.error, none},
                    .cost = {0, none, none, none, none}};
    put_learning(t, "(pooled)", &all);
    return findings_sheet(f, t, err) && draw_learning(p, f, err) && put_switches(p, f, err);
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

static double cost_of(const PanelRow *r) {
    return sum_cents(r->cost);
}

bool analysis_structure(const Panel *p, Findings *f, CvkErr *err) {
    static const char *const columns[][2] = {{"of", "of"},       {"n", "n"},
                                             {"batch", "batch"}, {"participant", "participant"},
                                             {"rest", "rest"},   {NULL, NULL}};
    Sheet *t =
        sheet_new("structure", "Shares of variance: ln x = mean + batch + participant + rest",
                  "batch: common to all provers; participant and rest: private");
    sheet_columns(t, columns);
    if (!put_shares(p, "cost", cost_of, t, err) || !put_shares(p, "price", price_of, t, err) ||
        !put_shares(p, "time", ms_of, t, err)) {
        sheet_free(t);
        return false;
    }
    return findings_sheet(f, t, err);
}

/* ---- times with open requests ---- */

typedef struct {
    double *time;
    bool *ended;
    size_t n;
} Spells;

static bool fit_spells(const Panel *p, uint32_t who, const uint32_t *row, size_t n, Spells *s,
                       Survival *ret, CvkErr *err) {
    s->n = 0;
    for (size_t i = 0; i < n; i++) {
        const PanelRow *r = &panel_rows(p)[row[i]];
        s->time[s->n] = (double)(r->received_ms - r->issued_ms) / 1000;
        s->ended[s->n++] = true;
    }
    for (size_t i = 0; i < panel_open_n(p); i++) {
        const PanelOpen *o = &panel_opens(p)[i];
        if (who != UINT32_MAX && o->participant != who)
            continue;
        s->time[s->n] = (double)(o->until_ms - o->issued_ms) / 1000;
        s->ended[s->n++] = false;
    }
    return survival_fit(s->time, s->ended, s->n, ret, err);
}

static void put_survival(Sheet *t, const char *who, const Survival *s) {
    sheet_text(t, who);
    sheet_count(t, s->n);
    sheet_count(t, s->n - s->ended);
    sheet_real(t, survival_quantile(s, 0.25));
    sheet_real(t, survival_quantile(s, 0.5));
    sheet_real(t, survival_quantile(s, 0.75));
}

static Figure *survival_figure(const Survival *s) {
    Figure *g = figure_new("open-times", "How long batches stay open (Kaplan and Meier)",
                           "time since the batch was handed out (s)", "share still open");
    figure_series(g, FIGURE_STEP, "all");
    figure_point(g, 0, 1);
    size_t step = s->steps / 400 + 1;
    for (size_t i = 0; i < s->steps; i += step)
        figure_point(g, s->step[i].t, s->step[i].open);
    return g;
}

static bool put_open(const Panel *p, const uint32_t *row, const size_t *start, Spells *s, Sheet *t,
                     Figure **ret, CvkErr *err) {
    Survival all;
    for (uint32_t i = 0; i < panel_names_n(p, PANEL_PARTICIPANT); i++) {
        Survival one;
        if (!fit_spells(p, i, row + start[i], start[i + 1] - start[i], s, &one, err))
            return false;
        if (one.n > 0)
            put_survival(t, panel_name_at(p, PANEL_PARTICIPANT, i), &one);
        survival_done(&one);
    }
    if (!fit_spells(p, UINT32_MAX, row, panel_n(p), s, &all, err))
        return false;
    put_survival(t, "(all)", &all);
    *ret = survival_figure(&all);
    survival_done(&all);
    return true;
}

bool analysis_open(const Panel *p, Findings *f, CvkErr *err) {
    static const char *const columns[][2] = {{"participant", "participant"},
                                             {"requests", "requests"},
                                             {"open", "still open"},
                                             {"p25", "25 % done (s)"},
                                             {"p50", "median (s)"},
                                             {"p75", "75 % done (s)"},
                                             {NULL, NULL}};
    const size_t most = panel_n(p) + panel_open_n(p);
    uint32_t *row;
    size_t *start;
    Figure *g = NULL;
    if (!by_participant(p, &row, &start, err))
        return false;
    Spells s = {cvk_alloc(most, sizeof *s.time, err), cvk_alloc(most, sizeof *s.ended, err), 0};
    Sheet *t = sheet_new("open_times", "Times as observed, from the hand-out to the proof",
                         "an open request counts as longer than it has been open");
    sheet_columns(t, columns);
    bool ok = s.time != NULL && s.ended != NULL && put_open(p, row, start, &s, t, &g, err);
    free(row);
    free(start);
    free(s.time);
    free(s.ended);
    if (!ok) {
        sheet_free(t);
        return false;
    }
    if (!findings_sheet(f, t, err)) {
        figure_free(g);
        return false;
    }
    return findings_figure(f, g, err);
}
