/* Powers of tau on both curves: what is right is accepted, and each thing that may be wrong is
 * refused for what it is. */
#include "support/test.h"

#include "algebra/backend.h"
#include "setup/phase1_prepare_level.h"
#include "setup/phase1_private.h"
#include "support/phase1_world.h"

#define POWER 2
#define CURVES 2

static Made *chain[CURVES]; /* alice, bob and a beacon; prepared */

static int make_chains(void **state) {
    (void)state;
    const Curve *const curves[CURVES] = {curve_bn254(), curve_bls12_381()};
    for (size_t i = 0; i < CURVES; i++) {
        Made *m0 = made_new(curves[i], POWER, FORM_MONTGOMERY);
        Made *m1 = made_with(m0, 1, FORM_MONTGOMERY), *m2 = made_with(m1, 2, FORM_MONTGOMERY);
        chain[i] = made_beacon(m2);
        made_prepare(chain[i]);
        made_free(m0);
        made_free(m1);
        made_free(m2);
    }
    return 0;
}

static int free_chains(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++)
        made_free(chain[i]);
    return 0;
}

/* ---- what is right ---- */

static void what_was_contributed_is_valid(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++)
        assert_valid(made_verify(chain[i]));
}

static void vectors_that_take_many_blocks_are_valid(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        Made *m0 = made_new(chain[i]->state.curve, 7, FORM_MONTGOMERY);
        Made *m1 = made_with(m0, 1, FORM_MONTGOMERY);
        made_prepare(m1);

        assert_valid(made_verify(m1));

        const Work w = made_work();
        assert_true(work_block(&w, curve_g2(m1->state.curve), 2) < 128); /* several there are */
        made_free(m0);
        made_free(m1);
    }
}

static Phase1Claim claim_of(const Made *m) {
    return (Phase1Claim){.state = &m->state,
                         .contributions = m->list,
                         .contributions_n = m->n,
                         .lagrange = &m->lagrange,
                         .beacon_exp_max = BEACON_EXP_QUICK};
}

static void what_is_right_is_proved_at_once(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        const Work w = made_work();
        const Phase1Claim claim = claim_of(chain[i]);
        bool proved;

        assert_true(phase1_prove_whole(&claim, NULL, &w, &proved, NULL));

        assert_true(proved);
        assert_int_equal(phase1_whole_levels(&claim), POWER + 2);
    }
}

static void what_is_right_is_valid_where_there_is_no_room_for_a_proof_at_once(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        Work w = made_work();
        const Phase1Claim claim = claim_of(chain[i]);
        bool proved;
        Verdict v;
        w.memory = 1;

        assert_true(phase1_prove_whole(&claim, NULL, &w, &proved, NULL));
        assert_false(proved);
        assert_true(phase1_verify(&claim, &w, &v, NULL, NULL));

        assert_valid(v);
    }
}

static void nobody_having_contributed_is_told(void **state) {
    (void)state;
    Made *m = made_new(curve_bn254(), POWER, FORM_MONTGOMERY);

    assert_refused(made_verify(m), "ptau.contributions");

    made_free(m);
}

static void of_a_truncated_file_all_but_the_last_hash_is_checked(void **state) {
    (void)state;
    Made *m0 = made_new(curve_bn254(), POWER + 1, FORM_MONTGOMERY);
    Made *m = made_with(m0, 1, FORM_MONTGOMERY);
    m->state.power = POWER;
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        Vector *cut = &m->state.v[v];
        cut->n = phase1_vector_n(v, POWER);
        cut->bytes.n = cut->n * form_bytes(cut->group, FORM_MONTGOMERY);
    }

    assert_valid(made_verify(m));
    m->list[0].pubkey.key[KEY_TAU].g1_s = element_generator(curve_g1(curve_bn254()));
    assert_refused(made_verify(m), "ptau.key.tau");

    made_free(m0);
    made_free(m);
}

/* ---- what is wrong in the vectors ---- */

/* The point of the vector becomes another of the group. */
static void replace(CvkBuf *b, const Group *g, size_t at, const Element *by) {
    element_write(by, FORM_MONTGOMERY, (uint8_t *)b->data + at * form_bytes(g, FORM_MONTGOMERY));
}

