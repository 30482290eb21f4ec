/* What nothing names is found and removed; what anything names is not. */
#include "market_world.h"
#include "world.h"

#include "base/clock.h"
#include "run/backup.h"
#include "run/collect.h"
#include "run/node_private.h"

#include <signal.h>
#include <sys/wait.h>

/* When files that are written now are old enough. */
static int64_t later(void) {
    return cvk_wall_ms() + ((int64_t)LIMIT_COLLECT_AGE_S + 10) * 1000;
}

typedef struct {
    size_t n;
    char name[4][96];
} Found;

static bool note(void *ctx, const char *name, uint64_t size, CvkErr *err) {
    Found *f = ctx;
    (void)size;
    (void)err;
    assert_true(f->n < 4);
    snprintf(f->name[f->n++], sizeof f->name[0], "%s", name);
    return true;
}

static CollectReport collect(Node *n, int64_t now_ms, bool remove, Found *found) {
    CollectReport r;
    CvkErr err;
    *found = (Found){.n = 0};
    if (!node_collect(n, now_ms, remove, note, found, &r, &err))
        fail_msg("%s", err.msg);
    assert_int_equal(r.files, found->n);
    return r;
}

/* A blob that nothing names; its path. */
static void leave(const char *dir, const char *bytes, char ret[LIMIT_PATH]) {
    uint8_t hash[32];
    int fd;
    CvkErr err;
    BlobWriter *w = blob_writer_new(dir, 100, &err);
    assert_non_null(w);
    assert_true(blob_write(w, bytes, strlen(bytes), &err) && blob_seal(w, hash, &fd, &err) &&
                blob_keep(w, &err));
    blob_writer_free(w);
    blob_path(dir, hash, ret, LIMIT_PATH);
}

static bool is_there(const char *path) {
    return access(path, F_OK) == 0;
}

static bool all_is_well(MarketWorld *w) {
    ExperimentAudit audit;
    BackupReport told;
    char out[512];
    CvkErr err;
    scratch_path(&w->at, out, "backup");
    return experiment_audit(w->e, &audit, &err) &&
           node_backup(w->dir, out, 1, &told, (CvkProgress){.fn = NULL}, &err);
}

static void what_nothing_names_is_told_and_removed_and_all_else_stays(void **state) {
    MarketWorld *w = *state;
    char orphan[LIMIT_PATH], example[512];
    Found found;
    CvkErr err;
    assert_true(market_prove(w, 1) && market_prove(w, 2) && market_prove(w, 1));
    scratch_path(&w->at, example, "b1");
    assert_true(experiment_examples(w->e, example, example, &err));
    leave(w->dir, "an orphan", orphan);

    collect(w->node, later(), false, &found);
    assert_int_equal(found.n, 1);
    assert_non_null(strstr(orphan, found.name[0]));
    assert_true(is_there(orphan));

    CollectReport r = collect(w->node, later(), true, &found);
    assert_int_equal(r.bytes, strlen("an orphan"));
    assert_false(is_there(orphan));
    collect(w->node, later(), true, &found);
    assert_int_equal(found.n, 0);
    assert_true(all_is_well(w));
    assert_true(market_prove(w, 2));
}

static void what_is_young_or_not_ours_is_left_alone(void **state) {
    MarketWorld *w = *state;
    char orphan[LIMIT_PATH], foreign[LIMIT_PATH + 8];
    Found found;
    leave(w->dir, "an orphan", orphan);
    snprintf(foreign, sizeof foreign, "%s.part", orphan);
    FILE *f = fopen(foreign, "w");
    assert_non_null(f);
    fclose(f);

    CollectReport r = collect(w->node, cvk_wall_ms(), true, &found);

    assert_int_equal(found.n, 0);
    assert_true(r.young > 0);
    assert_true(is_there(orphan));
    collect(w->node, cvk_wall_ms() - (int64_t)10 * LIMIT_COLLECT_AGE_S * 1000, true, &found);
    assert_int_equal(found.n, 0); /* a clock that was set back */
    collect(w->node, later(), true, &found);
    assert_int_equal(found.n, 1);
    assert_true(is_there(foreign));
}

/* Two that nothing names: when the first has gone, the other's bytes come again. */
typedef struct {
    const char *dir, *path[2];
    size_t told;
} Again;

