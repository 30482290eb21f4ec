#include "format/figure.h"

#include "base/alloc.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

static char *copy(Figure *f, const char *text) {
    char *s = cvk_strdup(text, NULL);
    f->failed = f->failed || s == NULL;
    return s;
}

Figure *figure_new(const char *id, const char *title, const char *x_title, const char *y_title) {
    Figure *f = cvk_alloc(1, sizeof *f, NULL);
    if (f == NULL)
        return NULL;
    f->id = copy(f, id);
    f->title = copy(f, title);
    f->x_title = copy(f, x_title);
    f->y_title = copy(f, y_title);
    return f->failed ? figure_free(f) : f;
}

Figure *figure_free(Figure *f) {
    if (f == NULL)
        return NULL;
    for (size_t i = 0; i < f->series_n; i++) {
        free(f->series[i].name);
        free(f->series[i].point);
    }
    for (size_t i = 0; i < f->labels_n; i++)
        free(f->label[i]);
    free(f->id);
    free(f->title);
    free(f->x_title);
    free(f->y_title);
    free(f->note);
    free(f);
    return NULL;
}

void figure_series(Figure *f, FigureKind kind, const char *name) {
    if (f == NULL || f->failed || f->series_n == FIGURE_SERIES_MAX)
        return;
    FigureSeries *s = &f->series[f->series_n];
    *s = (FigureSeries){.name = copy(f, name), .kind = kind};
    f->series_n += s->name != NULL;
}

void figure_band(Figure *f, double x, double low, double high) {
    if (f == NULL || f->failed || f->series_n == 0)
        return;
    FigureSeries *s = &f->series[f->series_n - 1];
    if (!isfinite(x) || !isfinite(low) || !isfinite(high)) {
        s->gap = true;
        return;
    }
    f->failed = !cvk_grow(&s->point, s->n, &s->cap, sizeof *s->point, NULL);
    if (f->failed)
        return;
    s->point[s->n++] = (FigurePoint){x, high, low, s->gap};
    s->gap = false;
}

void figure_point(Figure *f, double x, double y) {
    figure_band(f, x, y, y);
}

void figure_label(Figure *f, const char *label) {
    if (f == NULL || f->failed || f->labels_n == FIGURE_LABELS_MAX)
        return;
    char *text = copy(f, label);
    if (text != NULL)
        f->label[f->labels_n++] = text;
}

void figure_note(Figure *f, const char *format, ...) {
    char more[200], all[400];
    va_list args;
    if (f == NULL || f->failed)
        return;
    va_start(args, format);
    vsnprintf(more, sizeof more, format, args);
    va_end(args);
    snprintf(all, sizeof all, "%s%s", f->note != NULL ? f->note : "", more);
    free(f->note);
    f->note = copy(f, all);
}