/* What another one has there. */
static Element doubled(const Vector *v, size_t at) {
    uint8_t bytes[FORM_BYTES_MAX];
    const size_t each = form_bytes(v->group, FORM_MONTGOMERY);
    Element e;
    assert_true(cvk_source_read(&v->bytes, at * each, bytes, each, NULL));
    assert_int_equal(element_read(v->group, v->reading, bytes, &e), POINT_OK);
    return element_add(&e, &e);
}

static void assert_replaced_is_refused(Made *m, CvkBuf *b, const Vector *v, size_t at,
                                       const char *id) {
    const size_t each = form_bytes(v->group, FORM_MONTGOMERY);
    uint8_t before[FORM_BYTES_MAX];
    const Element other = doubled(v, at);
    memcpy(before, b->data + at * each, each);
    replace(b, v->group, at, &other);

    assert_refused(made_verify(m), id);

    memcpy(b->data + at * each, before, each);
}

static void any_point_of_any_vector_that_is_another_is_refused(void **state) {
    (void)state;
    static const char *const first[PHASE1_VECTORS] = {"ptau.tau_g1.start", "ptau.tau_g2.start",
                                                      "ptau.alpha_g1.head", "ptau.beta_g1.head",
                                                      "ptau.beta_g2.head"};
    static const char *const second[] = {"ptau.tau_g1.head", "ptau.tau_g2.head",
                                         "ptau.alpha_g1.ratio", "ptau.beta_g1.ratio"};
    static const char *const later[] = {"ptau.tau_g1.ratio", "ptau.tau_g2.ratio",
                                        "ptau.alpha_g1.ratio", "ptau.beta_g1.ratio"};
    for (size_t i = 0; i < CURVES; i++)
        for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
            for (size_t at = i % TEST_ONE_IN; at < chain[i]->state.v[v].n; at += TEST_ONE_IN)
                assert_replaced_is_refused(chain[i], &chain[i]->bytes[v], &chain[i]->state.v[v], at,
                                           at == 0   ? first[v]
                                           : at == 1 ? second[v]
                                                     : later[v]);
}

static void any_point_of_any_basis_that_is_another_is_refused(void **state) {
    (void)state;
    static const char *const ids[] = {"ptau.lagrange.tau_g1", "ptau.lagrange.tau_g2",
                                      "ptau.lagrange.alpha_g1", "ptau.lagrange.beta_g1"};
    size_t row = 0;
    for (size_t i = 0; i < CURVES; i++)
        for (Phase1Vector v = 0; v < PHASE1_BETA_G2; v++)
            for (unsigned level = 0; level < chain[i]->lagrange.levels[v]; level++) {
                const Vector *basis = &chain[i]->lagrange.v[v][level];
                const size_t step = basis->n == 1 ? 1 : (size_t)basis->n - 1;
                for (size_t at = 0; at < basis->n; at += step)
                    if (row++ % TEST_ONE_IN == 0)
                        assert_replaced_is_refused(chain[i], &chain[i]->bases[v][level], basis, at,
                                                   ids[v]);
            }
}

/* What is cut off a prepared file keeps bases that were made with a power that is cut off. */
static void of_a_truncated_file_the_bases_are_checked(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        Made *m = chain[i];
        const Made whole = *m;
        m->state.power = POWER - 1;
        for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
            m->state.v[v].n = phase1_vector_n(v, POWER - 1);
            if (v < PHASE1_BETA_G2)
                m->lagrange.levels[v]--;
        }
        const Vector *last = &m->lagrange.v[PHASE1_TAU_G1][POWER];

        assert_valid(made_verify(m));
        for (size_t at = 0; at < last->n; at++)
            assert_replaced_is_refused(m, &m->bases[PHASE1_TAU_G1][POWER], last, at,
                                       "ptau.lagrange.tau_g1");

        *m = whole;
    }
}

/* A place, and what one point is added to and taken from another. */
typedef struct {
    CvkBuf *bytes;
    const Vector *v;
    size_t at;
} Spot;

