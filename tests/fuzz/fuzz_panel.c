#include "fuzz/fuzz.h"
#include "market/analysis.h"
#include "market/panel_read.h"

/* What is read can be selected from; of each batch a participant has one bid, or all is refused. */
void fuzz_one(const uint8_t *data, size_t n) {
    JsonMemory m = {.data = (const char *)data, .n = n};
    Panel *p, *complete;
    Bids b;
    CvkErr err;
    if (!panel_read(json_from_memory(&m), &p, &err))
        return;
    bool ok = panel_select(p, true, 0, &complete, &err);
    assert(ok && panel_n(complete) <= panel_n(p));
    if (bids_make(p, 1, &b, &err)) {
        assert(b.n == panel_n(p));
        bids_done(&b);
    } else {
        assert(strcmp(err.id, "panel.twice") == 0);
    }
    panel_free(complete);
    panel_free(p);
}
