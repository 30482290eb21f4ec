#include "base/unnamed.h"

#include "base/file.h"

#include <stdlib.h>
#include <unistd.h>

static bool make_dir(CvkUnnamed *u, CvkErr *err) {
    cvk_temporary_begin(&u->listed[0]);
    if (mkdtemp(u->dir) == NULL) {
        cvk_file_cannot(err, "file.open", "make", u->dir);
        cvk_temporary_drop(&u->listed[0]);
        return false;
    }
    cvk_temporary_list(&u->listed[0], u->dir);
    return true;
}

void cvk_unnamed_end(CvkUnnamed *u) {
    cvk_dir_clear(u->dir);
    rmdir(u->dir);
    cvk_temporary_drop(&u->listed[1]);
    cvk_temporary_drop(&u->listed[0]);
}

bool cvk_unnamed_begin(CvkUnnamed *u, CvkErr *err) {
    const char *base = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    if (!cvk_path(u->dir, base != NULL ? base : "/tmp", "convoke-XXXXXX", err) || !make_dir(u, err))
        return false;
    cvk_temporary_begin(&u->listed[1]);
    if (!cvk_path(u->path, u->dir, "file", err)) {
        cvk_unnamed_end(u);
        return false;
    }
    cvk_temporary_list(&u->listed[1], u->path);
    return true;
}
