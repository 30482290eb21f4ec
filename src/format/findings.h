/* What an analysis found: tables and figures, in the order in which they should be read, and the
 * three ways of giving them out. Threads: the caller's. */
#pragma once

#include "codec/json_write.h"
#include "format/figure.h"
#include "format/sheet.h"

typedef struct Findings Findings;

Findings *findings_new(const char *title, const char *about, CvkErr *err) MUST_USE;
Findings *findings_free(Findings *f); /* NULL is fine; returns NULL */

/* Puts it at the end, and owns it from now on, also if this fails; NULL (memory ran short while it
 * was made) fails too. */
bool findings_sheet(Findings *f, Sheet *t, CvkErr *err) MUST_USE;
bool findings_figure(Findings *f, Figure *g, CvkErr *err) MUST_USE;

/* What was added so far; NULL past the last. */
const Figure *findings_figure_at(const Findings *f, size_t i);

#define FINDINGS_ROWS_SHOWN 40 /* of one table, on a terminal */
/* Tables for a terminal. */
bool findings_text(const Findings *f, CvkBuf *to, CvkErr *err) MUST_USE;
/* One member a table in an object that is open: its id, and an array of objects; then "figures",
 * with all points. */
void findings_json(const Findings *f, JsonWriter *w);
/* A whole page in one file, figures inside, no script. */
bool findings_html(const Findings *f, CvkBuf *to, CvkErr *err) MUST_USE;
