#include "base/hex.h"
#include "base/merkle.h"
#include "base/sha256.h"
#include "support/test.h"

#define LEAVES 64

/* The eight entries, the roots and the paths that the reference implementations of Certificate
 * Transparency have tested with from the first. */
static const struct {
    const char *data;
    size_t n;
} entries[8] = {
    {"", 0},
    {"\x00", 1},
    {"\x10", 1},
    {"\x20\x21", 2},
    {"\x30\x31", 2},
    {"\x40\x41\x42\x43", 4},
    {"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
    {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16},
};
static const char *const roots[9] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};
#define NODE_1 "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define NODE_23 "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
#define NODE_4567 "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
#define NODE_4 "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
#define NODE_45 "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
#define NODE_67 "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"

static void known_leaves(uint8_t ret[8][MERKLE_HASH]) {
    for (size_t i = 0; i < 8; i++)
        cvk_merkle_leaf(entries[i].data, entries[i].n, ret[i]);
}

/* LEAVES different ones. */
static void made_leaves(uint8_t ret[LEAVES][MERKLE_HASH]) {
    for (size_t i = 0; i < LEAVES; i++) {
        uint8_t entry = (uint8_t)i;
        cvk_merkle_leaf(&entry, 1, ret[i]);
    }
}

static void frontier(const uint8_t (*leaves)[MERKLE_HASH], size_t n, CvkMerkle *ret) {
    *ret = (CvkMerkle){0};
    for (size_t i = 0; i < n; i++)
        cvk_merkle_add(ret, leaves[i]);
}

static void root_of(const uint8_t (*leaves)[MERKLE_HASH], size_t n, uint8_t ret[MERKLE_HASH]) {
    CvkMerkle m;
    frontier(leaves, n, &m);
    cvk_merkle_root(&m, ret);
}

/* MTH of RFC 9162 2.1.1, word for word: independent of the frontier. */
static void defined_root(const uint8_t (*leaves)[MERKLE_HASH], size_t n, uint8_t ret[MERKLE_HASH]) {
    uint8_t both[1 + 2 * MERKLE_HASH] = {0x01};
    size_t k = 1;
    if (n == 1) {
        memcpy(ret, leaves[0], MERKLE_HASH);
        return;
    }
    while (2 * k < n)
        k *= 2;
    defined_root(leaves, k, both + 1);
    defined_root(leaves + k, n - k, both + 1 + MERKLE_HASH);
    cvk_sha256(both, sizeof both, ret);
}

static void assert_hash(const uint8_t hash[MERKLE_HASH], const char *expected) {
    char hex[2 * MERKLE_HASH + 1];
    cvk_hex_encode(hash, MERKLE_HASH, hex);
    assert_string_equal(hex, expected);
}

static void assert_path(const CvkMerklePath *path, size_t n, const char *const expected[]) {
    assert_int_equal(path->n, n);
    for (size_t i = 0; i < n; i++)
        assert_hash(path->hash[i], expected[i]);
}

/* ---- known answers ---- */

static void the_published_roots_come_out(void **state) {
    (void)state;
    uint8_t leaves[8][MERKLE_HASH], root[MERKLE_HASH];
    known_leaves(leaves);

    for (size_t n = 0; n <= 8; n++) {
        root_of(leaves, n, root);
        assert_hash(root, roots[n]);
    }
}

static void the_published_inclusion_paths_come_out(void **state) {
    (void)state;
    uint8_t leaves[8][MERKLE_HASH];
    CvkMerklePath path;
    known_leaves(leaves);

    cvk_merkle_path(leaves, 8, 0, &path);
    assert_path(&path, 3, (const char *const[]){NODE_1, NODE_23, NODE_4567});
    cvk_merkle_path(leaves, 8, 5, &path);
    assert_path(&path, 3, (const char *const[]){NODE_4, NODE_67, roots[4]});
    cvk_merkle_path(leaves, 3, 2, &path);
    assert_path(&path, 1, (const char *const[]){roots[2]});
    cvk_merkle_path(leaves, 5, 1, &path);
    assert_path(&path, 3, (const char *const[]){roots[1], NODE_23, NODE_4});
    cvk_merkle_path(leaves, 1, 0, &path);
    assert_int_equal(path.n, 0);
}

