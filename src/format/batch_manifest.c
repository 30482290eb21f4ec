#include "format/batch_manifest.h"

#include "base/hex.h"
#include "base/name.h"
#include "codec/json_relay.h"
#include "format/doc.h"

#include <stdio.h>
#include <string.h>

#define NUMBER_MAX 64 /* digits of a covariate */

/* ---- covariates ---- */

typedef struct {
    bool (*fn)(void *ctx, const char *name, const char *text, bool is_number, CvkErr *err);
    void *ctx;
} Visitor;

static bool name_ok(const char *name) {
    size_t n = strlen(name);
    return n > 0 && n <= COVARIATE_NAME_MAX && strspn(name, CVK_NAME_CHARS ".") == n;
}

static bool visit_value(JsonReader *r, const char *name, const Visitor *v, CvkErr *err) {
    char number[NUMBER_MAX + 1];
    const char *text;
    size_t n;
    JsonType type;
    bool yes;
    if (!json_read_peek(r, &type, err))
        return false;
    if (type == JSON_TYPE_STRING)
        return json_read_string(r, &text, &n, err) && v->fn(v->ctx, name, text, false, err);
    if (type == JSON_TYPE_BOOL)
        return json_read_bool(r, &yes, err) &&
               v->fn(v->ctx, name, yes ? "true" : "false", false, err);
    if (type != JSON_TYPE_NUMBER)
        return json_read_fail(r, err, CVK_EBADREQ, "batch.covariate",
                              "'%s' is no number, text, true or false", name);
    if (!json_read_number(r, &text, &n, err))
        return false;
    if (n > NUMBER_MAX)
        return json_read_fail(r, err, CVK_EBADREQ, "batch.covariate",
                              "'%s' has more than %d digits", name, NUMBER_MAX);
    memcpy(number, text, n);
    number[n] = '\0';
    return v->fn(v->ctx, name, number, true, err);
}

static bool visit_all(JsonReader *r, const Visitor *v, CvkErr *err) {
    char names[LIMIT_MARKET_COVARIATES][COVARIATE_NAME_MAX + 1];
    const char *key;
    size_t n = 0;
    if (!json_read_object(r, err))
        return false;
    while (json_read_key(r, &key, err)) {
        if (key == NULL)
            return true;
        if (!name_ok(key))
            return json_read_fail(r, err, CVK_EBADREQ, "batch.covariate",
                                  "a covariate's name has 1 to %d letters, digits, '_', '.' or '-'",
                                  COVARIATE_NAME_MAX);
        if (n == LIMIT_MARKET_COVARIATES)
            return json_read_fail(r, err, CVK_EBADREQ, "batch.covariate",
                                  "there are more than %d covariates", LIMIT_MARKET_COVARIATES);
        snprintf(names[n], sizeof names[n], "%s", key);
        for (size_t i = 0; i < n; i++)
            if (strcmp(names[i], names[n]) == 0)
                return json_read_fail(r, err, CVK_EBADREQ, "batch.covariate", "'%s' stands twice",
                                      names[n]);
        if (!visit_value(r, names[n++], v, err))
            return false;
    }
    return false;
}

bool covariates_each(const char *json,
                     bool (*fn)(void *ctx, const char *name, const char *text, bool is_number,
                                CvkErr *err),
                     void *ctx, CvkErr *err) {
    JsonMemory memory = {.data = json, .n = strlen(json)};
    JsonReader *r = json_reader_new(json_from_memory(&memory), LIMIT_MARKET_MANIFEST, err);
    bool ok = r != NULL && visit_all(r, &(Visitor){fn, ctx}, err) && json_read_end(r, err);
    json_reader_free(r);
    return ok;
}

static bool copy_value(JsonReader *r, CvkBuf *to, bool object, CvkErr *err) {
    JsonType type;
    JsonWriter w = JSON_WRITER(json_to_buf(to), 0);
    if (!json_read_peek(r, &type, err))
        return false;
    if (object && type != JSON_TYPE_OBJECT)
        return json_read_fail(r, err, CVK_EBADREQ, "json.type", "it is no object");
    return json_relay(r, &w, err) && json_finish(&w, err);
}

static bool seen(void *ctx, const char *name, const char *text, bool is_number, CvkErr *err) {
    (void)ctx, (void)name, (void)text, (void)is_number, (void)err;
    return true;
}

bool covariates_read(const char *text, CvkBuf *ret, CvkErr *err) {
    JsonMemory memory = {.data = text, .n = strlen(text)};
    const size_t from = ret->n;
    JsonReader *r = json_reader_new(json_from_memory(&memory), LIMIT_MARKET_MANIFEST, err);
    bool ok = r != NULL && copy_value(r, ret, true, err) && json_read_end(r, err);
    json_reader_free(r);
    return ok && covariates_each(cvk_buf_str(ret) + from, seen, NULL, err);
}

/* ---- the manifest ---- */

static bool read_sha256(JsonReader *r, uint8_t ret[32], CvkErr *err) {
    char text[65];
    return doc_text(r, text, sizeof text, err) &&
           ((strlen(text) == 64 && cvk_hex_decode(text, 32, ret)) ||
            json_read_fail(r, err, CVK_EBADREQ, "doc.hex", "a sha256 has 64 hexadecimal digits"));
}

enum { F_NAME, F_SHA256, F_SIZE, F_VERIFIER, F_PARAMS, F_EXPECT, F_COVARIATES, FIELDS_N };
static const char *const field_names[FIELDS_N] = {"name",   "sha256", "size",      "verifier",
                                                  "params", "expect", "covariates"};

static bool read_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    BatchManifest *m = ctx;
    switch (which) {
    case F_NAME:
        return doc_text(r, m->name, sizeof m->name, err) &&
               (m->name[0] != '\0' ||
                json_read_fail(r, err, CVK_EBADREQ, "batch.name", "a batch's name is not empty"));
    case F_SHA256:
        m->has_sha256 = true;
        return read_sha256(r, m->sha256, err);
    case F_SIZE:
        m->has_size = true;
        return json_read_uint(r, UINT64_MAX, &m->size, err);
    case F_VERIFIER:
        return doc_text(r, m->verifier, sizeof m->verifier, err);
    case F_PARAMS:
        return copy_value(r, &m->params, true, err);
    case F_EXPECT:
        return copy_value(r, &m->expect, false, err);
    default: /* F_COVARIATES */
        return copy_value(r, &m->covariates, true, err);
    }
}

bool batch_manifest_read(JsonSource from, BatchManifest *ret, CvkErr *err) {
    static const DocObject kind = {field_names, FIELDS_N, (1u << FIELDS_N) - 1, false, read_field};
    BatchManifest m = {.params = CVK_BUF(LIMIT_MARKET_MANIFEST),
                       .covariates = CVK_BUF(LIMIT_MARKET_MANIFEST),
                       .expect = CVK_BUF(LIMIT_MARKET_MANIFEST)};
    JsonReader *r = json_reader_new(from, LIMIT_MARKET_MANIFEST, err);
    bool ok = r != NULL && doc_object(r, &kind, &m, err) && json_read_end(r, err) &&
              (m.covariates.n == 0 || covariates_each(m.covariates.data, seen, NULL, err));
    json_reader_free(r);
    if (!ok) {
        batch_manifest_done(&m);
        return false;
    }
    *ret = m;
    return true;
}

void batch_manifest_done(BatchManifest *m) {
    cvk_buf_done(&m->params);
    cvk_buf_done(&m->covariates);
    cvk_buf_done(&m->expect);
}
