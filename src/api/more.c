/* Our own endpoints beside the original protocol's: receipts again, the ceremony's state in more
 * words, a page for people. */
#include "api/app.h"

#include "base/clock.h"
#include "codec/json_write.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- GET /receipt/{index} ---- */

static bool parse_index(const char *text, uint64_t *ret) {
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 18 || text[n] != '\0')
        return false;
    *ret = strtoull(text, NULL, 10);
    return true;
}

static void receipt(HttpRequest *r) {
    const App *app = http_app(r);
    uint64_t index;
    char *text = NULL;
    char signature[131];
    CvkErr err = {.code = CVK_ENOTFOUND};
    if (!take_rate(r, API_RATE_ANONYMOUS))
        return;
    bool found = parse_index(http_tail(r), &index) &&
                 ceremony_receipt(app->ceremony, index, &text, signature, &err);
    if (found)
        reply_receipt(r, text, signature);
    else if (err.code == CVK_ENOTFOUND)
        http_reply_error(r, 404, "ReceiptError::NotFound", "there is no such contribution");
    else
        reply_failed(r, &err);
    free(text);
}

const HttpHandler on_receipt = {.on_end = receipt};

/* ---- GET /ceremony/status ---- */

static const char *state_name(const EngineView *v) {
    if (v->finalized)
        return "finished";
    return v->lease.number == 0 ? "free" : phase_name(v->lease.phase);
}

static void put_uint(JsonWriter *w, const char *key, uint64_t v) {
    json_put_key(w, key);
    json_put_uint(w, v);
}

static void put_policy(JsonWriter *w, const EnginePolicy *p) {
    json_put_key(w, "policy");
    json_object_begin(w);
    json_put_key(w, "checkin_every_ms");
    json_put_int(w, p->checkin_every_ms);
    json_put_key(w, "checkin_tolerance_ms");
    json_put_int(w, p->checkin_tolerance_ms);
    put_uint(w, "lobby_max", p->waiting_max);
    json_put_key(w, "deadline_ms");
    json_object_begin(w);
    for (int phase = 0; phase < PHASE_N; phase++) {
        json_put_key(w, phase_name((Phase)phase));
        json_put_int(w, p->deadline_ms[phase]);
    }
    json_object_end(w);
    json_object_end(w);
}

static void put_time(JsonWriter *w, const char *key, int64_t ms) {
    char text[CVK_TIME_TEXT];
    json_put_key(w, key);
    if (ms == INT64_MAX) {
        json_put_null(w);
        return;
    }
    cvk_time_format(ms, text);
    json_put_str(w, text);
}

static void put_status(JsonWriter *w, const App *app, const CeremonyStatus *s) {
    const EngineView *v = &s->view;
    bool live = v->lease.number != 0;
    json_object_begin(w);
    json_put_key(w, "name");
    json_put_str(w, ceremony_name(app->ceremony));
    json_put_key(w, "kind");
    json_put_str(w, ceremony_kind(app->ceremony));
    json_put_key(w, "phase");
    json_put_str(w, state_name(v));
    put_time(w, "phase_ends", live ? v->lease.deadline_ms : INT64_MAX);
    put_uint(w, "lease", v->lease.number);
    put_uint(w, "lobby_size", s->lobby_size);
    put_uint(w, "num_contributions", v->contributions);
    put_uint(w, "turns", v->leases);
    put_uint(w, "refused", v->refused);
    put_uint(w, "expired", v->expired);
    put_uint(w, "aborted", v->aborted);
    json_put_key(w, "sequencer_address");
    json_put_str(w, node_address(app->node));
    put_policy(w, &v->policy);
    json_object_end(w);
}

static void full_status(HttpRequest *r) {
    const App *app = http_app(r);
    CeremonyStatus status;
    _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_REPLY);
    ceremony_status(app->ceremony, &status);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);
    put_status(&w, app, &status);
    bool ok = json_finish(&w, NULL);
    reply_built(r, 200, "application/json", &b, ok);
}

const HttpHandler on_ceremony_status = {.on_end = full_status};

/* ---- GET /, /style.css, /health ---- */

