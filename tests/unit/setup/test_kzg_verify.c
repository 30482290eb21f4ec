#include "support/test.h"

#include "support/kzg_ceremony.h"

#include "base/hex.h"

/* A ceremony of three sub-setups after one contribution, and the second one, which is valid. */
typedef struct {
    KzgSizes sizes;
    KzgWire *initial, *first, *second;
    KzgBase base;
} World;

static const uint64_t FIRST[] = {5, 6, 7}, SECOND[] = {11, 12, 13};

static int set_up(void **state) {
    World *w = calloc(1, sizeof *w);
    w->sizes = kzg_test_sizes("4,3:8,4:16,6");
    w->initial = kzg_wire_initial(&w->sizes, NULL);
    w->first = kzg_test_contribute(w->initial, FIRST, NULL);
    w->second = kzg_test_contribute(w->first, SECOND, "git|1|anna");
    assert_true(kzg_base_from_wire(w->first, &w->sizes, &w->base, NULL));
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    World *w = *state;
    kzg_wire_free(w->initial);
    kzg_wire_free(w->first);
    kzg_wire_free(w->second);
    free(w);
    return 0;
}

/* The report must be the expected one, and that of the judge. */
static KzgReport assert_report(const World *w, const KzgWire *response, KzgVerdict verdict,
                               size_t sub, size_t index) {
    KzgReport r = kzg_test_verify(&w->base, response);
    KzgReport judge = kzg_naive_verify(&w->base, &w->sizes, response);
    assert_int_equal(judge.verdict, verdict);
    assert_int_equal(r.verdict, verdict);
    assert_int_equal(r.sub, sub);
    assert_int_equal(judge.sub, sub);
    assert_int_equal(r.index, index);
    assert_int_equal(judge.index, index);
    return r;
}

static void a_valid_response_is_accepted(void **state) {
    const World *w = *state;

    assert_report(w, w->second, KZG_VALID, 0, 0);
}

static void the_first_response_stands_on_the_initial_state(void **state) {
    const World *w = *state;
    KzgBase base;

    kzg_base_initial(&w->sizes, &base);

    assert_int_equal(kzg_test_verify(&base, w->first).verdict, KZG_VALID);
    assert_int_equal(kzg_test_verify(&base, w->second).verdict, KZG_PUBKEY_PAIRING);
}

/* ---- lies: one point of a valid response replaced ---- */

typedef enum { G1, G2, KEY } Where;
typedef enum {
    OTHER,        /* a valid point, of no power */
    INFINITY_,    /* well-formed infinity */
    UNCOMPRESSED, /* zeros */
    BAD_INFINITY,
    TOO_LARGE,
    NOT_ON_CURVE,
    NOT_IN_GROUP,
} What;

static uint8_t *point_of(KzgWire *w, size_t sub, Where where, size_t index) {
    KzgSubWire *s = &w->subs[sub];
    return where == G1 ? s->powers.g1[index] : where == G2 ? s->powers.g2[index] : s->pubkey;
}

static void put_lie(uint8_t *at, Where where, What what) {
    size_t n = where == G1 ? KZG_G1_BYTES : KZG_G2_BYTES;
    memset(at, 0, n);
    switch (what) {
    case OTHER:
        where == G1 ? kzg_test_g1(1234567, at) : kzg_test_g2(1234567, at);
        return;
    case INFINITY_:
        at[0] = 0xc0;
        return;
    case UNCOMPRESSED:
        at[n - 1] = 2;
        return;
    case BAD_INFINITY:
        at[0] = 0xc0;
        at[n - 1] = 1;
        return;
    case TOO_LARGE:
        memset(at, 0xff, n);
        at[0] = 0x9f;
        return;
    case NOT_ON_CURVE:
        at[0] = 0x80;
        at[n - 1] = 1; /* x = 1: on G1 there is no such point */
        return;
    case NOT_IN_GROUP:
        at[0] = 0x80;
        at[n - 1] = where == G1 ? 0 : 2;
        return;
    }
}

