#include "base/merkle.h"

#include "base/sha256.h"

#include <assert.h>
#include <string.h>

/* ---- hashes ---- */

void cvk_merkle_leaf(const void *entry, size_t n, uint8_t ret[MERKLE_HASH]) {
    cvk_sha256_tagged(0x00, entry, n, ret);
}

/* ret may be one of the two. */
static void node(const uint8_t left[MERKLE_HASH], const uint8_t right[MERKLE_HASH],
                 uint8_t ret[MERKLE_HASH]) {
    uint8_t both[1 + 2 * MERKLE_HASH] = {0x01};
    memcpy(both + 1, left, MERKLE_HASH);
    memcpy(both + 1 + MERKLE_HASH, right, MERKLE_HASH);
    cvk_sha256(both, sizeof both, ret);
}

/* ---- the frontier ---- */

static size_t peaks(uint64_t n) {
    size_t count = 0;
    for (; n != 0; n &= n - 1)
        count++;
    return count;
}

void cvk_merkle_add(CvkMerkle *m, const uint8_t leaf[MERKLE_HASH]) {
    assert(m->n != UINT64_MAX);
    uint8_t hash[MERKLE_HASH];
    size_t at = peaks(m->n);
    memcpy(hash, leaf, sizeof hash);
    for (uint64_t n = m->n; (n & 1) != 0; n >>= 1) /* as one carries when counting */
        node(m->peak[--at], hash, hash);
    memcpy(m->peak[at], hash, sizeof hash);
    m->n++;
}

void cvk_merkle_root(const CvkMerkle *m, uint8_t ret[MERKLE_HASH]) {
    size_t at = peaks(m->n);
    if (at == 0) {
        cvk_sha256(NULL, 0, ret);
        return;
    }
    uint8_t hash[MERKLE_HASH];
    memcpy(hash, m->peak[--at], sizeof hash);
    while (at != 0)
        node(m->peak[--at], hash, hash);
    memcpy(ret, hash, sizeof hash);
}

/* The last leaf has every complete subtree before it on its left, the smallest nearest. */
void cvk_merkle_path_last(const CvkMerkle *before, CvkMerklePath *ret) {
    size_t at = peaks(before->n);
    ret->n = 0;
    while (at != 0)
        memcpy(ret->hash[ret->n++], before->peak[--at], MERKLE_HASH);
}

size_t cvk_merkle_pack(const CvkMerkle *m, uint8_t ret[MERKLE_PACKED_MAX]) {
    size_t n = peaks(m->n) * MERKLE_HASH;
    for (size_t i = 0; i < 8; i++)
        ret[i] = (uint8_t)(m->n >> (56 - 8 * i));
    memcpy(ret + 8, m->peak, n);
    return 8 + n;
}

bool cvk_merkle_unpack(const uint8_t *data, size_t n, CvkMerkle *ret) {
    uint64_t leaves = 0;
    if (n < 8)
        return false;
    for (size_t i = 0; i < 8; i++)
        leaves = leaves << 8 | data[i];
    if (n - 8 != peaks(leaves) * MERKLE_HASH)
        return false;
    *ret = (CvkMerkle){.n = leaves};
    memcpy(ret->peak, data + 8, n - 8);
    return true;
}

/* ---- proofs from all leaves ---- */

typedef uint8_t Leaf[MERKLE_HASH];

/* The largest power of two below n; n > 1. */
static uint64_t split(uint64_t n) {
    uint64_t k = 1;
    while (k < n - k) /* not 2 * k < n: that may run over */
        k *= 2;
    return k;
}

static void add_root(CvkMerklePath *path, const Leaf *leaves, uint64_t from, uint64_t to) {
    CvkMerkle m = {0};
    for (uint64_t i = from; i < to; i++)
        cvk_merkle_add(&m, leaves[i]);
    cvk_merkle_root(&m, path->hash[path->n++]);
}

