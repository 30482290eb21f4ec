/* What provers want above their cost. NaN: not defined (of nothing). Pure. */
#pragma once

#include "market/panel.h"

double margin_markup(const PanelRow *r); /* (price - cost) / cost */
double margin_lerner(const PanelRow *r); /* (price - cost) / price */
bool margin_covers(const PanelRow *r);   /* price >= cost */
/* Rate by the operator's account times the declared proving time, in micro-cents; -1: no rate is
 * known. */
int64_t margin_imputed(const Panel *p, const PanelRow *r);
double margin_declared_ratio(const Panel *p, const PanelRow *r); /* declared / imputed cost */
