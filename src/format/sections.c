#include "format/sections.h"

#include "base/alloc.h"
#include "base/le.h"
#include "base/limits.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FILE_HEAD 12    /* four letters, version, number of sections */
#define SECTION_HEAD 12 /* type, size */

struct SectionFile {
    CvkFileIn in; /* in.f is NULL for a file in memory */
    const SectionKind *kind;
    CvkSource whole;
    uint32_t version, n;
    struct {
        uint32_t type;
        uint64_t from, n; /* its bytes in the file */
    } at[LIMIT_SECTIONS];
};

static const char *type_name(const SectionKind *kind, uint32_t type) {
    return type < kind->types_n && kind->names[type] != NULL ? kind->names[type] : "unknown";
}

/* ---- which kind it is ---- */

const char *section_magic(const uint8_t head[4]) {
    static const char *const magics[] = {"ptau", "zkey", "r1cs", "wtns"};
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (memcmp(head, magics[i], 4) == 0)
            return magics[i];
    return NULL;
}

bool section_file_magic(const char *path, const char **ret, CvkErr *err) {
    CvkFileIn in;
    uint8_t head[4] = {0};
    if (!cvk_file_in_open(&in, path, err))
        return false;
    const CvkSource bytes = cvk_file_in_bytes(&in);
    bool ok = bytes.n < sizeof head || cvk_source_read(&bytes, 0, head, sizeof head, err);
    cvk_file_in_close(&in);
    *ret = section_magic(head);
    return ok;
}

bool section_no_magic(const CvkSource *bytes, const char *wanted, CvkErr *err) {
    uint8_t head[4] = {0};
    if (bytes->n >= sizeof head && !cvk_source_read(bytes, 0, head, sizeof head, err))
        return false;
    const char *magic = section_magic(head);
    return magic == NULL || cvk_source_fail(bytes, 0, err, "file.magic",
                                            "it is a .%s file, where %s is wanted", magic, wanted);
}

/* ---- the index ---- */

/* What is wrong with the container itself, at `at` in the file. */
static bool fail_magic(const SectionFile *f, const uint8_t *head, CvkErr *err) {
    const char *other = section_magic(head), *wanted = f->kind->magic;
    if (other != NULL)
        return cvk_source_fail(&f->whole, 0, err, "file.magic",
                               "it is a .%s file, where a .%s file is wanted", other, wanted);
    return cvk_source_fail(&f->whole, 0, err, "file.magic", "it does not begin as a .%s file does",
                           wanted);
}

static bool read_head(SectionFile *f, CvkErr *err) {
    uint8_t head[FILE_HEAD];
    if (f->whole.n < sizeof head)
        return cvk_source_fail(&f->whole, f->whole.n, err, "file.truncated",
                               "it ends where its header should be: no .%s file", f->kind->magic);
    if (!cvk_source_read(&f->whole, 0, head, sizeof head, err))
        return false;
    if (memcmp(head, f->kind->magic, 4) != 0)
        return fail_magic(f, head, err);
    f->version = cvk_le32(head + 4);
    if (f->version == 0 || f->version > f->kind->version_max)
        return cvk_source_fail(&f->whole, 4, err, "file.version",
                               "version %" PRIu32 " of .%s is not known (1 to %" PRIu32 " are)",
                               f->version, f->kind->magic, f->kind->version_max);
    f->n = cvk_le32(head + 8);
    if (f->n > LIMIT_SECTIONS)
        return cvk_source_fail(&f->whole, 8, err, "file.sections",
                               "it says that it has %" PRIu32 " sections", f->n);
    return true;
}

static bool index_of(const SectionFile *f, uint32_t n, uint32_t type, uint32_t *ret) {
    for (*ret = 0; *ret < n; ++*ret)
        if (f->at[*ret].type == type)
            return true;
    return false;
}

/* Section i, whose head is at `at`. */
static bool read_section(SectionFile *f, uint32_t i, uint64_t at, CvkErr *err) {
    uint8_t head[SECTION_HEAD];
    uint32_t before;
    if (f->whole.n - at < sizeof head)
        return cvk_source_fail(&f->whole, at, err, "file.truncated",
                               "it ends after %" PRIu32 " of its %" PRIu32 " sections", i, f->n);
    if (!cvk_source_read(&f->whole, at, head, sizeof head, err))
        return false;
    uint32_t type = cvk_le32(head);
    uint64_t size = cvk_le64(head + 4), left = f->whole.n - at - sizeof head;
    if (size > left)
        return cvk_source_fail(&f->whole, at, err, "file.truncated",
                               "section %" PRIu32 " (%s) says that it has %" PRIu64
                               " bytes, but only %" PRIu64 " follow",
                               type, type_name(f->kind, type), size, left);
    if (index_of(f, i, type, &before))
        return cvk_source_fail(&f->whole, at, err, "section.twice",
                               "section %" PRIu32 " (%s) is there twice", type,
                               type_name(f->kind, type));
    f->at[i].type = type;
    f->at[i].from = at + sizeof head;
    f->at[i].n = size;
    return true;
}

