/* A file that has no name any more: written in a directory of its own (in TMPDIR or /tmp), opened,
 * and then removed; it goes when it is closed. A signal that ends the program in between leaves
 * nothing either (base/temporary.h).
 *
 * USAGE: cvk_unnamed_begin(&u, err); write and open u.path; cvk_unnamed_end(&u). Threads: any. */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "base/temporary.h"

typedef struct {
    char dir[LIMIT_PATH], path[LIMIT_PATH];
    CvkTemporary listed[2];
} CvkUnnamed;

/* False: there is nothing to end. */
bool cvk_unnamed_begin(CvkUnnamed *u, CvkErr *err) MUST_USE;
void cvk_unnamed_end(CvkUnnamed *u);
