#include "engine/event_json.h"

#include "base/hex.h"
#include "engine/event_forms.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

typedef struct {
    const char *begin, *at, *end;
} Scan;

static bool unexpected(const Scan *s, const char *wanted, CvkErr *err) {
    return cvk_fail(err, CVK_EBADREQ, "event.syntax", "byte %zu: expected %s",
                    (size_t)(s->at - s->begin) + 1, wanted);
}

static bool take(Scan *s, const char *text, size_t n) {
    if ((size_t)(s->end - s->at) < n || memcmp(s->at, text, n) != 0)
        return false;
    s->at += n;
    return true;
}

#define TAKE(s, literal) take((s), (literal), sizeof(literal) - 1)

static bool get_uint(Scan *s, uint64_t max, uint64_t *ret, CvkErr *err) {
    const char *digits = s->at;
    uint64_t v = 0;
    for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
        uint64_t digit = (uint64_t)(*s->at - '0');
        if (v > (max - digit) / 10)
            return unexpected(s, "a smaller number", err);
        v = v * 10 + digit;
    }
    if (s->at == digits || (*digits == '0' && s->at - digits > 1))
        return unexpected(s, "a number without leading zeros", err);
    *ret = v;
    return true;
}

/* What stands between two quotation marks, at most `max` bytes; not looked at. */
static bool get_quoted(Scan *s, size_t max, const char **ret, size_t *ret_n, CvkErr *err) {
    if (!TAKE(s, "\""))
        return unexpected(s, "a text", err);
    size_t left = (size_t)(s->end - s->at);
    const char *end = memchr(s->at, '"', left < max + 1 ? left : max + 1);
    if (end == NULL)
        return unexpected(s, "a shorter text", err);
    *ret = s->at;
    *ret_n = (size_t)(end - s->at);
    s->at = end + 1;
    return true;
}

static bool get_text(Scan *s, char *ret, size_t size, CvkErr *err) {
    const char *text;
    size_t n;
    if (!get_quoted(s, size - 1, &text, &n, err))
        return false;
    memcpy(ret, text, n);
    ret[n] = '\0';
    return (strlen(ret) == n && engine_text_ok(ret, size - 1)) ||
           unexpected(s, "a text of printable characters without escapes", err);
}

static bool get_bytes(Scan *s, uint8_t *ret, size_t n, CvkErr *err) {
    if (!TAKE(s, "\"0x") || (size_t)(s->end - s->at) < 2 * n || !cvk_hex_decode(s->at, n, ret))
        return unexpected(s, "\"0x\" and lower-case hex digits", err);
    s->at += 2 * n;
    return TAKE(s, "\"") || unexpected(s, "the end of a number of bytes", err);
}

static_assert(sizeof(Entry) == sizeof(unsigned) && sizeof(Phase) == sizeof(unsigned) &&
                  sizeof(Cost) == sizeof(unsigned) && sizeof(Mode) == sizeof(unsigned) &&
                  sizeof(LeftReason) == sizeof(unsigned),
              "a choice is stored as an unsigned number");

static bool get_word(Scan *s, FieldKind kind, void *at, CvkErr *err) {
    const char *text;
    size_t n;
    if (!get_quoted(s, 32, &text, &n, err))
        return false;
    for (unsigned i = 0; event_word(kind, i) != NULL; i++)
        if (strlen(event_word(kind, i)) == n && memcmp(event_word(kind, i), text, n) == 0) {
            memcpy(at, &i, sizeof i);
            return true;
        }
    return unexpected(s, "another word", err);
}

static bool get_bool(Scan *s, bool *ret, CvkErr *err) {
    bool yes = TAKE(s, "true");
    if (!yes && !TAKE(s, "false"))
        return unexpected(s, "true or false", err);
    *ret = yes;
    return true;
}

