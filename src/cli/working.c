#include "cli/working.h"

#include "cli/world.h"

#include <sys/stat.h>

#define THREADS_MAX 256
#define MIB 20 /* 2^20 bytes */

bool working_apart(const Args *args, size_t out, CvkErr *err) {
    struct stat to, from;
    if (stat(args_at(args, out), &to) != 0)
        return true; /* it is not there yet */
    for (size_t i = 0; i < args_n(args); i++)
        if (i != out && stat(args_at(args, i), &from) == 0 && from.st_dev == to.st_dev &&
            from.st_ino == to.st_ino)
            return cvk_fail(err, CVK_EBADREQ, "usage.same",
                            "'%.100s' is read and cannot be written as well: give another name",
                            args_at(args, i));
    return true;
}

bool working_start(Working *w, const Args *args, const char *label, size_t units, bool quiet,
                   CvkErr *err) {
    uint64_t threads, memory;
    if (!args_uint(args, "threads", THREADS_MAX, &threads, err) ||
        !args_uint(args, "memory", SIZE_MAX >> MIB, &memory, err))
        return false;
    if (memory < WORK_MEMORY_MIN >> MIB)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "--memory is at least %zu (MiB)",
                        WORK_MEMORY_MIN >> MIB);
    *w = (Working){.work.memory = (size_t)memory << MIB, .work.meter = &w->meter};
    if (!world_pool(threads, &w->work.pool, err))
        return false;
    cvk_random(w->work.seed, sizeof w->work.seed);
    w->bar = progress_start(label, false, quiet);
    cvk_meter_init(&w->meter, progress_to(&w->bar), units);
    return true;
}

void working_done(Working *w) {
    progress_end(&w->bar);
    cvk_meter_done(&w->meter);
    w->work.pool = cvk_pool_free(w->work.pool);
}
