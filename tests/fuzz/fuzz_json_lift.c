#include "base/buf.h"
#include "codec/json_lift.h"
#include "codec/json_read.h"
#include "fuzz/fuzz.h"

#include <stdio.h>

static bool collect(void *ctx, const char *text, size_t n, CvkErr *err) {
    CvkBuf *to = ctx;
    assert(n != 0);
    return cvk_buf_add(to, text, n, err);
}

typedef struct {
    bool is_json; /* within the reader's own limits of depth and size */
    bool has_limit;
    CvkBuf value; /* of the strings that are k in the outermost object */
} Read;

static bool add_value(JsonReader *r, const char *key, Read *to, CvkErr *err) {
    JsonType type;
    const char *text;
    size_t n;
    if (strcmp(key, "k") != 0 || !json_read_peek(r, &type, err) || type != JSON_TYPE_STRING)
        return json_read_skip(r, err);
    return json_read_string(r, &text, &n, err) && cvk_buf_add(&to->value, text, n, err);
}

static bool read_members(JsonReader *r, Read *to, CvkErr *err) {
    const char *at;
    char key[2];
    bool ok = json_read_object(r, err);
    while (ok && (ok = json_read_key(r, &at, err)) && at != NULL) {
        snprintf(key, sizeof key, "%s", strlen(at) == 1 ? at : "");
        ok = add_value(r, key, to, err);
    }
    return ok;
}

static void read_document(const char *text, size_t n, Read *to) {
    CvkErr err = {.code = CVK_OK};
    JsonMemory m = {.data = text, .n = n};
    JsonType type;
    JsonReader *r = json_reader_new(json_from_memory(&m), n + 1, &err);
    assert(r != NULL);
    *to = (Read){.value = CVK_BUF(n + 1)};
    bool ok = json_read_peek(r, &type, &err) &&
              (type == JSON_TYPE_OBJECT ? read_members(r, to, &err) : json_read_skip(r, &err));
    to->is_json = ok && json_read_end(r, &err);
    to->has_limit = err.code == CVK_ELIMIT;
    json_reader_free(r);
}

/* The first byte says in what pieces the rest arrives. What is left is JSON exactly if the whole
 * is, and what was lifted is what a reader of the whole finds there. */
void fuzz_one(const uint8_t *data, size_t n) {
    if (n == 0)
        return;
    CvkErr err;
    size_t piece = data[0] + (size_t)1, rest_n;
    const char *text = (const char *)data + 1;
    n--;
    CvkBuf lifted = CVK_BUF(n + 1);
    JsonLiftTo to = {.key = "k", .piece = collect, .ctx = &lifted, .rest_max = n + 1};
    JsonLift *l = json_lift_new(&to, &err);
    assert(l != NULL);
    bool ok = true;
    for (size_t at = 0; at < n && ok; at += piece)
        ok = json_lift_add(l, text + at, n - at < piece ? n - at : piece, &err);
    Read whole, left;
    const char *rest = json_lift_rest(l, &rest_n);
    read_document(text, n, &whole);
    read_document(rest, rest_n, &left);
    if (!whole.has_limit && !left.has_limit)
        assert(whole.is_json == (ok && left.is_json));
    if (whole.is_json)
        assert(lifted.n == whole.value.n &&
               (lifted.n == 0 || memcmp(lifted.data, whole.value.data, lifted.n) == 0));
    cvk_buf_done(&lifted);
    cvk_buf_done(&whole.value);
    cvk_buf_done(&left.value);
    json_lift_free(l);
}
