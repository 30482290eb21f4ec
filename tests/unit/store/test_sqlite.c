/* What is SQLite's own: the file and its mode, versions, damage, full disks, several connections.
 */
#include "support/test.h"

#include "store/sqlite.h"
#include "store_bench.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static int64_t pragma(Store *s, const char *sql) {
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t v = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return v;
}

/* ---- the file ---- */

static void the_database_is_durable_strict_and_marked(void **state) {
    Bench *b = *state;

    assert_int_equal(pragma(b->s, "PRAGMA synchronous"), 2); /* FULL */
    assert_int_equal(pragma(b->s, "PRAGMA foreign_keys"), 1);
    assert_int_equal(pragma(b->s, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
    assert_int_equal(pragma(b->s, "PRAGMA application_id"), STORE_APPLICATION_ID);
    assert_int_equal(pragma(b->s, "PRAGMA user_version"), 6);
    assert_int_equal(pragma(b->s, "SELECT count(*) FROM pragma_table_list "
                                  "WHERE type = 'table' AND NOT strict AND schema = 'main' "
                                  "AND name NOT LIKE 'sqlite%'"),
                     0);
}

static void its_files_are_private(void **state) {
    Bench *b = *state;
    static const char *const names[] = {"convoke.db", "convoke.db-wal", "convoke.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[512];
        struct stat st;
        assert_int_equal(stat(scratch_path(&b->scratch, path, names[i]), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

static void a_connection_may_wait_for_none(void **state) {
    Bench *b = *state;
    Store *s;
    CvkErr err;
    assert_true(store_open(b->path, false, &s, &err));
    assert_int_equal(pragma(s, "PRAGMA busy_timeout"), BUSY_MS);
    assert_true(store_begin(b->s, &err));

    store_wait_for_none(s);

    assert_int_equal(pragma(s, "PRAGMA busy_timeout"), 0);
    assert_false(store_begin(s, &err));
    assert_string_equal(err.id, "store.busy");
    store_close(s);
}

static void another_program_s_database_is_refused_and_left_alone(void **state) {
    Bench *b = *state;
    Store *s;
    store_close(b->s);
    b->s = NULL;
    bench_tamper(b, "PRAGMA application_id = 77");

    assert_fails(store_open(b->path, false, &s, &err), CVK_EBACKEND, "store.foreign");
    assert_fails(store_open(b->path, true, &s, &err), CVK_EBACKEND, "store.foreign");
}

static void a_database_without_our_mark_is_refused(void **state) {
    Bench *b = *state;
    Store *s;
    store_close(b->s);
    b->s = NULL;
    bench_tamper(b, "PRAGMA application_id = 0; PRAGMA user_version = 0");

    assert_fails(store_open(b->path, true, &s, &err), CVK_EBACKEND, "store.foreign");
}

static void a_file_that_is_no_database_is_refused(void **state) {
    Bench *b = *state;
    char path[512];
    Store *s;
    FILE *f = fopen(scratch_path(&b->scratch, path, "text"), "w");
    fputs("this is no database, but long enough to look like the beginning of a file with a "
          "header of a hundred bytes and more",
          f);
    fclose(f);

    assert_fails(store_open(path, true, &s, &err), CVK_EBACKEND, "store.damaged");
}

static void an_empty_file_is_filled_only_when_asked_to_create(void **state) {
    Bench *b = *state;
    char path[512];
    Store *s;
    fclose(fopen(scratch_path(&b->scratch, path, "empty.db"), "w"));

    assert_fails(store_open(path, false, &s, &err), CVK_EBACKEND, "store.foreign");
    assert_true(store_open(path, true, &s, NULL));
    store_close(s);
    assert_true(store_open(path, false, &s, NULL));
    store_close(s);
}

static void a_database_of_a_later_release_is_refused_politely(void **state) {
    Bench *b = *state;
    CvkErr err = {0};
    Store *s;
    store_close(b->s);
    b->s = NULL;
    bench_tamper(b, "PRAGMA user_version = 99");

    assert_false(store_open(b->path, false, &s, &err));

    assert_string_equal(err.id, "store.newer");
    assert_non_null(strstr(err.msg, "version 99"));
    assert_non_null(strstr(err.msg, "newer release"));
}

static void a_database_that_cannot_be_opened_is_reported(void **state) {
    Bench *b = *state;
    Store *s;

    assert_fails(store_open(b->scratch.dir, false, &s, &err), CVK_EBACKEND, "store.sqlite");
}

/* ---- damage ---- */

static bool count(void *ctx, const StoreEntry *e, CvkErr *err) {
    (void)err;
    *(uint64_t *)ctx = e->seq;
    return true;
}

static void three_entries(Bench *b) {
    bench_append(b->s, b->ceremony, "{\"one\"}");
    bench_append(b->s, b->ceremony, "{\"two\"}");
    bench_append(b->s, b->ceremony, "{\"three\"}");
}

/* After `sql` the journal reads up to `good` and then names entry `bad`. */
static void breaks_at(Bench *b, const char *sql, uint64_t good, const char *bad) {
    uint64_t last = 0;
    CvkErr err = {0};
    three_entries(b);
    bench_tamper(b, sql);

    assert_false(store_journal_each(b->s, b->ceremony, 1, count, &last, &err));

    assert_int_equal(last, good);
    assert_string_equal(err.id, "journal.broken");
    assert_int_equal(err.code, CVK_EBACKEND);
    assert_non_null(strstr(err.msg, bad));
}

static void a_flipped_byte_in_a_line_of_the_journal_is_found(void **state) {
    breaks_at(*state, "UPDATE journal SET json = '{\"twp\"}' WHERE seq = 2", 1, "entry 2");
}

static void a_changed_hash_is_found(void **state) {
    breaks_at(*state, "UPDATE journal SET hash = zeroblob(32) WHERE seq = 3", 2, "entry 3");
}

static void a_removed_line_is_found(void **state) {
    breaks_at(*state, "DELETE FROM journal WHERE seq = 2", 1, "entry 2");
}

static void a_removed_first_line_is_found(void **state) {
    breaks_at(*state, "DELETE FROM journal WHERE seq = 1", 0, "entry 1");
}

static void a_line_longer_than_any_event_is_found(void **state) {
    breaks_at(*state,
              "UPDATE journal SET json = (WITH RECURSIVE x(t, i) AS (VALUES ('', 0) UNION ALL "
              "SELECT t || 'a', i + 1 FROM x WHERE i < 3000) SELECT max(t) FROM x) WHERE seq = 2",
              1, "entry 2");
}

static void a_zero_byte_in_a_line_is_found(void **state) {
    breaks_at(*state, "UPDATE journal SET json = json || char(0) || 'x' WHERE seq = 2", 1,
              "entry 2");
}

static void reading_from_the_middle_needs_the_line_before(void **state) {
    Bench *b = *state;
    uint64_t last = 0;
    three_entries(b);
    assert_true(store_journal_each(b->s, b->ceremony, 2, count, &last, NULL));
    assert_int_equal(last, 3);
    bench_tamper(b, "DELETE FROM journal WHERE seq = 1");

    assert_fails(store_journal_each(b->s, b->ceremony, 2, count, &last, &err), CVK_EBACKEND,
                 "journal.broken");
}

static void a_name_too_long_for_its_place_is_found(void **state) {
    Bench *b = *state;
    StoreCeremony c;
    bench_tamper(b, "UPDATE ceremony SET kind = 'a kind far too long for its place'");

    assert_fails(store_ceremony_find(b->s, NULL, &c, &err), CVK_EBACKEND, "store.damaged");
}

/* ---- full disks ---- */

static void fill_until_refused(Bench *b, CvkErr *err) {
    char json[1500];
    memset(json, 'x', sizeof json - 1);
    json[sizeof json - 1] = '\0';
    for (int i = 0; i < 1000; i++) {
        StoreEntry e = bench_next(b->s, b->ceremony, json);
        if (!store_journal_append(b->s, b->ceremony, &e, err))
            return;
    }
    fail_msg("the disk was never full");
}

static void limit_pages(Bench *b, int64_t further) {
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld",
             (long long)pragma(b->s, "PRAGMA page_count") + (long long)further);
    pragma(b->s, sql);
}

static void a_full_disk_rolls_the_transaction_back_and_says_so(void **state) {
    Bench *b = *state;
    CvkErr why = {0};
    bench_append(b->s, b->ceremony, "before");
    limit_pages(b, 3);
    assert_true(store_begin(b->s, NULL));

    fill_until_refused(b, &why);

    assert_string_equal(why.id, "store.full");
    assert_int_equal(why.code, CVK_EBACKEND);
    assert_fails(store_session_expire(b->s, 0, &err), CVK_EBACKEND, "store.rolled_back");
    assert_fails(store_commit(b->s, &err), CVK_EBACKEND, "store.rolled_back");
    assert_int_equal(bench_head(b->s, b->ceremony), 1);
}

static void work_goes_on_when_there_is_room_again(void **state) {
    Bench *b = *state;
    CvkErr err = {0};
    limit_pages(b, 3);
    assert_true(store_begin(b->s, NULL));
    fill_until_refused(b, &err);
    store_rollback(b->s);
    limit_pages(b, 1000);

    assert_true(store_begin(b->s, NULL));
    bench_append(b->s, b->ceremony, "after");
    assert_true(store_commit(b->s, NULL));
    bench_reopen(b);

    assert_int_equal(bench_head(b->s, b->ceremony), 1);
}

static void a_write_that_fails_leaves_what_was_there(void **state) {
    Bench *b = *state;
    CvkErr err = {0};
    struct rlimit was, tight = {0};
    bench_append(b->s, b->ceremony, "before");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    tight = was;
    tight.rlim_cur = 200000; /* no file may grow beyond this */
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);

    fill_until_refused(b, &err);
    uint64_t head = bench_head(b->s, b->ceremony);
    setrlimit(RLIMIT_FSIZE, &was);
    bench_reopen(b);

    assert_int_equal(err.code, CVK_EBACKEND);
    assert_int_equal(bench_head(b->s, b->ceremony), head);
    uint64_t last = 0;
    assert_true(store_journal_each(b->s, b->ceremony, 1, count, &last, NULL));
    assert_int_equal(last, head);
}

/* ---- several connections ---- */

static bool append_inside(void *ctx, const StoreEntry *e, CvkErr *err) {
    Bench *b = ctx;
    (void)e;
    (void)err;
    size_t n = 0;
    assert_true(store_begin(b->s, NULL));
    bench_append(b->s, b->ceremony, "inside");
    assert_true(store_commit(b->s, NULL));
    assert_true(store_journal_each(b->s, b->ceremony, 1, count, &n, NULL));
    return false;
}

static void the_store_may_be_used_while_its_rows_are_read(void **state) {
    Bench *b = *state;
    bench_append(b->s, b->ceremony, "one");

    assert_false(store_journal_each(b->s, b->ceremony, 1, append_inside, b, NULL));

    assert_int_equal(bench_head(b->s, b->ceremony), 2);
}

enum { WRITERS = 3, EACH = 20 };

/* Decides again whenever another was faster, as a node does. */
static void *write_many(void *ctx) {
    Bench *b = ctx;
    Store *s = NULL;
    if (!store_open(b->path, false, &s, NULL))
        return NULL;
    for (size_t done = 0; done < EACH;) {
        StoreEntry e = {.json = "x", .n = 1};
        uint8_t before[32];
        CvkErr err = {0};
        if (!store_journal_head(s, b->ceremony, &e.seq, before, NULL))
            break;
        e.seq++;
        event_chain(before, e.json, e.n, e.hash);
        if (store_journal_append(s, b->ceremony, &e, &err))
            done++;
        else if (err.code != CVK_ECONFLICT)
            break;
    }
    store_close(s);
    return NULL;
}

static void several_writers_make_one_unbroken_journal(void **state) {
    Bench *b = *state;
    pthread_t writers[WRITERS];
    uint64_t last = 0;
    for (size_t i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, write_many, b), 0);
    for (size_t i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);

    assert_true(store_journal_each(b->s, b->ceremony, 1, count, &last, NULL));

    assert_int_equal(last, WRITERS * EACH);
}

static void *open_new(void *ctx) {
    Store *s = NULL;
    CvkErr err;
    bool ok = store_open(ctx, true, &s, &err);
    if (!ok)
        print_message("# %s: %s\n", err.id, err.msg);
    store_close(s);
    return ok ? ctx : NULL;
}

static void a_database_may_be_made_by_two_at_once(void **state) {
    Bench *b = *state;
    char path[512];
    pthread_t makers[2];
    scratch_path(&b->scratch, path, "both.db");
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&makers[i], NULL, open_new, path), 0);

    for (size_t i = 0; i < 2; i++) {
        void *ok;
        pthread_join(makers[i], &ok);
        assert_non_null(ok);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH(the_database_is_durable_strict_and_marked),
        BENCH(its_files_are_private),
        BENCH(a_connection_may_wait_for_none),
        BENCH(another_program_s_database_is_refused_and_left_alone),
        BENCH(a_database_without_our_mark_is_refused),
        BENCH(a_file_that_is_no_database_is_refused),
        BENCH(an_empty_file_is_filled_only_when_asked_to_create),
        BENCH(a_database_of_a_later_release_is_refused_politely),
        BENCH(a_database_that_cannot_be_opened_is_reported),
        BENCH(a_flipped_byte_in_a_line_of_the_journal_is_found),
        BENCH(a_changed_hash_is_found),
        BENCH(a_removed_line_is_found),
        BENCH(a_removed_first_line_is_found),
        BENCH(a_line_longer_than_any_event_is_found),
        BENCH(a_zero_byte_in_a_line_is_found),
        BENCH(reading_from_the_middle_needs_the_line_before),
        BENCH(a_name_too_long_for_its_place_is_found),
        BENCH(a_full_disk_rolls_the_transaction_back_and_says_so),
        BENCH(work_goes_on_when_there_is_room_again),
        BENCH(a_write_that_fails_leaves_what_was_there),
        BENCH(the_store_may_be_used_while_its_rows_are_read),
        BENCH(several_writers_make_one_unbroken_journal),
        BENCH(a_database_may_be_made_by_two_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
