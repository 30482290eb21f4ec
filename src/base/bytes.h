/* Numbers as bytes, in the order that a format asks for. Threads: pure functions. */
#pragma once

#include <stdint.h>

static inline uint32_t cvk_get_le32(const uint8_t at[4]) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t cvk_get_le64(const uint8_t at[8]) {
    return cvk_get_le32(at) | (uint64_t)cvk_get_le32(at + 4) << 32;
}

static inline uint32_t cvk_get_be32(const uint8_t at[4]) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | (uint32_t)at[3];
}

static inline void cvk_put_le32(uint8_t ret[4], uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        ret[i] = (uint8_t)(v >> 8 * i);
}

static inline void cvk_put_le64(uint8_t ret[8], uint64_t v) {
    for (unsigned i = 0; i < 8; i++)
        ret[i] = (uint8_t)(v >> 8 * i);
}

static inline void cvk_put_be32(uint8_t ret[4], uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        ret[i] = (uint8_t)(v >> (24 - 8 * i));
}
