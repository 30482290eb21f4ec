/* What any Store does, whatever stands behind it: opening, transactions, ceremonies,
 * journal, snapshots. */
#include "support/test.h"

#include "store_bench.h"

/* ---- opening ---- */

static void a_database_that_is_not_there_is_not_made_unasked(void **state) {
    Bench *b = *state;
    char path[512];
    Store *s;

    assert_fails(store_open(scratch_path(&b->scratch, path, "none.db"), false, &s, &err),
                 CVK_ENOTFOUND, "store.none");
    assert_int_not_equal(access(path, F_OK), 0);
}

static void creating_over_an_existing_database_opens_it(void **state) {
    Bench *b = *state;
    store_close(b->s);
    b->s = NULL;

    assert_true(store_open(b->path, true, &b->s, NULL));

    StoreCeremony c;
    assert_true(store_ceremony_find(b->s, "mini", &c, NULL));
    free(c.definition);
}

/* ---- transactions ---- */

static void what_was_committed_is_there_after_a_crash(void **state) {
    Bench *b = *state;
    assert_true(store_begin(b->s, NULL));
    bench_append(b->s, b->ceremony, "one");
    bench_append(b->s, b->ceremony, "two");
    assert_true(store_commit(b->s, NULL));

    bench_reopen(b);

    assert_int_equal(bench_head(b->s, b->ceremony), 2);
}

static void what_was_not_committed_is_gone_after_a_crash(void **state) {
    Bench *b = *state;
    StoreInvitation i = {.identity = "eth|0xaa", .created_ms = 1};
    bool found;
    assert_true(store_begin(b->s, NULL));
    bench_append(b->s, b->ceremony, "one");
    assert_true(store_invitation_add(b->s, &i, NULL));

    bench_reopen(b);

    assert_int_equal(bench_head(b->s, b->ceremony), 0);
    assert_true(store_invitation_get(b->s, i.address, &i, &found, NULL));
    assert_false(found);
}

static void a_rolled_back_transaction_leaves_nothing(void **state) {
    Bench *b = *state;
    assert_true(store_begin(b->s, NULL));
    bench_append(b->s, b->ceremony, "one");

    store_rollback(b->s);

    assert_int_equal(bench_head(b->s, b->ceremony), 0);
}

static void rolling_back_outside_a_transaction_does_nothing(void **state) {
    Bench *b = *state;
    bench_append(b->s, b->ceremony, "one");

    store_rollback(b->s);

    assert_int_equal(bench_head(b->s, b->ceremony), 1);
}

static void transactions_do_not_nest(void **state) {
    Bench *b = *state;
    assert_true(store_begin(b->s, NULL));

    assert_fails(store_begin(b->s, &err), CVK_EINTERNAL, "store.nested");
    store_rollback(b->s);
    assert_fails(store_commit(b->s, &err), CVK_EINTERNAL, "store.nested");
}

static void the_version_changes_when_another_connection_has_committed(void **state) {
    Bench *b = *state;
    Store *other = bench_open(b);
    int64_t before, same, after;

    assert_true(store_version(b->s, &before, NULL));
    bench_append(b->s, b->ceremony, "ours");
    assert_true(store_version(b->s, &same, NULL));
    bench_append(other, b->ceremony, "theirs");
    assert_true(store_version(b->s, &after, NULL));
    store_close(other);

    assert_int_equal(before, same);
    assert_int_not_equal(same, after);
}

/* ---- ceremonies ---- */

static void a_ceremony_is_found_by_its_name(void **state) {
    Bench *b = *state;
    StoreCeremony c;

    assert_true(store_ceremony_find(b->s, "mini", &c, NULL));

    assert_int_equal(c.id, b->ceremony);
    assert_string_equal(c.name, "mini");
    assert_string_equal(c.kind, "kzg");
    assert_string_equal(c.definition, "{\"sizes\":[]}");
    free(c.definition);
}

static void the_only_ceremony_needs_no_name(void **state) {
    Bench *b = *state;
    StoreCeremony c;

    assert_true(store_ceremony_find(b->s, NULL, &c, NULL));

    assert_int_equal(c.id, b->ceremony);
    free(c.definition);
}

static void one_of_several_does(void **state) {
    Bench *b = *state;
    StoreCeremony c;
    int64_t id;
    assert_true(store_ceremony_add(b->s, "other", "kzg", "{}", 1000, &id, NULL));
    assert_int_not_equal(id, b->ceremony);

    assert_fails(store_ceremony_find(b->s, NULL, &c, &err), CVK_ECONFLICT, "ceremony.which");
}

static void an_unknown_ceremony_is_not_found(void **state) {
    Bench *b = *state;
    StoreCeremony c;

    assert_fails(store_ceremony_find(b->s, "none", &c, &err), CVK_ENOTFOUND, "ceremony.none");
}

static void a_ceremony_s_name_is_taken_once(void **state) {
    Bench *b = *state;
    int64_t id;

    assert_fails(store_ceremony_add(b->s, "mini", "kzg", "{}", 1000, &id, &err), CVK_ECONFLICT,
                 "ceremony.exists");
}

