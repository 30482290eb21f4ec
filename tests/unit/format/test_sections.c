#include "base/le.h"
#include "base/limits.h"
#include "format/sections.h"
#include "support/test.h"

#include "support/scratch.h"

#include <sys/stat.h>

static const char *const names[] = {[1] = "header", [2] = "points", [4] = "more"};
static const SectionKind KIND = {
    .magic = "test", .version_max = 2, .version_written = 1, .names = names, .types_n = 5};

/* ---- files made by hand ---- */

typedef struct {
    uint8_t data[4096];
    size_t n;
} Bytes;

static void add(Bytes *b, const void *data, size_t n) {
    assert_true(n <= sizeof b->data - b->n);
    memcpy(b->data + b->n, data, n);
    b->n += n;
}

static void add_head(Bytes *b, const char *magic, uint32_t version, uint32_t n) {
    uint8_t head[12];
    memcpy(head, magic, 4);
    cvk_put_le32(version, head + 4);
    cvk_put_le32(n, head + 8);
    add(b, head, sizeof head);
}

static void add_section(Bytes *b, uint32_t type, const char *text) {
    uint8_t head[12];
    cvk_put_le32(type, head);
    cvk_put_le64(strlen(text), head + 4);
    add(b, head, sizeof head);
    add(b, text, strlen(text));
}

/* Sections 2 "points!" at 24, 1 "head" at 43, 9 (which nobody knows) at 59. */
static Bytes sample(void) {
    Bytes b = {.n = 0};
    add_head(&b, "test", 1, 3);
    add_section(&b, 2, "points!");
    add_section(&b, 1, "head");
    add_section(&b, 9, "?");
    return b;
}

static SectionFile *open_bytes(const Bytes *b) {
    CvkErr err;
    SectionFile *f;
    assert_true(section_file_memory(b->data, b->n, "a.test", &KIND, &f, &err));
    return f;
}

static void assert_refused(const Bytes *b, const char *id, const char *msg) {
    CvkErr err = {0};
    SectionFile *f;
    assert_false(section_file_memory(b->data, b->n, "a.test", &KIND, &f, &err));
    assert_string_equal(err.id, id);
    assert_string_equal(err.msg, msg);
}

/* ---- reading ---- */

static void sections_are_found_in_any_order(void **state) {
    (void)state;
    CvkErr err;
    CvkSource s;
    char got[8] = "";
    Bytes b = sample();

    SectionFile *f = open_bytes(&b);

    assert_true(section_need(f, 1, 4, &s, &err));
    assert_int_equal(s.from, 43);
    assert_true(section_need(f, 2, ANY_SIZE, &s, &err));
    assert_true(cvk_source_read(&s, 0, got, 7, &err));
    assert_string_equal(got, "points!");
    assert_true(section_find(f, 9, &s));
    assert_false(section_find(f, 4, &s));
    section_file_close(f);
}

static void a_file_of_another_kind_is_called_so(void **state) {
    (void)state;
    static const char *const kinds[] = {"ptau", "zkey", "r1cs", "wtns"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char msg[80];
        CvkErr err;
        SectionFile *f;
        Bytes b = sample();
        memcpy(b.data, kinds[i], 4);
        snprintf(msg, sizeof msg,
                 "a.test: offset 0: it is a .%s file, where a .test file is wanted", kinds[i]);

        assert_false(section_file_memory(b.data, b.n, "a.test", &KIND, &f, &err));

        assert_string_equal(err.id, "file.magic");
        assert_string_equal(err.msg, msg);
        assert_string_equal(section_magic(b.data), kinds[i]);
    }
    assert_null(section_magic((const uint8_t *)"test"));
}

