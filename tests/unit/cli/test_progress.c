#include "cli/progress.h"
#include "support/test.h"

/* The clock of these tests: cmocka runs them one after another. */
static int64_t clock_ms;
static int64_t now_ms(void) {
    return clock_ms;
}

static Progress with_output(FILE *out, bool terminal) {
    clock_ms = 1000;
    return (Progress){.label = "computing", .terminal = terminal, .out = out, .now_ms = now_ms};
}

static void assert_text(bool bytes, size_t done, size_t total, int64_t elapsed_ms,
                        const char *expected) {
    Progress p = {.label = "computing", .bytes = bytes};
    char text[128];
    progress_text(&p, done, total, elapsed_ms, 10, text, sizeof text);
    assert_string_equal(text, expected);
}

static void a_line_shows_the_share_done_and_the_time_left(void **state) {
    (void)state;
    assert_text(false, 25, 100, 10000, "computing [##........]  25 %, 30 s left");
    assert_text(false, 100, 100, 10000, "computing [##########] 100 %, 0 s left");
    assert_text(false, 1, 100, 10000, "computing [..........]   1 %, 17 min left");
    assert_text(false, 0, 100, 10000, "computing [..........]   0 %");
}

static void without_a_total_it_shows_how_far(void **state) {
    (void)state;
    assert_text(true, 6200000, 0, 1000, "computing 6.2 MB");
    assert_text(false, 17, 0, 1000, "computing 17");
}

static void more_than_all_is_all(void **state) {
    (void)state;
    assert_text(false, 200, 100, 1000, "computing [##########] 100 %, 0 s left");
}

static void what_is_quick_draws_nothing(void **state) {
    (void)state;
    char text[512] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    Progress p = with_output(out, true);
    CvkProgress to = progress_to(&p);

    clock_ms += 1999;
    to.fn(to.ctx, 1, 2);
    progress_end(&p);

    fclose(out);
    assert_string_equal(text, "");
}

static void a_terminal_gets_one_line_drawn_over_and_removed(void **state) {
    (void)state;
    char text[512] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    Progress p = with_output(out, true);
    CvkProgress to = progress_to(&p);

    clock_ms += 2000;
    to.fn(to.ctx, 1, 2);
    progress_end(&p);

    fclose(out);
    assert_true(strncmp(text, "\r\033[K  computing [", 17) == 0);
    assert_null(strchr(text, '\n'));
    assert_string_equal(text + strlen(text) - 4, "\r\033[K");
}

static void elsewhere_a_plain_line_comes_every_ten_seconds(void **state) {
    (void)state;
    char text[2048] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    Progress p = with_output(out, false);
    CvkProgress to = progress_to(&p);

    for (size_t i = 1; i <= 25; i++) {
        clock_ms += 1000;
        to.fn(to.ctx, i, 50);
    }
    progress_end(&p);

    fclose(out);
    size_t lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, 2);
    assert_null(strchr(text, '\r'));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_line_shows_the_share_done_and_the_time_left),
        TEST(without_a_total_it_shows_how_far),
        TEST(more_than_all_is_all),
        TEST(what_is_quick_draws_nothing),
        TEST(a_terminal_gets_one_line_drawn_over_and_removed),
        TEST(elsewhere_a_plain_line_comes_every_ten_seconds),
    };
    return cmocka_run_group_tests_name("cli/progress", tests, NULL, NULL);
}