static const struct {
    size_t sub;
    Where where;
    size_t index;
    What what;
    KzgVerdict verdict;
    size_t reported;
    PointFault fault;
} lies[] = {
    /* encodings, first, middle and last of each list */
    {0, G1, 0, UNCOMPRESSED, KZG_BAD_G1_POINT, 0, POINT_NOT_COMPRESSED},
    {0, G1, 2, BAD_INFINITY, KZG_BAD_G1_POINT, 2, POINT_BAD_INFINITY},
    {2, G1, 15, TOO_LARGE, KZG_BAD_G1_POINT, 15, POINT_X_TOO_LARGE},
    {1, G1, 4, NOT_ON_CURVE, KZG_BAD_G1_POINT, 4, POINT_NOT_ON_CURVE},
    {1, G1, 1, NOT_IN_GROUP, KZG_BAD_G1_POINT, 1, POINT_NOT_IN_GROUP},
    {2, G1, 15, NOT_IN_GROUP, KZG_BAD_G1_POINT, 15, POINT_NOT_IN_GROUP},
    {0, G2, 0, UNCOMPRESSED, KZG_BAD_G2_POINT, 0, POINT_NOT_COMPRESSED},
    {1, G2, 1, BAD_INFINITY, KZG_BAD_G2_POINT, 1, POINT_BAD_INFINITY},
    {2, G2, 3, TOO_LARGE, KZG_BAD_G2_POINT, 3, POINT_X_TOO_LARGE},
    {2, G2, 5, NOT_IN_GROUP, KZG_BAD_G2_POINT, 5, POINT_NOT_IN_GROUP},
    {1, KEY, 0, UNCOMPRESSED, KZG_BAD_PUBKEY_POINT, 0, POINT_NOT_COMPRESSED},
    {2, KEY, 0, NOT_IN_GROUP, KZG_BAD_PUBKEY_POINT, 0, POINT_NOT_IN_GROUP},
    {0, KEY, 0, BAD_INFINITY, KZG_BAD_PUBKEY_POINT, 0, POINT_BAD_INFINITY},
    {1, KEY, 0, INFINITY_, KZG_ZERO_PUBKEY, 0, POINT_INFINITY},
    /* valid points that are no power of tau */
    {0, KEY, 0, OTHER, KZG_PUBKEY_PAIRING, 0, POINT_OK},
    {2, G1, 0, OTHER, KZG_G1_PAIRING, 0, POINT_OK},
    {2, G1, 1, OTHER, KZG_PUBKEY_PAIRING, 0, POINT_OK},
    {2, G1, 2, OTHER, KZG_G1_PAIRING, 2, POINT_OK},
    {2, G1, 7, OTHER, KZG_G1_PAIRING, 7, POINT_OK},
    {2, G1, 8, OTHER, KZG_G1_PAIRING, 8, POINT_OK},
    {2, G1, 15, OTHER, KZG_G1_PAIRING, 15, POINT_OK},
    {0, G1, 3, OTHER, KZG_G1_PAIRING, 3, POINT_OK},
    {2, G2, 0, OTHER, KZG_G2_PAIRING, 0, POINT_OK},
    {2, G2, 1, OTHER, KZG_G1_PAIRING, 1, POINT_OK},
    {2, G2, 2, OTHER, KZG_G2_PAIRING, 2, POINT_OK},
    {2, G2, 3, OTHER, KZG_G2_PAIRING, 3, POINT_OK},
    {2, G2, 5, OTHER, KZG_G2_PAIRING, 5, POINT_OK},
    /* infinity, at every kind of place */
    {1, G1, 0, INFINITY_, KZG_G1_PAIRING, 0, POINT_OK},
    {1, G1, 1, INFINITY_, KZG_PUBKEY_PAIRING, 0, POINT_OK},
    {1, G1, 2, INFINITY_, KZG_G1_PAIRING, 2, POINT_OK},
    {1, G1, 4, INFINITY_, KZG_G1_PAIRING, 4, POINT_OK},
    {1, G1, 7, INFINITY_, KZG_G1_PAIRING, 7, POINT_OK},
    {1, G2, 0, INFINITY_, KZG_G2_PAIRING, 0, POINT_OK},
    {1, G2, 1, INFINITY_, KZG_G1_PAIRING, 1, POINT_OK},
    {1, G2, 2, INFINITY_, KZG_G2_PAIRING, 2, POINT_OK},
    {1, G2, 3, INFINITY_, KZG_G2_PAIRING, 3, POINT_OK},
};

