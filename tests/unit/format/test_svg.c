/* Figures: what is written into them, at the edges of names and numbers. */
#include "support/test.h"

#include "format/svg.h"

#include <math.h>

#define MOST ((size_t)1 << 20)
#define LONG_NAME "0123456789abcdef0123456789abcdef"

/* The caller frees the text; the figure goes. */
static char *svg_of(Figure *g) {
    CvkBuf b = CVK_BUF(MOST);
    CvkErr err;
    assert_true(svg_add(&b, g, &err));
    figure_free(g);
    return cvk_buf_take(&b);
}

static Figure *figure(void) {
    Figure *g = figure_new("id", "title", "across", "up");
    assert_non_null(g);
    return g;
}

static size_t count(const char *text, const char *what) {
    size_t n = 0;
    for (; (text = strstr(text, what)) != NULL; text++)
        n++;
    return n;
}

static void a_long_label_is_shortened_and_whole_in_its_title(void **state) {
    (void)state;
    Figure *g = figure();
    figure_series(g, FIGURE_BAR, "one");
    figure_series(g, FIGURE_BAR, LONG_NAME);
    for (size_t i = 0; i < 8; i++) {
        figure_label(g, i == 0 ? "short" : LONG_NAME);
        figure_point(g, (double)i, 1);
    }

    char *text = svg_of(g);

    assert_int_equal(count(text, "<title>" LONG_NAME "</title>"), 8);
    assert_int_equal(count(text, LONG_NAME), 8); /* 7 labels and a series, nowhere else */
    assert_int_equal(count(text, "\xe2\x80\xa6</text>"), 8);
    assert_int_equal(count(text, ">short</text>"), 1);
    free(text);
}

/* Cut between characters, and not within an entity. */
static void a_label_is_cut_between_its_characters(void **state) {
    (void)state;
    Figure *g = figure();
    figure_series(g, FIGURE_BAR, "one");
    for (size_t i = 0; i < 24; i++) {
        figure_label(g, "\xc3\xa9&\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9");
        figure_point(g, (double)i, 1);
    }

    char *text = svg_of(g);

    assert_int_equal(count(text, "</title>\xc3\xa9&amp;\xc3\xa9\xc3\xa9\xe2\x80\xa6</text>"), 24);
    free(text);
}

static void a_note_stands_below_the_title_and_axes_tell_their_scale(void **state) {
    (void)state;
    Figure *g = figure();
    g->x_log = true;
    figure_note(g, "%d proofs", 120);
    figure_note(g, ", one point in %d", 3);
    figure_series(g, FIGURE_SCATTER, "one");
    figure_point(g, 1, 1);
    figure_point(g, 10, 2);

    char *text = svg_of(g);

    assert_int_equal(count(text, ">120 proofs, one point in 3</text>"), 1);
    assert_int_equal(count(text, ">across, log scale</text>"), 1);
    assert_int_equal(count(text, ">up</text>"), 1);
    free(text);
}

static void between_whole_numbers_there_are_no_ticks(void **state) {
    (void)state;
    for (unsigned whole = 0; whole < 2; whole++) {
        Figure *g = figure();
        g->x_whole = whole;
        figure_series(g, FIGURE_LINE, "one");
        figure_point(g, 1, 10);
        figure_point(g, 3, 30);

        char *text = svg_of(g);

        assert_int_equal(count(text, "M76.0 380v5"), 1);
        assert_int_equal(count(text, " 380v5"), whole ? 3 : 11);
        free(text);
    }
}

static void ticks_of_close_values_differ(void **state) {
    (void)state;
    static const double at[][2] = {
        {1000100, 1000800}, {1.00001, 1.00008}, {1e12 + 1e6, 1e12 + 8e6}, {0, 3e-7}};
    static const char *const want[][2] = {{">1000100<", ">1000800<"},
                                          {">1.00001<", ">1.00008<"},
                                          {">1.000001e+12<", ">1.000008e+12<"},
                                          {">0<", ">3.0e-07<"}};
    for (size_t i = 0; i < 4; i++) {
        Figure *g = figure();
        figure_series(g, FIGURE_LINE, "one");
        figure_point(g, at[i][0], 1);
        figure_point(g, at[i][1], 2);

        char *text = svg_of(g);

        for (size_t k = 0; k < 2; k++)
            if (count(text, want[i][k]) != 1)
                fail_msg("not once: %s in %s", want[i][k], text);
        free(text);
    }
}

