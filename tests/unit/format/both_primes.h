/* Files of scalars (.r1cs, .wtns) over either curve: of a file over bn254 the same over bls12_381.
 * Include after support/test.h. */
#pragma once

#include "support/file_bytes.h"

/* A prime as it lies in such files; both begin with 01, so that the first byte alone tells it from
 * minus one (00) and from the number behind it (02). */
#define PRIME_BN254 "0000f093f5e1439170b97948e833285d588181b64550b829a031e1724e6430"
#define PRIME_BLS12_381 "000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73"

typedef struct {
    const char *curve;
    const char *prime, *behind_prime;
    const char *longer; /* the prime's last byte, one more */
} Scalars;

static const Scalars both_primes[] = {
    {"bn254", "01" PRIME_BN254, "02" PRIME_BN254, "31"},
    {"bls12_381", "01" PRIME_BLS12_381, "02" PRIME_BLS12_381, "74"},
};

/* The same file with the prime's bytes (but the first) replaced wherever they stand. */
static inline FileBytes over_prime(const FileBytes *bn254, const Scalars *s) {
    const size_t n = strlen(PRIME_BN254) / 2;
    FileBytes from = {.data = calloc(1, n), .n = n}, b = file_bytes_copy(bn254);
    assert_non_null(from.data);
    file_bytes_patch(&from, 0, PRIME_BN254);
    for (size_t at = 0; at + n <= b.n; at++)
        if (memcmp(b.data + at, from.data, n) == 0)
            file_bytes_patch(&b, at, s->prime + 2);
    file_bytes_done(&from);
    return b;
}

static inline void over_both_primes(const FileBytes *bn254,
                                    void (*test)(const FileBytes *b, const Scalars *s)) {
    for (size_t i = 0; i < sizeof both_primes / sizeof *both_primes; i++) {
        FileBytes b = over_prime(bn254, &both_primes[i]);
        test(&b, &both_primes[i]);
        file_bytes_done(&b);
    }
}
