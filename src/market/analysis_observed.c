/* What provers say that a proof took, over the time that they had the request as the server saw it:
 * far below 1 they waited or proved something else meanwhile, above 1 is impossible. */
#include "base/alloc.h"
#include "market/analysis_private.h"
#include "market/grouping.h"
#include "market/market.h"
#include "market/samples.h"
#include "market/stats.h"

#include <math.h>

typedef struct {
    const Panel *panel;
    double *issued, *fetched; /* by row: declared over the time since; NaN: not known */
    uint32_t *group, *none;   /* by row; none: no batches, as nothing is resampled */
} Ratios;

static double ratio(const PanelRow *r, int64_t since_ms) {
    return since_ms > 0 && r->received_ms > since_ms
               ? (double)r->proving_ms / (double)(r->received_ms - since_ms)
               : (double)NAN;
}

static bool ratios_make(const Panel *p, Ratios *ret, CvkErr *err) {
    const size_t n = panel_n(p);
    *ret =
        (Ratios){p, cvk_alloc(n, sizeof *ret->issued, err), cvk_alloc(n, sizeof *ret->fetched, err),
                 cvk_alloc(n, sizeof *ret->group, err), cvk_alloc(n, sizeof *ret->none, err)};
    if (ret->issued == NULL || ret->fetched == NULL || ret->group == NULL || ret->none == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        const PanelRow *r = &panel_rows(p)[i];
        ret->issued[i] = ratio(r, r->issued_ms);
        ret->fetched[i] = ratio(r, r->first_get_ms);
    }
    return true;
}

static void ratios_done(Ratios *r) {
    free(r->issued);
    free(r->fetched);
    free(r->group);
    free(r->none);
}

typedef struct {
    size_t n, impossible; /* submissions */
} Count;

static void put_quartiles(Sheet *t, const Samples *s, size_t g) {
    const double *sorted = s->value + s->start[g];
    const size_t n = s->start[g + 1] - s->start[g];
    sheet_count(t, n);
    for (unsigned quarter = 1; quarter <= 3; quarter++)
        sheet_real(t, stats_quantile(sorted, n, quarter / 4.0));
}

static bool put_grouping(Ratios *r, Grouping by, Sheet *t, CvkErr *err) {
    const size_t n = panel_n(r->panel), groups = grouping_n(r->panel, by);
    if (groups == 0)
        return true;
    _cleanup_free_ Count *count = cvk_alloc(groups, sizeof *count, err);
    Samples issued, fetched;
    if (count == NULL)
        return false;
    grouping_rows(r->panel, by, r->group);
    for (size_t i = 0; i < n; i++) {
        Count *c = &count[r->group[i]];
        c->n++;
        c->impossible += (panel_rows(r->panel)[i].flags & MARKET_FLAG_TIME_IMPOSSIBLE) != 0;
    }
    if (!samples_make(r->issued, r->group, r->none, n, groups, &issued, err))
        return false;
    if (!samples_make(r->fetched, r->group, r->none, n, groups, &fetched, err)) {
        samples_done(&issued);
        return false;
    }
    for (size_t g = 0; g < groups; g++) {
        if (count[g].n == 0)
            continue;
        sheet_text(t, grouping_name(by));
        sheet_text(t, grouping_at(r->panel, by, g));
        sheet_count(t, count[g].n);
        put_quartiles(t, &issued, g);
        put_quartiles(t, &fetched, g);
        sheet_real(t, (double)count[g].impossible / (double)count[g].n);
    }
    samples_done(&issued);
    samples_done(&fetched);
    return true;
}

bool analysis_observed(const Panel *p, Findings *f, CvkErr *err) {
    static const char *const columns[][2] = {{"by", "by"},
                                             {"name", "name"},
                                             {"n", "n"},
                                             {"issued_n", "since issued"},
                                             {"issued_p25", "25 %"},
                                             {"issued_p50", "median"},
                                             {"issued_p75", "75 %"},
                                             {"first_get_n", "since first get"},
                                             {"first_get_p25", "25 %"},
                                             {"first_get_p50", "median"},
                                             {"first_get_p75", "75 %"},
                                             {"impossible", "impossible"},
                                             {NULL, NULL}};
    static const Grouping by[] = {GROUPING_ALL, GROUPING_PARTICIPANT, GROUPING_DEPLOYMENT,
                                  GROUPING_GROUP};
    Ratios r;
    Sheet *t = sheet_new("observed", "Declared proving time over the time that was observed",
                         "observed: from the hand-out, or from the first download, until the proof "
                         "was received; impossible: share flagged TIME_IMPOSSIBLE");
    sheet_columns(t, columns);
    bool ok = ratios_make(p, &r, err);
    for (size_t i = 0; ok && i < sizeof by / sizeof *by; i++)
        ok = put_grouping(&r, by[i], t, err);
    ratios_done(&r);
    if (!ok) {
        sheet_free(t);
        return false;
    }
    return findings_sheet(f, t, err);
}