static void the_published_consistency_paths_come_out(void **state) {
    (void)state;
    uint8_t leaves[8][MERKLE_HASH];
    CvkMerklePath path;
    known_leaves(leaves);

    cvk_merkle_growth(leaves, 1, 8, &path);
    assert_path(&path, 3, (const char *const[]){NODE_1, NODE_23, NODE_4567});
    cvk_merkle_growth(leaves, 6, 8, &path);
    assert_path(&path, 3, (const char *const[]){NODE_45, NODE_67, roots[4]});
    cvk_merkle_growth(leaves, 2, 5, &path);
    assert_path(&path, 2, (const char *const[]){NODE_23, NODE_4});
    cvk_merkle_growth(leaves, 8, 8, &path);
    assert_int_equal(path.n, 0);
}

/* ---- properties ---- */

static void the_frontier_gives_the_root_of_the_definition(void **state) {
    (void)state;
    uint8_t leaves[LEAVES][MERKLE_HASH], got[MERKLE_HASH], expected[MERKLE_HASH];
    made_leaves(leaves);

    for (size_t n = 1; n <= LEAVES; n++) {
        root_of(leaves, n, got);
        defined_root(leaves, n, expected);
        assert_memory_equal(got, expected, MERKLE_HASH);
    }
}

static void every_leaf_of_every_tree_has_a_proof(void **state) {
    (void)state;
    uint8_t leaves[LEAVES][MERKLE_HASH], root[MERKLE_HASH];
    CvkMerklePath path;
    made_leaves(leaves);

    for (size_t n = 1; n <= LEAVES; n++) {
        root_of(leaves, n, root);
        for (size_t at = 0; at < n; at++) {
            cvk_merkle_path(leaves, n, at, &path);
            assert_true(cvk_merkle_holds(leaves[at], at, n, &path, root));
        }
    }
}

static void the_frontier_proves_the_newest_leaf(void **state) {
    (void)state;
    uint8_t leaves[LEAVES][MERKLE_HASH];
    CvkMerkle before;
    CvkMerklePath got, expected;
    made_leaves(leaves);

    for (size_t n = 1; n <= LEAVES; n++) {
        frontier(leaves, n - 1, &before);
        cvk_merkle_path_last(&before, &got);
        cvk_merkle_path(leaves, n, n - 1, &expected);
        assert_int_equal(got.n, expected.n);
        assert_memory_equal(got.hash, expected.hash, got.n * MERKLE_HASH);
    }
}

static void a_proof_is_of_one_leaf_at_one_place_in_one_tree(void **state) {
    (void)state;
    uint8_t leaves[LEAVES][MERKLE_HASH], root[MERKLE_HASH], other[MERKLE_HASH];
    CvkMerklePath path;
    made_leaves(leaves);

    for (size_t n = 2; n <= 20; n++) {
        root_of(leaves, n, root);
        root_of(leaves, n + 1, other);
        for (size_t at = 0; at < n; at++) {
            cvk_merkle_path(leaves, n, at, &path);
            for (size_t i = 0; i < n; i++) {
                assert_int_equal(cvk_merkle_holds(leaves[i], at, n, &path, root), i == at);
                assert_int_equal(cvk_merkle_holds(leaves[at], i, n, &path, root), i == at);
            }
            assert_false(cvk_merkle_holds(leaves[at], at, n, &path, other));
            assert_false(cvk_merkle_holds(leaves[at], n, n, &path, root));
            assert_false(cvk_merkle_holds(leaves[at], at, 0, &path, root));
        }
    }
}

