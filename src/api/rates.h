/* How often one address may ask, decided in one place for all routes: each belongs to a class, and
 * a request costs one token before its handler sees it, on its headers, so that what comes too
 * often is neither read nor looked at. Threads: any. */
#pragma once

#include "api/serve.h"
#include "http/request.h"

/* What a route's requests are counted as: HttpRoute.class_. */
typedef enum {
    COUNT_LOGIN,      /* attempts to sign in, whether they succeed or not; and leaving the queue:
                         who may join and leave at will could fill the journal */
    COUNT_INFO,       /* the same for everybody and cheap: status, events, pages, metrics */
    COUNT_BY_SESSION, /* the rest: API_RATE_SIGNED_IN with a valid session, else _ANONYMOUS */
    COUNT_TURN,       /* the same, but not refused to whoever has the turn: neighbours at the same
                         address must not cost it */
    COUNT_CHECK_IN,   /* the same, nor to whose check-in is due: else neighbours cost the place */
    COUNT_MARKET,     /* as COUNT_INFO, but refused as busy: 429 means something else there */
    COUNT_NOT,        /* is anybody there? */
} RouteClass;

/* HttpOptions.admit: takes the token. When there is none the reply is 429 with Retry-After. */
void rates_admit(HttpRequest *r, unsigned class_);
