/* Chance that comes from a number alone, in whole numbers only, so that a seed means the same on
 * every machine: splitmix64. Everybody who needs chance has a stream of their own, so that taking
 * one person out of a simulation leaves the dice of all others as they were. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
} SimRng;

static inline uint64_t rng_next(SimRng *r) {
    uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* The stream `index` of its kind: people, faults and commands of one seed do not share any. */
static inline SimRng rng_stream(uint64_t seed, uint64_t kind, uint64_t index) {
    SimRng r = {seed ^ kind * 0xd6e8feb86659fd93u};
    r.state = rng_next(&r) ^ index;
    r.state = rng_next(&r);
    return r;
}

/* 0 to n - 1; n is not 0. */
static inline uint64_t rng_below(SimRng *r, uint64_t n) {
    return rng_next(r) % n;
}

static inline int64_t rng_between(SimRng *r, int64_t low, int64_t high) {
    return low + (int64_t)rng_below(r, (uint64_t)(high - low) + 1);
}

static inline bool rng_chance(SimRng *r, uint32_t per_mille) {
    return rng_below(r, 1000) < per_mille;
}

/* How long something takes that mostly takes `median`: the quantiles of a log-normal distribution
 * (sigma 0.5), in thousandths of the median, and evenly between them. */
static inline int64_t rng_around(SimRng *r, int64_t median) {
    static const uint16_t quantile[] = {300,  460,  560,  640,  710,  780,  850,  920, 1000,
                                        1080, 1170, 1280, 1400, 1560, 1780, 2150, 3300};
    uint64_t at = rng_below(r, 16 * 1024), i = at / 1024, part = at % 1024;
    uint64_t thousandths = (quantile[i] * (1024 - part) + quantile[i + 1] * part) / 1024;
    return median * (int64_t)thousandths / 1000;
}
