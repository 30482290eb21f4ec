/* A directory of batches to be imported: every *.batch in it, in the order of their names, each
 * with the manifest of the same name (NNNN.json), if there is one (format/batch_manifest.h). What a
 * manifest says of size and sha256 is compared with the file. Threads: none. */
#pragma once

#include "base/err.h"
#include "run/experiment.h"

#include <stddef.h>

typedef struct BatchDir BatchDir;

/* `verifier` and `params` stand where a manifest has none; NULL: then it must have. A manifest,
 * which may be another's work, has a program run (verifier exec) only if allow_exec; and a link is
 * no file of the directory ("file.kind"). False: "batch.none" (no batch there, or a manifest
 * without one), "batch.verifier", "batch.exec", "batch.size", "batch.sha256", what
 * batch_manifest_read fails with; the message names the file. Reads every file. */
bool batch_dir_read(const char *dir, const char *verifier, const char *params, bool allow_exec,
                    BatchDir **ret, CvkErr *err) MUST_USE;
BatchDir *batch_dir_free(BatchDir *d); /* NULL is fine; returns NULL */

size_t batch_dir_n(const BatchDir *d);
const BatchSource *batch_dir_sources(const BatchDir *d); /* live as long as d */
