#include "support/test.h"

#include "support/phase2_world.h"

#include "setup/phase2_chain.h"
#include "setup/phase2_contribute.h"
#include "setup/phase2_verify.h"

/* A chain of three on one curve, the last one a beacon. */
typedef struct {
    const Curve *curve;
    WorldPowers *powers;
    WorldKey *at[4]; /* after so many contributions */
} Chain;

static Chain chains[2];

static void make_chain(const Curve *c, Chain *ret) {
    *ret = (Chain){.curve = c, .powers = world_powers(c, WORLD_POWER)};
    ret->at[0] = world_key(c);
    ret->at[1] = world_contribute(ret->at[0], 1, "alice");
    ret->at[2] = world_contribute(ret->at[1], 2, NULL);
    ret->at[3] = world_beacon(ret->at[2], 3);
}

static int set_up(void **state) {
    (void)state;
    make_chain(curve_bn254(), &chains[0]);
    make_chain(curve_bls12_381(), &chains[1]);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        world_powers_free(chains[i].powers);
        for (size_t k = 0; k < 4; k++)
            world_key_free(chains[i].at[k]);
    }
    return 0;
}

static Verdict verify_with(const WorldKey *key, const WorldKey *before, const WorldPowers *powers,
                           const Vector *basis) {
    const Phase2Claim claim = {.key = &key->key,
                               .before = &before->key,
                               .beacon_exp_max = BEACON_EXP_QUICK,
                               .basis = basis};
    const Work w = world_work();
    Verdict v = {.valid = true};
    assert_true(phase2_verify(&claim, &powers->state, &w, &v, NULL));
    return v;
}

/* The same with the powers' basis and without. */
static Verdict verify(const WorldKey *key, const WorldKey *before, const WorldPowers *powers) {
    const Verdict v = verify_with(key, before, powers, NULL),
                  again = verify_with(key, before, powers, &powers->basis);
    assert_int_equal(v.valid, again.valid);
    assert_string_equal(v.text, again.text);
    return v;
}

static Verdict extends(const WorldKey *key, const WorldKey *before) {
    const Phase2Claim claim = {
        .key = &key->key, .before = &before->key, .beacon_exp_max = BEACON_EXP_QUICK};
    const Work w = world_work();
    Verdict v = {.valid = true};
    assert_true(phase2_extends(&claim, &w, &v, NULL));
    return v;
}

static void assert_valid(Verdict v) {
    if (!v.valid)
        fail_msg("refused with %s: %s", v.id, v.text);
}

static void assert_refused(Verdict v, const char *id) {
    assert_false(v.valid);
    assert_string_equal(v.id, id);
}

static void every_key_of_a_chain_grew_from_the_initial_one(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 4; k++)
            assert_valid(verify(chains[i].at[k], chains[i].at[0], chains[i].powers));
}

static void a_later_key_may_stand_for_the_initial_one(void **state) {
    (void)state;
    assert_valid(verify(chains[0].at[3], chains[0].at[1], chains[0].powers));
}

static void larger_powers_of_the_same_tau_judge_the_same(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        WorldPowers *larger = world_powers(chains[i].curve, WORLD_POWER + 1);
        assert_valid(verify(chains[i].at[3], chains[i].at[0], larger));
        world_powers_free(larger);
    }
}

static void the_basis_alone_proves_h(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const Chain *c = &chains[i];
        WorldPowers *p = world_powers(c->curve, WORLD_POWER);
        Phase2Claim claim = {.key = &c->at[3]->key, .before = &c->at[0]->key};
        const Work w = world_work();
        Verdict v = {.valid = true};
        CvkErr err;
        claim.beacon_exp_max = BEACON_EXP_QUICK;
        memset(p->bytes[PHASE1_TAU_G1], 0x01, 5 * 64); /* these are no points */

        assert_false(phase2_verify(&claim, &p->state, &w, &v, &err));
        claim.basis = &p->basis;
        assert_true(phase2_verify(&claim, &p->state, &w, &v, &err));

        assert_valid(v);
        world_powers_free(p);
    }
}

/* It is a shortcut, and no file is refused for it. */
static void of_a_wrong_basis_the_powers_are_asked(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const Chain *c = &chains[i];
        WorldPowers *p = world_powers(c->curve, WORLD_POWER);
        const Element other = element_generator(curve_g1(c->curve));
        const size_t each = form_bytes(curve_g1(c->curve), FORM_MONTGOMERY);

        element_write(&other, FORM_MONTGOMERY, p->basis_bytes + 3 * each);
        assert_valid(verify(c->at[3], c->at[0], p));
        p->basis_bytes[5 * each] ^= 1; /* no point */
        assert_valid(verify(c->at[3], c->at[0], p));

        world_powers_free(p);
    }
}

