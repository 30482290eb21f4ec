#include "support/test.h"

#include "format/journal_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define H "0x1111111111111111111111111111111111111111111111111111111111111111"
static const char line_7[] = "{\"seq\":7,\"hash\":\"" H "\",\"event\":{\"v\":2}}";

static FILE *a_file(const char *text, size_t n) {
    FILE *f = tmpfile();
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    rewind(f);
    return f;
}

static void what_is_written_is_read(void **state) {
    (void)state;
    JournalLine l = {.seq = 7, .event = "{\"v\":2}", .event_n = 7}, got;
    memset(l.hash, 0x11, sizeof l.hash);
    char text[256] = "";
    FILE *f = a_file("", 0);
    assert_true(journal_line_write(f, &l, NULL));
    rewind(f);
    assert_non_null(fgets(text, sizeof text, f));
    fclose(f);
    assert_int_equal(strlen(text), strlen(line_7) + 1);
    assert_memory_equal(text, line_7, strlen(line_7));
    assert_true(journal_line_read(text, strlen(line_7), 7, &got, NULL));
    assert_int_equal(got.seq, 7);
    assert_memory_equal(got.hash, l.hash, sizeof l.hash);
    assert_int_equal(got.event_n, 7);
    assert_memory_equal(got.event, l.event, 7);
}

static void anything_but_that_entry_is_refused(void **state) {
    (void)state;
    JournalLine got;
    CvkErr err;
    size_t n = strlen(line_7);
    assert_false(journal_line_read(line_7, n, 8, &got, &err)); /* another number */
    assert_string_equal(err.id, "journal.line");
    for (size_t cut = 0; cut < n; cut++) {
        char copy[sizeof line_7];
        memcpy(copy, line_7, cut);
        if (cut < n - 3) /* shorter than that, no event is left */
            assert_false(journal_line_read(copy, cut, 7, &got, NULL) && got.event_n > cut);
    }
    size_t event_at = (size_t)(strstr(line_7, "{\"v\"") - line_7);
    for (size_t at = 0; at < event_at; at++) { /* each byte before the event is looked at */
        char copy[sizeof line_7];
        memcpy(copy, line_7, sizeof line_7);
        copy[at] ^= 1;
        bool digit = strchr("0123456789abcdef", copy[at]) != NULL && copy[at] != '\0';
        bool in_hash = line_7[at] == '1' && at > 10;
        assert_true(journal_line_read(copy, n, 7, &got, NULL) == (in_hash && digit));
    }
}

typedef struct {
    uint64_t n;
    size_t bytes;
} Count;

static bool count(void *ctx, uint64_t number, char *line, size_t n, CvkErr *err) {
    (void)err;
    Count *c = ctx;
    c->n++;
    c->bytes += n;
    return number == c->n && strlen(line) == n && strcmp(line, "stop") != 0;
}

static void lines_come_whole_and_numbered(void **state) {
    (void)state;
    Count c = {0};
    FILE *f = a_file("a\n\nbcd\n", 7);
    assert_true(lines_each(f, count, &c, NULL));
    fclose(f);
    assert_int_equal(c.n, 3);
    assert_int_equal(c.bytes, 4);
}

static void a_line_that_is_cut_off_or_too_long_is_told(void **state) {
    (void)state;
    char *longest = malloc(JOURNAL_LINE_MAX + 2);
    memset(longest, 'x', JOURNAL_LINE_MAX + 1);
    longest[JOURNAL_LINE_MAX - 1] = '\n';
    const struct {
        const char *text;
        size_t n;
        bool fine;
    } cases[] = {{"a\nb", 3, false},
                 {"a\0b\n", 4, false},
                 {longest, JOURNAL_LINE_MAX, true},
                 {longest, 0, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Count c = {0};
        CvkErr err = {.id = ""};
        FILE *f = a_file(cases[i].text, cases[i].n);
        assert_true(lines_each(f, count, &c, &err) == cases[i].fine);
        assert_string_equal(err.id, cases[i].fine ? "" : "journal.line");
        fclose(f);
    }
    longest[JOURNAL_LINE_MAX - 1] = 'x';
    longest[JOURNAL_LINE_MAX] = '\n';
    FILE *f = a_file(longest, JOURNAL_LINE_MAX + 1);
    Count c = {0};
    assert_false(lines_each(f, count, &c, NULL));
    fclose(f);
    free(longest);
}

static void a_reader_may_stop(void **state) {
    (void)state;
    Count c = {0};
    FILE *f = a_file("a\nstop\nb\n", 9);
    assert_false(lines_each(f, count, &c, NULL));
    fclose(f);
    assert_int_equal(c.n, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(anything_but_that_entry_is_refused),
        cmocka_unit_test(lines_come_whole_and_numbered),
        cmocka_unit_test(a_line_that_is_cut_off_or_too_long_is_told),
        cmocka_unit_test(a_reader_may_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
