/* GET /health: does the server work, that is, could it put on record what happens next? For those
 * who would send clients elsewhere if not. GET /journal/head: what it has signed of its journal, so
 * that people can compare. */
#include "api/app.h"
#include "run/vitals.h"

#include <stdio.h>
#include <string.h>

static void health(HttpRequest *r) {
    static const char fine[] = "{\"status\":\"ok\"}";
    const App *app = http_app(r);
    char text[160];
    Health h = node_health(app->node);
    if (h == HEALTH_OK) {
        http_reply(r, 200, "application/json", fine, sizeof fine - 1);
        return;
    }
    int n = snprintf(text, sizeof text, "{\"status\":\"failing\",\"why\":\"%s\"}", health_text(h));
    http_reply(r, 503, "application/json", text, (size_t)n);
}

const HttpHandler on_health = {.on_end = health, .polled = true};

static void journal_head(HttpRequest *r) {
    const App *app = http_app(r);
    char text[HEAD_MAX];
    if (ceremony_head(app->ceremony, text))
        http_reply(r, 200, "application/json", text, strlen(text));
    else
        http_reply_error(r, 404, "JournalError::NoHead",
                         "no head is signed before the first contribution");
}

const HttpHandler on_journal_head = {.on_end = journal_head};
