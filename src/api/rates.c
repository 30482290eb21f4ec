#include "api/rates.h"

#include "api/app.h"
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>

const RateLimit api_usual_rates[API_RATES_N] = {[API_RATE_LOGIN] = {50, 3600000},
                                                [API_RATE_ANONYMOUS] = {100, 3600000},
                                                [API_RATE_SIGNED_IN] = {50, 60000},
                                                [API_RATE_INFO] = {120, 60000}};

static void take(HttpRequest *r, ApiRate rate) {
    const App *app = http_app(r);
    const ConnPeer *peer = http_peer(r);
    int64_t wait_ms;
    char seconds[24];
    if ((peer->loopback && !app->rate_loopback) ||
        rate_take(app->rates, peer, rate, cvk_monotonic_ms(), &wait_ms))
        return;
    snprintf(seconds, sizeof seconds, "%" PRId64, (wait_ms + 999) / 1000);
    http_reply_header(r, "Retry-After", seconds);
    http_reply_error(r, 429, "RequestError::TooManyRequests",
                     "too many requests from your address: try again later");
}

void rates_admit(HttpRequest *r, unsigned class_) {
    switch ((RouteClass)class_) {
    case COUNT_LOGIN:
        take(r, API_RATE_LOGIN);
        break;
    case COUNT_INFO:
        take(r, API_RATE_INFO);
        break;
    case COUNT_BY_SESSION:
        take(r, find_caller(r)->kind == CALLER_KNOWN ? API_RATE_SIGNED_IN : API_RATE_ANONYMOUS);
        break;
    case COUNT_NOT:
        break;
    }
}