static void every_key_of_a_chain_extends_the_one_before(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 3; k++)
            assert_valid(extends(chains[i].at[k + 1], chains[i].at[k]));
}

static void a_key_extends_nothing_but_the_one_before(void **state) {
    (void)state;
    const Chain *c = &chains[0];

    assert_refused(extends(c->at[2], c->at[0]), "zkey.count");
    assert_refused(extends(c->at[1], c->at[1]), "zkey.count");
    assert_refused(extends(c->at[1], c->at[2]), "zkey.count");
    assert_refused(extends(c->at[0], c->at[1]), "zkey.count");
}

static void a_fork_is_valid_but_extends_only_where_it_left(void **state) {
    (void)state;
    const Chain *c = &chains[0];
    WorldKey *fork = world_contribute(c->at[0], 9, "mallory");

    assert_valid(verify(fork, c->at[0], c->powers));
    assert_valid(extends(fork, c->at[0]));
    Verdict v = extends(fork, c->at[2]);

    assert_refused(v, "zkey.prefix");
    assert_int_equal(v.contribution, 1);
    world_key_free(fork);
}

static void a_contribution_that_changes_nothing_is_valid_but_extends_nothing(void **state) {
    (void)state;
    const Chain *c = &chains[0];
    WorldKey *idle = world_copy(c->at[1]);
    Phase2Contribution *last = &idle->list[1];
    Phase2Chain hashes = phase2_chain(idle->key.circuit_hash);
    phase2_chain_add(&hashes, &idle->list[0]);
    *last = idle->list[0];
    last->g1_sx = last->g1_s; /* d = 1, which phase2_contribute refuses */
    phase2_chain_transcript(&hashes, &last->g1_s, &last->g1_sx, last->transcript);
    last->g2_spx = draw_hash_to_g2(c->curve, last->transcript);
    idle->key.contributions_n = 2;

    assert_valid(verify(idle, c->at[0], c->powers));
    Verdict v = extends(idle, c->at[1]);

    assert_refused(v, "zkey.contribution.idle");
    assert_int_equal(v.contribution, 2);
    world_key_free(idle);
}

static void many_contributions_are_replayed_and_the_wrong_one_is_named(void **state) {
    (void)state;
    enum { N = 150 };
    const Chain *c = &chains[0];
    Phase2Contribution *list = calloc(N, sizeof *list);
    Phase2Key key = c->at[0]->key;
    const Phase2Replay how = {.from = 0, .beacon_exp_max = BEACON_EXP_QUICK};
    const Work w = world_work();
    Verdict right = {.valid = true}, wrong = right;
    key.contributions = list;
    for (uint8_t i = 0; i < N; i++) {
        const ContributionParams params = {.beacon = false};
        uint8_t seed[DRAW_SEED_BYTES] = {i, 1};
        Draw draw = draw_from(seed);
        Phase2Step step;
        assert_true(phase2_contribute(&key, &draw, &params, &step, NULL));
        key.header = step.header;
        list[key.contributions_n++] = step.contribution;
        phase2_step_done(&step);
    }

    assert_true(phase2_replay(&key, &how, &w, &right, NULL));
    list[N - 1].g2_spx = element_generator(curve_g2(c->curve));
    assert_true(phase2_replay(&key, &how, &w, &wrong, NULL));

    assert_valid(right);
    assert_refused(wrong, "zkey.contribution.key");
    assert_int_equal(wrong.contribution, N);
    free(list);
}

