#include "format/openings.h"

#include "base/alloc.h"
#include "format/doc.h"

#include <stdlib.h>

enum { O_PARTICIPANT, O_IDENTITY, O_SALT, O_N };
static const char *const names[O_N] = {"participant", "identity", "salt"};

void opening_write(JsonWriter *w, const Opening *o) {
    json_object_begin(w);
    json_put_key(w, names[O_PARTICIPANT]);
    json_put_uint(w, o->participant);
    json_put_key(w, names[O_IDENTITY]);
    json_put_str(w, o->identity);
    json_put_key(w, names[O_SALT]);
    json_put_hex(w, o->salt, sizeof o->salt);
    json_object_end(w);
}

static bool opening_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Opening *o = ctx;
    switch (which) {
    case O_PARTICIPANT:
        return json_read_uint(r, UINT64_MAX, &o->participant, err);
    case O_IDENTITY:
        return doc_text(r, o->identity, sizeof o->identity, err);
    default:
        return doc_hex(r, o->salt, sizeof o->salt, err);
    }
}

static bool read_opening(JsonReader *r, void *into, CvkErr *err) {
    static const DocObject kind = {.names = names, .n = O_N, .field = opening_field};
    return doc_object(r, &kind, into, err);
}

static bool ascend(JsonReader *r, const Opening *all, size_t n, CvkErr *err) {
    uint64_t before = 0;
    for (size_t i = 0; i < n; before = all[i++].participant)
        if (all[i].participant <= before)
            return json_read_fail(
                r, err, CVK_EBADREQ, "doc.field", "participant %llu stands behind participant %llu",
                (unsigned long long)all[i].participant, (unsigned long long)before);
    return true;
}

bool openings_read(JsonSource source, Opening **ret, size_t *ret_n, CvkErr *err) {
    DocList list = {.item_size = sizeof(Opening), .max = LIMIT_CONTRIBUTIONS};
    _cleanup_(json_reader_free_at) JsonReader *r = json_reader_new(source, LIMIT_JSON_FILE, err);
    if (r == NULL || !doc_list(r, &list, read_opening, err) || !json_read_end(r, err) ||
        !ascend(r, list.items, list.n, err)) {
        free(list.items);
        return false;
    }
    *ret = list.items;
    *ret_n = list.n;
    return true;
}

const Opening *openings_find(const Opening *all, size_t n, uint64_t participant) {
    while (n != 0) {
        size_t middle = n / 2;
        if (all[middle].participant == participant)
            return &all[middle];
        if (all[middle].participant < participant) {
            all += middle + 1;
            n -= middle + 1;
        } else {
            n = middle;
        }
    }
    return NULL;
}
