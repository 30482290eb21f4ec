/* What any Store does, whatever stands behind it. */
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

/* ---- contributions ---- */

static StoreContribution contribution(uint64_t index) {
    static const uint8_t record[] = {1, 0, 2};
    StoreContribution c = {
        .index = index,
        .seq = index,
        .identity = "git|1|alice",
        .record = record,
        .record_n = sizeof record,
        .receipt = "{\"witness\":[]}",
        .receipt_signature = "ab",
    };
    memset(c.response, (int)(0x10 + index), sizeof c.response);
    memset(c.session, (int)(0x50 + index), sizeof c.session);
    return c;
}

static void add_contribution(Bench *b, uint64_t index) {
    StoreContribution c = contribution(index);
    CvkErr err = {0};
    assert_true(store_begin(b->s, NULL));
    bench_append(b->s, b->ceremony, "accepted");
    if (!store_contribution_add(b->s, b->ceremony, &c, &err))
        fail_msg("%s: %s", err.id, err.msg);
    assert_true(store_commit(b->s, NULL));
}

typedef struct {
    size_t n;
    uint64_t expected; /* index of the next one */
} Walk;

static bool same_as_written(void *ctx, const StoreContribution *c, CvkErr *err) {
    Walk *w = ctx;
    StoreContribution want = contribution(w->expected);
    (void)err;
    assert_int_equal(c->index, want.index);
    assert_int_equal(c->seq, want.seq);
    assert_string_equal(c->identity, want.identity);
    assert_memory_equal(c->response, want.response, 32);
    assert_memory_equal(c->session, want.session, 32);
    assert_int_equal(c->record_n, want.record_n);
    assert_memory_equal(c->record, want.record, want.record_n);
    assert_string_equal(c->receipt, want.receipt);
    assert_string_equal(c->receipt_signature, want.receipt_signature);
    w->n++;
    w->expected++;
    return true;
}

static void contributions_come_back_as_they_were_in_order(void **state) {
    Bench *b = *state;
    Walk all = {.expected = 1}, later = {.expected = 2};
    add_contribution(b, 1);
    add_contribution(b, 2);
    add_contribution(b, 3);

    assert_true(store_contribution_each(b->s, b->ceremony, 1, same_as_written, &all, NULL));
    assert_true(store_contribution_each(b->s, b->ceremony, 2, same_as_written, &later, NULL));

    assert_int_equal(all.n, 3);
    assert_int_equal(later.n, 2);
}

static void a_repeated_upload_finds_its_contribution(void **state) {
    Bench *b = *state;
    Walk w = {.expected = 2};
    bool found;
    add_contribution(b, 1);
    add_contribution(b, 2);
    StoreContribution c = contribution(2);

    assert_true(store_contribution_of(b->s, b->ceremony, c.session, c.response, same_as_written, &w,
                                      &found, NULL));

    assert_true(found);
    assert_int_equal(w.n, 1);
}

static void another_session_s_upload_is_not_found(void **state) {
    Bench *b = *state;
    Walk w = {.expected = 1};
    bool found;
    add_contribution(b, 1);
    add_contribution(b, 2);
    StoreContribution one = contribution(1), two = contribution(2);

    assert_true(store_contribution_of(b->s, b->ceremony, two.session, one.response, same_as_written,
                                      &w, &found, NULL));

    assert_false(found);
    assert_int_equal(w.n, 0);
}

static void a_contribution_stands_at_its_place_once(void **state) {
    Bench *b = *state;
    StoreContribution c = contribution(1);
    add_contribution(b, 1);

    assert_fails(store_contribution_add(b->s, b->ceremony, &c, &err), CVK_EBACKEND,
                 "store.constraint");
}

static void a_contribution_without_its_event_is_not_committed(void **state) {
    Bench *b = *state;
    StoreContribution c = contribution(1);
    Walk w = {.expected = 1};
    assert_true(store_begin(b->s, NULL));
    assert_true(store_contribution_add(b->s, b->ceremony, &c, NULL));

    assert_fails(store_commit(b->s, &err), CVK_EBACKEND, "store.constraint");

    assert_true(store_contribution_each(b->s, b->ceremony, 1, same_as_written, &w, NULL));
    assert_int_equal(w.n, 0);
}

