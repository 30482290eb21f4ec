/* A capped pull reader for JSON (RFC 8259), for large documents of strangers: nothing is built,
 * memory is one window of input and one string. Small documents may go through jansson instead
 * (codec users in api/, client/ and cli/).
 *
 * The caller says what it expects next; the first thing that does not fit ends the reading: every
 * later call fails with the same error, so errors need be looked at only once per step that
 * matters. Strict: UTF-8 checked, no duplicate keys check (the caller knows its keys), no trailing
 * commas, no bytes after the document but whitespace.
 *
 * Errors: CVK_EBADREQ with id "json.syntax", "json.type", "json.utf8"; CVK_ELIMIT with
 * "json.depth", "json.string", "json.size". Messages name the place: "line 3, column 14 (byte 120):
 * ...". Threads: a reader belongs to one thread. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef enum { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER, JSON_BOOL, JSON_NULL } JsonType;

/* Gives up to `cap` further bytes; *ret_n = 0 at the end. False: *err says why the source failed.
 */
typedef struct {
    bool (*read)(void *ctx, void *into, size_t cap, size_t *ret_n, CvkErr *err);
    void *ctx;
} JsonSource;

typedef struct JsonReader JsonReader;

/* `max` caps the document's bytes. */
JsonReader *json_reader_new(JsonSource source, size_t max, CvkErr *err) MUST_USE;
JsonReader *json_reader_free(JsonReader *r);

/* What comes next (whitespace skipped), without taking it. */
bool json_peek(JsonReader *r, JsonType *ret, CvkErr *err) MUST_USE;

/* Objects: enter, then json_key until it gives NULL (which also leaves the object). The key is
 * valid until the next call; its value must be read or skipped before the next json_key. */
bool json_enter_object(JsonReader *r, CvkErr *err) MUST_USE;
bool json_key(JsonReader *r, const char **ret_key, CvkErr *err) MUST_USE;

/* Arrays: enter, then json_more until it says false (which also leaves the array); after a true one
 * element must be read or skipped. */
bool json_enter_array(JsonReader *r, CvkErr *err) MUST_USE;
bool json_more(JsonReader *r, bool *ret_more, CvkErr *err) MUST_USE;

/* A string, escapes decoded; *ret and *ret_n are valid until the next call, zero-terminated too. An
 * encoded zero byte is refused ("json.syntax"). */
bool json_string(JsonReader *r, const char **ret, size_t *ret_n, CvkErr *err) MUST_USE;

/* An integer without fraction or exponent in [0, max]. */
bool json_uint(JsonReader *r, uint64_t max, uint64_t *ret, CvkErr *err) MUST_USE;
bool json_int(JsonReader *r, int64_t *ret, CvkErr *err) MUST_USE;
bool json_bool(JsonReader *r, bool *ret, CvkErr *err) MUST_USE;
bool json_null(JsonReader *r, CvkErr *err) MUST_USE;
bool json_skip(JsonReader *r, CvkErr *err) MUST_USE;

/* Nothing but whitespace follows. */
bool json_end(JsonReader *r, CvkErr *err) MUST_USE;

/* Fails with the reader's place put before the message: for what is well-formed JSON and yet wrong.
 */
bool json_fail(JsonReader *r, CvkErr *err, CvkCode code, const char *id, const char *fmt, ...)
    PRINTF_LIKE(5, 6);

/* Two ready sources: memory, and a FILE. */
typedef struct {
    const char *data;
    size_t n, at;
} JsonMemory;
JsonSource json_from_memory(JsonMemory *m);
JsonSource json_from_file(void *file /* FILE * */);
