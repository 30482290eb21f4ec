/* CSV and JSON lines are looked at here; Parquet's bytes are judged by another program
 * (tests/interop/test_parquet.py), and here only by what can be said without reading them. */
#include "format/parquet.h"
#include "format/table.h"
#include "support/test.h"

static const Column columns[] = {{"id", COLUMN_INT},
                                 {"price_cents", COLUMN_CENTS},
                                 {"batch.gas", COLUMN_NUMBER},
                                 {"=name,", COLUMN_TEXT}};
#define N (sizeof columns / sizeof *columns)

static const Cell rows[][N] = {
    {{true, 1, NULL}, {true, 51600, NULL}, {true, 0, "-1.50e3"}, {true, 0, "a,b"}},
    {{false, 0, NULL}, {false, 0, NULL}, {false, 0, NULL}, {false, 0, NULL}},
    {{true, -7, NULL}, {true, -1, NULL}, {true, 0, "10000000000000000000001"}, {true, 0, ""}},
    {{true, INT64_MIN, NULL}, {true, 0, NULL}, {true, 0, "0"}, {true, 0, "=x\xff\xc3\xa9"}},
};

static void write_rows(TableFormat format, CvkBuf *out) {
    TableWriter *w;
    CvkErr err;
    CvkSink to = cvk_sink_buf(out);
    assert_true(table_writer_new(format, columns, N, &to, &w, &err));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(table_write(w, rows[i], &err));
    assert_true(table_end(w, &err));
    table_writer_free(w);
}

static void csv_has_a_header_and_guards_text_but_not_numbers(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf out = CVK_BUF(4096);

    write_rows(TABLE_CSV, &out);

    assert_string_equal(cvk_buf_str(&out), "id,price_cents,batch.gas,\"'=name,\"\n"
                                           "1,0.0516,-1.50e3,\"a,b\"\n"
                                           ",,,\n"
                                           "-7,-0.000001,10000000000000000000001,\"\"\n"
                                           "-9223372036854775808,0,0,'=x\xef\xbf\xbd\xc3\xa9\n");
}

static void a_line_of_one_missing_cell_is_a_line(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf out = CVK_BUF(4096);
    CvkSink to = cvk_sink_buf(&out);
    TableWriter *w;
    CvkErr err;
    assert_true(table_writer_new(TABLE_CSV, columns, 1, &to, &w, &err));

    assert_true(table_write(w, &CELL_NONE, &err));

    assert_string_equal(cvk_buf_str(&out), "id\n\"\"\n");
    table_writer_free(w);
}

static void json_lines_keep_numbers_as_they_are(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf out = CVK_BUF(4096);

    write_rows(TABLE_JSONL, &out);

    assert_string_equal(
        cvk_buf_str(&out),
        "{\"id\":1,\"price_cents\":0.0516,\"batch.gas\":-1.50e3,\"=name,\":\"a,b\"}\n"
        "{\"id\":null,\"price_cents\":null,\"batch.gas\":null,\"=name,\":null}\n"
        "{\"id\":-7,\"price_cents\":-0.000001,\"batch.gas\":10000000000000000000001,\"=name,\":"
        "\"\"}\n"
        "{\"id\":-9223372036854775808,\"price_cents\":0,\"batch.gas\":0,\"=name,\":"
        "\"=x\xef\xbf\xbd\xc3\xa9\"}\n");
}

static void parquet_begins_and_ends_with_its_name(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf out = CVK_BUF(4096);

    write_rows(TABLE_PARQUET, &out);

    assert_in_range(out.n, 100, 1000);
    assert_memory_equal(out.data, "PAR1", 4);
    assert_memory_equal(out.data + out.n - 4, "PAR1", 4);
}

/* A sink that counts, and fails after so many bytes. */
typedef struct {
    size_t n, room, calls, largest;
} Tape;

static bool tape_write(void *ctx, const void *data, size_t n, CvkErr *err) {
    Tape *t = ctx;
    (void)data;
    if (n > t->room - t->n)
        return cvk_fail(err, CVK_EBACKEND, "tape.full", "the tape is full");
    t->n += n;
    t->calls++;
    t->largest = n > t->largest ? n : t->largest;
    return true;
}

static void a_sink_that_fails_is_told_whenever_it_does(void **state) {
    (void)state;
    for (TableFormat f = 0; f < TABLE_FORMATS_N; f++) {
        _cleanup_buf_ CvkBuf whole = CVK_BUF(4096);
        write_rows(f, &whole);
        for (size_t room = 0; room < whole.n; room++) {
            Tape tape = {.room = room};
            CvkSink to = {tape_write, &tape};
            TableWriter *w = NULL;
            CvkErr err;

            bool ok = table_writer_new(f, columns, N, &to, &w, &err);
            for (size_t i = 0; ok && i < sizeof rows / sizeof *rows; i++)
                ok = table_write(w, rows[i], &err);
            ok = ok && table_end(w, &err);

            assert_false(ok);
            assert_string_equal(err.id, "tape.full");
            table_writer_free(w);
        }
    }
}

static void parquet_holds_one_row_group_at_most(void **state) {
    (void)state;
    Tape tape = {.room = SIZE_MAX};
    CvkSink to = {tape_write, &tape};
    static char text[100001];
    memset(text, 'x', sizeof text - 1);
    const Cell row[N] = {cell_int(1), cell_int(1), cell_text("1"), cell_text(text)};
    TableWriter *w;
    CvkErr err;
    assert_true(table_writer_new(TABLE_PARQUET, columns, N, &to, &w, &err));

    for (unsigned i = 0; i < 250; i++)
        assert_true(table_write(w, row, &err));

    assert_true(tape.n > 2 * PARQUET_GROUP_BYTES); /* most of 25 MB is out already */
    assert_true(tape.largest < PARQUET_GROUP_BYTES + sizeof text);
    assert_true(table_end(w, &err));
    assert_true(tape.n > 250 * (sizeof text - 1));
    table_writer_free(w);
}

static void too_many_columns_and_too_long_a_text_are_refused(void **state) {
    (void)state;
    Column *many = calloc(LIMIT_TABLE_COLUMNS + 1, sizeof *many);
    char *text = malloc(PARQUET_GROUP_BYTES + 2);
    Tape tape = {.room = SIZE_MAX};
    CvkSink to = {tape_write, &tape};
    TableWriter *w;
    CvkErr err;
    assert_non_null(many);
    assert_non_null(text);
    memset(text, 'x', PARQUET_GROUP_BYTES + 1);
    text[PARQUET_GROUP_BYTES + 1] = '\0';

    assert_false(table_writer_new(TABLE_PARQUET, many, LIMIT_TABLE_COLUMNS + 1, &to, &w, &err));

    assert_string_equal(err.id, "table.columns");
    assert_true(table_writer_new(TABLE_PARQUET, columns + 3, 1, &to, &w, &err));
    Cell cell = cell_text(text);
    assert_false(table_write(w, &cell, &err));
    assert_string_equal(err.id, "table.text");
    table_writer_free(w);
    free(many);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(csv_has_a_header_and_guards_text_but_not_numbers),
        TEST(a_line_of_one_missing_cell_is_a_line),
        TEST(json_lines_keep_numbers_as_they_are),
        TEST(parquet_begins_and_ends_with_its_name),
        TEST(a_sink_that_fails_is_told_whenever_it_does),
        TEST(parquet_holds_one_row_group_at_most),
        TEST(too_many_columns_and_too_long_a_text_are_refused),
    };
    return cmocka_run_group_tests_name("format/table", tests, NULL, NULL);
}