static void a_ceremony_s_texts_have_limits(void **state) {
    Bench *b = *state;
    char name[80];
    int64_t id;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';

    assert_fails(store_ceremony_add(b->s, name, "kzg", "{}", 1000, &id, &err), CVK_ELIMIT,
                 "ceremony.big");
    assert_fails(store_ceremony_add(b->s, "n", name, "{}", 1000, &id, &err), CVK_ELIMIT,
                 "ceremony.big");
}

static bool count_ceremony(void *ctx, const StoreCeremony *c, CvkErr *err) {
    size_t *n = ctx;
    (*n)++;
    if (strcmp(c->name, "stop") == 0)
        return cvk_fail(err, CVK_EINTERNAL, "test.stop", "enough");
    return true;
}

static void all_ceremonies_are_seen_until_the_reader_has_enough(void **state) {
    Bench *b = *state;
    size_t n = 0;
    int64_t id;
    assert_true(store_ceremony_each(b->s, count_ceremony, &n, NULL));
    assert_int_equal(n, 1);
    assert_true(store_ceremony_add(b->s, "stop", "kzg", "{}", 1000, &id, NULL));
    assert_true(store_ceremony_add(b->s, "unseen", "kzg", "{}", 1000, &id, NULL));

    n = 0;
    assert_fails(store_ceremony_each(b->s, count_ceremony, &n, &err), CVK_EINTERNAL, "test.stop");
    assert_int_equal(n, 2);
}

/* ---- journal ---- */

typedef struct {
    uint64_t first, last;
    size_t n;
    char text[64]; /* all entries, one after the other */
} Seen;

static bool see(void *ctx, const StoreEntry *e, CvkErr *err) {
    Seen *x = ctx;
    (void)err;
    x->first = x->n == 0 ? e->seq : x->first;
    x->last = e->seq;
    x->n++;
    size_t used = strlen(x->text);
    snprintf(x->text + used, sizeof x->text - used, "%.*s;", (int)e->n, e->json);
    return true;
}

static void an_empty_journal_has_number_zero_and_a_zero_hash(void **state) {
    Bench *b = *state;
    static const uint8_t zero[32];
    uint64_t seq = 7;
    uint8_t hash[32] = {7};
    Seen x = {0};

    assert_true(store_journal_head(b->s, b->ceremony, &seq, hash, NULL));

    assert_int_equal(seq, 0);
    assert_memory_equal(hash, zero, 32);
    assert_true(store_journal_each(b->s, b->ceremony, 0, see, &x, NULL));
    assert_int_equal(x.n, 0);
}

static void entries_come_back_in_order(void **state) {
    Bench *b = *state;
    Seen x = {0}, y = {0}, z = {0};
    bench_append(b->s, b->ceremony, "one");
    bench_append(b->s, b->ceremony, "two");
    bench_append(b->s, b->ceremony, "three");

    assert_true(store_journal_each(b->s, b->ceremony, 0, see, &x, NULL));
    assert_true(store_journal_each(b->s, b->ceremony, 2, see, &y, NULL));
    assert_true(store_journal_each(b->s, b->ceremony, 4, see, &z, NULL));

    assert_string_equal(x.text, "one;two;three;");
    assert_string_equal(y.text, "two;three;");
    assert_int_equal(y.first, 2);
    assert_int_equal(z.n, 0);
}

static void the_head_is_the_newest_entry_s_hash(void **state) {
    Bench *b = *state;
    uint64_t seq;
    uint8_t hash[32];
    bench_append(b->s, b->ceremony, "one");
    StoreEntry e = bench_next(b->s, b->ceremony, "two");
    assert_true(store_journal_append(b->s, b->ceremony, &e, NULL));

    assert_true(store_journal_head(b->s, b->ceremony, &seq, hash, NULL));

    assert_int_equal(seq, 2);
    assert_memory_equal(hash, e.hash, 32);
}

static void journals_of_two_ceremonies_do_not_mix(void **state) {
    Bench *b = *state;
    int64_t other;
    Seen x = {0};
    assert_true(store_ceremony_add(b->s, "other", "kzg", "{}", 1000, &other, NULL));
    bench_append(b->s, b->ceremony, "one");
    bench_append(b->s, other, "uno");
    bench_append(b->s, b->ceremony, "two");

    assert_true(store_journal_each(b->s, other, 0, see, &x, NULL));

    assert_string_equal(x.text, "uno;");
    assert_int_equal(bench_head(b->s, b->ceremony), 2);
}

static void of_two_writers_of_one_number_the_second_loses(void **state) {
    Bench *b = *state;
    Store *other = bench_open(b);
    Seen x = {0};
    StoreEntry ours = bench_next(b->s, b->ceremony, "ours");
    StoreEntry theirs = bench_next(other, b->ceremony, "theirs");
    assert_true(store_journal_append(other, b->ceremony, &theirs, NULL));

    assert_fails(store_journal_append(b->s, b->ceremony, &ours, &err), CVK_ECONFLICT,
                 "store.conflict");
    store_close(other);

    assert_true(store_journal_each(b->s, b->ceremony, 0, see, &x, NULL));
    assert_string_equal(x.text, "theirs;");
}

