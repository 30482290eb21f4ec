/* One table a version of an event's form serves the writer and the reader. To change an event, add
 * a table with the next version, and leave the old one for the reader. */
#include "engine/event_json.h"

#include "base/hex.h"
#include "base/sha256.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

typedef enum {
    FIELD_END = 0,
    FIELD_OPEN,  /* "key":{ */
    FIELD_CLOSE, /* } */
    FIELD_TEXT,  /* char[size] */
    FIELD_HASH,  /* uint8_t[32] as "0x..." */
    FIELD_U64,
    FIELD_I64, /* from 0 */
    FIELD_U32,
    FIELD_BOOL,
    FIELD_PHASE,
    FIELD_COST,
} FieldKind;

typedef struct {
    FieldKind kind;
    const char *key;
    size_t offset, size; /* in Event; of a text */
} Field;

#define AT(kind, key, member)                                                                      \
    { kind, key, offsetof(Event, member), 0 }
#define TEXT(key, member)                                                                          \
    { FIELD_TEXT, key, offsetof(Event, member), sizeof(((Event *)0)->member) }
#define OPEN(key)                                                                                  \
    { FIELD_OPEN, key, 0, 0 }
#define CLOSE                                                                                      \
    { FIELD_CLOSE, NULL, 0, 0 }
#define END                                                                                        \
    { FIELD_END, NULL, 0, 0 }
#define LEASE AT(FIELD_U64, "lease", lease)

static const Field opened_1[] = {
    TEXT("name", u.opened.name),
    TEXT("kind", u.opened.kind),
    AT(FIELD_HASH, "definition", u.opened.definition),
    OPEN("policy"),
    AT(FIELD_I64, "checkin_every", u.opened.policy.checkin_every_ms),
    AT(FIELD_I64, "checkin_tolerance", u.opened.policy.checkin_tolerance_ms),
    AT(FIELD_U32, "lobby_max", u.opened.policy.lobby_max),
    OPEN("deadline"),
    AT(FIELD_I64, "offered", u.opened.policy.deadline_ms[PHASE_OFFERED]),
    AT(FIELD_I64, "fetching", u.opened.policy.deadline_ms[PHASE_FETCHING]),
    AT(FIELD_I64, "computing", u.opened.policy.deadline_ms[PHASE_COMPUTING]),
    AT(FIELD_I64, "uploading", u.opened.policy.deadline_ms[PHASE_UPLOADING]),
    AT(FIELD_I64, "verifying", u.opened.policy.deadline_ms[PHASE_VERIFYING]),
    CLOSE,
    AT(FIELD_COST, "expired", u.opened.policy.expired),
    AT(FIELD_COST, "aborted", u.opened.policy.aborted),
    AT(FIELD_COST, "invalid", u.opened.policy.invalid),
    AT(FIELD_BOOL, "repeat", u.opened.policy.repeat),
    CLOSE,
    END,
};
static const Field granted_1[] = {
    LEASE,
    TEXT("identity", u.granted.identity),
    AT(FIELD_U64, "attempt", u.granted.attempt),
    AT(FIELD_U64, "position", u.granted.position),
    END,
};
static const Field moved_1[] = {LEASE, AT(FIELD_PHASE, "phase", u.moved.phase), END};
static const Field stored_1[] = {LEASE, AT(FIELD_HASH, "response", u.stored.response), END};
static const Field accepted_1[] = {
    LEASE,
    AT(FIELD_U64, "index", u.accepted.index),
    AT(FIELD_HASH, "response", u.accepted.response),
    AT(FIELD_HASH, "record", u.accepted.record),
    END,
};
static const Field refused_1[] = {LEASE, TEXT("reason", u.refused.reason), END};
static const Field expired_1[] = {LEASE, AT(FIELD_PHASE, "phase", u.expired.phase), END};
static const Field aborted_1[] = {LEASE, END};
static const Field finalized_1[] = {
    AT(FIELD_U64, "contributions", u.finalized.contributions),
    END,
};