static void each_lie_is_reported_at_its_place(void **state) {
    const World *w = *state;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        KzgWire *bad = kzg_test_copy(w->second);
        put_lie(point_of(bad, lies[i].sub, lies[i].where, lies[i].index), lies[i].where,
                lies[i].what);

        KzgReport r = assert_report(w, bad, lies[i].verdict, lies[i].sub, lies[i].reported);

        assert_int_equal(r.point.fault, lies[i].fault);
        kzg_wire_free(bad);
    }
}

static void two_infinities_are_reported_in_the_order_of_the_checks(void **state) {
    const World *w = *state;
    KzgWire *bad = kzg_test_copy(w->second);
    put_lie(bad->subs[1].powers.g2[0], G2, INFINITY_);
    put_lie(bad->subs[1].powers.g1[5], G1, INFINITY_);

    assert_report(w, bad, KZG_G1_PAIRING, 1, 5);
    put_lie(bad->subs[1].powers.g2[1], G2, INFINITY_);
    assert_report(w, bad, KZG_G1_PAIRING, 1, 1);
    put_lie(bad->subs[1].powers.g1[0], G1, INFINITY_);
    assert_report(w, bad, KZG_G1_PAIRING, 1, 0);
    put_lie(bad->subs[1].powers.g1[1], G1, INFINITY_);
    assert_report(w, bad, KZG_PUBKEY_PAIRING, 1, 0);
    put_lie(bad->subs[1].powers.g1[6], G1, NOT_IN_GROUP);
    assert_report(w, bad, KZG_BAD_G1_POINT, 1, 6);

    kzg_wire_free(bad);
}

static void a_fault_behind_an_infinity_does_not_hide_one_before_it(void **state) {
    const World *w = *state;
    KzgWire *bad = kzg_test_copy(w->second);
    put_lie(bad->subs[2].powers.g1[9], G1, INFINITY_);
    put_lie(bad->subs[2].powers.g1[4], G1, OTHER);
    put_lie(bad->subs[2].powers.g1[12], G1, OTHER);

    assert_report(w, bad, KZG_G1_PAIRING, 2, 4);

    kzg_wire_free(bad);
}

static void of_two_bad_sub_setups_the_lowest_is_reported(void **state) {
    const World *w = *state;
    KzgWire *bad = kzg_test_copy(w->second);
    put_lie(bad->subs[2].powers.g1[0], G1, UNCOMPRESSED); /* an earlier check, a later sub-setup */
    put_lie(bad->subs[1].powers.g2[3], G2, OTHER);

    assert_report(w, bad, KZG_G2_PAIRING, 1, 3);

    kzg_wire_free(bad);
}

static void of_two_bad_powers_the_lowest_is_reported(void **state) {
    const World *w = *state;
    for (size_t low = 2; low < 15; low += 3) {
        KzgWire *bad = kzg_test_copy(w->second);
        put_lie(bad->subs[2].powers.g1[low], G1, OTHER);
        put_lie(bad->subs[2].powers.g1[15], G1, OTHER);

        assert_report(w, bad, KZG_G1_PAIRING, 2, low);

        kzg_wire_free(bad);
    }
}

static void swapped_powers_are_found(void **state) {
    const World *w = *state;
    KzgWire *bad = kzg_test_copy(w->second);
    memcpy(bad->subs[2].powers.g1[6], w->second->subs[2].powers.g1[7], KZG_G1_BYTES);
    memcpy(bad->subs[2].powers.g1[7], w->second->subs[2].powers.g1[6], KZG_G1_BYTES);

    assert_report(w, bad, KZG_G1_PAIRING, 2, 6);

    kzg_wire_free(bad);
}

static void swapped_sub_setups_of_one_size_are_found(void **state) {
    (void)state;
    KzgSizes sizes = kzg_test_sizes("4,3:4,3");
    KzgWire *initial = kzg_wire_initial(&sizes, NULL);
    KzgWire *first = kzg_test_contribute(initial, FIRST, NULL);
    KzgWire *second = kzg_test_contribute(first, SECOND, NULL);
    KzgBase base;
    assert_true(kzg_base_from_wire(first, &sizes, &base, NULL));
    KzgSubWire sub = second->subs[0];
    second->subs[0] = second->subs[1];
    second->subs[1] = sub;

    KzgReport r = kzg_test_verify(&base, second);

    assert_int_equal(r.verdict, KZG_PUBKEY_PAIRING);
    assert_int_equal(r.sub, 0);
    kzg_wire_free(initial);
    kzg_wire_free(first);
    kzg_wire_free(second);
}

