/* Merkle trees over the entries of a log (RFC 9162, section 2.1): leaf = SHA-256(0x00 || entry),
 * node = SHA-256(0x01 || left || right); a tree of n leaves splits at the largest power of two
 * below n.
 *
 * A CvkMerkle is the frontier of a growing tree: the roots of its complete subtrees, at most 64 of
 * them, so appending and the newest leaf's proof need no other leaf. Everything is by value.
 * Threads: pure functions. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define MERKLE_HASH 32
#define MERKLE_PATH_MAX 64
#define MERKLE_PACKED_MAX (8 + MERKLE_PATH_MAX * MERKLE_HASH)

/* Invariant: of peak only the first popcount(n) are used. {0} is the empty tree. */
typedef struct {
    uint64_t n;                                 /* leaves */
    uint8_t peak[MERKLE_PATH_MAX][MERKLE_HASH]; /* one a bit of n that is set, highest bit first */
} CvkMerkle;

/* A proof: from the leaf's (or the smaller tree's) side up to the root's. */
typedef struct {
    size_t n;
    uint8_t hash[MERKLE_PATH_MAX][MERKLE_HASH];
} CvkMerklePath;

void cvk_merkle_leaf(const void *entry, size_t n, uint8_t ret[MERKLE_HASH]);
/* m->n must be below 2^64 - 1. One hash on average, at most 64. */
void cvk_merkle_add(CvkMerkle *m, const uint8_t leaf[MERKLE_HASH]);
/* The empty tree's root is SHA-256 of nothing. */
void cvk_merkle_root(const CvkMerkle *m, uint8_t ret[MERKLE_HASH]);
/* The proof of the leaf that is added to `before` next, in the tree that ends with it. */
void cvk_merkle_path_last(const CvkMerkle *before, CvkMerklePath *ret);

/* The frontier as bytes, to be kept: n (8 bytes, big endian), then the peaks. Returns how many. */
size_t cvk_merkle_pack(const CvkMerkle *m, uint8_t ret[MERKLE_PACKED_MAX]);
/* False: these are not the bytes of a frontier (only the length can be wrong). */
bool cvk_merkle_unpack(const uint8_t *data, size_t n, CvkMerkle *ret) MUST_USE;

/* The proof of leaf `at` (from 0) in the tree of the first n of these leaves; at < n. Like the
 * next, it hashes all n. */
void cvk_merkle_path(const uint8_t (*leaves)[MERKLE_HASH], uint64_t n, uint64_t at,
                     CvkMerklePath *ret);
/* Is `leaf` number `at` (from 0) of the tree of n leaves with this root? RFC 9162, 2.1.3.2. Any
 * path and numbers may be asked about: what cannot be is false. */
bool cvk_merkle_holds(const uint8_t leaf[MERKLE_HASH], uint64_t at, uint64_t n,
                      const CvkMerklePath *path, const uint8_t root[MERKLE_HASH]) MUST_USE;
/* The proof that the tree of the first m leaves is a prefix of that of the first n; 0 < m <= n.
 * Empty when m is n. */
void cvk_merkle_growth(const uint8_t (*leaves)[MERKLE_HASH], uint64_t m, uint64_t n,
                       CvkMerklePath *ret);
/* Did the tree of n leaves grow from that of m? RFC 9162, 2.1.4.2; m = 0 is false: nothing can be
 * shown of it. */
bool cvk_merkle_grew(uint64_t m, const uint8_t root_m[MERKLE_HASH], uint64_t n,
                     const uint8_t root_n[MERKLE_HASH], const CvkMerklePath *path) MUST_USE;
