/* The container of .ptau, .zkey, .r1cs and .wtns: four letters, a version, sections in any order.
 *
 * A reader indexes the whole file before anything is read from it: every section lies inside the
 * file, no type comes twice where it may not, nothing follows the last one. Errors name file,
 * section and offset. A writer's file appears only when it is complete (cvk_file_out). */
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
/* Sets *err: "FILE: section 3 (tauG2), offset 1234: ..."; offset counts from the section's start.
 * Returns false. */
bool section_fail(const SectionFile *f, uint32_t type, uint64_t at, CvkErr *err, const char *id,
                  const char *fmt, ...) PRINTF_LIKE(6, 7);

typedef struct SectionWriter SectionWriter;

bool section_writer_open(const char *path, const SectionKind *kind, uint32_t sections,
                         SectionWriter **ret, CvkErr *err) MUST_USE;
/* One after the other; the sink is good until the next begin. Its size is filled in by the end. */
bool section_writer_begin(SectionWriter *w, uint32_t type, CvkSink *ret, CvkErr *err) MUST_USE;
/* What has been written of a section that is ended, to be read again before the commit. */
bool section_writer_read(SectionWriter *w, uint32_t type, CvkSource *ret, CvkErr *err) MUST_USE;
/* All `sections` must have been written. Frees w in every case. */
bool section_writer_commit(SectionWriter *w, CvkErr *err) MUST_USE;
SectionWriter *section_writer_abandon(SectionWriter *w); /* NULL is fine; returns NULL */
/* begin, copy everything, end */
bool section_copy(SectionWriter *w, const SectionFile *from, uint32_t type, CvkErr *err) MUST_USE;