static Spot in_vector(Made *m, Phase1Vector which, size_t at) {
    return (Spot){&m->bytes[which], &m->state.v[which], at};
}

static Spot in_basis(Made *m, Phase1Vector which, unsigned level, size_t at) {
    return (Spot){&m->bases[which][level], &m->lagrange.v[which][level], at};
}

static void add_at(const Spot *s, const Element *by) {
    const size_t each = form_bytes(s->v->group, FORM_MONTGOMERY);
    Element e;
    assert_int_equal(
        element_read(s->v->group, s->v->reading, (uint8_t *)s->bytes->data + s->at * each, &e),
        POINT_OK);
    e = element_add(&e, by);
    replace(s->bytes, s->v->group, s->at, &e);
}

/* What would cancel if two relations, or two levels, had the same factors. */
static void faults_that_are_opposite_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        Made *m = chain[i];
        const Spot pairs[][2] = {
            {in_vector(m, PHASE1_ALPHA_G1, 2), in_vector(m, PHASE1_BETA_G1, 2)},
            {in_vector(m, PHASE1_TAU_G1, 2), in_vector(m, PHASE1_TAU_G1, 3)},
            {in_vector(m, PHASE1_TAU_G2, 2), in_vector(m, PHASE1_TAU_G2, 3)},
            {in_vector(m, PHASE1_TAU_G2, 2), in_basis(m, PHASE1_TAU_G2, 2, 2)},
            {in_basis(m, PHASE1_ALPHA_G1, 2, 1), in_basis(m, PHASE1_BETA_G1, 2, 1)},
            {in_basis(m, PHASE1_TAU_G1, 2, 1), in_basis(m, PHASE1_ALPHA_G1, 2, 1)},
            {in_basis(m, PHASE1_TAU_G1, 2, 1), in_basis(m, PHASE1_TAU_G1, 1, 1)},
            {in_basis(m, PHASE1_TAU_G1, 2, 1), in_basis(m, PHASE1_TAU_G1, 3, 4)}, /* both fourth */
            {in_basis(m, PHASE1_TAU_G1, 0, 0), in_basis(m, PHASE1_TAU_G1, 3, 0)}, /* both first */
            {in_basis(m, PHASE1_TAU_G1, 3, 0), in_basis(m, PHASE1_TAU_G1, 3, 7)},
        };
        for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
            if (TEST_ONE_IN > 1 && k % 2 != i)
                continue; /* with sanitizers each pair is tried on one of the curves */
            const Element plus = element_generator(pairs[k][0].v->group),
                          minus = element_neg(&plus);
            const Phase1Claim claim = claim_of(m);
            const Work w = made_work();
            bool proved;
            add_at(&pairs[k][0], &plus);
            add_at(&pairs[k][1], &minus);

            assert_true(phase1_prove_whole(&claim, NULL, &w, &proved, NULL));
            assert_false(proved);
            assert_false(made_verify(m).valid);

            add_at(&pairs[k][0], &minus);
            add_at(&pairs[k][1], &plus);
        }
        assert_valid(made_verify(m));
    }
}

/* tauG1's last level as prepare writes it where the field has roots of unity of `power` at most. */
static void put_two_cosets(Made *m, unsigned power) {
    const Work w = {.memory = WORK_MEMORY_MIN};
    const CvkScratch none = {NULL, NULL, NULL};
    CvkBuf *b = &m->bases[PHASE1_TAU_G1][power + 1];
    const CvkSink to = cvk_sink_buf(b);
    const Levels levels = {.curve = m->state.curve,
                           .v = &m->state.v[PHASE1_TAU_G1],
                           .w = &w,
                           .scratch = &none,
                           .to = &to,
                           .capacity = (size_t)4 << power,
                           .two_adicity = power,
                           .unit = 1};
    b->n = 0;
    assert_true(levels_write(&levels, power + 1, power + 1, NULL));
    m->lagrange.v[PHASE1_TAU_G1][power + 1].bytes = cvk_source_memory(b->data, b->n);
}

