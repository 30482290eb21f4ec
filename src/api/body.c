#include "api/body.h"

#include "api/app.h"
#include "base/alloc.h"
#include "format/kzg_errors.h"
#include "http/gate.h"

#include <stdlib.h>
#include <string.h>

static void begin(HttpRequest *r, size_t max) {
    CvkErr err;
    CvkBuf *body = cvk_alloc(1, sizeof *body, &err);
    if (body == NULL) {
        reply_failed(r, &err);
        return;
    }
    body->max = max;
    http_set_data(r, body);
}

void body_begin_json(HttpRequest *r, size_t max) {
    if (is_json_type(http_header(r, "Content-Type")))
        begin(r, max);
    else
        reply_api_error(r, &not_json);
}

void body_begin_form(HttpRequest *r, size_t max) {
    static const ApiError not_a_form = {
        415, "RequestError::UnsupportedMediaType",
        "Expected request with `Content-Type: application/x-www-form-urlencoded`"};
    const char *type = http_header(r, "Content-Type");
    if (type != NULL &&
        http_name_is(type, strcspn(type, "; \t"), "application/x-www-form-urlencoded"))
        begin(r, max);
    else
        reply_api_error(r, &not_a_form);
}

void body_add(HttpRequest *r, CvkBuf *to, const void *data, size_t n) {
    CvkErr err;
    if (cvk_buf_add(to, data, n, &err))
        return;
    if (err.code == CVK_ELIMIT)
        reply_too_large(r);
    else
        reply_failed(r, &err);
}

void body_take(HttpRequest *r, const void *data, size_t n) {
    body_add(r, http_data(r), data, n);
}

void reply_bad_json(HttpRequest *r, const CvkErr *err) {
    char text[KZG_TEXT + CVK_ERR_MSG_MAX];
    unsigned status = kzg_document_status(err, text);
    if (status == 0)
        reply_failed(r, err);
    else
        http_reply_error(r, status,
                         status == 422 ? "RequestError::WrongShape" : "RequestError::InvalidJson",
                         text);
}

const char *body_text(const HttpRequest *r, size_t *ret_n) {
    const CvkBuf *body = http_data(r);
    *ret_n = body->n;
    return cvk_buf_str(body);
}

void body_free(HttpRequest *r, bool sent) {
    (void)sent;
    CvkBuf *body = http_data(r);
    if (body != NULL)
        cvk_buf_done(body);
    free(body);
}
