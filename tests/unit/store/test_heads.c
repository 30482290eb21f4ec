/* Private parts of entries, and heads: how a journal that was cut off is seen. */
#include "support/test.h"

#include "store_bench.h"

/* ---- private parts ---- */

typedef struct {
    char part[4][64]; /* "-": none */
    uint8_t salt[4][32];
} Parts;

static bool see(void *ctx, const StoreEntry *e, CvkErr *err) {
    Parts *x = ctx;
    (void)err;
    assert_in_range(e->seq, 1, 3);
    snprintf(x->part[e->seq], sizeof x->part[0], "%.*s", e->part == NULL ? 1 : (int)e->part_n,
             e->part == NULL ? "-" : e->part);
    memcpy(x->salt[e->seq], e->salt, sizeof e->salt);
    return true;
}

static void append_with(Bench *b, const char *json, const char *part, uint8_t salt) {
    StoreEntry e = bench_next(b->s, b->ceremony, json);
    e.part = part;
    e.part_n = strlen(part);
    memset(e.salt, salt, sizeof e.salt);
    assert_true(store_begin(b->s, NULL));
    assert_true(store_journal_append(b->s, b->ceremony, &e, NULL));
    assert_true(store_commit(b->s, NULL));
}

static void three_parts(Bench *b) {
    append_with(b, "one", "{\"identity\":\"a\"}", 1);
    bench_append(b->s, b->ceremony, "two");
    append_with(b, "three", "{\"identity\":\"c\"}", 3);
}

static void a_private_part_comes_back_with_its_entry(void **state) {
    Bench *b = *state;
    Parts x = {0};
    three_parts(b);

    assert_true(store_journal_each(b->s, b->ceremony, 1, see, &x, NULL));

    assert_string_equal(x.part[1], "{\"identity\":\"a\"}");
    assert_string_equal(x.part[2], "-");
    assert_string_equal(x.part[3], "{\"identity\":\"c\"}");
    assert_int_equal(x.salt[1][31], 1);
    assert_int_equal(x.salt[2][31], 0);
    assert_int_equal(x.salt[3][0], 3);
}

static void a_deleted_private_part_leaves_the_journal_whole(void **state) {
    Bench *b = *state;
    Parts x = {0};
    three_parts(b);
    bench_tamper(b, "DELETE FROM journal_private WHERE seq = 1");

    assert_true(store_journal_each(b->s, b->ceremony, 1, see, &x, NULL));

    assert_string_equal(x.part[1], "-");
    assert_string_equal(x.part[3], "{\"identity\":\"c\"}");
}

static void a_private_part_that_is_no_text_is_found(void **state) {
    Bench *b = *state;
    Parts x = {0};
    CvkErr err = {0};
    three_parts(b);
    bench_tamper(b, "UPDATE journal_private SET json = json || char(0) WHERE seq = 3");

    assert_false(store_journal_each(b->s, b->ceremony, 1, see, &x, &err));

    assert_string_equal(err.id, "journal.broken");
    assert_non_null(strstr(err.msg, "entry 3"));
}

static void a_private_part_has_a_greatest_length(void **state) {
    Bench *b = *state;
    char part[STORE_PART_MAX + 1];
    memset(part, 'p', sizeof part);
    StoreEntry e = bench_next(b->s, b->ceremony, "one");
    e.part = part;
    e.part_n = sizeof part;

    assert_fails(store_journal_append(b->s, b->ceremony, &e, &err), CVK_ELIMIT, "journal.big");
}

/* ---- heads ---- */

static StoreHead head_of(const StoreEntry *e) {
    StoreHead h = {.seq = e->seq};
    memcpy(h.hash, e->hash, sizeof h.hash);
    memset(h.root, (int)e->seq, sizeof h.root);
    return h;
}

static void append_and_tell(Bench *b, const char *json) {
    StoreEntry e = bench_next(b->s, b->ceremony, json);
    StoreHead h = head_of(&e);
    assert_true(store_begin(b->s, NULL));
    assert_true(store_journal_append(b->s, b->ceremony, &e, NULL));
    assert_true(store_head_put(b->s, b->ceremony, &h, NULL));
    assert_true(store_commit(b->s, NULL));
}

static void three_told(Bench *b) {
    append_and_tell(b, "one");
    append_and_tell(b, "two");
    append_and_tell(b, "three");
}

static void the_head_that_was_put_last_is_given(void **state) {
    Bench *b = *state;
    StoreHead h;
    bool found;
    three_told(b);

    assert_true(store_head_get(b->s, b->ceremony, &h, &found, NULL));

    assert_true(found);
    assert_int_equal(h.seq, 3);
    assert_int_equal(h.root[7], 3);
}

