#include "base/file.h"
#include "base/unnamed.h"
#include "support/test.h"

#include "support/scratch.h"

/* Temporary files go to the scratch directory until `before` is set again. */
static void go_to(const char *dir, char before[512]) {
    snprintf(before, 512, "%s", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    setenv("TMPDIR", dir, 1);
}

static void a_file_can_be_read_when_its_name_is_gone(void **state) {
    const Scratch *s = *state;
    char before[512], text[8] = "";
    CvkUnnamed u;
    CvkErr err;
    go_to(s->dir, before);
    assert_true(cvk_unnamed_begin(&u, &err));
    assert_int_equal(scratch_count(s), 1);
    assert_true(cvk_file_write(u.path, "words", 5, 0600, &err));
    FILE *f = cvk_file_open_regular(u.path, false, &err);
    assert_non_null(f);

    cvk_unnamed_end(&u);

    assert_int_equal(fread(text, 1, sizeof text, f), 5);
    assert_string_equal(text, "words");
    assert_int_equal(scratch_count(s), 0);
    fclose(f);
    setenv("TMPDIR", before, 1);
}

static void a_file_that_was_never_written_is_no_hindrance(void **state) {
    const Scratch *s = *state;
    char before[512];
    CvkUnnamed u;
    CvkErr err;
    go_to(s->dir, before);
    assert_true(cvk_unnamed_begin(&u, &err));

    cvk_unnamed_end(&u);

    assert_int_equal(scratch_count(s), 0);
    setenv("TMPDIR", before, 1);
}

static void where_nothing_can_be_made_it_says_where(void **state) {
    char before[512], nowhere[512];
    CvkUnnamed u;
    CvkErr err = {0};
    go_to(scratch_path(*state, nowhere, "nowhere"), before);

    assert_false(cvk_unnamed_begin(&u, &err));

    assert_string_equal(err.id, "file.open");
    assert_non_null(strstr(err.msg, "nowhere"));
    setenv("TMPDIR", before, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST_SCRATCH(a_file_can_be_read_when_its_name_is_gone),
        TEST_SCRATCH(a_file_that_was_never_written_is_no_hindrance),
        TEST_SCRATCH(where_nothing_can_be_made_it_says_where),
    };
    return cmocka_run_group_tests_name("unnamed", tests, NULL, NULL);
}
