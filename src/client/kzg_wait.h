/* What a server says about the wait for a turn: in header fields of its own, which servers of the
 * original protocol do not send. Pure. Threads: any. */
#pragma once

#include "base/span.h"
#include "client/kzg_reply.h"

typedef struct {
    uint64_t position, size; /* in the queue, from 1, and its length; 0: not told */
    bool expected;           /* low_ms and high_ms are told */
    int64_t low_ms, high_ms; /* of a hundred such waits ten are shorter, ten longer */
    bool cooling, paused;    /* after a failed turn of ours; nobody gets a turn now */
} KzgWait;

/* What cannot be read counts as not told. */
void kzg_wait_read(const WebReply *r, KzgWait *ret);

#define KZG_WAIT_TEXT 256
/* In words: "place 3 of 12; 2 to 5 minutes until your turn". `kind` is why one waits:
 * KZG_REPLY_BUSY, _EARLY or _LOBBY_FULL. */
void kzg_wait_text(KzgReplyKind kind, const KzgWait *w, char ret[KZG_WAIT_TEXT]);
