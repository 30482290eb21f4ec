#include "format/receipt.h"
#include "support/test.h"

static const uint8_t SECRET[ETH_SECRET_BYTES] = {[31] = 7};

/* A journal of n entries {"n":0}, {"n":1} ... and what a receipt says of the last. */
static ReceiptJournal last_of(uint64_t n) {
    ReceiptJournal j = {.entry = n};
    CvkMerkle m = {0};
    for (uint64_t i = 0; i < n; i++) {
        uint8_t leaf[MERKLE_HASH];
        snprintf(j.event, sizeof j.event, "{\"n\":%llu}", (unsigned long long)i);
        cvk_merkle_leaf(j.event, strlen(j.event), leaf);
        cvk_merkle_path_last(&m, &j.path);
        cvk_merkle_add(&m, leaf);
    }
    cvk_merkle_root(&m, j.root);
    return j;
}

static void put_claims(JsonWriter *w, void *ctx) {
    const ReceiptClaims *c = ctx;
    json_put_key(w, "ceremony");
    json_put_str(w, c->ceremony);
    json_put_key(w, "index");
    json_put_uint(w, c->index);
    json_put_key(w, "response");
    json_put_hex(w, c->response, sizeof c->response);
    json_put_key(w, "time");
    json_put_str(w, c->time);
    receipt_journal_write(w, &c->journal);
}

static ReceiptClaims some_claims(uint64_t entries) {
    ReceiptClaims c = {.ceremony = "small",
                       .has_index = true,
                       .has_response = true,
                       .has_journal = true,
                       .index = 3,
                       .time = "2026-11-21T02:03:04.005Z",
                       .journal = last_of(entries)};
    memset(c.response, 0xcd, sizeof c.response);
    return c;
}

static char *text_of(const KzgReceipt *receipt, ReceiptClaims *c) {
    CvkBuf text = CVK_BUF(LIMIT_JSON_STRING);
    assert_true(kzg_receipt_write(receipt, put_claims, c, &text, NULL));
    return cvk_buf_take(&text);
}

static void the_claims_come_back(void **state) {
    (void)state;
    KzgReceipt receipt = {.identity = "git|1|a", .n = 1}, receipt_back;
    ReceiptClaims c = some_claims(13), back;
    char *text = text_of(&receipt, &c);

    assert_true(receipt_claims_read(text, &back, NULL));

    assert_string_equal(back.ceremony, c.ceremony);
    assert_string_equal(back.time, c.time);
    assert_true(back.has_index && back.has_response && back.has_journal);
    assert_int_equal(back.index, 3);
    assert_memory_equal(back.response, c.response, sizeof c.response);
    assert_int_equal(back.journal.entry, 13);
    assert_string_equal(back.journal.event, "{\"n\":12}");
    assert_memory_equal(back.journal.root, c.journal.root, MERKLE_HASH);
    assert_int_equal(back.journal.path.n, 2);
    assert_memory_equal(back.journal.path.hash, c.journal.path.hash, (size_t)2 * MERKLE_HASH);
    assert_true(receipt_journal_holds(&back.journal));
    assert_true(kzg_receipt_read(text, &receipt_back, NULL)); /* as every client reads it */
    assert_string_equal(receipt_back.identity, "git|1|a");
    free(text);
}

static void the_journal_stands_last_and_compact(void **state) {
    (void)state;
    KzgReceipt receipt = {.identity = "git|1|a"};
    ReceiptClaims c = some_claims(1);
    memset(c.journal.root, 0xab, sizeof c.journal.root);
    memset(c.journal.path.hash[0], 0xef, MERKLE_HASH);
    c.journal.path.n = 1;
#define BYTES_4(x) x x x x
#define BYTES_32(x) BYTES_4(BYTES_4(x)) BYTES_4(BYTES_4(x))
    static const char expected[] =
        "{\"identity\":\"git|1|a\",\"witness\":[],\"ceremony\":\"small\",\"index\":3,"
        "\"response\":\"0x" BYTES_32(
            "cd") "\",\"time\":\"2026-11-21T02:03:04.005Z\","
                  "\"journal\":{\"entry\":1,\"event\":\"{\\\"n\\\":0}\",\"root\":\"0x" BYTES_32(
                      "ab") "\",\"path\":[\"0x" BYTES_32("ef") "\"]}}";

    char *text = text_of(&receipt, &c);

    assert_string_equal(text, expected);
    free(text);
}

static void the_largest_receipt_is_read_by_every_reader(void **state) {
    (void)state;
    KzgReceipt receipt = {.n = LIMIT_KZG_SUBS};
    ReceiptClaims c = some_claims(1), back;
    CvkBuf file = CVK_BUF(LIMIT_REPLY);
    uint8_t signature[ETH_SIGNATURE_BYTES];
    KzgReceiptAnswer answer;
    memset(receipt.identity, 'x', LIMIT_IDENTITY);
    memset(c.ceremony, 'c', LIMIT_IDENTITY);
    memset(c.journal.event, '"', 320); /* an acceptance has fewer bytes, and few that are escaped */
    c.journal.event[320] = '\0';
    c.journal.entry = UINT64_C(1) << 40;
    c.journal.path.n = 40;

    char *text = text_of(&receipt, &c);
    assert_true(kzg_receipt_sign(text, SECRET, signature, NULL));
    assert_true(kzg_receipt_answer_write(json_to_buf(&file), text, signature, NULL));
    JsonMemory m = {.data = file.data, .n = file.n};
    assert_true(kzg_receipt_answer_read(json_from_memory(&m), &answer, NULL));

    assert_string_equal(answer.text, text);
    assert_true(receipt_claims_read(answer.text, &back, NULL));
    assert_int_equal(back.journal.path.n, 40);
    kzg_receipt_answer_done(&answer);
    cvk_buf_done(&file);
    free(text);
}

