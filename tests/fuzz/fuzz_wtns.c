#include "format/wtns.h"
#include "fuzz/fuzz.h"

void fuzz_one(const uint8_t *data, size_t n) {
    Wtns *w;
    CvkErr err = {0};
    if (!wtns_memory(data, n, "fuzz", &w, &err)) {
        assert(err.id != NULL && err.msg[0] != '\0');
        return;
    }
    CvkSource values = wtns_values(w);
    uint8_t last[FR_BYTES];
    Fr value;
    assert(wtns_n(w) != 0 && values.n == (uint64_t)wtns_n(w) * FR_BYTES);
    bool ok = cvk_source_read(&values, values.n - FR_BYTES, last, sizeof last, &err) &&
              fr_from_le(wtns_curve(w), last, &value);
    assert(ok);
    wtns_close(w);
}
