/* Times from the hand-out to the proof, with requests that are open. */
#include "base/alloc.h"
#include "market/analysis_private.h"
#include "market/survival.h"

#define STEPS_MAX 400 /* of a figure, and the last one */

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
    if (s->n > 0)
        figure_point(g, 0, 1);
    const size_t step = s->steps / STEPS_MAX + 1;
    for (size_t i = 0; i < s->steps; i++)
        if (i % step == 0 || i + 1 == s->steps)
            figure_point(g, s->step[i].t, s->step[i].open);
    figure_note(g, "%zu request%s, %zu of them not proved (censored)", s->n, s->n == 1 ? "" : "s",
                s->n - s->ended);
    return g;
}

static bool put_open(const Panel *p, const uint32_t *row, const size_t *start, Spells *s, Sheet *t,
                     Figure **ret, CvkErr *err) {
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
    if (!panel_by_participant(p, &row, &start, err))
        return false;
    Spells s = {cvk_alloc(most, sizeof *s.time, err), cvk_alloc(most, sizeof *s.ended, err), 0};
    Sheet *t = sheet_new("open_times", "Times as observed, from the hand-out to the proof",
                         "an open request counts as longer than it has been open; of all batches, "
                         "whatever was selected; where a file lacks the times: none");
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
