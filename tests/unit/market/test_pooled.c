/* One slope of learning with effects of deployments and batches, of panels so small that effects
 * leave it little or no freedom; against whole matrices. */
#include "support/test.h"

#include "market/learning.h"
#include "unit/market/golden.h"
#include "unit/market/matrices.h"

#define PEOPLE_MAX 6
#define DIFFERENT_MAX 8 /* batches */

typedef struct {
    uint32_t who, batch, nth;
    int64_t ms;
} Proof;

static Panel *panel_of(const Proof *proof, size_t n) {
    CvkErr err;
    char name[16];
    Panel *p = panel_new(&err);
    assert_non_null(p);
    golden_name(p, PANEL_ACCELERATION, "");
    for (uint32_t i = 0; i < PEOPLE_MAX; i++) {
        snprintf(name, sizeof name, "p%u", i);
        golden_name(p, PANEL_PARTICIPANT, name);
        golden_name(p, PANEL_DEPLOYMENT, name);
    }
    for (uint32_t j = 0; j < DIFFERENT_MAX; j++) {
        snprintf(name, sizeof name, "b%u", j);
        golden_name(p, PANEL_BATCH, name);
    }
    for (size_t i = 0; i < n; i++) {
        const PanelRow row = {.participant = proof[i].who,
                              .deployment = proof[i].who,
                              .batch = proof[i].batch,
                              .seq = proof[i].nth,
                              .nth = proof[i].nth,
                              .proving_ms = proof[i].ms,
                              .cost = 1};
        assert_true(panel_add(p, &row, &err));
    }
    return p;
}

static LearningPooled pooled(const Proof *proof, size_t n) {
    CvkErr err;
    LearningPooled l;
    Panel *p = panel_of(proof, n);
    assert_true(learning_pooled(p, &l, &err));
    panel_free(p);
    return l;
}

/* ---- known ones ---- */

/* Six proofs, two of them alone; four batches, two deployments and a slope fit each of them. */
static void a_slope_that_effects_leave_no_freedom_has_no_error(void **state) {
    (void)state;
    static const Proof proof[] = {{0, 0, 1, 1000}, {0, 1, 2, 1500}, {0, 2, 3, 900},
                                  {1, 1, 1, 2000}, {1, 2, 2, 2600}, {1, 3, 3, 1000}};

    const LearningPooled l = pooled(proof, 6);

    assert_true(fabs(l.beta - 2.688) < 0.001);
    assert_true(isnan(l.error));
    assert_int_equal(l.n, 4);
    assert_int_equal(l.batches, 2);
}

/* Another two batches, each with one proof: they tell nothing. */
static void batches_of_one_proof_bring_no_error(void **state) {
    (void)state;
    static const Proof proof[] = {{0, 0, 1, 1000}, {0, 1, 2, 1500}, {0, 2, 3, 900},
                                  {1, 1, 1, 2000}, {1, 2, 2, 2600}, {1, 3, 3, 1000},
                                  {0, 4, 4, 1200}, {1, 5, 4, 1700}};

    const LearningPooled l = pooled(proof, 8);

    assert_true(fabs(l.beta - 2.688) < 0.001);
    assert_true(isnan(l.error));
    assert_int_equal(l.n, 4);
    assert_int_equal(l.batches, 2);
}

/* Two deployments swap two batches, which is all that tells of the slope; two others have one order
 * of two more, which leaves a degree of freedom, but not to the slope. */
static void freedom_that_tells_nothing_of_the_slope_brings_no_error(void **state) {
    (void)state;
    static const Proof proof[] = {{0, 0, 1, 1000}, {0, 1, 2, 1500}, {1, 0, 2, 2000},
                                  {1, 1, 1, 2600}, {2, 2, 1, 1100}, {2, 3, 2, 1700},
                                  {3, 2, 1, 1900}, {3, 3, 2, 1300}};

    const LearningPooled l = pooled(proof, 8);

    assert_true(!isnan(l.beta));
    assert_true(isnan(l.error));
}

static void times_that_never_change_have_a_slope_of_nothing_without_error(void **state) {
    (void)state;
    Proof proof[12];
    for (uint32_t i = 0; i < 12; i++)
        proof[i] = (Proof){i / 4, (i + i / 4) % 4, 1 + i % 4, 1000};

    const LearningPooled l = pooled(proof, 12);

    assert_true(fabs(l.beta) < 1e-12 && l.error == 0);
    assert_int_equal(l.n, 12);
    assert_int_equal(l.batches, 4);
}

/* ---- any ---- */

static size_t make(uint32_t label, Proof *ret) {
    const uint32_t people = 2 + label % (PEOPLE_MAX - 1), batches = 2 + label / 5 % 7;
    const double kept = 0.35 + 0.6 * (noise(label, 1) + 0.5);
    size_t n = 0;
    for (uint32_t i = 0; i < people; i++)
        for (uint32_t j = 0; j < batches; j++) {
            const uint64_t at = 10 + 3 * (i * batches + j);
            if (noise(label, at) + 0.5 > kept)
                continue;
            ret[n++] = (Proof){i, j, 1 + (uint32_t)(9 * (noise(label, at + 1) + 0.5)),
                               (int64_t)(1e9 * exp(2 * noise(label, at + 2)))};
        }
    return n;
}

