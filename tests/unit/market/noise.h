/* Noise to make values of, the same in each run. */
#pragma once

#include "base/rng.h"

#include <stdint.h>
#include <string.h>

/* Uniform from -0.5 to 0.5: of each seed, label and i another value. */
static inline double noise_of(uint8_t seed, uint64_t label, uint64_t i) {
    const uint8_t whole[CVK_SEED_BYTES] = {seed};
    uint8_t block[CVK_STREAM_BLOCK];
    uint64_t v;
    cvk_stream_block(whole, label, i, block);
    memcpy(&v, block, sizeof v);
    return (double)(v >> 11) / 9007199254740992.0 - 0.5;
}