static void what_the_container_says_wrongly_is_refused_where_it_stands(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint8_t byte;
        const char *id, *msg;
    } changes[] = {
        {0, 'T', "file.magic", "a.test: offset 0: it does not begin as a .test file does"},
        {4, 0, "file.version", "a.test: offset 4: version 0 of .test is not known (1 to 2 are)"},
        {4, 3, "file.version", "a.test: offset 4: version 3 of .test is not known (1 to 2 are)"},
        {8, 2, "file.trailing", "a.test: offset 47: 13 bytes follow the last section"},
        {8, 4, "file.truncated", "a.test: offset 60: it ends after 3 of its 4 sections"},
        {8, 65, "file.sections", "a.test: offset 8: it says that it has 65 sections"},
        {16, 6, "file.truncated",
         "a.test: offset 30: section 289 (unknown) says that it has 1024 bytes, but only "
         "18 follow"},
        {31, 2, "section.twice", "a.test: offset 31: section 2 (points) is there twice"},
        {23, 0x80, "file.truncated",
         "a.test: offset 12: section 2 (points) says that it has 9223372036854775815 bytes, but "
         "only 36 follow"},
        {51, 2, "file.truncated", NULL},
        {54, 1, "file.truncated", NULL},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        CvkErr err = {0};
        SectionFile *f;
        Bytes b = sample();
        b.data[changes[i].at] = changes[i].byte;

        assert_false(section_file_memory(b.data, b.n, "a.test", &KIND, &f, &err));

        assert_string_equal(err.id, changes[i].id);
        if (changes[i].msg != NULL)
            assert_string_equal(err.msg, changes[i].msg);
    }
}

static void a_file_that_is_cut_is_refused_wherever_it_is_cut(void **state) {
    (void)state;
    Bytes b = sample();

    for (size_t n = 0; n < b.n; n++) {
        CvkErr err = {0};
        SectionFile *f;
        assert_false(section_file_memory(b.data, n, "a.test", &KIND, &f, &err));
        assert_string_equal(err.id, "file.truncated");
    }
}

static void bytes_behind_the_last_section_are_refused(void **state) {
    (void)state;
    Bytes b = sample();
    add(&b, "", 1);

    assert_refused(&b, "file.trailing", "a.test: offset 60: 1 bytes follow the last section");
}

static void as_many_sections_as_the_limit_can_be_and_no_more(void **state) {
    (void)state;
    Bytes b = {.n = 0};
    add_head(&b, "test", 1, LIMIT_SECTIONS);
    for (uint32_t i = 0; i < LIMIT_SECTIONS; i++)
        add_section(&b, 100 + i, "");

    section_file_close(open_bytes(&b));

    b.data[8]++;
    add_section(&b, 99, "");
    assert_refused(&b, "file.sections", "a.test: offset 8: it says that it has 65 sections");
}

static void a_section_that_is_needed_is_there_and_of_its_size(void **state) {
    (void)state;
    CvkErr err;
    CvkSource s;
    Bytes b = sample();
    SectionFile *f = open_bytes(&b);

    assert_false(section_need(f, 4, ANY_SIZE, &s, &err));
    assert_string_equal(err.id, "section.missing");
    assert_string_equal(err.msg, "a.test: section 4 (more) is missing");
    assert_string_equal(err.place.file, "a.test");
    assert_false(err.place.exact);
    assert_false(section_need(f, 2, 8, &s, &err));
    assert_string_equal(err.id, "section.size");
    assert_string_equal(err.msg,
                        "a.test: section 2 (points), offset 24: it has 7 bytes instead of 8");
    section_file_close(f);
}

static void a_cursor_never_leaves_its_section(void **state) {
    (void)state;
    CvkErr err;
    SectionCursor c;
    uint32_t v;
    uint8_t byte;
    Bytes b = sample();
    SectionFile *f = open_bytes(&b);
    assert_true(section_cursor(f, 2, &c, &err));

    assert_true(section_take_u32(&c, &v, "a number", &err));
    assert_int_equal(v, 'p' | 'o' << 8 | 'i' << 16 | 'n' << 24);
    assert_false(section_end(&c, &err));
    assert_string_equal(err.id, "section.long");
    assert_false(section_take_u32(&c, &v, "a number", &err));
    assert_string_equal(err.id, "section.short");
    assert_string_equal(err.msg, "a.test: section 2 (points), offset 28: it ends inside a number");
    assert_string_equal(err.place.file, "a.test");
    assert_int_equal(err.place.section, 2);
    assert_int_equal(err.place.offset, 28);
    while (section_left(&c) != 0)
        assert_true(section_take_u8(&c, &byte, "a byte", &err));
    assert_true(section_end(&c, &err));
    assert_int_equal(byte, '!');
    section_file_close(f);
}

static void a_pipe_is_not_read(void **state) {
    CvkErr err;
    SectionFile *f;
    char path[512];
    assert_int_equal(mkfifo(scratch_path(*state, path, "pipe"), 0600), 0);

    assert_false(section_file_open(path, &KIND, &f, &err));

    assert_string_equal(err.id, "file.kind");
}

/* ---- writing ---- */