/* As power 28 of bn254 is: the last level has no root of unity. */
static void a_last_level_of_two_cosets_is_checked(void **state) {
    (void)state;
    Curve small = *curve_bn254();
    small.two_adicity = POWER;
    Made *m0 = made_new(curve_bn254(), POWER, FORM_MONTGOMERY);
    Made *m = made_with(m0, 1, FORM_MONTGOMERY);
    made_prepare(m);
    const Vector *last = &m->lagrange.v[PHASE1_TAU_G1][POWER + 1];
    m->state.curve = &small;
    assert_refused(made_verify(m), "ptau.lagrange.tau_g1");
    put_two_cosets(m, POWER);

    assert_valid(made_verify(m));
    for (size_t at = 0; at < last->n; at++)
        assert_replaced_is_refused(m, &m->bases[PHASE1_TAU_G1][POWER + 1], last, at,
                                   "ptau.lagrange.tau_g1");

    made_free(m0);
    made_free(m);
}

static void a_point_that_is_none_is_refused_with_its_place(void **state) {
    (void)state;
    Made *m = chain[0];
    char *bytes = m->bytes[PHASE1_ALPHA_G1].data + 2 * 64;
    bytes[0] ^= 1;

    Verdict v = made_verify(m);

    bytes[0] ^= 1;
    assert_refused(v, "point.not_on_curve");
    assert_int_equal(v.place.section, 4);
    assert_int_equal(v.place.offset, 2 * 64);
    assert_non_null(strstr(v.text, "alphaTauG1[2]"));
}

/* The point of bn254's twist whose x is 1, added to the one that is there. */
static void put_outside(CvkBuf *b, const Vector *v, size_t at) {
    const PointReading unchecked = {.form = FORM_COMPRESSED, .ours = true};
    const size_t each = form_bytes(v->group, FORM_MONTGOMERY);
    const Factors f = {.label = 1};
    uint8_t one[FORM_BYTES_MAX] = {0};
    PointReport report;
    Points *p;
    Element e;
    one[form_bytes(v->group, FORM_COMPRESSED) - 1] = 1;
    assert_true(points_read(v->group, unchecked, one, 1, &f, NULL, &p, NULL, &report, NULL));
    assert_int_equal(element_read(v->group, v->reading, (uint8_t *)b->data + at * each, &e),
                     POINT_OK);
    const Element outside = points_at(p, 0);
    e = element_add(&e, &outside);
    replace(b, v->group, at, &e);
    points_free(p);
}

static void assert_outside_is_refused(Made *m, CvkBuf *b, const Vector *v, size_t at) {
    Work w = made_work();
    const Phase1Claim claim = claim_of(m);
    const size_t each = form_bytes(v->group, FORM_MONTGOMERY);
    uint8_t before[FORM_BYTES_MAX];
    Verdict verdict;
    bool proved;
    memcpy(before, b->data + at * each, each);
    put_outside(b, v, at);
    w.memory = (size_t)8 << 20; /* all points are read together */

    assert_true(phase1_prove_whole(&claim, NULL, &w, &proved, NULL));
    assert_false(proved);
    assert_true(phase1_verify(&claim, &w, &verdict, NULL, NULL));
    assert_refused(verdict, "point.not_in_group");
    assert_int_equal(verdict.place.section, v->section);
    assert_int_equal(verdict.place.offset, at * each);

    memcpy(b->data + at * each, before, each);
}

static void a_point_of_g2_outside_the_subgroup_is_refused_with_its_place(void **state) {
    (void)state;
    Made *m0 = made_new(curve_bn254(), 8, FORM_MONTGOMERY), *m = made_with(m0, 1, FORM_MONTGOMERY);
    made_prepare(m);
    assert_valid(made_verify(m));

    assert_outside_is_refused(m, &m->bytes[PHASE1_TAU_G2], &m->state.v[PHASE1_TAU_G2], 200);
    assert_outside_is_refused(m, &m->bytes[PHASE1_BETA_G2], &m->state.v[PHASE1_BETA_G2], 0);
    for (unsigned level = 0; level <= 8; level += 4)
        assert_outside_is_refused(m, &m->bases[PHASE1_TAU_G2][level],
                                  &m->lagrange.v[PHASE1_TAU_G2][level], ((size_t)1 << level) - 1);

    made_free(m0);
    made_free(m);
}

