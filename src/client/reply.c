#include "client/reply.h"

#include "base/limits.h"

#include <jansson.h>
#include <string.h>

/* id_token.exp is 2^64 - 1 in this protocol, which no int64 holds: read numbers as reals. */
static json_t *parse(const HttpReply *r) {
    if (r->into.n == 0 || r->into.n > LIMIT_REPLY)
        return NULL;
    return json_loadb(r->into.data, r->into.n, JSON_DECODE_INT_AS_REAL, NULL);
}

static void copy_printable(char *ret, size_t cap, const char *text) {
    size_t n = 0;
    for (; text[n] != '\0' && n + 1 < cap; n++)
        ret[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
    ret[n] = '\0';
}

static ReplyKind kind_of_code(const char *code, int status) {
    static const struct {
        const char *code;
        ReplyKind kind;
    } table[] = {
        {"TryContributeError::AnotherContributionInProgress", REPLY_BUSY},
        {"TryContributeError::RateLimited", REPLY_EARLY},
        {"TryContributeError::LobbyIsFull", REPLY_LOBBY_FULL},
        {"TryContributeError::UnknownSessionId", REPLY_UNKNOWN_SESSION},
        {"SessionError::InvalidSessionId", REPLY_UNKNOWN_SESSION},
        {"ContributeError::NotUsersTurn", REPLY_NOT_YOUR_TURN},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(code, table[i].code) == 0)
            return table[i].kind;
    return code[0] == '\0' && (status == 429 || status >= 502) ? REPLY_OVERLOAD : REPLY_REFUSED;
}

static void read_object(const json_t *doc, ReplyMeaning *ret) {
    const char *code = json_string_value(json_object_get(doc, "code"));
    const char *text = json_string_value(json_object_get(doc, "error"));
    if (text == NULL)
        text = json_string_value(json_object_get(doc, "message"));
    copy_printable(ret->code, sizeof ret->code, code != NULL ? code : "");
    copy_printable(ret->text, sizeof ret->text, text != NULL ? text : "");
    if (code != NULL || text != NULL || ret->status != 200)
        ret->kind = kind_of_code(ret->code, ret->status);
    else
        ret->kind = json_object_get(doc, "contributions") != NULL ? REPLY_CHALLENGE : REPLY_OK;
}

static void read_other(const HttpReply *r, ReplyMeaning *ret) {
    bool later = r->status == 429 || (r->status >= 502 && r->status <= 504);
    ret->kind = later ? REPLY_OVERLOAD : REPLY_STRANGE;
    if (r->status == 200 && r->into.n > LIMIT_REPLY)
        ret->kind = REPLY_CHALLENGE; /* nothing else is so large; its reader will tell */
    if (r->status >= 300 && r->status < 400)
        snprintf(ret->text, sizeof ret->text,
                 "it redirects elsewhere: give the address it means instead");
    else
        copy_printable(ret->text, sizeof ret->text, cvk_buf_str(&r->into));
}

void reply_read(const HttpReply *r, ReplyMeaning *ret) {
    *ret = (ReplyMeaning){.status = r->status};
    json_t *doc = parse(r);
    if (json_is_object(doc))
        read_object(doc, ret);
    else if (r->status == 200 && r->into.n == 0)
        ret->kind = REPLY_OK; /* the original server's answer to an abort */
    else
        read_other(r, ret);
    json_decref(doc);
}

bool reply_fail(const ReplyMeaning *m, const char *doing, CvkErr *err) {
    const char *separator = m->code[0] != '\0' ? ", " : "";
    const char *text = m->text[0] != '\0' ? m->text : "no reason given";
    switch (m->kind) {
    case REPLY_UNKNOWN_SESSION:
        return cvk_fail(err, CVK_EAUTH, "session.unknown",
                        "%s: the server does not know this session (any more): sign in again",
                        doing);
    case REPLY_NOT_YOUR_TURN:
        return cvk_fail(err, CVK_ECONFLICT, "turn.not_yours",
                        "%s: the server says that it is not your turn", doing);
    case REPLY_OVERLOAD:
        return cvk_fail(err, CVK_EBACKEND, "server.overload",
                        "%s: the server cannot answer now (status %d)", doing, m->status);
    case REPLY_STRANGE:
    case REPLY_OK:
    case REPLY_CHALLENGE:
        return cvk_fail(err, CVK_EBACKEND, "server.strange",
                        "%s: not the answer of a ceremony's server (status %d): %.80s", doing,
                        m->status, text);
    case REPLY_BUSY:
    case REPLY_EARLY:
    case REPLY_LOBBY_FULL:
    case REPLY_REFUSED:
        break;
    }
    return cvk_fail(err, CVK_ECONFLICT, "server.refused",
                    "%s: the server says: %.120s (%s%sstatus %d)", doing, text, m->code, separator,
                    m->status);
}

bool reply_string(const HttpReply *r, const char *within, const char *key, char *ret, size_t cap) {
    json_t *doc = parse(r);
    const json_t *object = within != NULL ? json_object_get(doc, within) : doc;
    const char *value = json_string_value(json_object_get(object, key));
    bool ok = value != NULL && strlen(value) < cap;
    if (ok)
        snprintf(ret, cap, "%s", value);
    json_decref(doc);
    return ok;
}
