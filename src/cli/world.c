#include "cli/world.h"

#include "base/clock.h"
#include "base/rng.h"
#include "cli/say.h"

#include <time.h>

static int64_t real_now(void *ctx) {
    (void)ctx;
    return cvk_monotonic_ms();
}

static void real_sleep(void *ctx, int64_t ms) {
    (void)ctx;
    struct timespec left = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0)
        ;
}

static uint32_t real_chance(void *ctx) {
    (void)ctx;
    uint32_t v;
    cvk_random(&v, sizeof v);
    return v;
}

static void real_say(void *ctx, const char *line) {
    (void)ctx;
    say_step("  %s", line);
}

ClientWorld world_real(WebClient *web) {
    return (ClientWorld){.now_ms = real_now,
                         .sleep_ms = real_sleep,
                         .random = real_chance,
                         .say = real_say,
                         .web = web_transport(web)};
}

bool world_pool(uint64_t threads, CvkPool **ret, CvkErr *err) {
    *ret = NULL;
    if (threads == 1)
        return true;
    *ret = cvk_pool_new(threads == 0 ? 0 : (unsigned)threads - 1, err);
    return *ret != NULL;
}
