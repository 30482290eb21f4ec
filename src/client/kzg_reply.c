#include "client/kzg_reply.h"

#include "base/limits.h"
#include "format/kzg_form.h"

#include <jansson.h>
#include <string.h>

/* id_token.exp is 2^64 - 1 in this protocol, which no int64 holds: read numbers as reals. */
static json_t *parse(const WebReply *r) {
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

static KzgReplyKind kind_of_code(const char *code, int status) {
    static const struct {
        const char *code;
        KzgReplyKind kind;
    } table[] = {
        {"TryContributeError::AnotherContributionInProgress", KZG_REPLY_BUSY},
        {"TryContributeError::RateLimited", KZG_REPLY_EARLY},
        {"TryContributeError::LobbyIsFull", KZG_REPLY_LOBBY_FULL},
        {"TryContributeError::UnknownSessionId", KZG_REPLY_UNKNOWN_SESSION},
        {"SessionError::InvalidSessionId", KZG_REPLY_UNKNOWN_SESSION},
        {"ContributeError::NotUsersTurn", KZG_REPLY_NOT_YOUR_TURN},
        {"AuthErrorPayload::UserAlreadyContributed", KZG_REPLY_OUT},
        {"AuthErrorPayload::CeremonyClosed", KZG_REPLY_CLOSED},
        {"TryContributeError::CeremonyClosed", KZG_REPLY_CLOSED},
        {"TryContributeError::CeremonyFinished", KZG_REPLY_FINISHED},
        {"AuthErrorPayload::CeremonyHandedOver", KZG_REPLY_MOVED},
        {"TryContributeError::CeremonyHandedOver", KZG_REPLY_MOVED},
        {"StorageError::DatabaseError", KZG_REPLY_OVERLOAD}, /* a full disk, until it is mended */
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(code, table[i].code) == 0)
            return table[i].kind;
    return code[0] == '\0' && (status == 429 || status >= 502) ? KZG_REPLY_OVERLOAD
                                                               : KZG_REPLY_REFUSED;
}

static void read_object(const json_t *doc, KzgReplyMeaning *ret) {
    const char *code = json_string_value(json_object_get(doc, "code"));
    const char *text = json_string_value(json_object_get(doc, "error"));
    if (text == NULL)
        text = json_string_value(json_object_get(doc, "message"));
    copy_printable(ret->code, sizeof ret->code, code != NULL ? code : "");
    copy_printable(ret->text, sizeof ret->text, text != NULL ? text : "");
    if (code != NULL || text != NULL || ret->status != 200)
        ret->kind = kind_of_code(ret->code, ret->status);
    else
        ret->kind =
            json_object_get(doc, "contributions") != NULL ? KZG_REPLY_CHALLENGE : KZG_REPLY_OK;
}

static void read_other(const WebReply *r, KzgReplyMeaning *ret) {
    bool later = r->status == 429 || (r->status >= 502 && r->status <= 504);
    ret->kind = later ? KZG_REPLY_OVERLOAD : KZG_REPLY_STRANGE;
    if (r->status == 200 && r->into.n > LIMIT_REPLY)
        ret->kind = KZG_REPLY_CHALLENGE; /* nothing else is so large; its reader will tell */
    if (r->status >= 300 && r->status < 400)
        snprintf(ret->text, sizeof ret->text,
                 "it redirects elsewhere: give the address it means instead");
    else
        copy_printable(ret->text, sizeof ret->text, cvk_buf_str(&r->into));
}

void kzg_reply_read(const WebReply *r, KzgReplyMeaning *ret) {
    *ret = (KzgReplyMeaning){.status = r->status};
    if (r->status == 200 && kzg_form_of(r->into.data, r->into.n) == KZG_FORM_BINARY) {
        ret->kind = KZG_REPLY_CHALLENGE;
        return;
    }
    json_t *doc = parse(r);
    if (json_is_object(doc))
        read_object(doc, ret);
    else if (r->status == 200 && r->into.n == 0)
        ret->kind = KZG_REPLY_OK; /* the original server's answer to an abort */
    else
        read_other(r, ret);
    json_decref(doc);
}

bool kzg_reply_fail(const KzgReplyMeaning *m, const char *doing, CvkErr *err) {
    const char *separator = m->code[0] != '\0' ? ", " : "";
    const char *text = m->text[0] != '\0' ? m->text : "no reason given";
    switch (m->kind) {
    case KZG_REPLY_UNKNOWN_SESSION:
        return cvk_fail(err, CVK_EAUTH, "session.unknown",
                        "%s: the server does not know this session (any more): sign in again",
                        doing);
    case KZG_REPLY_NOT_YOUR_TURN:
        return cvk_fail(err, CVK_ECONFLICT, "turn.not_yours",
                        "%s: the server says that it is not your turn", doing);
    case KZG_REPLY_OUT:
        return cvk_fail(err, CVK_ECONFLICT, "ceremony.out",
                        "%s: the server says that you have already contributed, or may not come "
                        "again: its operators can tell, and pardon a turn that failed",
                        doing);
    case KZG_REPLY_CLOSED:
        return cvk_fail(err, CVK_ECONFLICT, "ceremony.closed",
                        "%s: the ceremony is closing and takes nobody new: ask its operators "
                        "whether it opens again",
                        doing);
    case KZG_REPLY_FINISHED:
        return cvk_fail(err, CVK_ECONFLICT, "ceremony.finished",
                        "%s: the ceremony is finished: 'convoke verify' with its address checks "
                        "what came of it",
                        doing);
    case KZG_REPLY_MOVED:
        return cvk_fail(err, CVK_ECONFLICT, "ceremony.moved",
                        "%s: the ceremony has moved to another server: ask its operators for the "
                        "new address and sign in there with the same invitation; a place in the "
                        "queue is kept",
                        doing);
    case KZG_REPLY_OVERLOAD:
        return cvk_fail(err, CVK_EBACKEND, "server.overload",
                        "%s: the server cannot answer now (status %d)", doing, m->status);
    case KZG_REPLY_STRANGE:
    case KZG_REPLY_OK:
    case KZG_REPLY_CHALLENGE:
        return cvk_fail(err, CVK_EBACKEND, "server.strange",
                        "%s: not the answer of a ceremony's server (status %d): %.80s", doing,
                        m->status, text);
    case KZG_REPLY_BUSY:
    case KZG_REPLY_EARLY:
    case KZG_REPLY_LOBBY_FULL:
    case KZG_REPLY_REFUSED:
        break;
    }
    return cvk_fail(err, CVK_ECONFLICT, "server.refused",
                    "%s: the server says: %.120s (%s%sstatus %d)", doing, text, m->code, separator,
                    m->status);
}

bool kzg_reply_string(const WebReply *r, const char *within, const char *key, char *ret,
                      size_t cap) {
    json_t *doc = parse(r);
    const json_t *object = within != NULL ? json_object_get(doc, within) : doc;
    const char *value = json_string_value(json_object_get(object, key));
    bool ok = value != NULL && strlen(value) < cap;
    if (ok)
        copy_printable(ret, cap, value);
    json_decref(doc);
    return ok;
}