static void what_cannot_be_judged_is_an_error_and_no_verdict(void **state) {
    (void)state;
    const Chain *c = &chains[0], *other = &chains[1];
    WorldPowers *few = world_powers(c->curve, WORLD_POWER - 1);
    WorldKey *slow = world_copy(c->at[3]), *broken = world_copy(c->at[0]);
    Phase2Claim claim = {
        .key = &c->at[3]->key, .before = &c->at[0]->key, .beacon_exp_max = BEACON_EXP_QUICK};
    const Work w = world_work();
    Verdict v = {.valid = true};
    CvkErr err;

    assert_false(phase2_verify(&claim, &other->powers->state, &w, &v, &err));
    assert_string_equal(err.id, "ptau.curve");
    assert_false(phase2_verify(&claim, &few->state, &w, &v, &err));
    assert_string_equal(err.id, "ptau.power");
    slow->list[2].params.iterations_exp = BEACON_EXP_QUICK + 1;
    claim.key = &slow->key;
    assert_false(phase2_verify(&claim, &c->powers->state, &w, &v, &err));
    assert_string_equal(err.id, "beacon.slow");
    broken->bytes[PHASE2_L][0] ^= 1;
    claim = (Phase2Claim){
        .key = &c->at[1]->key, .before = &broken->key, .beacon_exp_max = BEACON_EXP_QUICK};
    assert_false(phase2_extends(&claim, &w, &v, &err));
    assert_string_equal(err.id, "point.not_on_curve");
    assert_true(v.valid);
    world_powers_free(few);
    world_key_free(slow);
    world_key_free(broken);
}

static void beacons_that_take_hours_together_are_no_verdict(void **state) {
    (void)state;
    const Chain *c = &chains[0];
    WorldKey *two = world_beacon(c->at[3], 4);
    Phase2Claim claim = {
        .key = &two->key, .before = &c->at[0]->key, .beacon_exp_max = BEACON_EXP_MIN};
    const Work w = world_work();
    Verdict v = {.valid = true};
    CvkErr err;

    assert_false(phase2_verify(&claim, &c->powers->state, &w, &v, &err));
    assert_string_equal(err.id, "beacon.slow");
    claim.beacon_exp_max++;
    assert_true(phase2_verify(&claim, &c->powers->state, &w, &v, &err));

    assert_valid(v);
    world_key_free(two);
}

/* ---- single faults ---- */

static Element two_g1(const WorldKey *k) {
    Element g = element_generator(curve_g1(k->key.header.curve));
    return element_add(&g, &g);
}

static Element two_g2(const WorldKey *k) {
    Element g = element_generator(curve_g2(k->key.header.curve));
    return element_add(&g, &g);
}

static Element infinite_g1(const WorldKey *k) {
    return element_infinity(curve_g1(k->key.header.curve));
}

static Element infinite_g2(const WorldKey *k) {
    return element_infinity(curve_g2(k->key.header.curve));
}

/* The transcript of the last contribution, and its key again, as somebody would who knows d. */
static void rewrite_transcript(WorldKey *k) {
    uint32_t n = k->key.contributions_n;
    Phase2Chain hashes = phase2_chain(k->key.circuit_hash);
    for (uint32_t i = 0; i + 1 < n; i++)
        phase2_chain_add(&hashes, &k->list[i]);
    phase2_chain_transcript(&hashes, &k->list[n - 1].g1_s, &k->list[n - 1].g1_sx,
                            k->list[n - 1].transcript);
}