static void write_text(SectionWriter *w, uint32_t type, const char *text) {
    CvkErr err;
    CvkSink to;
    assert_true(section_writer_begin(w, type, &to, &err));
    assert_true(cvk_sink_write(&to, text, strlen(text), &err));
}

static void what_is_written_is_read_byte_for_byte(void **state) {
    CvkErr err;
    SectionWriter *w;
    SectionFile *f;
    char path[512];
    Bytes want = sample();
    _cleanup_buf_ CvkBuf got = CVK_BUF(4096);
    assert_true(section_writer_open(scratch_path(*state, path, "a"), &KIND, 3, &w, &err));

    write_text(w, 2, "points!");
    write_text(w, 1, "head");
    write_text(w, 9, "?");
    assert_false(cvk_file_exists(path));
    assert_true(section_writer_commit(w, &err));

    assert_true(cvk_file_read(path, &got, &err));
    assert_int_equal(got.n, want.n);
    assert_memory_equal(got.data, want.data, want.n);
    assert_true(section_file_open(path, &KIND, &f, &err));
    assert_string_equal(section_file_name(f), path);
    assert_int_equal(section_file_bytes(f), want.n);
    assert_int_equal(section_file_version(f), 1);
    section_file_close(f);
}

static void a_written_section_can_be_read_before_the_commit(void **state) {
    CvkErr err;
    SectionWriter *w;
    CvkSource s;
    char path[512], got[8] = "";
    assert_true(section_writer_open(scratch_path(*state, path, "a"), &KIND, 3, &w, &err));
    write_text(w, 2, "points!");
    write_text(w, 1, "head");

    assert_true(section_writer_read(w, 2, &s, &err));
    assert_int_equal(s.n, 7);
    assert_true(cvk_source_read(&s, 0, got, 7, &err));
    assert_string_equal(got, "points!");
    assert_true(section_writer_read(w, 1, &s, &err));
    assert_int_equal(s.n, 4);

    write_text(w, 9, "?");
    assert_true(section_writer_commit(w, &err));
    SectionFile *f;
    assert_true(section_file_open(path, &KIND, &f, &err));
    section_file_close(f);
}

static void an_abandoned_file_leaves_nothing(void **state) {
    CvkErr err;
    SectionWriter *w;
    Scratch *s = *state;
    char path[512];
    bool empty;
    assert_true(section_writer_open(scratch_path(s, path, "a"), &KIND, 2, &w, &err));
    write_text(w, 1, "head");

    assert_null(section_writer_abandon(w));

    assert_true(cvk_dir_empty(s->dir, &empty, &err));
    assert_true(empty);
    assert_null(section_writer_abandon(NULL));
}

static void a_section_is_copied_from_another_file(void **state) {
    CvkErr err;
    SectionWriter *w;
    CvkSource source;
    char path[512], got[8] = "";
    Bytes b = sample();
    SectionFile *from = open_bytes(&b), *f;
    assert_true(section_writer_open(scratch_path(*state, path, "a"), &KIND, 1, &w, &err));

    assert_false(section_copy(w, from, 4, &err));
    assert_string_equal(err.id, "section.missing");
    assert_true(section_copy(w, from, 2, &err));

    assert_true(section_writer_commit(w, &err));
    section_file_close(from);
    assert_true(section_file_open(path, &KIND, &f, &err));
    assert_true(section_need(f, 2, 7, &source, &err));
    assert_true(cvk_source_read(&source, 0, got, 7, &err));
    assert_string_equal(got, "points!");
    section_file_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(sections_are_found_in_any_order),
        TEST(a_file_of_another_kind_is_called_so),
        TEST(what_the_container_says_wrongly_is_refused_where_it_stands),
        TEST(a_file_that_is_cut_is_refused_wherever_it_is_cut),
        TEST(bytes_behind_the_last_section_are_refused),
        TEST(as_many_sections_as_the_limit_can_be_and_no_more),
        TEST(a_section_that_is_needed_is_there_and_of_its_size),
        TEST(a_cursor_never_leaves_its_section),
        TEST_SCRATCH(a_pipe_is_not_read),
        TEST_SCRATCH(what_is_written_is_read_byte_for_byte),
        TEST_SCRATCH(a_written_section_can_be_read_before_the_commit),
        TEST_SCRATCH(an_abandoned_file_leaves_nothing),
        TEST_SCRATCH(a_section_is_copied_from_another_file),
    };
    return cmocka_run_group_tests_name("format/sections", tests, NULL, NULL);
}
