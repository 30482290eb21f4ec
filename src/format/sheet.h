/* A table as data (a sheet: "tables" are the database's), whose cells know how programs and how
 * people read them; findings.h writes it as text, JSON and HTML. A table whose memory ran short
 * says so when it is written, so that whoever makes one need not ask after each cell. Threads: the
 * caller's. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef enum { SHEET_NONE, SHEET_TEXT, SHEET_NUMBER } SheetKind;

typedef struct {
    SheetKind kind;
    char *exact; /* what programs read: a text, or a JSON number */
    char *shown; /* what people read */
} SheetCell;

#define SHEET_COLUMNS_MAX 24

typedef struct {
    char *id, *title, *note;                                         /* note: NULL */
    size_t columns, n, cap;                                          /* n: cells, row by row */
    const char *key[SHEET_COLUMNS_MAX], *heading[SHEET_COLUMNS_MAX]; /* constants */
    SheetCell *cell;
    bool steps; /* texts leave out a row that is the one before but for its first cell */
    bool failed;
} Sheet;

/* NULL: no memory. note: may be NULL. */
Sheet *sheet_new(const char *id, const char *title, const char *note);
Sheet *sheet_free(Sheet *t);                                       /* NULL is fine; returns NULL */
void sheet_column(Sheet *t, const char *key, const char *heading); /* before the first cell */

/* The next cell. t may be NULL. */
void sheet_text(Sheet *t, const char *text);
void sheet_count(Sheet *t, uint64_t v);
void sheet_real(Sheet *t, double v); /* no finite number: none */
void sheet_number(Sheet *t, const char *exact, const char *shown);
void sheet_none(Sheet *t);

size_t sheet_rows(const Sheet *t);
