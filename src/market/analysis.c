/* Distributions: prices, costs, times and margins by acceleration, participant, deployment and
 * group. */
#include "base/alloc.h"
#include "market/analysis_private.h"
#include "market/grouping.h"
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

/* ---- figures by participant ---- */

static size_t count_people(const Panel *p, bool *seen) {
    size_t people = 0;
    for (size_t i = 0; i < panel_n(p); i++) {
        people += !seen[panel_rows(p)[i].participant];
        seen[panel_rows(p)[i].participant] = true;
    }
    return people;
}

void note_sample(Figure *g, const Panel *p) {
    _cleanup_free_ bool *seen = cvk_alloc(panel_names_n(p, PANEL_PARTICIPANT), sizeof *seen, NULL);
    if (seen == NULL || g == NULL)
        return;
    const size_t people = count_people(p, seen);
    figure_note(g, "%zu proof%s of %zu participant%s", panel_n(p), panel_n(p) == 1 ? "" : "s",
                people, people == 1 ? "" : "s");
    if (people > FIGURE_SERIES_MAX)
        figure_note(g, "; the first %d are drawn", FIGURE_SERIES_MAX);
}

void scatter_by_participant(Figure *g, const Panel *p, const uint32_t *row, const size_t *start,
                            double (*x)(const PanelRow *), double (*y)(const PanelRow *)) {
    const size_t step = panel_n(p) / SCATTER_MAX + 1;
    if (g == NULL)
        return;
    for (uint32_t i = 0; i < panel_names_n(p, PANEL_PARTICIPANT) && g->series_n < FIGURE_SERIES_MAX;
         i++) {
        if (start[i] == start[i + 1])
            continue;
        figure_series(g, FIGURE_SCATTER, panel_name_at(p, PANEL_PARTICIPANT, i));
        for (size_t k = start[i]; k < start[i + 1]; k += step)
            figure_point(g, x(&panel_rows(p)[row[k]]), y(&panel_rows(p)[row[k]]));
    }
    note_sample(g, p);
    if (step > 1)
        figure_note(g, ", one point in %zu", step);
}

/* ---- what is looked at ---- */

double row_price(const PanelRow *r) {
    return sum_cents(r->price);
}

double row_cost(const PanelRow *r) {
    return sum_cents(r->cost);
}

double row_seconds(const PanelRow *r) {
    return (double)r->proving_ms / 1000;
}

static const struct {
    const char *id, *title, *x_title;
    double (*of)(const PanelRow *);
    bool intervals, figure;
} variables[] = {
    {"prices", "Prices (cents)", "price (cents)", row_price, true, true},
    {"costs", "Declared costs (cents)", "declared cost (cents)", row_cost, true, false},
    {"times", "Declared proving times (s)", "proving time (s)", row_seconds, true, true},
    {"markups", "Markups, (price - cost) / cost", "markup", margin_markup, false, false},
    {"lerner", "Lerner indices, (price - cost) / price", "Lerner index", margin_lerner, false,
     false},
};
#define VARIABLES_N (sizeof variables / sizeof *variables)
#define SORTING                                                                                    \
    6 /* what sorting all values costs, in units of a meter: what resampling them does */

/* ---- tables ---- */

static const struct {
    const char *key, *heading;
    bool interval;
} columns[] = {
    {"by", "by", false},      {"name", "name", false},      {"n", "n", false},
    {"min", "min", false},    {"p5", "5 %", false},         {"p25", "25 %", false},
    {"p50", "median", false}, {"p50_low", "CI low", true},  {"p50_high", "CI high", true},
    {"p75", "75 %", false},   {"p95", "95 %", false},       {"max", "max", false},
    {"mean", "mean", false},  {"mean_low", "CI low", true}, {"mean_high", "CI high", true},
    {"sd", "sd", false},      {"mad", "MAD", false},
};
#define COLUMNS_N (sizeof columns / sizeof *columns)
#define COLUMN_MIN 3

static Sheet *summaries(size_t variable, const char *note) {
    Sheet *t = sheet_new(variables[variable].id, variables[variable].title, note);
    for (size_t c = 0; c < COLUMNS_N; c++)
        if (variables[variable].intervals || !columns[c].interval)
            sheet_column(t, columns[c].key, columns[c].heading);
    return t;
}

static void put_summary(Sheet *t, bool intervals, const char *by, const char *name,
                        const Summary *s, const Interval *mean, const Interval *median) {
    sheet_text(t, by);
    sheet_text(t, name);
    sheet_count(t, s->n);
    const double v[] = {s->min, s->p5,  s->p25,  s->p50,    median->low, median->high, s->p75,
                        s->p95, s->max, s->mean, mean->low, mean->high,  s->sd,        s->mad};
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        if (intervals || !columns[COLUMN_MIN + i].interval)
            sheet_real(t, v[i]);
}

