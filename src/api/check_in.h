/* What the two translations of the queue share: /lobby/try_contribute (check_in.c) and the older
 * /queue/... and /contribution/start (queue.c). Threads: as HttpHandler. */
#pragma once

#include "api/app.h"

/* What one check-in holds on to while it sleeps, and while its challenge goes out: the request's
 * http_data. */
typedef struct {
    Session session;
    ParkedPoll parked;
    uint64_t lease; /* 0: no challenge goes out */
    CvkBuf body;    /* of queue.c's */
} CheckIn;

/* The answer to a check-in: the challenge, which is taken over, or why not; with the header fields
 * below. */
void reply_check_in(HttpRequest *r, Refusal refusal, uint64_t lease, CeremonyFile *challenge);
/* What a refusal is to these clients; NULL: none, the turn is theirs. */
const ApiError *refused_check_in(Refusal refusal);
/* Header fields: how many wait, and for whom it helps, their place and when to ask again. */
void add_check_in_fields(HttpRequest *r, const Session *s, Refusal refusal);
/* HttpHandler.on_done. */
void end_check_in(HttpRequest *r, bool sent);