/* What was found going down from the root is told going up. */
static void turn_round(CvkMerklePath *path) {
    for (size_t i = 0, j = path->n; i + 1 < j; i++) {
        Leaf kept;
        memcpy(kept, path->hash[i], sizeof kept);
        memcpy(path->hash[i], path->hash[--j], sizeof kept);
        memcpy(path->hash[j], kept, sizeof kept);
    }
}

void cvk_merkle_path(const uint8_t (*leaves)[MERKLE_HASH], uint64_t n, uint64_t at,
                     CvkMerklePath *ret) {
    assert(at < n);
    uint64_t from = 0, to = n; /* the subtree in which the leaf is */
    ret->n = 0;
    while (to - from > 1) {
        uint64_t middle = from + split(to - from);
        if (at < middle) {
            add_root(ret, leaves, middle, to);
            to = middle;
        } else {
            add_root(ret, leaves, from, middle);
            from = middle;
        }
    }
    turn_round(ret);
}

void cvk_merkle_growth(const uint8_t (*leaves)[MERKLE_HASH], uint64_t m, uint64_t n,
                       CvkMerklePath *ret) {
    assert(m > 0 && m <= n);
    uint64_t from = 0, to = n; /* the subtree in which the smaller tree ends */
    ret->n = 0;
    while (m < to) {
        uint64_t middle = from + split(to - from);
        if (m <= middle) {
            add_root(ret, leaves, middle, to);
            to = middle;
        } else {
            add_root(ret, leaves, from, middle);
            from = middle;
        }
    }
    if (from != 0) /* else it is the smaller tree's root, which is known */
        add_root(ret, leaves, from, to);
    turn_round(ret);
}

/* ---- checking ---- */

bool cvk_merkle_holds(const uint8_t leaf[MERKLE_HASH], uint64_t at, uint64_t n,
                      const CvkMerklePath *path, const uint8_t root[MERKLE_HASH]) {
    uint8_t hash[MERKLE_HASH];
    if (at >= n || path->n > MERKLE_PATH_MAX)
        return false;
    uint64_t last = n - 1; /* `at` and the last node, level by level */
    memcpy(hash, leaf, sizeof hash);
    for (size_t i = 0; i < path->n; i++) {
        if (last == 0)
            return false;
        if ((at & 1) != 0 || at == last) {
            node(path->hash[i], hash, hash);
            for (; (at & 1) == 0 && at != 0; at >>= 1) /* a last node without a sibling goes up */
                last >>= 1;
        } else {
            node(hash, path->hash[i], hash);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && memcmp(hash, root, sizeof hash) == 0;
}

static bool is_power_of_two(uint64_t n) {
    return (n & (n - 1)) == 0;
}

bool cvk_merkle_grew(uint64_t m, const uint8_t root_m[MERKLE_HASH], uint64_t n,
                     const uint8_t root_n[MERKLE_HASH], const CvkMerklePath *path) {
    if (m == 0 || m > n || path->n > MERKLE_PATH_MAX)
        return false;
    if (m == n)
        return path->n == 0 && memcmp(root_m, root_n, MERKLE_HASH) == 0;
    if (path->n == 0)
        return false;
    uint64_t at = m - 1, last = n - 1; /* the smaller tree's last node and the larger one's */
    for (; (at & 1) != 0; at >>= 1)
        last >>= 1;
    /* A smaller tree that is complete is itself the first node; it is not sent. */
    size_t next = is_power_of_two(m) ? 0 : 1;
    uint8_t small[MERKLE_HASH], large[MERKLE_HASH];
    memcpy(small, next == 0 ? root_m : path->hash[0], sizeof small);
    memcpy(large, small, sizeof large);
    for (; next < path->n; next++) {
        if (last == 0)
            return false;
        if ((at & 1) != 0 || at == last) {
            node(path->hash[next], small, small);
            node(path->hash[next], large, large);
            for (; (at & 1) == 0 && at != 0; at >>= 1)
                last >>= 1;
        } else {
            node(large, path->hash[next], large);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && memcmp(small, root_m, sizeof small) == 0 &&
           memcmp(large, root_n, sizeof large) == 0;
}
