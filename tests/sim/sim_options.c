#include "sim/sim_options.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PEOPLE = 1000, PEOPLE_MAX = 1000000 };

static bool wrong(const char *option, const char *value) {
    fprintf(stderr, "sim: '%s' does not fit %s\n", value, option);
    return false;
}

static bool read_number(const char *option, const char *text, uint64_t max, uint64_t *ret) {
    char *end;
    errno = 0;
    uint64_t v = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || v > max || *text == '-')
        return wrong(option, text);
    *ret = v;
    return true;
}

/* "1,5,7", or "none": everything else is left out. */
static bool read_list(const char *option, const char *text, bool *without, size_t n) {
    for (size_t i = 0; i < n; i++)
        without[i] = true;
    if (strcmp(text, "none") == 0)
        return true;
    for (const char *at = text; *at != '\0';) {
        char *end;
        uint64_t v = strtoull(at, &end, 10);
        if (end == at || v >= n || (*end != ',' && *end != '\0'))
            return wrong(option, text);
        without[v] = false;
        at = *end == ',' ? end + 1 : end;
    }
    return true;
}

static bool read_tamper(const char *text, Tamper *ret) {
    for (int t = TAMPER_NONE; t < TAMPER_N; t++)
        if (strcmp(tamper_name((Tamper)t), text) == 0) {
            *ret = (Tamper)t;
            return true;
        }
    return wrong("--tamper", text);
}

static bool read_policy(Options *o, const char *text) {
    int which = sim_policy_find(text);
    if (which < 0)
        return wrong("--policy", text);
    o->plan.policy = (unsigned)which;
    o->has_policy = true;
    return true;
}

/* Lists come last: they need to know how many people there are. */
static bool read_only(Options *o, const char *text) {
    bool *absent = calloc(o->plan.people, sizeof *absent);
    assert(absent != NULL);
    o->plan.absent = absent;
    return read_list("--only", text, absent, o->plan.people);
}

static bool read_option(Options *o, const char *name, const char *value) {
    uint64_t v = 0;
    bool is_text = true, ok = false;
    if (strcmp(name, "--policy") == 0)
        ok = read_policy(o, value);
    else if (strcmp(name, "--only") == 0)
        ok = read_only(o, value);
    else if (strcmp(name, "--trouble") == 0)
        ok = read_list(name, value, o->plan.quiet, TROUBLES);
    else if (strcmp(name, "--tamper") == 0)
        ok = read_tamper(value, &o->plan.tamper);
    else
        is_text = false;
    if (is_text)
        return ok;
    if (!read_number(name, value, INT64_MAX, &v))
        return false;
    if (strcmp(name, "--seed") == 0 || strcmp(name, "--from") == 0)
        o->from = o->plan.seed = v;
    else if (strcmp(name, "--seeds") == 0)
        o->seeds = v;
    else if (strcmp(name, "--block") == 0 && v >= 1 && v <= UINT32_MAX)
        o->block = (uint32_t)v;
    else if (strcmp(name, "--people") == 0 && v >= 1 && v <= PEOPLE_MAX)
        o->plan.people = (uint32_t)v;
    else if (strcmp(name, "--seconds") == 0)
        o->seconds = (int64_t)v;
    else if (strcmp(name, "--jobs") == 0 && v >= 1 && v <= 64)
        o->jobs = (unsigned)v;
    else if (strcmp(name, "--until") == 0)
        o->plan.until_ms = (int64_t)v;
    else
        return wrong(name, value);
    return true;
}

bool options_read(int argc, char **argv, Options *ret) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *ret = (Options){.command = argc > 1 ? argv[1] : "help",
                     .from = 1,
                     .seeds = 20,
                     .block = 1,
                     .seconds = 60,
                     .jobs = cores > 0 ? (unsigned)cores : 1,
                     .plan = {.seed = 1, .people = PEOPLE}};
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            ret->json = true;
        } else if (i + 1 == argc) {
            fprintf(stderr, "sim: %s wants a value\n", argv[i]);
            return false;
        } else if (!read_option(ret, argv[i], argv[i + 1])) {
            return false;
        } else {
            i++;
        }
    }
    return true;
}

void options_done(Options *o) {
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): ours, and const for all others */
    free((void *)(uintptr_t)o->plan.absent);
    o->plan.absent = NULL;
}
