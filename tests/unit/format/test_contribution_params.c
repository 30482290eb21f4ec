#include "base/le.h"
#include "format/contribution_params.h"
#include "support/test.h"

static const char *const names[] = {[7] = "contributions"};
static const SectionKind KIND = {
    .magic = "test", .version_max = 1, .version_written = 1, .names = names, .types_n = 8};

/* A file whose section 7 is `text`. */
static SectionCursor cursor_over(uint8_t file[2048], const void *text, size_t n,
                                 SectionFile **ret_file) {
    CvkErr err;
    SectionCursor c;
    memcpy(file, "test\1\0\0\0\1\0\0\0\7\0\0\0", 16);
    cvk_put_le64(n, file + 16);
    memcpy(file + 24, text, n);
    assert_true(section_file_memory(file, 24 + n, "a.test", &KIND, ret_file, &err));
    assert_true(section_cursor(*ret_file, 7, &c, &err));
    return c;
}

static void what_snarkjs_writes_is_read_and_written_back(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *name;
        unsigned exp, hash_n;
    } cases[] = {
        {"\0\0\0\0\0\0\0\0", 8, NULL, 0, 0},
        {"\0\0\0\0\7\0\0\0\1\5first", 15, "first", 0, 0},
        {"\1\0\0\0\14\0\0\0\1\2B1\2\12\3\4\xff\0\1\2", 20, "B1", 10, 4},
        {"\1\0\0\0\5\0\0\0\2\13\3\1\xaa", 13, NULL, 11, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CvkErr err;
        ContributionParams p;
        SectionFile *f;
        uint8_t file[2048];
        _cleanup_buf_ CvkBuf back = CVK_BUF(1000);
        CvkSink to = cvk_sink_buf(&back);
        SectionCursor c = cursor_over(file, cases[i].bytes, cases[i].n, &f);

        assert_true(contribution_params_read(&c, &p, &err));

        assert_true(section_end(&c, &err));
        assert_int_equal(p.has_name, cases[i].name != NULL);
        assert_string_equal(p.name, cases[i].name != NULL ? cases[i].name : "");
        assert_int_equal(p.beacon, cases[i].hash_n != 0);
        assert_int_equal(p.iterations_exp, cases[i].exp);
        assert_int_equal(p.beacon_hash_n, cases[i].hash_n);
        assert_true(contribution_params_write(&p, &to, &err));
        assert_int_equal(back.n, cases[i].n);
        assert_memory_equal(back.data, cases[i].bytes, cases[i].n);
        section_file_close(f);
    }
}

static void parameters_that_are_not_well_formed_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *id;
        unsigned offset;
    } cases[] = {
        {"\2\0\0\0\0\0\0\0", 8, "contribution.type", 0},
        {"\0\0\0\1\0\0\0\0", 8, "contribution.type", 0},
        {"\0\0\0\0\0\0\0", 7, "section.short", 4},
        {"\0\0\0\0\6\0\0\0\1\3ab", 12, "section.short", 8},
        {"\0\0\0\0\6\0\0\0\1\5firs", 14, "contribution.params", 10},
        {"\0\0\0\0\1\0\0\0\1", 9, "contribution.params", 9},
        {"\0\0\0\0\3\0\0\0\4\1a", 11, "contribution.params", 8},
        {"\0\0\0\0\2\0\0\0\0\0", 10, "contribution.params", 8},
        {"\0\0\0\0\6\0\0\0\1\1a\1\1b", 14, "contribution.params", 11},
        {"\0\0\0\0\5\0\0\0\2\12\1\1b", 13, "contribution.params", 10},
        {"\0\0\0\0\6\2\0\0", 8, "contribution.params", 4},
        {"\1\0\0\0\2\0\0\0\2\12", 10, "contribution.beacon", 0},
        {"\1\0\0\0\3\0\0\0\3\1\1", 11, "contribution.beacon", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CvkErr err = {0};
        ContributionParams p;
        SectionFile *f;
        uint8_t file[2048];
        char where[64];
        SectionCursor c = cursor_over(file, cases[i].bytes, cases[i].n, &f);

        assert_false(contribution_params_read(&c, &p, &err));

        assert_string_equal(err.id, cases[i].id);
        snprintf(where, sizeof where,
                 "a.test: section 7 (contributions), offset %u: ", 24 + cases[i].offset);
        assert_memory_equal(err.msg, where, strlen(where));
        section_file_close(f);
    }
}

static void a_name_is_cut_after_64_units_and_inside_no_character(void **state) {
    (void)state;
    CvkErr err;
    ContributionParams p = {0};
    char long_ascii[101] = "", wide[65 * 3 + 1] = "", pairs[1 + 40 * 4 + 1] = "x";
    memset(long_ascii, 'a', 100);
    for (size_t i = 0; i < 65; i++)
        memcpy(wide + 3 * i, "\xe2\x82\xac", 3);
    for (size_t i = 0; i < 40; i++)
        memcpy(pairs + 1 + 4 * i, "\xf0\x9f\x8e\x89", 4);

    assert_true(contribution_params_set_name(&p, long_ascii, &err));
    assert_int_equal(p.name_n, 64);
    assert_true(contribution_params_set_name(&p, wide, &err));
    assert_int_equal(p.name_n, 64 * 3);
    assert_true(contribution_params_set_name(&p, pairs, &err));
    assert_int_equal(p.name_n, 1 + 31 * 4);
    assert_true(contribution_params_set_name(&p, "", &err));
    assert_false(p.has_name);
    assert_false(contribution_params_set_name(&p, "\xff", &err));
    assert_string_equal(err.id, "contribution.name");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_snarkjs_writes_is_read_and_written_back),
        TEST(parameters_that_are_not_well_formed_are_refused),
        TEST(a_name_is_cut_after_64_units_and_inside_no_character),
    };
    return cmocka_run_group_tests_name("format/contribution_params", tests, NULL, NULL);
}
