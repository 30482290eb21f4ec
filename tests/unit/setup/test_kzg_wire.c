#include "support/test.h"

#include "setup/kzg_wire.h"

static void sizes_are_read_and_written_in_one_form(void **state) {
    (void)state;
    KzgSizes sizes;
    char text[KZG_SIZES_TEXT];

    assert_true(kzg_sizes_parse("4096,65:8192,65:16384,65:32768,65", &sizes, NULL));
    assert_true(kzg_sizes_equal(&sizes, &KZG_SIZES_ETHEREUM));
    kzg_sizes_format(&sizes, text);
    assert_string_equal(text, "4096,65:8192,65:16384,65:32768,65");
    assert_true(kzg_sizes_parse("2,2", &sizes, NULL));
    assert_false(kzg_sizes_equal(&sizes, &KZG_SIZES_ETHEREUM));
}

static void sizes_that_no_ceremony_has_are_refused(void **state) {
    (void)state;
    const char *bad[] = {
        "",          "4",         "4,",        "4,3:",         ":4,3", "4,3,8",   "4,3 ", "-4,3",
        "6,3",       "4,5",       "4,1",       "1,1",          "0,2",  "8,2:4,9", "+4,3", "4, 3",
        "2097152,2", "4096,4097", "8192,4097", "4294967300,2", "4;3",  "1,1:1,1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        KzgSizes sizes = {.n = 99};
        CvkErr err;
        if (kzg_sizes_parse(bad[i], &sizes, &err))
            print_error("'%s'\n", bad[i]);
        assert_int_equal(sizes.n, 99);
        assert_string_equal(err.id, "kzg.sizes");
    }
}

static void more_sub_setups_than_there_may_be_are_refused(void **state) {
    (void)state;
    char text[LIMIT_KZG_SUBS * 4 + 8] = "";
    KzgSizes sizes;
    size_t at = 0;
    for (size_t i = 0; i < LIMIT_KZG_SUBS; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s4,2", i == 0 ? "" : ":");

    assert_true(kzg_sizes_parse(text, &sizes, NULL));
    assert_int_equal(sizes.n, LIMIT_KZG_SUBS);
    snprintf(text + at, sizeof text - at, ":4,2");
    assert_false(kzg_sizes_parse(text, &sizes, NULL));
}

static void the_largest_sizes_fit_their_text(void **state) {
    (void)state;
    KzgSizes sizes = {.n = LIMIT_KZG_SUBS}, back;
    char text[KZG_SIZES_TEXT];
    for (size_t i = 0; i < sizes.n; i++)
        sizes.at[i] = (KzgSize){LIMIT_KZG_G1_POWERS, LIMIT_KZG_G2_POWERS};

    kzg_sizes_format(&sizes, text);

    assert_true(kzg_sizes_parse(text, &back, NULL));
    assert_true(kzg_sizes_equal(&sizes, &back));
}

static void the_initial_state_is_generators_everywhere(void **state) {
    (void)state;
    KzgSizes sizes = {2, {{4, 3}, {8, 2}}};

    KzgWire *w = kzg_wire_initial(&sizes, NULL);

    assert_int_equal(w->n, 2);
    assert_int_equal(w->subs[1].powers.n_g1, 8);
    assert_memory_equal(w->subs[1].powers.g1[7], KZG_G1_GENERATOR, KZG_G1_BYTES);
    assert_memory_equal(w->subs[0].powers.g2[2], KZG_G2_GENERATOR, KZG_G2_BYTES);
    assert_memory_equal(w->subs[0].pubkey, KZG_G2_GENERATOR, KZG_G2_BYTES);
    assert_false(w->subs[0].bls.present);
    assert_false(w->ecdsa.present);
    kzg_wire_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(sizes_are_read_and_written_in_one_form),
        TEST(sizes_that_no_ceremony_has_are_refused),
        TEST(more_sub_setups_than_there_may_be_are_refused),
        TEST(the_largest_sizes_fit_their_text),
        TEST(the_initial_state_is_generators_everywhere),
    };
    return cmocka_run_group_tests_name("setup_kzg_wire", tests, NULL, NULL);
}
