#include "format/svg.h"

#include "base/alloc.h"
#include "codec/utf8.h"
#include "format/svg_scale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define WIDTH 720
#define HEIGHT 440
#define LEFT 76
#define RIGHT 700
#define TOP 52
#define BOTTOM 380
#define LEGEND_ROOM 170
#define NARROW 90 /* a label's place */
/* About what letters take at a size of 13: fonts differ. */
#define LETTER 8
#define WIDE_LETTER 14
#define ELLIPSIS_WIDTH 13

static const char *const colours[FIGURE_SERIES_MAX] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                       "#e69f00", "#56b4e9", "#000000", "#7f7f00"};
static const char *const dashes[FIGURE_SERIES_MAX] = {"none", "6 3", "2 2", "8 3 2 3",
                                                      "none", "1 3", "6 3", "2 2"};

/* ---- text ---- */

bool markup_add(CvkBuf *to, const char *text, CvkErr *err) {
    const char *entity;
    for (const char *at = text, *next; *at != '\0'; at = next) {
        size_t n = utf8_length(at, strlen(at));
        next = at + (n > 0 ? n : 1);
        switch (*at) {
        case '<':
            entity = "&lt;";
            break;
        case '>':
            entity = "&gt;";
            break;
        case '&':
            entity = "&amp;";
            break;
        case '"':
            entity = "&quot;";
            break;
        default:
            entity = n == 0 || (unsigned char)*at < 0x20 || *at == 0x7f ? "?" : NULL;
            break;
        }
        if (!(entity != NULL ? cvk_buf_add_str(to, entity, err)
                             : cvk_buf_add(to, at, (size_t)(next - at), err)))
            return false;
    }
    return true;
}

/* ---- axes ---- */

static bool text_at(CvkBuf *to, double x, double y, const char *how, const char *text,
                    CvkErr *err) {
    return cvk_buf_add_fmt(to, err, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, how) &&
           markup_add(to, text, err) && cvk_buf_add_str(to, "</text>\n", err);
}

/* A name as far as there is room; all of it comes up where the pointer rests. */
static bool name_at(CvkBuf *to, double x, double y, const char *how, const char *name, double room,
                    CvkErr *err) {
    const size_t all = strlen(name);
    size_t at = 0, cut = 0;
    double wide = 0;
    for (size_t n; at < all; at += n) {
        if (wide + ELLIPSIS_WIDTH <= room)
            cut = at;
        n = utf8_length(name + at, all - at);
        wide += n > 2 ? WIDE_LETTER : LETTER;
        if (wide > room)
            break;
        n = n > 0 ? n : 1;
    }
    if (at == all)
        return text_at(to, x, y, how, name, err);
    _cleanup_free_ char *part = cvk_strdup(name, err);
    if (part == NULL)
        return false;
    part[cut] = '\0';
    return cvk_buf_add_fmt(to, err, "<text x=\"%.1f\" y=\"%.1f\" %s><title>", x, y, how) &&
           markup_add(to, name, err) && cvk_buf_add_str(to, "</title>", err) &&
           markup_add(to, part, err) && cvk_buf_add_str(to, "\xe2\x80\xa6</text>\n", err);
}

/* As many digits as tell ticks from each other. */
static void number_text(const Scale *s, double v, char ret[32]) {
    const double most = fmax(fabs(s->low), fabs(s->high));
    const int last = s->step > 0 ? (int)floor(log10(s->step) + 1e-9) : 0; /* decimal place */
    if (s->step == 0)
        snprintf(ret, 32, fabs(v) >= 1e6 || fabs(v) < 1e-3 ? "%.3g" : "%.6g", v);
    else if (v == 0)
        snprintf(ret, 32, "0");
    else if (most >= 1e9 || last < -6)
        snprintf(ret, 32, "%.*e", (int)fmin(floor(log10(most)) - last, 16), v);
    else
        snprintf(ret, 32, "%.*f", last < 0 ? -last : 0, v);
}

