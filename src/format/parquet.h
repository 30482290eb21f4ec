/* Apache Parquet, as little of it as a table needs: version 1 files, columns that may be null,
 * PLAIN values, no compression, one page a column in each row group. What table.h's writer is for
 * Parquet.
 *
 * Memory: one row group (PARQUET_GROUP_BYTES, or the one row that is longer). */
#pragma once

#include "format/table.h"

#define PARQUET_GROUP_BYTES ((size_t)8 << 20)
#define PARQUET_GROUP_ROWS (1u << 20)

typedef struct ParquetWriter ParquetWriter;

/* As table_writer_new, table_write, table_end and table_writer_free. Texts must be UTF-8; a
 * COLUMN_NUMBER whose value is beyond a double's range is infinite, as strtod has it. */
bool parquet_writer_new(const Column *columns, size_t n, const CvkSink *to, ParquetWriter **ret,
                        CvkErr *err) MUST_USE;
bool parquet_write(ParquetWriter *w, const Cell *cells, CvkErr *err) MUST_USE;
bool parquet_end(ParquetWriter *w, CvkErr *err) MUST_USE;
ParquetWriter *parquet_writer_free(ParquetWriter *w); /* NULL is fine; returns NULL */
