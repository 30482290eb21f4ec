#include "base/alloc.h"
#include "base/file.h"
#include "base/le.h"
#include "base/limits.h"
#include "format/sections.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

struct SectionWriter {
    CvkFileOut out;
    uint64_t at; /* where the next byte goes */
    uint32_t sections, n;
    bool open; /* the last section has not ended */
    struct {
        uint32_t type;
        uint64_t from, n;
    } done[LIMIT_SECTIONS];
};

static bool put(void *ctx, const void *data, size_t n, CvkErr *err) {
    SectionWriter *w = ctx;
    CvkSink file = cvk_sink_file(&w->out);
    w->at += n;
    return cvk_sink_write(&file, data, n, err);
}

bool section_writer_open(const char *path, const SectionKind *kind, uint32_t sections,
                         SectionWriter **ret, CvkErr *err) {
    assert(sections <= LIMIT_SECTIONS);
    SectionWriter *w = cvk_alloc(1, sizeof *w, err);
    if (w == NULL)
        return false;
    w->sections = sections;
    uint8_t head[12];
    memcpy(head, kind->magic, 4);
    cvk_put_le32(kind->version_written, head + 4);
    cvk_put_le32(sections, head + 8);
    if (!cvk_file_out_open(&w->out, path, 0644, err) || !put(w, head, sizeof head, err)) {
        section_writer_abandon(w);
        return false;
    }
    *ret = w;
    return true;
}

/* Ends the open section, if there is one: fills in its size. */
static bool end(SectionWriter *w, CvkErr *err) {
    if (!w->open)
        return true;
    w->open = false;
    uint32_t i = w->n - 1;
    uint8_t size[8];
    w->done[i].n = w->at - w->done[i].from;
    cvk_put_le64(w->done[i].n, size);
    ssize_t written = 0;
    if (fflush(w->out.f) == 0)
        written = pwrite(fileno(w->out.f), size, sizeof size, (off_t)w->done[i].from - 8);
    return written == (ssize_t)sizeof size ||
           cvk_file_cannot(err, "file.write", "write", w->out.path);
}

bool section_writer_begin(SectionWriter *w, uint32_t type, CvkSink *ret, CvkErr *err) {
    assert(w->n < w->sections);
    uint8_t head[12] = {0};
    cvk_put_le32(type, head);
    if (!end(w, err) || !put(w, head, sizeof head, err))
        return false;
    w->done[w->n].type = type;
    w->done[w->n].from = w->at;
    w->n++;
    w->open = true;
    *ret = (CvkSink){.write = put, .ctx = w};
    return true;
}

bool section_writer_read(SectionWriter *w, uint32_t type, CvkSource *ret, CvkErr *err) {
    uint32_t i = 0;
    while (i < w->n && w->done[i].type != type)
        i++;
    assert(i < w->n);
    return end(w, err) && cvk_file_out_read(&w->out, w->done[i].from, w->done[i].n, ret, err);
}

bool section_writer_commit(SectionWriter *w, CvkErr *err) {
    assert(w->n == w->sections);
    bool ok = end(w, err) && cvk_file_out_commit(&w->out, err);
    section_writer_abandon(w);
    return ok;
}

SectionWriter *section_writer_abandon(SectionWriter *w) {
    if (w != NULL)
        cvk_file_out_abandon(&w->out);
    free(w);
    return NULL;
}

bool section_copy(SectionWriter *w, const SectionFile *from, uint32_t type, CvkErr *err) {
    CvkSource s;
    CvkSink to;
    return section_need(from, type, ANY_SIZE, &s, err) && section_writer_begin(w, type, &to, err) &&
           cvk_source_copy(&s, &to, err);
}
