#include "support/test.h"

#include "support/phase2_world.h"

#include "base/buf.h"
#include "setup/phase2_chain.h"
#include "setup/phase2_contribute.h"

static const ContributionParams plain = {.beacon = false};

static Draw seeded(uint8_t seed) {
    uint8_t bytes[DRAW_SEED_BYTES];
    memset(bytes, seed, sizeof bytes);
    return draw_from(bytes);
}

static const Curve *curve(size_t i) {
    return i == 0 ? curve_bn254() : curve_bls12_381();
}

static void a_contribution_multiplies_delta_by_the_first_scalar_drawn(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        WorldKey *k = world_key(curve(i));
        Draw draw = seeded(7), again = seeded(7);
        Phase2Step step;
        const Fr d = draw_fr(curve(i), &again);
        const Element g1_s = draw_element(curve_g1(curve(i)), &again);
        const Element delta_g1 = element_mul(&k->key.header.delta_g1, &d);
        const Element delta_g2 = element_mul(&k->key.header.delta_g2, &d);

        assert_true(phase2_contribute(&k->key, &draw, &plain, &step, NULL));

        assert_true(element_equal(&step.header.delta_g1, &delta_g1));
        assert_true(element_equal(&step.header.delta_g2, &delta_g2));
        assert_true(element_equal(&step.contribution.delta_after, &delta_g1));
        assert_true(element_equal(&step.contribution.g1_s, &g1_s));
        phase2_step_done(&step);
        phase2_step_done(&step);
        world_key_free(k);
    }
}

static void vectors_are_divided_by_it_and_infinite_points_stay(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const Group *g = curve_g1(curve(i));
        const size_t each = form_bytes(g, FORM_MONTGOMERY);
        WorldKey *k = world_key(curve(i)), *next = world_contribute(k, 7, NULL);
        Draw again = seeded(7);
        const Fr d = draw_fr(curve(i), &again);
        for (size_t at = 0; at < k->key.v[PHASE2_L].n; at++) {
            Element old, new;
            const PointReading reading = {.form = FORM_MONTGOMERY, .infinity = true};
            const PointFault old_fault =
                element_read(g, reading, k->bytes[PHASE2_L] + at * each, &old);
            const PointFault new_fault =
                element_read(g, reading, next->bytes[PHASE2_L] + at * each, &new);
            assert_int_equal(old_fault, POINT_OK);
            assert_int_equal(new_fault, POINT_OK);

            const Element back = element_mul(&new, &d);

            assert_true(element_equal(&back, &old));
            assert_int_equal(element_is_infinity(&new), at == WORLD_UNUSED);
        }
        world_key_free(k);
        world_key_free(next);
    }
}

static void a_key_whose_delta_is_not_its_own_is_not_built_on(void **state) {
    (void)state;
    WorldKey *k = world_key(curve_bn254());
    Draw draw = seeded(1);
    Phase2Step step;
    CvkErr err;
    k->key.header.delta_g1 = element_add(&k->key.header.delta_g1, &k->key.header.delta_g1);

    assert_false(phase2_contribute(&k->key, &draw, &plain, &step, &err));

    assert_string_equal(err.id, "zkey.delta");
    world_key_free(k);
}

static void a_point_that_is_none_is_not_multiplied(void **state) {
    (void)state;
    WorldKey *k = world_key(curve_bn254());
    CvkBuf out = CVK_BUF(1 << 20);
    const CvkSink sink = cvk_sink_buf(&out);
    const Work w = world_work();
    Draw draw = seeded(1);
    Phase2Step step;
    CvkErr err;
    k->bytes[PHASE2_H][3] ^= 1;
    assert_true(phase2_contribute(&k->key, &draw, &plain, &step, NULL));

    assert_false(phase2_scale(&step, &k->key.v[PHASE2_H], &w, &sink, &err));

    assert_string_equal(err.id, "point.not_on_curve");
    assert_int_equal(out.n, 0);
    phase2_step_done(&step);
    cvk_buf_done(&out);
    world_key_free(k);
}

static void what_is_hashed_of_a_contribution_leaves_out_its_name(void **state) {
    (void)state;
    WorldKey *k = world_key(curve_bn254());
    WorldKey *named = world_contribute(k, 7, "alice"), *other = world_contribute(k, 7, "bob");
    uint8_t one[BLAKE2B_BYTES], two[BLAKE2B_BYTES];

    phase2_contribution_hash(&named->list[0], one);
    phase2_contribution_hash(&other->list[0], two);

    assert_memory_equal(one, two, sizeof one);
    world_key_free(k);
    world_key_free(named);
    world_key_free(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_contribution_multiplies_delta_by_the_first_scalar_drawn),
        TEST(vectors_are_divided_by_it_and_infinite_points_stay),
        TEST(a_key_whose_delta_is_not_its_own_is_not_built_on),
        TEST(a_point_that_is_none_is_not_multiplied),
        TEST(what_is_hashed_of_a_contribution_leaves_out_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
