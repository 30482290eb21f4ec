/* What verifiers have in common: parameters, what they expect, reasons. Threads: none of its own.
 */
#pragma once

#include "base/buf.h"
#include "base/limits.h"
#include "format/doc.h"
#include "market/verifier.h"

/* All of `text` as one object. Errors: of format/doc.h. */
bool params_read(const char *text, const DocObject *kind, void *ctx, CvkErr *err) MUST_USE;

/* The next value is an absolute path. "params.path": another one; a server is not started where the
 * operator's commands are. */
bool params_path(JsonReader *r, char ret[LIMIT_PATH], CvkErr *err) MUST_USE;

/* The next value is a document: an object, as it stands there; or the path of a file that has it.
 * Appended to *b. */
bool params_document(JsonReader *r, CvkBuf *b, CvkErr *err) MUST_USE;

/* The verdict, with as much of the text in `why` as it has room for. */
ProofVerdict verdict_because(ProofVerdict verdict, const char *text, char why[VERIFIER_WHY_MAX]);
