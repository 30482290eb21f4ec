#include "market/params.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/limits.h"
#include "codec/json_relay.h"

#include <stdio.h>
#include <string.h>

bool params_read(const char *text, const DocObject *kind, void *ctx, CvkErr *err) {
    JsonMemory m = {.data = text, .n = strlen(text)};
    _cleanup_(json_reader_free_at) JsonReader *r =
        json_reader_new(json_from_memory(&m), LIMIT_VERIFY_JOB, err);
    return r != NULL && doc_object(r, kind, ctx, err) && json_read_end(r, err);
}

bool params_path(JsonReader *r, char ret[LIMIT_PATH], CvkErr *err) {
    return doc_text(r, ret, LIMIT_PATH, err) &&
           (ret[0] == '/' ||
            cvk_fail(err, CVK_EBADREQ, "params.path", "'%s' is no absolute path", ret));
}

bool params_document(JsonReader *r, CvkBuf *b, CvkErr *err) {
    JsonType type;
    char path[LIMIT_PATH];
    if (!json_read_peek(r, &type, err))
        return false;
    if (type == JSON_TYPE_STRING)
        return params_path(r, path, err) && cvk_file_read(path, b, err);
    JsonWriter w = JSON_WRITER(json_to_buf(b), 0);
    return json_relay(r, &w, err) && json_finish(&w, err);
}

ProofVerdict verdict_because(ProofVerdict verdict, const char *text, char why[VERIFIER_WHY_MAX]) {
    snprintf(why, VERIFIER_WHY_MAX, "%.*s", VERIFIER_WHY_MAX - 1, text);
    return verdict;
}
