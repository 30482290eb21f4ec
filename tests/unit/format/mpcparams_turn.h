/* The last step of a turn by way of bellman's parameters, as two files of tests take it. Include
 * after support/test.h. */
#pragma once

#include "format/mpcparams_zkey.h"
#include "support/phase2_world.h"

#include "support/file_bytes.h"

/* The verdict of an import that writes `path`; an error is a verdict with its id. */
static inline Verdict imported(const Phase2Key *before, const FileBytes *response,
                               const char *path) {
    Mpcparams *m;
    Work w = world_work();
    Verdict v = {.valid = true};
    CvkErr err;
    if (!mpcparams_memory(response->data, response->n, "a.file", &m, &err))
        return (Verdict){.id = err.id};
    if (!mpcparams_import(before, mpcparams_key(m), "bob via bellman", path, &w, &v, &err))
        v = (Verdict){.id = err.id};
    mpcparams_close(m);
    return v;
}
