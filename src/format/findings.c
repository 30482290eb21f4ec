#include "format/findings.h"

#include "base/alloc.h"
#include "format/svg.h"

#include <stdio.h>
#include <string.h>

#define ITEMS_MAX 64

struct Findings {
    char *title, *about;
    size_t n;
    struct {
        Sheet *table;
        Figure *figure;
    } item[ITEMS_MAX];
};

Findings *findings_new(const char *title, const char *about, CvkErr *err) {
    Findings *f = cvk_alloc(1, sizeof *f, err);
    if (f == NULL)
        return NULL;
    f->title = cvk_strdup(title, err);
    f->about = cvk_strdup(about, err);
    return f->title != NULL && f->about != NULL ? f : findings_free(f);
}

Findings *findings_free(Findings *f) {
    if (f == NULL)
        return NULL;
    for (size_t i = 0; i < f->n; i++) {
        sheet_free(f->item[i].table);
        figure_free(f->item[i].figure);
    }
    free(f->title);
    free(f->about);
    free(f);
    return NULL;
}

static bool add(Findings *f, Sheet *t, Figure *g, bool failed, CvkErr *err) {
    if (!failed && f->n < ITEMS_MAX) {
        f->item[f->n].table = t;
        f->item[f->n++].figure = g;
        return true;
    }
    sheet_free(t);
    figure_free(g);
    return cvk_fail(err, CVK_EINTERNAL, "findings.short", "no room for another table or figure");
}

bool findings_sheet(Findings *f, Sheet *t, CvkErr *err) {
    return add(f, t, NULL, t == NULL || t->failed, err);
}

bool findings_figure(Findings *f, Figure *g, CvkErr *err) {
    return add(f, NULL, g, g == NULL || g->failed, err);
}

const Figure *findings_figure_at(const Findings *f, size_t i) {
    for (size_t k = 0; k < f->n; k++)
        if (f->item[k].figure != NULL && i-- == 0)
            return f->item[k].figure;
    return NULL;
}

/* ---- text ---- */

