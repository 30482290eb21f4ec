/* Children that are watched, and ended with their group. */
#include "base/minder.h"

#include "base/clock.h"
#include "support/test.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child, its pipe to us, and the socket of those who want it. */
typedef struct {
    pid_t pid;
    int says[2], wanted[2];
    char heard[64];
    size_t heard_n;
} Child;

/* It writes a word when it leads its group, then does `work`. */
static Child start(void (*work)(int out), bool leads) {
    Child c = {.heard_n = 0};
    char word[2];
    assert_int_equal(pipe(c.says), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, c.wanted), 0);
    c.pid = fork();
    if (c.pid == 0) {
        close(c.wanted[0]);
        close(c.wanted[1]);
        if (leads)
            setpgid(0, 0);
        if (write(c.says[1], "go", 2) == 2)
            work(c.says[1]);
        _exit(7);
    }
    assert_true(c.pid > 0);
    assert_int_equal(read(c.says[0], word, 2), 2);
    close(c.says[1]);
    return c;
}

static void finish(Child *c) {
    close(c->says[0]);
    close(c->wanted[0]);
    if (c->wanted[1] >= 0)
        close(c->wanted[1]);
}

static void end_at_once(int out) {
    (void)out;
}

static void say_hello(int out) {
    _exit(write(out, "hello", 5) == 5 ? 7 : 1);
}

static void sleep_on(int out) {
    (void)out;
    sleep(1000);
}

/* A child of its own holds the pipe as long as it lives. */
static void sleep_with_a_child(int out) {
    if (fork() == 0)
        sleep_on(out);
    sleep_on(out);
}

static ChildWatch watch(const Child *c) {
    return (ChildWatch){
        .child = c->pid, .wanted = c->wanted[0], .deadline_ms = INT64_MAX, .said = -1};
}

static void hang_up(Child *c) {
    close(c->wanted[1]);
    c->wanted[1] = -1;
}

static void one_that_ends_is_noticed_and_waited_for(void **state) {
    (void)state;
    int status = 0;
    Child c = start(end_at_once, true);
    ChildWatch w = watch(&c);

    assert_int_equal(cvk_child_watch(&w), CHILD_ENDED);
    assert_true(cvk_child_end(c.pid, NULL, &status));

    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    assert_int_equal(waitpid(c.pid, NULL, WNOHANG), -1);
    finish(&c);
}

static void one_that_takes_too_long_is_late_and_is_killed(void **state) {
    (void)state;
    int status = 0;
    Child c = start(sleep_on, true);
    ChildWatch w = watch(&c);
    w.deadline_ms = cvk_monotonic_ms() + 20;

    assert_int_equal(cvk_child_watch(&w), CHILD_LATE);
    assert_true(cvk_child_end(c.pid, NULL, &status));

    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    finish(&c);
}

static void one_that_nobody_wants_ends_with_all_of_its_group(void **state) {
    (void)state;
    int status = 0;
    char byte;
    Child c = start(sleep_with_a_child, true);
    ChildWatch w = watch(&c);
    hang_up(&c);

    assert_int_equal(cvk_child_watch(&w), CHILD_UNWANTED);
    assert_true(cvk_child_end(c.pid, NULL, &status));

    assert_int_equal(read(c.says[0], &byte, 1), 0); /* when its own child has gone, too */
    finish(&c);
}

static bool hear(void *ctx) {
    Child *c = ctx;
    ssize_t n = read(c->says[0], c->heard + c->heard_n, sizeof c->heard - c->heard_n - 1);
    c->heard_n += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static void what_it_says_is_heard_meanwhile(void **state) {
    (void)state;
    int status = 0;
    Child c = start(say_hello, true);
    ChildWatch w = watch(&c);
    w.said = c.says[0];
    w.hear = hear;
    w.ctx = &c;

    assert_int_equal(cvk_child_watch(&w), CHILD_ENDED);
    while (hear(&c))
        continue;
    assert_string_equal(c.heard, "hello");
    assert_true(cvk_child_end(c.pid, NULL, &status));
    finish(&c);
}

static unsigned strays_asked;

static void no_strays(void) {
    strays_asked++;
}

/* As if the kernel could not end it: it leads no group of that number. */
static void of_one_that_cannot_be_ended_no_status_is_made_up(void **state) {
    (void)state;
    int status = 42;
    Child c = start(sleep_on, false);

    assert_false(cvk_child_end(c.pid, no_strays, &status));

    assert_int_equal(status, 42);
    assert_true(strays_asked > 0);
    kill(c.pid, SIGKILL);
    assert_int_equal(waitpid(c.pid, NULL, 0), c.pid);
    finish(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_ends_is_noticed_and_waited_for),
        cmocka_unit_test(one_that_takes_too_long_is_late_and_is_killed),
        cmocka_unit_test(one_that_nobody_wants_ends_with_all_of_its_group),
        cmocka_unit_test(what_it_says_is_heard_meanwhile),
        cmocka_unit_test(of_one_that_cannot_be_ended_no_status_is_made_up),
    };
    cvk_minder_begin();
    return cmocka_run_group_tests_name("minder", tests, NULL, NULL);
}
