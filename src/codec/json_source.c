#include "codec/json_source.h"

#include <string.h>

static bool read_memory(void *ctx, void *into, size_t cap, size_t *ret_n, CvkErr *err) {
    (void)err;
    JsonMemory *m = ctx;
    size_t n = m->n - m->at < cap ? m->n - m->at : cap;
    if (n != 0)
        memcpy(into, m->data + m->at, n);
    m->at += n;
    *ret_n = n;
    return true;
}

JsonSource json_from_memory(JsonMemory *m) {
    return (JsonSource){.read = read_memory, .ctx = m};
}

static bool read_file(void *ctx, void *into, size_t cap, size_t *ret_n, CvkErr *err) {
    FILE *file = ctx;
    size_t n = fread(into, 1, cap, file);
    if (n == 0 && ferror(file))
        return cvk_fail_errno(err, "file.read", "cannot read the document");
    *ret_n = n;
    return true;
}

JsonSource json_from_file(FILE *file) {
    return (JsonSource){.read = read_file, .ctx = file};
}

static bool read_peeked(void *ctx, void *into, size_t cap, size_t *ret_n, CvkErr *err) {
    JsonPeek *p = ctx;
    if (p->first < 0 || cap == 0)
        return p->from.read(p->from.ctx, into, cap, ret_n, err);
    *(unsigned char *)into = (unsigned char)p->first;
    p->first = -1;
    *ret_n = 1;
    return true;
}

bool json_source_peek(JsonSource from, JsonPeek *p, JsonSource *ret, int *ret_first, CvkErr *err) {
    unsigned char first;
    size_t n;
    if (!from.read(from.ctx, &first, 1, &n, err))
        return false;
    *p = (JsonPeek){.from = from, .first = n == 1 ? first : -1};
    *ret_first = p->first;
    *ret = (JsonSource){.read = read_peeked, .ctx = p};
    return true;
}
