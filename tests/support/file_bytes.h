/* Files of sections (.zkey, .r1cs, ...) in memory, to be damaged in one place at a time. Include
 * after support/test.h. */
#pragma once

#include "base/err.h"
#include "base/le.h"
#include "support/shared.h"

typedef struct {
    uint8_t *data;
    size_t n;
} FileBytes;

static inline FileBytes file_bytes_read(const char *path) {
    FileBytes b;
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    b.n = (size_t)ftell(f);
    rewind(f);
    b.data = malloc(b.n);
    assert_non_null(b.data);
    assert_int_equal(fread(b.data, 1, b.n, f), b.n);
    fclose(f);
    return b;
}

/* One of the shared data; skips the test where there are none. */
static inline FileBytes file_bytes_shared(const char *name) {
    char path[1024];
    shared_path(path, sizeof path, name);
    return file_bytes_read(path);
}

static inline FileBytes file_bytes_copy(const FileBytes *from) {
    FileBytes b = {.data = malloc(from->n), .n = from->n};
    assert_non_null(b.data);
    memcpy(b.data, from->data, from->n);
    return b;
}

static inline void file_bytes_done(FileBytes *b) {
    free(b->data);
    *b = (FileBytes){0};
}

#define SECTION_HEAD_BYTES 12

/* Where the head of the section of this type begins. */
static inline size_t file_bytes_section(const FileBytes *b, uint32_t type) {
    size_t at = SECTION_HEAD_BYTES; /* the file's own head is as long */
    while (cvk_le32(b->data + at) != type) {
        at += SECTION_HEAD_BYTES + (size_t)cvk_le64(b->data + at + 4);
        assert_true(at < b->n);
    }
    return at;
}

static inline size_t file_bytes_section_n(const FileBytes *b, uint32_t type) {
    return (size_t)cvk_le64(b->data + file_bytes_section(b, type) + 4);
}

/* Puts the bytes of the hexadecimal text over those at `at`. */
static inline void file_bytes_patch(FileBytes *b, size_t at, const char *hex) {
    for (; *hex != '\0'; hex += 2, at++) {
        unsigned byte;
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        assert_true(at < b->n);
        b->data[at] = (uint8_t)byte;
    }
}

/* The same file without `cut` bytes at `at`, and with `more` bytes there (of value `fill`). */
static inline FileBytes file_bytes_splice(const FileBytes *b, size_t at, size_t cut, size_t more,
                                          uint8_t fill) {
    FileBytes r = {.n = b->n - cut + more};
    r.data = malloc(r.n != 0 ? r.n : 1);
    assert_true(r.data != NULL && at + cut <= b->n);
    memcpy(r.data, b->data, at);
    memset(r.data + at, fill, more);
    memcpy(r.data + at + more, b->data + at + cut, b->n - at - cut);
    return r;
}

/* Makes the section `by` bytes longer (zeros) or shorter at its end. */
static inline FileBytes file_bytes_resize(const FileBytes *b, uint32_t type, int by) {
    size_t head = file_bytes_section(b, type), n = file_bytes_section_n(b, type);
    size_t cut = by < 0 ? (size_t)-by : 0, more = by > 0 ? (size_t)by : 0;
    FileBytes r = file_bytes_splice(b, head + SECTION_HEAD_BYTES + n - cut, cut, more, 0);
    cvk_put_le64(n - cut + more, r.data + head + 4);
    return r;
}

/* The file's sections in this order (a type may be left out, or stand twice). */
static inline FileBytes file_bytes_order(const FileBytes *b, const uint32_t *types, size_t n) {
    FileBytes r = {.data = malloc(2 * b->n + SECTION_HEAD_BYTES)};
    assert_non_null(r.data);
    memcpy(r.data, b->data, SECTION_HEAD_BYTES);
    cvk_put_le32((uint32_t)n, r.data + 8);
    r.n = SECTION_HEAD_BYTES;
    for (size_t i = 0; i < n; i++) {
        size_t all = SECTION_HEAD_BYTES + file_bytes_section_n(b, types[i]);
        memcpy(r.data + r.n, b->data + file_bytes_section(b, types[i]), all);
        r.n += all;
    }
    return r;
}

/* One field is changed, and the reader says what is wrong and where. */
typedef struct {
    const char *what;
    uint32_t section; /* 0: offsets are those in the file */
    size_t at;        /* in the section */
    const char *hex;
    const char *id;
    uint32_t said_section; /* where the message says it is */
    size_t said_at;        /* there */
} Corruption;

/* Where a section's bytes begin; 0: the file's. */
static inline size_t file_bytes_start(const FileBytes *b, uint32_t section) {
    return section == 0 ? 0 : file_bytes_section(b, section) + SECTION_HEAD_BYTES;
}

/* Opens the bytes as `name`, and closes what it opened. */
typedef bool (*OpenBytesFn)(const FileBytes *b, CvkErr *err);

static inline void assert_refused_at(OpenBytesFn open, const FileBytes *b, const char *what,
                                     const char *id, uint32_t section, size_t at) {
    CvkErr err = {0};
    char place[64];
    const size_t offset = file_bytes_start(b, section) + at;
    if (open(b, &err)) {
        print_error("%s: it was accepted\n", what);
        fail();
    }
    if (section != 0)
        snprintf(place, sizeof place, ": section %u (", section);
    if (section != 0 && strstr(err.msg, place) == NULL) {
        print_error("%s: no '%s' in '%s'\n", what, place, err.msg);
        fail();
    }
    snprintf(place, sizeof place, "offset %zu:", offset);
    if (strcmp(err.id, id) != 0 || strstr(err.msg, place) == NULL) {
        print_error("%s: expected %s and '%s', not %s '%s'\n", what, id, place, err.id, err.msg);
        fail();
    }
    assert_int_equal(err.place.section, section);
    assert_true(err.place.exact && err.place.offset == offset && err.place.file[0] != '\0');
}

static inline void assert_corruptions_refused(OpenBytesFn open, const FileBytes *whole,
                                              const Corruption *c, size_t n) {
    for (size_t i = 0; i < n; i++) {
        FileBytes b = file_bytes_copy(whole);
        file_bytes_patch(&b, file_bytes_start(&b, c[i].section) + c[i].at, c[i].hex);
        assert_memory_not_equal(b.data, whole->data, whole->n); /* it changes something */
        assert_refused_at(open, &b, c[i].what, c[i].id, c[i].said_section, c[i].said_at);
        file_bytes_done(&b);
    }
}

/* Cut anywhere it is no file any more. */
static inline void assert_cut_refused(OpenBytesFn open, const FileBytes *whole) {
    for (size_t n = 0; n < whole->n; n++) {
        FileBytes b = file_bytes_splice(whole, n, whole->n - n, 0, 0);
        CvkErr err = {0};
        assert_false(open(&b, &err));
        assert_string_equal(err.id, "file.truncated");
        file_bytes_done(&b);
    }
}