/* Checks each chain with each vector's first point made infinite. */
static void where_each_vector_begins_infinite(void (*check)(Made *m)) {
    for (size_t i = 0; i < CURVES; i++)
        for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
            uint8_t before[FORM_BYTES_MAX];
            const size_t each = form_bytes(chain[i]->state.v[v].group, FORM_MONTGOMERY);
            memcpy(before, chain[i]->bytes[v].data, each);
            memset(chain[i]->bytes[v].data, 0, each);

            check(chain[i]);

            memcpy(chain[i]->bytes[v].data, before, each);
        }
}

static void assert_infinity_is_refused(Made *m) {
    assert_refused(made_verify(m), "point.infinity");
}

static void an_infinite_point_is_refused(void **state) {
    (void)state;
    where_each_vector_begins_infinite(assert_infinity_is_refused);
}

static void vectors_of_another_ceremony_are_refused(void **state) {
    (void)state;
    Made *m0 = made_new(curve_bn254(), POWER, FORM_MONTGOMERY);
    Made *m1 = made_with(m0, 1, FORM_MONTGOMERY), *other = made_with(m0, 2, FORM_MONTGOMERY);
    const Phase1State own = m1->state;

    m1->state = other->state;
    assert_refused(made_verify(m1), "ptau.tau_g1.head");

    m1->state = own;
    made_free(m0);
    made_free(m1);
    made_free(other);
}

/* ---- what is wrong in the contributions ---- */

static void assert_list_is_refused(Made *m, const Phase1Contribution *list, const char *id,
                                   uint32_t contribution) {
    const Made whole = *m;
    memcpy(m->list, list, sizeof m->list);
    Verdict v = made_verify(m);
    *m = whole;
    assert_refused(v, id);
    assert_int_equal(v.contribution, contribution);
}

static void any_point_of_any_contribution_that_is_another_is_refused(void **state) {
    (void)state;
    static const char *const of_heads[] = {"ptau.chain.tau_g1", "ptau.chain.tau_g2",
                                           "ptau.chain.alpha_g1", "ptau.chain.beta_g1",
                                           "ptau.chain.beta_g2"};
    static const char *const of_keys[PHASE1_PUBKEY_POINTS] = {
        "ptau.key.tau",  "ptau.key.tau", "ptau.key.alpha", "ptau.key.alpha", "ptau.key.beta",
        "ptau.key.beta", "ptau.key.tau", "ptau.key.alpha", "ptau.key.beta"};
    for (size_t i = 0; i < CURVES; i++)
        for (size_t k = 0; k < chain[i]->n; k++) {
            Phase1Contribution list[MADE_CONTRIBUTIONS];
            memcpy(list, chain[i]->list, sizeof list);
            Phase1Contribution *c = &list[k];
            Element *const heads[] = {&c->tau_g1, &c->tau_g2, &c->alpha_g1, &c->beta_g1,
                                      &c->beta_g2};
            for (size_t h = 0; h < PHASE1_PUBKEY_POINTS + 5; h++) {
                Element *e = h < 5 ? heads[h] : phase1_pubkey_point(&c->pubkey, (unsigned)h - 5);
                const Element before = *e;
                *e = element_add(e, e);
                /* the second is held against the first before that is looked at */
                const size_t number = k == 0 && h < 5 ? 2 : k + 1;
                assert_list_is_refused(chain[i], list, h < 5 ? of_heads[h] : of_keys[h - 5],
                                       (uint32_t)number);
                *e = before;
            }
        }
}

