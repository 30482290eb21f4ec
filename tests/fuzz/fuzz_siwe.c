#include "auth/siwe.h"
#include "fuzz/fuzz.h"

/* What is read as a message is written and read as the same one. */
void fuzz_one(const uint8_t *data, size_t n) {
    SiweMessage m, again;
    CvkErr err;
    const char *text = n > 0 ? (const char *)data : "";
    if (!siwe_read(text, n, &m, &err))
        return;
    (void)!siwe_check(&m, "a.example", 1795248000000, &err);
    CvkBuf first = CVK_BUF(LIMIT_SIWE), second = CVK_BUF(LIMIT_SIWE);
    bool ok = siwe_write(&m, &first, &err);
    assert(ok && first.n == n); /* only the address may have other capitals */
    ok = siwe_read(first.data, first.n, &again, &err) && siwe_write(&again, &second, &err);
    assert(ok && second.n == first.n && memcmp(first.data, second.data, first.n) == 0);
    cvk_buf_done(&first);
    cvk_buf_done(&second);
}
