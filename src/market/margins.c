#include "market/margins.h"

#include "market/sum.h"

#include <math.h>

#define MS_AN_HOUR 3600000

double margin_markup(const PanelRow *r) {
    return r->cost > 0 ? (double)(r->price - r->cost) / (double)r->cost : (double)NAN;
}

double margin_lerner(const PanelRow *r) {
    return r->price > 0 ? (double)(r->price - r->cost) / (double)r->price : (double)NAN;
}

bool margin_covers(const PanelRow *r) {
    return r->price >= r->cost;
}

int64_t margin_imputed(const Panel *p, const PanelRow *r) {
    const int64_t rate = panel_rate(p, r->deployment);
    if (rate < 0)
        return -1;
    Sum cost = ((Sum)rate * r->proving_ms + MS_AN_HOUR / 2) / MS_AN_HOUR;
    return cost < INT64_MAX ? (int64_t)cost : INT64_MAX;
}

double margin_declared_ratio(const Panel *p, const PanelRow *r) {
    int64_t imputed = margin_imputed(p, r);
    return imputed > 0 ? (double)r->cost / (double)imputed : (double)NAN;
}