/* Below bars; in two lines by turns where they are narrow. */
static bool labels(CvkBuf *to, const Figure *f, const Scale *x, CvkErr *err) {
    double room = f->labels_n > 0 ? (double)(RIGHT - LEFT) / (double)f->labels_n : 0;
    const size_t lines = room < NARROW ? 2 : 1;
    for (size_t i = 0; i < f->labels_n; i++)
        if (!name_at(to, scale_place(x, (double)i), BOTTOM + 17 + 13.0 * (double)(i % lines),
                     "text-anchor=\"middle\"", f->label[i], room * (double)lines - 4, err))
            return false;
    return true;
}

static bool axis_title(CvkBuf *to, double x, double y, const char *how, const char *title, bool log,
                       CvkErr *err) {
    char text[120];
    snprintf(text, sizeof text, "%s, log scale", title);
    return text_at(to, x, y, how, log ? text : title, err);
}

static bool x_axis(CvkBuf *to, const Figure *f, const Scale *x, CvkErr *err) {
    for (size_t i = 0; i < x->ticks; i++) {
        double at = scale_place(x, x->tick[i]);
        char text[32];
        number_text(x, x->tick[i], text);
        if (!cvk_buf_add_fmt(to, err, "<path class=\"k\" d=\"M%.1f %dv5\"/>\n", at, BOTTOM) ||
            !text_at(to, at, BOTTOM + 19, "text-anchor=\"middle\"", text, err))
            return false;
    }
    if (!labels(to, f, x, err))
        return false;
    return axis_title(to, (LEFT + RIGHT) / 2.0, BOTTOM + 44, "text-anchor=\"middle\"", f->x_title,
                      x->log, err);
}

static bool y_axis(CvkBuf *to, const Figure *f, const Scale *y, CvkErr *err) {
    for (size_t i = 0; i < y->ticks; i++) {
        double at = scale_place(y, y->tick[i]);
        char text[32];
        number_text(y, y->tick[i], text);
        if (!cvk_buf_add_fmt(to, err, "<path class=\"g\" d=\"M%d %.1fH%d\"/>\n", LEFT, at, RIGHT) ||
            !text_at(to, LEFT - 8, at + 4, "text-anchor=\"end\"", text, err))
            return false;
    }
    char how[96];
    snprintf(how, sizeof how, "text-anchor=\"middle\" transform=\"rotate(-90 18 %d)\"",
             (TOP + BOTTOM) / 2);
    return axis_title(to, 18, (TOP + BOTTOM) / 2.0, how, f->y_title, y->log, err) &&
           cvk_buf_add_fmt(to, err, "<path class=\"k\" d=\"M%d %dV%dH%d\"/>\n", LEFT, TOP, BOTTOM,
                           RIGHT);
}

/* ---- series ---- */

/* A band has the colour of the series after it. */
static size_t colour_of(const Figure *f, size_t which) {
    size_t colour = 0;
    for (size_t i = 0; i < which; i++)
        colour += f->series[i].kind != FIGURE_BAND;
    return colour;
}

/* Points n of a band: there along its upper end, back along its lower one. */
static bool strip(CvkBuf *to, const FigurePoint *p, size_t n, const Scale *x, const Scale *y,
                  CvkErr *err) {
    if (!cvk_buf_add_fmt(to, err, "M%.1f %.1f", scale_place(x, p[0].x), scale_place(y, p[0].y)))
        return false;
    for (size_t i = 1; i < n; i++)
        if (!cvk_buf_add_fmt(to, err, "H%.1fV%.1f", scale_place(x, p[i].x), scale_place(y, p[i].y)))
            return false;
    for (size_t i = n; i-- > 1;)
        if (!cvk_buf_add_fmt(to, err, "V%.1fH%.1f", scale_place(y, p[i - 1].low),
                             scale_place(x, p[i - 1].x)))
            return false;
    return cvk_buf_add_str(to, "Z", err);
}

