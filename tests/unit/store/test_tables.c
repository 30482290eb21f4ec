/* What any Store does, whatever stands behind it: contributions, keys, invitations,
 * sessions. */
#include "support/test.h"

#include "store_bench.h"

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
    memset(c.uploader, (int)(0x50 + index), sizeof c.uploader);
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
    assert_memory_equal(c->uploader, want.uploader, 32);
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

    assert_true(store_contribution_of(b->s, b->ceremony, c.uploader, c.response, same_as_written,
                                      &w, &found, NULL));

    assert_true(found);
    assert_int_equal(w.n, 1);
}

static void without_a_response_the_newest_of_the_uploader_is_found(void **state) {
    Bench *b = *state;
    Walk w = {.expected = 1};
    bool found;
    add_contribution(b, 1);
    add_contribution(b, 2);

    assert_true(store_contribution_of(b->s, b->ceremony, contribution(1).uploader, NULL,
                                      same_as_written, &w, &found, NULL));
    assert_true(found);
    assert_int_equal(w.n, 1);
    assert_true(store_contribution_of(b->s, b->ceremony, contribution(3).uploader, NULL,
                                      same_as_written, &w, &found, NULL));
    assert_false(found);
}

static void another_session_s_upload_is_not_found(void **state) {
    Bench *b = *state;
    Walk w = {.expected = 1};
    bool found;
    add_contribution(b, 1);
    add_contribution(b, 2);
    StoreContribution one = contribution(1), two = contribution(2);

    assert_true(store_contribution_of(b->s, b->ceremony, two.uploader, one.response,
                                      same_as_written, &w, &found, NULL));

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

static bool use_nonce(Bench *b, uint8_t name, int64_t expires_ms) {
    uint8_t nonce[STORE_NONCE_BYTES] = {name};
    bool fresh;
    assert_true(store_nonce_use(b->s, nonce, expires_ms, &fresh, NULL));
    return fresh;
}

static void a_nonce_is_fresh_once_and_stays_used_over_a_restart(void **state) {
    Bench *b = *state;
    assert_true(use_nonce(b, 1, 100));
    assert_true(use_nonce(b, 2, 100));
    bench_reopen(b);

    assert_false(use_nonce(b, 1, 100));
    assert_true(use_nonce(b, 3, 100));
}

static void a_used_nonce_is_forgotten_when_it_could_not_be_used_any_more(void **state) {
    Bench *b = *state;
    assert_true(use_nonce(b, 1, 100));
    assert_true(use_nonce(b, 2, 101));

    assert_true(store_nonce_expire(b->s, 101, NULL));

    assert_true(use_nonce(b, 1, 100));
    assert_false(use_nonce(b, 2, 101));
}

static StoreSession session(uint8_t name, const char *identity, int64_t ceremony) {
    StoreSession x = {.ceremony = ceremony, .created_ms = 100, .expires_ms = 200};
    memset(x.hash, name, sizeof x.hash);
    snprintf(x.identity, sizeof x.identity, "%s", identity);
    return x;
}

typedef struct {
    uint8_t hash[32];
    StoreSession got;
    size_t found;
} Sought;

static bool seek(void *ctx, const StoreSession *x, CvkErr *e) {
    Sought *sought = ctx;
    (void)e;
    if (memcmp(x->hash, sought->hash, sizeof x->hash) == 0) {
        sought->got = *x;
        sought->found++;
    }
    return true;
}

/* False: there is none with this hash. */
static bool stored(Bench *b, const StoreSession *x, StoreSession *ret) {
    Sought sought = {.found = 0};
    memcpy(sought.hash, x->hash, sizeof sought.hash);
    assert_true(store_session_each(b->s, x->ceremony, seek, &sought, NULL));
    assert_true(sought.found < 2);
    *ret = sought.got;
    return sought.found == 1;
}

static bool is_ended(Bench *b, const StoreSession *x) {
    StoreSession got;
    assert_true(stored(b, x, &got));
    return got.ended;
}

static void a_session_comes_back_as_it_was_put(void **state) {
    Bench *b = *state;
    StoreSession x = session(1, "eth|0xaa", b->ceremony), got;
    assert_true(store_session_put(b->s, &x, NULL));

    assert_true(stored(b, &x, &got));

    assert_int_equal(got.ceremony, b->ceremony);
    assert_string_equal(got.identity, "eth|0xaa");
    assert_int_equal(got.created_ms, 100);
    assert_int_equal(got.expires_ms, 200);
    assert_int_equal(got.generation, 0);
    assert_false(got.ended);
}

static void a_session_put_again_replaces_the_old_one(void **state) {
    Bench *b = *state;
    StoreSession x = session(1, "eth|0xaa", b->ceremony), got;
    assert_true(store_session_put(b->s, &x, NULL));
    x.expires_ms = 999;

    assert_true(store_session_put(b->s, &x, NULL));

    assert_true(stored(b, &x, &got));
    assert_int_equal(got.expires_ms, 999);
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

static void logging_out_deletes_the_session_and_raises_the_generation(void **state) {
    Bench *b = *state;
    StoreSession x = session(1, "eth|0xaa", b->ceremony), y = session(2, "eth|0xbb", b->ceremony);
    StoreSession got;
    uint64_t generation;
    assert_true(store_session_put(b->s, &x, NULL));
    assert_true(store_session_put(b->s, &y, NULL));

    assert_true(store_session_log_out(b->s, b->ceremony, "eth|0xaa", NULL));
    assert_true(store_session_log_out(b->s, b->ceremony, "eth|0xaa", NULL));

    assert_false(stored(b, &x, &got));
    assert_true(stored(b, &y, &got));
    assert_true(store_session_generation(b->s, b->ceremony, "eth|0xaa", &generation, NULL));
    assert_int_equal(generation, 2);
    assert_true(store_session_generation(b->s, b->ceremony, "eth|0xbb", &generation, NULL));
    assert_int_equal(generation, 0);
    assert_true(store_session_put(b->s, &x, NULL));
    assert_true(stored(b, &x, &got));
    assert_int_equal(got.generation, 2);
}

static void a_generation_outlives_its_sessions(void **state) {
    Bench *b = *state;
    StoreSession x = session(1, "eth|0xaa", b->ceremony);
    uint64_t generation;
    assert_true(store_session_log_out(b->s, b->ceremony, "eth|0xaa", NULL));
    assert_true(store_session_put(b->s, &x, NULL));

    assert_true(store_session_expire(b->s, 201, NULL));

    assert_true(store_session_generation(b->s, b->ceremony, "eth|0xaa", &generation, NULL));
    assert_int_equal(generation, 1);
}

static void sessions_past_their_time_are_deleted_unless_renewed(void **state) {
    Bench *b = *state;
    StoreSession x = session(1, "eth|0xaa", b->ceremony), y = session(2, "eth|0xbb", b->ceremony);
    StoreSession got;
    assert_true(store_session_put(b->s, &x, NULL));
    assert_true(store_session_put(b->s, &y, NULL));
    assert_true(store_session_renew(b->s, (const uint8_t(*)[32])y.hash, 1, 300, NULL));

    assert_true(store_session_expire(b->s, 201, NULL));

    assert_false(stored(b, &x, &got));
    assert_true(stored(b, &y, &got));
    assert_int_equal(got.expires_ms, 300);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH(contributions_come_back_as_they_were_in_order),
        BENCH(a_repeated_upload_finds_its_contribution),
        BENCH(another_session_s_upload_is_not_found),
        BENCH(without_a_response_the_newest_of_the_uploader_is_found),
        BENCH(a_contribution_stands_at_its_place_once),
        BENCH(a_contribution_without_its_event_is_not_committed),
        BENCH(a_contribution_s_record_has_a_greatest_length),
        BENCH(a_key_is_used_once_in_a_ceremony),
        BENCH(an_invitation_is_found_by_its_address),
        BENCH(an_address_is_invited_once),
        BENCH(an_identity_that_the_journal_cannot_hold_is_not_invited),
        BENCH(a_nonce_is_fresh_once_and_stays_used_over_a_restart),
        BENCH(a_used_nonce_is_forgotten_when_it_could_not_be_used_any_more),
        BENCH(a_session_comes_back_as_it_was_put),
        BENCH(a_session_put_again_replaces_the_old_one),
        BENCH(ending_ends_the_sessions_of_one_identity_in_one_ceremony),
        BENCH(logging_out_deletes_the_session_and_raises_the_generation),
        BENCH(a_generation_outlives_its_sessions),
        BENCH(sessions_past_their_time_are_deleted_unless_renewed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
