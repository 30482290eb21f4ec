#include "engine/event_json.h"

#include "base/hex.h"
#include "base/sha256.h"
#include "engine/event_forms.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* ---- writing ---- */

static bool put_uint(CvkBuf *b, uint64_t v, CvkErr *err) {
    if (v > INT64_MAX)
        return cvk_fail(err, CVK_EBADREQ, "event.field", "a number of the event is out of range");
    return cvk_buf_add_fmt(b, err, "%" PRIu64, v);
}

static bool put_text(CvkBuf *b, const char *text, size_t size, CvkErr *err) {
    if (!engine_text_ok(text, size - 1))
        return cvk_fail(err, CVK_EBADREQ, "event.field", "a text of the event is not usable");
    return cvk_buf_add_fmt(b, err, "\"%s\"", text);
}

static bool put_bytes(CvkBuf *b, const uint8_t *bytes, size_t n, CvkErr *err) {
    char digits[2 * ENGINE_SIGNATURE_BYTES + 1];
    assert(n <= ENGINE_SIGNATURE_BYTES);
    cvk_hex_encode(bytes, n, digits);
    return cvk_buf_add_fmt(b, err, "\"0x%s\"", digits);
}

static bool put_word(CvkBuf *b, FieldKind kind, const void *at, CvkErr *err) {
    unsigned choice;
    memcpy(&choice, at, sizeof choice); /* an enum of ours: see get_word */
    const char *word = event_word(kind, choice);
    if (word == NULL)
        return cvk_fail(err, CVK_EBADREQ, "event.field", "a choice of the event is none of ours");
    return cvk_buf_add_fmt(b, err, "\"%s\"", word);
}

static bool put_value(CvkBuf *b, const Field *f, const Event *e, CvkErr *err) {
    const void *at = (const char *)e + f->offset;
    switch (f->kind) {
    case FIELD_TEXT:
        return put_text(b, at, f->size, err);
    case FIELD_BYTES:
        return put_bytes(b, at, f->size, err);
    case FIELD_U64:
        return put_uint(b, *(const uint64_t *)at, err);
    case FIELD_I64: /* a negative one is out of range too */
        return put_uint(b, (uint64_t) * (const int64_t *)at, err);
    case FIELD_U32:
        return put_uint(b, *(const uint32_t *)at, err);
    case FIELD_BOOL:
        return cvk_buf_add_str(b, *(const bool *)at ? "true" : "false", err);
    case FIELD_REPEAT:
        return cvk_buf_add_str(b, *(const uint32_t *)at == 0 ? "true" : "false", err);
    case FIELD_ENTRY:
    case FIELD_PHASE:
    case FIELD_COST:
    case FIELD_MODE:
    case FIELD_LEFT:
        return put_word(b, f->kind, at, err);
    case FIELD_OPEN:
        return cvk_buf_add_str(b, "{", err);
    case FIELD_CLOSE:
    case FIELD_END:
        return cvk_buf_add_str(b, "}", err);
    }
    return false;
}

static bool put_fields(CvkBuf *b, const Field *f, const Event *e, CvkErr *err) {
    bool first = false; /* of its object */
    for (;; f++) {
        if (f->key != NULL && !cvk_buf_add_fmt(b, err, "%s%s", first ? "" : ",", f->key))
            return false;
        if (!put_value(b, f, e, err))
            return false;
        if (f->kind == FIELD_END)
            return true;
        first = f->kind == FIELD_OPEN;
    }
}

bool event_write(const Event *e, CvkBuf *b, CvkErr *err) {
    const Field *form = event_form(e->type, EVENT_VERSION);
    if (form == NULL)
        return cvk_fail(err, CVK_EBADREQ, "event.field", "there is no event of type %d",
                        (int)e->type);
    if (e->type == EVENT_LEASE_GRANTED && e->u.granted.identity[0] != '\0')
        return cvk_fail(err, CVK_EBADREQ, "event.field",
                        "a grant names a participant, and no identity");
    return cvk_buf_add_fmt(b, err, "{\"v\":%d,\"type\":\"%s\",\"now\":", EVENT_VERSION,
                           event_name(e->type)) &&
           put_uint(b, (uint64_t)e->now_ms, err) && put_fields(b, form, e, err);
}

/* ---- private parts ---- */

#define PRIVATE_BEGIN "{\"identity\":\""
#define PRIVATE_END "\"}"

bool event_has_private(const Event *e) {
    return e->type == EVENT_PARTICIPANT_ADMITTED;
}

bool event_private_write(const Event *e, CvkBuf *b, CvkErr *err) {
    if (!event_has_private(e))
        return true;
    const char *identity = e->u.admitted.identity;
    if (!engine_text_ok(identity, LIMIT_IDENTITY))
        return cvk_fail(err, CVK_EBADREQ, "event.field", "the identity is not known");
    return cvk_buf_add_fmt(b, err, PRIVATE_BEGIN "%s" PRIVATE_END, identity);
}

void event_commit(const uint8_t salt[EVENT_SALT_BYTES], const char *part, size_t n,
                  uint8_t ret[32]) {
    cvk_hmac_sha256(salt, part, n, ret);
}

/* The identity between the fixed beginning and end; false: another form. */
static bool private_read(const char *part, size_t n, char ret[LIMIT_IDENTITY + 1]) {
    const size_t begin = sizeof PRIVATE_BEGIN - 1, end = sizeof PRIVATE_END - 1;
    if (n <= begin + end || n - begin - end > LIMIT_IDENTITY ||
        memcmp(part, PRIVATE_BEGIN, begin) != 0 || memcmp(part + n - end, PRIVATE_END, end) != 0)
        return false;
    size_t length = n - begin - end;
    memcpy(ret, part + begin, length);
    ret[length] = '\0';
    return strlen(ret) == length && engine_text_ok(ret, LIMIT_IDENTITY);
}

bool event_open(Event *e, const uint8_t salt[EVENT_SALT_BYTES], const char *part, size_t n,
                CvkErr *err) {
    uint8_t commitment[32];
    char identity[LIMIT_IDENTITY + 1];
    if (!event_has_private(e))
        return cvk_fail(err, CVK_EBADREQ, "event.private", "%s has no private part",
                        event_name(e->type));
    if (n > EVENT_PRIVATE_MAX || !private_read(part, n, identity))
        return cvk_fail(err, CVK_EBADREQ, "event.private", "malformed");
    event_commit(salt, part, n, commitment);
    if (memcmp(commitment, e->u.admitted.commitment, sizeof commitment) != 0)
        return cvk_fail(err, CVK_EBADREQ, "event.private",
                        "participant %" PRIu64 ": it is not what the journal committed to",
                        e->u.admitted.participant);
    memcpy(e->u.admitted.identity, identity, sizeof identity);
    return true;
}

/* ---- the chain ---- */

void event_chain(const uint8_t before[32], const char *json, size_t n, uint8_t ret[32]) {
    char link[32 + EVENT_JSON_MAX];
    assert(n <= EVENT_JSON_MAX);
    memcpy(link, before, 32);
    memcpy(link + 32, json, n);
    cvk_sha256(link, 32 + n, ret);
}
