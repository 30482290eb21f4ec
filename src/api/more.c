/* Our own endpoints beside the original protocol's: receipts again, the ceremony's state in more
 * words, a page for people. */
#include "api/app.h"

#include "api/status_json.h"
#include "base/span.h"
#include "codec/json_write.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- GET /receipt, /receipt/{index} ---- */

static const ApiError no_receipt = {404, "ReceiptError::NotFound", "there is no such contribution"};

/* For who contributed: all that their session is still good for, but for repeating the upload. */
static void own_receipt(HttpRequest *r) {
    const App *app = http_app(r);
    Session session;
    Submit submit;
    CvkErr err;
    if (!find_session(r, &no_such_session, &session))
        return;
    if (!ceremony_own_receipt(app->ceremony, &session, &submit, &err)) {
        reply_failed(r, &err);
        return;
    }
    if (submit.result == SUBMIT_ACCEPTED)
        reply_accepted(r, &submit);
    else
        reply_api_error(r, &no_receipt);
    submit_done(&submit);
}

const HttpHandler on_own_receipt = {.on_end = own_receipt};

static void receipt(HttpRequest *r) {
    const App *app = http_app(r);
    uint64_t index;
    char *text = NULL;
    char signature[131];
    CvkErr err = {.code = CVK_ENOTFOUND};
    bool found = parse_number(http_tail(r), &index) &&
                 ceremony_receipt(app->ceremony, index, &text, signature, &err);
    if (found)
        reply_receipt(r, index, text, signature);
    else if (err.code == CVK_ENOTFOUND)
        reply_api_error(r, &no_receipt);
    else
        reply_failed(r, &err);
    free(text);
}

const HttpHandler on_receipt = {.on_end = receipt};

/* ---- GET /ceremony/status ---- */

static const char *state_name(const EngineView *v) {
    if (v->handed_over)
        return "handed-over";
    if (v->finalized)
        return "finished";
    return v->lease.number == 0 ? "free" : phase_name(v->lease.phase);
}

static void put_status(JsonWriter *w, const App *app, const CeremonyStatus *s) {
    const EngineView *v = &s->view;
    bool live = v->lease.number != 0;
    json_object_begin(w);
    json_put_key(w, "name");
    json_put_str(w, ceremony_name(app->ceremony));
    json_put_key(w, "kind");
    json_put_str(w, ceremony_kind(app->ceremony));
    json_put_key(w, "wallets");
    json_put_str(w, wallets_name(ceremony_wallets(app->ceremony)));
    json_put_key(w, "phase");
    json_put_str(w, state_name(v));
    status_put_time(w, "phase_ends", live ? v->lease.deadline_ms : INT64_MAX);
    json_field_uint(w, "lease", v->lease.number);
    json_field_uint(w, "lobby_size", s->lobby_size);
    json_field_uint(w, "num_contributions", v->contributions);
    json_field_uint(w, "turns", v->leases);
    json_field_uint(w, "refused", v->refused);
    json_field_uint(w, "expired", v->expired);
    json_field_uint(w, "aborted", v->aborted);
    json_put_key(w, "sequencer_address");
    json_put_str(w, node_address(app->node));
    status_put_rules(w, s, true);
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

const HttpHandler on_ceremony_status = {.on_end = full_status, .polled = true};

/* ---- GET / ---- */

static bool add_row(CvkBuf *b, const char *what, uint64_t n) {
    return cvk_buf_add_fmt(b, NULL, "<tr><th>%s</th><td>%" PRIu64 "</td></tr>\n", what, n);
}

static const char *now_words(const EngineView *v) {
    if (v->handed_over)
        return "this ceremony has moved to another server";
    if (v->finalized)
        return "finished";
    if (v->drained)
        return "closing: everybody who waited has had their turn";
    if (v->lease.number == 0)
        return v->mode == MODE_PAUSED ? "paused" : "waiting for the next contributor";
    switch (v->lease.phase) {
    case PHASE_OFFERED:
        return "calling the next contributor";
    case PHASE_FETCHING:
        return "a contributor is downloading";
    case PHASE_COMPUTING:
        return "a contributor is computing";
    case PHASE_UPLOADING:
        return "a contributor is uploading";
    case PHASE_VERIFYING:
        return "checking a contribution";
    case PHASE_N:
        break;
    }
    return "";
}

/* What those should know who think of coming; NULL: nothing unusual. */
static const char *mode_words(const EngineView *v) {
    switch (v->mode) {
    case MODE_PAUSED:
        return "The ceremony is paused: nobody gets a turn until its operators go on. Places in "
               "the line are kept.";
    case MODE_DRAINING:
        return "The ceremony is closing: it takes nobody new. Those who wait already get their "
               "turns.";
    case MODE_OPEN:
    case MODE_N:
        break;
    }
    return NULL;
}

static bool add_expected_wait(CvkBuf *b, const CeremonyStatus *s) {
    char words[CVK_SPAN_TEXT];
    EngineEstimate estimate;
    status_estimate(s, &estimate);
    if (!estimate.known || s->view.mode != MODE_OPEN)
        return true;
    cvk_span_text(estimate.low_ms, estimate.high_ms, words);
    return cvk_buf_add_fmt(b, NULL,
                           "<tr><th>expected wait for who comes now</th><td>%s</td></tr>\n", words);
}

static bool add_numbers(CvkBuf *b, const CeremonyStatus *s) {
    const EngineView *v = &s->view;
    bool running = !v->finalized && !v->handed_over;
    const char *mode = running ? mode_words(v) : NULL;
    return (mode == NULL || cvk_buf_add_fmt(b, NULL, "<p>%s</p>\n", mode)) &&
           cvk_buf_add_str(b, "<table>\n", NULL) &&
           cvk_buf_add_fmt(b, NULL, "<tr><th>now</th><td>%s</td></tr>\n", now_words(v)) &&
           add_row(b, "contributions", v->contributions) &&
           add_row(b,
                   v->policy.entry == ENTRY_FIFO ? "waiting in the queue" : "waiting in the lobby",
                   s->lobby_size) &&
           add_expected_wait(b, s) && add_row(b, "turns that ran out of time", v->expired) &&
           add_row(b, "contributions refused as invalid", v->refused) &&
           cvk_buf_add_str(b, "</table>\n", NULL);
}

static const char *needs_words(Wallets wallets) {
    switch (wallets) {
    case WALLETS_INVITED:
        return "an invitation from the people who run this ceremony, or an Ethereum account that "
               "is "
               "on their list (<code>--eth-key FILE</code> instead of <code>--invitation</code>)";
    case WALLETS_ANY:
        return "an Ethereum account (<code>--eth-key FILE</code>) or an invitation";
    case WALLETS_NONE:
    case WALLETS_N:
        break;
    }
    return "an invitation from the people who run this ceremony";
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
           add_numbers(b, s) && cvk_buf_add_str(b, "<h2>Take part</h2>\n<p>You need ", NULL) &&
           cvk_buf_add_str(b, needs_words(ceremony_wallets(app->ceremony)), NULL) &&
           cvk_buf_add_str(b,
                           ", and the program <code>convoke</code>:</p>\n"
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
