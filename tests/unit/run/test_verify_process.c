/* Whatever a verifier does, the one who asked gets a verdict and goes on. This program is its own
 * helper: see main. */
#include "base/clock.h"
#include "base/file.h"
#include "base/sha256.h"
#include "run/verify_process.h"
#include "support/test.h"

#include "support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* ---- verifiers that behave badly ---- */

/* `params` of these is any text; the handle is a copy of it. */
static bool open_text(const char *params, void **ret, CvkErr *err) {
    (void)err;
    *ret = strdup(params);
    return *ret != NULL;
}

static void close_text(void *handle) {
    free(handle);
}

#define VERIFY(name)                                                                               \
    static ProofVerdict name(void *handle, const VerifierBatch *batch, const uint8_t *proof,       \
                             size_t n, char why[VERIFIER_WHY_MAX])

VERIFY(verify_abort) {
    (void)handle, (void)batch, (void)proof, (void)n, (void)why;
    fprintf(stderr, "an invariant\ndoes not hold");
    abort();
}

VERIFY(verify_touch_nothing) {
    (void)handle, (void)batch, (void)n, (void)why;
    raise(SIGSEGV);
    return proof[0] == 0 ? PROOF_VALID : PROOF_INVALID;
}

VERIFY(verify_sleep) {
    (void)handle, (void)batch, (void)proof, (void)why;
    for (size_t i = 0; i < n; i++)
        sleep(1000);
    return PROOF_VALID;
}

VERIFY(verify_spin) {
    (void)handle, (void)batch, (void)proof, (void)why;
    for (volatile size_t i = 1; i <= n; i--)
        i += 1;
    return PROOF_VALID;
}

VERIFY(verify_exit) {
    (void)handle, (void)batch, (void)proof, (void)n, (void)why;
    _exit(0);
}

/* Valid, if there is so much memory. */
VERIFY(verify_allocate) {
    (void)handle, (void)batch, (void)proof, (void)n;
    const size_t size = (size_t)256 << 20;
    char *p = malloc(size);
    if (p == NULL) {
        snprintf(why, VERIFIER_WHY_MAX, "no memory");
        return PROOF_ERROR;
    }
    memset(p, 1, size);
    ProofVerdict verdict = p[size / 2] == 1 ? PROOF_VALID : PROOF_INVALID;
    free(p);
    return verdict;
}

/* A child in the group, and one that leaves it: both write their numbers into files `in` and `out`
 * of the directory that the parameters name, and stay. */
static void child_stays(const char *dir, const char *name, bool leaves) {
    char path[LIMIT_PATH], number[32];
    if (fork() != 0)
        return;
    if (leaves)
        setsid();
    snprintf(path, sizeof path, "%s/%s", dir, name);
    snprintf(number, sizeof number, "%d", (int)getpid());
    if (!cvk_file_write(path, number, strlen(number), 0600, NULL))
        _exit(1);
    for (;;)
        pause();
}