static void a_hash_that_was_changed_is_refused(void **state) {
    (void)state;
    Phase1Contribution list[MADE_CONTRIBUTIONS];
    memcpy(list, chain[0]->list, sizeof list);

    list[0].next_challenge[5] ^= 1; /* the next one's keys answer it */
    assert_list_is_refused(chain[0], list, "ptau.key.tau", 2);
    list[0].next_challenge[5] ^= 1;
    list[2].next_challenge[63] ^= 0x80;
    assert_list_is_refused(chain[0], list, "ptau.next_challenge", 3);
    list[2].next_challenge[63] ^= 0x80;
    list[2].partial.h[7] ^= 1;
    assert_list_is_refused(chain[0], list, "ptau.next_challenge", 3);
    list[2].partial.h[7] ^= 1;
    list[2].partial.buffer[0] ^= 1;
    assert_list_is_refused(chain[0], list, "ptau.next_challenge", 3);
}

static void contributions_that_are_swapped_left_out_or_repeated_are_refused(void **state) {
    (void)state;
    const Phase1Contribution *all = chain[0]->list;
    const Phase1Contribution swapped[MADE_CONTRIBUTIONS] = {all[1], all[0], all[2]};
    const Phase1Contribution without_first[MADE_CONTRIBUTIONS] = {all[1], all[2], all[2]};
    const Phase1Contribution repeated[MADE_CONTRIBUTIONS] = {all[0], all[0], all[2]};

    assert_list_is_refused(chain[0], swapped, "ptau.key.tau", 2);
    assert_list_is_refused(chain[0], without_first, "ptau.key.tau", 3);
    assert_list_is_refused(chain[0], repeated, "ptau.key.tau", 2);
}

static void a_beacon_that_is_another_is_refused(void **state) {
    (void)state;
    Phase1Contribution list[MADE_CONTRIBUTIONS];
    memcpy(list, chain[0]->list, sizeof list);

    list[2].params.beacon_hash[0] ^= 1;
    assert_list_is_refused(chain[0], list, "ptau.beacon", 3);
    list[2].params.beacon_hash[0] ^= 1;
    list[2].params.iterations_exp++;
    assert_list_is_refused(chain[0], list, "ptau.beacon", 3);
    list[2].params.iterations_exp = BEACON_EXP_MIN - 1; /* no beacon at all, nor is what follows */
    assert_list_is_refused(chain[0], list, "ptau.beacon", 3);
    list[2].params.iterations_exp = BEACON_EXP_MAX + 1;
    assert_list_is_refused(chain[0], list, "ptau.beacon", 3);
    list[2] = chain[0]->list[2];
    list[2].params.beacon_hash_n = 0;
    assert_list_is_refused(chain[0], list, "ptau.beacon", 3);
    list[2] = chain[0]->list[2];
    list[1].params = list[2].params; /* somebody who says that they are one */
    assert_list_is_refused(chain[0], list, "ptau.beacon", 2);
}

static void a_beacon_that_takes_hours_is_no_verdict(void **state) {
    (void)state;
    Made *m = chain[0];
    const Work w = made_work();
    const Phase1Claim claim = {.state = &m->state,
                               .contributions = m->list,
                               .contributions_n = m->n,
                               .beacon_exp_max = BEACON_EXP_QUICK};
    Verdict v;
    CvkErr err;
    m->list[2].params.iterations_exp = BEACON_EXP_MAX;

    assert_false(phase1_verify(&claim, &w, &v, NULL, &err));

    m->list[2].params.iterations_exp = BEACON_EXP_MIN;
    assert_string_equal(err.id, "beacon.slow");
}

static void beacons_that_take_hours_together_are_no_verdict(void **state) {
    (void)state;
    Made *m0 = made_new(curve_bn254(), POWER, FORM_MONTGOMERY);
    Made *m1 = made_beacon(m0), *m2 = made_beacon(m1);
    const Work w = made_work();
    Phase1Claim claim = claim_of(m2);
    Verdict v;
    CvkErr err;
    claim.lagrange = NULL;

    claim.beacon_exp_max = BEACON_EXP_MIN; /* each of them */
    assert_false(phase1_verify(&claim, &w, &v, NULL, &err));
    assert_string_equal(err.id, "beacon.slow");
    claim.beacon_exp_max = BEACON_EXP_MIN + 1;
    assert_true(phase1_verify(&claim, &w, &v, NULL, &err));
    assert_valid(v);
    claim.beacon_exp_max = BEACON_EXP_MAX;
    assert_true(phase1_verify(&claim, &w, &v, NULL, &err));
    assert_valid(v);

    made_free(m0);
    made_free(m1);
    made_free(m2);
}

