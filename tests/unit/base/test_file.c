#include "base/file.h"
#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each test has an empty directory of its own: *state is its path. */

static int make_dir(void **state) {
    char template[] = "/tmp/convoke-file-XXXXXX";
    *state = mkdtemp(template) != NULL ? strdup(template) : NULL;
    return *state != NULL ? 0 : -1;
}

/* The number of entries in a directory; removes them as well when `clear`. */
static int entries(const char *path, bool clear) {
    DIR *d = opendir(path);
    assert_non_null(d);
    int n = 0;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] == '.' && (e->d_name[1] == '\0' || e->d_name[1] == '.'))
            continue;
        n++;
        if (clear)
            unlinkat(dirfd(d), e->d_name, e->d_type == DT_DIR ? AT_REMOVEDIR : 0);
    }
    closedir(d);
    return n;
}

static int remove_dir(void **state) {
    entries(*state, true);
    rmdir(*state);
    free(*state);
    return 0;
}

static void assert_holds(const char *path, const char *text) {
    CvkErr err;
    _cleanup_buf_ CvkBuf b = CVK_BUF(1000);
    assert_true(cvk_file_read(path, &b, &err));
    assert_string_equal(cvk_buf_str(&b), text);
}

static void what_is_written_is_read(void **state) {
    CvkErr err;
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, *state, "a", &err));

    assert_true(cvk_file_write(path, "hello", 5, 0644, &err));

    assert_holds(path, "hello");
    assert_int_equal(entries(*state, false), 1);
}

static void an_empty_file_is_a_file(void **state) {
    CvkErr err;
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, *state, "a", &err));
    assert_false(cvk_file_exists(path));

    assert_true(cvk_file_write(path, NULL, 0, 0644, &err));

    assert_true(cvk_file_exists(path));
    assert_holds(path, "");
}

static void permissions_are_exactly_those_asked_for(void **state) {
    CvkErr err;
    char path[LIMIT_PATH];
    struct stat st;
    mode_t old = umask(0077);
    assert_true(cvk_path(path, *state, "a", &err));

    assert_true(cvk_file_write(path, "x", 1, 0600, &err));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);

    assert_true(cvk_file_write(path, "x", 1, 0644, &err));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    umask(old);
}

static void until_the_commit_the_old_file_stands(void **state) {
    CvkErr err;
    CvkFileOut out;
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, *state, "a", &err));
    assert_true(cvk_file_write(path, "old", 3, 0644, &err));

    assert_true(cvk_file_out_open(&out, path, 0644, &err));
    assert_true(fputs("new", out.f) >= 0);
    assert_int_equal(fflush(out.f), 0);
    assert_holds(path, "old");

    assert_true(cvk_file_out_commit(&out, &err));
    assert_holds(path, "new");
    assert_int_equal(entries(*state, false), 1);
}

static void what_can_be_made_again_is_placed_without_the_disk_s_word(void **state) {
    CvkErr err;
    CvkFileOut out;
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, *state, "a", &err));
    assert_true(cvk_file_write(path, "old", 3, 0644, &err));
    assert_true(cvk_file_out_open(&out, path, 0644, &err));
    assert_true(fputs("new", out.f) >= 0);

    assert_true(cvk_file_out_place(&out, &err));

    assert_holds(path, "new");
    assert_int_equal(entries(*state, false), 1);
}

static void abandoning_leaves_the_old_file_and_nothing_else(void **state) {
    CvkErr err;
    CvkFileOut out;
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, *state, "a", &err));
    assert_true(cvk_file_write(path, "old", 3, 0644, &err));

    assert_true(cvk_file_out_open(&out, path, 0644, &err));
    assert_true(fputs("new", out.f) >= 0);
    cvk_file_out_abandon(&out);
    cvk_file_out_abandon(&out);

    assert_holds(path, "old");
    assert_int_equal(entries(*state, false), 1);
}

