#include "format/figure.h"

#include "base/alloc.h"

#include <math.h>

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

void figure_point(Figure *f, double x, double y) {
    if (f == NULL || f->failed || f->series_n == 0)
        return;
    FigureSeries *s = &f->series[f->series_n - 1];
    if (!isfinite(x) || !isfinite(y)) {
        s->gap = true;
        return;
    }
    if (s->n == s->cap) {
        size_t cap = 2 * s->cap + 32;
        FigurePoint *moved = realloc(s->point, cap * sizeof *moved);
        f->failed = moved == NULL;
        if (f->failed)
            return;
        s->point = moved;
        s->cap = cap;
    }
    s->point[s->n++] = (FigurePoint){x, y, s->gap};
    s->gap = false;
}

void figure_label(Figure *f, const char *label) {
    if (f == NULL || f->failed || f->labels_n == FIGURE_LABELS_MAX)
        return;
    char *text = copy(f, label);
    if (text != NULL)
        f->label[f->labels_n++] = text;
}