static void each_ceremony_has_its_head(void **state) {
    Bench *b = *state;
    StoreHead h;
    bool found;
    int64_t other;
    assert_true(store_ceremony_add(b->s, "other", "kzg", "{}", 1000, &other, NULL));
    three_told(b);

    assert_true(store_head_get(b->s, other, &h, &found, NULL));

    assert_false(found);
}

static void only_the_newest_entry_s_head_can_be_put(void **state) {
    Bench *b = *state;
    StoreEntry one = bench_next(b->s, b->ceremony, "one");
    assert_true(store_journal_append(b->s, b->ceremony, &one, NULL));
    StoreEntry two = bench_next(b->s, b->ceremony, "two");
    StoreHead older = head_of(&one), newer = head_of(&two), other = newer;
    assert_fails(store_head_put(b->s, b->ceremony, &newer, &err), CVK_EINTERNAL, "store.head");
    assert_true(store_journal_append(b->s, b->ceremony, &two, NULL));
    other.hash[0] ^= 1;

    assert_fails(store_head_put(b->s, b->ceremony, &older, &err), CVK_EINTERNAL, "store.head");
    assert_fails(store_head_put(b->s, b->ceremony, &other, &err), CVK_EINTERNAL, "store.head");
    assert_true(store_head_put(b->s, b->ceremony, &newer, NULL));
}

static void a_head_goes_with_its_entry_when_rolled_back(void **state) {
    Bench *b = *state;
    StoreHead h;
    bool found;
    three_told(b);
    StoreEntry e = bench_next(b->s, b->ceremony, "four");
    StoreHead next = head_of(&e);
    assert_true(store_begin(b->s, NULL));
    assert_true(store_journal_append(b->s, b->ceremony, &e, NULL));
    assert_true(store_head_put(b->s, b->ceremony, &next, NULL));

    bench_reopen(b);

    assert_true(store_head_get(b->s, b->ceremony, &h, &found, NULL));
    assert_int_equal(h.seq, 3);
}

/* ---- damage ---- */

/* Says where the journal ends and where it should. */
static void head_fails(Bench *b, const char *sql, const char *id, const char *says) {
    StoreHead h;
    bool found;
    CvkErr err = {0};
    three_told(b);
    bench_tamper(b, sql);

    assert_false(store_head_get(b->s, b->ceremony, &h, &found, &err));

    assert_int_equal(err.code, CVK_EBACKEND);
    assert_string_equal(err.id, id);
    assert_non_null(strstr(err.msg, says));
    assert_non_null(strstr(err.msg, "restore"));
}

static void a_journal_that_was_cut_off_is_found(void **state) {
    head_fails(*state, "DELETE FROM journal WHERE seq = 3", "journal.short",
               "ends with entry 2 and its head is entry 3");
}

static void a_journal_that_is_gone_is_found(void **state) {
    head_fails(*state, "DELETE FROM journal", "journal.short", "ends with entry 0");
}

static void an_entry_behind_the_head_is_found(void **state) {
    head_fails(*state, "INSERT INTO journal VALUES (1, 4, 'invented', zeroblob(32))",
               "journal.short", "ends with entry 4");
}

static void a_last_entry_that_was_exchanged_with_its_hash_is_found(void **state) {
    head_fails(*state, "UPDATE journal SET json = 'x', hash = zeroblob(32) WHERE seq = 3",
               "journal.broken", "entry 3");
}

static void a_damaged_head_is_found(void **state) {
    head_fails(*state, "PRAGMA ignore_check_constraints = 1; UPDATE journal_head SET root = x'01'",
               "store.damaged", "root");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH(a_private_part_comes_back_with_its_entry),
        BENCH(a_deleted_private_part_leaves_the_journal_whole),
        BENCH(a_private_part_that_is_no_text_is_found),
        BENCH(a_private_part_has_a_greatest_length),
        BENCH(the_head_that_was_put_last_is_given),
        BENCH(each_ceremony_has_its_head),
        BENCH(only_the_newest_entry_s_head_can_be_put),
        BENCH(a_head_goes_with_its_entry_when_rolled_back),
        BENCH(a_journal_that_was_cut_off_is_found),
        BENCH(a_journal_that_is_gone_is_found),
        BENCH(an_entry_behind_the_head_is_found),
        BENCH(a_last_entry_that_was_exchanged_with_its_hash_is_found),
        BENCH(a_damaged_head_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