/* clang-format off */
static void n_vars(WorldKey *k) { k->key.header.n_vars++; }
static void n_public(WorldKey *k) { k->key.header.n_public++; }
static void domain(WorldKey *k) { k->key.header.domain *= 2; }
static void alpha_g1(WorldKey *k) { k->key.header.alpha_g1 = two_g1(k); }
static void beta_g1(WorldKey *k) { k->key.header.beta_g1 = two_g1(k); }
static void beta_g2(WorldKey *k) { k->key.header.beta_g2 = two_g2(k); }
static void gamma_g2(WorldKey *k) { k->key.header.gamma_g2 = two_g2(k); }
static void delta_g1(WorldKey *k) { k->key.header.delta_g1 = two_g1(k); }
static void delta_g2(WorldKey *k) { k->key.header.delta_g2 = two_g2(k); }
static void delta_g2_infinite(WorldKey *k) { k->key.header.delta_g2 = infinite_g2(k); }
static void circuit_hash(WorldKey *k) { k->key.circuit_hash[63] ^= 1; }
static void transcript(WorldKey *k) { k->list[2].transcript[0] ^= 1; }
static void first_transcript(WorldKey *k) { k->list[0].transcript[5] ^= 1; }
static void g1_s(WorldKey *k) { k->list[2].g1_s = two_g1(k); }
static void g1_sx(WorldKey *k) { k->list[2].g1_sx = two_g1(k); }
static void g2_spx(WorldKey *k) { k->list[2].g2_spx = two_g2(k); }
static void first_g2_spx(WorldKey *k) { k->list[0].g2_spx = two_g2(k); }
static void delta_after(WorldKey *k) { k->list[2].delta_after = two_g1(k); }
static void second_delta_after(WorldKey *k) { k->list[1].delta_after = two_g1(k); }
static void g2_spx_infinite(WorldKey *k) { k->list[2].g2_spx = infinite_g2(k); }
static void delta_infinite(WorldKey *k) { k->list[2].delta_after = infinite_g1(k); }
static void beacon_hash(WorldKey *k) { k->list[2].params.beacon_hash[0] ^= 1; }
static void beacon_iterations(WorldKey *k) { k->list[2].params.iterations_exp++; }
static void beacon_impossible(WorldKey *k) { k->list[2].params.iterations_exp = 9; }
static void beacon_claimed(WorldKey *k) { k->list[1].params = k->list[2].params; }
static void name(WorldKey *k) { k->list[0].params.name[0] = 'A'; }
static void name_taken(WorldKey *k) { k->list[0].params = (ContributionParams){.name_n = 0}; }
static void last_dropped(WorldKey *k) { k->key.contributions_n--; }
static void ic(WorldKey *k) { k->bytes[PHASE2_IC][100] ^= 1; }
static void coefficients(WorldKey *k) { k->coefficients[17] ^= 1; }
static void coefficients_short(WorldKey *k) { k->key.coefficients.n -= 44; }
static void a(WorldKey *k) { k->bytes[PHASE2_A][0] ^= 1; }
static void b1(WorldKey *k) { k->bytes[PHASE2_B1][64] ^= 0x80; }
static void b2(WorldKey *k) { k->bytes[PHASE2_B2][k->key.v[PHASE2_B2].bytes.n - 1] ^= 1; }
static void l_off_curve(WorldKey *k) { k->bytes[PHASE2_L][1] ^= 1; }
static void l_too_large(WorldKey *k) { memset(k->bytes[PHASE2_L], 0xff, 48); }
static void l_replaced(WorldKey *k) { world_put(k, PHASE2_L, 5, two_g1(k)); }
static void l_infinite(WorldKey *k) { world_put(k, PHASE2_L, 6, infinite_g1(k)); }
static void l_finite(WorldKey *k) { world_put(k, PHASE2_L, WORLD_UNUSED, two_g1(k)); }
static void h_off_curve(WorldKey *k) { k->bytes[PHASE2_H][70] ^= 1; }
static void h_replaced(WorldKey *k) { world_put(k, PHASE2_H, 15, two_g1(k)); }
static void h_first_replaced(WorldKey *k) { world_put(k, PHASE2_H, 0, two_g1(k)); }
static void h_infinite(WorldKey *k) { world_put(k, PHASE2_H, 4, infinite_g1(k)); }
/* clang-format on */

static void h_swapped(WorldKey *k) {
    size_t each = k->key.v[PHASE2_H].bytes.n / WORLD_DOMAIN;
    uint8_t first[FORM_BYTES_MAX];
    memcpy(first, k->bytes[PHASE2_H], each);
    memcpy(k->bytes[PHASE2_H], k->bytes[PHASE2_H] + each, each);
    memcpy(k->bytes[PHASE2_H] + each, first, each);
}

static void h_last_term(WorldKey *k) {
    const Element t = two_g1(k);
    world_add_last_term(k, &t);
}

static void g1_s_infinite(WorldKey *k) {
    k->list[2].g1_s = infinite_g1(k);
    rewrite_transcript(k);
}

/* Both g1_s and g1_sx by two: still d, but another's proof. */
static void proof_of_another(WorldKey *k) {
    k->list[2].params.beacon = false;
    k->list[2].g1_s = element_add(&k->list[2].g1_s, &k->list[2].g1_s);
    k->list[2].g1_sx = element_add(&k->list[2].g1_sx, &k->list[2].g1_sx);
    rewrite_transcript(k);
}

static void contributions_swapped(WorldKey *k) {
    Phase2Contribution first = k->list[0];
    k->list[0] = k->list[1];
    k->list[1] = first;
}

