#include "format/handover.h"

#include "codec/json_write.h"
#include "format/doc.h"

#include <string.h>

static bool end_line(JsonWriter *w, FILE *out, CvkErr *err) {
    json_object_end(w);
    return json_finish(w, err) &&
           (putc('\n', out) != EOF || cvk_fail_errno(err, "file.write", "cannot write"));
}

static bool read_line(const char *line, size_t n, const DocObject *kind, void *ctx, CvkErr *err) {
    JsonMemory memory = {.data = line, .n = n};
    JsonReader *r = json_reader_new(json_from_memory(&memory), n, err);
    bool ok = r != NULL && doc_object(r, kind, ctx, err) && json_read_end(r, err);
    json_reader_free(r);
    return ok;
}

/* ---- private parts ---- */

bool private_part_write(FILE *out, const PrivatePart *p, CvkErr *err) {
    JsonWriter w = JSON_WRITER(json_to_file(out), 0);
    json_object_begin(&w);
    json_put_key(&w, "entry");
    json_put_uint(&w, p->entry);
    json_put_key(&w, "salt");
    json_put_hex(&w, p->salt, sizeof p->salt);
    json_put_key(&w, "part");
    json_put_str(&w, p->part);
    return end_line(&w, out, err);
}

static bool part_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    PrivatePart *p = ctx;
    switch (which) {
    case 0:
        return json_read_uint(r, UINT64_MAX, &p->entry, err);
    case 1:
        return doc_hex(r, p->salt, sizeof p->salt, err);
    default:
        return doc_text(r, p->part, sizeof p->part, err);
    }
}

bool private_part_read(const char *line, size_t n, PrivatePart *ret, CvkErr *err) {
    static const char *const names[] = {"entry", "salt", "part"};
    static const DocObject kind = {.names = names, .n = 3, .field = part_field};
    if (!read_line(line, n, &kind, ret, err))
        return false;
    ret->part_n = strlen(ret->part);
    return true;
}

/* ---- invitations ---- */

bool invitation_line_write(FILE *out, const InvitationLine *i, CvkErr *err) {
    JsonWriter w = JSON_WRITER(json_to_file(out), 0);
    json_object_begin(&w);
    json_put_key(&w, "address");
    json_put_hex(&w, i->address, sizeof i->address);
    json_put_key(&w, "identity");
    json_put_str(&w, i->identity);
    json_put_key(&w, "created_ms");
    json_put_int(&w, i->created_ms);
    return end_line(&w, out, err);
}

static bool invitation_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    InvitationLine *i = ctx;
    uint64_t ms;
    switch (which) {
    case 0:
        return doc_hex(r, i->address, sizeof i->address, err);
    case 1:
        return doc_text(r, i->identity, sizeof i->identity, err);
    default:
        if (!json_read_uint(r, INT64_MAX, &ms, err))
            return false;
        i->created_ms = (int64_t)ms;
        return true;
    }
}

bool invitation_line_read(const char *line, size_t n, InvitationLine *ret, CvkErr *err) {
    static const char *const names[] = {"address", "identity", "created_ms"};
    static const DocObject kind = {.names = names, .n = 3, .field = invitation_field};
    return read_line(line, n, &kind, ret, err);
}