/* ---- counts ---- */

static void counts_are_checked_before_any_point(void **state) {
    const World *w = *state;
    KzgWire *bad = kzg_test_copy(w->second);
    put_lie(bad->subs[0].powers.g1[0], G1, UNCOMPRESSED);

    bad->subs[2].powers.n_g2--;
    assert_report(w, bad, KZG_WRONG_NUM_G2, 2, 0);
    bad->subs[1].powers.n_g1 = 7;
    KzgReport r = kzg_test_verify(&w->base, bad);
    assert_int_equal(r.verdict, KZG_WRONG_NUM_G1);
    assert_int_equal(r.sub, 1);
    assert_int_equal(r.expected, 8);
    assert_int_equal(r.got, 7);
    bad->subs[0].powers.n_g1 = 0;
    assert_report(w, bad, KZG_WRONG_NUM_G1, 0, 0);

    kzg_wire_free(bad);
}

static void the_number_of_sub_setups_comes_first(void **state) {
    const World *w = *state;
    KzgWire *bad = kzg_test_copy(w->second);
    bad->subs[0].powers.n_g1 = 0;
    bad->n = 2;

    KzgReport r = kzg_test_verify(&w->base, bad);

    bad->n = 3;
    assert_int_equal(r.verdict, KZG_WRONG_NUM_SUBS);
    assert_int_equal(r.expected, 3);
    assert_int_equal(r.got, 2);
    kzg_wire_free(bad);
}

/* ---- keys ---- */

static void tau_one_brings_no_entropy(void **state) {
    const World *w = *state;
    KzgWire *lazy = kzg_test_copy(w->second);
    KzgSubWire *sub = &lazy->subs[1];
    kzg_powers_wire_done(&sub->powers);
    KzgWire *idle = kzg_test_copy(w->first);
    sub->powers = idle->subs[1].powers;
    idle->subs[1].powers = (KzgPowersWire){0};
    memcpy(sub->pubkey, KZG_G2_GENERATOR, KZG_G2_BYTES);

    assert_report(w, lazy, KZG_NO_ENTROPY, 1, 0);

    kzg_wire_free(idle);
    kzg_wire_free(lazy);
}

static void one_key_for_two_sub_setups_is_refused(void **state) {
    const World *w = *state;
    const uint64_t a[] = {11, 12, 13};
    KzgWire *x = kzg_test_contribute(w->first, a, NULL);
    const uint64_t c[] = {14, 15, 12}; /* its third has the key of the second of x */
    KzgWire *y = kzg_test_contribute(w->first, c, NULL);
    KzgSubWire sub = x->subs[2];
    x->subs[2] = y->subs[2];
    y->subs[2] = sub;

    assert_report(w, x, KZG_DUPLICATE_KEY, 2, 0);

    kzg_wire_free(x);
    kzg_wire_free(y);
}

static bool is_first_key(void *ctx, const uint8_t pubkey[KZG_G2_BYTES]) {
    const World *w = ctx;
    for (size_t i = 0; i < w->first->n; i++)
        if (memcmp(pubkey, w->first->subs[i].pubkey, KZG_G2_BYTES) == 0)
            return true;
    return false;
}

static void a_key_of_an_earlier_contribution_is_refused(void **state) {
    World *w = *state;
    const uint64_t secrets[] = {21, 22, 5};
    KzgWire *again = kzg_test_contribute(w->first, secrets, NULL);
    w->base.key_seen = is_first_key;
    w->base.ctx = w;

    assert_report(w, again, KZG_DUPLICATE_KEY, 2, 0);
    assert_report(w, w->second, KZG_VALID, 0, 0);

    w->base.key_seen = NULL;
    assert_int_equal(kzg_test_verify(&w->base, again).verdict, KZG_VALID);
    kzg_wire_free(again);
}

static void a_response_to_another_challenge_is_refused(void **state) {
    const World *w = *state;
    KzgWire *stale = kzg_test_contribute(w->initial, SECOND, NULL);

    assert_report(w, stale, KZG_PUBKEY_PAIRING, 0, 0);

    kzg_wire_free(stale);
}

