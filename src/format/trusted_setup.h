/* The result of a ceremony as EIP-4844 clients load it, in two forms; both hold the powers of one
 * sub-setup and their Lagrange form in natural order (not bit-reversed: whoever loads it does
 * that).
 *
 * JSON, any size: {"g1_monomial":[...],"g1_lagrange":[...],"g2_monomial":[...]}, points as 0x-hex.
 * Text, what c-kzg reads: the number of G1 and of G2 points, then a point a line without 0x:
 * g1_lagrange, g2_monomial, g1_monomial. Points are not looked at: that is setup's work. Errors are
 * those of format/doc.h; for the text form "doc.text". Threads: any. */
#pragma once

#include "codec/json_source.h"
#include "codec/json_write.h"
#include "setup/kzg_lagrange.h"

/* Either form, told apart by the first byte. At most `max` bytes; *ret is the caller's to free. */
bool trusted_setup_read(JsonSource source, size_t max, TrustedSetupWire **ret,
                        CvkErr *err) MUST_USE;

/* The same of a regular file; errors name it. */
bool trusted_setup_file(const char *path, TrustedSetupWire **ret, CvkErr *err) MUST_USE;

/* Pretty with `indent` spaces, no newline at the end (as the published files). */
bool trusted_setup_write_json(JsonSink sink, const TrustedSetupWire *t, unsigned indent,
                              CvkErr *err) MUST_USE;

/* With a newline at the end. c-kzg loads only 4096 G1 and 65 G2 points. */
bool trusted_setup_write_text(JsonSink sink, const TrustedSetupWire *t, CvkErr *err) MUST_USE;