static size_t many_with(const Proof *proof, size_t n, const Proof *like, bool batch) {
    size_t many = 0;
    for (size_t i = 0; i < n; i++)
        many += batch ? proof[i].batch == like->batch : proof[i].who == like->who;
    return many;
}

/* By looking again, until all have company. */
static size_t leave_out_alone(Proof *proof, size_t n) {
    for (size_t i = 0; i < n;)
        if (many_with(proof, n, &proof[i], false) > 1 && many_with(proof, n, &proof[i], true) > 1) {
            i++;
        } else {
            memmove(&proof[i], &proof[i + 1], (n - i - 1) * sizeof *proof);
            n--;
            i = 0;
        }
    return n;
}

/* Whether v is more than what `basis` spans; then its own part is added (Gram and Schmidt, twice).
 */
static bool extend(double basis[COLUMNS][ROWS], size_t *have, const double *v, size_t n) {
    double own[ROWS], square = 0;
    memcpy(own, v, n * sizeof *own);
    for (size_t k = 0; k < 2 * *have; k++) {
        const double *along = basis[k % *have];
        double by = 0;
        for (size_t i = 0; i < n; i++)
            by += along[i] * own[i];
        for (size_t i = 0; i < n; i++)
            own[i] -= by * along[i];
    }
    for (size_t i = 0; i < n; i++)
        square += own[i] * own[i];
    if (square < 1e-12)
        return false;
    for (size_t i = 0; i < n; i++)
        basis[*have][i] = own[i] / sqrt(square);
    ++*have;
    return true;
}

/* x, and a column for each deployment and batch that the columns before do not add up to. False:
 * they add up to x. *ret_people: deployments. */
static bool design_of(const Proof *proof, size_t n, Data *d, Design *m, size_t *ret_people) {
    static double basis[COLUMNS][ROWS];
    double v[ROWS];
    size_t have = 0;
    *d = (Data){.n = n};
    m->k = 1;
    *ret_people = 0;
    for (uint32_t g = 0; g < PEOPLE_MAX + DIFFERENT_MAX; g++) {
        bool some = false;
        for (size_t i = 0; i < n; i++) {
            v[i] = g < PEOPLE_MAX ? proof[i].who == g : proof[i].batch == g - PEOPLE_MAX;
            some |= v[i] > 0;
        }
        *ret_people += some && g < PEOPLE_MAX;
        if (!extend(basis, &have, v, n))
            continue;
        for (size_t i = 0; i < n; i++)
            m->x[i][m->k] = v[i];
        m->k++;
    }
    for (size_t i = 0; i < n; i++) {
        d->x[i] = m->x[i][0] = log(proof[i].nth);
        d->y[i] = log((double)proof[i].ms);
        d->batch[i] = proof[i].batch;
    }
    return extend(basis, &have, d->x, n);
}

static size_t batches_of(const Data *d) {
    bool seen[DIFFERENT_MAX] = {false};
    size_t many = 0;
    for (size_t i = 0; i < d->n; i++) {
        many += !seen[d->batch[i]];
        seen[d->batch[i]] = true;
    }
    return many;
}

/* Some have no slope, some a slope without error, and most have both. */
static void slopes_of_small_panels_are_those_of_matrices(void **state) {
    (void)state;
    static Data d;
    static Design m;
    size_t no_slope = 0, no_error = 0, both = 0;
    for (uint32_t label = 0; label < 1500; label++) {
        Proof proof[PEOPLE_MAX * DIFFERENT_MAX];
        size_t people, n = make(label, proof);
        const LearningPooled l = pooled(proof, n);

        n = leave_out_alone(proof, n);
        const bool slope = design_of(proof, n, &d, &m, &people);

        assert_int_equal(l.n, n);
        assert_int_equal(l.batches, batches_of(&d));
        assert_true(slope == !isnan(l.beta));
        if (!slope) {
            assert_true(isnan(l.error));
            no_slope++;
            continue;
        }
        solve(&m, d.y, d.n);
        near(l.beta, m.b[0]);
        const double error = sandwich(&m, &d, people + 1);
        if (n <= m.k || l.batches < SLOPE_BATCHES_MIN || error < 1e-9) {
            assert_true(isnan(l.error));
            no_error++;
        } else {
            near(l.error, error);
            both++;
        }
    }
    assert_true(no_slope > 100 && no_error > 100 && both > 500); /* all of it was looked at */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_slope_that_effects_leave_no_freedom_has_no_error),
        TEST(batches_of_one_proof_bring_no_error),
        TEST(freedom_that_tells_nothing_of_the_slope_brings_no_error),
        TEST(times_that_never_change_have_a_slope_of_nothing_without_error),
        TEST(slopes_of_small_panels_are_those_of_matrices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
