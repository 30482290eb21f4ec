#include "support/test.h"

#include "base/hex.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "store/blob.h"
#include "support/scratch.h"

#include <dirent.h>
#include <sys/stat.h>

static int begin(void **state) {
    static Scratch s;
    scratch_make(&s);
    assert_true(blob_dirs_make(s.dir, NULL));
    *state = &s;
    return 0;
}

static int end(void **state) {
    scratch_remove(*state);
    return 0;
}

static BlobWriter *writer_with(const Scratch *s, const char *text) {
    BlobWriter *w = blob_writer_new(s->dir, 1000, NULL);
    assert_non_null(w);
    assert_true(blob_write(w, text, strlen(text), NULL));
    return w;
}

static void keep(const Scratch *s, const char *text, uint8_t ret_hash[32]) {
    int fd;
    BlobWriter *w = writer_with(s, text);
    assert_true(blob_seal(w, ret_hash, &fd, NULL));
    assert_true(blob_keep(w, NULL));
    blob_writer_free(w);
}

static void reads_as(const Scratch *s, const uint8_t hash[32], const char *text) {
    char got[100];
    uint64_t size;
    int fd;
    CvkErr err = {0};
    if (!blob_open(s->dir, hash, &fd, &size, &err))
        fail_msg("%s: %s", err.id, err.msg);
    assert_int_equal(size, strlen(text));
    assert_int_equal(read(fd, got, sizeof got), strlen(text));
    assert_memory_equal(got, text, strlen(text));
    close(fd);
}

static size_t entries_of(const Scratch *s, const char *name) {
    char path[512];
    size_t n = 0;
    DIR *d = opendir(scratch_path(s, path, name));
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        n += e->d_name[0] != '.' ? 1 : 0;
    closedir(d);
    return n;
}

static void a_kept_blob_is_found_by_the_hash_of_its_contents(void **state) {
    uint8_t hash[32], expected[32];
    cvk_sha256("hello", 5, expected);

    keep(*state, "hello", hash);

    assert_memory_equal(hash, expected, 32);
    reads_as(*state, expected, "hello");
    assert_int_equal(entries_of(*state, "tmp"), 0);
}

static void pieces_make_one_blob(void **state) {
    uint8_t hash[32], expected[32];
    int fd;
    BlobWriter *w = writer_with(*state, "hel");
    assert_true(blob_write(w, "", 0, NULL));
    assert_true(blob_write(w, "lo", 2, NULL));
    assert_true(blob_seal(w, hash, &fd, NULL));
    assert_true(blob_keep(w, NULL));
    blob_writer_free(w);

    cvk_sha256("hello", 5, expected);
    assert_memory_equal(hash, expected, 32);
}

static void an_empty_blob_is_a_blob(void **state) {
    uint8_t hash[32];

    keep(*state, "", hash);

    reads_as(*state, hash, "");
}

static void a_sealed_blob_can_be_read_from_its_beginning(void **state) {
    uint8_t hash[32];
    char got[10];
    int fd;
    BlobWriter *w = writer_with(*state, "hello");

    assert_true(blob_seal(w, hash, &fd, NULL));

    assert_int_equal(read(fd, got, sizeof got), 5);
    assert_memory_equal(got, "hello", 5);
    assert_true(blob_keep(w, NULL));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(read(fd, got, sizeof got), 5);
    blob_writer_free(w);
}

