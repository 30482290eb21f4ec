/* Times from the hand-out to the proof, with requests that are open. */
#include "base/alloc.h"
#include "market/analysis_private.h"
#include "market/survival.h"

#include <math.h>

#define STEPS_MAX 400 /* of a figure or table, and the last one */
#define BAND                                                                                       \
    "CI: 95 % at each time by itself, Greenwood's variance, symmetric for ln(-ln share), as if "   \
    "requests were independent; none where nothing is open"

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
        if (r->issued_ms == 0 || r->received_ms == 0)
            continue;
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
    double low, high;
    survival_quantile_limits(s, 0.5, &low, &high);
    sheet_text(t, who);
    sheet_count(t, s->n);
    sheet_count(t, s->n - s->ended);
    sheet_real(t, survival_quantile(s, 0.25));
    sheet_real(t, survival_quantile(s, 0.5));
    sheet_real(t, low);
    sheet_real(t, high);
    sheet_real(t, survival_quantile(s, 0.75));
}

/* Which of many steps are told: so many, and the last one. */
static bool is_told(const Survival *s, size_t i) {
    return i % (s->steps / STEPS_MAX + 1) == 0 || i + 1 == s->steps;
}

static Sheet *survival_sheet(const Survival *s) {
    static const char *const columns[][2] = {{"t", "time (s)"},       {"at_risk", "at risk"},
                                             {"proved", "proved"},    {"open", "share still open"},
                                             {"error", "std. error"}, {"low", "CI low"},
                                             {"high", "CI high"},     {NULL, NULL}};
    Sheet *t =
        sheet_new("open_curve", "Share of batches still open after a time (Kaplan and Meier)",
                  s->steps > STEPS_MAX ? "of all requests, some of the times; " BAND
                                       : "of all requests; " BAND);
    sheet_columns(t, columns);
    for (size_t i = 0; i < s->steps; i++) {
        const SurvivalStep *step = &s->step[i];
        if (!is_told(s, i))
            continue;
        sheet_real(t, step->t);
        sheet_count(t, step->at_risk);
        sheet_count(t, step->ended);
        sheet_real(t, step->open);
        sheet_real(t, step->error);
        sheet_real(t, step->low);
        sheet_real(t, step->high);
    }
    return t;
}

/* A curve that does not end at 0 is known to stay where it is up to the longest time of all. Of one
 * that is much longer than all proofs took hardly anything else could be seen: to a quarter more.
 */
static double drawn_to(const Survival *s) {
    return s->steps > 0 ? fmin(s->last, 1.25 * s->step[s->steps - 1].t) : s->last;
}

/* Up to where it is defined: a step that leaves nothing open ends it. */
static void draw_band(Figure *g, const Survival *s) {
    const SurvivalStep *drawn = NULL;
    double until = drawn_to(s);
    figure_series(g, FIGURE_BAND, "95 % interval");
    for (size_t i = 0; i < s->steps; i++) {
        if (isnan(s->step[i].low))
            until = s->step[i].t;
        else if (is_told(s, i) || i + 2 == s->steps) {
            drawn = &s->step[i];
            figure_band(g, drawn->t, drawn->low, drawn->high);
        }
    }
    if (drawn != NULL)
        figure_band(g, until, drawn->low, drawn->high);
}

static void draw_curve(Figure *g, const Survival *s) {
    double open = 1;
    figure_series(g, FIGURE_STEP, "share still open");
    if (s->n > 0)
        figure_point(g, 0, open);
    for (size_t i = 0; i < s->steps; i++)
        if (is_told(s, i))
            figure_point(g, s->step[i].t, open = s->step[i].open);
    if (s->n > 0)
        figure_point(g, drawn_to(s), open);
}

static Figure *survival_figure(const Survival *s) {
    Figure *g = figure_new("open-times", "How long batches stay open (Kaplan and Meier)",
                           "time since the batch was handed out (s)", "share still open");
    if (g != NULL)
        g->y_share = true;
    draw_band(g, s);
    draw_curve(g, s);
    figure_note(g, "%zu request%s, %zu of them not proved (censored)", s->n, s->n == 1 ? "" : "s",
                s->n - s->ended);
    if (drawn_to(s) < s->last)
        figure_note(g, "; the longest is open for %.4g s", s->last);
    return g;
}

static bool put_open(const Panel *p, const uint32_t *row, const size_t *start, Spells *s, Sheet *t,
                     Sheet **ret_curve, Figure **ret, CvkErr *err) {
    Survival all;
    for (uint32_t i = 0; i < panel_names_n(p, PANEL_PARTICIPANT); i++) {
        Survival one;
        if (!fit_spells(p, i, row + start[i], start[i + 1] - start[i], s, &one, err))
            return false;
        if (one.n > 0 || start[i + 1] > start[i])
            put_survival(t, panel_name_at(p, PANEL_PARTICIPANT, i), &one);
        survival_done(&one);
    }
    if (!fit_spells(p, UINT32_MAX, row, panel_n(p), s, &all, err))
        return false;
    put_survival(t, "(all)", &all);
    *ret_curve = survival_sheet(&all);
    *ret = survival_figure(&all);
    survival_done(&all);
    return true;
}

bool analysis_open(const Panel *p, Findings *f, CvkErr *err) {
    static const char *const columns[][2] = {
        {"participant", "participant"}, {"requests", "requests"}, {"open", "still open"},
        {"p25", "25 % done (s)"},       {"p50", "median (s)"},    {"p50_low", "CI low"},
        {"p50_high", "CI high"},        {"p75", "75 % done (s)"}, {NULL, NULL}};
    const size_t most = panel_n(p) + panel_open_n(p);
    uint32_t *row;
    size_t *start;
    Sheet *curve = NULL;
    Figure *g = NULL;
    if (!panel_by_participant(p, &row, &start, err))
        return false;
    Spells s = {cvk_alloc(most, sizeof *s.time, err), cvk_alloc(most, sizeof *s.ended, err), 0};
    Sheet *t = sheet_new("open_times", "Times as observed, from the hand-out to the proof",
                         "an open request counts as longer than it has been open; of all batches, "
                         "whatever was selected; where a file lacks the times: none; CI: 95 % of "
                         "the median, where the curve's band reaches a half");
    sheet_columns(t, columns);
    bool ok = s.time != NULL && s.ended != NULL && put_open(p, row, start, &s, t, &curve, &g, err);
    free(row);
    free(start);
    free(s.time);
    free(s.ended);
    if (!ok) {
        sheet_free(t);
        return false;
    }
    if (!findings_sheet(f, t, err)) {
        sheet_free(curve);
        figure_free(g);
        return false;
    }
    if (!findings_sheet(f, curve, err)) {
        figure_free(g);
        return false;
    }
    return findings_figure(f, g, err);
}
