/* What the handlers of this layer share. Threads: immutable while the server runs, save what is
 * atomic. */
#pragma once

#include "api/market.h"
#include "api/park_gate.h"
#include "api/serve.h"
#include "api/stream_gate.h"
#include "base/buf.h"
#include "http/request.h"

#include <stdatomic.h>

typedef struct {
    Node *node;
    Ceremony *ceremony;           /* NULL: none, and then no gate and no streams */
    Market *market;               /* NULL: none */
    char *public_url, *redirects; /* public_url NULL: from Host */
    RateTable *rates;
    ParkGate *gate;
    StreamGate *streams;
    bool rate_loopback, legacy_login;
    atomic_uint parts; /* of transcripts, under way */
} App;

Ceremony *app_ceremony(const HttpRequest *r);

/* api/check_in.c */
extern const HttpHandler on_try_contribute;
/* api/events.c, api/own_events.c */
extern const HttpHandler on_events, on_own_events;
/* 503: LIMIT_STREAMS are open. */
void reply_too_many_streams(HttpRequest *r);
/* api/queue.c */
extern const HttpHandler on_queue_join, on_queue_check_in, on_queue_leave, on_start;
/* api/health.c, api/metrics.c */
extern const HttpHandler on_health, on_journal_head, on_metrics;
/* api/kzg.c */
extern const HttpHandler on_contribute, on_abort, on_status;
/* api/transcript.c */
extern const HttpHandler on_current_state;
/* api/sign_in.c */
extern const HttpHandler on_request_link, on_callback_eth, on_callback_github;
/* api/log_out.c */
extern const HttpHandler on_log_out;
/* api/sign_in_page.c */
extern const HttpHandler on_sign_in_page, on_sign_in_form;
/* api/login.c */
extern const HttpHandler on_nonce, on_login;
/* api/assets.c */
extern const HttpHandler on_style, on_script;
/* api/more.c */
extern const HttpHandler on_receipt, on_own_receipt, on_ceremony_status, on_home;

/* Digits and nothing else, 18 at most. */
bool parse_number(const char *text, uint64_t *ret);

/* A body that the function made (`ok`: wholly), or 500. */
void reply_built(HttpRequest *r, unsigned status, const char *type, const CvkBuf *b, bool ok);
/* As http_tell, with the newest entry of the journal ("seq"). */
void tell(HttpRequest *r, const char *key, const char *value);
/* 200 {}: it is done, and worth a line in the log. */
void reply_ok(HttpRequest *r, const char *key, const char *value);
/* An error of the server's own: logged, and told without its details. */
void reply_failed(HttpRequest *r, const CvkErr *err);
void reply_too_large(HttpRequest *r);

/* {"receipt":...,"signature":...}, pretty; X-Contribution-Index. */
void reply_receipt(HttpRequest *r, uint64_t index, const char *receipt, const char *signature);
/* The same of what was accepted, with what became of its signatures. */
void reply_accepted(HttpRequest *r, const Submit *s);

typedef struct {
    unsigned status;
    const char *code, *text;
} ApiError;

/* Who asks, by "Authorization: Bearer ...": the notes of each request. */
typedef struct {
    enum {
        CALLER_UNREAD = 0, /* nobody has asked yet */
        CALLER_NAMELESS,   /* the header field is absent or unreadable */
        CALLER_UNKNOWN,    /* no such session */
        CALLER_KNOWN,
    } kind;
    Session session;
} Caller;
/* Looked up once a request, not in jobs. */
const Caller *find_caller(HttpRequest *r) MUST_USE;

/* The caller's session. Without one the reply is set and it is false: 400
 * SessionError::InvalidSessionId for a nameless caller; `unknown` for a session that is not known.
 */
extern const ApiError no_such_session; /* 401, as of a check-in */
extern const ApiError not_your_turn;   /* 400, as of a contribution */
bool find_session(HttpRequest *r, const ApiError *unknown, Session *ret) MUST_USE;
void reply_api_error(HttpRequest *r, const ApiError *e);
/* A Content-Type of application/json or application/...+json, with any parameters? NULL is none. */
bool is_json_type(const char *type);
extern const ApiError not_json; /* 415 */

/* Appends "http://host:port" (https with TLS) or the public URL. */
bool add_base_url(const HttpRequest *r, CvkBuf *b, CvkErr *err) MUST_USE;

/* Pages for people. page_begin writes up to <main>, page_end closes it. `form_to` (may be ""): a
 * further origin that a form's answer may lead to. */
bool page_begin(CvkBuf *b, const HttpRequest *r, const char *title, CvkErr *err) MUST_USE;
bool page_end(CvkBuf *b, CvkErr *err) MUST_USE;
void reply_page(HttpRequest *r, unsigned status, const CvkBuf *b, bool ok, const char *form_to);
/* `scripts`: the page has scripts of ours, which may ask this server. */
void reply_page_with(HttpRequest *r, unsigned status, const CvkBuf *b, bool ok, const char *form_to,
                     bool scripts);
#define PAGE_MAX 65536