/* The newest version of a type stands first: it is the one that is written. */
static const struct {
    EventType type;
    unsigned version;
    const Field *fields;
} forms[] = {
    {EVENT_CEREMONY_OPENED, 1, opened_1},
    {EVENT_LEASE_GRANTED, 1, granted_1},
    {EVENT_LEASE_MOVED, 1, moved_1},
    {EVENT_RESPONSE_STORED, 1, stored_1},
    {EVENT_CONTRIBUTION_ACCEPTED, 1, accepted_1},
    {EVENT_CONTRIBUTION_REFUSED, 1, refused_1},
    {EVENT_LEASE_EXPIRED, 1, expired_1},
    {EVENT_LEASE_ABORTED, 1, aborted_1},
    {EVENT_CEREMONY_FINALIZED, 1, finalized_1},
};
#define FORMS (sizeof forms / sizeof forms[0])

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

static bool put_hash(CvkBuf *b, const uint8_t *hash, CvkErr *err) {
    char digits[65];
    cvk_hex_encode(hash, 32, digits);
    return cvk_buf_add_fmt(b, err, "\"0x%s\"", digits);
}

static bool put_name(CvkBuf *b, const char *name, bool known, CvkErr *err) {
    if (!known)
        return cvk_fail(err, CVK_EBADREQ, "event.field", "a choice of the event is none of ours");
    return cvk_buf_add_fmt(b, err, "\"%s\"", name);
}

static bool put_value(CvkBuf *b, const Field *f, const Event *e, CvkErr *err) {
    const void *at = (const char *)e + f->offset;
    switch (f->kind) {
    case FIELD_TEXT:
        return put_text(b, at, f->size, err);
    case FIELD_HASH:
        return put_hash(b, at, err);
    case FIELD_U64:
        return put_uint(b, *(const uint64_t *)at, err);
    case FIELD_I64: /* a negative one is out of range too */
        return put_uint(b, (uint64_t) * (const int64_t *)at, err);
    case FIELD_U32:
        return put_uint(b, *(const uint32_t *)at, err);
    case FIELD_BOOL:
        return cvk_buf_add_str(b, *(const bool *)at ? "true" : "false", err);
    case FIELD_PHASE:
        return put_name(b, phase_name(*(const Phase *)at), *(const Phase *)at < PHASE_N, err);
    case FIELD_COST:
        return put_name(b, cost_name(*(const Cost *)at), *(const Cost *)at < COST_N, err);
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
        if (f->key != NULL && !cvk_buf_add_fmt(b, err, "%s\"%s\":", first ? "" : ",", f->key))
            return false;
        if (!put_value(b, f, e, err))
            return false;
        if (f->kind == FIELD_END)
            return true;
        first = f->kind == FIELD_OPEN;
    }
}

bool event_write(const Event *e, CvkBuf *b, CvkErr *err) {
    for (size_t i = 0; i < FORMS; i++)
        if (forms[i].type == e->type)
            return cvk_buf_add_fmt(b, err, "{\"v\":%u,\"type\":\"%s\",\"now\":", forms[i].version,
                                   event_name(e->type)) &&
                   put_uint(b, (uint64_t)e->now_ms, err) && put_fields(b, forms[i].fields, e, err);
    return cvk_fail(err, CVK_EBADREQ, "event.field", "there is no event of type %d", (int)e->type);
}

/* ---- reading ---- */

typedef struct {
    const char *begin, *at, *end;
} Scan;

static bool unexpected(const Scan *s, const char *wanted, CvkErr *err) {
    return cvk_fail(err, CVK_EBADREQ, "event.syntax", "byte %zu: expected %s",
                    (size_t)(s->at - s->begin) + 1, wanted);
}

static bool take(Scan *s, const char *text) {
    size_t n = strlen(text);
    if ((size_t)(s->end - s->at) < n || memcmp(s->at, text, n) != 0)
        return false;
    s->at += n;
    return true;
}

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

/* The characters between two quotation marks into ret[size]. */
static bool get_text(Scan *s, char *ret, size_t size, CvkErr *err) {
    if (!take(s, "\""))
        return unexpected(s, "a text", err);
    const char *text = s->at;
    while (s->at < s->end && *s->at != '"' && (size_t)(s->at - text) < size)
        s->at++;
    size_t n = (size_t)(s->at - text);
    if (n == size)
        return unexpected(s, "a shorter text", err);
    memcpy(ret, text, n);
    ret[n] = '\0';
    if (strlen(ret) != n || !engine_text_ok(ret, size - 1) || !take(s, "\""))
        return unexpected(s, "a text of printable characters without escapes", err);
    return true;
}

