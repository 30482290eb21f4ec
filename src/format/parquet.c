#include "format/parquet.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/le.h"
#include "codec/utf8.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define CENTS_BYTES 9 /* holds 19 digits and a sign */
#define CENTS_PRECISION 19
#define CENTS_SCALE 6
#define FOOTER_MAX ((size_t)256 << 20)
#define GROUP_MAX ((size_t)INT_MAX - 4096) /* a page's size is an int32 */

/* Numbers of the format: parquet.thrift. */
enum { TYPE_INT64 = 2, TYPE_DOUBLE = 5, TYPE_BYTES = 6, TYPE_FIXED_BYTES = 7 };
enum { ENCODING_PLAIN = 0, ENCODING_RLE = 3 };
enum { CONVERTED_UTF8 = 0, CONVERTED_DECIMAL = 5 };
enum { REPETITION_OPTIONAL = 1 };

static const int physical_types[] = {
    [COLUMN_INT] = TYPE_INT64,
    [COLUMN_CENTS] = TYPE_FIXED_BYTES,
    [COLUMN_NUMBER] = TYPE_DOUBLE,
    [COLUMN_TEXT] = TYPE_BYTES,
};

/* A column of the row group that is being collected. */
typedef struct {
    CvkBuf values;  /* PLAIN, of the cells that are given */
    CvkBuf levels;  /* runs of "given" and "missing", but for the last */
    uint32_t run_n; /* cells in that last run, of which each is */
    bool run_given;
} Chunk;

struct ParquetWriter {
    CvkSink to;
    uint64_t written; /* to the sink */
    uint32_t rows;    /* of this row group */
    uint64_t rows_before;
    unsigned groups_n;
    CvkBuf groups; /* RowGroup of each that is written, for the footer */
    CvkBuf clean;
    size_t n;
    const Column *columns;
    Chunk *chunks;
};

/* ---- Thrift's compact protocol: what is needed of it ---- */

enum { THRIFT_I32 = 5, THRIFT_I64 = 6, THRIFT_BINARY = 8, THRIFT_LIST = 9, THRIFT_STRUCT = 12 };

static bool put_byte(CvkBuf *b, unsigned v, CvkErr *err) {
    uint8_t byte = (uint8_t)v;
    return cvk_buf_add(b, &byte, 1, err);
}

static bool put_varint(CvkBuf *b, uint64_t v, CvkErr *err) {
    for (; v >= 0x80; v >>= 7)
        if (!put_byte(b, (unsigned)(v & 0x7f) | 0x80, err))
            return false;
    return put_byte(b, (unsigned)v, err);
}

/* A field of a struct: how far its number is from the one before, and its type. */
static bool put_field(CvkBuf *b, unsigned step, unsigned type, CvkErr *err) {
    return put_byte(b, step << 4 | type, err);
}

static bool put_stop(CvkBuf *b, CvkErr *err) {
    return put_byte(b, 0, err);
}

/* All numbers here are positive; the wire has them doubled (zigzag). */
static bool put_int(CvkBuf *b, unsigned step, unsigned type, uint64_t v, CvkErr *err) {
    return put_field(b, step, type, err) && put_varint(b, v << 1, err);
}

static bool put_text(CvkBuf *b, const char *text, CvkErr *err) {
    size_t n = strlen(text);
    return put_varint(b, n, err) && cvk_buf_add(b, text, n, err);
}

static bool put_list(CvkBuf *b, unsigned step, unsigned of, size_t n, CvkErr *err) {
    if (!put_field(b, step, THRIFT_LIST, err))
        return false;
    return n < 15 ? put_byte(b, (unsigned)n << 4 | of, err)
                  : put_byte(b, 0xf0 | of, err) && put_varint(b, n, err);
}

/* ---- cells ---- */

static bool end_run(Chunk *c, CvkErr *err) {
    if (c->run_n == 0)
        return true;
    bool ok = put_varint(&c->levels, (uint64_t)c->run_n << 1, err) &&
              put_byte(&c->levels, c->run_given, err);
    c->run_n = 0;
    return ok;
}

static bool add_level(Chunk *c, bool given, CvkErr *err) {
    if (c->run_given != given && !end_run(c, err))
        return false;
    c->run_given = given;
    c->run_n++;
    return true;
}

static bool add_cents(CvkBuf *b, int64_t v, CvkErr *err) {
    uint8_t be[CENTS_BYTES];
    for (unsigned i = 0; i < 8; i++)
        be[CENTS_BYTES - 1 - i] = (uint8_t)((uint64_t)v >> (8 * i));
    be[0] = v < 0 ? 0xff : 0;
    return cvk_buf_add(b, be, sizeof be, err);
}

static bool add_double(CvkBuf *b, const char *text, CvkErr *err) {
    double v = strtod(text, NULL);
    uint64_t bits;
    uint8_t le[8];
    memcpy(&bits, &v, sizeof bits);
    cvk_put_le64(bits, le);
    return cvk_buf_add(b, le, sizeof le, err);
}

