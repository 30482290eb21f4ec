#include "cli/receipt_check.h"
#include "support/test.h"

/* A journal of n entries. */
#define ENTRIES_MAX 40
typedef struct {
    size_t n;
    char event[ENTRIES_MAX][64];
} Entries;

static Entries some_entries(size_t n) {
    Entries e = {.n = n};
    for (size_t i = 0; i < n; i++)
        snprintf(e.event[i], sizeof e.event[i], "{\"entry\":%zu}", i + 1);
    return e;
}

static ReceiptJournal claim_of(const Entries *e) {
    ReceiptJournal j = {.entry = e->n};
    CvkMerkle m = {0};
    uint8_t leaf[MERKLE_HASH];
    for (size_t i = 0; i < e->n; i++) {
        cvk_merkle_leaf(e->event[i], strlen(e->event[i]), leaf);
        cvk_merkle_path_last(&m, &j.path);
        cvk_merkle_add(&m, leaf);
    }
    cvk_merkle_root(&m, j.root);
    snprintf(j.event, sizeof j.event, "%s", e->event[e->n - 1]);
    return j;
}

static void drop(Entries *e, size_t at) {
    e->n--;
    memmove(e->event[at], e->event[at + 1], (e->n - at) * sizeof *e->event);
}

static void insert(Entries *e, size_t at, const char *event) {
    memmove(e->event[at + 1], e->event[at], (e->n - at) * sizeof *e->event);
    snprintf(e->event[at], sizeof *e->event, "%s", event);
    e->n++;
}

/* As an export writes it; the chain's hashes are not looked at here. */
static FILE *file_of(const Entries *e) {
    FILE *f = tmpfile();
    assert_non_null(f);
    for (size_t i = 0; i < e->n; i++)
        fprintf(f, "{\"seq\":%zu,\"hash\":\"0x%064d\",\"event\":%s}\n", i + 1, 0, e->event[i]);
    rewind(f);
    return f;
}

static JournalMatch match(const ReceiptJournal *j, const Entries *e) {
    JournalMatch m;
    FILE *f = file_of(e);
    assert_true(receipt_journal_match(j, f, &m, NULL));
    fclose(f);
    return m;
}

static void a_journal_that_grew_matches_every_receipt(void **state) {
    (void)state;
    Entries whole = some_entries(ENTRIES_MAX);
    for (size_t n = 1; n <= ENTRIES_MAX; n++) {
        Entries e = some_entries(n);
        ReceiptJournal j = claim_of(&e);
        JournalMatch m = match(&j, &whole);
        assert_true(m.same);
        assert_int_equal(m.entries, n);
    }
}

/* The stretches before entry 14 are 8, 4 and 1 entries long. */
static void assert_found(const Entries *e, uint64_t from, uint64_t to) {
    Entries good = some_entries(14);
    ReceiptJournal j = claim_of(&good);
    JournalMatch m = match(&j, e);
    assert_false(m.same || m.ends);
    assert_int_equal(m.from, from);
    assert_int_equal(m.to, to);
}

static void a_change_is_found_in_its_stretch(void **state) {
    (void)state;
    static const uint64_t stretch[14][2] = {{1, 8},  {1, 8},  {1, 8},   {1, 8},  {1, 8},
                                            {1, 8},  {1, 8},  {1, 8},   {9, 12}, {9, 12},
                                            {9, 12}, {9, 12}, {13, 13}, {14, 14}};
    for (size_t at = 0; at < 14; at++) {
        Entries e = some_entries(20);
        e.event[at][3] = 'N';
        assert_found(&e, stretch[at][0], stretch[at][1]);
    }
}

static void a_dropped_entry_is_found(void **state) {
    (void)state;
    Entries e = some_entries(20);
    drop(&e, 9);
    assert_found(&e, 9, 12);
}

static void an_invented_entry_is_found(void **state) {
    (void)state;
    Entries e = some_entries(20);
    insert(&e, 2, "{\"entry\":\"mine\"}");
    assert_found(&e, 1, 8);
}

static void a_moved_entry_is_found(void **state) {
    (void)state;
    Entries e = some_entries(20);
    drop(&e, 10);
    insert(&e, 12, "{\"entry\":11}");
    assert_found(&e, 9, 12);
}

static void what_changes_after_the_receipt_does_not_matter_to_it(void **state) {
    (void)state;
    Entries good = some_entries(14), e = some_entries(20);
    ReceiptJournal j = claim_of(&good);
    drop(&e, 14);
    assert_true(match(&j, &e).same);
}

static void a_journal_that_ends_before_the_entry_is_short(void **state) {
    (void)state;
    Entries good = some_entries(14);
    ReceiptJournal j = claim_of(&good);
    for (size_t n = 0; n < 14; n++) {
        Entries e = some_entries(n);
        JournalMatch m = match(&j, &e);
        assert_true(m.ends && !m.same);
        assert_int_equal(m.entries, n);
    }
}