static void abandoning_after_the_commit_does_nothing(void **state) {
    CvkErr err;
    CvkFileOut out;
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, *state, "a", &err));
    assert_true(cvk_file_out_open(&out, path, 0644, &err));
    assert_true(cvk_file_out_commit(&out, &err));

    cvk_file_out_abandon(&out);

    assert_true(cvk_file_exists(path));
}

static void what_a_crash_left_does_not_hinder_the_next_write(void **state) {
    CvkErr err;
    CvkFileOut crashed;
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, *state, "a", &err));
    assert_true(cvk_file_write(path, "old", 3, 0644, &err));
    assert_true(cvk_file_out_open(&crashed, path, 0644, &err));
    assert_true(fputs("ne", crashed.f) >= 0);
    fclose(crashed.f); /* as if the program had died here */

    assert_holds(path, "old");
    assert_true(cvk_file_write(path, "newer", 5, 0644, &err));

    assert_holds(path, "newer");
    assert_int_equal(entries(*state, false), 2);
    assert_non_null(strstr(crashed.temporary, "/a" CVK_FILE_TEMPORARY));
}

/* A write that failed in the middle, on a disk that has room again at the end, must not be taken
 * for a whole file. The full disk is a limit on file sizes. */
static void a_piece_that_could_not_be_written_fails_the_commit(void **state) {
    CvkErr err = {.code = CVK_OK};
    CvkFileOut out;
    char path[LIMIT_PATH];
    struct rlimit was, little = {.rlim_cur = 4096};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_true(cvk_path(path, *state, "a", &err));
    assert_true(cvk_file_write(path, "old", 3, 0644, &err));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    little.rlim_max = was.rlim_max;

    assert_true(cvk_file_out_open(&out, path, 0644, &err));
    setvbuf(out.f, NULL, _IONBF, 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    for (int i = 0; i < 8192; i++)
        fputc('x', out.f);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    bool ok = cvk_file_out_commit(&out, &err);
    signal(SIGXFSZ, handler);

    assert_false(ok);
    assert_string_equal(err.id, "file.write");
    assert_holds(path, "old");
    assert_int_equal(entries(*state, false), 1);
}

static void a_commit_that_cannot_rename_leaves_nothing(void **state) {
    CvkErr err = {.code = CVK_OK};
    CvkFileOut out;
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, *state, "a", &err));
    assert_true(cvk_file_out_open(&out, path, 0644, &err));
    assert_int_equal(mkdir(path, 0700), 0);

    assert_false(cvk_file_out_commit(&out, &err));

    assert_string_equal(err.id, "file.rename");
    assert_int_equal(entries(*state, false), 1);
}

/* It would be gone (a pipe, a device), or be found in the way only after hours (a directory). */
static void what_is_no_regular_file_is_never_replaced(void **state) {
    CvkErr err = {.code = CVK_OK};
    CvkFileOut out;
    char dir[LIMIT_PATH], pipe[LIMIT_PATH], link[LIMIT_PATH];
    struct stat st;
    assert_true(cvk_path(dir, *state, "dir", &err) && cvk_path(pipe, *state, "pipe", &err) &&
                cvk_path(link, *state, "link", &err));
    assert_int_equal(mkdir(dir, 0700), 0);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(symlink(pipe, link), 0);
    const char *names[] = {dir, pipe, link, "/dev/null"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_false(cvk_file_out_open(&out, names[i], 0644, &err));
        assert_string_equal(err.id, "file.kind");
        assert_null(out.f);
    }

    assert_int_equal(entries(*state, false), 3);
    assert_int_equal(stat(pipe, &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
}

static void that_a_file_can_be_written_is_seen_without_writing(void **state) {
    CvkErr err = {.code = CVK_OK};
    char path[LIMIT_PATH], nowhere[LIMIT_PATH];
    assert_true(cvk_path(path, *state, "a", &err));
    assert_true(cvk_path(nowhere, *state, "none/a", &err));

    assert_true(cvk_file_out_check(path, &err));
    assert_false(cvk_file_out_check(nowhere, &err));

    assert_string_equal(err.id, "file.create");
    assert_int_equal(entries(*state, false), 0);
}

static void a_write_where_there_is_no_directory_is_an_error(void **state) {
    CvkErr err = {.code = CVK_OK};
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, *state, "none/a", &err));

    assert_false(cvk_file_write(path, "x", 1, 0644, &err));

    assert_int_equal(err.code, CVK_EBACKEND);
    assert_string_equal(err.id, "file.create");
}

