#include "format/attestation.h"

#include "base/hex.h"
#include "codec/json_read.h"
#include "setup/kzg_sign.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNED "signed: "
#define HEX_MAX (2 * KZG_G2_BYTES + 3) /* "0x", digits, zero byte */

/* ---- writing ---- */

static bool is_line(const char *text) {
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

static bool add_hex(CvkBuf *b, const char *name, const uint8_t *bytes, size_t n, CvkErr *err) {
    char digits[HEX_MAX];
    assert(n <= KZG_G2_BYTES);
    cvk_hex_encode(bytes, n, digits);
    return cvk_buf_add_fmt(b, err, "%s: 0x%s\n", name, digits);
}

static bool add_signature(CvkBuf *b, const char *name, bool present, const uint8_t *bytes, size_t n,
                          CvkErr *err) {
    return present ? add_hex(b, name, bytes, n, err)
                   : cvk_buf_add_fmt(b, err, "%s: absent\n", name);
}

/* As a JSON string: a server may have put anything into it. */
static bool add_receipt(CvkBuf *b, const char *text, CvkErr *err) {
    JsonWriter w = JSON_WRITER(json_to_buf(b), 0);
    if (!cvk_buf_add_str(b, "receipt: ", err))
        return false;
    json_put_str(&w, text);
    return json_finish(&w, err) && cvk_buf_add_str(b, "\n", err);
}

static bool add_keys(CvkBuf *b, const Attestation *a, CvkErr *err) {
    for (size_t i = 0; i < a->sizes.n; i++)
        if (!add_hex(b, "key", a->keys[i], KZG_G2_BYTES, err) ||
            !add_signature(b, "bls signature", a->bls[i].present, a->bls[i].bytes, KZG_G1_BYTES,
                           err))
            return false;
    return add_signature(b, "ecdsa signature", a->ecdsa.present, a->ecdsa.bytes, KZG_ECDSA_BYTES,
                         err);
}

/* All but the author's signature. */
static bool add_text(CvkBuf *b, const Attestation *a, CvkErr *err) {
    char sizes[KZG_SIZES_TEXT], signer[ETH_ADDRESS_TEXT];
    kzg_sizes_format(&a->sizes, sizes);
    eth_address_checksummed(a->signer, signer);
    return cvk_buf_add_fmt(b, err,
                           ATTESTATION_FIRST_LINE
                           "\n\nI contributed to a ceremony. Its result is safe if one contributor "
                           "forgot\ntheir secrets; I have forgotten mine.\n\n"
                           "server: %s\nidentity: %s\ncontribution: %" PRIu64
                           "\naccepted: %s\nsizes: %s\n",
                           a->server, a->identity, a->index, a->time, sizes) &&
           add_hex(b, "response", a->response, sizeof a->response, err) && add_keys(b, a, err) &&
           cvk_buf_add_fmt(b, err, "receipt signed by: %s\n", signer) &&
           add_receipt(b, a->receipt.text, err) &&
           add_hex(b, "receipt signature", a->receipt.signature, ETH_SIGNATURE_BYTES, err) &&
           cvk_buf_add_fmt(
               b, err,
               "\nTo check it, with the server's address known from elsewhere:\n\n    curl -o "
               "transcript.json %s/info/current_state\n    convoke receipt verify attestation.txt "
               "--address %s \\\n        --transcript transcript.json\n",
               a->server, signer);
}

bool attestation_write(const Attestation *a, const uint8_t key[ETH_SECRET_BYTES], CvkBuf *ret,
                       CvkErr *err) {
    uint8_t digest[32], signature[ETH_SIGNATURE_BYTES];
    size_t from = ret->n;
    if (!is_line(a->server) || !is_line(a->identity) || !is_line(a->time))
        return cvk_fail(err, CVK_EBADREQ, "attestation.text",
                        "an attestation can hold no control characters");
    if (!add_text(ret, a, err))
        return false;
    if (key == NULL)
        return true;
    eth_personal_digest(ret->data + from, ret->n - from, digest);
    return eth_sign(key, digest, signature, err) && cvk_buf_add_str(ret, "\n", err) &&
           add_hex(ret, "signed", signature, sizeof signature, err);
}

/* ---- reading ---- */

static bool take_text(char *ret, size_t cap, const char *value) {
    size_t n = strlen(value);
    if (n >= cap)
        return false;
    memcpy(ret, value, n + 1);
    return true;
}

static bool take_index(uint64_t *ret, const char *value) {
    if (value[0] == '\0' || strlen(value) > 18 || strspn(value, "0123456789") != strlen(value))
        return false;
    *ret = strtoull(value, NULL, 10);
    return true;
}

static bool take_receipt(Attestation *a, const char *value) {
    JsonMemory m = {.data = value, .n = strlen(value)};
    __attribute__((cleanup(json_reader_free_at))) JsonReader *r =
        json_reader_new(json_from_memory(&m), LIMIT_TEXT_FILE, NULL);
    const char *text;
    size_t n;
    if (r == NULL || a->receipt.text != NULL || !json_read_string(r, &text, &n, NULL))
        return false;
    a->receipt.text = strdup(text);
    return a->receipt.text != NULL && json_read_end(r, NULL);
}

static bool take_signature(bool *present, uint8_t *ret, size_t n, const char *value) {
    *present = strcmp(value, "absent") != 0;
    return !*present || cvk_hex_parse(value, n, ret);
}

/* What the lines so far have filled in. */
typedef struct {
    Attestation *to;
    size_t keys, bls;
} Reading;

static bool take_field(Reading *r, const char *name, const char *value) {
    Attestation *a = r->to;
    if (strcmp(name, "server") == 0)
        return take_text(a->server, sizeof a->server, value);
    if (strcmp(name, "identity") == 0)
        return take_text(a->identity, sizeof a->identity, value);
    if (strcmp(name, "contribution") == 0)
        return take_index(&a->index, value);
    if (strcmp(name, "accepted") == 0)
        return take_text(a->time, sizeof a->time, value);
    if (strcmp(name, "sizes") == 0)
        return kzg_sizes_parse(value, &a->sizes, NULL);
    if (strcmp(name, "response") == 0)
        return cvk_hex_parse(value, sizeof a->response, a->response);
    if (strcmp(name, "key") == 0)
        return r->keys < a->sizes.n && cvk_hex_parse(value, KZG_G2_BYTES, a->keys[r->keys++]);
    if (strcmp(name, "bls signature") == 0 && r->bls < a->sizes.n) {
        KzgBlsWire *bls = &a->bls[r->bls++];
        return take_signature(&bls->present, bls->bytes, KZG_G1_BYTES, value);
    }
    if (strcmp(name, "ecdsa signature") == 0)
        return take_signature(&a->ecdsa.present, a->ecdsa.bytes, KZG_ECDSA_BYTES, value);
    if (strcmp(name, "receipt signed by") == 0)
        return eth_address_parse(value, a->signer);
    if (strcmp(name, "receipt") == 0)
        return take_receipt(a, value);
    if (strcmp(name, "receipt signature") == 0)
        return cvk_hex_parse(value, ETH_SIGNATURE_BYTES, a->receipt.signature);
    return true; /* words; what they must be is seen when all is written again */
}

/* `line` has n bytes and may be changed. */
static bool take_line(Reading *r, char *line, size_t n) {
    line[n] = '\0';
    char *colon = strstr(line, ": ");
    if (colon == NULL || line[0] == ' ')
        return true;
    *colon = '\0';
    return take_field(r, line, colon + 2);
}

static bool take_lines(Reading *r, char *text) {
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        if (!take_line(r, line, (size_t)(end - line)))
            return false;
    return r->to->receipt.text != NULL && r->keys == r->to->sizes.n;
}

/* What is left after the text itself: nothing, or the author's signature. */
static bool take_author(Attestation *a, const CvkBuf *written, const char *rest, size_t n) {
    const size_t line = 1 + strlen(SIGNED "0x") + (size_t)2 * ETH_SIGNATURE_BYTES + 1;
    char hex[2 * ETH_SIGNATURE_BYTES + 3];
    uint8_t digest[32], signature[ETH_SIGNATURE_BYTES];
    if (n == 0)
        return true;
    if (n != line || memcmp(rest, "\n" SIGNED, 1 + strlen(SIGNED)) != 0 || rest[n - 1] != '\n')
        return false;
    memcpy(hex, rest + 1 + strlen(SIGNED), sizeof hex - 1);
    hex[sizeof hex - 1] = '\0';
    eth_personal_digest(written->data, written->n, digest);
    a->is_signed = true;
    return cvk_hex_parse(hex, sizeof signature, signature) &&
           eth_recover(digest, signature, a->author);
}

static bool read_all(const char *text, size_t n, Attestation *ret, CvkBuf *copy, CvkBuf *written) {
    Reading r = {.to = ret};
    return strnlen(text, n) == n && cvk_buf_add(copy, text, n, NULL) && n > 0 &&
           take_lines(&r, copy->data) && attestation_write(ret, NULL, written, NULL) &&
           written->n <= n && memcmp(written->data, text, written->n) == 0 &&
           take_author(ret, written, text + written->n, n - written->n);
}

bool attestation_read(const char *text, size_t n, Attestation *ret, CvkErr *err) {
    _cleanup_buf_ CvkBuf copy = CVK_BUF(LIMIT_TEXT_FILE), written = CVK_BUF(LIMIT_TEXT_FILE);
    *ret = (Attestation){.index = 0};
    if (read_all(text, n, ret, &copy, &written))
        return true;
    attestation_done(ret);
    return cvk_fail(err, CVK_EBADREQ, "attestation.form",
                    "it is no attestation as it was written: something is missing or was changed");
}

void attestation_done(Attestation *a) {
    free(a->receipt.text);
    a->receipt.text = NULL;
}

/* ---- judging ---- */

static const char *fault_of_receipt(const Attestation *a, const KzgReceipt *receipt,
                                    const ReceiptClaims *claims) {
    uint8_t signer[ETH_ADDRESS_BYTES];
    if (strcmp(receipt->identity, a->identity) != 0)
        return "its receipt is somebody else's";
    if (receipt->n != a->sizes.n ||
        memcmp(receipt->witness, a->keys, a->sizes.n * KZG_G2_BYTES) != 0)
        return "its receipt is for other keys";
    if (!kzg_receipt_signer(a->receipt.text, a->receipt.signature, signer) ||
        memcmp(signer, a->signer, sizeof signer) != 0)
        return "its receipt is signed by another key than it says";
    if ((claims->has_index && claims->index != a->index) ||
        (claims->has_response && memcmp(claims->response, a->response, sizeof a->response) != 0) ||
        (claims->time[0] != '\0' && strcmp(claims->time, a->time) != 0))
        return "its receipt is for another contribution";
    return NULL;
}

static const char *fault_of_author(const Attestation *a) {
    char expected[LIMIT_IDENTITY + 1], address[ETH_ADDRESS_TEXT];
    if (!a->is_signed)
        return NULL;
    eth_address_lower(a->author, address);
    snprintf(expected, sizeof expected, "eth|%s", address);
    return strcmp(expected, a->identity) == 0 ? NULL : "it is signed by another than its identity";
}

const char *attestation_fault(const Attestation *a, const KzgReceipt *receipt,
                              const ReceiptClaims *claims) {
    const char *fault = fault_of_receipt(a, receipt, claims);
    for (size_t i = 0; fault == NULL && i < a->sizes.n; i++)
        if (a->bls[i].present && !kzg_bls_verify(a->identity, a->keys[i], a->bls[i].bytes))
            fault = "a BLS signature in it does not hold";
    if (fault == NULL && a->ecdsa.present &&
        !kzg_ecdsa_verify(a->identity, &a->sizes, (const uint8_t(*)[KZG_G2_BYTES])a->keys,
                          a->ecdsa.bytes))
        fault = "the ECDSA signature in it does not hold";
    return fault != NULL ? fault : fault_of_author(a);
}