#define SAME NULL
static const struct {
    const char *what;
    void (*change)(WorldKey *k);
    const char *verify, *extends; /* SAME: as verify says */
    uint32_t contribution;        /* in both; of extends only if it is the last */
} faults[] = {
    {"signals", n_vars, "zkey.n_vars", SAME, 0},
    {"public signals", n_public, "zkey.n_public", SAME, 0},
    {"domain", domain, "zkey.domain", SAME, 0},
    {"alpha", alpha_g1, "zkey.alpha_g1", SAME, 0},
    {"beta", beta_g1, "zkey.beta_g1", SAME, 0},
    {"beta in G2", beta_g2, "zkey.beta_g2", SAME, 0},
    {"gamma", gamma_g2, "zkey.gamma_g2", SAME, 0},
    {"circuit hash", circuit_hash, "zkey.circuit_hash", SAME, 0},
    {"delta in G1", delta_g1, "zkey.delta_g1", SAME, 0},
    {"delta in G2", delta_g2, "zkey.delta_g2", SAME, 0},
    {"delta in G2 infinite", delta_g2_infinite, "zkey.delta_g2", SAME, 0},
    {"transcript", transcript, "zkey.contribution.transcript", SAME, 3},
    {"an old transcript", first_transcript, "zkey.contribution.transcript", "zkey.prefix", 1},
    {"g1_s", g1_s, "zkey.contribution.transcript", SAME, 3},
    {"g1_sx", g1_sx, "zkey.contribution.transcript", SAME, 3},
    {"g1_s infinite", g1_s_infinite, "zkey.contribution.infinity", SAME, 3},
    {"g2_spx", g2_spx, "zkey.contribution.key", SAME, 3},
    {"g2_spx infinite", g2_spx_infinite, "zkey.contribution.infinity", SAME, 3},
    {"an old g2_spx", first_g2_spx, "zkey.contribution.key", "zkey.prefix", 1},
    {"proof of another", proof_of_another, "zkey.contribution.key", SAME, 3},
    {"delta after", delta_after, "zkey.contribution.delta", SAME, 3},
    {"an old delta after", second_delta_after, "zkey.contribution.delta", "zkey.prefix", 2},
    {"delta after infinite", delta_infinite, "zkey.contribution.infinity", SAME, 3},
    {"beacon", beacon_hash, "zkey.contribution.beacon", SAME, 3},
    {"beacon's iterations", beacon_iterations, "zkey.contribution.beacon", SAME, 3},
    {"beacon without enough", beacon_impossible, "zkey.contribution.beacon", SAME, 3},
    {"said to be a beacon", beacon_claimed, "zkey.contribution.beacon", "zkey.prefix", 2},
    {"swapped", contributions_swapped, "zkey.contribution.transcript", "zkey.prefix", 1},
    {"last dropped", last_dropped, "zkey.delta_g1", "zkey.count", 0},
    {"renamed", name, "", "zkey.prefix", 1},
    {"name taken", name_taken, "", "zkey.prefix", 1},
    {"IC", ic, "zkey.ic", SAME, 0},
    {"coefficients", coefficients, "zkey.coefficients", SAME, 0},
    {"fewer coefficients", coefficients_short, "zkey.coefficients", SAME, 0},
    {"A", a, "zkey.a", SAME, 0},
    {"B1", b1, "zkey.b1", SAME, 0},
    {"B2", b2, "zkey.b2", SAME, 0},
    {"L off the curve", l_off_curve, "point.not_on_curve", SAME, 0},
    {"L not canonical", l_too_large, "point.too_large", SAME, 0},
    {"L replaced", l_replaced, "zkey.l", SAME, 0},
    {"L infinite", l_infinite, "zkey.l.infinity", SAME, 0},
    {"L finite where it was not", l_finite, "zkey.l", SAME, 0},
    {"H off the curve", h_off_curve, "point.not_on_curve", SAME, 0},
    {"H replaced", h_replaced, "zkey.h.ptau", "zkey.h", 0},
    {"first H replaced", h_first_replaced, "zkey.h.ptau", "zkey.h", 0},
    {"H infinite", h_infinite, "zkey.h.ptau", "zkey.h.infinity", 0},
    {"H swapped", h_swapped, "zkey.h.ptau", "zkey.h", 0},
    {"a point in the last term of H", h_last_term, "zkey.h.ptau", "zkey.h", 0},
};

static void assert_fault(const char *what, Verdict got, const char *id, uint32_t contribution) {
    if (*id == '\0') {
        if (!got.valid)
            fail_msg("%s: refused with %s", what, got.id);
    } else if (got.valid || strcmp(got.id, id) != 0 || got.contribution != contribution) {
        fail_msg("%s: %s (contribution %u), not %s", what, got.valid ? "valid" : got.id,
                 got.contribution, id);
    }
}