static bool read_index(SectionFile *f, CvkErr *err) {
    if (!read_head(f, err))
        return false;
    uint64_t at = FILE_HEAD;
    for (uint32_t i = 0; i < f->n; i++) {
        if (!read_section(f, i, at, err))
            return false;
        at = f->at[i].from + f->at[i].n;
    }
    return at == f->whole.n ||
           cvk_source_fail(&f->whole, at, err, "file.trailing",
                           "%" PRIu64 " bytes follow the last section", f->whole.n - at);
}

static bool finish_open(SectionFile *f, SectionFile **ret, CvkErr *err) {
    if (!read_index(f, err)) {
        section_file_close(f);
        return false;
    }
    *ret = f;
    return true;
}

bool section_file_open(const char *path, const SectionKind *kind, SectionFile **ret, CvkErr *err) {
    SectionFile *f = cvk_alloc(1, sizeof *f, err);
    if (f == NULL)
        return false;
    f->kind = kind;
    if (!cvk_file_in_open(&f->in, path, err)) {
        free(f);
        return false;
    }
    f->whole = cvk_file_in_bytes(&f->in);
    return finish_open(f, ret, err);
}

bool section_file_memory(const void *data, size_t n, const char *name, const SectionKind *kind,
                         SectionFile **ret, CvkErr *err) {
    SectionFile *f = cvk_alloc(1, sizeof *f, err);
    if (f == NULL)
        return false;
    f->kind = kind;
    snprintf(f->in.path, sizeof f->in.path, "%s", name);
    f->whole = cvk_source_memory(data, n);
    f->whole.file = f->in.path;
    return finish_open(f, ret, err);
}

SectionFile *section_file_close(SectionFile *f) {
    if (f != NULL)
        cvk_file_in_close(&f->in);
    free(f);
    return NULL;
}

/* ---- what is in it ---- */

const char *section_file_name(const SectionFile *f) {
    return f->in.path;
}

uint32_t section_file_version(const SectionFile *f) {
    return f->version;
}

uint64_t section_file_bytes(const SectionFile *f) {
    return f->whole.n;
}

bool section_find(const SectionFile *f, uint32_t type, CvkSource *ret) {
    uint32_t i;
    if (!index_of(f, f->n, type, &i))
        return false;
    *ret = cvk_source_part(&f->whole, f->at[i].from, f->at[i].n);
    return true;
}

bool section_need(const SectionFile *f, uint32_t type, uint64_t size, CvkSource *ret, CvkErr *err) {
    CvkSource s;
    if (!section_find(f, type, &s))
        return cvk_fail(err, CVK_EBADREQ, "section.missing",
                        "%s: section %" PRIu32 " (%s) is missing", CVK_SHOWN(f->in.path), type,
                        type_name(f->kind, type)) ||
               cvk_fail_in(err, f->in.path);
    if (size != ANY_SIZE && s.n != size)
        return section_fail(f, type, 0, err, "section.size",
                            "it has %" PRIu64 " bytes instead of %" PRIu64, s.n, size);
    *ret = s;
    return true;
}

bool section_fail(const SectionFile *f, uint32_t type, uint64_t at, CvkErr *err, const char *id,
                  const char *fmt, ...) {
    char text[CVK_ERR_MSG_MAX];
    uint32_t i;
    const uint64_t start = index_of(f, f->n, type, &i) ? f->at[i].from : 0;
    const CvkPlace place = cvk_place_at(f->in.path, type, start + at);
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    cvk_fail(err, CVK_EBADREQ, id, "%s: section %" PRIu32 " (%s), offset %" PRIu64 ": %s",
             place.file, type, type_name(f->kind, type), place.offset, text);
    return cvk_fail_at(err, &place);
}

/* ---- from start to end ---- */

bool section_cursor(const SectionFile *f, uint32_t type, SectionCursor *ret, CvkErr *err) {
    *ret = (SectionCursor){.file = f, .type = type};
    return section_need(f, type, ANY_SIZE, &ret->bytes, err);
}

uint64_t section_left(const SectionCursor *c) {
    return c->bytes.n - c->at;
}

CvkSpot section_spot(const SectionCursor *c) {
    return (CvkSpot){.file = c->bytes.file, .section = c->type, .offset = c->bytes.from + c->at};
}

bool section_take(SectionCursor *c, void *ret, size_t n, const char *what, CvkErr *err) {
    if (section_left(c) < n) {
        section_fail(c->file, c->type, c->at, err, "section.short", "it ends inside %s", what);
        return false; /* as section_fail does, which the analyzer cannot see */
    }
    if (!cvk_source_read(&c->bytes, c->at, ret, n, err))
        return false;
    c->at += n;
    return true;
}

bool section_take_u8(SectionCursor *c, uint8_t *ret, const char *what, CvkErr *err) {
    return section_take(c, ret, 1, what, err);
}

bool section_take_u32(SectionCursor *c, uint32_t *ret, const char *what, CvkErr *err) {
    uint8_t bytes[4];
    if (!section_take(c, bytes, sizeof bytes, what, err))
        return false;
    *ret = cvk_le32(bytes);
    return true;
}

bool section_end(const SectionCursor *c, CvkErr *err) {
    return section_left(c) == 0 ||
           section_fail(c->file, c->type, c->at, err, "section.long",
                        "%" PRIu64 " bytes follow what it should hold", section_left(c));
}
