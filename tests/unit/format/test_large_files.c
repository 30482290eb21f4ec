/* Files of more than 4 GiB from end to end, through the writers and readers that all files go
 * through. What is written is zeros but around the places where 32 bits end, and holes are made of
 * the zeros while the writer goes on: it takes seconds, and no room on the disk. */
#define _GNU_SOURCE /* fallocate, of which a file system may have no holes to offer */
#include "base/limits.h"
#include "format/sections.h"
#include "support/test.h"

#include "support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define FOUR_GIB ((uint64_t)1 << 32)
#define LARGE (FOUR_GIB + 12345)
#define WINDOW 4096             /* bytes on both sides of a place that are no zeros */
#define STEP ((size_t)16 << 20) /* how much may lie on the disk at once, about */

/* ---- bytes that are made when they are read ---- */

typedef struct {
    int file;           /* what they are written to */
    uint64_t begins_at; /* in it */
    uint64_t clean;     /* up to here it has been made holes */
} Stream;

static uint64_t above(uint64_t at, uint64_t by) {
    return at > by ? at - by : 0;
}

/* Fills what lies in [at, at + n) of the bytes around `place`. */
static void put_window(uint64_t place, uint64_t at, uint8_t *ret, size_t n) {
    uint64_t from = above(place, WINDOW), to = place + WINDOW;
    if (from < at)
        from = at;
    for (uint64_t i = from; i < to && i < at + n; i++)
        ret[i - at] = (uint8_t)(1 + i % 251);
}

static void make_bytes(uint64_t at, uint8_t *ret, size_t n) {
    memset(ret, 0, n);
    put_window(0, at, ret, n);
    put_window(FOUR_GIB, at, ret, n);
    put_window(LARGE, at, ret, n);
}

static void make_hole(Stream *s, uint64_t to) {
    bool window = s->clean <= FOUR_GIB + WINDOW && to >= FOUR_GIB - WINDOW;
    if (!window && fallocate(s->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                             (off_t)(s->begins_at + s->clean), (off_t)(to - s->clean)) != 0)
        fail_msg("no hole at %llu: %s", (unsigned long long)s->clean, strerror(errno));
    s->clean = to;
}

/* Whoever asks for the bytes at `at` has written those before them, but for what a buffer holds. */
static bool stream_read(const void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err) {
    Stream *s = *(Stream *const *)ctx;
    (void)err;
    if (at > s->clean + 2 * STEP)
        make_hole(s, at - STEP);
    make_bytes(at, ret, n);
    return true;
}

/* ---- the file that is being written ---- */

/* Under whatever name it has for now: it is alone in its directory. */
static int open_only_file(const char *dir) {
    int fd = -1;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        if (e->d_name[0] != '.')
            fd = openat(dirfd(d), e->d_name, O_RDWR | O_CLOEXEC);
    closedir(d);
    assert_true(fd >= 0);
    return fd;
}

