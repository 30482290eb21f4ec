/* Rows of named, typed columns as files that other programs read: CSV, JSON lines, Parquet.
 *
 * Rows go out as they come; memory is a line, or a row group of Parquet. Any cell may be missing:
 * an empty field, null. Text that is not UTF-8 comes out with U+FFFD in the place of each byte that
 * does not fit. Threads: a writer belongs to one. */
#pragma once

#include "base/limits.h"
#include "base/source.h"

#include <stddef.h>
#include <stdint.h>

typedef enum { TABLE_CSV, TABLE_JSONL, TABLE_PARQUET, TABLE_FORMATS_N } TableFormat;
extern const char *const table_format_names[TABLE_FORMATS_N]; /* "csv", "jsonl", "parquet" */

typedef enum {
    COLUMN_INT,
    COLUMN_CENTS,  /* micro-cents, told exactly in cents: "0.0516"; DECIMAL(19, 6) */
    COLUMN_NUMBER, /* a JSON number as it was written; in Parquet a double */
    COLUMN_TEXT
} ColumnType;

typedef struct {
    const char *name; /* lives as long as the writer */
    ColumnType type;
} Column;

typedef struct {
    bool given;
    int64_t n;        /* COLUMN_INT, COLUMN_CENTS */
    const char *text; /* COLUMN_NUMBER, COLUMN_TEXT */
} Cell;

#define CELL_NONE ((Cell){.given = false})
static inline Cell cell_int(int64_t n) {
    return (Cell){.given = true, .n = n};
}
static inline Cell cell_time(int64_t ms) { /* 0: not yet */
    return (Cell){.given = ms != 0, .n = ms};
}
static inline Cell cell_text(const char *text) { /* NULL: missing */
    return (Cell){.given = text != NULL, .text = text};
}

typedef struct TableWriter TableWriter;

/* The columns are copied, their names are not. False: no memory, or more than LIMIT_TABLE_COLUMNS
 * (CVK_ELIMIT "table.columns"). */
bool table_writer_new(TableFormat format, const Column *columns, size_t n, const CvkSink *to,
                      TableWriter **ret, CvkErr *err) MUST_USE;
/* One cell a column. False: the sink failed, or there is no memory; what was written is a part. */
bool table_write(TableWriter *w, const Cell *cells, CvkErr *err) MUST_USE;
/* What is still held goes out, and what stands at the end. Nothing is written after it. */
bool table_end(TableWriter *w, CvkErr *err) MUST_USE;
TableWriter *table_writer_free(TableWriter *w); /* NULL is fine; returns NULL */

static inline void table_writer_free_at(TableWriter **at) {
    *at = table_writer_free(*at);
}
