#include "base/limits.h"
#include "client/kzg_reply.h"
#include "fuzz/fuzz.h"

/* Any answer of a server means one of the kinds, and what is kept of it can be shown on a terminal.
 */
void fuzz_one(const uint8_t *data, size_t n) {
    if (n < 2)
        return;
    WebReply r = {.status = 100 + data[0] * 2 + data[1] % 2, .into = CVK_BUF(LIMIT_REPLY)};
    KzgReplyMeaning m;
    char text[64];
    CvkErr err;
    if (cvk_buf_add(&r.into, data + 2, n - 2, &err)) {
        kzg_reply_read(&r, &m);
        assert(m.kind <= KZG_REPLY_STRANGE);
        for (const char *p = m.text; *p != '\0'; p++)
            assert(*p >= 0x20 && *p < 0x7f);
        for (const char *p = m.code; *p != '\0'; p++)
            assert(*p >= 0x20 && *p < 0x7f);
        if (kzg_reply_string(&r, "id_token", "nickname", text, sizeof text))
            assert(strlen(text) < sizeof text);
    }
    cvk_buf_done(&r.into);
}
