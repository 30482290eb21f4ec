#include "format/receipt.h"
#include "fuzz/fuzz.h"

/* A receipt that is read is written so that it reads the same. */
static void check_string(const char *text) {
    KzgReceipt receipt, again;
    CvkBuf out = CVK_BUF(1 << 20);
    if (!kzg_receipt_read(text, &receipt, NULL))
        return;
    bool ok = kzg_receipt_write(&receipt, NULL, NULL, &out, NULL) &&
              kzg_receipt_read(out.data, &again, NULL);
    assert(ok && strcmp(receipt.identity, again.identity) == 0 && receipt.n == again.n);
    assert(memcmp(receipt.witness, again.witness, sizeof again.witness) == 0);
    cvk_buf_done(&out);
}

static void put_journal(JsonWriter *w, void *ctx) {
    receipt_journal_write(w, ctx);
}

/* So is the place in the journal; and a proof that holds, holds again. */
static void check_claims(const char *text) {
    static const KzgReceipt nobody;
    ReceiptClaims c, again;
    CvkBuf out = CVK_BUF(1 << 20);
    if (!receipt_claims_read(text, &c, NULL) || !c.has_journal)
        return;
    bool ok = kzg_receipt_write(&nobody, put_journal, &c.journal, &out, NULL) &&
              receipt_claims_read(out.data, &again, NULL);
    assert(ok && again.has_journal && again.journal.entry == c.journal.entry);
    assert(strcmp(again.journal.event, c.journal.event) == 0);
    assert(again.journal.path.n == c.journal.path.n);
    assert(receipt_journal_holds(&c.journal) == receipt_journal_holds(&again.journal));
    cvk_buf_done(&out);
}

static void check_answer(const KzgReceiptAnswer *answer) {
    CvkBuf out = CVK_BUF(1 << 20);
    KzgReceiptAnswer again;
    bool ok = kzg_receipt_answer_write(json_to_buf(&out), answer->text, answer->signature, NULL);
    assert(ok);
    JsonMemory m = {.data = out.data, .n = out.n};
    ok = kzg_receipt_answer_read(json_from_memory(&m), &again, NULL);
    assert(ok && strcmp(again.text, answer->text) == 0);
    assert(memcmp(again.signature, answer->signature, sizeof again.signature) == 0);
    kzg_receipt_answer_done(&again);
    cvk_buf_done(&out);
}

void fuzz_one(const uint8_t *data, size_t n) {
    JsonMemory m = {.data = (const char *)data, .n = n};
    KzgReceiptAnswer answer;
    if (!kzg_receipt_answer_read(json_from_memory(&m), &answer, NULL))
        return;
    uint8_t address[ETH_ADDRESS_BYTES];
    bool signed_by_somebody = kzg_receipt_signer(answer.text, answer.signature, address);
    (void)signed_by_somebody;
    check_answer(&answer);
    check_string(answer.text);
    check_claims(answer.text);
    kzg_receipt_answer_done(&answer);
}
