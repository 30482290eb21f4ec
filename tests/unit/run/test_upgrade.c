/* A directory of an older release: what it held is there and valid under this one, and nobody
 * changes its database while a server of that release may have it open. */
#include "market_world.h"

#include "run/backup.h"
#include "run/experiment_audit.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/wait.h>

/* Schema 5 had a participant without contact, and no heads of experiments were kept beside it. */
#define TO_5 "ALTER TABLE participant DROP COLUMN contact; PRAGMA user_version = 5"
#define HEAD "dir/heads/x.json"

static void database_of(const MarketWorld *w, char ret[512]) {
    snprintf(ret, 512, "%s/convoke.db", w->dir);
}

static sqlite3 *database(const MarketWorld *w) {
    char path[512];
    sqlite3 *db;
    database_of(w, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static int version(const MarketWorld *w) {
    sqlite3 *db = database(w);
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int ret = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return ret;
}

/* Participants, batches, proofs, a refused one; closed, and of schema 5. */
static int old_setup(void **state) {
    OpenRequest r;
    char head[512];
    market_setup(state);
    MarketWorld *w = *state;
    assert_true(market_prove(w, 1) && market_prove(w, 1) && market_prove(w, 2));
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    assert_int_equal(market_submit(w, 1, r.request, "wrong"), SUBMISSION_INVALID);
    w->node = node_close(w->node);
    sqlite3 *db = database(w);
    if (sqlite3_exec(db, TO_5, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
    assert_int_equal(unlink(scratch_path(&w->at, head, HEAD)), 0);
    return 0;
}

static ExperimentAudit audit(const MarketWorld *w) {
    Store *s;
    StoreCeremony row;
    ExperimentAudit ret;
    char path[512];
    CvkErr err;
    database_of(w, path);
    assert_true(store_open(path, false, &s, &err));
    assert_true(store_ceremony_find(s, "x", &row, &err));
    if (!experiment_audit_rows(s, &row, NULL, 0, &ret, &err))
        fail_msg("%s", err.msg);
    free(row.definition);
    store_close(s);
    return ret;
}

static bool open_as_operator(const MarketWorld *w, CvkErr *err) {
    Node *n;
    bool ok = node_open(w->dir, (NodeOptions){.threads = 1}, &n, err);
    if (ok)
        node_close(n);
    return ok;
}

static void an_experiment_of_schema_5_is_valid_and_goes_on(void **state) {
    MarketWorld *w = *state;
    char head[512];
    assert_int_equal(version(w), 5);

    market_restart_from(w);

    assert_int_equal(version(w), 6);
    assert_true(market_prove(w, 1) && market_prove(w, 2));
    w->node = node_close(w->node);
    assert_int_equal(access(scratch_path(&w->at, head, HEAD), F_OK), 0);
    ExperimentAudit a = audit(w);
    assert_int_equal(a.participants, 2);
    assert_int_equal(a.batches, 3);
    assert_int_equal(a.submissions, 5);
    assert_int_equal(a.attempts, 1);
}

static void a_command_of_the_operator_brings_it_up_to_date_when_no_server_runs(void **state) {
    MarketWorld *w = *state;
    CvkErr err;

    if (!open_as_operator(w, &err))
        fail_msg("%s", err.msg);

    assert_int_equal(version(w), 6);
    assert_int_equal(audit(w).submissions, 3);
}

/* Another process has the directory's lock until `end` is closed. */
static pid_t serve_elsewhere(const MarketWorld *w, int *ret_end) {
    int up[2], down[2];
    char path[512], byte = 0;
    snprintf(path, sizeof path, "%s/lock", w->dir);
    assert_true(pipe(up) == 0 && pipe(down) == 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        close(down[1]);
        int fd = open(path, O_RDWR | O_CREAT, 0600);
        if (fd < 0 || fcntl(fd, F_SETLK, &whole) != 0 || write(up[1], &byte, 1) != 1)
            _exit(1);
        _exit(read(down[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(up[1]);
    close(down[0]);
    assert_int_equal(read(up[0], &byte, 1), 1);
    close(up[0]);
    *ret_end = down[1];
    return pid;
}

static void end_elsewhere(pid_t pid, int end) {
    int status;
    close(end);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void nobody_changes_the_database_under_a_server_of_the_release_before(void **state) {
    MarketWorld *w = *state;
    char out[512];
    BackupReport told;
    CvkErr err;
    int end;
    pid_t server = serve_elsewhere(w, &end);

    assert_false(open_as_operator(w, &err));
    assert_string_equal(err.id, "dir.old");
    assert_false(node_backup(w->dir, scratch_path(&w->at, out, "backup"), 1, &told,
                             (CvkProgress){.fn = NULL}, &err));
    assert_string_equal(err.id, "dir.old");
    assert_int_equal(version(w), 5);

    end_elsewhere(server, end);
    assert_true(open_as_operator(w, &err));
    assert_int_equal(version(w), 6);
}

static void a_server_of_this_release_does_not_keep_commands_away(void **state) {
    MarketWorld *w = *state;
    CvkErr err;
    int end;
    assert_true(open_as_operator(w, &err));
    pid_t server = serve_elsewhere(w, &end);

    assert_true(open_as_operator(w, &err));

    end_elsewhere(server, end);
}

#define OLD(fn) cmocka_unit_test_setup_teardown(fn, old_setup, market_teardown)

int main(int argc, char **argv) {
    MARKET_WORKER(argc, argv);
    const struct CMUnitTest tests[] = {
        OLD(an_experiment_of_schema_5_is_valid_and_goes_on),
        OLD(a_command_of_the_operator_brings_it_up_to_date_when_no_server_runs),
        OLD(nobody_changes_the_database_under_a_server_of_the_release_before),
        OLD(a_server_of_this_release_does_not_keep_commands_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
