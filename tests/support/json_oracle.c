#include "support/json_oracle.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "codec/json_read.h"
#include "support/chunks.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>

/* The document as jansson would have it, read by us. */
typedef struct {
    JsonReader *r;
    CvkErr err;
    bool beyond; /* some number is beyond int64 or double: jansson will refuse */
} Reading;

static json_t *read_value(Reading *in);

static json_t *read_number(Reading *in) {
    const char *digits;
    size_t n;
    char text[LIMIT_JSON_STRING + 1];
    if (!json_read_number(in->r, &digits, &n, &in->err))
        return NULL;
    memcpy(text, digits, n);
    text[n] = '\0';
    errno = 0;
    if (strpbrk(text, ".eE") == NULL) {
        long long v = strtoll(text, NULL, 10);
        in->beyond |= errno == ERANGE;
        return json_integer(v);
    }
    double v = strtod(text, NULL);
    in->beyond |= isinf(v);
    return isinf(v) ? json_null() : json_real(v);
}

static json_t *read_array(Reading *in) {
    json_t *array = json_array();
    bool more, ok = json_read_array(in->r, &in->err);
    while (ok && (ok = json_read_more(in->r, &more, &in->err)) && more)
        ok = json_array_append_new(array, read_value(in)) == 0;
    if (ok)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *read_object(Reading *in) {
    json_t *object = json_object();
    const char *key;
    bool ok = json_read_object(in->r, &in->err);
    while (ok && (ok = json_read_key(in->r, &key, &in->err)) && key != NULL) {
        char name[LIMIT_JSON_STRING + 1];
        snprintf(name, sizeof name, "%s", key);
        ok = json_object_set_new(object, name, read_value(in)) == 0;
    }
    if (ok)
        return object;
    json_decref(object);
    return NULL;
}

/* Recursive: the reader's own cap on depth bounds it. */
static json_t *read_value(Reading *in) {
    JsonType type;
    const char *text;
    size_t n;
    bool yes;
    if (!json_read_peek(in->r, &type, &in->err))
        return NULL;
    switch (type) {
    case JSON_TYPE_OBJECT:
        return read_object(in);
    case JSON_TYPE_ARRAY:
        return read_array(in);
    case JSON_TYPE_STRING:
        return json_read_string(in->r, &text, &n, &in->err) ? json_stringn(text, n) : NULL;
    case JSON_TYPE_NUMBER:
        return read_number(in);
    case JSON_TYPE_BOOL:
        return json_read_bool(in->r, &yes, &in->err) ? json_boolean(yes) : NULL;
    case JSON_TYPE_NULL:
        return json_read_null(in->r, &in->err) ? json_null() : NULL;
    }
    return NULL;
}

static const char *compare(const Reading *in, const json_t *ours, const char *text, size_t n) {
    json_error_t error;
    json_t *theirs = json_loadb(n == 0 ? "" : text, n, JSON_DECODE_ANY, &error);
    const char *complaint = NULL;
    if (ours == NULL && in->err.code == CVK_ELIMIT)
        complaint = NULL;
    else if (n != 0 && memchr(text, '\0', n) != NULL)
        complaint = ours != NULL ? "a zero byte was accepted" : NULL;
    else if (in->beyond)
        complaint = theirs != NULL ? "a number beyond the range was taken by jansson" : NULL;
    else if ((ours == NULL) != (theirs == NULL))
        complaint = ours == NULL ? "only jansson accepts" : "only our reader accepts";
    else if (ours != NULL && !json_equal(ours, theirs))
        complaint = "the values differ";
    json_decref(theirs);
    return complaint;
}

/* Skipping must accept and refuse what reading does. */
static const char *compare_skip(bool accepted, const char *text, size_t n, size_t piece) {
    Chunks chunks = {.data = text, .n = n, .piece = piece};
    _cleanup_(json_reader_free_at) JsonReader *r =
        json_reader_new((JsonSource){chunks_read, &chunks}, n, NULL);
    bool skipped = json_read_skip(r, NULL) && json_read_end(r, NULL);
    return skipped == accepted ? NULL : "skipping and reading differ";
}

JsonJudgement json_oracle(const char *text, size_t n, size_t piece) {
    Chunks chunks = {.data = text, .n = n, .piece = piece};
    _cleanup_(json_reader_free_at) JsonReader *r =
        json_reader_new((JsonSource){chunks_read, &chunks}, n, NULL);
    Reading in = {.r = r};
    json_t *ours = read_value(&in);
    if (ours != NULL && !json_read_end(r, &in.err)) {
        json_decref(ours);
        ours = NULL;
    }
    JsonJudgement j = {.accepted = ours != NULL, .complaint = compare(&in, ours, text, n)};
    json_decref(ours);
    if (j.complaint == NULL)
        j.complaint = compare_skip(j.accepted, text, n, piece);
    return j;
}
