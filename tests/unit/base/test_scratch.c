#include "base/scratch.h"

#include "support/test.h"

#include "support/scratch.h"

#include <signal.h>
#include <sys/resource.h>

static void what_is_written_anywhere_is_read_anywhere(void **state) {
    static const uint64_t places[] = {0, 7, 100000, ((uint64_t)1 << 32) - 3, (uint64_t)5 << 30};
    char path[512], got[12];
    CvkErr err = {0};
    CvkScratchFile f;
    const CvkScratch s = cvk_scratch_file(&f, scratch_path(*state, path, "out"));

    for (size_t i = 5; i-- != 0;) { /* the last place first: what lies before it is a hole */
        char text[32];
        snprintf(text, sizeof text, "piece %zu", i);
        assert_true(cvk_scratch_write(&s, places[i], text, 7, &err));
    }

    for (size_t i = 0; i < 5; i++) {
        assert_true(cvk_scratch_read(&s, places[i], got, 7, &err));
        assert_int_equal(got[6], '0' + (int)i);
    }
    cvk_scratch_file_close(&f);
}

static void the_file_has_no_name_and_is_gone_when_closed(void **state) {
    char path[512], got[3];
    CvkErr err = {0};
    CvkScratchFile f;
    const CvkScratch s = cvk_scratch_file(&f, scratch_path(*state, path, "out"));
    assert_int_equal(f.fd, -1); /* nothing is made until it is needed */

    assert_true(cvk_scratch_write(&s, 0, "abc", 3, &err));

    assert_int_equal(scratch_count(*state), 0);
    assert_true(cvk_scratch_read(&s, 0, got, 3, &err));
    cvk_scratch_file_close(&f);
    assert_int_equal(f.fd, -1);
    cvk_scratch_file_close(&f);
}

static void what_was_never_written_is_not_read(void **state) {
    char path[512], got[8];
    CvkErr err = {0};
    CvkScratchFile f;
    const CvkScratch s = cvk_scratch_file(&f, scratch_path(*state, path, "out"));
    assert_true(cvk_scratch_write(&s, 0, "abc", 3, &err));

    assert_false(cvk_scratch_read(&s, 2, got, 2, &err));

    assert_string_equal(err.id, "file.short");
    cvk_scratch_file_close(&f);
}

static void where_no_file_can_be_made_it_says_beside_what(void **state) {
    char path[512];
    CvkErr err = {0};
    CvkScratchFile f;
    const CvkScratch s = cvk_scratch_file(&f, scratch_path(*state, path, "none/out"));

    assert_false(cvk_scratch_write(&s, 0, "abc", 3, &err));

    assert_string_equal(err.id, "file.create");
    assert_non_null(strstr(err.msg, path));
    cvk_scratch_file_close(&f);
}

static void a_disk_without_space_is_an_error(void **state) {
    char path[512], data[2000] = "";
    CvkErr err = {0};
    CvkScratchFile f;
    struct rlimit before, small;
    const CvkScratch s = cvk_scratch_file(&f, scratch_path(*state, path, "out"));
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){1000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);

    bool written = cvk_scratch_write(&s, 0, data, sizeof data, &err);

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_false(written);
    assert_string_equal(err.id, "file.write");
    cvk_scratch_file_close(&f);
    assert_int_equal(scratch_count(*state), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST_SCRATCH(what_is_written_anywhere_is_read_anywhere),
        TEST_SCRATCH(the_file_has_no_name_and_is_gone_when_closed),
        TEST_SCRATCH(what_was_never_written_is_not_read),
        TEST_SCRATCH(where_no_file_can_be_made_it_says_beside_what),
        TEST_SCRATCH(a_disk_without_space_is_an_error),
    };
    return cmocka_run_group_tests_name("base/scratch", tests, NULL, NULL);
}
