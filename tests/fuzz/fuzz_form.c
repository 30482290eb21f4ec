#include "fuzz/fuzz.h"
#include "http/url.h"

/* Whatever is found survives being written and read again. */
void fuzz_one(const uint8_t *data, size_t n) {
    char value[256], again[256];
    FormResult got = form_get((const char *)data, n, "state", value, sizeof value);
    if (got != FORM_FOUND) {
        assert(value[0] == '\0');
        return;
    }
    _cleanup_buf_ CvkBuf b = CVK_BUF(2048);
    bool written = form_add(&b, "code", "x&state=y", NULL) && form_add(&b, "state", value, NULL);
    assert(written);
    got = form_get(b.data, b.n, "state", again, sizeof again);
    assert(got == FORM_FOUND && strcmp(value, again) == 0);
    got = form_get(b.data, b.n, "code", again, sizeof again);
    assert(got == FORM_FOUND && strcmp(again, "x&state=y") == 0);
}
