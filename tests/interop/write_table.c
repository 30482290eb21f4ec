/* write_table FORMAT ROWS: a table with every type of column, cells that are missing in runs of
 * many lengths, and so many rows, to standard output. The same rows in every format. */
#include "format/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool to_stdout(void *ctx, const void *data, size_t n, CvkErr *err) {
    (void)ctx;
    return fwrite(data, 1, n, stdout) == n || cvk_fail(err, CVK_EBACKEND, "write", "cannot write");
}

static const Column columns[] = {
    {"id", COLUMN_INT},           {"extreme", COLUMN_INT}, {"price_cents", COLUMN_CENTS},
    {"batch.gas", COLUMN_NUMBER}, {"name", COLUMN_TEXT},   {"never", COLUMN_TEXT},
};
#define COLUMNS_N (sizeof columns / sizeof *columns)

static bool write_row(TableWriter *w, int64_t i, CvkErr *err) {
    static const char *const numbers[] = {"0", "-1.5e3", "0.1", "123456789012", "1e-300"};
    char text[4096];
    int n = snprintf(text, sizeof text, "%" PRId64 " \xc3\xa9 \xf0\x9f\x8c\x8d \"", i);
    memset(text + n, 'x', (size_t)(i % 97) * 30);
    text[n + i % 97 * 30] = '\0';
    const Cell cells[COLUMNS_N] = {
        cell_int(i),
        cell_int(i % 2 ? INT64_MIN : INT64_MAX),
        i / 3 % 4 != 0 ? cell_int((i - 5) * 1000003) : CELL_NONE,
        i % 7 != 0 ? cell_text(numbers[i % 5]) : CELL_NONE,
        i % 1000 < 500 ? cell_text(i % 11 != 0 ? text : "") : CELL_NONE,
        CELL_NONE,
    };
    return table_write(w, cells, err);
}

int main(int argc, char **argv) {
    CvkSink to = {to_stdout, NULL};
    TableWriter *w;
    CvkErr err;
    if (argc != 3)
        return 2;
    int64_t n = strtoll(argv[2], NULL, 10);
    TableFormat f = 0;
    while (f < TABLE_FORMATS_N && strcmp(argv[1], table_format_names[f]) != 0)
        f++;
    if (f == TABLE_FORMATS_N || !table_writer_new(f, columns, COLUMNS_N, &to, &w, &err))
        return 2;
    bool ok = true;
    for (int64_t i = 0; ok && i < n; i++)
        ok = write_row(w, i, &err);
    ok = ok && table_end(w, &err) && fflush(stdout) == 0;
    table_writer_free(w);
    return ok ? 0 : 1;
}