static bool has_file(const char *dir, const char *name) {
    char path[LIMIT_PATH];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

VERIFY(verify_fork) {
    (void)batch, (void)proof, (void)n, (void)why;
    child_stays(handle, "in", false);
    child_stays(handle, "out", true);
    while (!has_file(handle, "in") || !has_file(handle, "out"))
        usleep(1000);
    return PROOF_VALID;
}

/* As hostile as a program under the same user may be: its minder gets a signal, and its number goes
 * into the file `minder` of the directory that the parameters name. Children stay. */
static ProofVerdict verify_without_minder(const char *dir, int signal) {
    char path[LIMIT_PATH], number[32];
    child_stays(dir, "in", false);
    child_stays(dir, "out", true);
    while (!has_file(dir, "in") || !has_file(dir, "out"))
        usleep(1000);
    snprintf(path, sizeof path, "%s/minder", dir);
    snprintf(number, sizeof number, "%d", (int)getppid());
    if (!cvk_file_write(path, number, strlen(number), 0600, NULL))
        return PROOF_ERROR;
    kill(getppid(), signal);
    return PROOF_VALID;
}

VERIFY(verify_stop_minder) {
    (void)batch, (void)proof, (void)n, (void)why;
    return verify_without_minder(handle, SIGSTOP);
}

VERIFY(verify_kill_minder) {
    (void)batch, (void)proof, (void)n, (void)why;
    return verify_without_minder(handle, SIGKILL);
}

VERIFY(verify_fork_and_wait) {
    verify_fork(handle, batch, proof, n, why);
    return verify_sleep(handle, batch, proof, n, why);
}

/* Says what it was given, byte for byte. */
VERIFY(verify_echo) {
    char bytes[64] = "";
    ssize_t got = pread(batch->fd, bytes, sizeof bytes - 1, 0);
    snprintf(why, VERIFIER_WHY_MAX, "%s|%s|%s|%d|%d|%.*s|%s", (const char *)handle, batch->name,
             batch->expect, (int)batch->size, (int)got, (int)n, (const char *)proof, bytes);
    return PROOF_INVALID;
}

static bool open_never(const char *params, void **ret, CvkErr *err) {
    (void)ret;
    return cvk_fail(err, CVK_EBADREQ, "test.params", "cannot use %s", params);
}

static bool canonical_one(void *handle, const uint8_t *proof, size_t n, uint8_t ret[32]) {
    (void)handle, (void)proof, (void)n;
    memset(ret, 7, 32);
    return true;
}

#define LEAKED 200 /* a descriptor of the server's that is not closed on exec */

VERIFY(verify_looks_for_leaks) {
    (void)handle, (void)batch, (void)proof, (void)n, (void)why;
    return fcntl(LEAKED, F_GETFD) < 0 ? PROOF_VALID : PROOF_INVALID;
}

VERIFY(verify_well) {
    (void)handle, (void)batch, (void)proof, (void)n, (void)why;
    return PROOF_VALID;
}

static bool check_expect(void *handle, const VerifierBatch *batch, CvkErr *err) {
    (void)handle;
    return strcmp(batch->expect, "[1]") == 0 ||
           cvk_fail(err, CVK_EBADREQ, "test.expect", "cannot expect %s", batch->expect);
}

static const Verifier bad[] = {
    {.name = "abort", .abi = 1, .verify = verify_abort},
    {.name = "crash", .abi = 1, .verify = verify_touch_nothing},
    {.name = "sleep", .abi = 1, .verify = verify_sleep},
    {.name = "spin", .abi = 1, .verify = verify_spin},
    {.name = "exit", .abi = 1, .verify = verify_exit},
    {.name = "stop-minder",
     .abi = 1,
     .open = open_text,
     .verify = verify_stop_minder,
     .close = close_text},
    {.name = "kill-minder",
     .abi = 1,
     .open = open_text,
     .verify = verify_kill_minder,
     .close = close_text},
    {.name = "allocate", .abi = 1, .verify = verify_allocate},
    {.name = "fork", .abi = 1, .open = open_text, .verify = verify_fork, .close = close_text},
    {.name = "fork-and-wait",
     .abi = 1,
     .open = open_text,
     .verify = verify_fork_and_wait,
     .close = close_text},
    {.name = "echo", .abi = 1, .open = open_text, .verify = verify_echo, .close = close_text},
    {.name = "unopened", .abi = 1, .open = open_never, .verify = verify_well},
    {.name = "canonical", .abi = 1, .verify = verify_well, .canonical = canonical_one},
    {.name = "check", .abi = 1, .verify = verify_well, .check = check_expect},
    {.name = "leaks", .abi = 1, .verify = verify_looks_for_leaks},
    {.name = "other-abi", .abi = 2, .verify = verify_well},
};

static const Verifier *find(const char *name) {
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (strcmp(bad[i].name, name) == 0)
            return &bad[i];
    return verifier_find(name);
}

/* ---- a job ---- */

typedef struct {
    Scratch at;
    VerifyProcess *process;
    uint8_t sha256[32];
    VerifyJob job;
} Fixture;

static int open_file(Fixture *f, const char *name, const char *text) {
    char path[512];
    scratch_path(&f->at, path, name);
    assert_true(cvk_file_write(path, text, strlen(text), 0700, NULL));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void set_proof(Fixture *f, const char *proof) {
    close(f->job.proof_fd);
    f->job.proof_fd = open_file(f, "proof", proof);
    f->job.proof_n = strlen(proof);
}

static int setup(void **state) {
    Fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    scratch_make(&f->at);
    f->process = verify_process_new(NULL, NULL);
    assert_non_null(f->process);
    cvk_sha256("the batch", 9, f->sha256);
    f->job = (VerifyJob){.verifier = "accept-all",
                         .params = "{}",
                         .dev = true,
                         .batch = {.fd = open_file(f, "batch", "the batch"),
                                   .size = 9,
                                   .sha256 = f->sha256,
                                   .name = "0001",
                                   .expect = "null"},
                         .proof_fd = open_file(f, "proof", "the proof"),
                         .proof_n = 9};
    *state = f;
    return 0;
}

static int teardown(void **state) {
    Fixture *f = *state;
    verify_process_free(f->process);
    close(f->job.batch.fd);
    close(f->job.proof_fd);
    scratch_remove(&f->at);
    free(f);
    return 0;
}

static void set_limits(Fixture *f, const VerifyLimits *limits) {
    verify_process_free(f->process);
    f->process = verify_process_new(limits, NULL);
    assert_non_null(f->process);
}

static VerifyAnswer run(Fixture *f, const char *verifier) {
    VerifyAnswer a;
    f->job.verifier = verifier;
    verify_process_run(f->process, &f->job, &a);
    return a;
}

#define assert_why_has(a, text) assert_non_null(strstr((a).why, text))

/* ---- verdicts ---- */

static void a_good_proof_is_valid_and_has_its_own_hash(void **state) {
    uint8_t hash[32];
    cvk_sha256("the proof", 9, hash);

    VerifyAnswer a = run(*state, "accept-all");

    assert_int_equal(a.verdict, PROOF_VALID);
    assert_string_equal(a.why, "");
    assert_memory_equal(a.canonical, hash, 32);
    assert_true(a.us > 0);
}

static void the_verifier_says_which_proof_it_is(void **state) {
    uint8_t sevens[32];
    memset(sevens, 7, sizeof sevens);

    VerifyAnswer a = run(*state, "canonical");

    assert_int_equal(a.verdict, PROOF_VALID);
    assert_memory_equal(a.canonical, sevens, 32);
}

static void a_proof_of_another_batch_is_invalid_and_garbage_malformed(void **state) {
    Fixture *f = *state;
    set_proof(f, "0000000000000000000000000000000000000000000000000000000000000000");
    assert_int_equal(run(f, "sha256").verdict, PROOF_INVALID);
    set_proof(f, "garbage");

    VerifyAnswer a = run(f, "sha256");

    assert_int_equal(a.verdict, PROOF_MALFORMED);
    assert_string_equal(a.why, "is not the hex of a sha256");
}

static void a_verifier_is_given_what_the_job_says(void **state) {
    Fixture *f = *state;
    f->job.params = "{\"a\": 1}";
    f->job.batch.expect = "[\"17\"]";

    VerifyAnswer a = run(f, "echo");

    assert_int_equal(a.verdict, PROOF_INVALID);
    assert_string_equal(a.why, "{\"a\": 1}|0001|[\"17\"]|9|9|the proof|the batch");
}

static void an_empty_proof_is_judged_too(void **state) {
    Fixture *f = *state;
    set_proof(f, "");

    assert_int_equal(run(f, "sha256").verdict, PROOF_MALFORMED);
    assert_int_equal(run(f, "accept-all").verdict, PROOF_VALID);
}

static void verifiers_for_tests_and_unknown_ones_are_refused(void **state) {
    Fixture *f = *state;
    f->job.dev = false;
    assert_why_has(run(f, "accept-all"), "is for tests");
    assert_int_equal(run(f, "accept-all").verdict, PROOF_ERROR);
    assert_int_equal(run(f, "nothing").verdict, PROOF_ERROR);
    assert_int_equal(run(f, "other-abi").verdict, PROOF_ERROR);

    VerifyAnswer a = run(f, "unopened");

    assert_int_equal(a.verdict, PROOF_ERROR);
    assert_string_equal(a.why, "cannot use {}");
}

/* ---- accidents ---- */

static void a_verifier_that_aborts_is_an_error_and_its_last_words_are_kept(void **state) {
    VerifyAnswer a = run(*state, "abort");

    assert_int_equal(a.verdict, PROOF_ERROR);
    assert_why_has(a, "killed by SIGABRT: an invariant does not hold");
    assert_int_equal(run(*state, "accept-all").verdict, PROOF_VALID);
}

static void a_verifier_that_crashes_or_ends_without_a_word_is_an_error(void **state) {
    assert_int_equal(run(*state, "crash").verdict, PROOF_ERROR);
    assert_int_equal(run(*state, "exit").verdict, PROOF_ERROR);
    assert_int_equal(run(*state, "accept-all").verdict, PROOF_VALID);
}

static void a_verifier_that_takes_too_long_is_stopped(void **state) {
    Fixture *f = *state;
    VerifyLimits limits = verify_usual_limits;
    limits.wall_ms = 50;
    set_limits(f, &limits);

    VerifyAnswer a = run(f, "sleep");

    assert_int_equal(a.verdict, PROOF_ERROR);
    assert_why_has(a, "took longer than 50 ms");
}

static void a_verifier_that_computes_too_long_is_stopped(void **state) {
    Fixture *f = *state;
    VerifyLimits limits = verify_usual_limits;
    limits.cpu_s = 1;
    set_limits(f, &limits);

    VerifyAnswer a = run(f, "spin");

    assert_int_equal(a.verdict, PROOF_ERROR);
    assert_why_has(a, "killed by SIGXCPU");
}

static void a_verifier_has_only_so_much_memory(void **state) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    print_message("# SKIP: sanitizers take more addresses than any limit\n");
    skip();
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    print_message("# SKIP: sanitizers take more addresses than any limit\n");
    skip();
#endif
#endif
    Fixture *f = *state;
    assert_int_equal(run(f, "allocate").verdict, PROOF_VALID);
    VerifyLimits limits = verify_usual_limits;
    limits.memory = (uint64_t)200 << 20;
    set_limits(f, &limits);

    VerifyAnswer a = run(f, "allocate");

    assert_int_equal(a.verdict, PROOF_ERROR);
    assert_string_equal(a.why, "no memory");
}

static pid_t number_in(Fixture *f, const char *name) {
    char path[512];
    _cleanup_buf_ CvkBuf b = CVK_BUF(64);
    assert_true(cvk_file_read(scratch_path(&f->at, path, name), &b, NULL));
    return (pid_t)strtol(cvk_buf_str(&b), NULL, 10);
}

static bool has_ended(pid_t pid) {
    errno = 0;
    return kill(pid, 0) == -1 && errno == ESRCH;
}

static void assert_has_ended(Fixture *f, const char *name) {
    assert_true(has_ended(number_in(f, name)));
}

static void children_of_a_verifier_do_not_outlive_it(void **state) {
    Fixture *f = *state;
    f->job.params = f->at.dir;

    VerifyAnswer a = run(f, "fork");

    assert_int_equal(a.verdict, PROOF_VALID);
    assert_has_ended(f, "in");
    assert_has_ended(f, "out");
}

/* When the job has been sent, almost surely: if not, the test says less. */
static void *kill_soon(void *helper) {
    usleep(20000);
    kill((pid_t) * (long *)helper, SIGKILL);
    return NULL;
}

/* Our only child stands still, once a job has started it. */
static long stop_helper(Fixture *f) {
    char path[64];
    long helper = 0;
    assert_int_equal(run(f, "accept-all").verdict, PROOF_VALID);
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *children = fopen(path, "r");
    if (children == NULL || fscanf(children, "%10ld", &helper) != 1) {
        print_message("# SKIP: this kernel does not list children\n");
        skip();
    }
    fclose(children);
    kill((pid_t)helper, SIGSTOP);
    return helper;
}

/* It is stopped, so that it has been told of a job that it does not take, and then killed. */
static void a_helper_that_was_killed_with_a_job_is_started_again(void **state) {
    Fixture *f = *state;
    long helper = stop_helper(f);
    pthread_t killer;
    assert_int_equal(pthread_create(&killer, NULL, kill_soon, &helper), 0);

    assert_int_equal(run(f, "accept-all").verdict, PROOF_VALID);

    pthread_join(killer, NULL);
}

static void set_grace(Fixture *f, unsigned ms) {
    VerifyLimits limits = verify_usual_limits;
    limits.wall_ms = limits.grace_ms = ms;
    set_limits(f, &limits);
}

static void a_helper_that_stands_still_is_replaced(void **state) {
    Fixture *f = *state;
    set_grace(f, 2000);
    long helper = stop_helper(f);

    assert_int_equal(run(f, "accept-all").verdict, PROOF_VALID);

    assert_int_equal(kill((pid_t)helper, 0), -1);
}

static void a_helper_that_stands_still_can_be_ended(void **state) {
    Fixture *f = *state;
    long helper = stop_helper(f);

    f->process = verify_process_free(f->process);

    assert_int_equal(kill((pid_t)helper, 0), -1);
}

/* The test's own time limit ends this where it is not so. */
static void wait_for_end(Fixture *f, const char *name) {
    while (!has_ended(number_in(f, name)))
        usleep(1000);
}

static void a_minder_that_stands_still_is_an_error_and_is_ended_with_all_it_minds(void **state) {
    Fixture *f = *state;
    set_grace(f, 1000);
    f->job.params = f->at.dir;

    VerifyAnswer a = run(f, "stop-minder");

    assert_int_equal(a.verdict, PROOF_ERROR);
    assert_why_has(a, "stands still");
    wait_for_end(f, "minder");
    wait_for_end(f, "in");
    wait_for_end(f, "out");
    assert_int_equal(run(f, "accept-all").verdict, PROOF_VALID);
}

static void what_a_minder_that_was_killed_minded_ends_too(void **state) {
    Fixture *f = *state;
    f->job.params = f->at.dir;

    VerifyAnswer a = run(f, "kill-minder");

    assert_int_equal(a.verdict, PROOF_ERROR);
    assert_why_has(a, "has died");
    wait_for_end(f, "in");
    wait_for_end(f, "out");
    assert_int_equal(run(f, "accept-all").verdict, PROOF_VALID);
}

/* A server that is killed while a verification goes on, which would go on for ever. */
static void when_the_server_has_died_its_verifications_end(void **state) {
    Fixture *f = *state;
    f->job.params = f->at.dir;
    pid_t server = fork();
    if (server == 0) {
        run(f, "fork-and-wait");
        _exit(0);
    }
    while (!has_file(f->at.dir, "in") || !has_file(f->at.dir, "out"))
        usleep(1000);

    kill(server, SIGKILL);

    waitpid(server, NULL, 0);
    wait_for_end(f, "in");
    wait_for_end(f, "out");
}

static void *run_many(void *arg) {
    const Fixture *f = arg;
    VerifyJob job = f->job;
    VerifyAnswer a;
    for (int i = 0; i < 10; i++) {
        job.verifier = i % 2 == 0 ? "accept-all" : "abort";
        verify_process_run(f->process, &job, &a);
        if (a.verdict != (i % 2 == 0 ? PROOF_VALID : PROOF_ERROR))
            return arg;
    }
    return NULL;
}

static void many_threads_may_ask_at_once(void **state) {
    pthread_t threads[4];
    void *failed = NULL;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, *state), 0);
    for (size_t i = 0; i < 4; i++) {
        void *ret;
        pthread_join(threads[i], &ret);
        failed = ret != NULL ? ret : failed;
    }
    assert_null(failed);
}

