#include "market/learning.h"

#include "base/alloc.h"
#include "market/two_way.h"

#include <math.h>

/* ---- rows in the order in which each group made them ---- */

typedef struct {
    uint32_t group, seq, row;
} Step;

static int by_step(const void *x, const void *y) {
    const Step *a = x, *b = y;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static uint32_t deployment_of(const PanelRow *r) {
    return r->deployment;
}

static uint32_t participant_of(const PanelRow *r) {
    return r->participant;
}

static Step *steps_new(const Panel *p, uint32_t (*group_of)(const PanelRow *), CvkErr *err) {
    const size_t n = panel_n(p);
    const PanelRow *row = panel_rows(p);
    Step *step = cvk_alloc(n, sizeof *step, err);
    if (step == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        step[i] = (Step){group_of(&row[i]), row[i].seq, (uint32_t)i};
    qsort(step, n, sizeof *step, by_step);
    return step;
}

static size_t stretch(const Step *step, size_t n) {
    size_t many = 1;
    while (many < n && step[many].group == step[0].group)
        many++;
    return many;
}

/* ---- a line for each deployment ---- */

static int64_t time_of(const PanelRow *r) {
    return r->proving_ms;
}

static int64_t cost_of(const PanelRow *r) {
    return r->cost;
}

static void fit(const PanelRow *row, const Step *step, size_t n, int64_t (*of)(const PanelRow *),
                double *x, double *y, LineFit *ret) {
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t v = of(&row[step[i].row]);
        if (v <= 0)
            continue;
        x[used] = log((double)row[step[i].row].nth);
        y[used++] = log((double)v);
    }
    stats_line(x, y, used, ret);
}

bool learning_fit(const Panel *p, Learning *ret, CvkErr *err) {
    const size_t n = panel_n(p);
    _cleanup_free_ Step *step = steps_new(p, deployment_of, err);
    _cleanup_free_ double *x = cvk_alloc(n, sizeof *x, err);
    _cleanup_free_ double *y = cvk_alloc(n, sizeof *y, err);
    if (step == NULL || x == NULL || y == NULL)
        return false;
    for (size_t i = 0; i < panel_names_n(p, PANEL_DEPLOYMENT); i++) {
        stats_line(NULL, NULL, 0, &ret[i].time);
        ret[i].cost = ret[i].time;
    }
    for (size_t i = 0, many; i < n; i += many) {
        Learning *l = &ret[step[i].group];
        many = stretch(step + i, n - i);
        fit(panel_rows(p), step + i, many, time_of, x, y, &l->time);
        fit(panel_rows(p), step + i, many, cost_of, x, y, &l->cost);
    }
    return true;
}

double learning_ratio(const LineFit *f) {
    return exp2(f->b);
}

/* ---- one beta for all ---- */

typedef struct {
    double *x, *y;
    uint32_t *deployment, *batch;
    size_t n;
} Logs;

static void logs_done(Logs *l) {
    free(l->x);
    free(l->y);
    free(l->deployment);
    free(l->batch);
}

static bool logs_make(const Panel *p, Logs *l, CvkErr *err) {
    const size_t n = panel_n(p);
    *l = (Logs){.x = cvk_alloc(n, sizeof *l->x, err),
                .y = cvk_alloc(n, sizeof *l->y, err),
                .deployment = cvk_alloc(n, sizeof *l->deployment, err),
                .batch = cvk_alloc(n, sizeof *l->batch, err)};
    if (l->x == NULL || l->y == NULL || l->deployment == NULL || l->batch == NULL) {
        logs_done(l);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const PanelRow *r = &panel_rows(p)[i];
        if (r->proving_ms <= 0)
            continue;
        l->x[l->n] = log((double)r->nth);
        l->y[l->n] = log((double)r->proving_ms);
        l->deployment[l->n] = r->deployment;
        l->batch[l->n++] = r->batch;
    }
    return true;
}

static size_t count_different(const uint32_t *of, size_t n, size_t groups, bool *seen) {
    size_t many = 0;
    memset(seen, 0, groups * sizeof *seen);
    for (size_t i = 0; i < n; i++) {
        many += !seen[of[i]];
        seen[of[i]] = true;
    }
    return many;
}

/* y on x, both without what deployments and batches explain (Frisch, Waugh and Lovell). */
static void regress(const double *x, const double *y, size_t n, size_t effects, double all_xx,
                    LearningPooled *ret) {
    double xx = 0, xy = 0, yy = 0;
    for (size_t i = 0; i < n; i++) {
        xx += x[i] * x[i];
        xy += x[i] * y[i];
        yy += y[i] * y[i];
    }
    if (!(xx > 1e-9 * all_xx) || !(xx > 0))
        return;
    ret->beta = xy / xx;
    double left = yy - ret->beta * xy;
    if (n > effects)
        ret->error = sqrt((left > 0 ? left : 0) / (double)(n - effects) / xx);
}

static bool pool(const Panel *p, const Logs *l, LearningPooled *ret, CvkErr *err) {
    const size_t d = panel_names_n(p, PANEL_DEPLOYMENT), b = panel_names_n(p, PANEL_BATCH);
    _cleanup_free_ bool *seen = cvk_alloc(d > b ? d : b, sizeof *seen, err);
    TwoWay x = {0}, y = {0};
    bool ok = seen != NULL && two_way_fit(l->x, l->deployment, d, l->batch, b, l->n, &x, err) &&
              two_way_fit(l->y, l->deployment, d, l->batch, b, l->n, &y, err);
    if (ok) {
        double all = 0;
        for (size_t i = 0; i < l->n; i++)
            all += (l->x[i] - x.mean) * (l->x[i] - x.mean);
        size_t effects = count_different(l->deployment, l->n, d, seen);
        effects += count_different(l->batch, l->n, b, seen); /* less one, and beta */
        regress(x.rest, y.rest, l->n, effects, all, ret);
    }
    two_way_done(&x);
    two_way_done(&y);
    return ok;
}

bool learning_pooled(const Panel *p, LearningPooled *ret, CvkErr *err) {
    Logs l;
    if (!logs_make(p, &l, err))
        return false;
    LearningPooled pooled = {l.n, (double)NAN, (double)NAN};
    bool ok = pool(p, &l, &pooled, err);
    logs_done(&l);
    if (ok)
        *ret = pooled;
    return ok;
}

/* ---- switches ---- */

static double mean_log(const PanelRow *row, const Step *step, size_t n,
                       int64_t (*of)(const PanelRow *)) {
    double sum = 0;
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
        if (of(&row[step[i].row]) > 0) {
            sum += log((double)of(&row[step[i].row]));
            used++;
        }
    return used > 0 ? sum / (double)used : (double)NAN;
}

/* Steps of one participant with one deployment. */
static size_t same_deployment(const PanelRow *row, const Step *step, size_t n) {
    size_t many = 1;
    while (many < n && step[many].group == step[0].group &&
           row[step[many].row].deployment == row[step[0].row].deployment)
        many++;
    return many;
}

bool learning_switches(const Panel *p, Switch *ret, size_t cap, size_t *ret_n, CvkErr *err) {
    const size_t n = panel_n(p);
    const PanelRow *row = panel_rows(p);
    _cleanup_free_ Step *step = steps_new(p, participant_of, err);
    if (step == NULL)
        return false;
    *ret_n = 0;
    for (size_t i = 0, before, after; i < n; i += before) {
        before = same_deployment(row, step + i, n - i);
        const Step *then = step + i, *now = then + before;
        if (i + before == n || now->group != then->group)
            continue;
        after = same_deployment(row, now, n - i - before);
        if ((*ret_n)++ >= cap)
            continue;
        ret[*ret_n - 1] = (Switch){
            .participant = then->group,
            .from = row[then->row].deployment,
            .to = row[now->row].deployment,
            .seq = now->seq,
            .before = before,
            .after = after,
            .time_ratio =
                exp(mean_log(row, now, after, time_of) - mean_log(row, then, before, time_of)),
            .cost_ratio =
                exp(mean_log(row, now, after, cost_of) - mean_log(row, then, before, cost_of)),
        };
    }
    return true;
}