static void a_changed_proof_is_refused(void **state) {
    (void)state;
    uint8_t leaves[LEAVES][MERKLE_HASH], root[MERKLE_HASH];
    CvkMerklePath path;
    made_leaves(leaves);
    root_of(leaves, 21, root);

    for (size_t at = 0; at < 21; at++) {
        cvk_merkle_path(leaves, 21, at, &path);
        for (size_t i = 0; i < path.n; i++) {
            path.hash[i][at] ^= 1;
            assert_false(cvk_merkle_holds(leaves[at], at, 21, &path, root));
            path.hash[i][at] ^= 1;
        }
        path.n--;
        assert_false(cvk_merkle_holds(leaves[at], at, 21, &path, root));
        path.n += 2;
        memcpy(path.hash[path.n - 1], root, MERKLE_HASH);
        assert_false(cvk_merkle_holds(leaves[at], at, 21, &path, root));
    }
}

static void a_path_longer_than_any_is_refused(void **state) {
    (void)state;
    uint8_t leaf[MERKLE_HASH] = {0}, root[MERKLE_HASH] = {0};
    CvkMerklePath path = {.n = MERKLE_PATH_MAX + 1};

    assert_false(cvk_merkle_holds(leaf, 0, UINT64_MAX, &path, root));
    assert_false(cvk_merkle_grew(3, root, UINT64_MAX, root, &path));
}

static void every_tree_grew_from_every_smaller_one(void **state) {
    (void)state;
    uint8_t leaves[LEAVES][MERKLE_HASH], root[LEAVES + 1][MERKLE_HASH];
    CvkMerklePath path;
    made_leaves(leaves);
    for (size_t n = 1; n <= LEAVES; n++)
        root_of(leaves, n, root[n]);

    for (size_t n = 1; n <= LEAVES; n++)
        for (size_t m = 1; m <= n; m++) {
            cvk_merkle_growth(leaves, m, n, &path);
            assert_true(cvk_merkle_grew(m, root[m], n, root[n], &path));
        }
}

static void a_fork_did_not_grow(void **state) {
    (void)state;
    uint8_t leaves[LEAVES][MERKLE_HASH], forked[LEAVES][MERKLE_HASH];
    uint8_t small[MERKLE_HASH], large[MERKLE_HASH];
    CvkMerklePath path;
    made_leaves(leaves);

    for (size_t n = 2; n <= 20; n++)
        for (size_t m = 1; m < n; m++) {
            memcpy(forked, leaves, sizeof leaves);
            forked[m - 1][0] ^= 1;
            root_of(leaves, m, small);
            root_of(forked, n, large);
            cvk_merkle_growth(leaves, m, n, &path);
            assert_false(cvk_merkle_grew(m, small, n, large, &path));
            cvk_merkle_growth(forked, m, n, &path);
            assert_false(cvk_merkle_grew(m, small, n, large, &path));
        }
}

static void a_changed_proof_of_growth_is_refused(void **state) {
    (void)state;
    uint8_t leaves[LEAVES][MERKLE_HASH], small[MERKLE_HASH], large[MERKLE_HASH];
    CvkMerklePath path;
    made_leaves(leaves);
    root_of(leaves, 21, large);

    for (size_t m = 1; m < 21; m++) {
        root_of(leaves, m, small);
        cvk_merkle_growth(leaves, m, 21, &path);
        assert_false(cvk_merkle_grew(m, large, 21, large, &path));
        assert_false(cvk_merkle_grew(0, small, 21, large, &path));
        assert_false(cvk_merkle_grew(21, small, m, large, &path));
        for (size_t i = 0; i < path.n; i++) {
            path.hash[i][m] ^= 1;
            assert_false(cvk_merkle_grew(m, small, 21, large, &path));
            path.hash[i][m] ^= 1;
        }
        path.n--;
        assert_false(cvk_merkle_grew(m, small, 21, large, &path));
        path.n += 2;
        memcpy(path.hash[path.n - 1], large, MERKLE_HASH);
        assert_false(cvk_merkle_grew(m, small, 21, large, &path));
    }
}