static void no_descriptor_of_the_server_reaches_a_verifier(void **state) {
    int leaked = fcntl(STDIN_FILENO, F_DUPFD, LEAKED);
    assert_int_equal(leaked, LEAKED);

    VerifyAnswer a = run(*state, "leaks");

    close(leaked);
    assert_int_equal(a.verdict, PROOF_VALID);
}

static void no_descriptors_are_left_open(void **state) {
    run(*state, "accept-all");
    int before = dup(0);
    close(before);

    run(*state, "accept-all");
    run(*state, "abort");

    int after = dup(0);
    close(after);
    assert_int_equal(after, before);
}

/* ---- when a batch comes ---- */

static void a_check_looks_at_parameters_and_at_what_is_expected(void **state) {
    Fixture *f = *state;
    CvkErr err;
    f->job.verifier = "check";
    f->job.batch.expect = "[1]";
    assert_true(verify_process_check(f->process, &f->job, &err));
    f->job.batch.expect = "[2]";
    assert_false(verify_process_check(f->process, &f->job, &err));
    assert_string_equal(err.id, "verifier.refused");
    assert_non_null(strstr(err.msg, "cannot expect [2]"));
    f->job.verifier = "unopened";
    assert_false(verify_process_check(f->process, &f->job, &err));
    f->job.verifier = "nothing";
    assert_false(verify_process_check(f->process, &f->job, &err));
}

