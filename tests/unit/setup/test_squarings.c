#include "setup/squarings.h"
#include "support/test.h"

#define VARS_MAX 64
#define TERMS_AT_A_TIME 4

static const Squarings shapes[] = {{.lanes = 1, .steps = 1},
                                   {.lanes = 1, .steps = 9},
                                   {.lanes = 5, .steps = 1},
                                   {.lanes = 4, .steps = 7}};

static void for_all_shapes(void (*check)(const Squarings *s)) {
    const Curve *const curves[] = {curve_bn254(), curve_bls12_381()};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t k = 0; k < 2; k++) {
            Squarings s = shapes[i];
            s.curve = curves[k];
            check(&s);
        }
}

static void fill(const Squarings *s, uint64_t first, Fr *values) {
    for (uint32_t i = 0; i < s->lanes; i++)
        values[i] = fr_from_uint(s->curve, first + i);
}

/* How many constraints a witness breaks; ret_used: which signals stand in any. */
static uint32_t broken(const Squarings *s, const Fr *w, bool ret_used[VARS_MAX]) {
    const Circuit c = squarings_circuit(s);
    Fr sums[VARS_MAX][CIRCUIT_MATRICES] = {0};
    CircuitTerm terms[TERMS_AT_A_TIME];
    CircuitPlace place = {0};
    size_t n;
    do {
        assert_true(c.read(c.ctx, &place, terms, TERMS_AT_A_TIME, &n, NULL));
        for (size_t i = 0; i < n; i++) {
            const CircuitTerm *t = &terms[i];
            Fr *sum = &sums[t->constraint][t->matrix];
            assert_true(t->constraint < c.constraints && t->signal < c.n_vars);
            const Fr product = fr_mul(s->curve, &t->value, &w[t->signal]);
            *sum = fr_add(s->curve, sum, &product);
            ret_used[t->signal] = true;
        }
    } while (n != 0);
    uint32_t ret = 0;
    for (uint32_t i = 0; i < c.constraints; i++) {
        const Fr product = fr_mul(s->curve, &sums[i][CIRCUIT_A], &sums[i][CIRCUIT_B]);
        ret += fr_equal(&product, &sums[i][CIRCUIT_C]) ? 0 : 1;
    }
    return ret;
}

static void check_satisfied(const Squarings *s) {
    Fr values[VARS_MAX], w[VARS_MAX];
    bool used[VARS_MAX] = {true};
    fill(s, 3, values);

    squarings_witness(s, values, w);

    assert_int_equal(broken(s, w, used), 0);
    for (uint32_t i = 0; i < squarings_vars(s); i++)
        assert_true(used[i]);
}

static void check_determined(const Squarings *s) {
    const Fr one = fr_from_uint(s->curve, 1);
    Fr values[VARS_MAX], w[VARS_MAX];
    fill(s, 3, values);
    squarings_witness(s, values, w);
    for (uint32_t i = 1; i < squarings_vars(s); i++) {
        bool used[VARS_MAX];
        const Fr right = w[i];
        w[i] = fr_add(s->curve, &right, &one);
        assert_int_not_equal(broken(s, w, used), 0);
        w[i] = right;
    }
}

static void check_public(const Squarings *s) {
    Fr values[VARS_MAX], w[VARS_MAX];
    fill(s, 2, values);

    squarings_witness(s, values, w);

    for (uint32_t lane = 0; lane < s->lanes; lane++) {
        const Fr result = fr_pow(s->curve, &values[lane], (uint64_t)1 << s->steps);
        assert_true(fr_equal(&w[1 + lane], &values[lane]));
        assert_true(fr_equal(&w[1 + s->lanes + lane], &result));
    }
    assert_int_equal(squarings_circuit(s).n_public, 2 * s->lanes);
}

static void its_witness_satisfies_it_and_no_signal_is_unused(void **state) {
    (void)state;
    for_all_shapes(check_satisfied);
}

static void no_signal_may_be_another(void **state) {
    (void)state;
    for_all_shapes(check_determined);
}

static void values_and_their_results_are_public(void **state) {
    (void)state;
    for_all_shapes(check_public);
}

static void a_lane_of_zero_is_zero(void **state) {
    (void)state;
    const Squarings s = {.curve = curve_bn254(), .lanes = 2, .steps = 5};
    const Fr values[] = {fr_from_uint(s.curve, 0), fr_from_uint(s.curve, 3)};
    Fr w[VARS_MAX];
    uint32_t zeros = 0;

    squarings_witness(&s, values, w);

    for (uint32_t i = 0; i < squarings_vars(&s); i++)
        zeros += fr_is_zero(&w[i]) ? 1 : 0;
    assert_int_equal(zeros, s.steps + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(its_witness_satisfies_it_and_no_signal_is_unused),
        TEST(no_signal_may_be_another),
        TEST(values_and_their_results_are_public),
        TEST(a_lane_of_zero_is_zero),
    };
    return cmocka_run_group_tests_name("squarings", tests, NULL, NULL);
}
