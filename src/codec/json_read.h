/* A capped pull reader for JSON (RFC 8259), for large documents of strangers: nothing is built,
 * memory is one window of input (64 KiB) in which every token is decoded in place. Small documents
 * may go through jansson instead (codec users in api/, client/ and cli/).
 *
 * The caller says what it expects next; the first thing that does not fit ends the reading: every
 * later call fails with the same error, so errors need be looked at only once per step that
 * matters. Strict: UTF-8 checked, lone surrogates and encoded zero bytes refused, no trailing
 * commas, nothing after the document but whitespace. Duplicate keys are not looked for (the caller
 * knows its keys). Names are chosen to be usable beside jansson, whose json_* symbols these must
 * not shadow.
 *
 * Errors: CVK_EBADREQ with id "json.syntax" (not JSON), "json.utf8" (text that is not Unicode),
 * "json.type" (JSON, but not what was asked for); CVK_ELIMIT with "json.depth" (LIMIT_JSON_DEPTH),
 * "json.string" (a string longer than LIMIT_JSON_STRING, or a number's text), "json.size"; and
 * whatever the source fails with. Messages name the place: "line 3, column 14 (byte 120): ...";
 * lines and columns count from 1, columns in bytes; the byte counts from 0.
 *
 * Calls that break the order below (a value where a key is due) are bugs of the caller and assert.
 * Threads: a reader belongs to one thread. */
#pragma once

#include "base/err.h"
#include "codec/json_source.h"

#include <stddef.h>
#include <stdint.h>

typedef enum {
    JSON_TYPE_OBJECT,
    JSON_TYPE_ARRAY,
    JSON_TYPE_STRING,
    JSON_TYPE_NUMBER,
    JSON_TYPE_BOOL,
    JSON_TYPE_NULL
} JsonType;

typedef struct JsonReader JsonReader;

/* `max` caps the document's bytes. The source must outlive the reader. NULL: out of memory. */
JsonReader *json_reader_new(JsonSource source, size_t max, CvkErr *err) MUST_USE;
JsonReader *json_reader_free(JsonReader *r); /* NULL is fine; returns NULL */

static inline void json_reader_free_at(JsonReader **at) {
    *at = json_reader_free(*at);
}

/* What comes next (whitespace skipped), without taking it. */
bool json_read_peek(JsonReader *r, JsonType *ret, CvkErr *err) MUST_USE;

/* Objects: enter, then json_read_key until it gives NULL (which also leaves the object). The key is
 * valid until the next call; its value must be read or skipped before the next json_read_key. */
bool json_read_object(JsonReader *r, CvkErr *err) MUST_USE;
bool json_read_key(JsonReader *r, const char **ret_key, CvkErr *err) MUST_USE;

/* Arrays: enter, then json_read_more until it says false (which also leaves the array); after a
 * true one element must be read or skipped. */
bool json_read_array(JsonReader *r, CvkErr *err) MUST_USE;
bool json_read_more(JsonReader *r, bool *ret_more, CvkErr *err) MUST_USE;

/* A string, escapes decoded; *ret and *ret_n are valid until the next call, zero-terminated too. */
bool json_read_string(JsonReader *r, const char **ret, size_t *ret_n, CvkErr *err) MUST_USE;

/* A number as the document writes it, checked for its grammar only; valid until the next call, NOT
 * zero-terminated. */
bool json_read_number(JsonReader *r, const char **ret, size_t *ret_n, CvkErr *err) MUST_USE;

/* An integer without fraction or exponent in [0, max] ("-0" is refused), or in int64_t's range. */
bool json_read_uint(JsonReader *r, uint64_t max, uint64_t *ret, CvkErr *err) MUST_USE;
bool json_read_int(JsonReader *r, int64_t *ret, CvkErr *err) MUST_USE;

bool json_read_bool(JsonReader *r, bool *ret, CvkErr *err) MUST_USE;
bool json_read_null(JsonReader *r, CvkErr *err) MUST_USE;
bool json_read_skip(JsonReader *r,
                    CvkErr *err) MUST_USE; /* one value of any type, with all inside it */

/* Nothing but whitespace follows. */
bool json_read_end(JsonReader *r, CvkErr *err) MUST_USE;

/* Fails with the place of the last token put before the message: for what is well-formed JSON and
 * yet wrong. Ends the reading like any other error; returns false. */
bool json_read_fail(JsonReader *r, CvkErr *err, CvkCode code, const char *id, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
