#include "base/file.h"
#include "support/test.h"

#include "support/scratch.h"

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Does `work` in a process of its own; returns how that ended (waitpid). */
static int in_a_child(void (*work)(const Scratch *s, int number), const Scratch *s, int number) {
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(number, SIG_DFL); /* whoever runs the tests may ignore it, as nohup does */
        work(s, number);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void need(bool ok) {
    if (!ok)
        _exit(99);
}

static void begin_a_file(const Scratch *s, CvkFileOut *out) {
    char path[512];
    need(cvk_file_out_open(out, scratch_path(s, path, "out"), 0644, NULL));
    need(fputs("half of it", out->f) >= 0);
}

static void write_and_be_ended(const Scratch *s, int number) {
    CvkFileOut out;
    cvk_temporary_watch();
    begin_a_file(s, &out);
    raise(number);
}

static void a_signal_removes_what_is_being_written_and_ends_the_program(void **state) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        int status = in_a_child(write_and_be_ended, *state, signals[i]);

        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        assert_int_equal(scratch_count(*state), 0);
    }
}

static void an_old_output_stays_as_it_was(void **state) {
    char path[512];
    struct stat st;
    scratch_path(*state, path, "out");
    assert_true(cvk_file_write(path, "old", 3, 0644, NULL));

    int status = in_a_child(write_and_be_ended, *state, SIGINT);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(scratch_count(*state), 1);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 3);
}

static void finish_and_be_ended(const Scratch *s, int number) {
    CvkFileOut out;
    char other[512];
    cvk_temporary_watch();
    begin_a_file(s, &out);
    need(cvk_file_out_commit(&out, NULL));
    need(cvk_file_write(scratch_path(s, other, "other"), "x", 1, 0644, NULL));
    raise(number);
}

static void what_is_complete_stays(void **state) {
    int status = in_a_child(finish_and_be_ended, *state, SIGTERM);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(scratch_count(*state), 2);
}

static void make_a_directory_and_be_ended(const Scratch *s, int number) {
    char dir[512], file[512];
    CvkTemporary listed[2];
    cvk_temporary_watch();
    cvk_temporary_begin(&listed[0]);
    need(mkdir(scratch_path(s, dir, "dir"), 0700) == 0);
    cvk_temporary_list(&listed[0], dir);
    cvk_temporary_begin(&listed[1]);
    need(cvk_file_write(scratch_path(s, file, "dir/a"), "x", 1, 0600, NULL));
    cvk_temporary_list(&listed[1], file);
    raise(number);
}

static void a_directory_goes_with_what_is_in_it(void **state) {
    int status = in_a_child(make_a_directory_and_be_ended, *state, SIGINT);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(scratch_count(*state), 0);
}

static void ignore_and_be_signalled(const Scratch *s, int number) {
    CvkFileOut out;
    signal(number, SIG_IGN);
    cvk_temporary_watch();
    begin_a_file(s, &out);
    raise(number);
    need(cvk_file_out_commit(&out, NULL));
}

static void a_signal_that_is_ignored_stays_so(void **state) {
    int status = in_a_child(ignore_and_be_signalled, *state, SIGHUP);

    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(scratch_count(*state), 1);
}

static void be_signalled_while_it_is_made(const Scratch *s, int number) {
    char path[512];
    CvkTemporary listed;
    cvk_temporary_watch();
    cvk_temporary_begin(&listed);
    raise(number); /* waits */
    FILE *f = fopen(scratch_path(s, path, "a"), "wb");
    need(f != NULL);
    cvk_temporary_list(&listed, path);
}

static void a_signal_between_making_and_naming_removes_it_too(void **state) {
    int status = in_a_child(be_signalled_while_it_is_made, *state, SIGTERM);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(scratch_count(*state), 0);
}

static void *begin_and_never_list(void *begun) {
    CvkTemporary t;
    cvk_temporary_begin(&t);
    pthread_barrier_wait(begun);
    for (;;)
        pause();
    return NULL;
}

static void be_ended_while_another_thread_hangs(const Scratch *s, int number) {
    CvkFileOut out;
    pthread_t thread;
    pthread_barrier_t begun;
    cvk_temporary_watch();
    begin_a_file(s, &out);
    need(pthread_barrier_init(&begun, NULL, 2) == 0 &&
         pthread_create(&thread, NULL, begin_and_never_list, &begun) == 0);
    pthread_barrier_wait(&begun);
    raise(number);
}

static void a_thread_that_never_gets_done_does_not_keep_the_program(void **state) {
    int status = in_a_child(be_ended_while_another_thread_hangs, *state, SIGTERM);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(scratch_count(*state), 0);
}

static void end_a_child_of_its_own(const Scratch *s, int number) {
    CvkFileOut out;
    int status = 0;
    cvk_temporary_watch();
    begin_a_file(s, &out);
    pid_t child = fork();
    if (child == 0) {
        raise(number);
        _exit(0);
    }
    need(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    need(cvk_file_exists(out.temporary) && cvk_file_out_commit(&out, NULL));
}

static void a_child_s_end_removes_nothing_of_its_parent(void **state) {
    int status = in_a_child(end_a_child_of_its_own, *state, SIGTERM);

    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(scratch_count(*state), 1);
}

static void write_many_and_be_ended(const Scratch *s, int number) {
    CvkFileOut out[40];
    char name[16], path[512];
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
        snprintf(name, sizeof name, "%zu", i);
        need(cvk_file_out_open(&out[i], scratch_path(s, path, name), 0644, NULL));
    }
    for (size_t i = 0; i < sizeof out / sizeof *out; i++)
        cvk_file_out_abandon(&out[i]);
    cvk_temporary_watch();
    begin_a_file(s, &out[0]);
    raise(number);
}

static void there_is_room_again_after_many_at_once(void **state) {
    int status = in_a_child(write_many_and_be_ended, *state, SIGINT);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(scratch_count(*state), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST_SCRATCH(a_signal_removes_what_is_being_written_and_ends_the_program),
        TEST_SCRATCH(an_old_output_stays_as_it_was),
        TEST_SCRATCH(what_is_complete_stays),
        TEST_SCRATCH(a_directory_goes_with_what_is_in_it),
        TEST_SCRATCH(a_signal_that_is_ignored_stays_so),
        TEST_SCRATCH(a_signal_between_making_and_naming_removes_it_too),
        TEST_SCRATCH(a_thread_that_never_gets_done_does_not_keep_the_program),
        TEST_SCRATCH(a_child_s_end_removes_nothing_of_its_parent),
        TEST_SCRATCH(there_is_room_again_after_many_at_once),
    };
    return cmocka_run_group_tests_name("base/temporary", tests, NULL, NULL);
}
