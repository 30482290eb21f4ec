/* Sums and differences of words of 64 bits with carries. Constant time. Threads: no state. */
#pragma once

#include "algebra/word2.h"

#define WORD_INLINE static inline __attribute__((always_inline))

/* MONT4_PLAIN leaves out what x86-64 has of its own: the tests run both. */
#if defined(__x86_64__) && !defined(MONT4_PLAIN)
#include <immintrin.h>

/* *ret = a + b + carry; returns the carry out of it. Carries are 0 or 1, here and below. */
WORD_INLINE unsigned char word_add(unsigned char carry, uint64_t a, uint64_t b, uint64_t *ret) {
    unsigned long long sum; /* a variable of its own, or gcc 12 leaves the words in memory */
    carry = _addcarry_u64(carry, a, b, &sum);
    *ret = sum;
    return carry;
}

/* *ret = a - b - borrow; returns the borrow out of it. */
WORD_INLINE unsigned char word_sub(unsigned char borrow, uint64_t a, uint64_t b, uint64_t *ret) {
    unsigned long long difference;
    borrow = _subborrow_u64(borrow, a, b, &difference);
    *ret = difference;
    return borrow;
}

#else

WORD_INLINE unsigned char word_add(unsigned char carry, uint64_t a, uint64_t b, uint64_t *ret) {
    uint64_t sum = a + b;
    unsigned char over = (unsigned char)(sum < a);
    *ret = sum + carry;
    return (unsigned char)(over + (*ret < sum));
}

WORD_INLINE unsigned char word_sub(unsigned char borrow, uint64_t a, uint64_t b, uint64_t *ret) {
    uint64_t difference = a - b;
    unsigned char over = (unsigned char)(a < b);
    *ret = difference - borrow;
    return (unsigned char)(over + (difference < borrow));
}

#endif

/* a, but the compiler knows nothing of it: it does not compute it in the midst of a chain of
 * carries, which that would break up, and makes no jump of a mask. */
WORD_INLINE uint64_t word_hidden(uint64_t a) {
    __asm__("" : "+r"(a));
    return a;
}