static void a_tree_grew_from_itself_without_proof(void **state) {
    (void)state;
    uint8_t root[MERKLE_HASH] = {1}, other[MERKLE_HASH] = {2};
    CvkMerklePath none = {.n = 0}, some = {.n = 1};

    assert_true(cvk_merkle_grew(5, root, 5, root, &none));

    assert_false(cvk_merkle_grew(5, root, 5, other, &none));
    assert_false(cvk_merkle_grew(5, root, 5, root, &some));
}

/* ---- the frontier as bytes ---- */

static void a_packed_frontier_grows_as_the_first_would(void **state) {
    (void)state;
    uint8_t leaves[LEAVES][MERKLE_HASH], packed[MERKLE_PACKED_MAX];
    uint8_t got[MERKLE_HASH], expected[MERKLE_HASH];
    CvkMerkle m, back;
    made_leaves(leaves);

    for (size_t n = 0; n < LEAVES; n++) {
        frontier(leaves, n, &m);
        size_t size = cvk_merkle_pack(&m, packed);
        assert_true(cvk_merkle_unpack(packed, size, &back));
        cvk_merkle_add(&back, leaves[n]);
        cvk_merkle_root(&back, got);
        root_of(leaves, n + 1, expected);
        assert_memory_equal(got, expected, MERKLE_HASH);
    }
}

static void bytes_of_another_length_are_no_frontier(void **state) {
    (void)state;
    uint8_t leaves[LEAVES][MERKLE_HASH], packed[MERKLE_PACKED_MAX + 1] = {0};
    CvkMerkle m, back = {.n = 99};
    made_leaves(leaves);
    frontier(leaves, 21, &m);

    size_t size = cvk_merkle_pack(&m, packed);

    assert_int_equal(size, 8 + 3 * MERKLE_HASH);
    assert_false(cvk_merkle_unpack(packed, size - 1, &back));
    assert_false(cvk_merkle_unpack(packed, size + 1, &back));
    assert_false(cvk_merkle_unpack(packed, 7, &back));
    assert_int_equal(back.n, 99);
}

static void the_largest_trees_can_be_told(void **state) {
    (void)state;
    uint8_t leaf[MERKLE_HASH] = {7}, root[MERKLE_HASH], packed[MERKLE_PACKED_MAX];
    CvkMerklePath path;
    CvkMerkle m = {.n = UINT64_MAX - 1}; /* 63 peaks, of zeros */

    cvk_merkle_path_last(&m, &path);
    cvk_merkle_add(&m, leaf);
    cvk_merkle_root(&m, root);

    assert_int_equal(path.n, 63);
    assert_true(cvk_merkle_holds(leaf, UINT64_MAX - 1, UINT64_MAX, &path, root));
    assert_int_equal(cvk_merkle_pack(&m, packed), MERKLE_PACKED_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_published_roots_come_out),
        TEST(the_published_inclusion_paths_come_out),
        TEST(the_published_consistency_paths_come_out),
        TEST(the_frontier_gives_the_root_of_the_definition),
        TEST(every_leaf_of_every_tree_has_a_proof),
        TEST(the_frontier_proves_the_newest_leaf),
        TEST(a_proof_is_of_one_leaf_at_one_place_in_one_tree),
        TEST(a_changed_proof_is_refused),
        TEST(a_path_longer_than_any_is_refused),
        TEST(every_tree_grew_from_every_smaller_one),
        TEST(a_fork_did_not_grow),
        TEST(a_changed_proof_of_growth_is_refused),
        TEST(a_tree_grew_from_itself_without_proof),
        TEST(a_packed_frontier_grows_as_the_first_would),
        TEST(bytes_of_another_length_are_no_frontier),
        TEST(the_largest_trees_can_be_told),
    };
    return cmocka_run_group_tests_name("base/merkle", tests, NULL, NULL);
}