static void a_file_over_the_cap_is_not_read(void **state) {
    CvkErr err = {.code = CVK_OK};
    char path[LIMIT_PATH];
    _cleanup_buf_ CvkBuf b = CVK_BUF(4);
    assert_true(cvk_path(path, *state, "a", &err));
    assert_true(cvk_file_write(path, "12345", 5, 0644, &err));

    assert_false(cvk_file_read(path, &b, &err));

    assert_int_equal(err.code, CVK_ELIMIT);
    assert_non_null(strstr(err.msg, path));
}

static void a_missing_file_and_a_directory_are_not_read(void **state) {
    CvkErr err = {.code = CVK_OK};
    char path[LIMIT_PATH];
    _cleanup_buf_ CvkBuf b = CVK_BUF(100);
    assert_true(cvk_path(path, *state, "none", &err));

    assert_false(cvk_file_read(path, &b, &err));
    assert_string_equal(err.id, "file.open");

    assert_false(cvk_file_read(*state, &b, &err));
    assert_string_equal(err.id, "file.read");
}

static void too_long_a_path_is_a_limit(void **state) {
    CvkErr err = {.code = CVK_OK};
    CvkFileOut out;
    char name[LIMIT_PATH], path[LIMIT_PATH];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';

    assert_false(cvk_path(path, *state, name, &err));
    assert_int_equal(err.code, CVK_ELIMIT);
    assert_false(cvk_file_out_open(&out, name, 0644, &err));
    assert_int_equal(err.code, CVK_ELIMIT);
}

static void a_directory_may_be_there_already_but_no_file(void **state) {
    CvkErr err = {.code = CVK_OK};
    char path[LIMIT_PATH], file[LIMIT_PATH];
    assert_true(cvk_path(path, *state, "d", &err));
    assert_true(cvk_path(file, *state, "f", &err));
    assert_true(cvk_file_write(file, "x", 1, 0644, &err));

    assert_true(cvk_dir_make(path, 0700, &err));
    assert_true(cvk_dir_make(path, 0700, &err));

    assert_false(cvk_dir_make(file, 0700, &err));
    assert_string_equal(err.id, "dir.make");
}

static void clearing_a_directory_leaves_it_empty(void **state) {
    CvkErr err = {.code = CVK_OK};
    char file[LIMIT_PATH];
    bool empty;
    assert_true(cvk_path(file, *state, "f", &err));
    assert_true(cvk_file_write(file, "x", 1, 0644, &err));
    assert_true(cvk_dir_empty(*state, &empty, &err));
    assert_false(empty);

    cvk_dir_clear(*state);

    assert_true(cvk_dir_empty(*state, &empty, &err));
    assert_true(empty);
    assert_false(cvk_dir_empty(file, &empty, &err));
}

static void of_temporary_files_a_directory_is_cleared_alone(void **state) {
    static const char *const names[] = {"a.json.tmp-a1B2c3", "a.json", "a.tmp-a1", ".tmp-a1B2c3"};
    CvkErr err = {.code = CVK_OK};
    char path[LIMIT_PATH];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(cvk_path(path, *state, names[i], &err));
        assert_true(cvk_file_write(path, "x", 1, 0644, &err));
    }

    cvk_dir_clear_temporary(*state);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(cvk_path(path, *state, names[i], &err));
        assert_int_equal(cvk_file_exists(path), i != 0);
    }
    cvk_dir_clear_temporary("/nonexistent/directory");
}

