/* What the tests of the store share: a fresh database each, and a journal that grows. Include after
 * support/test.h. */
#pragma once

#include "engine/event_json.h"
#include "store/store.h"
#include "support/scratch.h"

#include <sqlite3.h>

typedef struct {
    Scratch scratch;
    char path[512];
    Store *s;
    int64_t ceremony;
} Bench;

static inline Store *bench_open(Bench *b) {
    Store *s = NULL;
    CvkErr err = {0};
    if (!store_open(b->path, false, &s, &err))
        fail_msg("%s: %s", err.id, err.msg);
    return s;
}

static inline int bench_begin(void **state) {
    static Bench b;
    CvkErr err = {0};
    scratch_make(&b.scratch);
    scratch_path(&b.scratch, b.path, "convoke.db");
    if (!store_open(b.path, true, &b.s, &err))
        fail_msg("%s: %s", err.id, err.msg);
    assert_true(store_ceremony_add(b.s, "mini", "kzg", "{\"sizes\":[]}", 1000, &b.ceremony, &err));
    *state = &b;
    return 0;
}

static inline int bench_end(void **state) {
    Bench *b = *state;
    store_close(b->s);
    scratch_remove(&b->scratch);
    return 0;
}

/* As after a crash: nothing is committed that was not. */
static inline void bench_reopen(Bench *b) {
    store_close(b->s);
    b->s = bench_open(b);
}

/* The next entry of the journal as this connection sees it. */
static inline StoreEntry bench_next(Store *s, int64_t ceremony, const char *json) {
    StoreEntry e = {.json = json, .n = strlen(json)};
    uint8_t before[32];
    assert_true(store_journal_head(s, ceremony, &e.seq, before, NULL));
    e.seq++;
    event_chain(before, e.json, e.n, e.hash);
    return e;
}

static inline void bench_append(Store *s, int64_t ceremony, const char *json) {
    StoreEntry e = bench_next(s, ceremony, json);
    CvkErr err = {0};
    if (!store_journal_append(s, ceremony, &e, &err))
        fail_msg("%s: %s", err.id, err.msg);
}

static inline uint64_t bench_head(Store *s, int64_t ceremony) {
    uint64_t seq;
    uint8_t hash[32];
    assert_true(store_journal_head(s, ceremony, &seq, hash, NULL));
    return seq;
}

/* Does something to the database behind the store's back. */
static inline void bench_tamper(Bench *b, const char *sql) {
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &why);
    if (why != NULL)
        fail_msg("%s", why);
    sqlite3_close(db);
}

#define assert_fails(call, want_code, want_id)                                                     \
    do {                                                                                           \
        CvkErr err = {0};                                                                          \
        assert_false(call);                                                                        \
        assert_non_null(err.id);                                                                   \
        assert_string_equal(err.id, want_id);                                                      \
        assert_int_equal(err.code, want_code);                                                     \
    } while (0)
#define BENCH(fn) cmocka_unit_test_setup_teardown(fn, bench_begin, bench_end)
