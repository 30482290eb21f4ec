#include "format/solidity.h"
#include "support/test.h"

/* A key of n public inputs, from small logarithms. */
static Groth16Vkey *some_key(const Curve *c, size_t n) {
    Groth16Vkey *k = calloc(1, sizeof *k);
    Element g1 = element_generator(curve_g1(c)), g2 = element_generator(curve_g2(c));
    assert_non_null(k);
    *k = (Groth16Vkey){.curve = c,
                       .alpha_g1 = g1,
                       .beta_g2 = g2,
                       .gamma_g2 = g2,
                       .delta_g2 = element_add(&g2, &g2),
                       .ic = points_generators(curve_g1(c), n + 1, NULL)};
    assert_non_null(k->ic);
    return k;
}

static void a_contract_over_another_curve_is_refused(void **state) {
    (void)state;
    Groth16Vkey *k = some_key(curve_bls12_381(), 1);
    CvkBuf out = CVK_BUF(1 << 20);
    CvkErr err;

    assert_false(solidity_write(k, &out, &err));

    assert_string_equal(err.id, "solidity.curve");
    assert_int_equal(out.n, 0);
    groth16_vkey_free(k);
}

/* -(1, 2) has y = q - 2. */
static void points_of_the_other_side_are_written_with_their_sign(void **state) {
    (void)state;
    Groth16Vkey *k = some_key(curve_bn254(), 2);
    CvkBuf out = CVK_BUF(1 << 20);

    assert_true(solidity_write(k, &out, NULL));

    assert_non_null(strstr(out.data, "NEGATIVE_ALPHA_Y = 0x30644e72e131a029b85045b68181585d97816a91"
                                     "6871ca8d3c208c16d87cfd45;\n"));
    assert_non_null(strstr(out.data, "IC2_Y = 0x000000000000000000000000000000000000000000000000"
                                     "0000000000000002;\n"));
    assert_null(strstr(out.data, "IC3_X"));
    assert_non_null(strstr(out.data, "uint256[2] calldata s)"));
    groth16_vkey_free(k);
    cvk_buf_done(&out);
}

/* Solidity has no arrays of no elements. */
static void a_circuit_without_public_inputs_has_no_argument_for_them(void **state) {
    (void)state;
    Groth16Vkey *k = some_key(curve_bn254(), 0);
    CvkBuf out = CVK_BUF(1 << 20);

    assert_true(solidity_write(k, &out, NULL));

    assert_non_null(strstr(out.data, "uint256[2] calldata c)\n"));
    assert_null(strstr(out.data, "calldataload"));
    groth16_vkey_free(k);
    cvk_buf_done(&out);
}

static void a_full_buffer_is_an_error(void **state) {
    (void)state;
    Groth16Vkey *k = some_key(curve_bn254(), 1);
    for (size_t max = 0; max < 5000; max += 97) {
        CvkBuf out = CVK_BUF(max);
        CvkErr err;
        assert_false(solidity_write(k, &out, &err));
        assert_string_equal(err.id, "limit.buffer");
        cvk_buf_done(&out);
    }
    groth16_vkey_free(k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_contract_over_another_curve_is_refused),
        TEST(points_of_the_other_side_are_written_with_their_sign),
        TEST(a_circuit_without_public_inputs_has_no_argument_for_them),
        TEST(a_full_buffer_is_an_error),
    };
    return cmocka_run_group_tests_name("format/solidity", tests, NULL, NULL);
}
