#include "support/test.h"

#include "http/route.h"

static const HttpRoute routes[] = {
    {"GET", "/", NULL, 0},
    {"GET", "/info/status", NULL, 0},
    {"POST", "/contribute", NULL, 0},
    {"GET", "/auth/sign_in", NULL, 0},
    {"POST", "/auth/sign_in", NULL, 0},
    {"GET", "/receipt/*", NULL, 0},
    {"GET", "//static/*/*", NULL, 0},
    {"GET", "//get_batch", NULL, 0},
};

typedef struct {
    RouteResult result;
    const HttpRoute *route;
    const char *tail;
    char path[64], allow[ROUTE_ALLOW_MAX];
} Found;

static void look(Found *f, const char *method, const char *path) {
    snprintf(f->path, sizeof f->path, "%s", path);
    f->route = NULL;
    f->result = route_find(routes, sizeof routes / sizeof routes[0], method, f->path, &f->route,
                           &f->tail, f->allow);
}

static void a_route_is_found_by_method_and_path(void **state) {
    (void)state;
    Found f;
    look(&f, "POST", "/auth/sign_in");
    assert_int_equal(f.result, ROUTE_FOUND);
    assert_ptr_equal(f.route, &routes[4]);
}

static void a_slash_at_the_end_is_optional(void **state) {
    (void)state;
    Found f;
    look(&f, "GET", "/info/status/");
    assert_int_equal(f.result, ROUTE_FOUND);
    look(&f, "GET", "/");
    assert_ptr_equal(f.route, &routes[0]);
}

static void slashes_in_a_row_are_another_path(void **state) {
    (void)state;
    static const char *const paths[] = {"//info/status", "/info//status", "/info/status//"};
    Found f;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        look(&f, "GET", paths[i]);
        assert_int_equal(f.result, ROUTE_NO_PATH);
    }
}

static void slashes_in_a_row_are_one_for_a_pattern_that_says_so(void **state) {
    (void)state;
    static const char *const paths[] = {"/get_batch", "/get_batch/", "//get_batch/",
                                        "///get_batch///"};
    Found f;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        look(&f, "GET", paths[i]);
        assert_int_equal(f.result, ROUTE_FOUND);
        assert_string_equal(f.route->pattern, "//get_batch");
    }
    look(&f, "GET", "/get_batch/x");
    assert_int_equal(f.result, ROUTE_NO_PATH);
}

static void head_is_served_by_get(void **state) {
    (void)state;
    Found f;
    look(&f, "HEAD", "/info/status");
    assert_int_equal(f.result, ROUTE_FOUND);
    look(&f, "HEAD", "/contribute");
    assert_int_equal(f.result, ROUTE_NO_METHOD);
}

static void a_wrong_method_is_told_the_right_ones(void **state) {
    (void)state;
    Found f;
    look(&f, "DELETE", "/auth/sign_in");
    assert_int_equal(f.result, ROUTE_NO_METHOD);
    assert_string_equal(f.allow, "GET, HEAD, POST, OPTIONS");
    assert_string_equal(f.route->pattern, "/auth/sign_in");
}

static void options_is_answered_for_paths_that_exist(void **state) {
    (void)state;
    Found f;
    look(&f, "OPTIONS", "/contribute");
    assert_int_equal(f.result, ROUTE_OPTIONS);
    assert_string_equal(f.allow, "POST, OPTIONS");
    look(&f, "OPTIONS", "/nothing");
    assert_int_equal(f.result, ROUTE_NO_PATH);
}

static void a_star_stands_for_one_segment(void **state) {
    (void)state;
    Found f;
    look(&f, "GET", "/receipt/12/");
    assert_int_equal(f.result, ROUTE_FOUND);
    assert_string_equal(f.tail, "12");
    look(&f, "GET", "/receipt/");
    assert_int_equal(f.result, ROUTE_NO_PATH);
    look(&f, "GET", "/receipt/1/2");
    assert_int_equal(f.result, ROUTE_NO_PATH);
}

static void two_stars_stand_for_two_segments(void **state) {
    (void)state;
    static const char *const others[] = {"/static", "/static/a", "/static/a/", "/static/a/b/c"};
    Found f;

    look(&f, "GET", "//static/a/b/");
    assert_int_equal(f.result, ROUTE_FOUND);
    assert_string_equal(f.tail, "a/b");

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        look(&f, "GET", others[i]);
        assert_int_equal(f.result, ROUTE_NO_PATH);
        assert_null(f.route);
        assert_string_equal(f.tail, "");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_route_is_found_by_method_and_path),
        TEST(a_slash_at_the_end_is_optional),
        TEST(head_is_served_by_get),
        TEST(a_wrong_method_is_told_the_right_ones),
        TEST(options_is_answered_for_paths_that_exist),
        TEST(a_star_stands_for_one_segment),
        TEST(slashes_in_a_row_are_another_path),
        TEST(slashes_in_a_row_are_one_for_a_pattern_that_says_so),
        TEST(two_stars_stand_for_two_segments),
    };
    return cmocka_run_group_tests_name("http route", tests, NULL, NULL);
}