static void every_single_fault_is_refused_with_its_reason(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t f = 0; f < sizeof faults / sizeof *faults; f++) {
            if (TEST_ONE_IN > 1 && f % 2 != i)
                continue; /* with sanitizers each fault is tried on one of the curves */
            const Chain *c = &chains[i];
            WorldKey *k = world_copy(c->at[3]);
            const char *id = faults[f].extends != SAME ? faults[f].extends : faults[f].verify;
            faults[f].change(k);

            assert_fault(faults[f].what, verify(k, c->at[0], c->powers), faults[f].verify,
                         *faults[f].verify != '\0' ? faults[f].contribution : 0);
            assert_fault(faults[f].what, extends(k, c->at[2]), id,
                         strcmp(id, "zkey.count") != 0 ? faults[f].contribution : 0);
            world_key_free(k);
        }
}

static void a_wrong_point_is_named_with_its_place(void **state) {
    (void)state;
    const Chain *c = &chains[0];
    WorldKey *k = world_copy(c->at[3]);
    l_replaced(k);

    Verdict v = verify(k, c->at[0], c->powers);

    assert_non_null(strstr(v.text, "L[5]"));
    assert_int_equal(v.place.section, 8);
    assert_int_equal(v.place.offset, 5 * 64);
    world_key_free(k);
}

/* L of n times its first point. */
static void lengthen_l(WorldKey *k, size_t n) {
    Vector *v = &k->key.v[PHASE2_L];
    const size_t each = v->bytes.n / v->n;
    uint8_t *bytes = malloc(n * each);
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++)
        memcpy(bytes + i * each, k->bytes[PHASE2_L], each);
    free(k->bytes[PHASE2_L]);
    k->bytes[PHASE2_L] = bytes;
    k->key.header.n_vars = (uint32_t)n + WORLD_PUBLIC + 1;
    v->n = n;
    v->bytes = cvk_source_memory(bytes, n * each);
}

static void long_vectors_are_compared_in_blocks(void **state) {
    (void)state;
    enum { N = 60000 };
    const Work w = world_work();
    WorldKey *old = world_copy(chains[0].at[0]), *new = world_copy(chains[0].at[1]);
    lengthen_l(old, N);
    lengthen_l(new, N);
    assert_in_range(work_block(&w, curve_g1(chains[0].curve), 2), 1, N / 2);

    Verdict right = extends(new, old);
    world_put(new, PHASE2_L, N - 1, two_g1(new));
    Verdict wrong = extends(new, old);

    assert_valid(right);
    assert_refused(wrong, "zkey.l");
    assert_non_null(strstr(wrong.text, "L[59999]"));
    world_key_free(old);
    world_key_free(new);
}

static void powers_of_another_ceremony_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const Chain *c = &chains[i];
        const Group *g = curve_g1(c->curve);
        WorldPowers *other = world_powers(c->curve, WORLD_POWER);
        Element e = element_generator(g);

        element_write(&e, FORM_MONTGOMERY, other->bytes[PHASE1_ALPHA_G1]);
        assert_refused(verify(c->at[3], c->at[0], other), "zkey.ptau");
        world_powers_free(other);
        other = world_powers(c->curve, WORLD_POWER);
        element_write(&e, FORM_MONTGOMERY,
                      other->bytes[PHASE1_TAU_G1] + 9 * form_bytes(g, FORM_MONTGOMERY));
        assert_refused(verify_with(c->at[3], c->at[0], other, NULL), "zkey.h.ptau");
        world_powers_free(other);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_key_of_a_chain_grew_from_the_initial_one),
        TEST(a_later_key_may_stand_for_the_initial_one),
        TEST(larger_powers_of_the_same_tau_judge_the_same),
        TEST(the_basis_alone_proves_h),
        TEST(of_a_wrong_basis_the_powers_are_asked),
        TEST(every_key_of_a_chain_extends_the_one_before),
        TEST(a_key_extends_nothing_but_the_one_before),
        TEST(a_fork_is_valid_but_extends_only_where_it_left),
        TEST(a_contribution_that_changes_nothing_is_valid_but_extends_nothing),
        TEST(many_contributions_are_replayed_and_the_wrong_one_is_named),
        TEST(what_cannot_be_judged_is_an_error_and_no_verdict),
        TEST(beacons_that_take_hours_together_are_no_verdict),
        TEST(every_single_fault_is_refused_with_its_reason),
        TEST(a_wrong_point_is_named_with_its_place),
        TEST(long_vectors_are_compared_in_blocks),
        TEST(powers_of_another_ceremony_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
