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