/* Columns that a text takes on a terminal, as far as characters say. */
static int columns_of(const char *text) {
    int n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* Control characters, which terminals obey, come out as question marks. */
static bool put_plain(CvkBuf *to, const char *text, CvkErr *err) {
    for (; *text != '\0'; text++) {
        char c = (unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text;
        if (!cvk_buf_add(to, &c, 1, err))
            return false;
    }
    return true;
}

static bool put_cell(CvkBuf *to, const char *text, int width, bool left, bool last, CvkErr *err) {
    int pad = width - columns_of(text);
    if (!left && !cvk_buf_add_fmt(to, err, "%*s", pad, ""))
        return false;
    if (!put_plain(to, text, err))
        return false;
    return last ? cvk_buf_add_str(to, "\n", err)
                : cvk_buf_add_fmt(to, err, "%*s", left ? pad + 2 : 2, "");
}

/* Is this row of a step function the one before? */
static bool repeats(const Sheet *t, size_t row) {
    if (!t->steps || row == 0)
        return false;
    const SheetCell *here = t->cell + row * t->columns, *before = here - t->columns;
    for (size_t c = 1; c < t->columns; c++)
        if (strcmp(here[c].shown, before[c].shown) != 0)
            return false;
    return true;
}

/* Which rows a text shows; returns how many. ret_more: that there would be without the limit. */
static size_t choose_rows(const Sheet *t, size_t ret[FINDINGS_ROWS_SHOWN], size_t *ret_more) {
    size_t n = 0;
    *ret_more = 0;
    for (size_t r = 0; r < sheet_rows(t); r++) {
        if (repeats(t, r))
            continue;
        if (n < FINDINGS_ROWS_SHOWN)
            ret[n++] = r;
        else
            ++*ret_more;
    }
    return n;
}

static bool sheet_as_text(const Sheet *t, CvkBuf *to, CvkErr *err) {
    size_t row[FINDINGS_ROWS_SHOWN], more;
    const size_t shown = choose_rows(t, row, &more);
    int width[SHEET_COLUMNS_MAX] = {0};
    bool left[SHEET_COLUMNS_MAX] = {0};
    for (size_t c = 0; c < t->columns; c++) {
        width[c] = columns_of(t->heading[c]);
        for (size_t r = 0; r < shown; r++) {
            const SheetCell *cell = &t->cell[row[r] * t->columns + c];
            left[c] = left[c] || cell->kind == SHEET_TEXT;
            width[c] = columns_of(cell->shown) > width[c] ? columns_of(cell->shown) : width[c];
        }
    }
    if (!cvk_buf_add_fmt(to, err, "\n%s\n", t->title))
        return false;
    for (size_t c = 0; c < t->columns; c++)
        if (!put_cell(to, t->heading[c], width[c], left[c], c + 1 == t->columns, err))
            return false;
    for (size_t i = 0; i < shown * t->columns; i++) {
        size_t c = i % t->columns;
        const char *text = t->cell[row[i / t->columns] * t->columns + c].shown;
        if (!put_cell(to, text, width[c], left[c], c + 1 == t->columns, err))
            return false;
    }
    if (more > 0 && !cvk_buf_add_fmt(to, err, "... and %zu more: --json has them all\n", more))
        return false;
    return t->note == NULL || cvk_buf_add_fmt(to, err, "(%s)\n", t->note);
}

bool findings_text(const Findings *f, CvkBuf *to, CvkErr *err) {
    if (!cvk_buf_add_fmt(to, err, "%s\n%s\n", f->title, f->about))
        return false;
    for (size_t i = 0; i < f->n; i++)
        if (f->item[i].table != NULL && !sheet_as_text(f->item[i].table, to, err))
            return false;
    return true;
}

/* ---- JSON ---- */

static void put_json_cell(JsonWriter *w, const SheetCell *c) {
    switch (c->kind) {
    case SHEET_NONE:
        json_put_null(w);
        break;
    case SHEET_TEXT:
        json_put_str(w, c->exact);
        break;
    case SHEET_NUMBER:
        json_put_number(w, c->exact, strlen(c->exact));
        break;
    }
}

static void sheet_as_json(const Sheet *t, JsonWriter *w) {
    json_put_key(w, t->id);
    json_array_begin(w);
    for (size_t r = 0; r < sheet_rows(t); r++) {
        json_object_begin(w);
        for (size_t c = 0; c < t->columns; c++) {
            json_put_key(w, t->key[c]);
            put_json_cell(w, &t->cell[r * t->columns + c]);
        }
        json_object_end(w);
    }
    json_array_end(w);
}

static void put_double(JsonWriter *w, double v) {
    char text[40];
    int n = snprintf(text, sizeof text, "%.12g", v);
    json_put_number(w, text, (size_t)n);
}

static void series_as_json(const Figure *g, const FigureSeries *s, JsonWriter *w) {
    json_object_begin(w);
    json_field_str(w, "name", s->name);
    json_put_key(w, "points");
    json_array_begin(w);
    for (size_t i = 0; i < s->n; i++) {
        json_array_begin(w);
        if (s->kind == FIGURE_BAR && s->point[i].x < (double)g->labels_n && s->point[i].x >= 0)
            json_put_str(w, g->label[(size_t)s->point[i].x]);
        else
            put_double(w, s->point[i].x);
        if (s->kind == FIGURE_BAND)
            put_double(w, s->point[i].low);
        put_double(w, s->point[i].y);
        json_array_end(w);
    }
    json_array_end(w);
    json_object_end(w);
}

static void figure_as_json(const Figure *g, JsonWriter *w) {
    json_object_begin(w);
    json_field_str(w, "id", g->id);
    json_field_str(w, "title", g->title);
    json_field_str(w, "x", g->x_title);
    json_field_str(w, "y", g->y_title);
    if (g->note != NULL)
        json_field_str(w, "note", g->note);
    json_put_key(w, "series");
    json_array_begin(w);
    for (size_t i = 0; i < g->series_n; i++)
        series_as_json(g, &g->series[i], w);
    json_array_end(w);
    json_object_end(w);
}

void findings_json(const Findings *f, JsonWriter *w) {
    for (size_t i = 0; i < f->n; i++)
        if (f->item[i].table != NULL)
            sheet_as_json(f->item[i].table, w);
    json_put_key(w, "figures");
    json_array_begin(w);
    for (size_t i = 0; i < f->n; i++)
        if (f->item[i].figure != NULL)
            figure_as_json(f->item[i].figure, w);
    json_array_end(w);
}

/* ---- HTML ---- */

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<style>body{font:15px/1.5 system-ui,sans-serif;max-width:78rem;margin:2rem auto;padding:0 "
    "1rem;"
    "color:#111;background:#fff}h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.2rem}"
    "table{border-collapse:collapse;display:block;overflow-x:auto;font-size:.87rem;"
    "font-variant-numeric:tabular-nums}"
    "th,td{padding:.2rem .4rem;border-bottom:1px solid #ddd;text-align:right;white-space:nowrap}"
    "th{border-bottom:2px solid "
    "#333;white-space:normal;vertical-align:bottom}.t{text-align:left}p.note{color:#555}"
    "figure{margin:1.5rem 0;break-inside:avoid}svg{max-width:100%;height:auto}"
    "@media print{body{max-width:none;margin:0}h2{break-after:avoid}table{font-size:6.5pt;"
    "overflow-x:visible}th,td{padding:1pt 3pt}}</style>\n<title>";

static bool element(CvkBuf *to, const char *open, const char *text, const char *close,
                    CvkErr *err) {
    return cvk_buf_add_str(to, open, err) && markup_add(to, text, err) &&
           cvk_buf_add_str(to, close, err);
}

static bool sheet_as_html(const Sheet *t, CvkBuf *to, CvkErr *err) {
    if (!element(to, "<h2>", t->title, "</h2>\n<table><thead><tr>", err))
        return false;
    for (size_t c = 0; c < t->columns; c++) {
        bool left = t->n > c && t->cell[c].kind == SHEET_TEXT;
        if (!element(to, left ? "<th class=\"t\">" : "<th>", t->heading[c], "</th>", err))
            return false;
    }
    if (!cvk_buf_add_str(to, "</tr></thead><tbody>\n", err))
        return false;
    for (size_t i = 0; i < sheet_rows(t) * t->columns; i++) {
        const SheetCell *cell = &t->cell[i];
        bool first = i % t->columns == 0, last = (i + 1) % t->columns == 0,
             left = cell->kind == SHEET_TEXT;
        if ((first && !cvk_buf_add_str(to, "<tr>", err)) ||
            !element(to, left ? "<td class=\"t\">" : "<td>", cell->shown, "</td>", err) ||
            (last && !cvk_buf_add_str(to, "</tr>\n", err)))
            return false;
    }
    return cvk_buf_add_str(to, "</tbody></table>\n", err) &&
           (t->note == NULL || element(to, "<p class=\"note\">", t->note, "</p>\n", err));
}

bool findings_html(const Findings *f, CvkBuf *to, CvkErr *err) {
    if (!element(to, head, f->title, "</title></head><body>\n", err) ||
        !element(to, "<h1>", f->title, "</h1>\n", err) ||
        !element(to, "<p>", f->about, "</p>\n", err))
        return false;
    for (size_t i = 0; i < f->n; i++) {
        const Figure *g = f->item[i].figure;
        if (f->item[i].table != NULL && !sheet_as_html(f->item[i].table, to, err))
            return false;
        if (g != NULL && (!cvk_buf_add_str(to, "<figure>\n", err) || !svg_add(to, g, err) ||
                          !cvk_buf_add_str(to, "</figure>\n", err)))
            return false;
    }
    return cvk_buf_add_str(to, "</body></html>\n", err);
}