static void the_loser_may_decide_again_in_a_new_transaction(void **state) {
    Bench *b = *state;
    Store *other = bench_open(b);
    StoreEntry ours = bench_next(b->s, b->ceremony, "ours");
    bench_append(other, b->ceremony, "theirs");
    assert_true(store_begin(b->s, NULL));
    assert_false(store_journal_append(b->s, b->ceremony, &ours, NULL));
    store_rollback(b->s);

    assert_true(store_begin(b->s, NULL));
    bench_append(b->s, b->ceremony, "ours");
    assert_true(store_commit(b->s, NULL));

    assert_int_equal(bench_head(other, b->ceremony), 2);
    store_close(other);
}

static void no_number_is_left_out(void **state) {
    Bench *b = *state;
    StoreEntry e = bench_next(b->s, b->ceremony, "far");
    e.seq = 2;

    assert_fails(store_journal_append(b->s, b->ceremony, &e, &err), CVK_ECONFLICT,
                 "store.conflict");
}

static void an_entry_that_does_not_extend_the_chain_is_refused(void **state) {
    Bench *b = *state;
    StoreEntry e = bench_next(b->s, b->ceremony, "one");
    e.hash[0] ^= 1;

    assert_fails(store_journal_append(b->s, b->ceremony, &e, &err), CVK_EINTERNAL, "store.chain");
    assert_int_equal(bench_head(b->s, b->ceremony), 0);
}

static void an_entry_has_a_greatest_length(void **state) {
    Bench *b = *state;
    char json[EVENT_JSON_MAX + 2];
    memset(json, 'j', sizeof json);
    StoreEntry e = {.seq = 1, .json = json, .n = EVENT_JSON_MAX + 1};

    assert_fails(store_journal_append(b->s, b->ceremony, &e, &err), CVK_ELIMIT, "journal.big");
}

static void a_journal_needs_its_ceremony(void **state) {
    Bench *b = *state;
    StoreEntry e = bench_next(b->s, b->ceremony + 1, "orphan");

    assert_fails(store_journal_append(b->s, b->ceremony + 1, &e, &err), CVK_EBACKEND,
                 "store.constraint");
}

/* ---- snapshots ---- */

static void without_a_snapshot_there_are_no_bytes(void **state) {
    Bench *b = *state;
    uint64_t seq = 9;
    uint8_t *bytes;
    size_t n = 9;

    assert_true(store_snapshot_get(b->s, b->ceremony, &seq, &bytes, &n, NULL));

    assert_int_equal(n, 0);
    free(bytes);
}

static void the_newest_snapshot_is_kept_and_an_older_one_does_not_replace_it(void **state) {
    Bench *b = *state;
    uint64_t seq;
    uint8_t *bytes;
    size_t n;
    assert_true(store_snapshot_put(b->s, b->ceremony, 3, "three", 5, NULL));
    assert_true(store_snapshot_put(b->s, b->ceremony, 8, "eight", 5, NULL));
    assert_true(store_snapshot_put(b->s, b->ceremony, 5, "five!", 5, NULL));

    assert_true(store_snapshot_get(b->s, b->ceremony, &seq, &bytes, &n, NULL));

    assert_int_equal(seq, 8);
    assert_int_equal(n, 5);
    assert_memory_equal(bytes, "eight", 5);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH(a_database_that_is_not_there_is_not_made_unasked),
        BENCH(creating_over_an_existing_database_opens_it),
        BENCH(what_was_committed_is_there_after_a_crash),
        BENCH(what_was_not_committed_is_gone_after_a_crash),
        BENCH(a_rolled_back_transaction_leaves_nothing),
        BENCH(rolling_back_outside_a_transaction_does_nothing),
        BENCH(transactions_do_not_nest),
        BENCH(the_version_changes_when_another_connection_has_committed),
        BENCH(a_ceremony_is_found_by_its_name),
        BENCH(the_only_ceremony_needs_no_name),
        BENCH(one_of_several_does),
        BENCH(an_unknown_ceremony_is_not_found),
        BENCH(a_ceremony_s_name_is_taken_once),
        BENCH(a_ceremony_s_texts_have_limits),
        BENCH(all_ceremonies_are_seen_until_the_reader_has_enough),
        BENCH(an_empty_journal_has_number_zero_and_a_zero_hash),
        BENCH(entries_come_back_in_order),
        BENCH(the_head_is_the_newest_entry_s_hash),
        BENCH(journals_of_two_ceremonies_do_not_mix),
        BENCH(of_two_writers_of_one_number_the_second_loses),
        BENCH(the_loser_may_decide_again_in_a_new_transaction),
        BENCH(no_number_is_left_out),
        BENCH(an_entry_that_does_not_extend_the_chain_is_refused),
        BENCH(an_entry_has_a_greatest_length),
        BENCH(a_journal_needs_its_ceremony),
        BENCH(without_a_snapshot_there_are_no_bytes),
        BENCH(the_newest_snapshot_is_kept_and_an_older_one_does_not_replace_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
