#include "base/secret.h"
#include "support/test.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void secret_memory_comes_zeroed(void **state) {
    (void)state;
    CvkErr err;

    _cleanup_secret_ uint8_t *p = cvk_secret_alloc(100, &err);

    assert_non_null(p);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(p[i], 0);
}

static void too_much_is_an_error(void **state) {
    (void)state;
    CvkErr err = {.code = CVK_OK};

    assert_null(cvk_secret_alloc(SIZE_MAX - 100, &err));

    assert_int_equal(err.code, CVK_EINTERNAL);
    assert_string_equal(err.id, "memory.short");
}

static void freeing_nothing_is_fine(void **state) {
    (void)state;
    assert_null(cvk_secret_free(NULL));
}

/* What a child that calls fn dies of: the signal, or 0 if it lives. */
static int signal_of(void (*fn)(void)) {
    pid_t child = fork();
    if (child == 0) {
        struct sigaction plain = {.sa_handler = SIG_DFL};
        sigaction(SIGSEGV, &plain, NULL);
        fn();
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void read_past_the_end(void) {
    const volatile uint8_t *p = cvk_secret_alloc(64, NULL);
    if (p != NULL)
        (void)p[64];
}

static void read_after_free(void) {
    uint8_t *p = cvk_secret_alloc(64, NULL);
    const volatile uint8_t *seen = p;
    cvk_secret_free(p);
    if (p != NULL)
        (void)seen[0];
}

static void reading_past_the_end_or_after_free_stops_the_program(void **state) {
    (void)state;
    assert_int_not_equal(signal_of(read_past_the_end), 0);
    assert_int_not_equal(signal_of(read_after_free), 0);
}

static void wiping_leaves_zeros(void **state) {
    (void)state;
    uint8_t bytes[64], zeros[64] = {0};
    memset(bytes, 0x5a, sizeof bytes);

    cvk_wipe(bytes, sizeof bytes);

    assert_memory_equal(bytes, zeros, sizeof bytes);
}

static void equal_means_every_byte(void **state) {
    (void)state;
    uint8_t a[33] = {0}, b[33] = {0};

    assert_true(cvk_secret_equal(a, b, sizeof a));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] ^= 0x80;
        assert_false(cvk_secret_equal(a, b, sizeof a));
        b[i] ^= 0x80;
    }
}

static void a_process_can_forbid_images_of_its_memory(void **state) {
    (void)state;
    struct rlimit limit = {.rlim_cur = 1, .rlim_max = 1};

    cvk_secret_no_dumps();

    assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
    assert_int_equal(limit.rlim_cur, 0);
    assert_int_equal(limit.rlim_max, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(secret_memory_comes_zeroed),
        TEST(too_much_is_an_error),
        TEST(freeing_nothing_is_fine),
        TEST(reading_past_the_end_or_after_free_stops_the_program),
        TEST(wiping_leaves_zeros),
        TEST(equal_means_every_byte),
        TEST(a_process_can_forbid_images_of_its_memory),
    };
    return cmocka_run_group_tests_name("base/secret", tests, NULL, NULL);
}