static bool add_text(ParquetWriter *w, CvkBuf *b, const char *text, CvkErr *err) {
    const char *good = utf8_clean(text, &w->clean, err);
    if (good == NULL)
        return false;
    size_t n = strlen(good);
    uint8_t le[4];
    if (n > PARQUET_GROUP_BYTES)
        return cvk_fail(err, CVK_ELIMIT, "table.text", "a text of %zu bytes: %zu at most", n,
                        PARQUET_GROUP_BYTES);
    cvk_put_le32((uint32_t)n, le);
    return cvk_buf_add(b, le, sizeof le, err) && cvk_buf_add(b, good, n, err);
}

static bool add_cell(ParquetWriter *w, size_t i, const Cell *cell, CvkErr *err) {
    Chunk *c = &w->chunks[i];
    uint8_t le[8];
    if (!add_level(c, cell->given, err))
        return false;
    if (!cell->given)
        return true;
    switch (w->columns[i].type) {
    case COLUMN_INT:
        cvk_put_le64((uint64_t)cell->n, le);
        return cvk_buf_add(&c->values, le, sizeof le, err);
    case COLUMN_CENTS:
        return add_cents(&c->values, cell->n, err);
    case COLUMN_NUMBER:
        return add_double(&c->values, cell->text, err);
    case COLUMN_TEXT:
        break;
    }
    return add_text(w, &c->values, cell->text, err);
}

/* ---- row groups ---- */

static bool put_out(ParquetWriter *w, const void *data, size_t n, CvkErr *err) {
    w->written += n;
    return cvk_sink_write(&w->to, data, n, err);
}

static bool put_page_header(CvkBuf *b, uint64_t bytes, uint64_t rows, CvkErr *err) {
    return put_int(b, 1, THRIFT_I32, 0, err) &&     /* type: a data page */
           put_int(b, 1, THRIFT_I32, bytes, err) && /* size, before and after compression */
           put_int(b, 1, THRIFT_I32, bytes, err) &&
           put_field(b, 2, THRIFT_STRUCT, err) && /* data_page_header */
           put_int(b, 1, THRIFT_I32, rows, err) && put_int(b, 1, THRIFT_I32, ENCODING_PLAIN, err) &&
           put_int(b, 1, THRIFT_I32, ENCODING_RLE, err) && /* of levels of definition */
           put_int(b, 1, THRIFT_I32, ENCODING_RLE, err) && /* of repetition: there are none */
           put_stop(b, err) && put_stop(b, err);
}

/* The ColumnChunk of the footer. */
static bool put_chunk(CvkBuf *b, const Column *c, uint64_t rows, uint64_t at, uint64_t bytes,
                      CvkErr *err) {
    return put_int(b, 2, THRIFT_I64, at, err) &&  /* file_offset */
           put_field(b, 1, THRIFT_STRUCT, err) && /* meta_data */
           put_int(b, 1, THRIFT_I32, (uint64_t)physical_types[c->type], err) &&
           put_list(b, 1, THRIFT_I32, 2, err) && /* encodings, zigzag */
           put_varint(b, ENCODING_PLAIN << 1, err) && put_varint(b, ENCODING_RLE << 1, err) &&
           put_list(b, 1, THRIFT_BINARY, 1, err) && put_text(b, c->name, err) && /* path */
           put_int(b, 1, THRIFT_I32, 0, err) &&                                  /* no codec */
           put_int(b, 1, THRIFT_I64, rows, err) && put_int(b, 1, THRIFT_I64, bytes, err) &&
           put_int(b, 1, THRIFT_I64, bytes, err) &&
           put_int(b, 2, THRIFT_I64, at, err) && /* data_page_offset */
           put_stop(b, err) && put_stop(b, err);
}

static bool flush_chunk(ParquetWriter *w, size_t i, CvkErr *err) {
    Chunk *c = &w->chunks[i];
    _cleanup_buf_ CvkBuf head = CVK_BUF(256);
    uint8_t levels_n[4];
    uint64_t at = w->written;
    if (!end_run(c, err))
        return false;
    cvk_put_le32((uint32_t)c->levels.n, levels_n);
    if (!put_page_header(&head, sizeof levels_n + c->levels.n + c->values.n, w->rows, err) ||
        !put_out(w, head.data, head.n, err) || !put_out(w, levels_n, sizeof levels_n, err) ||
        !put_out(w, c->levels.data, c->levels.n, err) ||
        (c->values.n > 0 && !put_out(w, c->values.data, c->values.n, err)))
        return false;
    c->levels.n = c->values.n = 0;
    return put_chunk(&w->groups, &w->columns[i], w->rows, at, w->written - at, err);
}

static bool flush_group(ParquetWriter *w, CvkErr *err) {
    if (w->rows == 0)
        return true;
    uint64_t at = w->written;
    if (!put_list(&w->groups, 1, THRIFT_STRUCT, w->n, err))
        return false;
    for (size_t i = 0; i < w->n; i++)
        if (!flush_chunk(w, i, err))
            return false;
    if (!put_int(&w->groups, 1, THRIFT_I64, w->written - at, err) ||
        !put_int(&w->groups, 1, THRIFT_I64, w->rows, err) || !put_stop(&w->groups, err))
        return false;
    w->rows_before += w->rows;
    w->rows = 0;
    w->groups_n++;
    return true;
}

