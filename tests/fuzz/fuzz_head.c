#include "format/head.h"
#include "fuzz/fuzz.h"

/* A head that is read is written as the very bytes it was read from. */
void fuzz_one(const uint8_t *data, size_t n) {
    SignedHead h;
    CvkErr err = {0};
    CvkBuf out = CVK_BUF(HEAD_MAX);
    bool ok = head_read(n == 0 ? "" : (const char *)data, n, &h, &err);
    assert(ok == (err.id == NULL));
    if (!ok)
        return;
    ok = head_write(&h, &out, NULL);
    assert(ok && out.n == n && memcmp(out.data, data, n) == 0);
    uint8_t address[ETH_ADDRESS_BYTES];
    bool signed_by_somebody = head_signer(&h, address);
    (void)signed_by_somebody;
    cvk_buf_done(&out);
}
