#include "format/attestation.h"
#include "fuzz/fuzz.h"

/* What is read is written so that it reads the same; judging it never fails. */
void fuzz_one(const uint8_t *data, size_t n) {
    Attestation a;
    KzgReceipt receipt;
    ReceiptClaims claims;
    CvkBuf out = CVK_BUF(LIMIT_TEXT_FILE);
    if (!attestation_read(n == 0 ? "" : (const char *)data, n, &a, NULL))
        return;
    bool ok = attestation_write(&a, NULL, &out, NULL);
    assert(ok && out.n <= n && memcmp(out.data, data, out.n) == 0);
    assert(a.is_signed == (out.n < n));
    if (kzg_receipt_read(a.receipt.text, &receipt, NULL) &&
        receipt_claims_read(a.receipt.text, &claims, NULL)) {
        const char *fault = attestation_fault(&a, &receipt, &claims);
        (void)fault;
    }
    attestation_done(&a);
    cvk_buf_done(&out);
}
