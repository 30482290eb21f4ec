/* What the log says of a request, once it is over: a line at LOG_INFO for what is of consequence
 * (http_tell) or was refused, at LOG_WARN for our own faults, at LOG_DEBUG for the rest, polls
 * above all. Of the target only the route is named: what stands in a path or query may be a secret.
 */
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/server_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SECOND_MS 1000

void http_tell(HttpRequest *r, const char *key, const char *value) {
    for (size_t i = 0; i < HTTP_TOLD_MAX; i++) {
        HttpTold *t = &r->told[i];
        if (t->key != NULL && strcmp(t->key, key) != 0)
            continue;
        t->key = key;
        snprintf(t->value, sizeof t->value, "%s", value);
        return;
    }
}

/* Whoever is refused again and again must not fill the disk with our lines about it. False: too
 * many were written in this second. *ret_left_out: those of an earlier second that were not. */
static bool may_log(HttpServer *s, uint64_t *ret_left_out) {
    int64_t now_ms = cvk_monotonic_ms();
    *ret_left_out = 0;
    pthread_mutex_lock(&s->lock);
    if (now_ms - s->refusals.since_ms >= SECOND_MS) {
        *ret_left_out = s->refusals.left_out;
        s->refusals = (RefusalLines){.since_ms = now_ms};
    }
    bool room = s->refusals.written < LIMIT_LOG_REFUSALS;
    if (room)
        s->refusals.written++;
    else
        s->refusals.left_out++;
    pthread_mutex_unlock(&s->lock);
    return room;
}

static bool room_for_refusal(HttpServer *s) {
    uint64_t left_out;
    char n[24];
    bool room = may_log(s, &left_out);
    if (left_out != 0) {
        snprintf(n, sizeof n, "%" PRIu64, left_out);
        cvk_log(LOG_WARN, "http.refusals_left_out", "n", n, NULL);
    }
    return room;
}

static CvkLogLevel level_of(HttpRequest *r) {
    unsigned status = r->reply.status;
    bool ours = status >= 500 && status != 503; /* 503: busy, not broken */
    bool polls = r->route != NULL && r->route->handler->polled;
    if (r->told[0].key != NULL)
        return ours ? LOG_WARN : LOG_INFO;
    if (status < 400 || (polls && !ours) || !room_for_refusal(r->server))
        return LOG_DEBUG;
    return ours ? LOG_WARN : LOG_INFO;
}

/* Its pattern, without the mark of one that takes any slashes. */
static const char *route_text(const HttpRoute *route) {
    const char *pattern = route != NULL ? route->pattern : "-";
    return pattern + (pattern[0] == '/' && pattern[1] == '/');
}

void request_log(HttpRequest *r, bool sent) {
    char id[24], status[8], ms[24], body[24], peer[PEER_TEXT];
    const HttpTold *t = r->told; /* a key that is NULL ends the line */
    CvkLogLevel level = level_of(r);
    if (!cvk_log_wants(level))
        return;
    snprintf(id, sizeof id, "%" PRIu64, r->number);
    snprintf(status, sizeof status, "%u", r->reply.status);
    snprintf(ms, sizeof ms, "%" PRId64, cvk_monotonic_ms() - r->started_ms);
    snprintf(body, sizeof body, "%" PRIu64, r->body_n);
    peer_text(&r->peer, peer);
    cvk_log(level, "http.request", "req", id, "peer", peer, "method", r->method, "route",
            route_text(r->route), "status", status, "ms", ms, "body", body, "sent",
            sent ? "yes" : "no", t[0].key, t[0].value, t[1].key, t[1].value, t[2].key, t[2].value,
            t[3].key, t[3].value, NULL);
}
