/* A plot as pure data: series of points, axes, titles. format/svg.h draws it. Points that are no
 * finite numbers are left out, and lines are broken there. A figure whose memory ran short says so
 * when it is drawn, so that whoever makes one need not ask after each point. Threads: the caller's.
 */
#pragma once

#include "base/err.h"

#include <stddef.h>

typedef enum {
    FIGURE_LINE,
    FIGURE_STEP, /* holds its value up to the next point */
    FIGURE_SCATTER,
    FIGURE_BAR, /* x: how-manyeth label, from 0 */
    FIGURE_BAND /* from `low` to y, holding both up to the next point: of the series after it */
} FigureKind;

typedef struct {
    double x, y;
    double low; /* of a band; else y */
    bool apart; /* after a point that was left out */
} FigurePoint;

typedef struct {
    char *name; /* in the legend */
    FigureKind kind;
    FigurePoint *point;
    size_t n, cap;
    bool gap; /* the next point is apart */
} FigureSeries;

#define FIGURE_SERIES_MAX 8 /* as many colours as people tell apart */
#define FIGURE_LABELS_MAX 24

typedef struct {
    char *id, *title, *x_title, *y_title; /* id: a file's name */
    char *note;                           /* below the title: of how many, which; NULL */
    bool x_log, y_log;                    /* drawn so, and the axis' title says it */
    bool y_share;                         /* the axis goes from 0 to 1 */
    bool x_whole;                         /* there is nothing between whole numbers */
    size_t series_n, labels_n;
    FigureSeries series[FIGURE_SERIES_MAX];
    char *label[FIGURE_LABELS_MAX]; /* below bars */
    bool failed;
} Figure;

/* NULL: no memory. All texts are copied. */
Figure *figure_new(const char *id, const char *title, const char *x_title, const char *y_title);
Figure *figure_free(Figure *f); /* NULL is fine; returns NULL */

/* What does not fit (FIGURE_SERIES_MAX) is left out; f may be NULL. */
void figure_series(Figure *f, FigureKind kind, const char *name);
void figure_point(Figure *f, double x, double y);               /* of the newest series */
void figure_band(Figure *f, double x, double low, double high); /* .. which is a FIGURE_BAND */
void figure_label(Figure *f, const char *label);
/* Goes on after what the note says already. */
void figure_note(Figure *f, const char *format, ...) PRINTF_LIKE(2, 3);