static bool has(const Scale *x, const Scale *y, const FigurePoint *p) {
    return scale_has(x, p->x) && scale_has(y, p->low);
}

static bool band(CvkBuf *to, const FigureSeries *s, size_t which, const Scale *x, const Scale *y,
                 CvkErr *err) {
    if (!cvk_buf_add_fmt(to, err, "<path fill=\"%s\" fill-opacity=\"0.18\" d=\"", colours[which]))
        return false;
    for (size_t i = 0, n; i < s->n; i += n) {
        const FigurePoint *p = &s->point[i];
        const bool drawn = has(x, y, p);
        for (n = 1; drawn && i + n < s->n && !p[n].apart && has(x, y, &p[n]); n++)
            continue;
        if (drawn && !strip(to, p, n, x, y, err))
            return false;
    }
    return cvk_buf_add_str(to, "\"/>\n", err);
}

static bool line(CvkBuf *to, const FigureSeries *s, size_t which, const Scale *x, const Scale *y,
                 CvkErr *err) {
    bool begun = false;
    if (!cvk_buf_add_fmt(to, err,
                         "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\" "
                         "stroke-dasharray=\"%s\" d=\"",
                         colours[which], dashes[which]))
        return false;
    for (size_t i = 0; i < s->n; i++) {
        if (!scale_has(x, s->point[i].x) || !scale_has(y, s->point[i].y)) {
            begun = false;
            continue;
        }
        double at = scale_place(x, s->point[i].x), up = scale_place(y, s->point[i].y);
        begun = begun && !s->point[i].apart;
        bool step = begun && s->kind == FIGURE_STEP;
        if ((step && !cvk_buf_add_fmt(to, err, "H%.1fV%.1f", at, up)) ||
            (!step && !cvk_buf_add_fmt(to, err, "%c%.1f %.1f", begun ? 'L' : 'M', at, up)))
            return false;
        begun = true;
    }
    return cvk_buf_add_str(to, "\"/>\n", err);
}

/* A round mark, a square, a diamond or a triangle: by colour and by shape. */
static bool mark(CvkBuf *to, size_t which, double x, double y, CvkErr *err) {
    static const char *const shape[] = {"m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0", "m-3-3h6v6h-6z",
                                        "m0-4.2l4.2 4.2l-4.2 4.2l-4.2-4.2z", "m-4 3h8l-4-7.5z"};
    return cvk_buf_add_fmt(to, err,
                           "<path fill=\"%s\" fill-opacity=\"0.75\" d=\"M%.1f %.1f%s\"/>\n",
                           colours[which], x, y, shape[which % 4]);
}

static bool scatter(CvkBuf *to, const FigureSeries *s, size_t which, const Scale *x, const Scale *y,
                    CvkErr *err) {
    for (size_t i = 0; i < s->n; i++)
        if (scale_has(x, s->point[i].x) && scale_has(y, s->point[i].y) &&
            !mark(to, which, scale_place(x, s->point[i].x), scale_place(y, s->point[i].y), err))
            return false;
    return true;
}

/* Series of bars stand side by side in a label's place. */
static bool bars(CvkBuf *to, const Figure *f, size_t which, const Scale *x, const Scale *y,
                 CvkErr *err) {
    const FigureSeries *s = &f->series[which];
    double wide = 0.8 / (double)f->series_n;
    for (size_t i = 0; i < s->n; i++) {
        double from = scale_place(x, s->point[i].x - 0.4 + wide * (double)which),
               to_x = scale_place(x, s->point[i].x - 0.4 + wide * ((double)which + 1)),
               zero = scale_place(y, y->low > 0 ? y->low : 0), up = scale_place(y, s->point[i].y);
        if (!cvk_buf_add_fmt(
                to, err,
                "<rect fill=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
                colours[which], from, fmin(zero, up), to_x - from, fabs(zero - up)))
            return false;
    }
    return true;
}

