#include "cli/compute.h"

#include "base/rng.h"
#include "cli/world.h"

#define MEMORY_MAX_MB (1u << 20)

bool compute_open(Compute *c, const Args *args, CvkErr *err) {
    uint64_t threads, memory;
    *c = (Compute){.quiet = args_flag(args, "json")};
    if (!args_uint(args, "threads", COMPUTE_THREADS_MAX, &threads, err) ||
        !args_uint(args, "memory", MEMORY_MAX_MB, &memory, err))
        return false;
    c->work.memory = (size_t)memory << 20;
    if (c->work.memory < WORK_MEMORY_MIN)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "--memory must be at least %zu",
                        WORK_MEMORY_MIN >> 20);
    cvk_random(c->work.seed, sizeof c->work.seed);
    return world_pool(threads, &c->work.pool, err);
}

void compute_begin(Compute *c, const char *label, size_t units) {
    compute_end(c);
    c->bar = progress_start(label, false, c->quiet);
    cvk_meter_init(&c->meter, progress_to(&c->bar), units);
    c->work.meter = &c->meter;
    c->begun = true;
}

void compute_end(Compute *c) {
    if (!c->begun)
        return;
    progress_end(&c->bar);
    cvk_meter_done(&c->meter);
    c->work.meter = NULL;
    c->begun = false;
}

void compute_close(Compute *c) {
    compute_end(c);
    c->work.pool = cvk_pool_free(c->work.pool);
}