static void a_contribution_s_record_has_a_greatest_length(void **state) {
    Bench *b = *state;
    static const uint8_t big[LIMIT_RECORD + 1];
    StoreContribution c = contribution(1);
    c.record = big;
    c.record_n = sizeof big;

    assert_fails(store_contribution_add(b->s, b->ceremony, &c, &err), CVK_ELIMIT,
                 "contribution.big");
}

static void a_key_is_used_once_in_a_ceremony(void **state) {
    Bench *b = *state;
    bool seen;
    int64_t other;
    assert_true(store_ceremony_add(b->s, "other", "kzg", "{}", 1000, &other, NULL));
    assert_true(store_key_add(b->s, b->ceremony, "key", 3, NULL));

    assert_fails(store_key_add(b->s, b->ceremony, "key", 3, &err), CVK_ECONFLICT, "key.exists");
    assert_true(store_key_seen(b->s, b->ceremony, "key", 3, &seen, NULL));
    assert_true(seen);
    assert_true(store_key_seen(b->s, b->ceremony, "kez", 3, &seen, NULL));
    assert_false(seen);
    assert_true(store_key_seen(b->s, other, "key", 3, &seen, NULL));
    assert_false(seen);
    assert_true(store_key_add(b->s, other, "key", 3, NULL));
}

/* ---- sign-in ---- */

static void an_invitation_is_found_by_its_address(void **state) {
    Bench *b = *state;
    StoreInvitation i = {.address = {1, 2, 3}, .identity = "git|1|alice", .created_ms = 5}, got;
    const uint8_t nobody[20] = {9};
    bool found;
    assert_true(store_invitation_add(b->s, &i, NULL));

    assert_true(store_invitation_get(b->s, i.address, &got, &found, NULL));
    assert_true(found);
    assert_string_equal(got.identity, "git|1|alice");
    assert_int_equal(got.created_ms, 5);
    assert_true(store_invitation_get(b->s, nobody, &got, &found, NULL));
    assert_false(found);
}

static void an_address_is_invited_once(void **state) {
    Bench *b = *state;
    StoreInvitation i = {.address = {1}, .identity = "git|1|alice", .created_ms = 5};
    assert_true(store_invitation_add(b->s, &i, NULL));

    assert_fails(store_invitation_add(b->s, &i, &err), CVK_ECONFLICT, "invitation.exists");
}

static void an_identity_that_the_journal_cannot_hold_is_not_invited(void **state) {
    Bench *b = *state;
    StoreInvitation i = {.address = {1}, .identity = "two words", .created_ms = 5};

    assert_fails(store_invitation_add(b->s, &i, &err), CVK_EBADREQ, "identity.text");
}

static StoreSession session(uint8_t name, const char *identity, int64_t ceremony) {
    StoreSession x = {.ceremony = ceremony, .created_ms = 100, .expires_ms = 200};
    memset(x.hash, name, sizeof x.hash);
    snprintf(x.identity, sizeof x.identity, "%s", identity);
    return x;
}

static bool is_ended(Bench *b, const StoreSession *x) {
    StoreSession got;
    bool found;
    assert_true(store_session_get(b->s, x->hash, &got, &found, NULL));
    assert_true(found);
    return got.ended;
}

static void a_session_comes_back_as_it_was_put(void **state) {
    Bench *b = *state;
    StoreSession x = session(1, "eth|0xaa", b->ceremony), got;
    bool found;
    assert_true(store_session_put(b->s, &x, NULL));

    assert_true(store_session_get(b->s, x.hash, &got, &found, NULL));

    assert_true(found);
    assert_memory_equal(got.hash, x.hash, 32);
    assert_int_equal(got.ceremony, b->ceremony);
    assert_string_equal(got.identity, "eth|0xaa");
    assert_int_equal(got.created_ms, 100);
    assert_int_equal(got.expires_ms, 200);
    assert_false(got.ended);
}

