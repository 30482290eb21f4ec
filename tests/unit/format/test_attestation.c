#include "base/alloc.h"
#include "format/attestation.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>

static const uint8_t SERVER_KEY[ETH_SECRET_BYTES] = {[31] = 7};
static const uint8_t OWN_KEY[ETH_SECRET_BYTES] = {[31] = 9};

static void put_claims(JsonWriter *w, void *ctx) {
    json_put_key(w, "index");
    json_put_uint(w, *(const uint64_t *)ctx);
}

/* Of somebody who contributed to two sizes as number 3; the keys are only bytes. */
static Attestation some(void) {
    Attestation a = {.server = "https://ceremony.example",
                     .index = 3,
                     .time = "2026-11-21T08:00:00.000Z",
                     .sizes = {.n = 2, .at = {{4, 3}, {8, 3}}}};
    uint8_t address[ETH_ADDRESS_BYTES];
    char text[ETH_ADDRESS_TEXT];
    KzgReceipt receipt = {.n = 2};
    CvkBuf b = CVK_BUF(4096);
    assert_true(eth_key_address(OWN_KEY, address, NULL));
    eth_address_lower(address, text);
    snprintf(a.identity, sizeof a.identity, "eth|%s", text);
    memcpy(receipt.identity, a.identity, sizeof a.identity);
    memset(a.response, 0x5a, sizeof a.response);
    memset(a.keys[0], 0x11, KZG_G2_BYTES);
    memset(a.keys[1], 0xab, KZG_G2_BYTES);
    memcpy(receipt.witness, a.keys, sizeof a.keys[0] * 2);
    assert_true(kzg_receipt_write(&receipt, put_claims, &a.index, &b, NULL));
    a.receipt.text = cvk_buf_take(&b);
    assert_true(kzg_receipt_sign(a.receipt.text, SERVER_KEY, a.receipt.signature, NULL));
    assert_true(eth_key_address(SERVER_KEY, a.signer, NULL));
    return a;
}

static char *text_of(const Attestation *a, const uint8_t *key) {
    CvkBuf b = CVK_BUF(1 << 16);
    assert_true(attestation_write(a, key, &b, NULL));
    return cvk_buf_take(&b);
}

static bool reads(const char *text, Attestation *ret) {
    CvkErr err;
    bool ok = attestation_read(text, strlen(text), ret, &err);
    assert_true(ok || strcmp(err.id, "attestation.form") == 0);
    return ok;
}

static const char *fault_of(const Attestation *a) {
    KzgReceipt receipt;
    ReceiptClaims claims;
    if (!kzg_receipt_read(a->receipt.text, &receipt, NULL) ||
        !receipt_claims_read(a->receipt.text, &claims, NULL))
        return "no receipt";
    return attestation_fault(a, &receipt, &claims);
}

static void an_attestation_comes_back(void **state) {
    (void)state;
    Attestation a = some(), back;
    a.bls[1].present = true;
    memset(a.bls[1].bytes, 0xcd, sizeof a.bls[1].bytes);
    a.ecdsa.present = true;
    a.ecdsa.bytes[64] = 27;
    char *text = text_of(&a, NULL);

    assert_true(reads(text, &back));

    assert_string_equal(back.server, a.server);
    assert_string_equal(back.identity, a.identity);
    assert_string_equal(back.receipt.text, a.receipt.text);
    assert_int_equal(back.index, 3);
    assert_true(kzg_sizes_equal(&back.sizes, &a.sizes));
    assert_memory_equal(back.keys, a.keys, 2 * KZG_G2_BYTES);
    assert_false(back.bls[0].present);
    assert_memory_equal(back.bls[1].bytes, a.bls[1].bytes, sizeof a.bls[1].bytes);
    assert_true(back.ecdsa.present && !back.is_signed);
    attestation_done(&back);
    attestation_done(&a);
    free(text);
}

static void its_author_is_who_signed_it(void **state) {
    (void)state;
    Attestation a = some(), back;
    uint8_t own[ETH_ADDRESS_BYTES];
    char *text = text_of(&a, OWN_KEY);
    assert_true(eth_key_address(OWN_KEY, own, NULL));

    assert_true(reads(text, &back));

    assert_true(back.is_signed);
    assert_memory_equal(back.author, own, sizeof own);
    assert_null(fault_of(&back));
    attestation_done(&back);
    attestation_done(&a);
    free(text);
}

