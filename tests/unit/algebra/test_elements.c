#include "some_points.h"
#include "vectors.h"

static void group_laws_hold_with_infinity_doubling_and_opposites(void **state) {
    Setup *s = *state;
    const Group *groups[] = {s->g1, s->g2};
    for (size_t i = 0; i < 2; i++) {
        Element g = element_generator(groups[i]), o = element_infinity(groups[i]);
        Fr two = fr_from_uint(s->c, 2), three = fr_from_uint(s->c, 3);
        Element doubled = element_add(&g, &g), minus = element_neg(&g);
        Element by_two = element_mul(&g, &two), by_three = element_mul_secret(&g, &three);
        Element tripled = element_add(&doubled, &g), none = element_add(&g, &minus);
        Element same = element_add(&g, &o), from_left = element_add(&o, &g);
        Element nothing = element_add(&o, &o);

        assert_true(element_equal(&doubled, &by_two));
        assert_true(element_equal(&tripled, &by_three));
        assert_true(element_is_infinity(&none));
        assert_true(element_is_infinity(&nothing));
        assert_true(element_equal(&same, &g));
        assert_true(element_equal(&from_left, &g));
        assert_false(element_equal(&g, &o));
        assert_false(element_equal(&o, &g));
        assert_true(element_equal(&none, &o));
        assert_false(element_equal(&g, &minus));
    }
}

static void elements_of_different_groups_are_never_equal(void **state) {
    Setup *s = *state;
    Element a = element_infinity(s->g1), b = element_infinity(s->g2);

    assert_false(element_equal(&a, &b));
}

static void multiplying_by_the_edges_of_the_field_is_right(void **state) {
    Setup *s = *state;
    const Group *groups[] = {s->g1, s->g2};
    Fr zero = fr_from_uint(s->c, 0), one = fr_from_uint(s->c, 1), last = fr_sub(s->c, &zero, &one);
    for (size_t i = 0; i < 2; i++) {
        Element g = element_generator(groups[i]), o = element_infinity(groups[i]);
        Element minus = element_neg(&g);
        Element by_zero = element_mul(&g, &zero), by_one = element_mul(&g, &one);
        Element by_last = element_mul(&g, &last), of_infinity = element_mul(&o, &last);

        assert_true(element_is_infinity(&by_zero));
        assert_true(element_equal(&by_one, &g));
        assert_true(element_equal(&by_last, &minus));
        assert_true(element_is_infinity(&of_infinity));
    }
}

static void encodings_are_those_of_the_standard(void **state) {
    Setup *s = *state;
    uint8_t g1[48], expected[96], g2[96];
    json_t *kats = crypto_kats();
    const json_t *first = json_array_get(json_object_get(kats, "identity_signatures"), 0);
    bytes_of(first, "pubkey_g2", 96, expected); /* of the secret 1: the generator */
    Element a = element_generator(s->g1), b = element_generator(s->g2);

    element_write(&a, FORM_ZCASH, g1);
    element_write(&b, FORM_ZCASH, g2);

    assert_memory_equal(g2, expected, 96);
    assert_true(cvk_hex_parse("0x97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac58"
                              "6c55e83ff97a1aeffb3af00adb22c6bb",
                              48, expected));
    assert_memory_equal(g1, expected, 48);
    json_decref(kats);
}

static void infinity_is_encoded_as_c0_and_zeros(void **state) {
    Setup *s = *state;
    const Group *groups[] = {s->g1, s->g2};
    for (size_t i = 0; i < 2; i++) {
        uint8_t bytes[96], expected[96] = {0xc0};
        Element o = element_infinity(groups[i]);

        element_write(&o, FORM_ZCASH, bytes);

        assert_memory_equal(bytes, expected, form_bytes(groups[i], FORM_ZCASH));
    }
}

static void hashing_to_g1_gives_the_known_points(void **state) {
    Setup *s = *state;
    json_t *kats = crypto_kats();
    const json_t *list = json_object_get(kats, "hash_to_g1");
    assert_true(json_array_size(list) >= 3);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *kat = json_array_get(list, i);
        const char *message = text_of(kat, "message_utf8");
        uint8_t expected[48], bytes[48];
        bytes_of(kat, "point", 48, expected);

        Element h = element_hash_to_g1(s->c, message, strlen(message), text_of(kats, "dst"));

        element_write(&h, FORM_ZCASH, bytes);
        assert_memory_equal(bytes, expected, 48);
    }
    json_decref(kats);
}

static void identity_signatures_are_the_known_ones_and_verify(void **state) {
    Setup *s = *state;
    json_t *kats = crypto_kats();
    const json_t *list = json_object_get(kats, "identity_signatures");
    assert_true(json_array_size(list) >= 10);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *kat = json_array_get(list, i);
        const char *message = text_of(kat, "message_utf8");
        uint8_t secret[FR_BYTES], expected[96], bytes[96];
        Fr x;
        bytes_of(kat, "secret_be", FR_BYTES, secret);
        assert_true(fr_from_be(s->c, secret, &x));
        Element h = element_hash_to_g1(s->c, message, strlen(message), text_of(kats, "dst"));
        Element generator = element_generator(s->g2);

        Element signature = element_mul_secret(&h, &x), key = element_mul_secret(&generator, &x);

        element_write(&signature, FORM_ZCASH, bytes);
        bytes_of(kat, "signature_g1", 48, expected);
        assert_memory_equal(bytes, expected, 48);
        element_write(&key, FORM_ZCASH, bytes);
        bytes_of(kat, "pubkey_g2", 96, expected);
        assert_memory_equal(bytes, expected, 96);
        PairingTerm terms[2] = {{element_neg(&signature), generator}, {h, key}};
        bool one = false;
        CvkErr err;
        assert_true(pairing_product_is_one(s->c, terms, 2, NULL, &one, &err));
        assert_true(one);
    }
    json_decref(kats);
}

static void the_curve_and_its_groups_have_names(void **state) {
    Setup *s = *state;

    assert_string_equal(curve_name(s->c), "bls12_381");
    assert_string_equal(curve_backend(s->c), "blst");
    assert_string_equal(group_name(s->g1), "G1");
    assert_string_equal(group_name(s->g2), "G2");
    assert_int_equal(form_bytes(s->g1, FORM_ZCASH), 48);
    assert_int_equal(form_bytes(s->g2, FORM_ZCASH), 96);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_EACH_CURVE(group_laws_hold_with_infinity_doubling_and_opposites),
        ON_EACH_CURVE(elements_of_different_groups_are_never_equal),
        ON_EACH_CURVE(multiplying_by_the_edges_of_the_field_is_right),
        ON_BLS12_381(encodings_are_those_of_the_standard),
        ON_BLS12_381(infinity_is_encoded_as_c0_and_zeros),
        ON_BLS12_381(hashing_to_g1_gives_the_known_points),
        ON_BLS12_381(identity_signatures_are_the_known_ones_and_verify),
        ON_BLS12_381(the_curve_and_its_groups_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
