/* The container of .ptau, .zkey, .r1cs and .wtns: four letters, a version, the number of sections,
 * and the sections in any order: type, size, bytes. Numbers are little endian.
 *
 * A reader indexes the whole file before anything is read from it: every section lies inside the
 * file, no type comes twice, nothing follows the last one. Errors name file, section and offset. A
 * writer's file appears only when it is complete (cvk_file_out).
 * Threads: a SectionFile is immutable; a SectionWriter has one writer. */
#pragma once

#include "base/err.h"
#include "base/source.h"

#include <stdint.h>

typedef struct {
    const char *magic;    /* "ptau" */
    uint32_t version_max; /* 1 up to this are read; version_written is written */
    uint32_t version_written;
    const char *const *names; /* by type; NULL where there is no such section */
    uint32_t types_n;         /* length of names */
} SectionKind;

/* What its first four bytes say that a file is: "ptau", "zkey", "r1cs", "wtns"; NULL: none of them.
 * Is it so? That only opening it shows. */
const char *section_magic(const uint8_t head[4]);
/* The same of a regular file; shorter ones are none. */
bool section_file_magic(const char *path, const char **ret, CvkErr *err) MUST_USE;
/* For readers of files without letters: false ("file.magic") if this is one of these instead of
 * `wanted` ("a challenge"). */
bool section_no_magic(const CvkSource *bytes, const char *wanted, CvkErr *err) MUST_USE;

typedef struct SectionFile SectionFile;

/* A regular file. Unknown types are indexed and ignored. */
bool section_file_open(const char *path, const SectionKind *kind, SectionFile **ret,
                       CvkErr *err) MUST_USE;
/* The same of bytes in memory (fuzzers, tests); `name` stands for the path in messages. */
bool section_file_memory(const void *data, size_t n, const char *name, const SectionKind *kind,
                         SectionFile **ret, CvkErr *err) MUST_USE;
SectionFile *section_file_close(SectionFile *f); /* NULL is fine; returns NULL */
const char *section_file_name(const SectionFile *f);
uint32_t section_file_version(const SectionFile *f);
uint64_t section_file_bytes(const SectionFile *f);
/* False: there is none. The source's `from` is the offset in the file. */
bool section_find(const SectionFile *f, uint32_t type, CvkSource *ret);
/* Must be there ("section.missing"), and of that size ("section.size") unless ANY_SIZE. */
#define ANY_SIZE UINT64_MAX
bool section_need(const SectionFile *f, uint32_t type, uint64_t size, CvkSource *ret,
                  CvkErr *err) MUST_USE;
/* Sets *err: "FILE: section 3 (tauG2), offset 1234: ...". `at` counts from the section's start; the
 * offset that people and programs are told counts from the file's. Returns false. */
bool section_fail(const SectionFile *f, uint32_t type, uint64_t at, CvkErr *err, const char *id,
                  const char *fmt, ...) PRINTF_LIKE(6, 7);

/* A section that is read from its start to its end, piece by piece. */
typedef struct {
    const SectionFile *file;
    uint32_t type;
    uint64_t at; /* of the next byte, from the section's start */
    CvkSource bytes;
} SectionCursor;

/* As section_need with ANY_SIZE. */
bool section_cursor(const SectionFile *f, uint32_t type, SectionCursor *ret, CvkErr *err) MUST_USE;
uint64_t section_left(const SectionCursor *c);
CvkSpot section_spot(const SectionCursor *c); /* of the next byte */
/* The next n bytes; "section.short" when there are fewer: `what` says of what they are ("a
 * contribution's name"). */
bool section_take(SectionCursor *c, void *ret, size_t n, const char *what, CvkErr *err) MUST_USE;
bool section_take_u8(SectionCursor *c, uint8_t *ret, const char *what, CvkErr *err) MUST_USE;
bool section_take_u32(SectionCursor *c, uint32_t *ret, const char *what, CvkErr *err) MUST_USE;
/* "section.long" unless nothing is left. */
bool section_end(const SectionCursor *c, CvkErr *err) MUST_USE;

typedef struct SectionWriter SectionWriter;

bool section_writer_open(const char *path, const SectionKind *kind, uint32_t sections,
                         SectionWriter **ret, CvkErr *err) MUST_USE;
/* One after the other, `sections` in all; the sink is good until the next begin, commit or read,
 * each of which ends the section. */
bool section_writer_begin(SectionWriter *w, uint32_t type, CvkSink *ret, CvkErr *err) MUST_USE;
/* A section that is written, to be read again before the commit; ends the one that is open. The
 * source is good until then. */
bool section_writer_read(SectionWriter *w, uint32_t type, CvkSource *ret, CvkErr *err) MUST_USE;
/* All `sections` must have been written. Frees w in every case. */
bool section_writer_commit(SectionWriter *w, CvkErr *err) MUST_USE;
SectionWriter *section_writer_abandon(SectionWriter *w); /* NULL is fine; returns NULL */
/* A whole section as it lies in another file, which must have it ("section.missing"). */
bool section_copy(SectionWriter *w, const SectionFile *from, uint32_t type, CvkErr *err) MUST_USE;
