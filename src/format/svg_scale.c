#include "format/svg_scale.h"

#include <math.h>

static double inside(const Scale *s, double v) {
    return s->log ? log10(v) : v;
}

double scale_place(const Scale *s, double v) {
    return s->from + (inside(s, v) - s->low) / (s->high - s->low) * (s->to - s->from);
}

/* Powers of ten; where these are few, 2 and 5 times them as well, or all digits. A little room at
 * both ends. */
static void log_ticks(Scale *s) {
    const double span = s->high - s->low;
    s->low -= 0.03 * span;
    s->high += 0.03 * span;
    for (int power = (int)floor(s->low); power <= s->high; power++)
        for (int k = 1; k <= 9; k++) {
            double at = power + log10(k);
            bool wanted = k == 1 || span < 1 || (span < 3 && (k == 2 || k == 5));
            if (wanted && at >= s->low && at <= s->high && s->ticks < TICKS_MAX)
                s->tick[s->ticks++] = k * pow(10, power);
        }
}

/* Steps of 1, 2 or 5 times a power of ten; the ends move out to whole steps. */
static void plain_ticks(Scale *s) {
    double rough = (s->high - s->low) / 6, power = pow(10, floor(log10(rough))), of = rough / power;
    double step = power * (of < 1.5 ? 1 : (of < 3.5 ? 2 : (of < 7.5 ? 5 : 10)));
    if (s->whole && step < 1)
        step = 1;
    s->step = step;
    s->low = floor(s->low / step + 1e-9) * step;
    s->high = ceil(s->high / step - 1e-9) * step;
    for (int i = 0; i < TICKS_MAX && s->low + i * step <= s->high + step / 2; i++)
        s->tick[s->ticks++] = fabs(s->low + i * step) < step * 1e-9 ? 0 : s->low + i * step;
}

bool scale_has(const Scale *s, double v) {
    return !s->log || v > 0;
}

/* Over all points; bars stand on 0. */
void scale_of(const Figure *f, bool y, Scale *s) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < f->series_n; i++)
        for (size_t k = 0; k < f->series[i].n; k++) {
            const FigurePoint *p = &f->series[i].point[k];
            const double least = y ? p->low : p->x, most = y ? p->y : p->x;
            if (!scale_has(s, least))
                continue;
            low = fmin(low, inside(s, least));
            high = fmax(high, inside(s, most));
            if (y && f->series[i].kind == FIGURE_BAR)
                low = fmin(low, 0);
        }
    if (y && f->y_share) {
        low = fmin(low, 0);
        high = fmax(high, 1);
    }
    if (!(low <= high))
        low = 0, high = 1;
    if (low == high) {
        double room = s->log || low == 0 ? 1 : fabs(low) / 10;
        low -= low == 0 && !s->log ? 0 : room;
        high += room;
    }
    s->low = low;
    s->high = high;
    if (s->log)
        log_ticks(s);
    else
        plain_ticks(s);
}

/* Of labelled bars: a place of width 1 for each. */
void scale_of_labels(const Figure *f, Scale *s) {
    s->low = -0.5;
    s->high = (double)f->labels_n - 0.5;
}
