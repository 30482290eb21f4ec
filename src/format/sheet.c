#include "format/sheet.h"

#include "base/alloc.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

Sheet *sheet_new(const char *id, const char *title, const char *note) {
    Sheet *t = cvk_alloc(1, sizeof *t, NULL);
    if (t == NULL)
        return NULL;
    t->id = cvk_strdup(id, NULL);
    t->title = cvk_strdup(title, NULL);
    t->note = note != NULL ? cvk_strdup(note, NULL) : NULL;
    if (t->id == NULL || t->title == NULL || (note != NULL && t->note == NULL))
        return sheet_free(t);
    return t;
}

Sheet *sheet_free(Sheet *t) {
    if (t == NULL)
        return NULL;
    for (size_t i = 0; i < t->n; i++) {
        free(t->cell[i].exact);
        free(t->cell[i].shown);
    }
    free(t->cell);
    free(t->id);
    free(t->title);
    free(t->note);
    free(t);
    return NULL;
}

void sheet_column(Sheet *t, const char *key, const char *heading) {
    if (t == NULL)
        return;
    assert(t->columns < SHEET_COLUMNS_MAX && t->n == 0);
    t->key[t->columns] = key;
    t->heading[t->columns++] = heading;
}

static void put(Sheet *t, SheetKind kind, const char *exact, const char *shown) {
    if (t == NULL || t->failed)
        return;
    t->failed = !cvk_grow(&t->cell, t->n, &t->cap, sizeof *t->cell, NULL);
    if (t->failed)
        return;
    SheetCell c = {kind, cvk_strdup(exact, NULL), cvk_strdup(shown, NULL)};
    t->cell[t->n++] = c;
    t->failed = c.exact == NULL || c.shown == NULL;
}

void sheet_text(Sheet *t, const char *text) {
    put(t, SHEET_TEXT, text, text);
}

void sheet_number(Sheet *t, const char *exact, const char *shown) {
    put(t, SHEET_NUMBER, exact, shown);
}

void sheet_none(Sheet *t) {
    put(t, SHEET_NONE, "", "-");
}

void sheet_count(Sheet *t, uint64_t v) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, v);
    sheet_number(t, text, text);
}

void sheet_real(Sheet *t, double v) {
    char exact[40], shown[40];
    if (!isfinite(v)) {
        sheet_none(t);
        return;
    }
    snprintf(exact, sizeof exact, "%.12g", v);
    if (fabs(v) >= 1000)
        snprintf(shown, sizeof shown, "%.0f", v);
    else
        snprintf(shown, sizeof shown, "%.4g", v);
    sheet_number(t, exact, shown);
}

size_t sheet_rows(const Sheet *t) {
    return t->columns == 0 ? 0 : t->n / t->columns;
}
