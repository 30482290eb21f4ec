#include "base/source.h"
#include "support/test.h"

#include "support/scratch.h"

static void a_part_of_memory_begins_where_it_begins(void **state) {
    (void)state;
    CvkErr err;
    char got[4] = "";
    CvkSource whole = cvk_source_memory("0123456789", 10);

    CvkSource part = cvk_source_part(&whole, 4, 5);

    assert_int_equal(part.n, 5);
    assert_true(cvk_source_read(&part, 1, got, 3, &err));
    assert_string_equal(got, "567");
}

static void nothing_is_read_outside_a_source(void **state) {
    (void)state;
    CvkErr err;
    char got[8];
    CvkSource whole = cvk_source_memory("0123456789", 10), part = cvk_source_part(&whole, 4, 3);
    static const struct {
        uint64_t at;
        size_t n;
    } outside[] = {{0, 4}, {3, 1}, {4, 0}, {UINT64_MAX, 1}, {2, SIZE_MAX}};

    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        assert_false(cvk_source_read(&part, outside[i].at, got, outside[i].n, &err));
        assert_string_equal(err.id, "source.range");
    }
    assert_true(cvk_source_read(&part, 3, got, 0, &err));
}

static void a_file_is_read_at_any_place(void **state) {
    CvkErr err;
    CvkFileIn in;
    char path[512], got[4] = "";
    assert_true(cvk_file_write(scratch_path(*state, path, "a"), "0123456789", 10, 0644, &err));

    assert_true(cvk_file_in_open(&in, path, &err));

    CvkSource whole = cvk_file_in_bytes(&in);
    assert_int_equal(whole.n, 10);
    assert_true(cvk_source_read(&whole, 7, got, 3, &err));
    assert_string_equal(got, "789");
    cvk_file_in_close(&in);
}

static void a_file_that_shrinks_is_an_error(void **state) {
    CvkErr err;
    CvkFileIn in;
    char path[512], got[3];
    assert_true(cvk_file_write(scratch_path(*state, path, "a"), "0123456789", 10, 0644, &err));
    assert_true(cvk_file_in_open(&in, path, &err));
    CvkSource whole = cvk_file_in_bytes(&in);

    assert_int_equal(truncate(path, 8), 0);

    assert_false(cvk_source_read(&whole, 7, got, 3, &err));
    assert_string_equal(err.id, "file.short");
    cvk_file_in_close(&in);
}

static void a_directory_is_not_opened(void **state) {
    CvkErr err;
    CvkFileIn in;
    Scratch *s = *state;

    assert_false(cvk_file_in_open(&in, s->dir, &err));

    assert_string_equal(err.id, "file.kind");
    cvk_file_in_close(&in);
}

static void what_is_written_can_be_read_before_the_commit(void **state) {
    CvkErr err;
    CvkFileOut out;
    CvkSource back;
    char path[512], got[5] = "";
    assert_true(cvk_file_out_open(&out, scratch_path(*state, path, "a"), 0644, &err));
    CvkSink to = cvk_sink_file(&out);
    assert_true(cvk_sink_write(&to, "0123456789", 10, &err));

    assert_true(cvk_file_out_read(&out, 3, 4, &back, &err));

    assert_true(cvk_source_read(&back, 0, got, 4, &err));
    assert_string_equal(got, "3456");
    assert_false(cvk_file_exists(path));
    cvk_file_out_abandon(&out);
}

static void a_copy_is_the_same_whatever_its_length(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 65535, 65536, 65537, 200000};
    char *data = malloc(200000);
    for (size_t i = 0; i < 200000; i++)
        data[i] = (char)(i * 7919 >> 3);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        CvkErr err;
        _cleanup_buf_ CvkBuf b = CVK_BUF(200000);
        CvkSource from = cvk_source_memory(data, lengths[i]);
        CvkSink to = cvk_sink_buf(&b);

        assert_true(cvk_source_copy(&from, &to, &err));

        assert_int_equal(b.n, lengths[i]);
        if (b.n != 0)
            assert_memory_equal(b.data, data, b.n);
    }
    free(data);
}

static void an_output_is_not_an_input_by_another_name(void **state) {
    CvkErr err;
    char a[512], b[512], none[512];
    scratch_path(*state, none, "none");
    assert_true(cvk_file_write(scratch_path(*state, a, "a"), "x", 1, 0644, &err));
    assert_int_equal(link(a, scratch_path(*state, b, "b")), 0);

    assert_false(cvk_file_apart(b, a, &err));

    assert_string_equal(err.id, "file.same");
    assert_true(cvk_file_apart(none, a, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_part_of_memory_begins_where_it_begins),
        TEST(nothing_is_read_outside_a_source),
        TEST_SCRATCH(a_file_is_read_at_any_place),
        TEST_SCRATCH(a_file_that_shrinks_is_an_error),
        TEST_SCRATCH(a_directory_is_not_opened),
        TEST_SCRATCH(what_is_written_can_be_read_before_the_commit),
        TEST(a_copy_is_the_same_whatever_its_length),
        TEST_SCRATCH(an_output_is_not_an_input_by_another_name),
    };
    return cmocka_run_group_tests_name("base/source", tests, NULL, NULL);
}
