#include "format/receipt.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "format/doc.h"

#include <assert.h>
#include <string.h>

#define SIGNATURE_DIGITS ((size_t)2 * ETH_SIGNATURE_BYTES)

bool kzg_receipt_write(const KzgReceipt *receipt, void (*more)(JsonWriter *w, void *ctx), void *ctx,
                       CvkBuf *ret, CvkErr *err) {
    assert(receipt->n <= LIMIT_KZG_SUBS);
    JsonWriter w = JSON_WRITER(json_to_buf(ret), 0);
    json_object_begin(&w);
    json_put_key(&w, "identity");
    json_put_str(&w, receipt->identity);
    json_put_key(&w, "witness");
    json_array_begin(&w);
    for (size_t i = 0; i < receipt->n; i++)
        json_put_hex(&w, receipt->witness[i], KZG_G2_BYTES);
    json_array_end(&w);
    if (more != NULL)
        more(&w, ctx);
    json_object_end(&w);
    return json_finish(&w, err);
}

static bool read_identity(JsonReader *r, KzgReceipt *receipt, CvkErr *err) {
    const char *text;
    size_t n;
    if (!json_read_string(r, &text, &n, err))
        return false;
    if (n > LIMIT_IDENTITY)
        return json_read_fail(r, err, CVK_ELIMIT, "doc.limit", "an identity over %d bytes",
                              LIMIT_IDENTITY);
    memcpy(receipt->identity, text, n + 1);
    return true;
}

static bool read_witness(JsonReader *r, KzgReceipt *receipt, CvkErr *err) {
    bool more;
    if (!json_read_array(r, err))
        return false;
    while (json_read_more(r, &more, err)) {
        if (!more)
            return true;
        if (receipt->n == LIMIT_KZG_SUBS)
            return json_read_fail(r, err, CVK_ELIMIT, "doc.limit", "more than %d pubkeys",
                                  LIMIT_KZG_SUBS);
        if (!doc_hex(r, receipt->witness[receipt->n++], KZG_G2_BYTES, err))
            return false;
    }
    return false;
}

typedef enum { RECEIPT_IDENTITY, RECEIPT_WITNESS, RECEIPT_FIELDS } ReceiptField;
static const char *const receipt_names[] = {"identity", "witness"};

static bool receipt_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    return which == RECEIPT_IDENTITY ? read_identity(r, ctx, err) : read_witness(r, ctx, err);
}

static const DocObject receipt_object = {
    .names = receipt_names, .n = RECEIPT_FIELDS, .open = true, .field = receipt_field};

bool kzg_receipt_read(const char *text, KzgReceipt *ret, CvkErr *err) {
    JsonMemory m = {.data = text, .n = strlen(text)};
    KzgReceipt receipt = {0};
    _cleanup_(json_reader_free_at) JsonReader *r =
        json_reader_new(json_from_memory(&m), LIMIT_REPLY, err);
    if (r == NULL || !doc_object(r, &receipt_object, &receipt, err) || !json_read_end(r, err))
        return false;
    *ret = receipt;
    return true;
}

bool kzg_receipt_sign(const char *text, const uint8_t secret[ETH_SECRET_BYTES],
                      uint8_t ret[ETH_SIGNATURE_BYTES], CvkErr *err) {
    uint8_t digest[32];
    eth_personal_digest(text, strlen(text), digest);
    return eth_sign(secret, digest, ret, err);
}

bool kzg_receipt_signer(const char *text, const uint8_t signature[ETH_SIGNATURE_BYTES],
                        uint8_t ret_address[ETH_ADDRESS_BYTES]) {
    uint8_t digest[32];
    eth_personal_digest(text, strlen(text), digest);
    return eth_recover(digest, signature, ret_address);
}

bool kzg_receipt_answer_write(JsonSink sink, const char *text,
                              const uint8_t signature[ETH_SIGNATURE_BYTES], CvkErr *err) {
    char digits[SIGNATURE_DIGITS + 1];
    cvk_hex_encode(signature, ETH_SIGNATURE_BYTES, digits);
    JsonWriter w = JSON_WRITER(sink, 2);
    json_object_begin(&w);
    json_put_key(&w, "receipt");
    json_put_str(&w, text);
    json_put_key(&w, "signature");
    json_put_str(&w, digits);
    json_object_end(&w);
    return json_finish(&w, err);
}

typedef enum { ANSWER_RECEIPT, ANSWER_SIGNATURE, ANSWER_FIELDS } AnswerField;
static const char *const answer_names[] = {"receipt", "signature"};

static bool answer_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    KzgReceiptAnswer *answer = ctx;
    const char *text;
    size_t n;
    if (!json_read_string(r, &text, &n, err))
        return false;
    if (which == ANSWER_RECEIPT) {
        answer->text = cvk_strdup(text, err);
        return answer->text != NULL;
    }
    if (n != SIGNATURE_DIGITS || !cvk_hex_decode(text, ETH_SIGNATURE_BYTES, answer->signature))
        return json_read_fail(r, err, CVK_EBADREQ, "doc.hex",
                              "a signature must be %zu lower-case hex digits", SIGNATURE_DIGITS);
    return true;
}

static const DocObject answer_object = {
    .names = answer_names, .n = ANSWER_FIELDS, .open = true, .field = answer_field};

bool kzg_receipt_answer_read(JsonSource source, KzgReceiptAnswer *ret, CvkErr *err) {
    KzgReceiptAnswer answer = {0};
    _cleanup_(json_reader_free_at) JsonReader *r = json_reader_new(source, LIMIT_REPLY, err);
    if (r == NULL || !doc_object(r, &answer_object, &answer, err) || !json_read_end(r, err)) {
        kzg_receipt_answer_done(&answer);
        return false;
    }
    *ret = answer;
    return true;
}

void kzg_receipt_answer_done(KzgReceiptAnswer *a) {
    free(a->text);
    a->text = NULL;
}
