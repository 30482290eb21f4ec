#include "fuzz/fuzz.h"
#include "run/experiment_entry.h"

/* An entry that is accepted has these very bytes when it is written again. */
void fuzz_one(const uint8_t *data, size_t n) {
    _cleanup_buf_ CvkBuf again = CVK_BUF(1 << 16);
    MarketEntry e;
    CvkErr err;
    if (!market_entry_read((const char *)data, n, &e, &err))
        return;
    bool ok = market_entry_write(&e, &again, &err);
    assert(ok && again.n == n && memcmp(again.data, data, n) == 0);
}