static size_t group_bytes(const ParquetWriter *w) {
    size_t bytes = 0;
    for (size_t i = 0; i < w->n; i++)
        bytes += w->chunks[i].values.n + w->chunks[i].levels.n;
    return bytes;
}

bool parquet_write(ParquetWriter *w, const Cell *cells, CvkErr *err) {
    for (size_t i = 0; i < w->n; i++)
        if (!add_cell(w, i, &cells[i], err))
            return false;
    w->rows++;
    return (group_bytes(w) < PARQUET_GROUP_BYTES && w->rows < PARQUET_GROUP_ROWS) ||
           flush_group(w, err);
}

/* ---- the file's ends ---- */

static bool put_schema_column(CvkBuf *b, const Column *c, CvkErr *err) {
    bool cents = c->type == COLUMN_CENTS, text = c->type == COLUMN_TEXT;
    if (!put_int(b, 1, THRIFT_I32, (uint64_t)physical_types[c->type], err) ||
        (cents && !put_int(b, 1, THRIFT_I32, CENTS_BYTES, err)) ||
        !put_int(b, cents ? 1 : 2, THRIFT_I32, REPETITION_OPTIONAL, err) ||
        !put_field(b, 1, THRIFT_BINARY, err) || !put_text(b, c->name, err))
        return false;
    if (text && !put_int(b, 2, THRIFT_I32, CONVERTED_UTF8, err))
        return false;
    if (cents && (!put_int(b, 2, THRIFT_I32, CONVERTED_DECIMAL, err) ||
                  !put_int(b, 1, THRIFT_I32, CENTS_SCALE, err) ||
                  !put_int(b, 1, THRIFT_I32, CENTS_PRECISION, err)))
        return false;
    return put_stop(b, err);
}

static bool put_footer(ParquetWriter *w, CvkBuf *b, CvkErr *err) {
    if (!put_int(b, 1, THRIFT_I32, 1, err) || /* version */
        !put_list(b, 1, THRIFT_STRUCT, w->n + 1, err) || !put_field(b, 4, THRIFT_BINARY, err) ||
        !put_text(b, "row", err) || !put_int(b, 1, THRIFT_I32, w->n, err) || !put_stop(b, err))
        return false;
    for (size_t i = 0; i < w->n; i++)
        if (!put_schema_column(b, &w->columns[i], err))
            return false;
    return put_int(b, 1, THRIFT_I64, w->rows_before, err) &&
           put_list(b, 1, THRIFT_STRUCT, w->groups_n, err) &&
           (w->groups.n == 0 || cvk_buf_add(b, w->groups.data, w->groups.n, err)) &&
           put_field(b, 2, THRIFT_BINARY, err) && put_text(b, "convoke", err) && put_stop(b, err);
}

bool parquet_end(ParquetWriter *w, CvkErr *err) {
    _cleanup_buf_ CvkBuf footer = CVK_BUF(FOOTER_MAX);
    uint8_t n[4];
    if (!flush_group(w, err) || !put_footer(w, &footer, err))
        return false;
    cvk_put_le32((uint32_t)footer.n, n);
    return put_out(w, footer.data, footer.n, err) && put_out(w, n, sizeof n, err) &&
           put_out(w, "PAR1", 4, err);
}

bool parquet_writer_new(const Column *columns, size_t n, const CvkSink *to, ParquetWriter **ret,
                        CvkErr *err) {
    assert(n > 0 && n <= LIMIT_TABLE_COLUMNS);
    Chunk *chunks = NULL;
    ParquetWriter *w = cvk_alloc(1, sizeof *w, err);
    if (w == NULL || (chunks = cvk_alloc(n, sizeof *chunks, err)) == NULL ||
        !cvk_sink_write(to, "PAR1", 4, err)) {
        free(chunks);
        free(w);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        chunks[i].values = CVK_BUF(GROUP_MAX);
        chunks[i].levels = CVK_BUF(GROUP_MAX);
    }
    *w = (ParquetWriter){.to = *to,
                         .written = 4,
                         .groups = CVK_BUF(FOOTER_MAX),
                         .clean = CVK_BUF(PARQUET_GROUP_BYTES),
                         .n = n,
                         .columns = columns,
                         .chunks = chunks};
    *ret = w;
    return true;
}

ParquetWriter *parquet_writer_free(ParquetWriter *w) {
    if (w == NULL)
        return NULL;
    for (size_t i = 0; i < w->n; i++) {
        cvk_buf_done(&w->chunks[i].values);
        cvk_buf_done(&w->chunks[i].levels);
    }
    cvk_buf_done(&w->groups);
    cvk_buf_done(&w->clean);
    free(w->chunks);
    free(w);
    return NULL;
}