static void the_key_of_another_ceremony_is_refused(void **state) {
    const World *w = *state;
    const uint64_t other[] = {31, 32, 33};
    KzgWire *elsewhere = kzg_test_contribute(w->initial, other, NULL);
    KzgWire *bad = kzg_test_copy(w->second);
    memcpy(bad->subs[1].pubkey, elsewhere->subs[1].pubkey, KZG_G2_BYTES);

    assert_report(w, bad, KZG_PUBKEY_PAIRING, 1, 0);

    kzg_wire_free(bad);
    kzg_wire_free(elsewhere);
}

/* ---- without a base, and bases ---- */

static void a_response_can_be_judged_alone(void **state) {
    const World *w = *state;
    KzgReport r;
    KzgWire *bad = kzg_test_copy(w->second);
    kzg_test_g2(77, bad->subs[0].pubkey); /* which only a base would show */

    assert_true(kzg_verify_alone(&w->sizes, bad, TEST_SEED, NULL, &r, NULL));
    assert_int_equal(r.verdict, KZG_VALID);

    put_lie(bad->subs[1].powers.g1[1], G1, INFINITY_);
    assert_true(kzg_verify_alone(&w->sizes, bad, TEST_SEED, NULL, &r, NULL));
    assert_int_equal(r.verdict, KZG_G1_PAIRING);
    assert_int_equal(r.sub, 1);
    assert_int_equal(r.index, 1);
    assert_int_equal(kzg_naive_verify(NULL, &w->sizes, bad).index, 1);

    kzg_wire_free(bad);
}

static void a_tau_of_zero_is_refused_even_alone(void **state) {
    const World *w = *state;
    KzgReport r;
    KzgWire *zero = kzg_wire_initial(&w->sizes, NULL);
    for (size_t s = 0; s < zero->n; s++) {
        for (size_t i = 1; i < zero->subs[s].powers.n_g1; i++)
            kzg_test_g1(0, zero->subs[s].powers.g1[i]);
        for (size_t i = 1; i < zero->subs[s].powers.n_g2; i++)
            kzg_test_g2(0, zero->subs[s].powers.g2[i]);
    }

    assert_true(kzg_verify_alone(&w->sizes, zero, TEST_SEED, NULL, &r, NULL));

    assert_int_equal(r.verdict, KZG_G1_PAIRING);
    assert_int_equal(r.index, 1);
    kzg_wire_free(zero);
}

static void a_base_that_is_no_point_is_an_error_and_no_verdict(void **state) {
    const World *w = *state;
    KzgBase base = w->base;
    KzgReport r;
    CvkErr err;

    put_lie(base.product[0], G1, NOT_IN_GROUP);
    assert_false(kzg_verify(&base, w->second, TEST_SEED, NULL, &r, &err));
    assert_string_equal(err.id, "kzg.base");
    put_lie(base.product[0], G1, INFINITY_);
    assert_false(kzg_verify(&base, w->second, TEST_SEED, NULL, &r, &err));
    assert_string_equal(err.id, "kzg.base");
}

static void a_challenge_of_other_sizes_is_no_base(void **state) {
    const World *w = *state;
    KzgSizes fewer = kzg_test_sizes("4,3:8,4"), other = kzg_test_sizes("4,3:8,4:8,6");
    KzgBase base;
    CvkErr err;

    assert_false(kzg_base_from_wire(w->first, &fewer, &base, &err));
    assert_string_equal(err.id, "kzg.base");
    assert_false(kzg_base_from_wire(w->first, &other, &base, &err));
    assert_string_equal(err.id, "kzg.base");
}

static void a_challenge_is_checked_as_a_whole(void **state) {
    const World *w = *state;
    KzgPowers *powers[3];
    KzgReport r;

    assert_true(kzg_verify_challenge(&w->sizes, w->first, TEST_SEED, NULL, powers, &r, NULL));
    assert_int_equal(r.verdict, KZG_VALID);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(points_n(powers[i]->g1), w->sizes.at[i].n_g1);
        kzg_powers_free(powers[i]);
    }
    assert_true(kzg_verify_challenge(&w->sizes, w->initial, TEST_SEED, NULL, NULL, &r, NULL));
    assert_int_equal(r.verdict, KZG_VALID);
}

