/* What a start learns of when the server was last alive. */
#include "base/file.h"
#include "run/alive.h"
#include "support/test.h"

#include "support/scratch.h"

typedef struct {
    Scratch at;
    Alive alive;
} Fixture;

static int setup(void **state) {
    Fixture *f = malloc(sizeof *f);
    scratch_make(&f->at);
    f->alive = (Alive){.fd = -1};
    *state = f;
    return 0;
}

static int teardown(void **state) {
    Fixture *f = *state;
    alive_close(&f->alive);
    scratch_remove(&f->at);
    free(f);
    return 0;
}

static int64_t opened(Fixture *f) {
    int64_t last = -1;
    alive_close(&f->alive);
    assert_true(alive_open(&f->alive, f->at.dir, &last, NULL));
    return last;
}

static void write_file(Fixture *f, const char *text) {
    char path[LIMIT_PATH];
    assert_true(cvk_path(path, f->at.dir, "alive", NULL));
    assert_true(cvk_file_write(path, text, strlen(text), 0600, NULL));
}

static void a_new_directory_says_nothing(void **state) {
    assert_int_equal(opened(*state), 0);
}

static void the_time_that_was_told_comes_back(void **state) {
    Fixture *f = *state;
    opened(f);

    alive_tell(&f->alive, 1700000000123);

    assert_int_equal(opened(f), 1700000000123);
}

static void it_is_written_once_a_second(void **state) {
    Fixture *f = *state;
    opened(f);
    alive_tell(&f->alive, 1700000000000);

    alive_tell(&f->alive, 1700000000999);
    assert_int_equal(opened(f), 1700000000000);

    alive_tell(&f->alive, 1700000001000);
    assert_int_equal(opened(f), 1700000001000);
}

static void what_is_no_time_says_nothing(void **state) {
    Fixture *f = *state;
    static const char *const bad[] = {"",
                                      "\n",
                                      "17",
                                      "00170000000000x\n",
                                      "999999999999999\n",
                                      "-01700000000000\n",
                                      "001700000000000\n\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_file(f, bad[i]);

        assert_int_equal(opened(f), 0);
    }
}

int main(void) {
#define IN_DIR(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_DIR(a_new_directory_says_nothing),
        IN_DIR(the_time_that_was_told_comes_back),
        IN_DIR(it_is_written_once_a_second),
        IN_DIR(what_is_no_time_says_nothing),
    };
    return cmocka_run_group_tests_name("run/alive", tests, NULL, NULL);
}
