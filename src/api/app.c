#include "api/app.h"

#include "base/hex.h"
#include "base/log.h"
#include "format/receipt.h"
#include "http/gate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEARER_MAX 128

const ApiError no_such_session = {401, "TryContributeError::UnknownSessionId",
                                  "unknown session id"};

const ApiError not_json = {415, "RequestError::UnsupportedMediaType",
                           "Expected request with `Content-Type: application/json`"};

bool is_json_type(const char *type) {
    if (type == NULL)
        return false;
    size_t n = strcspn(type, "; \t");
    return http_name_is(type, n, "application/json") ||
           (n > 17 && http_name_is(type, 12, "application/") &&
            http_name_is(type + n - 5, 5, "+json"));
}

Ceremony *app_ceremony(const HttpRequest *r) {
    const App *app = http_app(r);
    return app->ceremony;
}

void reply_built(HttpRequest *r, unsigned status, const char *type, const CvkBuf *b, bool ok) {
    if (ok)
        http_reply(r, status, type, b->data, b->n);
    else
        http_reply_error(r, 500, "ServerError::Memory", "the server is short of memory");
}

void reply_too_large(HttpRequest *r) {
    http_reply_error(r, 413, "RequestError::TooLarge", "length limit exceeded");
}

void tell(HttpRequest *r, const char *key, const char *value) {
    char seq[24];
    snprintf(seq, sizeof seq, "%" PRIu64, feed_newest(ceremony_feed(app_ceremony(r))));
    http_tell(r, key, value);
    http_tell(r, "seq", seq);
}

void reply_ok(HttpRequest *r, const char *key, const char *value) {
    tell(r, key, value);
    http_reply(r, 200, "application/json", "{}", 2);
}

void reply_failed(HttpRequest *r, const CvkErr *err) {
    char req[24];
    snprintf(req, sizeof req, "%" PRIu64, http_number(r));
    cvk_log(LOG_ERROR, "api.failed", "req", req, "error", err->id, "message", err->msg, NULL);
    http_reply_error(r, 500, "StorageError::DatabaseError",
                     "the server could not read or write its records: try again later");
}

void reply_api_error(HttpRequest *r, const ApiError *e) {
    http_reply_error(r, e->status, e->code, e->text);
}

bool parse_number(const char *text, uint64_t *ret) {
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 18 || text[n] != '\0')
        return false;
    *ret = strtoull(text, NULL, 10);
    return true;
}

void reply_receipt(HttpRequest *r, uint64_t index, const char *receipt, const char *signature) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_REPLY);
    char number[24];
    snprintf(number, sizeof number, "%" PRIu64, index);
    http_reply_header(r, "X-Contribution-Index", number);
    uint8_t bytes[ETH_SIGNATURE_BYTES];
    bool ok = strlen(signature) == 2 * sizeof bytes &&
              cvk_hex_decode(signature, sizeof bytes, bytes) &&
              kzg_receipt_answer_write(json_to_buf(&b), receipt, bytes, NULL);
    reply_built(r, 200, "application/json", &b, ok);
}

void reply_accepted(HttpRequest *r, const Submit *s) {
    if (s->signatures[0] != '\0')
        http_reply_header(r, "X-Signatures", s->signatures);
    if (s->signed_as[0] != '\0')
        http_reply_header(r, "X-Signed-As", s->signed_as);
    reply_receipt(r, s->index, s->receipt, s->signature);
}

/* The token of "Bearer <token>". False: the header is absent or unreadable. */
static bool bearer(const HttpRequest *r, char ret[BEARER_MAX + 1]) {
    const char *value = http_header(r, "Authorization");
    if (value == NULL || strlen(value) < 8 || !http_name_is(value, 7, "bearer "))
        return false;
    const char *token = value + 7;
    token += strspn(token, " ");
    size_t n = strcspn(token, " \t,");
    /* blanks at the end are not part of a field's value, but the library leaves them there */
    if (n == 0 || n > BEARER_MAX || token[n + strspn(token + n, " \t")] != '\0')
        return false;
    memcpy(ret, token, n);
    ret[n] = '\0';
    return true;
}

const Caller *find_caller(HttpRequest *r) {
    const App *app = http_app(r);
    Caller *caller = http_notes(r);
    char token[BEARER_MAX + 1];
    if (caller->kind == CALLER_UNREAD)
        caller->kind = !bearer(r, token)                                          ? CALLER_NAMELESS
                       : ceremony_session(app->ceremony, token, &caller->session) ? CALLER_KNOWN
                                                                                  : CALLER_UNKNOWN;
    return caller;
}

bool find_session(HttpRequest *r, const ApiError *unknown, Session *ret) {
    static const ApiError invalid = {400, "SessionError::InvalidSessionId", "unknown session id"};
    const Caller *caller = find_caller(r);
    if (caller->kind == CALLER_KNOWN)
        *ret = caller->session;
    else
        reply_api_error(r, caller->kind == CALLER_NAMELESS ? &invalid : unknown);
    return caller->kind == CALLER_KNOWN;
}

bool add_base_url(const HttpRequest *r, CvkBuf *b, CvkErr *err) {
    const App *app = http_app(r);
    const char *host = http_header(r, "Host"); /* the gate let only a host and port through */
    if (app->public_url != NULL)
        return cvk_buf_add_str(b, app->public_url, err);
    /* HTTP/1.0 may name no host: links are then relative to whatever it asked */
    return host == NULL || cvk_buf_add_fmt(b, err, "%s://%s", http_scheme(r), host);
}

bool page_begin(CvkBuf *b, const HttpRequest *r, const char *title, CvkErr *err) {
    return cvk_buf_add_str(b,
                           "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width, "
                           "initial-scale=1\">\n<title>",
                           err) &&
           html_add(b, title, err) &&
           cvk_buf_add_str(b, "</title>\n<link rel=\"stylesheet\" href=\"", err) &&
           add_base_url(r, b, err) &&
           cvk_buf_add_str(b, "/style.css\">\n</head>\n<body>\n<main>\n<h1>", err) &&
           html_add(b, title, err) && cvk_buf_add_str(b, "</h1>\n", err);
}

bool page_end(CvkBuf *b, CvkErr *err) {
    return cvk_buf_add_str(b, "</main>\n</body>\n</html>\n", err);
}

void reply_page_with(HttpRequest *r, unsigned status, const CvkBuf *b, bool ok, const char *form_to,
                     bool scripts) {
    char policy[LIMIT_REDIRECT + 200];
    snprintf(policy, sizeof policy,
             "default-src 'none'; style-src 'self'; %sbase-uri 'none'; frame-ancestors 'none'; "
             "form-action 'self' %s",
             scripts ? "script-src 'self'; connect-src 'self'; " : "", form_to);
    http_reply_header(r, "Content-Security-Policy", policy);
    http_reply_header(r, "Referrer-Policy", "no-referrer");
    http_reply_header(r, "X-Frame-Options", "DENY");
    reply_built(r, status, "text/html; charset=utf-8", b, ok);
}

void reply_page(HttpRequest *r, unsigned status, const CvkBuf *b, bool ok, const char *form_to) {
    reply_page_with(r, status, b, ok, form_to, false);
}
