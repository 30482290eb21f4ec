#include "engine/event_json.h"
#include "fuzz/fuzz.h"

#define VERSION_1 "{\"v\":1,"

/* What version 1 says can be said in version 2, but for the identity in a grant. */
static void check_again(const Event *e, const CvkBuf *b) {
    Event again;
    bool read = event_read(b->data, b->n, &again, NULL);
    assert(read && again.type == e->type && again.now_ms == e->now_ms && again.lease == e->lease);
    CvkBuf c = CVK_BUF(EVENT_JSON_MAX);
    bool written = event_write(&again, &c, NULL);
    assert(written && c.n == b->n && memcmp(c.data, b->data, c.n) == 0);
    cvk_buf_done(&c);
}

/* Whatever is read is written as the same bytes (version 1: as version 2), and a fresh state says
 * something sensible of it. */
void fuzz_one(const uint8_t *data, size_t n) {
    Event e;
    CvkErr err = {0};
    if (!event_read((const char *)data, n, &e, &err)) {
        assert(err.id != NULL);
        return;
    }
    bool old = memcmp(data, VERSION_1, sizeof VERSION_1 - 1) == 0; /* it was read: n is enough */
    CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
    if (old && e.type == EVENT_LEASE_GRANTED) {
        assert(!event_write(&e, &b, NULL) && e.u.granted.identity[0] != '\0');
    } else {
        bool written = event_write(&e, &b, NULL);
        assert(written);
        if (old)
            check_again(&e, &b);
        else
            assert(b.n == n && memcmp(b.data, data, n) == 0);
    }
    cvk_buf_done(&b);

    EngineState *s = engine_state_new(NULL);
    if (s != NULL && engine_admits(s, &e, NULL) && engine_reserve(s, 1, NULL)) {
        engine_apply(s, &e);
        engine_check(s);
    }
    engine_state_free(s);
}