static void a_line_that_is_not_its_entry_differs(void **state) {
    (void)state;
    Entries good = some_entries(14);
    ReceiptJournal j = claim_of(&good);
    JournalMatch m;
    good.n = 10;
    FILE *f = file_of(&good);
    fseek(f, 0, SEEK_END);
    fputs("{\"seq\":12", f);
    rewind(f);

    assert_true(receipt_journal_match(&j, f, &m, NULL));

    assert_false(m.same || m.ends);
    assert_int_equal(m.from, 11);
    assert_int_equal(m.to, 11);
    fclose(f);
}

#define HASH_A "0x0101010101010101010101010101010101010101010101010101010101010101"
#define HASH_B "0x0202020202020202020202020202020202020202020202020202020202020202"

static void what_is_no_journal_is_an_error(void **state) {
    (void)state;
    static const char *const bad[] = {
        "hello\n",
        "{\"seq\":2,\"hash\":\"" HASH_A "\",\"event\":{}}\n",
        "{\"seq\":1,\"hash\":\"" HASH_A "\",\"event\":{}}",
        "{\"seq\":1,\"hash\":\"0X" HASH_A "\",\"event\":{}}\n",
        "{\"seq\":1, \"hash\":\"" HASH_A "\",\"event\":{}}\n",
        "{\"seq\":1,\"hash\":\"" HASH_A "\",\"event\":{}]\n",
    };
    Entries good = some_entries(2);
    ReceiptJournal j = claim_of(&good);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        FILE *f = tmpfile();
        JournalMatch m;
        CvkErr err = {.id = "no error"};
        assert_non_null(f);
        fputs(bad[i], f);
        rewind(f);
        assert_false(receipt_journal_match(&j, f, &m, &err));
        assert_string_equal(err.id, "journal.line");
        fclose(f);
    }
}

/* ---- the proof in itself ---- */

static ReceiptClaims claims_with(const char *event) {
    ReceiptClaims c = {.has_index = true, .has_response = true, .has_journal = true, .index = 3};
    memset(c.response, 1, sizeof c.response);
    c.journal.entry = 1;
    snprintf(c.journal.event, sizeof c.journal.event, "%s", event);
    cvk_merkle_leaf(event, strlen(event), c.journal.root);
    return c;
}

static const char ACCEPTED[] =
    "{\"v\":1,\"type\":\"ContributionAccepted\",\"now\":1700000000004,\"lease\":7,\"index\":3,"
    "\"response\":\"" HASH_A "\",\"record\":\"" HASH_B "\"}";

static void the_acceptance_of_the_receipts_contribution_is_a_proof(void **state) {
    (void)state;
    ReceiptClaims c = claims_with(ACCEPTED);
    assert_null(receipt_proof_fault(&c));
}

static void another_root_is_no_proof(void **state) {
    (void)state;
    ReceiptClaims c = claims_with(ACCEPTED);
    c.journal.root[0] ^= 1;
    assert_non_null(strstr(receipt_proof_fault(&c), "do not lead to the root"));
}

static void the_acceptance_of_another_contribution_is_no_proof(void **state) {
    (void)state;
    ReceiptClaims c = claims_with(ACCEPTED);
    c.index = 4;
    assert_non_null(strstr(receipt_proof_fault(&c), "another contribution"));
    c = claims_with(ACCEPTED);
    c.response[31] ^= 1;
    assert_non_null(strstr(receipt_proof_fault(&c), "another contribution"));
    c = claims_with(ACCEPTED);
    c.has_response = false;
    assert_non_null(strstr(receipt_proof_fault(&c), "another contribution"));
}

static void another_event_is_no_proof(void **state) {
    (void)state;
    ReceiptClaims c =
        claims_with("{\"v\":1,\"type\":\"LeaseAborted\",\"now\":1700000000007,\"lease\":10}");
    assert_non_null(strstr(receipt_proof_fault(&c), "no acceptance"));
    c = claims_with("{}");
    assert_non_null(strstr(receipt_proof_fault(&c), "no acceptance"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_journal_that_grew_matches_every_receipt),
        TEST(a_change_is_found_in_its_stretch),
        TEST(a_dropped_entry_is_found),
        TEST(an_invented_entry_is_found),
        TEST(a_moved_entry_is_found),
        TEST(what_changes_after_the_receipt_does_not_matter_to_it),
        TEST(a_journal_that_ends_before_the_entry_is_short),
        TEST(a_line_that_is_not_its_entry_differs),
        TEST(what_is_no_journal_is_an_error),
        TEST(the_acceptance_of_the_receipts_contribution_is_a_proof),
        TEST(another_root_is_no_proof),
        TEST(the_acceptance_of_another_contribution_is_no_proof),
        TEST(another_event_is_no_proof),
    };
    return cmocka_run_group_tests_name("cli/receipt_check", tests, NULL, NULL);
}