static void a_session_put_again_replaces_the_old_one(void **state) {
    Bench *b = *state;
    StoreSession x = session(1, "eth|0xaa", b->ceremony), got;
    bool found;
    uint64_t n;
    assert_true(store_session_put(b->s, &x, NULL));
    x.expires_ms = 999;

    assert_true(store_session_put(b->s, &x, NULL));

    assert_true(store_session_get(b->s, x.hash, &got, &found, NULL));
    assert_int_equal(got.expires_ms, 999);
    assert_true(store_session_count(b->s, b->ceremony, 0, &n, NULL));
    assert_int_equal(n, 1);
}

static void ending_ends_the_sessions_of_one_identity_in_one_ceremony(void **state) {
    Bench *b = *state;
    int64_t other;
    assert_true(store_ceremony_add(b->s, "other", "kzg", "{}", 1000, &other, NULL));
    StoreSession x[] = {session(1, "eth|0xaa", b->ceremony), session(2, "eth|0xaa", b->ceremony),
                        session(3, "eth|0xbb", b->ceremony), session(4, "eth|0xaa", other)};
    for (size_t i = 0; i < 4; i++)
        assert_true(store_session_put(b->s, &x[i], NULL));

    assert_true(store_session_end(b->s, b->ceremony, "eth|0xaa", NULL));

    assert_true(is_ended(b, &x[0]));
    assert_true(is_ended(b, &x[1]));
    assert_false(is_ended(b, &x[2]));
    assert_false(is_ended(b, &x[3]));
}

static void sessions_that_ended_or_ran_out_are_not_counted(void **state) {
    Bench *b = *state;
    StoreSession live = session(1, "eth|0xaa", b->ceremony),
                 ended = session(2, "eth|0xbb", b->ceremony),
                 late = session(3, "eth|0xcc", b->ceremony);
    uint64_t n;
    ended.ended = true;
    late.expires_ms = 149;
    assert_true(store_session_put(b->s, &live, NULL));
    assert_true(store_session_put(b->s, &ended, NULL));
    assert_true(store_session_put(b->s, &late, NULL));

    assert_true(store_session_count(b->s, b->ceremony, 150, &n, NULL));

    assert_int_equal(n, 1);
}

static void sessions_past_their_time_are_deleted(void **state) {
    Bench *b = *state;
    StoreSession x = session(1, "eth|0xaa", b->ceremony), y = session(2, "eth|0xbb", b->ceremony);
    bool found;
    y.expires_ms = 300;
    assert_true(store_session_put(b->s, &x, NULL));
    assert_true(store_session_put(b->s, &y, NULL));

    assert_true(store_session_expire(b->s, 201, NULL));

    assert_true(store_session_get(b->s, x.hash, &x, &found, NULL));
    assert_false(found);
    assert_true(store_session_get(b->s, y.hash, &y, &found, NULL));
    assert_true(found);
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
        BENCH(contributions_come_back_as_they_were_in_order),
        BENCH(a_repeated_upload_finds_its_contribution),
        BENCH(another_session_s_upload_is_not_found),
        BENCH(a_contribution_stands_at_its_place_once),
        BENCH(a_contribution_without_its_event_is_not_committed),
        BENCH(a_contribution_s_record_has_a_greatest_length),
        BENCH(a_key_is_used_once_in_a_ceremony),
        BENCH(an_invitation_is_found_by_its_address),
        BENCH(an_address_is_invited_once),
        BENCH(an_identity_that_the_journal_cannot_hold_is_not_invited),
        BENCH(a_session_comes_back_as_it_was_put),
        BENCH(a_session_put_again_replaces_the_old_one),
        BENCH(ending_ends_the_sessions_of_one_identity_in_one_ceremony),
        BENCH(sessions_that_ended_or_ran_out_are_not_counted),
        BENCH(sessions_past_their_time_are_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
