#include "cli/manual.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {
    {"way", "a|b", "a", "Begins.\n.with a dot \\ and | more."},
    {NULL, NULL, NULL, NULL},
};
static const Subcommand go = {
    .name = "go on",
    .purpose = "does it",
    .usage = "FILE\n--way a|b",
    .about = ".A dot.\n\n'A quote and_a_mark <x>.",
    .options = options,
    .examples = "convoke go on x\nconvoke go on --way b",
    .exits = {{[EXIT_INVALID] = "it is wrong"}},
};
static const Command table[] = {{"to go", &go}, {NULL, NULL}};

static void write(void (*fn)(const Command *, void *), char *ret, size_t cap) {
    memset(ret, 0, cap);
    FILE *out = fmemopen(ret, cap - 1, "w");
    fn(table, out);
    fclose(out);
}

static void the_page_has_what_the_table_has(void **state) {
    (void)state;
    char text[8192];

    write(manual_man, text, sizeof text);

    assert_non_null(strstr(text, ".SH TO GO\n.SS convoke go on\ndoes it\n"));
    assert_non_null(strstr(text, "convoke go on FILE\nconvoke go on \\-\\-way a|b\n"));
    assert_non_null(strstr(text, "\\fB\\-\\-way\\fR \\fIa|b\\fR\n"));
    assert_non_null(strstr(text, ".TP\n\\fB1\\fR\nit is wrong\n"));
    assert_non_null(strstr(text, "    convoke go on \\-\\-way b\n"));
}

static void no_text_of_ours_becomes_a_request_of_roff(void **state) {
    (void)state;
    static const char *const requests[] = {".TH", ".SH", ".SS", ".TP", ".PP", ".nf",
                                           ".fi", ".br", ".B ", ".I ", ".RI"};
    char text[8192];

    write(manual_man, text, sizeof text);

    assert_non_null(strstr(text, "\n\\&.A dot.\n"));
    assert_non_null(strstr(text, "\n\\&'A quote"));
    assert_non_null(strstr(text, "\n\\&.with a dot \\e and"));
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        bool known = line[0] != '.' && line[0] != '\'';
        for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
            known = known || strncmp(line, requests[i], 3) == 0;
        assert_true(known);
    }
}

static void no_text_of_ours_becomes_a_mark_of_markdown(void **state) {
    (void)state;
    char text[8192];

    write(manual_markdown, text, sizeof text);

    assert_non_null(strstr(text, "\n## To go\n\n### convoke go on\n\ndoes it\n"));
    assert_non_null(strstr(text, "'A quote and\\_a\\_mark \\<x\\>."));
    assert_non_null(strstr(text, "\n| `--way a\\|b` | Begins.<br>.with a dot \\\\ and \\| more. "
                                 "Default: `a` |\n"));
    assert_non_null(strstr(text, "\nEnds with 0: done; 1: it is wrong; 2: not done; standard error "
                                 "says why.\n"));
    assert_non_null(strstr(text, "```\nconvoke go on FILE\nconvoke go on --way a|b\n```\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_page_has_what_the_table_has),
        TEST(no_text_of_ours_becomes_a_request_of_roff),
        TEST(no_text_of_ours_becomes_a_mark_of_markdown),
    };
    return cmocka_run_group_tests_name("cli/manual", tests, NULL, NULL);
}
