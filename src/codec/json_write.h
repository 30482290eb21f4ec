/* A streaming JSON writer: values go out as they come, through a sink; commas, indentation and
 * escaping are its work. Compact, or pretty with a number of spaces, like serde_json's and Python's
 * (an item a line, "key": value, [] and {}); text stays UTF-8.
 *
 * USAGE:  JsonWriter w = JSON_WRITER(sink, 0);
 *         json_object_begin(&w); json_put_key(&w, "n"); json_put_uint(&w, 3); json_object_end(&w);
 *         if (!json_finish(&w, err)) ...
 * Errors of the sink are kept and told by json_finish; calls in between need no check. Misuse (a
 * value without a key in an object, unbalanced ends) is a bug and asserts. LIMITATIONS: strings
 * must be UTF-8 (invalid bytes are written as U+FFFD); depth LIMIT_JSON_DEPTH. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct {
    bool (*write)(void *ctx, const void *data, size_t n, CvkErr *err);
    void *ctx;
} JsonSink;

typedef struct {
    JsonSink sink;
    unsigned indent; /* spaces a level; 0 = compact */
    unsigned depth;
    struct {
        bool object, has_items, has_key;
    } level[LIMIT_JSON_DEPTH + 1]; /* level[0] is the document itself */
    bool failed;
    CvkErr err;
    char out[4096]; /* not yet given to the sink */
    size_t out_n;
} JsonWriter;

#define JSON_WRITER(to, spaces) ((JsonWriter){.sink = (to), .indent = (spaces)})

void json_object_begin(JsonWriter *w);
void json_object_end(JsonWriter *w);
void json_array_begin(JsonWriter *w);
void json_array_end(JsonWriter *w);
void json_put_key(JsonWriter *w, const char *key);
void json_put_str(JsonWriter *w, const char *s);
void json_put_strn(JsonWriter *w, const char *s, size_t n);
void json_put_uint(JsonWriter *w, uint64_t v);
void json_put_int(JsonWriter *w, int64_t v);
void json_put_bool(JsonWriter *w, bool v);
void json_put_null(JsonWriter *w);
/* A number as a document writes it: what json_read_number gives. */
void json_put_number(JsonWriter *w, const char *text, size_t n);
void json_put_hex(JsonWriter *w, const uint8_t *bytes, size_t n); /* "0x" + lower-case digits */

/* A key and its value. */
void json_field_str(JsonWriter *w, const char *key, const char *s);
void json_field_uint(JsonWriter *w, const char *key, uint64_t v);
void json_field_int(JsonWriter *w, const char *key, int64_t v);
void json_field_bool(JsonWriter *w, const char *key, bool v);
void json_field_hex(JsonWriter *w, const char *key, const uint8_t *bytes, size_t n);

/* Flushes. False: some write failed, *err says why. The document has no newline at its end. */
bool json_finish(JsonWriter *w, CvkErr *err) MUST_USE;

/* Ready sinks. */
JsonSink json_to_buf(CvkBuf *b);
JsonSink json_to_file(FILE *file); /* the caller flushes, looks for errors and closes */