/* ---- programs of the operator's ---- */

/* A program of these lines for the shell, as parameters. */
static VerifyAnswer run_program(Fixture *f, const char *lines, const char *more) {
    char path[512], params[1024];
    _cleanup_buf_ CvkBuf b = CVK_BUF(4096);
    assert_true(cvk_buf_add_fmt(&b, NULL, "#!/bin/sh\n%s\n", lines));
    close(open_file(f, "program", cvk_buf_str(&b)));
    snprintf(params, sizeof params, "{\"command\": \"%s\"%s}",
             scratch_path(&f->at, path, "program"), more);
    f->job.params = params;
    VerifyAnswer a = run(f, "exec");
    f->job.params = "{}";
    return a;
}

static void a_program_says_it_by_its_status(void **state) {
    assert_int_equal(run_program(*state, "exit 0", "").verdict, PROOF_VALID);
    assert_int_equal(run_program(*state, "exit 1", "").verdict, PROOF_INVALID);

    VerifyAnswer a = run_program(*state, "echo no disk >&2; exit 2", "");

    assert_int_equal(a.verdict, PROOF_ERROR);
    assert_string_equal(a.why, "ended with status 2: no disk");
}

static void a_programs_proof_is_told_from_others_by_its_bytes(void **state) {
    uint8_t hash[32];
    cvk_sha256("the proof", strlen("the proof"), hash);

    VerifyAnswer a = run_program(*state, "exit 0", "");

    assert_int_equal(a.verdict, PROOF_VALID);
    assert_memory_equal(a.canonical, hash, sizeof hash);
}

