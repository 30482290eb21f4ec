#include "base/err.h"
#include "support/test.h"

static char *path_of(size_t n, const char *end) {
    char *path = malloc(n + 1);
    assert_non_null(path);
    memset(path, 'd', n);
    path[0] = '/';
    memcpy(path + n - strlen(end), end, strlen(end) + 1);
    return path;
}

static void a_path_is_shown_whole_as_far_as_there_is_room(void **state) {
    (void)state;
    char *path = path_of(CVK_SHOWN_MAX - 1, "/a.ptau");

    assert_string_equal(CVK_SHOWN(path), path);
    assert_string_equal(CVK_SHOWN(""), "");
    free(path);
}

static void of_a_longer_path_the_end_is_shown(void **state) {
    (void)state;
    for (size_t n = CVK_SHOWN_MAX; n < CVK_SHOWN_MAX + 300; n += 99) {
        char *path = path_of(n, "/the_file.ptau");

        const char *shown = CVK_SHOWN(path);

        assert_int_equal(strlen(shown), CVK_SHOWN_MAX - 1);
        assert_memory_equal(shown, "...ddd", 6);
        assert_string_equal(shown + 3, path + n - (CVK_SHOWN_MAX - 4));
        free(path);
    }
}

static void no_character_is_cut_in_two(void **state) {
    (void)state;
    char *path = path_of(CVK_SHOWN_MAX + 10, "x");
    for (size_t at = 8; at < 20; at++) {
        char *copy = strdup(path);
        memcpy(copy + at, "\xe2\x82\xac", 3);

        const char *shown = CVK_SHOWN(copy);

        assert_int_not_equal((unsigned char)shown[3] & 0xc0, 0x80);
        assert_true(strlen(shown) > CVK_SHOWN_MAX - 4);
        free(copy);
    }
    free(path);
}

static void a_message_ends_with_section_and_offset_as_far_as_there_are(void **state) {
    (void)state;
    char text[CVK_PLACE_TEXT];
    const CvkPlace nowhere = cvk_place(NULL), file = cvk_place("a.ptau"),
                   plain = cvk_place_at("a", 0, 64),
                   last = cvk_place_at("a.ptau", UINT32_MAX, UINT64_MAX);

    assert_string_equal(cvk_place_text(&nowhere, text), "");
    assert_string_equal(cvk_place_text(&file, text), "");
    assert_string_equal(file.file, "a.ptau");
    assert_string_equal(cvk_place_text(&plain, text), " (offset 64)");
    assert_string_equal(cvk_place_text(&last, text),
                        " (section 4294967295, offset 18446744073709551615)");
}

static void an_error_has_the_place_it_is_given_and_no_older_one(void **state) {
    (void)state;
    CvkErr err;
    const CvkPlace place = cvk_place_at("a.ptau", 2, 80);
    cvk_fail(&err, CVK_EBADREQ, "a", "wrong");
    assert_string_equal(err.place.file, "");

    assert_false(cvk_fail_at(&err, &place));
    cvk_fail_prefix(&err, "here");

    assert_string_equal(err.place.file, "a.ptau");
    assert_int_equal(err.place.offset, 80);
    cvk_fail(&err, CVK_EBADREQ, "a", "another");
    assert_string_equal(err.place.file, "");
    assert_false(err.place.exact);
    assert_false(cvk_fail_in(NULL, "a.ptau"));
}

static void a_message_has_room_for_a_path_as_shown(void **state) {
    (void)state;
    CvkErr err;
    char *path = path_of(2000, "/the_file.ptau");

    cvk_fail(&err, CVK_EBADREQ, "a", "cannot open '%s': %s", CVK_SHOWN(path), "no such file");

    assert_non_null(strstr(err.msg, "/the_file.ptau': no such file"));
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_path_is_shown_whole_as_far_as_there_is_room),
        TEST(of_a_longer_path_the_end_is_shown),
        TEST(no_character_is_cut_in_two),
        TEST(a_message_ends_with_section_and_offset_as_far_as_there_are),
        TEST(an_error_has_the_place_it_is_given_and_no_older_one),
        TEST(a_message_has_room_for_a_path_as_shown),
    };
    return cmocka_run_group_tests_name("base/place", tests, NULL, NULL);
}
