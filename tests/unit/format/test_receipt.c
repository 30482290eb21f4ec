#include "format/receipt.h"
#include "support/test.h"

static const uint8_t SECRET[ETH_SECRET_BYTES] = {[31] = 7};

static KzgReceipt some_receipt(void) {
    KzgReceipt r = {.identity = "git|1|a", .n = 2};
    memset(r.witness[0], 0x11, KZG_G2_BYTES);
    memset(r.witness[1], 0xab, KZG_G2_BYTES);
    return r;
}

static void put_index(JsonWriter *w, void *ctx) {
    json_put_key(w, "index");
    json_put_uint(w, *(const uint64_t *)ctx);
}

static void further_keys_stand_inside_the_string(void **state) {
    (void)state;
    KzgReceipt receipt = some_receipt(), back;
    CvkBuf text = CVK_BUF(4096);
    uint64_t index = 17;
    receipt.n = 0;

    assert_true(kzg_receipt_write(&receipt, put_index, &index, &text, NULL));

    assert_string_equal(text.data, "{\"identity\":\"git|1|a\",\"witness\":[],\"index\":17}");
    assert_true(kzg_receipt_read(text.data, &back, NULL));
    assert_string_equal(back.identity, receipt.identity);
    cvk_buf_done(&text);
}

static void a_receipt_comes_back(void **state) {
    (void)state;
    KzgReceipt receipt = some_receipt(), back;
    CvkBuf text = CVK_BUF(4096);

    assert_true(kzg_receipt_write(&receipt, NULL, NULL, &text, NULL));
    assert_true(kzg_receipt_read(text.data, &back, NULL));

    assert_int_equal(back.n, 2);
    assert_memory_equal(back.witness, receipt.witness, sizeof back.witness);
    cvk_buf_done(&text);
}

static void the_largest_receipt_fits_its_answer(void **state) {
    (void)state;
    KzgReceipt receipt = some_receipt();
    CvkBuf text = CVK_BUF(8192), file = CVK_BUF(16384);
    uint8_t signature[ETH_SIGNATURE_BYTES];
    KzgReceiptAnswer answer;
    receipt.n = LIMIT_KZG_SUBS;
    memset(receipt.identity, 'x', LIMIT_IDENTITY);

    assert_true(kzg_receipt_write(&receipt, NULL, NULL, &text, NULL));
    assert_true(kzg_receipt_sign(text.data, SECRET, signature, NULL));
    assert_true(kzg_receipt_answer_write(json_to_buf(&file), text.data, signature, NULL));
    JsonMemory m = {.data = file.data, .n = file.n};
    assert_true(kzg_receipt_answer_read(json_from_memory(&m), &answer, NULL));

    assert_string_equal(answer.text, text.data);
    assert_memory_equal(answer.signature, signature, sizeof signature);
    kzg_receipt_answer_done(&answer);
    cvk_buf_done(&text);
    cvk_buf_done(&file);
}

static void a_changed_string_is_of_another_signer(void **state) {
    (void)state;
    uint8_t signature[ETH_SIGNATURE_BYTES], expected[ETH_ADDRESS_BYTES], found[ETH_ADDRESS_BYTES];
    const char *text = "{\"identity\":\"\",\"witness\":[]}";
    assert_true(eth_key_address(SECRET, expected, NULL));
    assert_true(kzg_receipt_sign(text, SECRET, signature, NULL));

    assert_true(kzg_receipt_signer(text, signature, found));
    assert_memory_equal(found, expected, sizeof found);
    if (kzg_receipt_signer("{\"identity\": \"\",\"witness\":[]}", signature, found))
        assert_memory_not_equal(found, expected, sizeof found);
}

static void assert_answer_refused(const char *text, const char *id) {
    JsonMemory m = {.data = text, .n = strlen(text)};
    KzgReceiptAnswer answer;
    CvkErr err = {.id = "no error"};

    assert_false(kzg_receipt_answer_read(json_from_memory(&m), &answer, &err));

    assert_string_equal(err.id, id);
}

static void a_bad_answer_is_refused(void **state) {
    (void)state;
    assert_answer_refused("{\"receipt\":\"{}\"}", "doc.field");
    assert_answer_refused("{\"receipt\":\"{}\",\"receipt\":\"{}\"}", "doc.field");
    assert_answer_refused("{\"receipt\":\"{}\",\"signature\":\"00\"}", "doc.hex");
    assert_answer_refused("{\"code\":\"x\",\"error\":\"y\"}", "doc.field");
    assert_answer_refused("{\"receipt\":{},\"signature\":\"00\"}", "json.type");
}

static void a_bad_string_is_refused(void **state) {
    (void)state;
    KzgReceipt r;
    assert_false(kzg_receipt_read("", &r, NULL));
    assert_false(kzg_receipt_read("{}", &r, NULL));
    assert_false(kzg_receipt_read("{\"identity\":\"\",\"witness\":[\"0x00\"]}", &r, NULL));
    assert_false(kzg_receipt_read("{\"identity\":\"\",\"witness\":[]} x", &r, NULL));
    assert_true(kzg_receipt_read("{\"witness\":[],\"identity\":\"\"}", &r, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(further_keys_stand_inside_the_string),
        TEST(a_receipt_comes_back),
        TEST(the_largest_receipt_fits_its_answer),
        TEST(a_changed_string_is_of_another_signer),
        TEST(a_bad_answer_is_refused),
        TEST(a_bad_string_is_refused),
    };
    return cmocka_run_group_tests_name("format/receipt", tests, NULL, NULL);
}
