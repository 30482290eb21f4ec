#include "market/learning.h"

#include "base/alloc.h"
#include "market/links.h"
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
                const PairsRoom *room, LineFit *ret) {
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        const PanelRow *r = &row[step[i].row];
        if (of(r) <= 0)
            continue;
        room->x[used] = log((double)r->nth);
        room->y[used] = log((double)of(r));
        room->batch[used++] = r->batch;
    }
    slope_fit(&(Pairs){room->x, room->y, room->batch, used}, room->sum, ret);
}

bool learning_fit(const Panel *p, Learning *ret, CvkErr *err) {
    const size_t n = panel_n(p);
    PairsRoom room;
    _cleanup_free_ Step *step = steps_new(p, deployment_of, err);
    if (step == NULL || !pairs_room_make(&room, n, panel_names_n(p, PANEL_BATCH), err))
        return false;
    for (size_t i = 0; i < panel_names_n(p, PANEL_DEPLOYMENT); i++) {
        fit(NULL, NULL, 0, NULL, &room, &ret[i].time);
        ret[i].cost = ret[i].time;
    }
    for (size_t i = 0, many; i < n; i += many) {
        Learning *l = &ret[step[i].group];
        many = stretch(step + i, n - i);
        fit(panel_rows(p), step + i, many, time_of, &room, &l->time);
        fit(panel_rows(p), step + i, many, cost_of, &room, &l->cost);
    }
    pairs_room_done(&room);
    return true;
}

double learning_ratio(const LineFit *f) {
    return exp2(f->b);
}

/* ---- one beta for all ---- */

typedef struct {
    PairsRoom room;
    uint32_t *deployment;
    size_t n;
} Logs;

static void logs_done(Logs *l) {
    pairs_room_done(&l->room);
    free(l->deployment);
}

static bool logs_make(const Panel *p, Logs *l, CvkErr *err) {
    *l = (Logs){.deployment = cvk_alloc(panel_n(p), sizeof *l->deployment, err)};
    if (l->deployment == NULL ||
        !pairs_room_make(&l->room, panel_n(p), panel_names_n(p, PANEL_BATCH), err)) {
        free(l->deployment);
        return false;
    }
    for (size_t i = 0; i < panel_n(p); i++) {
        const PanelRow *r = &panel_rows(p)[i];
        if (r->proving_ms <= 0)
            continue;
        l->room.x[l->n] = log((double)r->nth);
        l->room.y[l->n] = log((double)r->proving_ms);
        l->room.batch[l->n] = r->batch;
        l->deployment[l->n++] = r->deployment;
    }
    return true;
}

static bool count_different(const uint32_t *of, size_t n, size_t groups, size_t *ret, CvkErr *err) {
    _cleanup_free_ bool *seen = cvk_alloc(groups, sizeof *seen, err);
    if (seen == NULL)
        return false;
    *ret = 0;
    for (size_t i = 0; i < n; i++) {
        *ret += !seen[of[i]];
        seen[of[i]] = true;
    }
    return true;
}

static Links links_of(const Panel *p, const Logs *l) {
    return (Links){l->deployment, l->room.batch, panel_names_n(p, PANEL_DEPLOYMENT),
                   panel_names_n(p, PANEL_BATCH), l->n};
}

static bool leave_out_alone(const Panel *p, Logs *l, CvkErr *err) {
    const Links links = links_of(p, l);
    _cleanup_free_ bool *alone = cvk_alloc(l->n, sizeof *alone, err);
    if (alone == NULL || !links_alone(&links, alone, err))
        return false;
    l->n = 0;
    for (size_t i = 0; i < links.n; i++) {
        if (alone[i])
            continue;
        l->room.x[l->n] = l->room.x[i];
        l->room.y[l->n] = l->room.y[i];
        l->room.batch[l->n] = l->room.batch[i];
        l->deployment[l->n++] = l->deployment[i];
    }
    return true;
}

/* y on x, both without what deployments and batches explain. */
static bool pool(const Panel *p, const Logs *l, LineFit *ret, CvkErr *err) {
    const Links links = links_of(p, l);
    const size_t d = links.a_n, b = links.b_n;
    const PairsRoom *r = &l->room;
    Taken by = {0};
    TwoWay x = {0}, y = {0};
    bool ok = count_different(l->deployment, l->n, d, &by.counted, err) &&
              links_rank(&links, &by.rank, err) &&
              two_way_fit(r->x, l->deployment, d, r->batch, b, l->n, &x, err) &&
              two_way_fit(r->y, l->deployment, d, r->batch, b, l->n, &y, err);
    if (ok) {
        for (size_t i = 0; i < l->n; i++)
            by.all_xx += (r->x[i] - x.mean) * (r->x[i] - x.mean);
        const Pairs rests = {x.rest, y.rest, r->batch, l->n};
        slope_of_rests(&rests, &by, r->sum, ret);
    }
    two_way_done(&x);
    two_way_done(&y);
    return ok;
}

bool learning_pooled(const Panel *p, LearningPooled *ret, CvkErr *err) {
    Logs l;
    LineFit f;
    if (!logs_make(p, &l, err))
        return false;
    bool ok = leave_out_alone(p, &l, err) && pool(p, &l, &f, err);
    if (ok)
        *ret = (LearningPooled){f.n, f.batches, f.b, f.error};
    logs_done(&l);
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
