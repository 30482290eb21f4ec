/* Distributions: prices, costs, times and margins by acceleration, participant and deployment. */
#include "base/alloc.h"
#include "market/analysis_private.h"
#include "market/margins.h"
#include "market/samples.h"
#include "market/stats.h"

#include <math.h>
#include <stdio.h>

void sheet_sum(Sheet *t, Sum micro_cents) {
    char exact[SUM_TEXT_MAX], shown[SUM_TEXT_MAX];
    sum_text(micro_cents, exact);
    sum_text_rounded(micro_cents, shown);
    sheet_number(t, exact, shown);
}

void sheet_columns(Sheet *t, const char *const (*column)[2]) {
    for (; (*column)[0] != NULL; column++)
        sheet_column(t, (*column)[0], (*column)[1]);
}

bool panel_by_participant(const Panel *p, uint32_t **ret_row, size_t **ret_start, CvkErr *err) {
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

/* ---- what is looked at ---- */

static double price_of(const PanelRow *r) {
    return sum_cents(r->price);
}

static double cost_of(const PanelRow *r) {
    return sum_cents(r->cost);
}

static double seconds_of(const PanelRow *r) {
    return (double)r->proving_ms / 1000;
}

static const struct {
    const char *id, *title, *x_title;
    double (*of)(const PanelRow *);
    bool intervals, figure;
} variables[] = {
    {"prices", "Prices (cents)", "price (cents)", price_of, true, true},
    {"costs", "Declared costs (cents)", "declared cost (cents)", cost_of, true, false},
    {"times", "Declared proving times (s)", "proving time (s)", seconds_of, true, true},
    {"markups", "Markups, (price - cost) / cost", "markup", margin_markup, false, false},
    {"lerner", "Lerner indices, (price - cost) / price", "Lerner index", margin_lerner, false,
     false},
};
#define VARIABLES_N (sizeof variables / sizeof *variables)

static uint32_t all_of(const PanelRow *r) {
    (void)r;
    return 0;
}

static uint32_t acceleration_of(const PanelRow *r) {
    return r->acceleration;
}

static uint32_t participant_of(const PanelRow *r) {
    return r->participant;
}

static uint32_t deployment_of(const PanelRow *r) {
    return r->deployment;
}

static const struct {
    const char *name;
    uint32_t (*of)(const PanelRow *);
    PanelNames names; /* PANEL_NAMES_N: of everybody */
} groupings[] = {
    {"all", all_of, PANEL_NAMES_N},
    {"acceleration", acceleration_of, PANEL_ACCELERATION},
    {"participant", participant_of, PANEL_PARTICIPANT},
    {"deployment", deployment_of, PANEL_DEPLOYMENT},
};
#define GROUPINGS_N (sizeof groupings / sizeof *groupings)
#define GROUPING_PARTICIPANT 2

static size_t groups_n(const Panel *p, size_t grouping) {
    PanelNames names = groupings[grouping].names;
    return names == PANEL_NAMES_N ? 1 : panel_names_n(p, names);
}

static const char *group_name(const Panel *p, size_t grouping, size_t g) {
    PanelNames names = groupings[grouping].names;
    return names == PANEL_NAMES_N ? "" : panel_name_at(p, names, (uint32_t)g);
}

/* ---- tables ---- */

static const char *const columns[][2] = {
    {"by", "by"},      {"name", "name"},    {"n", "n"},
    {"min", "min"},    {"p5", "5 %"},       {"p25", "25 %"},
    {"p50", "median"}, {"p50_low", "low"},  {"p50_high", "high"},
    {"p75", "75 %"},   {"p95", "95 %"},     {"max", "max"},
    {"mean", "mean"},  {"mean_low", "low"}, {"mean_high", "high"},
    {"sd", "sd"},      {"mad", "MAD"},      {NULL, NULL},
};

static void put_summary(Sheet *t, const char *by, const char *name, const Summary *s,
                        const Interval *mean, const Interval *median) {
    sheet_text(t, by);
    sheet_text(t, name);
    sheet_count(t, s->n);
    const double v[] = {s->min, s->p5,  s->p25,  s->p50,    median->low, median->high, s->p75,
                        s->p95, s->max, s->mean, mean->low, mean->high,  s->sd,        s->mad};
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        sheet_real(t, v[i]);
}

/* Curves of who is at most how high, for as many participants as there are colours. */
static Figure *ecdf_figure(const Panel *p, const Samples *s, size_t variable) {
    char id[32], title[64];
    EcdfPoint point[200];
    snprintf(id, sizeof id, "%s-ecdf", variables[variable].id);
    snprintf(title, sizeof title, "%s: cumulative distribution", variables[variable].title);
    Figure *g = figure_new(id, title, variables[variable].x_title, "share of proofs at most so");
    if (g == NULL)
        return NULL;
    for (size_t i = 0, drawn = 0; i < s->groups && drawn < FIGURE_SERIES_MAX; i++) {
        const double *sorted = s->value + s->start[i];
        size_t n = stats_ecdf(sorted, s->start[i + 1] - s->start[i], point, 200);
        if (n == 0)
            continue;
        drawn++;
        figure_series(g, FIGURE_STEP, panel_name_at(p, PANEL_PARTICIPANT, (uint32_t)i));
        figure_point(g, point[0].x, 0);
        for (size_t k = 0; k < n; k++)
            figure_point(g, point[k].x, point[k].share);
    }
    return g;
}

typedef struct {
    const Panel *panel;
    const AnalysisOptions *options;
    double *value;
    uint32_t *group, *batch; /* by row */
    size_t batches;          /* that have a row */
} Work;

/* The rows of one table that one grouping makes. */
static bool put_samples(const Work *w, size_t variable, size_t grouping, const Samples *s, Sheet *t,
                        CvkErr *err) {
    _cleanup_free_ Interval *mean = cvk_alloc(s->groups, sizeof *mean, err);
    _cleanup_free_ Interval *median = cvk_alloc(s->groups, sizeof *median, err);
    if (mean == NULL || median == NULL)
        return false;
    for (size_t g = 0; g < s->groups; g++)
        mean[g] = median[g] = (Interval){(double)NAN, (double)NAN};
    if (variables[variable].intervals && w->options->replicates > 0 &&
        !samples_bootstrap(s, w->batches, w->options->replicates, w->options->seed, mean, median,
                           err))
        return false;
    for (size_t g = 0; g < s->groups; g++) {
        Summary sum;
        stats_summary(s->value + s->start[g], s->start[g + 1] - s->start[g], &sum);
        if (sum.n > 0)
            put_summary(t, groupings[grouping].name, group_name(w->panel, grouping, g), &sum,
                        &mean[g], &median[g]);
    }
    return true;
}

static bool one_grouping(const Work *w, size_t variable, size_t grouping, Sheet *t, Figure **ret,
                         CvkErr *err) {
    const size_t n = panel_n(w->panel);
    Samples s;
    for (size_t i = 0; i < n; i++)
        w->group[i] = groupings[grouping].of(&panel_rows(w->panel)[i]);
    if (!samples_make(w->value, w->group, w->batch, n, groups_n(w->panel, grouping), &s, err))
        return false;
    bool ok = put_samples(w, variable, grouping, &s, t, err);
    if (ok && grouping == GROUPING_PARTICIPANT && variables[variable].figure)
        *ret = ecdf_figure(w->panel, &s, variable);
    samples_done(&s);
    return ok;
}

static bool one_variable(const Work *w, size_t variable, Findings *f, CvkErr *err) {
    const size_t n = panel_n(w->panel);
    char note[160];
    Figure *g = NULL;
    snprintf(note, sizeof note,
             "low, high: 95 %% intervals, resampling whole batches %u times with seed %llu",
             w->options->replicates, (unsigned long long)w->options->seed);
    bool noted = variables[variable].intervals && w->options->replicates > 0;
    Sheet *t = sheet_new(variables[variable].id, variables[variable].title, noted ? note : NULL);
    sheet_columns(t, columns);
    for (size_t i = 0; i < n; i++)
        w->value[i] = variables[variable].of(&panel_rows(w->panel)[i]);
    for (size_t grouping = 0; grouping < GROUPINGS_N; grouping++)
        if (!one_grouping(w, variable, grouping, t, &g, err)) {
            sheet_free(t);
            figure_free(g);
            return false;
        }
    if (!findings_sheet(f, t, err)) {
        figure_free(g);
        return false;
    }
    return !variables[variable].figure || findings_figure(f, g, err);
}

/* Batches in the order in which rows name them: those without a row are not there to be drawn. */
static bool number_batches(const Panel *p, uint32_t *batch, size_t *ret_n, CvkErr *err) {
    _cleanup_free_ uint32_t *number =
        cvk_alloc(panel_names_n(p, PANEL_BATCH), sizeof *number, err); /* from 1; 0: none yet */
    uint32_t n = 0;
    if (number == NULL)
        return false;
    for (size_t i = 0; i < panel_n(p); i++) {
        uint32_t *of = &number[panel_rows(p)[i].batch];
        if (*of == 0)
            *of = ++n;
        batch[i] = *of - 1;
    }
    *ret_n = n;
    return true;
}

bool analysis_distributions(const Panel *p, const AnalysisOptions *o, Findings *f, CvkErr *err) {
    const size_t n = panel_n(p);
    _cleanup_free_ double *value = cvk_alloc(n, sizeof *value, err);
    _cleanup_free_ uint32_t *group = cvk_alloc(n, sizeof *group, err);
    _cleanup_free_ uint32_t *batch = cvk_alloc(n, sizeof *batch, err);
    Work w = {p, o, value, group, batch, 0};
    if (value == NULL || group == NULL || batch == NULL ||
        !number_batches(p, batch, &w.batches, err))
        return false;
    for (size_t i = 0; i < VARIABLES_N; i++)
        if (!one_variable(&w, i, f, err))
            return false;
    return true;
}

bool analysis_run(const Panel *p, const Panel *timed, const AnalysisOptions *o, Findings *f,
                  CvkErr *err) {
    return analysis_distributions(p, o, f, err) && analysis_covariates(p, f, err) &&
           analysis_margins(p, f, err) && analysis_learning(p, f, err) &&
           analysis_structure(p, f, err) && analysis_open(timed != NULL ? timed : p, f, err);
}
