/* The receipt of a second contribution and the journal it is for, as a server once gave them: they
 * must be read, and hold, for ever. */
#include "cli/receipt_check.h"
#include "engine/event_json.h"
#include "format/journal_lines.h"
#include "support/test.h"

#include "base/hex.h"

#define SERVER "0xF84131070A498AFFFa187D4b7c86249fA320a590"
#define ENTRIES 18
#define HEAD "2fd8fbb817c4f4f0138ec41ebaceb4fd3add9c808e314067757bab2152fa6b2d"
#define ROOT "65c5372eacc52e568db425c2117aeb5889caeb41c537d7f0dc746125e161c617"

static FILE *open_vector(const char *name) {
    char path[1024];
    const char *source = getenv("CONVOKE_SOURCE");
    snprintf(path, sizeof path, "%s/tests/vectors/receipt/%s", source != NULL ? source : ".", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    return f;
}

static void assert_hash(const uint8_t hash[32], const char *expected) {
    char digits[65];
    cvk_hex_encode(hash, 32, digits);
    assert_string_equal(digits, expected);
}

typedef struct {
    EngineState *state;
    CvkMerkle tree;
    uint8_t head[32];
} Replay;

static bool replay_line(void *ctx, uint64_t number, char *text, size_t n, CvkErr *err) {
    Replay *r = ctx;
    JournalLine line;
    uint8_t leaf[MERKLE_HASH];
    Event e;
    if (!journal_line_read(text, n, number, &line, err) ||
        !event_read(line.event, line.event_n, &e, err) || !engine_admits(r->state, &e, err) ||
        !engine_reserve(r->state, 1, err))
        return false;
    engine_apply(r->state, &e);
    uint8_t before[32];
    memcpy(before, r->head, sizeof before);
    event_chain(before, line.event, line.event_n, r->head);
    assert_memory_equal(r->head, line.hash, sizeof r->head);
    cvk_merkle_leaf(line.event, line.event_n, leaf);
    cvk_merkle_add(&r->tree, leaf);
    return true;
}

static void the_journal_is_replayed_to_the_state_it_had(void **state) {
    (void)state;
    Replay r = {.state = engine_state_new(NULL)};
    EngineView view;
    uint8_t root[MERKLE_HASH];
    CvkErr err = {.msg = ""};
    FILE *f = open_vector("journal.jsonl");

    bool ok = lines_each(f, replay_line, &r, &err);

    assert_string_equal(err.msg, "");
    assert_true(ok);
    assert_int_equal(r.tree.n, ENTRIES);
    assert_hash(r.head, HEAD);
    cvk_merkle_root(&r.tree, root);
    assert_hash(root, ROOT);
    engine_view(r.state, &view);
    assert_true(view.finalized);
    assert_int_equal(view.contributions, 2);
    assert_int_equal(view.aborted, 1);
    assert_int_equal(view.participants, 3);
    engine_state_free(r.state);
    fclose(f);
}

static void the_receipt_is_for_that_journal(void **state) {
    (void)state;
    FILE *f = open_vector("receipt.json"), *journal = open_vector("journal.jsonl");
    KzgReceiptAnswer answer;
    ReceiptClaims claims;
    JournalMatch match;
    uint8_t signer[ETH_ADDRESS_BYTES];
    char address[ETH_ADDRESS_TEXT];

    assert_true(kzg_receipt_answer_read(json_from_file(f), &answer, NULL));
    assert_true(receipt_claims_read(answer.text, &claims, NULL));

    assert_true(kzg_receipt_signer(answer.text, answer.signature, signer));
    eth_address_checksummed(signer, address);
    assert_string_equal(address, SERVER);
    assert_int_equal(claims.index, 2);
    assert_int_equal(claims.journal.entry, ENTRIES - 1);
    assert_null(receipt_proof_fault(&claims));
    assert_true(receipt_journal_match(&claims.journal, journal, &match, NULL));
    assert_true(match.same);
    kzg_receipt_answer_done(&answer);
    fclose(journal);
    fclose(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_journal_is_replayed_to_the_state_it_had),
        TEST(the_receipt_is_for_that_journal),
    };
    return cmocka_run_group_tests_name("vectors/receipt", tests, NULL, NULL);
}
