/* Several who write at once, and processes that die. */
#include "market_world.h"

#include "engine/event_json.h"
#include "run/experiment_private.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

/* ---- a second process: the operator's command beside the server ---- */

typedef struct {
    Node *node;
    Experiment *e;
} Beside;

static Beside beside_open(const MarketWorld *w) {
    Beside c = {.node = NULL};
    CvkErr err;
    if (!node_open(w->dir, (NodeOptions){.threads = 1}, &c.node, &err))
        fail_msg("%s", err.msg);
    assert_true(node_experiment(c.node, NULL, &c.e, &err));
    return c;
}

/* "carol" and a batch more. */
static void add_beside(const MarketWorld *w, const Beside *c) {
    MarketWorld beside = *w;
    char id[LIMIT_PROVER_ID + 1];
    uint32_t number;
    CvkErr err;
    beside.e = c->e;
    assert_true(experiment_participant_add(c->e, "carol", NULL, NULL, id, &number, &err));
    market_batches(&beside, 1);
}

static void what_a_command_adds_is_seen_to_be_missing_and_then_works(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    CvkErr err;
    while (market_prove(w, 1)) {
    }
    assert_true(experiment_is_current(w->e));
    assert_int_equal(experiment_peek(w->e, 1, &r), NEXT_FINISHED);
    assert_int_equal(experiment_who(w->e, "carol", 5), 0);
    Beside c = beside_open(w);

    add_beside(w, &c);

    assert_false(experiment_is_current(w->e));
    assert_true(experiment_make_current(w->e, &err));
    assert_true(experiment_is_current(w->e));
    assert_int_equal(experiment_who(w->e, "carol", 5), 3);
    assert_int_equal(experiment_peek(w->e, 1, &r), NEXT_NEW);
    assert_true(market_prove(w, 1));
    assert_true(market_prove(w, 3));
    node_close(c.node);
}

static void who_writes_keeps_nobody_from_seeing_that_others_wrote(void **state) {
    MarketWorld *w = *state;
    Beside c = beside_open(w);

    pthread_mutex_lock(&w->e->writer); /* as in the midst of a command */
    add_beside(w, &c);
    assert_false(experiment_is_current(w->e));
    pthread_mutex_unlock(&w->e->writer);

    market_pass(w, 200);
    assert_true(experiment_is_current(w->e));
    assert_int_equal(experiment_who(w->e, "carol", 5), 3);
    node_close(c.node);
}

static void what_is_not_in_the_journal_changes_nothing(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    char proof[65];
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    market_proof(w, &r, proof);

    market_pass(w, 2000); /* what was served is written */

    assert_true(experiment_is_current(w->e));
}

static void a_command_decides_on_what_the_server_wrote(void **state) {
    MarketWorld *w = *state;
    OpenRequest mine, r;
    CvkErr err;
    Beside c = beside_open(w);
    assert_int_equal(market_ask(w, 1, &mine), NEXT_OPEN);

    assert_true(experiment_request_close(c.e, mine.request, REQUEST_SKIPPED, &err));
    assert_false(experiment_request_close(w->e, mine.request, REQUEST_SKIPPED, &err));
    assert_string_equal(err.id, "request.state");

    MarketCounts a, b;
    assert_int_equal(market_ask(w, 2, &r), NEXT_OPEN);
    assert_true(experiment_participant_allow(c.e, 2, false, &err));
    market_pass(w, 200);
    assert_int_equal(experiment_who(w->e, "bob", 3), 0);
    experiment_counts(w->e, &a);
    experiment_counts(c.e, &b);
    assert_memory_equal(&a, &b, sizeof a);
    node_close(c.node);
}

static void two_processes_that_issue_make_one_journal(void **state) {
    MarketWorld *w = *state;
    MarketWorld other = *w;
    Beside c = beside_open(w);
    other.e = c.e;

    for (int i = 0; i < 3; i++) {
        assert_true(market_prove(w, 1));
        assert_true(market_prove(&other, 2));
    }

    OpenRequest r;
    MarketCounts counts;
    assert_int_equal(market_ask(w, 2, &r), NEXT_FINISHED);
    experiment_counts(w->e, &counts);
    assert_int_equal(counts.done, 6);
    node_close(c.node);
    market_restart(w);
    experiment_counts(w->e, &counts);
    assert_int_equal(counts.done, 6);
}