/* Curves of who is at most how high, for as many participants as there are colours. */
static Figure *ecdf_figure(const Panel *p, const Samples *s, size_t variable) {
    char id[32], title[64];
    EcdfPoint point[200];
    snprintf(id, sizeof id, "%s-ecdf", variables[variable].id);
    snprintf(title, sizeof title, "%s: cumulative distribution", variables[variable].title);
    Figure *g = figure_new(id, title, variables[variable].x_title, "share of proofs at or below");
    if (g == NULL)
        return NULL;
    g->y_share = true;
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
    note_sample(g, p);
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
static bool put_samples(const Work *w, size_t variable, Grouping grouping, const Samples *s,
                        Sheet *t, CvkErr *err) {
    _cleanup_free_ Interval *mean = cvk_alloc(s->groups, sizeof *mean, err);
    _cleanup_free_ Interval *median = cvk_alloc(s->groups, sizeof *median, err);
    if (mean == NULL || median == NULL)
        return false;
    for (size_t g = 0; g < s->groups; g++)
        mean[g] = median[g] = (Interval){(double)NAN, (double)NAN};
    const Bootstrap how = {.batches = w->batches,
                           .replicates = w->options->replicates,
                           .seed = w->options->seed,
                           .pool = w->options->pool,
                           .meter = w->options->meter};
    if (variables[variable].intervals && how.replicates > 0 &&
        !samples_bootstrap(s, &how, mean, median, err))
        return false;
    for (size_t g = 0; g < s->groups; g++) {
        Summary sum;
        stats_summary(s->value + s->start[g], s->start[g + 1] - s->start[g], &sum);
        if (sum.n > 0)
            put_summary(t, variables[variable].intervals, grouping_name(grouping),
                        grouping_at(w->panel, grouping, g), &sum, &mean[g], &median[g]);
    }
    return true;
}

static size_t grouping_units(size_t variable, unsigned replicates) {
    return SORTING + (variables[variable].intervals ? bootstrap_units(replicates) : 0);
}

static bool one_grouping(const Work *w, size_t variable, Grouping grouping, Sheet *t, Figure **ret,
                         CvkErr *err) {
    const size_t n = panel_n(w->panel);
    Samples s;
    const size_t groups = grouping_n(w->panel, grouping);
    if (groups == 0) {
        cvk_meter_advance(w->options->meter, grouping_units(variable, w->options->replicates));
        return true;
    }
    grouping_rows(w->panel, grouping, w->group);
    if (!samples_make(w->value, w->group, w->batch, n, groups, &s, err))
        return false;
    cvk_meter_advance(w->options->meter, SORTING);
    bool ok = put_samples(w, variable, grouping, &s, t, err);
    if (ok && grouping == GROUPING_PARTICIPANT && variables[variable].figure)
        *ret = ecdf_figure(w->panel, &s, variable);
    samples_done(&s);
    return ok;
}

static bool one_variable(const Work *w, size_t variable, Findings *f, CvkErr *err) {
    const size_t n = panel_n(w->panel);
    char note[200];
    Figure *g = NULL;
    snprintf(
        note, sizeof note,
        "CI: 95 %% intervals (percentiles) of median and mean, resampling whole batches %u times "
        "with seed %llu",
        w->options->replicates, (unsigned long long)w->options->seed);
    bool noted = variables[variable].intervals && w->options->replicates > 0;
    Sheet *t = summaries(variable, noted ? note : NULL);
    for (size_t i = 0; i < n; i++)
        w->value[i] = variables[variable].of(&panel_rows(w->panel)[i]);
    for (Grouping grouping = 0; grouping < GROUPINGS_N; grouping++)
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

#define PARTS_N 5 /* of an analysis, beside distributions and open requests */

size_t analysis_units(const AnalysisOptions *o) {
    size_t units = PARTS_N * SORTING;
    for (size_t i = 0; i < VARIABLES_N; i++)
        units += GROUPINGS_N * grouping_units(i, o->replicates);
    return units;
}

bool analysis_run(const Panel *p, const Panel *timed, const AnalysisOptions *o, Findings *f,
                  CvkErr *err) {
    static bool (*const part[PARTS_N])(const Panel *p, Findings *f, CvkErr *err) = {
        analysis_covariates, analysis_margins, analysis_learning, analysis_structure,
        analysis_observed};
    if (!analysis_distributions(p, o, f, err))
        return false;
    for (size_t i = 0; i < PARTS_N; i++) {
        if (!part[i](p, f, err))
            return false;
        cvk_meter_advance(o->meter, SORTING);
    }
    return analysis_open(timed != NULL ? timed : p, f, err);
}