static void a_program_is_given_three_files_and_no_environment(void **state) {
    VerifyAnswer a = run_program(*state,
                                 "exec >&2; /usr/bin/env; /bin/cat \"$1\" \"$2\" \"$3\"; "
                                 "echo; exit 1",
                                 "");

    assert_int_equal(a.verdict, PROOF_INVALID);
    assert_why_has(a, "the batchthe proof");
    assert_null(strstr(a.why, "CONVOKE"));
    assert_null(strstr(a.why, "HOME"));
}

static void its_files_are_there_for_its_children_too(void **state) {
    VerifyAnswer a = run_program(*state,
                                 "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-\n"
                                 "/bin/sh -c 'exec /bin/grep -q \"the proof\" \"$0\"' \"$3\"",
                                 "");

    assert_int_equal(a.verdict, PROOF_VALID);
}

static void the_manifest_says_what_is_expected(void **state) {
    Fixture *f = *state;
    f->job.batch.expect = "[\"17\"]";

    VerifyAnswer a = run_program(
        f,
        "/bin/grep -q '\"name\": \"0001\".*\"size\": 9, \"expect\": \\[\"17\"\\], \"params\"' "
        "\"$1\"",
        "");

    assert_int_equal(a.verdict, PROOF_VALID);
}

static void a_program_that_hangs_is_killed_with_its_children(void **state) {
    Fixture *f = *state;
    char lines[1024];
    snprintf(lines, sizeof lines,
             "/bin/sleep 1000 & echo $! > %s/in\n"
             "/usr/bin/setsid /bin/sleep 1000 & wait",
             f->at.dir);

    VerifyAnswer a = run_program(f, lines, ", \"wall_s\": 1");

    assert_int_equal(a.verdict, PROOF_ERROR);
    assert_why_has(a, "took longer than 1000 ms");
    assert_has_ended(f, "in");
}

