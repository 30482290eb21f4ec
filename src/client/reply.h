/* What a KZG server's answer means. Servers of the original protocol tell a challenge, a wait and a
 * refusal apart only by the keys of the object (reference 1.4), so does this. Pure. Everything kept
 * of an answer's texts is printable ASCII: they end up on terminals. Threads: any. */
#pragma once

#include "client/http.h"

typedef enum {
    REPLY_OK = 0,          /* 200 and no error in it */
    REPLY_CHALLENGE,       /* 200 with "contributions": the turn is ours */
    REPLY_BUSY,            /* another contribution is in progress */
    REPLY_EARLY,           /* asked too soon */
    REPLY_LOBBY_FULL,      /* too many wait */
    REPLY_UNKNOWN_SESSION, /* sign in (again) */
    REPLY_NOT_YOUR_TURN,
    REPLY_REFUSED,  /* any other error with a code: `code` and `text` say which */
    REPLY_OVERLOAD, /* 429, 502, 503 or 504 without a code of the protocol: later */
    REPLY_STRANGE,  /* not an answer of such a server; `text` says what it looks like */
} ReplyKind;

typedef struct {
    ReplyKind kind;
    int status;
    char code[80];
    char text[256];
} ReplyMeaning;

void reply_read(const HttpReply *r, ReplyMeaning *ret);

/* Sets *err to the meaning and returns false: "server.refused", "server.strange",
 * "server.overload", "session.unknown", "turn.not_yours". `doing` says what was being done. */
bool reply_fail(const ReplyMeaning *m, const char *doing, CvkErr *err);

/* The string at `key` of the object in the answer, or of the object at `within` in it (NULL: none),
 * to ret[cap]. False: absent, no string or too long. */
bool reply_string(const HttpReply *r, const char *within, const char *key, char *ret, size_t cap);
