/* Two things that are stored and disagree: a start finds it and says where, or it does no harm. */
#include "base/file.h"
#include "run/backup.h"
#include "run/journal.h"
#include "run/world.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

/* Two contributions, somebody who only came by, and somebody who is banned; the server is down. */
typedef struct {
    World w;
    char database[512], good[512];
} Site;

static void copy(const char *from, const char *to) {
    CvkBuf b = CVK_BUF(1 << 26);
    CvkErr err;
    assert_true(cvk_file_read(from, &b, &err));
    assert_true(cvk_file_write(to, b.data, b.n, 0600, &err));
    cvk_buf_done(&b);
}

static int begin(void **state) {
    static Site x;
    CvkErr err;
    memset(&x, 0, sizeof x);
    world_open(&x.w, world_prompt);
    world_contribute(&x.w, "git|1|a", 1);
    world_contribute(&x.w, "git|2|b", 2);
    assert_true(ceremony_judge_person(x.w.c, COMMAND_BAN, "git|9|x", "spam", &err));
    x.w.node = node_close(x.w.node);
    scratch_path(&x.w.at, x.database, "convoke.db");
    scratch_path(&x.w.at, x.good, "good.db");
    copy(x.database, x.good);
    *state = &x;
    return 0;
}

static int end(void **state) {
    Site *x = *state;
    world_close(&x->w);
    return 0;
}
#define SITE(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

static void sql(const Site *x, const char *text) {
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(x->database, &db), SQLITE_OK);
    sqlite3_exec(db, text, NULL, NULL, &why);
    if (why != NULL)
        fail_msg("%s: %s", text, why);
    assert_true(sqlite3_total_changes(db) > 0);
    sqlite3_close(db);
}

static void mend(const Site *x) {
    copy(x->good, x->database);
}

static bool opens(Site *x, bool serving, CvkErr *err) {
    NodeOptions options = {.serving = serving, .by_hand = true, .threads = 1, .clock = world_clock};
    *err = (CvkErr){.id = ""};
    return node_open(x->w.at.dir, options, &x->w.node, err);
}

/* Serving and not: the same error, which tells where and what to do. */
static void is_refused(Site *x, const char *change, const char *id, const char *where) {
    for (int serving = 0; serving < 2; serving++) {
        CvkErr err;
        if (opens(x, serving != 0, &err))
            fail_msg("%s: nothing was noticed", change);
        x->w.node = NULL;
        if (strcmp(err.id, id) != 0 || strstr(err.msg, where) == NULL ||
            strstr(err.msg, "backup") == NULL)
            fail_msg("%s: %s: %s", change, err.id, err.msg);
    }
}

static void change_is_refused(Site *x, const char *change, const char *id, const char *where) {
    sql(x, change);
    is_refused(x, change, id, where);
    mend(x);
}

static void must_open(Site *x) {
    CvkErr err;
    if (!opens(x, true, &err))
        fail_msg("%s: %s", err.id, err.msg);
    assert_true(node_ceremony(x->w.node, "small", &x->w.c, &err));
}

static void close_it(Site *x) {
    x->w.node = node_close(x->w.node);
}

/* Leaves a snapshot of the whole behind. */
static void add_snapshot(Site *x) {
    CvkBuf bytes = CVK_BUF(LIMIT_SNAPSHOT);
    CvkErr err;
    must_open(x);
    assert_true(journal_snapshot(x->w.c, &bytes, &err));
    assert_true(
        store_snapshot_put(x->w.c->store, x->w.c->id, x->w.c->seq, bytes.data, bytes.n, &err));
    cvk_buf_done(&bytes);
    close_it(x);
    copy(x->database, x->good);
}

/* ---- contributions ---- */