static void every_change_of_a_byte_is_found(void **state) {
    (void)state;
    Attestation a = some(), back;
    char *text = text_of(&a, OWN_KEY);
    size_t n = strlen(text), taken = 0;
    for (size_t i = 0; i < n; i++) {
        char before = text[i];
        text[i] = before == '1' ? '2' : '1';
        if (reads(text, &back)) { /* another attestation, then: is it believed? */
            assert_non_null(fault_of(&back));
            attestation_done(&back);
            taken++;
        }
        text[i] = before;
    }
    assert_true(taken > 0 && taken < n);
    attestation_done(&a);
    free(text);
}

static void what_is_missing_added_or_cut_off_is_found(void **state) {
    (void)state;
    Attestation a = some(), back;
    char *text = text_of(&a, OWN_KEY), changed[16384];
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        snprintf(changed, sizeof changed, "%.*s", (int)i, text);
        bool read = reads(changed, &back); /* without its signature it is one, too */
        assert_true(!read || !back.is_signed);
        if (read)
            attestation_done(&back);
    }
    static const char *const more[] = {"x", "\n", "server: https://other.example\n"};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        snprintf(changed, sizeof changed, "%s%s", text, more[i]);
        assert_false(reads(changed, &back));
        snprintf(changed, sizeof changed, "%s%s", more[i], text);
        assert_false(reads(changed, &back));
    }
    attestation_done(&a);
    free(text);
}

static void one_that_does_not_agree_with_its_receipt_is_found(void **state) {
    (void)state;
    Attestation a = some(), changed;
    assert_null(fault_of(&a));
    changed = a;
    changed.index = 4;
    assert_string_equal(fault_of(&changed), "its receipt is for another contribution");
    changed = a;
    changed.identity[10] ^= 1;
    assert_string_equal(fault_of(&changed), "its receipt is somebody else's");
    changed = a;
    changed.keys[1][5] ^= 1;
    assert_string_equal(fault_of(&changed), "its receipt is for other keys");
    changed = a;
    changed.signer[0] ^= 1;
    assert_string_equal(fault_of(&changed), "its receipt is signed by another key than it says");
    attestation_done(&a);
}

static void signatures_in_it_must_hold(void **state) {
    (void)state;
    Attestation a = some(), changed = a;
    changed.bls[0].present = true;
    assert_string_equal(fault_of(&changed), "a BLS signature in it does not hold");
    changed = a;
    changed.ecdsa.present = true;
    assert_string_equal(fault_of(&changed), "the ECDSA signature in it does not hold");
    changed = a;
    changed.is_signed = true;
    assert_string_equal(fault_of(&changed), "it is signed by another than its identity");
    attestation_done(&a);
}

static void a_receipt_of_any_text_can_be_quoted_and_lines_cannot_be_smuggled_in(void **state) {
    (void)state;
    Attestation a = some(), back;
    free(a.receipt.text);
    a.receipt.text = cvk_strdup("{\n\"identity\": \"\\u00e9\xc3\xa9\"}\nsigned: 0x", NULL);
    char *text = text_of(&a, NULL);
    assert_true(reads(text, &back));
    assert_string_equal(back.receipt.text, a.receipt.text);
    attestation_done(&back);
    free(text);

    CvkErr err;
    CvkBuf b = CVK_BUF(1 << 16);
    snprintf(a.server, sizeof a.server, "https://x\nidentity: git|1|y");
    assert_false(attestation_write(&a, NULL, &b, &err));
    assert_string_equal(err.id, "attestation.text");
    cvk_buf_done(&b);
    attestation_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_attestation_comes_back),
        TEST(its_author_is_who_signed_it),
        TEST(every_change_of_a_byte_is_found),
        TEST(what_is_missing_added_or_cut_off_is_found),
        TEST(one_that_does_not_agree_with_its_receipt_is_found),
        TEST(signatures_in_it_must_hold),
        TEST(a_receipt_of_any_text_can_be_quoted_and_lines_cannot_be_smuggled_in),
    };
    return cmocka_run_group_tests_name("format/attestation", tests, NULL, NULL);
}
