/* A database of the first release is opened, brought to this release's schema, and gone on with. */
#include "support/test.h"

#include "schema_v1.h"
#include "store/sqlite.h"
#include "store_bench.h"

#include <sys/stat.h>

/* The bench's database is replaced by one of version 1. */
static int begin_with_v1(void **state) {
    bench_begin(state);
    Bench *b = *state;
    sqlite3 *db;
    char *why = NULL;
    b->s = store_close(b->s);
    unlink(b->path);
    assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA journal_mode = WAL;" SCHEMA_V1 JOURNAL_V1, NULL, NULL, &why);
    if (why != NULL)
        fail_msg("%s", why);
    sqlite3_close(db);
    b->ceremony = 1;
    return 0;
}
#define V1(fn) cmocka_unit_test_setup_teardown(fn, begin_with_v1, bench_end)

static bool count(void *ctx, const StoreEntry *e, CvkErr *err) {
    (void)err;
    assert_null(e->part);
    *(uint64_t *)ctx = e->seq;
    return true;
}

static bool see_contribution(void *ctx, const StoreContribution *c, CvkErr *err) {
    (void)err;
    assert_string_equal(c->identity, "eth|0xaa");
    assert_string_equal(c->receipt, "receipt");
    ++*(size_t *)ctx;
    return true;
}

static void what_an_old_database_held_is_still_there(void **state) {
    Bench *b = *state;
    uint64_t last = 0, seq;
    size_t contributions = 0, n;
    uint8_t *snapshot;

    b->s = bench_open(b);

    assert_true(store_journal_each(b->s, 1, 1, count, &last, NULL));
    assert_int_equal(last, 2);
    assert_true(store_contribution_each(b->s, 1, 1, see_contribution, &contributions, NULL));
    assert_int_equal(contributions, 1);
    assert_true(store_snapshot_get(b->s, 1, &seq, &snapshot, &n, NULL));
    assert_int_equal(n, 2);
    free(snapshot);
}

static void an_old_journal_has_no_head_until_its_next_entry(void **state) {
    Bench *b = *state;
    StoreHead h;
    bool found = true;
    b->s = bench_open(b);
    assert_true(store_head_get(b->s, 1, &h, &found, NULL));
    assert_false(found);

    StoreEntry e = bench_next(b->s, 1, "{\"three\"}");
    e.part = "{}";
    e.part_n = 2;
    StoreHead next = {.seq = 3};
    memcpy(next.hash, e.hash, sizeof next.hash);
    assert_true(store_begin(b->s, NULL));
    assert_true(store_journal_append(b->s, 1, &e, NULL));
    assert_true(store_head_put(b->s, 1, &next, NULL));
    assert_true(store_commit(b->s, NULL));
    bench_reopen(b);

    assert_true(store_head_get(b->s, 1, &h, &found, NULL));
    assert_true(found);
    assert_int_equal(h.seq, 3);
}

/* The schema as SQLite keeps it, by name. */
static void schema_of(Store *s, char ret[16384]) {
    sqlite3_stmt *st;
    const char *sql = "SELECT group_concat(name || ' ' || coalesce(sql, ''), ';') FROM "
                      "(SELECT name, sql FROM sqlite_schema ORDER BY name)";
    assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    snprintf(ret, 16384, "%s", (const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
}

static void a_migrated_database_has_the_schema_of_a_new_one(void **state) {
    Bench *b = *state;
    char path[512], migrated[16384], made[16384];
    Store *fresh;

    b->s = bench_open(b);

    assert_true(store_open(scratch_path(&b->scratch, path, "new.db"), true, &fresh, NULL));
    schema_of(b->s, migrated);
    schema_of(fresh, made);
    store_close(fresh);
    assert_string_equal(migrated, made);
}

static void migrating_is_done_once(void **state) {
    Bench *b = *state;
    b->s = bench_open(b);
    bench_append(b->s, 1, "{\"three\"}");

    bench_reopen(b);

    assert_int_equal(bench_head(b->s, 1), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        V1(what_an_old_database_held_is_still_there),
        V1(an_old_journal_has_no_head_until_its_next_entry),
        V1(a_migrated_database_has_the_schema_of_a_new_one),
        V1(migrating_is_done_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