static bool get_hash(Scan *s, uint8_t *ret, CvkErr *err) {
    if (!take(s, "\"0x") || s->end - s->at < 64 || !cvk_hex_decode(s->at, 32, ret))
        return unexpected(s, "\"0x\" and 64 lower-case hex digits", err);
    s->at += 64;
    return take(s, "\"") || unexpected(s, "the end of a hash", err);
}

/* Which of `n` names is next? */
static bool get_name(Scan *s, const char *(*name)(unsigned), unsigned n, unsigned *ret,
                     CvkErr *err) {
    char text[32];
    if (!get_text(s, text, sizeof text, err))
        return false;
    for (unsigned i = 0; i < n; i++)
        if (strcmp(text, name(i)) == 0) {
            *ret = i;
            return true;
        }
    return unexpected(s, "another word", err);
}

static const char *phase_at(unsigned i) {
    return phase_name((Phase)i);
}

static const char *cost_at(unsigned i) {
    return cost_name((Cost)i);
}

static bool get_bool(Scan *s, bool *ret, CvkErr *err) {
    bool yes = take(s, "true");
    if (!yes && !take(s, "false"))
        return unexpected(s, "true or false", err);
    *ret = yes;
    return true;
}

static bool get_value(Scan *s, const Field *f, Event *e, CvkErr *err) {
    void *at = (char *)e + f->offset;
    uint64_t number = 0;
    unsigned choice = 0;
    switch (f->kind) {
    case FIELD_TEXT:
        return get_text(s, at, f->size, err);
    case FIELD_HASH:
        return get_hash(s, at, err);
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
    case FIELD_PHASE:
        if (!get_name(s, phase_at, PHASE_N, &choice, err))
            return false;
        *(Phase *)at = (Phase)choice;
        return true;
    case FIELD_COST:
        if (!get_name(s, cost_at, COST_N, &choice, err))
            return false;
        *(Cost *)at = (Cost)choice;
        return true;
    case FIELD_OPEN:
        return take(s, "{") || unexpected(s, "{", err);
    case FIELD_CLOSE:
    case FIELD_END:
        return take(s, "}") || unexpected(s, "}", err);
    }
    return false;
}

static bool get_fields(Scan *s, const Field *f, Event *e, CvkErr *err) {
    bool first = false;
    for (;; f++) {
        if (f->key != NULL &&
            !((first || take(s, ",")) && take(s, "\"") && take(s, f->key) && take(s, "\":")))
            return unexpected(s, f->key, err);
        if (!get_value(s, f, e, err))
            return false;
        if (f->kind == FIELD_END)
            return s->at == s->end || unexpected(s, "the end of the line", err);
        first = f->kind == FIELD_OPEN;
    }
}

bool event_read(const char *json, size_t n, Event *ret, CvkErr *err) {
    Scan s = {json, json, n != 0 ? json + n : json}; /* nothing may be NULL */
    uint64_t version = 0;
    char name[32];
    Event e = {0};
    if (n > EVENT_JSON_MAX)
        return cvk_fail(err, CVK_EBADREQ, "event.syntax", "longer than %d bytes", EVENT_JSON_MAX);
    if (!take(&s, "{\"v\":"))
        return unexpected(&s, "{\"v\":", err);
    if (!get_uint(&s, UINT32_MAX, &version, err))
        return false;
    if (!take(&s, ",\"type\":"))
        return unexpected(&s, "\"type\"", err);
    if (!get_text(&s, name, sizeof name, err))
        return false;
    for (size_t i = 0; i < FORMS; i++) {
        if (forms[i].version != version || strcmp(event_name(forms[i].type), name) != 0)
            continue;
        e.type = forms[i].type;
        const Field now[] = {AT(FIELD_I64, "now", now_ms)};
        if (!(take(&s, ",\"now\":") || unexpected(&s, "\"now\"", err)) ||
            !get_value(&s, now, &e, err) || !get_fields(&s, forms[i].fields, &e, err))
            return false;
        *ret = e;
        return true;
    }
    return cvk_fail(err, CVK_EBADREQ, "event.unknown",
                    "version %" PRIu64 " of '%s' is not known to this release", version, name);
}

/* ---- the chain ---- */

void event_chain(const uint8_t before[32], const char *json, size_t n, uint8_t ret[32]) {
    char link[32 + EVENT_JSON_MAX];
    assert(n <= EVENT_JSON_MAX);
    memcpy(link, before, 32);
    memcpy(link + 32, json, n);
    cvk_sha256(link, 32 + n, ret);
}