/* ---- what a file that is wrong makes the verifier do ---- */

/* The units of work that were done when the verdict was given, of a file that says that it was cut
 * from this power. Those of the blank powers, and of vectors; keys and heads count as none. */
static size_t units_until_refused(const Made *m, unsigned ceremony_power, const char *id) {
    Phase1State s = m->state;
    Phase1Claim claim = claim_of(m);
    Work w = made_work();
    CvkMeter meter;
    Verdict v;
    s.ceremony_power = ceremony_power;
    claim.state = &s;
    cvk_meter_init(&meter, (CvkProgress){NULL, NULL}, phase1_verify_units(&claim));
    w.meter = &meter;

    assert_true(phase1_verify(&claim, &w, &v, NULL, NULL));

    assert_refused(v, id);
    cvk_meter_done(&meter);
    return meter.done;
}

#define LARGE 19 /* much would be hashed: from 20 on the hash is known */

static void nothing_is_hashed_where_a_later_contribution_is_wrong(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++)
        for (size_t k = 1; k < chain[i]->n; k++) {
            Element *g1_s = &chain[i]->list[k].pubkey.key[KEY_ALPHA].g1_s;
            const Element before = *g1_s;
            *g1_s = element_add(g1_s, g1_s);

            assert_int_equal(units_until_refused(chain[i], LARGE, "ptau.key.alpha"), 0);

            *g1_s = before;
        }
}

static void assert_infinity_is_refused_before_hashing(Made *m) {
    assert_int_equal(units_until_refused(m, LARGE, "point.infinity"), 0);
}

/* As in a sparse file, whose holes read as zeros: infinite points. */
static void nothing_is_hashed_where_a_vector_begins_wrong(void **state) {
    (void)state;
    where_each_vector_begins_infinite(assert_infinity_is_refused_before_hashing);
}

static void blank_powers_are_hashed_for_the_first_contribution_and_before_vectors(void **state) {
    (void)state;
    const Made *m = chain[0];
    const unsigned other = POWER + 10; /* not what the first contribution answered */

    const size_t units = units_until_refused(m, other, "ptau.key.tau");

    assert_int_equal(units, phase1_first_challenge_units(m->state.curve, other));
    assert_true(units != 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_contributed_is_valid),
        TEST(vectors_that_take_many_blocks_are_valid),
        TEST(what_is_right_is_proved_at_once),
        TEST(what_is_right_is_valid_where_there_is_no_room_for_a_proof_at_once),
        TEST(nobody_having_contributed_is_told),
        TEST(of_a_truncated_file_all_but_the_last_hash_is_checked),
        TEST(any_point_of_any_vector_that_is_another_is_refused),
        TEST(any_point_of_any_basis_that_is_another_is_refused),
        TEST(of_a_truncated_file_the_bases_are_checked),
        TEST(faults_that_are_opposite_are_refused),
        TEST(a_last_level_of_two_cosets_is_checked),
        TEST(a_point_that_is_none_is_refused_with_its_place),
        TEST(a_point_of_g2_outside_the_subgroup_is_refused_with_its_place),
        TEST(an_infinite_point_is_refused),
        TEST(vectors_of_another_ceremony_are_refused),
        TEST(any_point_of_any_contribution_that_is_another_is_refused),
        TEST(a_hash_that_was_changed_is_refused),
        TEST(contributions_that_are_swapped_left_out_or_repeated_are_refused),
        TEST(a_beacon_that_is_another_is_refused),
        TEST(a_beacon_that_takes_hours_is_no_verdict),
        TEST(beacons_that_take_hours_together_are_no_verdict),
        TEST(nothing_is_hashed_where_a_later_contribution_is_wrong),
        TEST(nothing_is_hashed_where_a_vector_begins_wrong),
        TEST(blank_powers_are_hashed_for_the_first_contribution_and_before_vectors),
    };
    return cmocka_run_group_tests_name("setup/phase1_verify", tests, make_chains, free_chains);
}