/* The newest entry is gone, and n others stand there. */
static void write_another_journal(const MarketWorld *w, unsigned n) {
    char path[512];
    uint8_t before[32];
    Store *s;
    CvkErr err;
    market_change(w, "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)");
    snprintf(path, sizeof path, "%s/convoke.db", w->dir);
    assert_true(store_open(path, false, &s, &err));
    for (unsigned i = 0; i < n; i++) {
        StoreEntry e = {.json = "{}", .n = 2};
        assert_true(store_journal_head(s, w->e->id, &e.seq, before, &err));
        e.seq++;
        event_chain(before, e.json, e.n, e.hash);
        assert_true(store_journal_append(s, w->e->id, &e, &err));
    }
    store_close(s);
}

static void a_journal_that_was_changed_under_a_server_is_followed_no_more(void **state) {
    MarketWorld *w = *state;
    for (unsigned n = 1; n <= 2; n++) {
        CvkErr err;
        write_another_journal(w, n);

        assert_false(experiment_make_current(w->e, &err));

        assert_string_equal(err.id, "journal.broken");
        assert_non_null(strstr(err.msg, "while it was served"));
    }
}

/* ---- races ---- */

typedef struct {
    MarketWorld *w;
    Submission s;
    SubmissionResult result;
    OpenRequest request;
    bool ok;
} Racer;

static void *race_to_submit(void *arg) {
    Racer *r = arg;
    unsigned retry_s;
    CvkErr err;
    r->ok = experiment_submit(r->w->e, 1, &r->s, &r->result, &retry_s, &err);
    return NULL;
}

static void of_submissions_that_race_the_first_wins(void **state) {
    MarketWorld *w = *state;
    enum { N = 4 };
    Racer racer[N];
    pthread_t thread[N];
    OpenRequest r;
    char proof[65];
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    market_proof(w, &r, proof);
    for (int i = 0; i < N; i++) {
        racer[i] = (Racer){.w = w, .s = market_submission(w, r.request, proof)};
        racer[i].s.body_sha256[0] = (uint8_t)i; /* other metadata: not the same body */
    }

    for (int i = 0; i < N; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, race_to_submit, &racer[i]), 0);
    int accepted = 0;
    for (int i = 0; i < N; i++) {
        pthread_join(thread[i], NULL);
        assert_true(racer[i].ok);
        accepted += racer[i].result == SUBMISSION_ACCEPTED;
        assert_true(racer[i].result == SUBMISSION_ACCEPTED ||
                    racer[i].result == SUBMISSION_NO_REQUEST);
        blob_writer_free(racer[i].s.proof);
    }

    assert_int_equal(accepted, 1);
}

static void meet(void *ctx, ExperimentPoint p) {
    if (p == POINT_VERIFIED)
        pthread_barrier_wait(ctx);
}

static void of_proofs_that_race_only_the_one_that_wins_is_kept(void **state) {
    MarketWorld *w = *state;
    enum { N = 4 };
    Racer racer[N];
    pthread_t thread[N];
    pthread_barrier_t judged;
    OpenRequest r;
    BatchSource any = {.name = "any", .verifier = "accept-all"};
    char path[512], proof[16];
    uint8_t hash[32];
    uint64_t size;
    size_t added;
    CvkErr err;
    int fd, kept = 0, accepted = 0;
    while (market_prove(w, 1)) {
    }
    FILE *f = fopen(scratch_path(&w->at, path, "any"), "w");
    fputs("whatever", f);
    fclose(f);
    any.path = path;
    assert_true(experiment_batches_add(w->e, &any, 1, &added, &err));
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    pthread_barrier_init(&judged, NULL, N);
    w->e->at_point = meet;
    w->e->at_point_ctx = &judged;

    for (int i = 0; i < N; i++) {
        snprintf(proof, sizeof proof, "proof %d", i);
        racer[i] = (Racer){.w = w, .s = market_submission(w, r.request, proof)};
        assert_int_equal(pthread_create(&thread[i], NULL, race_to_submit, &racer[i]), 0);
    }
    for (int i = 0; i < N; i++) {
        pthread_join(thread[i], NULL);
        assert_true(racer[i].ok);
        accepted += racer[i].result == SUBMISSION_ACCEPTED;
        blob_writer_free(racer[i].s.proof);
    }

    for (int i = 0; i < N; i++) {
        cvk_sha256(proof, (size_t)snprintf(proof, sizeof proof, "proof %d", i), hash);
        if (!blob_open(w->dir, hash, &fd, &size, &err))
            continue;
        kept++;
        close(fd);
        assert_int_equal(racer[i].result, SUBMISSION_ACCEPTED);
    }
    assert_int_equal(accepted, 1);
    assert_int_equal(kept, 1);
    w->e->at_point = NULL;
    pthread_barrier_destroy(&judged);
}