static void a_challenge_that_lies_is_refused_and_gives_no_powers(void **state) {
    const World *w = *state;
    KzgPowers *powers[3] = {NULL};
    KzgReport r;
    KzgWire *bad = kzg_test_copy(w->first);
    put_lie(bad->subs[2].powers.g2[4], G2, OTHER);
    put_lie(bad->subs[1].powers.g1[1], G1, OTHER);

    assert_true(kzg_verify_challenge(&w->sizes, bad, TEST_SEED, NULL, powers, &r, NULL));
    assert_int_equal(r.verdict, KZG_G1_PAIRING);
    assert_int_equal(r.sub, 1);
    assert_int_equal(r.index, 1);
    bad->n = 2;
    assert_true(kzg_verify_challenge(&w->sizes, bad, TEST_SEED, NULL, powers, &r, NULL));
    assert_int_equal(r.verdict, KZG_WRONG_NUM_SUBS);
    bad->n = 3;
    bad->subs[2].powers.n_g1 = 8;
    assert_true(kzg_verify_challenge(&w->sizes, bad, TEST_SEED, NULL, powers, &r, NULL));
    assert_int_equal(r.verdict, KZG_WRONG_NUM_G1);
    assert_int_equal(r.sub, 2);
    for (size_t i = 0; i < 3; i++)
        assert_null(powers[i]);
    kzg_wire_free(bad);
}

/* Sizes may come out of the very document that is checked. */
static void sizes_that_no_ceremony_has_are_an_error(void **state) {
    const World *w = *state;
    const KzgSizes bad[] = {{0},
                            {.n = 1, .at = {{4, 0}}},
                            {.n = 1, .at = {{0, 0}}},
                            {.n = 1, .at = {{3, 2}}},
                            {.n = 2, .at = {{4, 3}, {1, 1}}}};
    KzgBase base;
    KzgReport r;
    KzgPowers *powers;
    CvkErr err;
    for (size_t i = 0; i < 5; i++) {
        err.id = "none";
        assert_false(kzg_verify_alone(&bad[i], w->second, TEST_SEED, NULL, &r, &err));
        assert_string_equal(err.id, "kzg.sizes");
        err.id = "none";
        assert_false(kzg_base_from_wire(w->first, &bad[i], &base, &err));
        assert_string_equal(err.id, "kzg.sizes");
    }
    assert_false(kzg_powers_check(&w->second->subs[0].powers, (KzgSize){3, 3}, TEST_SEED, NULL,
                                  &powers, &r, &err));
    assert_string_equal(err.id, "kzg.sizes");
}

/* ---- whoever checks, the report is the same ---- */

static void the_report_depends_on_neither_seed_nor_pool(void **state) {
    const World *w = *state;
    CvkPool *pool = cvk_pool_new(3, NULL);
    KzgWire *bad = kzg_test_copy(w->second);
    put_lie(bad->subs[2].powers.g1[11], G1, OTHER);
    put_lie(bad->subs[2].powers.g1[5], G1, OTHER);
    for (uint8_t i = 0; i < 4; i++) {
        uint8_t seed[CVK_SEED_BYTES] = {i};
        KzgReport r;

        assert_true(kzg_verify(&w->base, bad, seed, pool, &r, NULL));
        assert_int_equal(r.verdict, KZG_G1_PAIRING);
        assert_int_equal(r.sub, 2);
        assert_int_equal(r.index, 5);
        assert_true(kzg_verify(&w->base, w->second, seed, pool, &r, NULL));
        assert_int_equal(r.verdict, KZG_VALID);
    }
    kzg_wire_free(bad);
    cvk_pool_free(pool);
}

/* ---- sizes at which points are decoded in batches ---- */

static void put_hex(const char *hex, uint8_t *ret) {
    assert_true(cvk_hex_decode(hex, KZG_G1_BYTES, ret));
}

