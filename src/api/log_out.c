/* POST /logout: ours; the original's sessions end only by time. */
#include "api/app.h"

#include "base/alloc.h"

#include <stdlib.h>

/* On a worker: it writes to the database. */
static void end_session(HttpRequest *r) {
    const App *app = http_app(r);
    CvkErr err;
    if (node_log_out(app->node, app->ceremony, http_data(r), &err))
        reply_ok(r, "session", "ended");
    else
        reply_failed(r, &err);
}

static void log_out(HttpRequest *r) {
    static const ApiError unknown = {401, "SessionError::UnknownSessionId", "unknown session id"};
    CvkErr err;
    Session *session = cvk_alloc(1, sizeof *session, &err);
    http_set_data(r, session);
    if (session == NULL)
        reply_failed(r, &err);
    else if (find_session(r, &unknown, session))
        http_job(r, LANE_COMMIT, end_session);
}

static void forget_session(HttpRequest *r, bool sent) {
    (void)sent;
    free(http_data(r));
}

const HttpHandler on_log_out = {.on_end = log_out, .on_done = forget_session};
