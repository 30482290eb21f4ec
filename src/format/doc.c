#include "format/doc.h"

#include "base/alloc.h"
#include "base/hex.h"

#include <assert.h>
#include <string.h>

DocFault doc_fault(const CvkErr *err) {
    static const struct {
        const char *id;
        DocFault fault;
    } faults[] = {
        {"json.syntax", DOC_NOT_JSON},     {"json.utf8", DOC_NOT_JSON},
        {"json.depth", DOC_NOT_JSON},      {"json.type", DOC_WRONG_SHAPE},
        {"json.string", DOC_WRONG_SHAPE},  {"doc.field", DOC_WRONG_SHAPE},
        {"doc.hex", DOC_WRONG_SHAPE},      {"doc.count", DOC_WRONG_SHAPE},
        {"doc.limit", DOC_WRONG_SHAPE},    {"json.size", DOC_TOO_LONG},
        {"binary.syntax", DOC_NOT_BINARY}, {"binary.length", DOC_NOT_BINARY},
        {"binary.limit", DOC_WRONG_SHAPE},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (strcmp(err->id, faults[i].id) == 0)
            return faults[i].fault;
    return DOC_NO_FAULT;
}

static size_t find_name(const DocObject *kind, const char *key) {
    size_t i = 0;
    while (i < kind->n && strcmp(kind->names[i], key) != 0)
        i++;
    return i;
}

static bool read_field(JsonReader *r, const DocObject *kind, const char *key, uint32_t *seen,
                       void *ctx, CvkErr *err) {
    size_t which = find_name(kind, key);
    if (which == kind->n) {
        if (kind->open)
            return json_read_skip(r, err);
        return json_read_fail(r, err, CVK_EBADREQ, "doc.field", "unknown field `%.64s`", key);
    }
    if ((*seen >> which & 1) != 0)
        return json_read_fail(r, err, CVK_EBADREQ, "doc.field", "duplicate field `%s`",
                              kind->names[which]);
    *seen |= UINT32_C(1) << which;
    return kind->field(r, which, ctx, err);
}

bool doc_object(JsonReader *r, const DocObject *kind, void *ctx, CvkErr *err) {
    assert(kind->n <= 32);
    uint32_t seen = 0;
    const char *key;
    if (!json_read_object(r, err))
        return false;
    for (;;) {
        if (!json_read_key(r, &key, err))
            return false;
        if (key == NULL)
            break;
        if (!read_field(r, kind, key, &seen, ctx, err))
            return false;
    }
    for (size_t i = 0; i < kind->n; i++)
        if (((seen | kind->optional) >> i & 1) == 0)
            return json_read_fail(r, err, CVK_EBADREQ, "doc.field", "missing field `%s`",
                                  kind->names[i]);
    return true;
}

static bool grow(DocList *list, CvkErr *err) {
    size_t cap = list->cap == 0 ? 64 : 2 * list->cap;
    if (cap > list->max)
        cap = list->max;
    void *items = cvk_try_alloc(cap, list->item_size, list->max, err);
    if (items == NULL)
        return false;
    if (list->n != 0)
        memcpy(items, list->items, list->n * list->item_size);
    free(list->items);
    list->items = items;
    list->cap = cap;
    return true;
}

void *doc_list_add(DocList *list, CvkErr *err) {
    if (list->n == list->max) {
        cvk_fail(err, CVK_ELIMIT, "doc.limit", "a list of more than %zu items", list->max);
        return NULL;
    }
    if (list->n == list->cap && !grow(list, err))
        return NULL;
    return (uint8_t *)list->items + list->n++ * list->item_size;
}

bool doc_list(JsonReader *r, DocList *list, bool (*item)(JsonReader *r, void *into, CvkErr *err),
              CvkErr *err) {
    bool more;
    if (!json_read_array(r, err))
        return false;
    while (json_read_more(r, &more, err)) {
        if (!more)
            return true;
        if (list->n == list->max)
            return json_read_fail(r, err, CVK_ELIMIT, "doc.limit", "a list of more than %zu items",
                                  list->max);
        void *into = doc_list_add(list, err);
        if (into == NULL || !item(r, into, err))
            return false;
    }
    return false;
}

static bool decode_hex(JsonReader *r, const char *text, size_t text_n, uint8_t *ret, size_t n,
                       CvkErr *err) {
    if (text_n != 2 + 2 * n)
        return json_read_fail(r, err, CVK_EBADREQ, "doc.hex", "input length must equal %zu",
                              2 + 2 * n);
    if (memcmp(text, "0x", 2) != 0)
        return json_read_fail(r, err, CVK_EBADREQ, "doc.hex", "hex string must start with `0x`");
    if (!cvk_hex_decode(text + 2, n, ret))
        return json_read_fail(r, err, CVK_EBADREQ, "doc.hex",
                              "hex string must contain only lower-case hex digits");
    return true;
}

bool doc_text(JsonReader *r, char *ret, size_t cap, CvkErr *err) {
    const char *text;
    size_t n;
    if (!json_read_string(r, &text, &n, err))
        return false;
    if (n >= cap)
        return json_read_fail(r, err, CVK_EBADREQ, "doc.limit", "the string is too long");
    memcpy(ret, text, n + 1);
    return true;
}

bool doc_hex(JsonReader *r, uint8_t *ret, size_t n, CvkErr *err) {
    const char *text;
    size_t text_n;
    return json_read_string(r, &text, &text_n, err) && decode_hex(r, text, text_n, ret, n, err);
}

bool doc_hex_or_none(JsonReader *r, uint8_t *ret, size_t n, bool *ret_present, CvkErr *err) {
    JsonType type;
    const char *text;
    size_t text_n;
    *ret_present = false;
    if (!json_read_peek(r, &type, err))
        return false;
    if (type == JSON_TYPE_NULL)
        return json_read_null(r, err);
    if (!json_read_string(r, &text, &text_n, err))
        return false;
    if (text_n == 0)
        return true;
    *ret_present = true;
    return decode_hex(r, text, text_n, ret, n, err);
}
