/* What the readers of our JSON documents share: objects by a table of fields, lists that grow with
 * what really arrives (never by a number that a peer wrote), hex straight into bytes.
 *
 * ERRORS. A document can be bad in three ways, told apart by the error's id; the original server
 * answers each with a status of its own (format/kzg_errors.h):
 * - not JSON:     "json.syntax", "json.utf8", "json.depth"
 * - wrong shape:  "json.type", "json.string", and from here "doc.field" (unknown, twice, missing),
 *                 "doc.hex", "doc.count" (numbers that contradict each other), "doc.limit"
 * - too long:     "json.size"
 * and a document in the binary form (format/kzg_binary.h):
 * - not that form: "binary.syntax" (what it begins with, a flag), "binary.length"; its shape is
 *                  wrong: "binary.limit"
 * Any other id is no fault of the document. Threads: as the JsonReader. */
#pragma once

#include "base/err.h"
#include "codec/json_read.h"

#include <stddef.h>
#include <stdint.h>

typedef enum { DOC_NO_FAULT, DOC_NOT_JSON, DOC_NOT_BINARY, DOC_WRONG_SHAPE, DOC_TOO_LONG } DocFault;
DocFault doc_fault(const CvkErr *err);

/* The fields of one kind of object: at most 32 names. */
typedef struct {
    const char *const *names;
    size_t n;
    uint32_t optional; /* bit i: names[i] may be absent */
    bool open;         /* unknown fields are ignored, not refused */
    /* Reads the value of names[which]. */
    bool (*field)(JsonReader *r, size_t which, void *ctx, CvkErr *err);
} DocObject;

/* Reads an object: every field at most once, all but the optional ones present. */
bool doc_object(JsonReader *r, const DocObject *kind, void *ctx, CvkErr *err) MUST_USE;

/* A list under way: `n` items at `items`, NULL while there is none. The caller sets item_size and
 * max, and frees items, after a failure too. */
typedef struct {
    void *items;
    size_t n, cap, item_size, max;
} DocList;

/* Room for one more, zeroed, at the end. NULL: "doc.limit" or out of memory. Pointers into the list
 * are invalid afterwards. */
void *doc_list_add(DocList *list, CvkErr *err) MUST_USE;

/* Reads an array, item by item. */
bool doc_list(JsonReader *r, DocList *list, bool (*item)(JsonReader *r, void *into, CvkErr *err),
              CvkErr *err) MUST_USE;

/* A string of at most cap - 1 bytes, zero-terminated in ret; longer: "doc.limit". */
bool doc_text(JsonReader *r, char *ret, size_t cap, CvkErr *err) MUST_USE;

/* A string of "0x" and 2n lower-case digits. The texts of its errors are the original server's. */
bool doc_hex(JsonReader *r, uint8_t *ret, size_t n, CvkErr *err) MUST_USE;

/* The same, or "" or null for what is absent. */
bool doc_hex_or_none(JsonReader *r, uint8_t *ret, size_t n, bool *ret_present,
                     CvkErr *err) MUST_USE;
