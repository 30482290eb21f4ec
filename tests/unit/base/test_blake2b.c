#include "base/blake2b.h"
#include "base/hex.h"
#include "base/le.h"
#include "base/rng.h"
#include "support/test.h"

#include "support/shared.h"

#include <sodium.h>

#define LONGEST 1100

static void fill(uint8_t *ret, size_t n, uint64_t label) {
    static const uint8_t seed[CVK_SEED_BYTES] = {7};
    cvk_stream(seed, label, ret, n);
}

static void judge(const uint8_t *data, size_t n, uint8_t ret[BLAKE2B_BYTES]) {
    int done = crypto_generichash(ret, BLAKE2B_BYTES, data, n, NULL, 0);
    assert_int_equal(done, 0);
}

static void the_digest_of_nothing_is_the_known_one(void **state) {
    (void)state;
    uint8_t digest[BLAKE2B_BYTES];
    char hex[2 * BLAKE2B_BYTES + 1];

    cvk_blake2b(NULL, 0, digest);

    cvk_hex_encode(digest, sizeof digest, hex);
    assert_string_equal(hex,
                        "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e10"
                        "31afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce");
}

static void every_length_agrees_with_libsodium(void **state) {
    (void)state;
    uint8_t data[LONGEST], digest[BLAKE2B_BYTES], expected[BLAKE2B_BYTES];
    fill(data, sizeof data, 1);

    for (size_t n = 0; n <= LONGEST; n++) {
        cvk_blake2b(data, n, digest);
        judge(data, n, expected);
        assert_memory_equal(digest, expected, BLAKE2B_BYTES);
    }
}

static void it_makes_no_difference_where_the_input_is_split(void **state) {
    (void)state;
    uint8_t data[3 * BLAKE2B_BLOCK + 1], digest[BLAKE2B_BYTES], expected[BLAKE2B_BYTES];
    const size_t lengths[] = {127, 128, 129, 255, 256, 257, 384, 385};
    fill(data, sizeof data, 2);

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (size_t split = 0; split <= lengths[i]; split++) {
            CvkBlake2b b;
            cvk_blake2b_init(&b);
            cvk_blake2b_add(&b, data, split);
            cvk_blake2b_add(&b, data + split, lengths[i] - split);
            cvk_blake2b_finish(&b, digest);
            judge(data, lengths[i], expected);
            assert_memory_equal(digest, expected, BLAKE2B_BYTES);
        }
}

static void random_pieces_agree_with_libsodium(void **state) {
    (void)state;
    uint8_t data[20000], cuts[256], digest[BLAKE2B_BYTES], expected[BLAKE2B_BYTES];
    fill(data, sizeof data, 3);
    fill(cuts, sizeof cuts, 4);
    CvkBlake2b b;
    cvk_blake2b_init(&b);

    size_t at = 0;
    for (size_t i = 0; i < sizeof cuts && at + 2u * cuts[i] <= sizeof data; i++) {
        cvk_blake2b_add(&b, data + at, 2u * cuts[i]);
        at += 2u * cuts[i];
    }
    cvk_blake2b_finish(&b, digest);

    assert_true(at > 10000);
    judge(data, at, expected);
    assert_memory_equal(digest, expected, BLAKE2B_BYTES);
}

static void a_full_block_stays_in_the_buffer_and_what_is_behind_the_position_is_zero(void **state) {
    (void)state;
    uint8_t data[2 * BLAKE2B_BLOCK];
    static const uint8_t zeros[BLAKE2B_BLOCK];
    fill(data, sizeof data, 5);
    CvkBlake2b b;
    cvk_blake2b_init(&b);

    cvk_blake2b_add(&b, data, BLAKE2B_BLOCK);
    assert_int_equal(b.pos, BLAKE2B_BLOCK);
    assert_int_equal(b.t, 0);
    cvk_blake2b_add(&b, data, 1);
    assert_int_equal(b.pos, 1);
    assert_int_equal(b.t, BLAKE2B_BLOCK);
    assert_memory_equal(b.buffer + 1, zeros, BLAKE2B_BLOCK - 1);
}

static void a_finished_state_goes_on(void **state) {
    (void)state;
    uint8_t data[300], digest[BLAKE2B_BYTES], expected[BLAKE2B_BYTES];
    fill(data, sizeof data, 6);
    CvkBlake2b b;
    cvk_blake2b_init(&b);
    cvk_blake2b_add(&b, data, 200);
    cvk_blake2b_finish(&b, digest);

    cvk_blake2b_add(&b, data + 200, 100);
    cvk_blake2b_finish(&b, digest);

    judge(data, sizeof data, expected);
    assert_memory_equal(digest, expected, BLAKE2B_BYTES);
}