static void a_proof_holds_at_every_size(void **state) {
    (void)state;
    for (uint64_t n = 1; n <= 70; n++) {
        ReceiptJournal j = last_of(n);
        assert_true(receipt_journal_holds(&j));
    }
}

static void a_proof_with_any_part_changed_does_not_hold(void **state) {
    (void)state;
    const ReceiptJournal good = last_of(13);

    ReceiptJournal j = good;
    j.event[5] = '3';
    assert_false(receipt_journal_holds(&j));
    j = good;
    j.root[31] ^= 1;
    assert_false(receipt_journal_holds(&j));
    j = good;
    j.path.hash[1][0] ^= 1;
    assert_false(receipt_journal_holds(&j));
    j = good;
    j.path.n--;
    assert_false(receipt_journal_holds(&j));
    j = good;
    j.path.n++;
    assert_false(receipt_journal_holds(&j));
    j = good;
    j.entry = 0;
    assert_false(receipt_journal_holds(&j));
    j = good;
    j.entry = 14; /* 13 = 8 + 4 + 1 leaves, 14 = 8 + 4 + 2: another shape */
    assert_false(receipt_journal_holds(&j));
}

static void an_old_receipt_has_no_journal(void **state) {
    (void)state;
    ReceiptClaims c;

    assert_true(receipt_claims_read("{\"identity\":\"\",\"witness\":[],\"index\":2}", &c, NULL));

    assert_true(c.has_index);
    assert_false(c.has_journal || c.has_response);
    assert_string_equal(c.ceremony, "");
}

static void assert_refused(const char *text, const char *id) {
    ReceiptClaims c;
    CvkErr err = {.id = "no error"};
    assert_false(receipt_claims_read(text, &c, &err));
    assert_string_equal(err.id, id);
}

#define ZEROS "0x" BYTES_32("00")

static void malformed_claims_are_refused(void **state) {
    (void)state;
    assert_refused("", "json.syntax");
    assert_refused("[]", "json.type");
    assert_refused("{\"index\":-1}", "json.type");
    assert_refused("{\"index\":1,\"index\":1}", "doc.field");
    assert_refused("{\"response\":\"0x00\"}", "doc.hex");
    assert_refused("{\"time\":\"2026-11-21T02:03:04.0050Z\"}", "doc.limit");
    assert_refused("{\"journal\":null}", "json.type");
    assert_refused("{\"journal\":{}}", "doc.field");
    assert_refused("{\"journal\":{\"entry\":1,\"event\":\"\",\"root\":\"" ZEROS "\"}}",
                   "doc.field");
    assert_refused("{\"journal\":{\"entry\":1,\"event\":\"\",\"root\":\"" ZEROS
                   "\",\"path\":[],\"more\":1}}",
                   "doc.field");
    assert_refused("{\"journal\":{\"entry\":1,\"event\":\"\",\"root\":\"" ZEROS
                   "\",\"path\":[\"0x00\"]}}",
                   "doc.hex");
}

static void a_path_or_an_event_that_is_too_long_is_refused(void **state) {
    (void)state;
    KzgReceipt receipt = {.n = 0};
    ReceiptClaims c = some_claims(1);
    CvkBuf text = CVK_BUF(LIMIT_REPLY);
    static const char start[] = "{\"journal\":{\"path\":[";
    assert_true(cvk_buf_add_str(&text, start, NULL));
    for (size_t i = 0; i <= MERKLE_PATH_MAX; i++)
        assert_true(cvk_buf_add_fmt(&text, NULL, "%s\"" ZEROS "\"", i == 0 ? "" : ","));
    assert_true(cvk_buf_add_str(&text, "]}}", NULL));

    assert_refused(text.data, "doc.limit");

    memset(c.journal.event, 'x', RECEIPT_EVENT_MAX);
    c.journal.event[RECEIPT_EVENT_MAX] = '\0';
    char *longest = text_of(&receipt, &c);
    assert_true(receipt_claims_read(longest, &c, NULL));
    char *longer = calloc(1, strlen(longest) + 2);
    assert_non_null(longer);
    size_t at = (size_t)(strstr(longest, "xxxx") - longest);
    snprintf(longer, strlen(longest) + 2, "%.*sx%s", (int)at, longest, longest + at);
    assert_refused(longer, "doc.limit");
    free(longer);
    free(longest);
    cvk_buf_done(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_claims_come_back),
        TEST(the_journal_stands_last_and_compact),
        TEST(the_largest_receipt_is_read_by_every_reader),
        TEST(a_proof_holds_at_every_size),
        TEST(a_proof_with_any_part_changed_does_not_hold),
        TEST(an_old_receipt_has_no_journal),
        TEST(malformed_claims_are_refused),
        TEST(a_path_or_an_event_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests_name("format/receipt_claims", tests, NULL, NULL);
}
