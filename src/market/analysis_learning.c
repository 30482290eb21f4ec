/* Do provers become quicker with practice, and what do changes of deployment bring? */
#include "base/alloc.h"
#include "market/analysis_private.h"
#include "market/learning.h"

#include <math.h>

#define SWITCHES_MAX 200

static double seq_of(const PanelRow *r) {
    return r->seq;
}

static Figure *learning_figure(const Panel *p, const uint32_t *row, const size_t *start) {
    Figure *g = figure_new("learning", "Proving times in the order of requests",
                           "request of this participant", "proving time (s)");
    if (g != NULL)
        g->x_log = g->y_log = true;
    scatter_by_participant(g, p, row, start, seq_of, row_seconds);
    return g;
}

static bool draw_learning(const Panel *p, Findings *f, CvkErr *err) {
    uint32_t *row;
    size_t *start;
    if (!panel_by_participant(p, &row, &start, err))
        return false;
    bool ok = findings_figure(f, learning_figure(p, row, start), err);
    free(row);
    free(start);
    return ok;
}

static void put_learning(Sheet *t, const char *name, const Learning *l) {
    sheet_text(t, name);
    sheet_count(t, l->time.n);
    sheet_count(t, l->time.batches);
    sheet_real(t, l->time.b);
    sheet_real(t, l->time.error);
    sheet_real(t, learning_ratio(&l->time));
    sheet_real(t, l->time.r2);
    sheet_real(t, l->cost.b);
    sheet_real(t, l->cost.error);
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
                                             {"batches", "batches"},
                                             {"beta", "beta"},
                                             {"error", "std. error"},
                                             {"ratio", "2^beta"},
                                             {"r2", "R2"},
                                             {"cost_beta", "beta (cost)"},
                                             {"cost_error", "std. error"},
                                             {"cost_ratio", "2^beta (cost)"},
                                             {NULL, NULL}};
    const size_t n = panel_names_n(p, PANEL_DEPLOYMENT);
    _cleanup_free_ Learning *l = cvk_alloc(n, sizeof *l, err);
    LearningPooled pooled;
    if (l == NULL || !learning_fit(p, l, err) || !learning_pooled(p, &pooled, err))
        return false;
    Sheet *t = sheet_new("learning", "Learning: ln time = a + beta ln n within a deployment",
                         "(pooled): one beta with effects of deployments and batches, of proofs "
                         "that are not alone in either; none where everybody had the same order; "
                         "no std. error where effects leave no freedom; " SLOPE_ERRORS);
    sheet_columns(t, columns);
    for (uint32_t i = 0; i < n; i++)
        if (l[i].time.n > 0)
            put_learning(t, panel_name_at(p, PANEL_DEPLOYMENT, i), &l[i]);
    const double none = (double)NAN;
    Learning all = {.time = {pooled.n, pooled.batches, none, pooled.beta, pooled.error, none},
                    .cost = {0, 0, none, none, none, none}};
    put_learning(t, "(pooled)", &all);
    return findings_sheet(f, t, err) && draw_learning(p, f, err) && put_switches(p, f, err);
}
