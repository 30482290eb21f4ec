#include "engine/event_json.h"
#include "fuzz/fuzz.h"

/* The bytes as the private part of an admission that is committed to exactly them: what is opened
 * is written as the same bytes, and no other salt opens it. */
void fuzz_one(const uint8_t *data, size_t n) {
    uint8_t salt[EVENT_SALT_BYTES] = {5};
    Event e = {.type = EVENT_PARTICIPANT_ADMITTED};
    CvkErr err = {0};
    event_commit(salt, (const char *)data, n, e.u.admitted.commitment);
    if (!event_open(&e, salt, (const char *)data, n, &err)) {
        assert(err.code == CVK_EBADREQ && e.u.admitted.identity[0] == '\0');
        return;
    }
    CvkBuf b = CVK_BUF(EVENT_PRIVATE_MAX);
    bool written = event_private_write(&e, &b, NULL);
    assert(written && b.n == n && memcmp(b.data, data, n) == 0);
    cvk_buf_done(&b);
    salt[0] = 6;
    assert(!event_open(&e, salt, (const char *)data, n, NULL));
}