static void its_path_is_two_digits_and_the_hash(void **state) {
    const Scratch *s = *state;
    uint8_t hash[32];
    char path[LIMIT_PATH], expected[512], digits[65];
    struct stat st;
    keep(s, "hello", hash);
    cvk_hex_encode(hash, 32, digits);

    blob_path(s->dir, hash, path, sizeof path);

    snprintf(expected, sizeof expected, "%s/blobs/%.2s/%s", s->dir, digits, digits);
    assert_string_equal(path, expected);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    *strrchr(path, '/') = '\0';
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static void a_path_that_does_not_fit_is_empty(void **state) {
    const Scratch *s = *state;
    const uint8_t hash[32] = {0};
    char path[60];

    blob_path(s->dir, hash, path, sizeof path);

    assert_string_equal(path, "");
}

static void the_directories_are_private(void **state) {
    char path[512];
    struct stat st;

    assert_int_equal(stat(scratch_path(*state, path, "blobs"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat(scratch_path(*state, path, "tmp"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_true(blob_dirs_make(((const Scratch *)*state)->dir, NULL));
}

static void what_is_there_already_may_be_kept_again(void **state) {
    uint8_t first[32], second[32];
    keep(*state, "hello", first);

    keep(*state, "hello", second);

    assert_memory_equal(first, second, 32);
    reads_as(*state, first, "hello");
    assert_int_equal(entries_of(*state, "tmp"), 0);
}

static void what_is_not_kept_leaves_nothing(void **state) {
    uint8_t hash[32], never[32];
    uint64_t size;
    int fd;
    BlobWriter *w = writer_with(*state, "hello");
    assert_int_equal(entries_of(*state, "tmp"), 1);
    assert_true(blob_seal(w, hash, &fd, NULL));

    assert_null(blob_writer_free(w));

    cvk_sha256("hello", 5, never);
    assert_int_equal(entries_of(*state, "tmp"), 0);
    assert_false(blob_open(((const Scratch *)*state)->dir, never, &fd, &size, NULL));
}

static void nothing_is_freed_without_harm(void **state) {
    (void)state;
    assert_null(blob_writer_free(NULL));
}

static void a_blob_has_a_greatest_size(void **state) {
    const Scratch *s = *state;
    CvkErr err = {0};
    BlobWriter *w = blob_writer_new(s->dir, 5, NULL);
    assert_true(blob_write(w, "hell", 4, NULL));

    assert_false(blob_write(w, "o!", 2, &err));

    assert_string_equal(err.id, "blob.big");
    assert_int_equal(err.code, CVK_ELIMIT);
    assert_true(blob_write(w, "o", 1, NULL));
    assert_false(blob_write(w, "", 1, NULL));
    blob_writer_free(w);
}

static void the_leftovers_of_a_crash_are_cleared_and_no_blob(void **state) {
    const Scratch *s = *state;
    char path[512];
    uint8_t hash[32];
    keep(s, "hello", hash);
    fclose(fopen(scratch_path(s, path, "tmp/blob.aBcDeF"), "w"));
    fclose(fopen(scratch_path(s, path, "tmp/blob.gHiJkL"), "w"));

    blob_tmp_clear(s->dir);

    assert_int_equal(entries_of(s, "tmp"), 0);
    reads_as(s, hash, "hello");
}

static void clearing_what_is_not_there_does_nothing(void **state) {
    (void)state;
    blob_tmp_clear("/nonexistent/directory");
}

static void an_unknown_blob_is_not_found(void **state) {
    const Scratch *s = *state;
    const uint8_t hash[32] = {1};
    uint64_t size;
    CvkErr err = {0};
    int fd;

    assert_false(blob_open(s->dir, hash, &fd, &size, &err));

    assert_string_equal(err.id, "blob.none");
    assert_int_equal(err.code, CVK_ENOTFOUND);
}

/* Puts something else where the blob `hash` should be. */
static void replace_by(const Scratch *s, const uint8_t hash[32], char kind) {
    char path[LIMIT_PATH];
    blob_path(s->dir, hash, path, sizeof path);
    assert_int_equal(unlink(path), 0);
    if (kind == 'd')
        assert_int_equal(mkdir(path, 0700), 0);
    else if (kind == 'l')
        assert_int_equal(symlink("../../secret", path), 0);
    else
        assert_int_equal(mkfifo(path, 0600), 0);
}

static void only_a_plain_file_is_a_blob(void **state) {
    const Scratch *s = *state;
    for (const char *kind = "dlf"; *kind != '\0'; kind++) {
        uint8_t hash[32];
        uint64_t size;
        char text[2] = {*kind, '\0'}, path[512];
        int fd;
        fclose(fopen(scratch_path(s, path, "secret"), "w"));
        keep(s, text, hash);
        replace_by(s, hash, *kind);

        assert_false(blob_open(s->dir, hash, &fd, &size, NULL));
    }
}

static void without_its_directory_there_is_no_writer(void **state) {
    (void)state;
    CvkErr err = {0};

    assert_null(blob_writer_new("/nonexistent/directory", 10, &err));

    assert_string_equal(err.id, "blob.create");
}

static void a_blob_that_cannot_be_named_is_not_kept(void **state) {
    const Scratch *s = *state;
    char path[512];
    uint8_t hash[32];
    int fd;
    BlobWriter *w = writer_with(s, "hello");
    assert_true(blob_seal(w, hash, &fd, NULL));
    assert_int_equal(rmdir(scratch_path(s, path, "blobs")), 0);
    fclose(fopen(path, "w"));

    assert_false(blob_keep(w, NULL));
    blob_writer_free(w);

    assert_int_equal(entries_of(s, "tmp"), 0);
}

#define BLOB(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        BLOB(a_kept_blob_is_found_by_the_hash_of_its_contents),
        BLOB(pieces_make_one_blob),
        BLOB(an_empty_blob_is_a_blob),
        BLOB(a_sealed_blob_can_be_read_from_its_beginning),
        BLOB(its_path_is_two_digits_and_the_hash),
        BLOB(a_path_that_does_not_fit_is_empty),
        BLOB(the_directories_are_private),
        BLOB(what_is_there_already_may_be_kept_again),
        BLOB(what_is_not_kept_leaves_nothing),
        BLOB(nothing_is_freed_without_harm),
        BLOB(a_blob_has_a_greatest_size),
        BLOB(the_leftovers_of_a_crash_are_cleared_and_no_blob),
        BLOB(clearing_what_is_not_there_does_nothing),
        BLOB(an_unknown_blob_is_not_found),
        BLOB(only_a_plain_file_is_a_blob),
        BLOB(without_its_directory_there_is_no_writer),
        BLOB(a_blob_that_cannot_be_named_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