static void faults_are_found_at_sizes_that_are_decoded_in_batches(void **state) {
    (void)state;
    static const char *two_to_the_700_and_a_point_of_order_3 =
        "8f04f103843e477ba163fed71e7b5a9beae5110acf070ba7c7ee11a7ba72e82570ec9786e907232e5a73774ae7"
        "3848e6";
    const size_t places[] = {2, 512, 1023};
    const uint64_t two[] = {2};
    KzgSizes sizes = kzg_test_sizes("1024,65");
    KzgWire *initial = kzg_wire_initial(&sizes, NULL);
    KzgWire *good = kzg_test_contribute(initial, two, NULL);
    KzgBase base;
    kzg_base_initial(&sizes, &base);
    assert_int_equal(kzg_test_verify(&base, good).verdict, KZG_VALID);

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        KzgWire *bad = kzg_test_copy(good);
        kzg_test_g1(99, bad->subs[0].powers.g1[places[i]]);
        KzgReport r = kzg_test_verify(&base, bad);
        assert_int_equal(r.verdict, KZG_G1_PAIRING);
        assert_int_equal(r.index, places[i]);
        kzg_wire_free(bad);
    }
    KzgWire *bad = kzg_test_copy(good);
    put_hex(two_to_the_700_and_a_point_of_order_3, bad->subs[0].powers.g1[700]);
    KzgReport r = kzg_test_verify(&base, bad);
    assert_int_equal(r.verdict, KZG_BAD_G1_POINT);
    assert_int_equal(r.index, 700);
    assert_int_equal(r.point.fault, POINT_NOT_IN_GROUP);

    kzg_wire_free(bad);
    kzg_wire_free(good);
    kzg_wire_free(initial);
}

static void a_defect_of_order_three_is_found(void **state) {
    (void)state;
    /* 8 g1 + (0, 2): every pairing of three times the powers would still hold */
    static const char *eight_and_a_point_of_order_3 =
        "b56e9b2974667ed30387a87ddca922c27edb43cc5592652654eadba2aeb1653415b305d23bfd96b3846526a75a"
        "c5f88c";
    const uint64_t two[] = {2};
    KzgSizes sizes = kzg_test_sizes("8,4");
    KzgWire *initial = kzg_wire_initial(&sizes, NULL);
    KzgWire *bad = kzg_test_contribute(initial, two, NULL);
    KzgBase base;
    kzg_base_initial(&sizes, &base);
    assert_int_equal(kzg_test_verify(&base, bad).verdict, KZG_VALID);

    put_hex(eight_and_a_point_of_order_3, bad->subs[0].powers.g1[3]);
    KzgReport r = kzg_test_verify(&base, bad);

    assert_int_equal(r.verdict, KZG_BAD_G1_POINT);
    assert_int_equal(r.index, 3);
    kzg_wire_free(bad);
    kzg_wire_free(initial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_valid_response_is_accepted),
        TEST(the_first_response_stands_on_the_initial_state),
        TEST(each_lie_is_reported_at_its_place),
        TEST(two_infinities_are_reported_in_the_order_of_the_checks),
        TEST(a_fault_behind_an_infinity_does_not_hide_one_before_it),
        TEST(of_two_bad_sub_setups_the_lowest_is_reported),
        TEST(of_two_bad_powers_the_lowest_is_reported),
        TEST(swapped_powers_are_found),
        TEST(swapped_sub_setups_of_one_size_are_found),
        TEST(counts_are_checked_before_any_point),
        TEST(the_number_of_sub_setups_comes_first),
        TEST(tau_one_brings_no_entropy),
        TEST(one_key_for_two_sub_setups_is_refused),
        TEST(a_key_of_an_earlier_contribution_is_refused),
        TEST(a_response_to_another_challenge_is_refused),
        TEST(the_key_of_another_ceremony_is_refused),
        TEST(a_response_can_be_judged_alone),
        TEST(a_tau_of_zero_is_refused_even_alone),
        TEST(a_base_that_is_no_point_is_an_error_and_no_verdict),
        TEST(a_challenge_of_other_sizes_is_no_base),
        TEST(a_challenge_is_checked_as_a_whole),
        TEST(a_challenge_that_lies_is_refused_and_gives_no_powers),
        TEST(sizes_that_no_ceremony_has_are_an_error),
        TEST(the_report_depends_on_neither_seed_nor_pool),
        TEST(faults_are_found_at_sizes_that_are_decoded_in_batches),
        TEST(a_defect_of_order_three_is_found),
    };
    return cmocka_run_group_tests_name("setup_kzg_verify", tests, set_up, tear_down);
}
