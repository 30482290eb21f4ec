/* What a KZG server's answer means. Servers of the original protocol tell a challenge, a wait and a
 * refusal apart only by the keys of the object (reference 1.4), so does this. Pure. Everything kept
 * of an answer's texts is printable ASCII: they end up on terminals. Threads: any. */
#pragma once

#include "client/web.h"

typedef enum {
    KZG_REPLY_OK = 0,          /* 200 and no error in it */
    KZG_REPLY_CHALLENGE,       /* 200 with "contributions": the turn is ours */
    KZG_REPLY_BUSY,            /* another contribution is in progress */
    KZG_REPLY_EARLY,           /* asked too soon */
    KZG_REPLY_LOBBY_FULL,      /* too many wait */
    KZG_REPLY_UNKNOWN_SESSION, /* sign in (again) */
    KZG_REPLY_NOT_YOUR_TURN,
    KZG_REPLY_OUT,      /* has contributed, or may not come again */
    KZG_REPLY_CLOSED,   /* the ceremony takes nobody new */
    KZG_REPLY_FINISHED, /* it takes no contribution at all */
    KZG_REPLY_MOVED,    /* it goes on at another server */
    KZG_REPLY_REFUSED,  /* any other error with a code: `code` and `text` say which */
    KZG_REPLY_OVERLOAD, /* 429, 502 ... without a code of the protocol, or its storage fails: later
                         */
    KZG_REPLY_STRANGE,  /* not an answer of such a server; `text` says what it looks like */
} KzgReplyKind;

typedef struct {
    KzgReplyKind kind;
    int status;
    char code[80];
    char text[256];
} KzgReplyMeaning;

void kzg_reply_read(const WebReply *r, KzgReplyMeaning *ret);

/* Sets *err to the meaning and returns false: "server.refused", "server.strange",
 * "server.overload", "session.unknown", "turn.not_yours", "ceremony.out", "ceremony.closed",
 * "ceremony.finished", "ceremony.moved". `doing` says what was being done. */
bool kzg_reply_fail(const KzgReplyMeaning *m, const char *doing, CvkErr *err);

/* The string at `key` of the object in the answer, or of the object at `within` in it (NULL: none),
 * to ret[cap]. False: absent, no string or too long. */
bool kzg_reply_string(const WebReply *r, const char *within, const char *key, char *ret,
                      size_t cap);