static bool draw(CvkBuf *to, const Figure *f, size_t which, const Scale *x, const Scale *y,
                 CvkErr *err) {
    const FigureSeries *s = &f->series[which];
    const size_t colour = colour_of(f, which);
    switch (s->kind) {
    case FIGURE_LINE:
    case FIGURE_STEP:
        return line(to, s, colour, x, y, err);
    case FIGURE_SCATTER:
        return scatter(to, s, colour, x, y, err);
    case FIGURE_BAND:
        return band(to, s, colour, x, y, err);
    case FIGURE_BAR:
        break;
    }
    return bars(to, f, which, x, y, err);
}

static bool legend_sign(CvkBuf *to, const Figure *f, size_t which, double y, CvkErr *err) {
    const size_t colour = colour_of(f, which);
    switch (f->series[which].kind) {
    case FIGURE_BAR:
    case FIGURE_BAND:
        return cvk_buf_add_fmt(to, err,
                               "<rect fill=\"%s\"%s x=\"%d\" y=\"%.1f\" width=\"12\" "
                               "height=\"12\"/>\n",
                               colours[colour],
                               f->series[which].kind == FIGURE_BAND ? " fill-opacity=\"0.18\"" : "",
                               RIGHT + 20, y - 11);
    case FIGURE_SCATTER:
        return mark(to, colour, RIGHT + 22, y - 4, err);
    case FIGURE_LINE:
    case FIGURE_STEP:
        break;
    }
    return cvk_buf_add_fmt(to, err,
                           "<path stroke=\"%s\" stroke-width=\"1.8\" stroke-dasharray=\"%s\" "
                           "d=\"M%d %.1fh24\"/>\n",
                           colours[colour], dashes[colour], RIGHT + 10, y - 4);
}

/* Beside the plot's upper right corner, a line each; one series needs none. */
static bool legend(CvkBuf *to, const Figure *f, CvkErr *err) {
    if (f->series_n < 2)
        return true;
    for (size_t i = 0; i < f->series_n; i++) {
        double y = TOP + 12 + 17.0 * (double)i;
        if (!legend_sign(to, f, i, y, err) ||
            !name_at(to, RIGHT + 40, y, "", f->series[i].name, LEGEND_ROOM, err))
            return false;
    }
    return true;
}

bool svg_add(CvkBuf *to, const Figure *f, CvkErr *err) {
    if (f->failed)
        return cvk_fail(err, CVK_EINTERNAL, "figure.short", "out of memory (a figure)");
    Scale x = {.log = f->x_log, .whole = f->x_whole, .from = LEFT, .to = RIGHT},
          y = {.log = f->y_log, .from = BOTTOM, .to = TOP};
    if (f->labels_n > 0)
        scale_of_labels(f, &x);
    else
        scale_of(f, false, &x);
    scale_of(f, true, &y);
    const int width = f->series_n < 2 ? WIDTH : RIGHT + 40 + LEGEND_ROOM;
    if (!cvk_buf_add_fmt(to, err,
                         "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                         "width=\"%d\" height=\"%d\" role=\"img\" font-family=\"Helvetica, Arial, "
                         "sans-serif\" font-size=\"13\">\n<title>",
                         width, HEIGHT, width, HEIGHT) ||
        !markup_add(to, f->title, err) ||
        !cvk_buf_add_str(to,
                         "</title>\n<style>.k{stroke:#333;fill:none}.g{stroke:#ddd;fill:none}"
                         "</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
                         err) ||
        !text_at(to, LEFT, 22, "font-size=\"15\" font-weight=\"bold\"", f->title, err) ||
        (f->note != NULL &&
         !name_at(to, LEFT, 40, "font-size=\"12\" fill=\"#444\"", f->note, width - LEFT, err)) ||
        !y_axis(to, f, &y, err) || !x_axis(to, f, &x, err))
        return false;
    for (size_t i = 0; i < f->series_n; i++)
        if (!draw(to, f, i, &x, &y, err))
            return false;
    return legend(to, f, err) && cvk_buf_add_str(to, "</svg>\n", err);
}
