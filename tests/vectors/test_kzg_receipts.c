/* Receipts that other servers gave: their signers are found, and we write the same bytes. */
#include "format/kzg_json.h"
#include "format/receipt.h"
#include "support/test.h"

#include "support/mini.h"
#include "support/shared.h"

static void assert_signer(const KzgReceiptAnswer *answer, const char *address) {
    uint8_t found[ETH_ADDRESS_BYTES];
    char text[ETH_ADDRESS_TEXT];
    assert_true(kzg_receipt_signer(answer->text, answer->signature, found));
    eth_address_checksummed(found, text);
    assert_string_equal(text, address);
}

static void the_public_receipt_comes_back_with_its_signer(void **state) {
    (void)state;
    char path[1024];
    shared_path(path, sizeof path, "fixtures/kzg/public/receipt_0xEe001b66.json");
    FILE *file = fopen(path, "rb");
    KzgReceiptAnswer answer;
    KzgReceipt receipt;
    char original[4096];
    CvkBuf again = CVK_BUF(4096);
    assert_non_null(file);
    size_t n = fread(original, 1, sizeof original, file);
    fclose(file);
    JsonMemory m = {.data = original, .n = n};

    assert_true(kzg_receipt_answer_read(json_from_memory(&m), &answer, NULL));
    assert_true(kzg_receipt_read(answer.text, &receipt, NULL));
    assert_true(kzg_receipt_answer_write(json_to_buf(&again), answer.text, answer.signature, NULL));

    assert_signer(&answer, "0xEe001b66a809e83A56Fd1d71a5cB93CCadcEBa25");
    assert_string_equal(receipt.identity, "eth|0xc4b1c53ab4a4636e4df2283b04e71aa022b7aae3");
    assert_int_equal(receipt.n, 4);
    assert_int_equal(again.n, n);
    assert_memory_equal(again.data, original, n);
    kzg_receipt_answer_done(&answer);
    cvk_buf_done(&again);
}

/* The receipt of a contribution, made from the contribution alone. */
static void assert_receipt_is_made(json_t *all, const char *who, const char *identity) {
    char name[32];
    snprintf(name, sizeof name, "contribution_%s", who);
    char *document = mini_text(json_object_get(all, name), 0);
    JsonMemory m = {.data = document, .n = strlen(document)};
    KzgWire *w = NULL;
    assert_true(kzg_contribution_read(json_from_memory(&m), m.n, &w, NULL));
    KzgReceipt receipt = {.n = w->n};
    snprintf(receipt.identity, sizeof receipt.identity, "%s", identity);
    for (size_t i = 0; i < w->n; i++)
        memcpy(receipt.witness[i], w->subs[i].pubkey, KZG_G2_BYTES);
    CvkBuf text = CVK_BUF(4096);

    assert_true(kzg_receipt_write(&receipt, NULL, NULL, &text, NULL));

    snprintf(name, sizeof name, "receipt_%s", who);
    json_t *expected = json_object_get(all, name);
    assert_string_equal(text.data, fixture_text(expected, "receipt"));
    char *answer_text = mini_text(expected, 2);
    JsonMemory am = {.data = answer_text, .n = strlen(answer_text)};
    KzgReceiptAnswer answer;
    assert_true(kzg_receipt_answer_read(json_from_memory(&am), &answer, NULL));
    assert_signer(&answer, fixture_text(json_object_get(all, "sequencer"), "address"));
    kzg_receipt_answer_done(&answer);
    free(answer_text);
    cvk_buf_done(&text);
    kzg_wire_free(w);
    free(document);
}

static void the_small_ceremonys_receipts_are_made(void **state) {
    (void)state;
    json_t *all = mini_load();
    json_t *people = json_object_get(all, "participants");
    assert_receipt_is_made(all, "A", fixture_text(json_object_get(people, "A"), "identity"));
    assert_receipt_is_made(all, "B", fixture_text(json_object_get(people, "B"), "identity"));
    json_decref(all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_public_receipt_comes_back_with_its_signer),
        TEST(the_small_ceremonys_receipts_are_made),
    };
    return cmocka_run_group_tests_name("vectors/kzg_receipts", tests, NULL, NULL);
}
