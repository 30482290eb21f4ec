#include "api/rates.h"

#include "api/app.h"
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>

const RateLimit api_usual_rates[API_RATES_N] = {[API_RATE_LOGIN] = {50, 3600000},
                                                [API_RATE_ANONYMOUS] = {100, 3600000},
                                                [API_RATE_SIGNED_IN] = {50, 60000},
                                                [API_RATE_INFO] = {120, 60000}};

/* What their turn or place hangs on is not refused. */
static bool is_owed(HttpRequest *r, RouteClass class_) {
    if (class_ != COUNT_TURN && class_ != COUNT_CHECK_IN)
        return false;
    Ceremony *c = app_ceremony(r);
    const Caller *caller = find_caller(r);
    return caller->kind == CALLER_KNOWN &&
           (ceremony_has_turn(c, &caller->session) ||
            (class_ == COUNT_CHECK_IN && ceremony_is_due(c, &caller->session)));
}

/* False: there is no token, and the wait for one. */
static bool take(HttpRequest *r, ApiRate rate, int64_t *ret_wait_ms) {
    const App *app = http_app(r);
    const ConnPeer *peer = http_peer(r);
    return (peer->loopback && !app->rate_loopback) ||
           rate_take(app->rates, peer, rate, cvk_monotonic_ms(), ret_wait_ms);
}

static void refuse(HttpRequest *r, RouteClass class_, int64_t wait_ms) {
    char seconds[24];
    if (class_ == COUNT_MARKET) {
        market_reply_busy(r, (wait_ms + 999) / 1000);
        return;
    }
    snprintf(seconds, sizeof seconds, "%" PRId64, (wait_ms + 999) / 1000);
    http_reply_header(r, "Retry-After", seconds);
    http_reply_error(r, 429, "RequestError::TooManyRequests",
                     "too many requests from your address: try again later");
}

/* False: it is not counted. */
static bool rate_of(HttpRequest *r, RouteClass class_, ApiRate *ret) {
    switch (class_) {
    case COUNT_LOGIN:
        *ret = API_RATE_LOGIN;
        break;
    case COUNT_INFO:
    case COUNT_MARKET:
        *ret = API_RATE_INFO;
        break;
    case COUNT_BY_SESSION:
    case COUNT_TURN:
    case COUNT_CHECK_IN:
        *ret = find_caller(r)->kind == CALLER_KNOWN ? API_RATE_SIGNED_IN : API_RATE_ANONYMOUS;
        break;
    case COUNT_NOT:
        return false;
    }
    return true;
}

void rates_admit(HttpRequest *r, unsigned class_) {
    ApiRate rate = API_RATE_INFO;
    int64_t wait_ms = 0;
    if (rate_of(r, (RouteClass)class_, &rate) && !take(r, rate, &wait_ms) &&
        !is_owed(r, (RouteClass)class_))
        refuse(r, (RouteClass)class_, wait_ms);
}
