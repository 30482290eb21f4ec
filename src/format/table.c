#include "format/table.h"

#include "base/alloc.h"
#include "codec/json_write.h"
#include "codec/money.h"
#include "codec/utf8.h"
#include "format/csv.h"
#include "format/parquet.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX ((size_t)64 << 20)

const char *const table_format_names[TABLE_FORMATS_N] = {
    [TABLE_CSV] = "csv", [TABLE_JSONL] = "jsonl", [TABLE_PARQUET] = "parquet"};

struct TableWriter {
    TableFormat format;
    CvkSink to;
    CvkBuf line;            /* CSV, JSON lines: the one being made */
    CvkBuf clean;           /* one text, where it was no UTF-8 */
    ParquetWriter *parquet; /* else NULL */
    size_t n;
    Column columns[];
};

/* ---- CSV ---- */

static bool csv_cell(TableWriter *w, ColumnType type, const Cell *c, CvkErr *err) {
    char text[MONEY_TEXT_MAX];
    if (!c->given)
        return true;
    switch (type) {
    case COLUMN_INT:
        return cvk_buf_add_fmt(&w->line, err, "%" PRId64, c->n);
    case COLUMN_CENTS:
        money_text(c->n, text);
        return cvk_buf_add_str(&w->line, text, err);
    case COLUMN_NUMBER:
        return cvk_buf_add_str(&w->line, c->text, err);
    case COLUMN_TEXT:
        break;
    }
    const char *good = utf8_clean(c->text, &w->clean, err);
    return good != NULL && csv_add_text(&w->line, good, strlen(good), err);
}

/* A line that is one empty field would be none at all to readers that skip those. */
static bool csv_line(TableWriter *w, const Cell *cells, CvkErr *err) {
    for (size_t i = 0; i < w->n; i++) {
        if (i > 0 && !cvk_buf_add(&w->line, ",", 1, err))
            return false;
        if (!csv_cell(w, w->columns[i].type, &cells[i], err))
            return false;
    }
    if (w->line.n == 0 && !cvk_buf_add_str(&w->line, "\"\"", err))
        return false;
    return cvk_buf_add(&w->line, "\n", 1, err);
}

static bool csv_header(TableWriter *w, CvkErr *err) {
    for (size_t i = 0; i < w->n; i++) {
        if (i > 0 && !cvk_buf_add(&w->line, ",", 1, err))
            return false;
        const char *name = utf8_clean(w->columns[i].name, &w->clean, err);
        if (name == NULL || !csv_add_text(&w->line, name, strlen(name), err))
            return false;
    }
    return cvk_buf_add(&w->line, "\n", 1, err) &&
           cvk_sink_write(&w->to, w->line.data, w->line.n, err);
}

/* ---- JSON lines ---- */

static void json_cell(JsonWriter *j, ColumnType type, const Cell *c) {
    char text[MONEY_TEXT_MAX];
    if (!c->given) {
        json_put_null(j);
        return;
    }
    switch (type) {
    case COLUMN_INT:
        json_put_int(j, c->n);
        return;
    case COLUMN_CENTS:
        money_text(c->n, text);
        json_put_number(j, text, strlen(text));
        return;
    case COLUMN_NUMBER:
        json_put_number(j, c->text, strlen(c->text));
        return;
    case COLUMN_TEXT:
        json_put_str(j, c->text);
        return;
    }
}

static bool json_line(TableWriter *w, const Cell *cells, CvkErr *err) {
    JsonWriter j = JSON_WRITER(json_to_buf(&w->line), 0);
    json_object_begin(&j);
    for (size_t i = 0; i < w->n; i++) {
        json_put_key(&j, w->columns[i].name);
        json_cell(&j, w->columns[i].type, &cells[i]);
    }
    json_object_end(&j);
    return json_finish(&j, err) && cvk_buf_add(&w->line, "\n", 1, err);
}

/* ---- all of them ---- */

bool table_writer_new(TableFormat format, const Column *columns, size_t n, const CvkSink *to,
                      TableWriter **ret, CvkErr *err) {
    if (n > LIMIT_TABLE_COLUMNS)
        return cvk_fail(err, CVK_ELIMIT, "table.columns", "%zu columns: %u at most", n,
                        LIMIT_TABLE_COLUMNS);
    TableWriter *w = cvk_alloc(1, sizeof *w + n * sizeof *columns, err);
    if (w == NULL)
        return false;
    *w = (TableWriter){format, *to, CVK_BUF(LINE_MAX), CVK_BUF(LINE_MAX), NULL, n};
    memcpy(w->columns, columns, n * sizeof *columns);
    if ((format == TABLE_PARQUET && !parquet_writer_new(w->columns, n, to, &w->parquet, err)) ||
        (format == TABLE_CSV && !csv_header(w, err))) {
        table_writer_free(w);
        return false;
    }
    *ret = w;
    return true;
}

bool table_write(TableWriter *w, const Cell *cells, CvkErr *err) {
    if (w->format == TABLE_PARQUET)
        return parquet_write(w->parquet, cells, err);
    w->line.n = 0;
    if (!(w->format == TABLE_CSV ? csv_line(w, cells, err) : json_line(w, cells, err)))
        return false;
    return cvk_sink_write(&w->to, w->line.data, w->line.n, err);
}

bool table_end(TableWriter *w, CvkErr *err) {
    return w->parquet == NULL || parquet_end(w->parquet, err);
}

TableWriter *table_writer_free(TableWriter *w) {
    if (w == NULL)
        return NULL;
    parquet_writer_free(w->parquet);
    cvk_buf_done(&w->line);
    cvk_buf_done(&w->clean);
    free(w);
    return NULL;
}
