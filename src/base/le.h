/* Numbers as little-endian bytes, as the files of the circuit world hold them. Threads: any. */
#pragma once

#include <stdint.h>

static inline uint32_t cvk_le32(const uint8_t b[4]) {
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

static inline uint64_t cvk_le64(const uint8_t b[8]) {
    return (uint64_t)cvk_le32(b + 4) << 32 | cvk_le32(b);
}

static inline void cvk_put_le32(uint32_t v, uint8_t ret[4]) {
    for (unsigned i = 0; i < 4; i++)
        ret[i] = (uint8_t)(v >> (8 * i));
}

static inline void cvk_put_le64(uint64_t v, uint8_t ret[8]) {
    cvk_put_le32((uint32_t)v, ret);
    cvk_put_le32((uint32_t)(v >> 32), ret + 4);
}