static void skip_without_holes(const Scratch *dir) {
    char path[512];
    int fd = open(scratch_path(dir, path, "probe"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    bool holes = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, WINDOW) == 0;
    close(fd);
    unlink(path);
    if (holes)
        return;
    print_message("# SKIP: this file system makes no holes in files\n");
    skip();
}

/* LARGE bytes to a sink, behind `begins_at` bytes that have been written. */
static void write_large(const CvkSink *to, int fd, uint64_t begins_at) {
    CvkErr err = {0};
    Stream s = {.file = fd, .begins_at = begins_at, .clean = WINDOW}, *stream = &s;
    const CvkSource from = {.read = stream_read, .ctx = &stream, .n = LARGE};
    if (!cvk_source_copy(&from, to, &err))
        fail_msg("%s", err.msg);
}

static void assert_bytes(const CvkSource *s, uint64_t at, size_t n) {
    static uint8_t got[4 * WINDOW], want[4 * WINDOW];
    CvkErr err = {0};
    assert_true(n <= sizeof got);
    if (!cvk_source_read(s, at, got, n, &err))
        fail_msg("%s", err.msg);
    make_bytes(at, want, n);
    assert_memory_equal(got, want, n);
}

static void assert_large(const CvkSource *s) {
    assert_true(s->n == LARGE);
    assert_bytes(s, 0, 2 * WINDOW);
    assert_bytes(s, LARGE - FOUR_GIB, 4 * WINDOW); /* where its end would be in 32 bits */
    assert_bytes(s, FOUR_GIB / 2 - WINDOW, 2 * WINDOW);
    assert_bytes(s, FOUR_GIB - 2 * WINDOW, 4 * WINDOW);
    assert_bytes(s, LARGE - 2 * WINDOW, 2 * WINDOW);
}

static void assert_small_disk(const char *path) {
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_true((uint64_t)st.st_blocks * 512 < 16 * (uint64_t)STEP);
}

/* ---- sections: .ptau, .zkey ---- */

static const char *const names[] = {[1] = "header", [2] = "points", [4] = "more"};
static const SectionKind KIND = {
    .magic = "test", .version_max = 1, .version_written = 1, .names = names, .types_n = 5};

static void write_text(SectionWriter *w, uint32_t type, const char *text) {
    CvkErr err;
    CvkSink to;
    assert_true(section_writer_begin(w, type, &to, &err));
    assert_true(cvk_sink_write(&to, text, strlen(text), &err));
}

static void assert_text(const CvkSource *s, const char *text) {
    CvkErr err;
    char got[16] = "";
    assert_true(s->n == strlen(text));
    assert_true(cvk_source_read(s, 0, got, strlen(text), &err));
    assert_string_equal(got, text);
}

static void a_section_of_more_than_4_gib_is_written_and_read(void **state) {
    CvkErr err;
    SectionWriter *w;
    SectionFile *f;
    CvkSink to;
    CvkSource s;
    char path[512];
    const Scratch *dir = *state;
    skip_without_holes(dir);
    assert_true(section_writer_open(scratch_path(dir, path, "a"), &KIND, 3, &w, &err));
    int fd = open_only_file(dir->dir);

    write_text(w, 1, "head");
    assert_true(section_writer_begin(w, 2, &to, &err));
    write_large(&to, fd, 12 + 12 + 4 + 12);
    write_text(w, 4, "behind");

    /* again before the commit */
    assert_true(section_writer_read(w, 2, &s, &err));
    assert_large(&s);
    assert_true(section_writer_read(w, 4, &s, &err));
    assert_text(&s, "behind");
    assert_true(section_writer_commit(w, &err));
    close(fd);
    assert_small_disk(path);

    if (!section_file_open(path, &KIND, &f, &err))
        fail_msg("%s", err.msg);
    assert_true(section_file_bytes(f) == 12 + (12 + 4) + (12 + LARGE) + (12 + 6));
    assert_true(section_need(f, 2, LARGE, &s, &err));
    assert_true(s.from == 12 + 12 + 4 + 12);
    assert_large(&s);
    assert_true(section_need(f, 4, 6, &s, &err));
    assert_true(s.from == 12 + (12 + 4) + (12 + LARGE) + 12);
    assert_text(&s, "behind");
    section_file_close(f);
}

/* ---- files without sections: challenges, responses, bellman's ---- */

static void a_file_of_more_than_4_gib_is_written_and_read(void **state) {
    CvkErr err;
    CvkFileOut out;
    CvkFileIn in;
    CvkSource s;
    char path[512];
    const Scratch *dir = *state;
    skip_without_holes(dir);
    assert_true(cvk_file_out_open(&out, scratch_path(dir, path, "a"), 0644, &err));
    int fd = open_only_file(dir->dir);
    CvkSink to = cvk_sink_file(&out);

    write_large(&to, fd, 0);
    assert_true(cvk_sink_write(&to, "behind", 6, &err));

    assert_true(cvk_file_out_read(&out, 0, LARGE, &s, &err));
    assert_large(&s);
    assert_true(cvk_file_out_commit(&out, &err));
    close(fd);
    assert_small_disk(path);

    assert_true(cvk_file_in_open(&in, path, &err));
    const CvkSource all = cvk_file_in_bytes(&in);
    assert_true(all.n == LARGE + 6);
    s = cvk_source_part(&all, 0, LARGE);
    assert_large(&s);
    s = cvk_source_part(&all, LARGE, 6);
    assert_text(&s, "behind");
    cvk_file_in_close(&in);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST_SCRATCH(a_section_of_more_than_4_gib_is_written_and_read),
        TEST_SCRATCH(a_file_of_more_than_4_gib_is_written_and_read),
    };
    return cmocka_run_group_tests_name("format/large_files", tests, NULL, NULL);
}
