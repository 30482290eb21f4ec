#include "some_points.h"
#include "vectors.h"

static const uint8_t order[FR_BYTES] = {
    0x73, 0xed, 0xa7, 0x53, 0x29, 0x9d, 0x7d, 0x48, 0x33, 0x39, 0xd8, 0x08, 0x09, 0xa1, 0xd8, 0x05,
    0x53, 0xbd, 0xa4, 0x02, 0xff, 0xfe, 0x5b, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01};

static void scalars_are_read_and_written_big_endian(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    uint8_t be[FR_BYTES] = {0}, again[FR_BYTES];
    be[0] = 0x12;
    be[31] = 0x34;
    Fr a;

    assert_true(fr_from_be(c, be, &a));

    fr_to_be(c, &a, again);
    assert_memory_equal(again, be, FR_BYTES);
}

static void scalars_from_the_order_on_are_refused(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    uint8_t be[FR_BYTES];
    Fr a, minus_one = fr_from_uint(c, 1), zero = fr_from_uint(c, 0);
    minus_one = fr_sub(c, &zero, &minus_one);

    memcpy(be, order, FR_BYTES);
    assert_false(fr_from_be(c, be, &a));
    memset(be, 0xff, FR_BYTES);
    assert_false(fr_from_be(c, be, &a));
    memcpy(be, order, FR_BYTES);
    be[31]--;
    assert_true(fr_from_be(c, be, &a));

    assert_true(fr_equal(&a, &minus_one));
}

static void long_numbers_are_reduced(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    json_t *kats = crypto_kats();
    const json_t *kat = json_object_get(kats, "scalar_reduction");
    uint8_t le[FR_BYTES], reduced[FR_BYTES], be[FR_BYTES];
    bytes_of(kat, "le_input", FR_BYTES, le);
    bytes_of(kat, "reduced_le", FR_BYTES, reduced);
    json_decref(kats);

    Fr a = fr_from_be_reduced(c, le, FR_BYTES); /* all bytes are equal: either order */

    fr_to_be(c, &a, be);
    for (size_t i = 0; i < FR_BYTES; i++)
        assert_int_equal(be[i], reduced[FR_BYTES - 1 - i]);
}

static void reduction_agrees_with_horners_rule_at_every_length(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    uint8_t be[64];
    for (size_t i = 0; i < sizeof be; i++)
        be[i] = (uint8_t)(37 * i + 201);
    for (size_t n = 0; n <= sizeof be; n++) {
        Fr expected = fr_from_uint(c, 0), base = fr_from_uint(c, 256);
        for (size_t i = 0; i < n; i++) {
            Fr digit = fr_from_uint(c, be[i]);
            expected = fr_mul(c, &expected, &base);
            expected = fr_add(c, &expected, &digit);
        }

        Fr a = fr_from_be_reduced(c, be, n);

        assert_true(fr_equal(&a, &expected));
    }
}

static void an_inverse_undoes_a_product(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    Fr a = fr_from_uint(c, 0xdeadbeefcafe), one = fr_from_uint(c, 1), zero = fr_from_uint(c, 0);

    Fr inverse = fr_inverse(c, &a), product = fr_mul(c, &a, &inverse);
    Fr of_zero = fr_inverse(c, &zero);

    assert_true(fr_equal(&product, &one));
    assert_true(fr_is_zero(&of_zero));
}

/* Raised to the n/2 it is -1, so its order is n exactly. */
static void a_root_of_unity_has_exactly_its_order(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    Fr one = fr_from_uint(c, 1), zero = fr_from_uint(c, 0), minus_one = fr_sub(c, &zero, &one);
    for (unsigned k = 1; k <= 32; k++) {
        Fr root;
        assert_true(fr_root_of_unity(c, (size_t)1 << k, &root));
        for (unsigned i = 1; i < k; i++)
            root = fr_mul(c, &root, &root);
        assert_true(fr_equal(&root, &minus_one));
    }
    Fr root;
    assert_true(fr_root_of_unity(c, 1, &root));
    assert_true(fr_equal(&root, &one));
}

/* Of other numbers: EIP-4844's clients use 7^((r - 1) / n). */
static void the_root_of_unity_of_4096_from_7_is_that_of_eip_4844(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    static const char known[] =
        "0x564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306";
    uint8_t be[FR_BYTES];
    Fr expected, root;
    assert_true(cvk_hex_parse(known, sizeof be, be));
    assert_true(fr_from_be(c, be, &expected));

    assert_true(fr_root_of_unity_from(c, 7, 4096, &root));

    assert_true(fr_equal(&root, &expected));
}

/* 5^((r - 1) / n): what snarkjs makes Lagrange bases with; computed apart. */
static void the_root_of_unity_of_4096_is_that_of_ptau_files(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    uint8_t be[FR_BYTES];
    Fr expected, root;
    assert_true(cvk_hex_parse("0x110cebd0c8e9101be155cb4893f9e9ac565af17137d56fc0450d9f977ea8ee05",
                              sizeof be, be));
    assert_true(fr_from_be(c, be, &expected));

    assert_true(fr_root_of_unity(c, 4096, &root));

    assert_true(fr_equal(&root, &expected));
}

static void other_sizes_have_no_root_of_unity(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    static const size_t sizes[] = {0, 3, 5, 6, 4095, 4097, (size_t)1 << 33, SIZE_MAX};
    Fr root;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        assert_false(fr_root_of_unity(c, sizes[i], &root));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_EACH_CURVE(scalars_are_read_and_written_big_endian),
        ON_BLS12_381(scalars_from_the_order_on_are_refused),
        ON_BLS12_381(long_numbers_are_reduced),
        ON_EACH_CURVE(reduction_agrees_with_horners_rule_at_every_length),
        ON_EACH_CURVE(an_inverse_undoes_a_product),
        ON_BLS12_381(a_root_of_unity_has_exactly_its_order),
        ON_BLS12_381(the_root_of_unity_of_4096_from_7_is_that_of_eip_4844),
        ON_BLS12_381(the_root_of_unity_of_4096_is_that_of_ptau_files),
        ON_BLS12_381(other_sizes_have_no_root_of_unity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