/* As behind 4 GiB, without hashing them: the counter goes on in its high half, which is hashed. */
static void the_counter_passes_4_gib(void **state) {
    (void)state;
    uint8_t data[BLAKE2B_BLOCK + 1], digest[BLAKE2B_BYTES], low[BLAKE2B_BYTES];
    fill(data, sizeof data, 7);
    CvkBlake2b b, other;
    cvk_blake2b_init(&b);
    b.t = ((uint64_t)1 << 32) - BLAKE2B_BLOCK;
    other = b;

    cvk_blake2b_add(&b, data, sizeof data);
    cvk_blake2b_finish(&b, digest);

    assert_true(b.t == (uint64_t)1 << 32);
    cvk_blake2b_add(&other, data, sizeof data);
    other.t = (uint32_t)other.t; /* as a program with 32 bits would have it */
    cvk_blake2b_finish(&other, low);
    assert_memory_not_equal(digest, low, sizeof low);
}

/* Where the contribution of det/d4_beacon.ptau begins, and what is in it (reference: formats). */
#define PUBKEY_BYTES 768
#define PARTIAL_BYTES 216

/* The file keeps the state before the public key: with the key in the files' big-endian form, which
 * the challenge's worked example gives, it must end in the response hash of snarkjs's log. */
static void a_state_that_snarkjs_kept_goes_on_to_its_response_hash(void **state) {
    (void)state;
    char path[512], line[4096];
    shared_path(path, sizeof path, "fixtures/snarkjs/det/d4_beacon.ptau");
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    static uint8_t file[16384];
    size_t n = fread(file, 1, sizeof file, f);
    fclose(f);
    /* the last section: params 2 + 2 + 2 + 34 behind type and length, 64 of the next challenge */
    size_t params = 8 + 2 + 2 + 2 + 2 + 32;
    assert_true(n > params + 64 + PARTIAL_BYTES);
    const uint8_t *partial = file + n - params - 64 - PARTIAL_BYTES;
    CvkBlake2b b = {.t = cvk_le64(partial + 192), .pos = (size_t)cvk_le64(partial + 200)};
    assert_true(b.pos <= BLAKE2B_BLOCK);
    memcpy(b.buffer, partial, b.pos);
    for (size_t i = 0; i < 8; i++)
        b.h[i] = cvk_le64(partial + 128 + 8 * i);

    /* the public key, from the worked example: g1_s and g1_sx of the three keys, then g2_spx */
    uint8_t g1[6][64], g2[3][128];
    size_t g1_n = 0, g2_n = 0;
    shared_path(path, sizeof path, "fixtures/snarkjs/det/worked.txt");
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        const char *value = strrchr(line, ' ') + 1;
        if (strncmp(line, "zkey", 4) == 0)
            continue;
        if (strstr(line, "g1_s") != NULL && g1_n < 6)
            assert_true(cvk_hex_decode(value, 64, g1[g1_n++]));
        else if (strstr(line, "g2_spx U") != NULL && g2_n < 3)
            assert_true(cvk_hex_decode(value, 128, g2[g2_n++]));
    }
    fclose(f);
    assert_int_equal(g1_n, 6);
    assert_int_equal(g2_n, 3);
    cvk_blake2b_add(&b, g1, sizeof g1);
    cvk_blake2b_add(&b, g2, sizeof g2);
    uint8_t digest[BLAKE2B_BYTES];
    char hex[2 * BLAKE2B_BYTES + 1];
    cvk_blake2b_finish(&b, digest);

    cvk_hex_encode(digest, sizeof digest, hex);
    assert_string_equal(hex,
                        "fbd3d7f86cfa099bcc7968a4318c40b294eb56b111f5a2d9ee9d5e9e5122f3c842b136"
                        "2f8712ea53bf219dee3ccfb216483c7d6048a51577c7afccc96f7594c8");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_digest_of_nothing_is_the_known_one),
        TEST(every_length_agrees_with_libsodium),
        TEST(it_makes_no_difference_where_the_input_is_split),
        TEST(random_pieces_agree_with_libsodium),
        TEST(a_full_block_stays_in_the_buffer_and_what_is_behind_the_position_is_zero),
        TEST(a_finished_state_goes_on),
        TEST(the_counter_passes_4_gib),
        TEST(a_state_that_snarkjs_kept_goes_on_to_its_response_hash),
    };
    return cmocka_run_group_tests_name("base/blake2b", tests, NULL, NULL);
}