static bool add_row(CvkBuf *b, const char *what, uint64_t n) {
    return cvk_buf_add_fmt(b, NULL, "<tr><th>%s</th><td>%" PRIu64 "</td></tr>\n", what, n);
}

static bool add_numbers(CvkBuf *b, const CeremonyStatus *s) {
    return cvk_buf_add_str(b, "<table>\n", NULL) &&
           add_row(b, "contributions", s->view.contributions) &&
           add_row(b, "waiting in the lobby", s->lobby_size) &&
           add_row(b, "turns that ran out of time", s->view.expired) &&
           add_row(b, "contributions refused as invalid", s->view.refused) &&
           cvk_buf_add_fmt(b, NULL, "<tr><th>now</th><td>%s</td></tr>\n</table>\n",
                           s->view.lease.number == 0 && !s->view.finalized
                               ? "waiting for the next contributor"
                               : state_name(&s->view));
}

static bool add_home(CvkBuf *b, const HttpRequest *r, const CeremonyStatus *s) {
    const App *app = http_app(r);
    return page_begin(b, r, ceremony_name(app->ceremony), NULL) &&
           cvk_buf_add_str(b,
                           "<p>This server runs a trusted-setup ceremony: people take turns to mix "
                           "a secret of their own into public parameters. The result can be "
                           "trusted if a single one of them kept no copy of it, and anybody can "
                           "check every step without trusting this server.</p>\n<h2>Now</h2>\n",
                           NULL) &&
           add_numbers(b, s) &&
           cvk_buf_add_str(b,
                           "<h2>Take part</h2>\n<p>You need an invitation from the people who run "
                           "this ceremony, and the program <code>convoke</code>:</p>\n"
                           "<pre>convoke contribute ",
                           NULL) &&
           add_base_url(r, b, NULL) &&
           cvk_buf_add_str(b,
                           " --invitation @invitation.txt</pre>\n<h2>Check it</h2>\n<p>The <a "
                           "href=\"info/current_state\">"
                           "transcript</a> holds every step so far:</p>\n<pre>convoke verify ",
                           NULL) &&
           add_base_url(r, b, NULL) &&
           cvk_buf_add_fmt(b, NULL,
                           "</pre>\n<p>Receipts are signed by <code>%s</code>. Numbers for "
                           "programs: <a href=\"ceremony/status\">ceremony/status</a>.</p>\n",
                           node_address(app->node)) &&
           page_end(b, NULL);
}

static void home(HttpRequest *r) {
    const App *app = http_app(r);
    CeremonyStatus status;
    _cleanup_buf_ CvkBuf b = CVK_BUF(PAGE_MAX);
    ceremony_status(app->ceremony, &status);
    bool ok = add_home(&b, r, &status);
    http_reply_header(r, "Refresh", "30");
    reply_page(r, 200, &b, ok, "");
}

const HttpHandler on_home = {.on_end = home};

static void style(HttpRequest *r) {
    static const char css[] =
        "body{font:1rem/1.5 system-ui,sans-serif;margin:0;color:#222;background:#fafafa}\n"
        "main{max-width:42rem;margin:2rem auto;padding:0 1rem}\n"
        "pre,input{font-family:monospace;font-size:1rem;padding:.5rem;background:#fff;"
        "border:1px solid #bbb;overflow-x:auto}\n"
        "input{width:100%;box-sizing:border-box}\nbutton{font-size:1rem;padding:.5rem 1rem;"
        "margin-top:1rem}\nth{text-align:left;font-weight:normal;padding-right:2rem}\n"
        "td{text-align:right}\n"
        "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}"
        "pre,input{background:#222;color:#ddd;border-color:#555}a{color:#9cf}}\n";
    http_reply_header(r, "Cache-Control", "public, max-age=3600");
    http_reply(r, 200, "text/css", css, sizeof css - 1);
}

const HttpHandler on_style = {.on_end = style};

static void health(HttpRequest *r) {
    static const char fine[] = "{\"status\":\"ok\"}";
    http_reply(r, 200, "application/json", fine, sizeof fine - 1);
}

const HttpHandler on_health = {.on_end = health};