static bool get_value(Scan *s, const Field *f, Event *e, CvkErr *err) {
    void *at = (char *)e + f->offset;
    uint64_t number = 0;
    bool yes = false;
    switch (f->kind) {
    case FIELD_TEXT:
        return get_text(s, at, f->size, err);
    case FIELD_BYTES:
        return get_bytes(s, at, f->size, err);
    case FIELD_U64:
        return get_uint(s, INT64_MAX, at, err);
    case FIELD_I64:
        if (!get_uint(s, INT64_MAX, &number, err))
            return false;
        *(int64_t *)at = (int64_t)number;
        return true;
    case FIELD_U32:
        if (!get_uint(s, UINT32_MAX, &number, err))
            return false;
        *(uint32_t *)at = (uint32_t)number;
        return true;
    case FIELD_BOOL:
        return get_bool(s, at, err);
    case FIELD_REPEAT:
        if (!get_bool(s, &yes, err))
            return false;
        *(uint32_t *)at = yes ? 0 : 1;
        return true;
    case FIELD_ENTRY:
    case FIELD_PHASE:
    case FIELD_COST:
    case FIELD_MODE:
    case FIELD_LEFT:
        return get_word(s, f->kind, at, err);
    case FIELD_OPEN:
        return TAKE(s, "{") || unexpected(s, "{", err);
    case FIELD_CLOSE:
    case FIELD_END:
        return TAKE(s, "}") || unexpected(s, "}", err);
    }
    return false;
}

static bool get_fields(Scan *s, const Field *f, Event *e, CvkErr *err) {
    bool first = false;
    for (;; f++) {
        if (f->key != NULL && !((first || TAKE(s, ",")) && take(s, f->key, f->key_n)))
            return unexpected(s, f->key, err);
        if (!get_value(s, f, e, err))
            return false;
        if (f->kind == FIELD_END)
            return s->at == s->end || unexpected(s, "the end of the line", err);
        first = f->kind == FIELD_OPEN;
    }
}

/* {"v":...,"type":"...","now":... */
static bool get_head(Scan *s, uint64_t *ret_version, EventType *ret_type, CvkErr *err) {
    const char *name;
    size_t n;
    if (!TAKE(s, "{\"v\":"))
        return unexpected(s, "{\"v\":", err);
    if (!get_uint(s, UINT32_MAX, ret_version, err))
        return false;
    if (!TAKE(s, ",\"type\":"))
        return unexpected(s, "\"type\"", err);
    if (!get_quoted(s, 32, &name, &n, err))
        return false;
    for (unsigned t = 1; t < EVENT_N; t++) {
        const char *known = event_name((EventType)t);
        if (strlen(known) == n && memcmp(known, name, n) == 0) {
            *ret_type = (EventType)t;
            return true;
        }
    }
    return cvk_fail(err, CVK_EBADREQ, "event.unknown", "this release knows no such type of event");
}

bool event_read(const char *json, size_t n, Event *ret, CvkErr *err) {
    Scan s = {json, json, n != 0 ? json + n : json}; /* nothing may be NULL */
    uint64_t version = 0, now = 0;
    Event e = {0};
    if (n > EVENT_JSON_MAX)
        return cvk_fail(err, CVK_EBADREQ, "event.syntax", "longer than %d bytes", EVENT_JSON_MAX);
    if (!get_head(&s, &version, &e.type, err))
        return false;
    const Field *form = event_form(e.type, (unsigned)version);
    if (form == NULL)
        return cvk_fail(err, CVK_EBADREQ, "event.unknown",
                        "version %" PRIu64 " of '%s' is not known to this release", version,
                        event_name(e.type));
    if (!TAKE(&s, ",\"now\":"))
        return unexpected(&s, "\"now\"", err);
    if (!get_uint(&s, INT64_MAX, &now, err))
        return false;
    e.now_ms = (int64_t)now;
    if (!get_fields(&s, form, &e, err))
        return false;
    if (version == 1 && e.type == EVENT_RESPONSE_STORED)
        e.u.stored.received_ms = e.now_ms; /* version 1 does not tell */
    *ret = e;
    return true;
}
