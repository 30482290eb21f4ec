/* Lifts one string out of a JSON document while it arrives: the value of a key of the outermost
 * object, which may be as long as it likes, is given away in pieces; what is left is small and kept
 * as a document of its own, with "" in the string's place.
 *
 * What is left is a JSON document exactly if the whole was one: nothing else is judged here, and a
 * JsonReader does the rest. If the key is there twice both strings are given away, and both keys
 * are left to be seen.
 * Threads: one at a time. */
#pragma once

#include "base/err.h"

#include <stddef.h>

typedef struct {
    const char *key;
    /* More of the string, escapes decoded, n > 0. False ends everything. */
    bool (*piece)(void *ctx, const char *text, size_t n, CvkErr *err);
    void *ctx;
    size_t rest_max; /* bytes that may be left (blanks in a row count as one) */
} JsonLiftTo;

typedef struct JsonLift JsonLift;

JsonLift *json_lift_new(const JsonLiftTo *to, CvkErr *err) MUST_USE;
JsonLift *json_lift_free(JsonLift *l); /* NULL is fine; returns NULL */

/* The document's next bytes. False, and again in all later calls: CVK_EBADREQ "json.syntax" or
 * "json.utf8" (in the lifted string), CVK_ELIMIT "limit.buffer" (rest_max), or what `piece` failed
 * with. */
bool json_lift_add(JsonLift *l, const char *data, size_t n, CvkErr *err) MUST_USE;

/* What is left, zero-terminated, after the last byte; the lift's own. */
const char *json_lift_rest(const JsonLift *l, size_t *ret_n);
