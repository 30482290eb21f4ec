#include "cli/wait_line.h"
#include "support/test.h"

/* The clock of these tests: cmocka runs them one after another. */
static int64_t clock_ms;
static int64_t now_ms(void) {
    return clock_ms;
}

typedef struct {
    char text[512];
    WaitLine line;
} Shown;

static void start(Shown *s, bool terminal) {
    *s = (Shown){0};
    clock_ms = 1000;
    s->line = (WaitLine){
        .terminal = terminal, .out = fmemopen(s->text, sizeof s->text, "w"), .now_ms = now_ms};
    assert_non_null(s->line.out);
}

static void a_terminal_gets_one_line_drawn_over_and_removed(void **state) {
    (void)state;
    Shown s;
    start(&s, true);

    wait_line_show(&s.line, "one");
    wait_line_show(&s.line, "two");
    wait_line_clear(&s.line);
    wait_line_clear(&s.line);

    fclose(s.line.out);
    assert_string_equal(s.text, "\r\033[K  one\r\033[K  two\r\033[K");
}

static void elsewhere_a_line_comes_every_five_minutes_at_most(void **state) {
    (void)state;
    Shown s;
    start(&s, false);

    wait_line_show(&s.line, "one");
    clock_ms += 299999;
    wait_line_show(&s.line, "two");
    clock_ms += 1;
    wait_line_show(&s.line, "three");
    wait_line_clear(&s.line);

    fclose(s.line.out);
    assert_string_equal(s.text, "  one\n  three\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_terminal_gets_one_line_drawn_over_and_removed),
        TEST(elsewhere_a_line_comes_every_five_minutes_at_most),
    };
    return cmocka_run_group_tests_name("cli/wait_line", tests, NULL, NULL);
}
