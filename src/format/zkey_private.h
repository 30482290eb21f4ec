/* Shared by the files of .zkey and by nobody else: single points, and section 10. */
#pragma once

#include "base/alloc.h"
#include "format/zkey.h"

/* What a contribution takes at least: four points, a hash, type and length of its parameters. */
uint64_t zkey_contribution_bytes_min(const Curve *c);

/* The next point of a section, in FORM_MONTGOMERY and not infinity ("zkey.point"). */
bool zkey_take_point(SectionCursor *from, const Group *g, const char *what, Element *ret,
                     CvkErr *err) MUST_USE;
bool zkey_put_point(const Element *e, const CvkSink *to, CvkErr *err) MUST_USE;

/* Section 10, whole. Fills circuit_hash, contributions and their count; *ret is their memory, which
 * the caller frees. */
bool zkey_contributions_read(const SectionFile *f, Phase2Key *key, Phase2Contribution **ret,
                             CvkErr *err) MUST_USE;
bool zkey_contributions_write(const Phase2Key *key, const CvkSink *to, CvkErr *err) MUST_USE;