static void *race_to_ask(void *arg) {
    Racer *r = arg;
    MarketNext next;
    CvkErr err;
    r->ok = experiment_get_batch(r->w->e, 1, &next, &r->request, &err) && next == NEXT_OPEN;
    return NULL;
}

static void eight_who_ask_at_once_get_one_request(void **state) {
    MarketWorld *w = *state;
    enum { N = 8 };
    Racer racer[N];
    pthread_t thread[N];
    MarketCounts counts;

    for (int i = 0; i < N; i++) {
        racer[i] = (Racer){.w = w};
        assert_int_equal(pthread_create(&thread[i], NULL, race_to_ask, &racer[i]), 0);
    }
    for (int i = 0; i < N; i++) {
        pthread_join(thread[i], NULL);
        assert_true(racer[i].ok);
        assert_string_equal(racer[i].request.path, racer[0].request.path);
    }

    experiment_counts(w->e, &counts);
    assert_int_equal(counts.requests, 1);
}

/* ---- crashes ---- */

static ExperimentPoint die_at;

static void die(void *ctx, ExperimentPoint p) {
    (void)ctx;
    if (p == die_at)
        kill(getpid(), SIGKILL);
}

/* In a child, which gets no further. */
static void submit_and_die(MarketWorld *w, uint64_t request, const char *proof) {
    pid_t child = fork();
    if (child == 0) {
        Beside c = beside_open(w);
        MarketWorld inside = *w;
        inside.e = c.e;
        c.e->at_point = die;
        (void)market_submit(&inside, 1, request, proof);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* A request of alice's that nobody has proved, and its proof; the server is down. */
static void stop_before_submitting(MarketWorld *w, OpenRequest *ret, char proof[65]) {
    assert_int_equal(market_ask(w, 1, ret), NEXT_OPEN);
    market_proof(w, ret, proof);
    w->node = node_close(w->node);
}

static bool count_row(void *ctx, const StoreSubmission *x, CvkErr *err) {
    (void)x;
    (void)err;
    ++*(int *)ctx;
    return true;
}

static void killed_between_verification_and_commit_the_request_is_open(void **state) {
    MarketWorld *w = *state;
    OpenRequest r, again;
    char proof[65];
    int rows = 0;
    CvkErr err;
    stop_before_submitting(w, &r, proof);

    die_at = POINT_VERIFIED;
    submit_and_die(w, r.request, proof);

    market_restart_from(w);
    assert_true(experiment_each_submission(w->e, count_row, &rows, &err));
    assert_int_equal(rows, 0);
    assert_int_equal(market_ask(w, 1, &again), NEXT_OPEN);
    assert_string_equal(again.path, r.path);
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_ACCEPTED);
}

static void killed_after_the_commit_the_same_body_is_accepted_again(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    char proof[65];
    int rows = 0;
    CvkErr err;
    stop_before_submitting(w, &r, proof);

    die_at = POINT_COMMITTED;
    submit_and_die(w, r.request, proof);

    market_restart_from(w);
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_ACCEPTED);
    assert_true(experiment_each_submission(w->e, count_row, &rows, &err));
    assert_int_equal(rows, 1);
    assert_int_equal(market_submit(w, 1, r.request, "other"), SUBMISSION_NO_REQUEST);
}

#define MARKET_TEST(fn) cmocka_unit_test_setup_teardown(fn, market_setup, market_teardown)

int main(int argc, char **argv) {
    MARKET_WORKER(argc, argv);
    const struct CMUnitTest tests[] = {
        MARKET_TEST(what_a_command_adds_is_seen_to_be_missing_and_then_works),
        MARKET_TEST(who_writes_keeps_nobody_from_seeing_that_others_wrote),
        MARKET_TEST(what_is_not_in_the_journal_changes_nothing),
        MARKET_TEST(a_command_decides_on_what_the_server_wrote),
        MARKET_TEST(a_journal_that_was_changed_under_a_server_is_followed_no_more),
        MARKET_TEST(two_processes_that_issue_make_one_journal),
        MARKET_TEST(of_submissions_that_race_the_first_wins),
        MARKET_TEST(of_proofs_that_race_only_the_one_that_wins_is_kept),
        MARKET_TEST(eight_who_ask_at_once_get_one_request),
        MARKET_TEST(killed_between_verification_and_commit_the_request_is_open),
        MARKET_TEST(killed_after_the_commit_the_same_body_is_accepted_again),
    };
    return cmocka_run_group_tests_name("experiment_crash", tests, NULL, NULL);
}
