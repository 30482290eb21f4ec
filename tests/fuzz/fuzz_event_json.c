#include "engine/event_json.h"
#include "fuzz/fuzz.h"

/* Whatever is read is written as the same bytes, and a fresh state says something sensible of it.
 */
void fuzz_one(const uint8_t *data, size_t n) {
    Event e;
    CvkErr err = {0};
    if (!event_read((const char *)data, n, &e, &err)) {
        assert(err.id != NULL);
        return;
    }
    CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
    bool written = event_write(&e, &b, NULL);
    assert(written && b.n == n && memcmp(b.data, data, n) == 0);
    cvk_buf_done(&b);

    EngineState *s = engine_state_new(NULL);
    if (s != NULL && engine_admits(s, &e, NULL)) {
        engine_apply(s, &e);
        engine_check(s);
    }
    engine_state_free(s);
}