static void an_empty_directory_is_told_from_a_full_one(void **state) {
    CvkErr err = {.code = CVK_OK};
    bool empty = false;
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, *state, ".hidden", &err));

    assert_true(cvk_dir_empty(*state, &empty, &err));
    assert_true(empty);

    assert_true(cvk_file_write(path, "x", 1, 0644, &err));
    assert_true(cvk_dir_empty(*state, &empty, &err));
    assert_false(empty);

    assert_false(cvk_dir_empty(path, &empty, &err));
    assert_string_equal(err.id, "dir.open");
}

#define TEST_DIR(fn) cmocka_unit_test_setup_teardown(fn, make_dir, remove_dir)

static void the_room_of_a_file_is_what_is_in_it(void **state) {
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, *state, "five", NULL));
    assert_true(cvk_file_write(path, "12345", 5, 0600, NULL));
    FILE *f = fopen(path, "rb"), *endless = fopen("/dev/zero", "rb");
    assert_non_null(f);
    assert_non_null(endless);

    assert_int_equal(cvk_file_room(f, 100), 5);
    assert_int_equal(cvk_file_room(f, 3), 3);
    assert_int_equal(cvk_file_room(endless, 100), 100);

    fclose(f);
    fclose(endless);
}

static void a_secret_is_read_to_its_end_or_as_far_as_there_is_room(void **state) {
    (void)state;
    int ends[2];
    char text[8] = "";
    size_t n;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "secrets", 7), 7);

    assert_true(cvk_file_read_secret(ends[0], "it", text, 4, &n, NULL));
    assert_int_equal(n, 4);
    assert_memory_equal(text, "secr", 4);
    close(ends[1]);
    assert_true(cvk_file_read_secret(ends[0], "it", text, sizeof text, &n, NULL));
    assert_int_equal(n, 3);
    assert_memory_equal(text, "ets", 3);
    close(ends[0]);
}

static void a_secret_that_cannot_be_read_is_named(void **state) {
    (void)state;
    char text[8];
    size_t n;
    CvkErr err;

    assert_false(cvk_file_read_secret(-1, "the file of --key", text, sizeof text, &n, &err));

    assert_string_equal(err.id, "file.read");
    assert_non_null(strstr(err.msg, "the file of --key"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST_DIR(what_is_written_is_read),
        TEST_DIR(an_empty_file_is_a_file),
        TEST_DIR(permissions_are_exactly_those_asked_for),
        TEST_DIR(until_the_commit_the_old_file_stands),
        TEST_DIR(what_can_be_made_again_is_placed_without_the_disk_s_word),
        TEST_DIR(abandoning_leaves_the_old_file_and_nothing_else),
        TEST_DIR(abandoning_after_the_commit_does_nothing),
        TEST_DIR(what_a_crash_left_does_not_hinder_the_next_write),
        TEST_DIR(a_piece_that_could_not_be_written_fails_the_commit),
        TEST_DIR(a_commit_that_cannot_rename_leaves_nothing),
        TEST_DIR(what_is_no_regular_file_is_never_replaced),
        TEST_DIR(that_a_file_can_be_written_is_seen_without_writing),
        TEST_DIR(a_write_where_there_is_no_directory_is_an_error),
        TEST_DIR(a_file_over_the_cap_is_not_read),
        TEST_DIR(a_missing_file_and_a_directory_are_not_read),
        TEST_DIR(too_long_a_path_is_a_limit),
        TEST_DIR(a_directory_may_be_there_already_but_no_file),
        TEST_DIR(clearing_a_directory_leaves_it_empty),
        TEST_DIR(of_temporary_files_a_directory_is_cleared_alone),
        TEST_DIR(an_empty_directory_is_told_from_a_full_one),
        TEST_DIR(the_room_of_a_file_is_what_is_in_it),
        TEST(a_secret_is_read_to_its_end_or_as_far_as_there_is_room),
        TEST(a_secret_that_cannot_be_read_is_named),
    };
    return cmocka_run_group_tests_name("base/file", tests, NULL, NULL);
}