static bool come_again(void *ctx, const char *name, uint64_t size, CvkErr *err) {
    Again *a = ctx;
    char fresh[512];
    (void)name, (void)size, (void)err;
    const char *other = is_there(a->path[0]) ? a->path[0] : a->path[1];
    snprintf(fresh, sizeof fresh, "%s/fresh", a->dir);
    FILE *f = fopen(fresh, "w");
    assert_non_null(f);
    fclose(f);
    assert_int_equal(rename(fresh, other), 0);
    a->told++;
    return true;
}

static void what_comes_again_meanwhile_stays_and_is_not_told(void **state) {
    MarketWorld *w = *state;
    char one[LIMIT_PATH], two[LIMIT_PATH];
    CollectReport r;
    CvkErr err;
    leave(w->dir, "an orphan", one);
    leave(w->dir, "another", two);
    Again a = {.dir = w->at.dir, .path = {one, two}};

    if (!node_collect(w->node, later(), true, come_again, &a, &r, &err))
        fail_msg("%s", err.msg);

    assert_int_equal(a.told, 1);
    assert_int_equal(r.files, 1);
    assert_true(is_there(one) != is_there(two));
}

static void where_a_table_was_changed_nothing_is_removed(void **state) {
    MarketWorld *w = *state;
    char orphan[LIMIT_PATH];
    CollectReport r;
    CvkErr err;
    assert_true(market_prove(w, 1));
    leave(w->dir, "an orphan", orphan);
    market_change(w, "DELETE FROM submission");

    assert_false(node_collect(w->node, later(), true, NULL, NULL, &r, &err));

    assert_true(is_there(orphan));
}

static void die(void *ctx, ExperimentPoint p) {
    (void)ctx;
    if (p == POINT_KEPT)
        kill(getpid(), SIGKILL);
}

static void
killed_between_file_and_commit_the_file_is_collected_and_the_proof_can_come_again(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    char proof[65];
    Found found;
    int status;
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    market_proof(w, &r, proof);
    w->node = node_close(w->node);
    pid_t child = fork();
    if (child == 0) {
        market_restart_from(w);
        w->e->at_point = die;
        (void)market_submit(w, 1, r.request, proof);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    market_restart_from(w);

    collect(w->node, later(), true, &found);

    assert_int_equal(found.n, 1);
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_ACCEPTED);
    assert_true(all_is_well(w));
}

/* Somebody's valid response has come, and no verdict. */
static void leave_unjudged(World *w) {
    Session s = world_sign_in(w, "git|3|c");
    Refusal refusal;
    size_t n, m;
    char *challenge = world_check_in(w, &s, &refusal, &n);
    assert_non_null(challenge);
    char *response = world_respond(challenge, n, 3, "git|3|c", &m);
    world_upload_unjudged(w, &s, response, m);
    free(challenge);
    free(response);
}

static void responses_of_a_ceremony_stay_also_the_one_that_waits(void **state) {
    World *w = *state;
    char orphan[LIMIT_PATH];
    Found found;
    CvkErr err;
    world_contribute(w, "git|1|a", 1);
    world_contribute(w, "git|2|b", 2);
    leave_unjudged(w);
    leave(w->c->host.dir, "an orphan", orphan);

    collect(w->node, later(), true, &found);

    assert_int_equal(found.n, 1);
    assert_false(is_there(orphan));
    assert_true(ceremony_recover(w->c, &err));
    assert_int_equal(world_contributions(w), 3);
}

#define MARKET_TEST(fn) cmocka_unit_test_setup_teardown(fn, market_setup, market_teardown)

int main(int argc, char **argv) {
    MARKET_WORKER(argc, argv);
    const struct CMUnitTest tests[] = {
        MARKET_TEST(what_nothing_names_is_told_and_removed_and_all_else_stays),
        MARKET_TEST(what_is_young_or_not_ours_is_left_alone),
        MARKET_TEST(what_comes_again_meanwhile_stays_and_is_not_told),
        MARKET_TEST(where_a_table_was_changed_nothing_is_removed),
        MARKET_TEST(
            killed_between_file_and_commit_the_file_is_collected_and_the_proof_can_come_again),
        cmocka_unit_test_setup_teardown(responses_of_a_ceremony_stay_also_the_one_that_waits,
                                        world_setup, world_teardown),
    };
    return cmocka_run_group_tests_name("collect", tests, NULL, NULL);
}