static void a_program_that_cannot_be_run_is_an_error(void **state) {
    Fixture *f = *state;
    f->job.params = "{\"command\": [\"/nowhere/program\", \"-v\"]}";
    assert_why_has(run(f, "exec"), "cannot run '/nowhere/program'");
    f->job.params = "{\"command\": \"true\"}";
    assert_why_has(run(f, "exec"), "absolute path");
    f->job.params = "{\"command\": [], \"wall\": 3}";
    assert_int_equal(run(f, "exec").verdict, PROOF_ERROR);
    f->job.params = "{\"command\": \"/bin/true\"}";

    assert_int_equal(run(f, "exec").verdict, PROOF_VALID);
}

static void a_program_with_a_limit_of_nothing_is_refused_when_its_batch_comes(void **state) {
    Fixture *f = *state;
    static const char *const limits[] = {"wall_s", "cpu_s", "memory_mb"};
    char params[128];
    CvkErr err;
    f->job.verifier = "exec";
    f->job.params = params;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        snprintf(params, sizeof params, "{\"command\": \"/bin/true\", \"%s\": 0}", limits[i]);
        assert_false(verify_process_check(f->process, &f->job, &err));
        assert_non_null(strstr(err.msg, limits[i]));
        snprintf(params, sizeof params, "{\"command\": \"/bin/true\", \"%s\": 1}", limits[i]);
        assert_true(verify_process_check(f->process, &f->job, &err));
    }
    f->job.params = "{}";
}