static void each_change_of_a_contribution_is_found(Site *x) {
    static const struct {
        const char *change, *id, *where;
    } cases[] = {
        {"UPDATE contribution SET response = randomblob(32) WHERE idx = 1", "contribution.damaged",
         "contribution 1: its response"},
        {"UPDATE contribution SET record = zeroblob(length(record)) WHERE idx = 2",
         "contribution.damaged", "contribution 2: its record"},
        {"UPDATE contribution SET identity = 'git|2|c' WHERE idx = 2", "contribution.damaged",
         "contribution 2: its identity"},
        {"UPDATE contribution SET identity = 'git|2|b', session = (SELECT session FROM contribution"
         " WHERE idx = 2) WHERE idx = 1",
         "contribution.damaged", "contribution 1: its identity"},
        {"UPDATE contribution SET session = randomblob(32) WHERE idx = 2", "contribution.damaged",
         "contribution 2: its session"},
        {"UPDATE contribution SET seq = 2 WHERE idx = 2", "contribution.damaged",
         "contribution 2: its entry"},
        {"DELETE FROM contribution WHERE idx = 1", "contribution.lost", "contribution 1 "},
        {"DELETE FROM contribution WHERE idx = 2", "contribution.lost", "contribution 2 "},
        {"UPDATE contribution SET idx = 3 WHERE idx = 2", "contribution.lost", "contribution 2 "},
        {"INSERT INTO contribution SELECT ceremony, 3, 1, identity, response, session, record, "
         "receipt, signature FROM contribution WHERE idx = 2",
         "contribution.damaged", "contribution 3 "},
        {"PRAGMA foreign_keys = OFF; INSERT INTO contribution SELECT ceremony, 3, 999, identity, "
         "response, session, record, receipt, signature FROM contribution WHERE idx = 2",
         "contribution.damaged", "contribution 3 "},
        {"UPDATE contribution SET identity = char(1) || 'x' WHERE idx = 2", "contribution.damaged",
         "contribution 2"},
        {"UPDATE contribution SET identity = printf('%300c', 'x') WHERE idx = 2", "store.damaged",
         "contribution 2"},
        {"DELETE FROM used_key WHERE key = (SELECT max(key) FROM used_key)", "key.lost",
         "contribution "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        change_is_refused(x, cases[i].change, cases[i].id, cases[i].where);
}

static void a_contribution_that_is_not_the_journal_s_is_found_at_the_start(void **state) {
    each_change_of_a_contribution_is_found(*state);
}

static void a_snapshot_does_not_hide_it(void **state) {
    Site *x = *state;
    add_snapshot(x);

    each_change_of_a_contribution_is_found(x);
    change_is_refused(x, "DELETE FROM journal_private WHERE seq = 2", "journal.private", "entry 2");
    change_is_refused(x, "UPDATE journal SET json = replace(json, ':1', ':2') WHERE seq = 3",
                      "journal.broken", "entry 3");
}

/* ---- receipts ---- */

static void hears(Site *x, uint64_t index, const char *id, const char *where) {
    char *receipt, signature[131];
    CvkErr err = {.id = ""};
    must_open(x);
    bool ok = ceremony_receipt(x->w.c, index, &receipt, signature, &err);
    if (ok)
        free(receipt);
    if (strcmp(err.id, id) != 0 || (!ok && strstr(err.msg, where) == NULL))
        fail_msg("%s: %s", err.id, err.msg);
    close_it(x);
}

static void a_damaged_receipt_is_given_to_nobody(void **state) {
    Site *x = *state;
    static const char *const changes[] = {
        "UPDATE contribution SET receipt = replace(receipt, '\"time\":\"2', '\"time\":\"3') "
        "WHERE idx = 2",
        "UPDATE contribution SET signature = replace(signature, '1', '2') WHERE idx = 2",
        "UPDATE contribution SET signature = substr(signature, 2) WHERE idx = 2",
        "UPDATE contribution SET signature = '' WHERE idx = 2",
        "UPDATE contribution SET receipt = '' WHERE idx = 2",
        /* another's, rightly signed */
        "UPDATE contribution SET (receipt, signature) = "
        "(SELECT receipt, signature FROM contribution WHERE idx = 1) WHERE idx = 2",
    };
    char backup[512], out[512];
    BackupReport report;
    CvkErr err;
    scratch_path(&x->w.at, backup, "backup");
    scratch_path(&x->w.at, out, "out");
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        sql(x, changes[i]);

        hears(x, 1, "", "");
        hears(x, 2, "receipt.damaged", "contribution 2 ");

        assert_false(node_backup(x->w.at.dir, backup, 1, &report, (CvkProgress){0}, &err));
        assert_string_equal(err.id, "receipt.damaged");
        must_open(x);
        assert_false(ceremony_export(x->w.c, out, true, (CvkProgress){0}, &err));
        assert_string_equal(err.id, "receipt.damaged");
        scratch_remove_at(AT_FDCWD, out);
        close_it(x);
        mend(x);
    }
    hears(x, 2, "", "");
}

static void whoever_uploads_again_is_not_given_a_damaged_receipt(void **state) {
    Site *x = *state;
    Refusal refusal;
    size_t n, m;
    CvkErr err;
    Upload *u;
    must_open(x);
    Session s = world_sign_in(&x->w, "git|3|c");
    char *challenge = world_check_in(&x->w, &s, &refusal, &n);
    char *response = world_respond(challenge, n, 3, "git|3|c", &m);
    Submit got = world_upload(&x->w, &s, response, m), again;
    assert_int_equal(got.result, SUBMIT_ACCEPTED);
    sql(x, "UPDATE contribution SET receipt = replace(receipt, '\"time\":\"2', '\"time\":\"3') "
           "WHERE idx = 3");

    assert_true(upload_begin(x->w.c, &s, 0, &u, &err));
    assert_true(upload_write(u, response, m, &err));
    assert_false(upload_finish(u, &again, &err));

    assert_string_equal(err.id, "receipt.damaged");
    submit_done(&got);
    submit_done(&again);
    upload_free(u);
    free(challenge);
    free(response);
    close_it(x);
}

/* ---- the journal and what stands beside it ---- */

static void a_journal_without_a_private_part_is_refused(void **state) {
    Site *x = *state;
    char seq[16], change[160];
    sqlite3 *db;
    sqlite3_stmt *st;
    int n = 0;
    assert_int_equal(sqlite3_open(x->database, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT seq FROM journal_private", -1, &st, NULL), 0);
    int seqs[8];
    while (sqlite3_step(st) == SQLITE_ROW)
        seqs[n++] = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    assert_int_equal(n, 3);
    for (int i = 0; i < n; i++) {
        snprintf(seq, sizeof seq, "entry %d", seqs[i]);
        snprintf(change, sizeof change, "DELETE FROM journal_private WHERE seq = %d", seqs[i]);
        change_is_refused(x, change, "journal.private", seq);
    }
}

static void a_backup_is_not_made_without_a_private_part(void **state) {
    Site *x = *state;
    char backup[512];
    BackupReport report;
    CvkErr err;
    scratch_path(&x->w.at, backup, "backup");
    sql(x, "DELETE FROM journal_private WHERE seq = 2");

    assert_false(node_backup(x->w.at.dir, backup, 1, &report, (CvkProgress){0}, &err));

    assert_string_equal(err.id, "journal.private");
}

static void what_disagrees_with_the_journal_is_refused(void **state) {
    Site *x = *state;
    static const struct {
        const char *change, *id, *where;
    } cases[] = {
        /* private parts */
        {"UPDATE journal_private SET json = replace(json, 'git|1|a', 'git|1|b')", "journal.private",
         "entry 2"},
        {"UPDATE journal_private SET salt = zeroblob(32) WHERE seq = 2", "journal.private",
         "entry 2"},
        {"INSERT INTO journal_private SELECT ceremony, 1, salt, json FROM journal_private LIMIT 1",
         "journal.private", "entry 1"},
        /* the ceremony's row */
        {"UPDATE ceremony SET definition = replace(definition, '8,3', '8,4')", "journal.definition",
         "definition"},
        {"UPDATE ceremony SET name = 'smell'", "journal.definition", "'smell'"},
        {"PRAGMA foreign_keys = OFF; DELETE FROM ceremony", "ceremony.lost", "does not know"},
        {"PRAGMA foreign_keys = OFF; UPDATE ceremony SET id = 7", "ceremony.lost", "know"},
        /* the end */
        {"DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)", "journal.short",
         "entry "},
        {"DELETE FROM journal", "journal.short", "entry 0"},
        {"DELETE FROM journal_head", "journal.short", "entry "},
        {"UPDATE journal_head SET root = randomblob(32)", "journal.broken", "entries"},
        {"UPDATE journal_head SET hash = randomblob(32)", "journal.broken", "entry "},
        {"UPDATE journal_head SET seq = seq - 1", "journal.short", "entry "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        change_is_refused(x, cases[i].change, cases[i].id, cases[i].where);
    must_open(x);
    close_it(x);
}

/* ---- what is of another ceremony, or another server ---- */

/* Another directory with a ceremony of the same name. */
static void open_other(World *other) {
    world_open(other, world_prompt);
    world_contribute(other, "git|5|e", 5);
}

static void take_from(const World *other, Site *x, const char *name) {
    char from[512], to[512];
    scratch_path(&other->at, from, name);
    scratch_path(&x->w.at, to, name);
    copy(from, to);
}

static void a_head_of_another_server_or_ceremony_is_refused(void **state) {
    Site *x = *state;
    static World other;
    char ours[512], kept[512];
    CvkErr err;
    open_other(&other);
    scratch_path(&x->w.at, ours, "heads/small.json");
    scratch_path(&x->w.at, kept, "heads/kept.json");
    copy(ours, kept);

    take_from(&other, x, "heads/small.json");
    is_refused(x, "another server's head", "head.damaged", "small.json");
    copy(kept, ours);

    must_open(x);
    assert_true(node_ceremony_new(x->w.node, "second", "kzg", "4,3", world_prompt, &err));
    close_it(x);
    char second[512];
    scratch_path(&x->w.at, second, "heads/second.json");
    copy(kept, second);
    is_refused(x, "another ceremony's head", "head.damaged", "second.json");
    assert_int_equal(remove(second), 0);
    world_close(&other);
}

static void a_key_that_the_journal_does_not_name_is_refused(void **state) {
    Site *x = *state;
    static World other;
    char head[512];
    open_other(&other);
    take_from(&other, x, "server.key");
    scratch_path(&x->w.at, head, "heads/small.json");
    assert_int_equal(remove(head), 0);

    is_refused(x, "another server's key", "key.other", "server.key");

    world_close(&other);
}

static void a_snapshot_of_another_journal_is_not_believed(void **state) {
    Site *x = *state;
    static World other;
    CvkBuf bytes = CVK_BUF(LIMIT_SNAPSHOT);
    CvkErr err;
    uint8_t was[32], is[32];
    open_other(&other);
    assert_true(journal_snapshot(other.c, &bytes, &err));
    uint64_t seq = other.c->seq;
    must_open(x);
    engine_state_hash(x->w.c->state, was);
    assert_true(seq < x->w.c->seq);
    assert_true(store_snapshot_put(x->w.c->store, x->w.c->id, seq, bytes.data, bytes.n, &err));
    close_it(x);

    must_open(x);

    engine_state_hash(x->w.c->state, is);
    assert_memory_equal(was, is, sizeof was);
    close_it(x);
    cvk_buf_done(&bytes);
    world_close(&other);
}

static void the_tree_of_a_snapshot_with_the_state_of_another_is_not_believed(void **state) {
    Site *x = *state;
    static World other;
    CvkBuf ours = CVK_BUF(LIMIT_SNAPSHOT), theirs = CVK_BUF(LIMIT_SNAPSHOT);
    CvkErr err;
    open_other(&other);
    assert_true(journal_snapshot(other.c, &theirs, &err));
    must_open(x);
    assert_true(journal_snapshot(x->w.c, &ours, &err));
    size_t tree = 2 + (((size_t)(uint8_t)ours.data[0] << 8) | (uint8_t)ours.data[1]);
    size_t tail = 2 + (((size_t)(uint8_t)theirs.data[0] << 8) | (uint8_t)theirs.data[1]);
    ours.n = tree;
    assert_true(cvk_buf_add(&ours, theirs.data + tail, theirs.n - tail, &err));
    assert_true(
        store_snapshot_put(x->w.c->store, x->w.c->id, x->w.c->seq, ours.data, ours.n, &err));
    close_it(x);

    must_open(x);

    assert_int_equal(world_contributions(&x->w), 2);
    close_it(x);
    cvk_buf_done(&ours);
    cvk_buf_done(&theirs);
    world_close(&other);
}

/* ---- what does no harm ---- */

/* A session's row has its hash, which is made from the identity: one that names somebody else is
 * nobody's, and its holder signs in again. */
static void a_session_in_another_s_name_is_none(void **state) {
    Site *x = *state;
    char id[AUTH_SESSION_TEXT];
    Session s;
    must_open(x);
    world_sign_in(&x->w, "git|3|c");
    auth_session_id(x->w.c->host.auth, x->w.c->id, "git|3|c", 0, id);
    assert_true(ceremony_session(x->w.c, id, &s));
    close_it(x);
    sql(x, "UPDATE session SET identity = 'git|4|d' WHERE identity = 'git|3|c'");

    must_open(x);

    assert_false(ceremony_session(x->w.c, id, &s));
    world_sign_in(&x->w, "git|3|c");
    assert_true(ceremony_session(x->w.c, id, &s));
    assert_string_equal(s.identity, "git|3|c");
    close_it(x);
}

/* Whoever is out is so by the journal. */
static void a_session_that_is_no_longer_ended_gives_no_second_turn(void **state) {
    Site *x = *state;
    must_open(x);
    Session s = world_sign_in(&x->w, "git|3|c");
    world_contribute(&x->w, "git|3|c", 3);
    sql(x, "UPDATE session SET ended = 0");

    assert_int_equal(world_ask(&x->w, &s), REFUSAL_OUT);

    close_it(x);
}

/* Nobody draws a key that somebody else has drawn. */
static void a_key_too_many_does_no_harm(void **state) {
    Site *x = *state;
    sql(x, "INSERT INTO used_key SELECT ceremony, randomblob(96) FROM used_key LIMIT 1");

    must_open(x);

    world_contribute(&x->w, "git|3|c", 3);
    close_it(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SITE(a_contribution_that_is_not_the_journal_s_is_found_at_the_start),
        SITE(a_snapshot_does_not_hide_it),
        SITE(a_damaged_receipt_is_given_to_nobody),
        SITE(whoever_uploads_again_is_not_given_a_damaged_receipt),
        SITE(a_journal_without_a_private_part_is_refused),
        SITE(a_backup_is_not_made_without_a_private_part),
        SITE(what_disagrees_with_the_journal_is_refused),
        SITE(a_head_of_another_server_or_ceremony_is_refused),
        SITE(a_key_that_the_journal_does_not_name_is_refused),
        SITE(a_snapshot_of_another_journal_is_not_believed),
        SITE(the_tree_of_a_snapshot_with_the_state_of_another_is_not_believed),
        SITE(a_session_in_another_s_name_is_none),
        SITE(a_session_that_is_no_longer_ended_gives_no_second_turn),
        SITE(a_key_too_many_does_no_harm),
    };
    return cmocka_run_group_tests_name("run/integrity", tests, NULL, NULL);
}