static void usual_ticks_are_short(void **state) {
    (void)state;
    Figure *g = figure();
    figure_series(g, FIGURE_LINE, "one");
    figure_point(g, 0, 0);
    figure_point(g, 60, 1);

    char *text = svg_of(g);

    assert_int_equal(count(text, ">10<"), 1);
    assert_int_equal(count(text, ">0.2<"), 1);
    assert_int_equal(count(text, ">0<"), 2);
    free(text);
}

/* What a line does between its two "d" quotes: M begins a piece. */
static size_t pieces(Figure *g) {
    char *text = svg_of(g), *line = strstr(text, "stroke-width=\"1.8\"");
    assert_non_null(line);
    line[strcspn(line, ">")] = '\0';
    size_t n = count(line, "M");
    free(text);
    return n;
}

static void a_line_is_broken_where_points_are_no_numbers(void **state) {
    (void)state;
    for (FigureKind kind = FIGURE_LINE; kind <= FIGURE_STEP; kind++) {
        Figure *g = figure();
        figure_series(g, kind, "one");
        for (int i = 0; i < 9; i++)
            figure_point(g, i, i == 0 || i == 3 || i == 4 ? (double)NAN : i);
        assert_int_equal(g->series[0].n, 6);

        assert_int_equal(pieces(g), 2);
    }
}

static void a_line_is_broken_where_a_scale_has_no_place(void **state) {
    (void)state;
    Figure *g = figure();
    g->y_log = true;
    figure_series(g, FIGURE_LINE, "one");
    for (int i = 0; i < 9; i++)
        figure_point(g, i, i == 3 ? 0 : 1 + i);

    assert_int_equal(pieces(g), 2);
}

/* From 0 to 4 across (76 to 700) and 0 to 1 up (380 to 52): there along the upper end, back along
 * the lower one. */
static void a_band_holds_its_ends_up_to_the_next_point(void **state) {
    (void)state;
    Figure *g = figure();
    figure_series(g, FIGURE_BAND, "95 %");
    figure_band(g, 0, 0.5, 1);
    figure_band(g, 2, 0, 0.5);
    figure_band(g, 3, (double)NAN, 0.5);
    figure_band(g, 4, 0, 0.5);
    figure_series(g, FIGURE_STEP, "all");
    figure_point(g, 0, 0.5);

    assert_int_equal(g->series[0].n, 3);
    char *text = svg_of(g);

    /* in the colour of the series after it, and each in the legend */
    assert_int_equal(count(text, "<path fill=\"#0072b2\" fill-opacity=\"0.18\" "
                                 "d=\"M76.0 52.0H388.0V216.0V216.0H76.0ZM700.0 216.0Z\"/>"),
                     1);
    assert_int_equal(count(text, "stroke=\"#0072b2\""), 2);
    assert_int_equal(count(text, "<rect fill=\"#0072b2\" fill-opacity=\"0.18\""), 1);
    free(text);
}

/* 0.97 to 1, as if nothing else were possible. */
static void an_axis_of_shares_goes_from_0_to_1(void **state) {
    (void)state;
    for (int share = 0; share < 2; share++) {
        Figure *g = figure();
        g->y_share = share == 1;
        figure_series(g, FIGURE_LINE, "one");
        figure_point(g, 0, 0.97);
        figure_point(g, 1, 0.99);

        char *text = svg_of(g);

        assert_int_equal(count(text, ">0.2</text>"), 1 + share); /* across as well */
        assert_int_equal(count(text, ">0.990</text>"), 1 - share);
        free(text);
    }
}

static void a_band_has_no_place_where_a_scale_has_none(void **state) {
    (void)state;
    Figure *g = figure();
    g->y_log = true;
    figure_series(g, FIGURE_BAND, "95 %");
    for (int i = 0; i < 9; i++)
        figure_band(g, i, i == 3 ? 0 : 1, 2 + i);

    char *text = svg_of(g);

    assert_int_equal(count(text, "Z"), 2);
    assert_int_equal(count(text, "inf") + count(text, "nan"), 0);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_long_label_is_shortened_and_whole_in_its_title),
        TEST(a_label_is_cut_between_its_characters),
        TEST(a_note_stands_below_the_title_and_axes_tell_their_scale),
        TEST(between_whole_numbers_there_are_no_ticks),
        TEST(ticks_of_close_values_differ),
        TEST(usual_ticks_are_short),
        TEST(a_line_is_broken_where_points_are_no_numbers),
        TEST(a_line_is_broken_where_a_scale_has_no_place),
        TEST(a_band_holds_its_ends_up_to_the_next_point),
        TEST(an_axis_of_shares_goes_from_0_to_1),
        TEST(a_band_has_no_place_where_a_scale_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