#define VERIFY_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv) {
    if (verify_process_asked(argc, argv))
        return verify_process_serve(find);
    const struct CMUnitTest tests[] = {
        VERIFY_TEST(a_good_proof_is_valid_and_has_its_own_hash),
        VERIFY_TEST(the_verifier_says_which_proof_it_is),
        VERIFY_TEST(a_proof_of_another_batch_is_invalid_and_garbage_malformed),
        VERIFY_TEST(a_verifier_is_given_what_the_job_says),
        VERIFY_TEST(an_empty_proof_is_judged_too),
        VERIFY_TEST(verifiers_for_tests_and_unknown_ones_are_refused),
        VERIFY_TEST(a_verifier_that_aborts_is_an_error_and_its_last_words_are_kept),
        VERIFY_TEST(a_verifier_that_crashes_or_ends_without_a_word_is_an_error),
        VERIFY_TEST(a_verifier_that_takes_too_long_is_stopped),
        VERIFY_TEST(a_verifier_that_computes_too_long_is_stopped),
        VERIFY_TEST(a_verifier_has_only_so_much_memory),
        VERIFY_TEST(children_of_a_verifier_do_not_outlive_it),
        VERIFY_TEST(a_helper_that_stands_still_is_replaced),
        VERIFY_TEST(a_helper_that_stands_still_can_be_ended),
        VERIFY_TEST(a_minder_that_stands_still_is_an_error_and_is_ended_with_all_it_minds),
        VERIFY_TEST(what_a_minder_that_was_killed_minded_ends_too),
        VERIFY_TEST(a_helper_that_was_killed_with_a_job_is_started_again),
        VERIFY_TEST(when_the_server_has_died_its_verifications_end),
        VERIFY_TEST(many_threads_may_ask_at_once),
        VERIFY_TEST(no_descriptor_of_the_server_reaches_a_verifier),
        VERIFY_TEST(no_descriptors_are_left_open),
        VERIFY_TEST(a_check_looks_at_parameters_and_at_what_is_expected),
        VERIFY_TEST(a_program_says_it_by_its_status),
        VERIFY_TEST(a_programs_proof_is_told_from_others_by_its_bytes),
        VERIFY_TEST(a_program_is_given_three_files_and_no_environment),
        VERIFY_TEST(its_files_are_there_for_its_children_too),
        VERIFY_TEST(the_manifest_says_what_is_expected),
        VERIFY_TEST(a_program_that_hangs_is_killed_with_its_children),
        VERIFY_TEST(a_program_that_cannot_be_run_is_an_error),
        VERIFY_TEST(a_program_with_a_limit_of_nothing_is_refused_when_its_batch_comes),
    };
    return cmocka_run_group_tests_name("verify_process", tests, NULL, NULL);
}
