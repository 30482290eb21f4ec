/* Contributions: against the values that snarkjs's beacon gave, and from a challenge and back. */
#include "support/test.h"

#include "support/phase1_world.h"
#include "support/shared.h"

#include "base/hex.h"
#include "base/secret.h"

/* ---- snarkjs's beacon, step by step ---- */

#define WORKED "fixtures/snarkjs/det/worked.txt"

/* The last word of the line that begins with `label`. */
static void worked(const char *label, uint8_t *ret, size_t n) {
    char path[512], line[4096];
    bool found = false;
    shared_path(path, sizeof path, WORKED);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (!found && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, label, strlen(label)) == 0 && line[strlen(label)] == ' ') {
            found = true;
            assert_true(cvk_hex_decode(strrchr(line, ' ') + 1, n, ret));
        }
    fclose(f);
    if (!found)
        fail_msg("no '%s' in " WORKED, label);
}

static void assert_point(const Element *e, const char *label) {
    uint8_t bytes[FORM_BYTES_MAX], expected[FORM_BYTES_MAX];
    const size_t n = form_bytes(e->group, FORM_UNCOMPRESSED);
    worked(label, expected, n);
    element_write(e, FORM_UNCOMPRESSED, bytes);
    assert_memory_equal(bytes, expected, n);
}

static ContributionParams beacon_1_to_32(void) {
    ContributionParams p = {.beacon = true,
                            .has_beacon_hash = true,
                            .has_iterations = true,
                            .beacon_hash_n = 32,
                            .iterations_exp = 10};
    for (unsigned i = 0; i < 32; i++)
        p.beacon_hash[i] = (uint8_t)(i + 1);
    return p;
}

static void the_first_challenge_is_the_known_one(void **state) {
    (void)state;
    uint8_t challenge[BLAKE2B_BYTES], expected[BLAKE2B_BYTES];
    worked("firstChallenge pow 4", expected, sizeof expected);

    phase1_first_challenge(curve_bn254(), 4, NULL, challenge);

    assert_memory_equal(challenge, expected, sizeof expected);
}

static void a_beacon_gives_the_known_keys(void **state) {
    (void)state;
    static const char *const names[PHASE1_KEYS] = {"tau", "alpha", "beta"};
    const Curve *c = curve_bn254();
    const ContributionParams params = beacon_1_to_32();
    uint8_t challenge[BLAKE2B_BYTES], expected[FR_BYTES], be[FR_BYTES];
    char label[32];
    Draw d;
    Phase1Pubkey pubkey;
    phase1_first_challenge(c, 4, NULL, challenge);
    assert_true(beacon_draw(&params, &d, NULL));

    Phase1Secrets *s = phase1_keygen(c, &d, challenge, &pubkey, NULL);

    assert_non_null(s);
    for (Phase1Key k = 0; k < PHASE1_KEYS; k++) {
        fr_to_be(c, &s->key[k], be);
        worked(names[k], expected, sizeof expected);
        assert_memory_equal(be, expected, sizeof expected);
        snprintf(label, sizeof label, "%s g1_s ", names[k]);
        assert_point(&pubkey.key[k].g1_s, label);
        snprintf(label, sizeof label, "%s g1_sx", names[k]);
        assert_point(&pubkey.key[k].g1_sx, label);
        snprintf(label, sizeof label, "%s g2_sp", names[k]);
        const Element sp = phase1_g2_sp(c, k, challenge, &pubkey.key[k].g1_s, &pubkey.key[k].g1_sx);
        assert_point(&sp, label);
        snprintf(label, sizeof label, "%s g2_spx", names[k]);
        assert_point(&pubkey.key[k].g2_spx, label);
    }
    cvk_secret_free(s);
}

static void beacons_that_are_none_are_refused(void **state) {
    (void)state;
    Draw d;
    CvkErr err;
    ContributionParams p = beacon_1_to_32();

    p.iterations_exp = 9;
    assert_false(beacon_draw(&p, &d, &err));
    assert_string_equal(err.id, "beacon.iterations");
    p.iterations_exp = 64;
    assert_false(beacon_draw(&p, &d, &err));
    assert_string_equal(err.id, "beacon.iterations");
    p = beacon_1_to_32();
    p.beacon_hash_n = 0;
    assert_false(beacon_draw(&p, &d, &err));
    assert_string_equal(err.id, "beacon.size");
}

static void typed_text_never_makes_two_draws_equal(void **state) {
    (void)state;
    Draw a, b;

    entropy_draw("the same", 8, &a);
    entropy_draw("the same", 8, &b);

    assert_memory_not_equal(a.key, b.key, sizeof a.key);
}

/* ---- parts ---- */

static void a_vector_may_be_multiplied_in_pieces(void **state) {
    (void)state;
    const Curve *const curves[] = {curve_bn254(), curve_bls12_381()};
    const uint8_t seed[DRAW_SEED_BYTES] = {9};
    const uint8_t challenge[BLAKE2B_BYTES] = {0};
    const Work w = made_work();
    for (size_t i = 0; i < 2; i++) {
        Made *m = made_new(curves[i], 3, FORM_MONTGOMERY);
        Draw d = draw_from(seed);
        Phase1Pubkey pubkey;
        Phase1Secrets *s = phase1_keygen(curves[i], &d, challenge, &pubkey, NULL);
        assert_non_null(s);
        for (Phase1Vector v = 0; v < PHASE1_BETA_G2; v++) {
            Points *whole, *piece;
            assert_true(phase1_multiply(&m->state, v, 0, 8, s, &w, &whole, NULL));
            assert_true(phase1_multiply(&m->state, v, 5, 3, s, &w, &piece, NULL));
            assert_true(points_equal(whole, 5, piece, 0, 3));
            points_free(whole);
            points_free(piece);
        }
        cvk_secret_free(s);
        made_free(m);
    }
}

static void a_file_with_a_bad_point_is_not_contributed_to(void **state) {
    (void)state;
    Made *m = made_new(curve_bn254(), 2, FORM_MONTGOMERY);
    const uint8_t seed[DRAW_SEED_BYTES] = {9}, challenge[BLAKE2B_BYTES] = {0};
    Draw d = draw_from(seed);
    CvkBuf sinks[PHASE1_VECTORS];
    const Work w = made_work();
    const Phase1Output out = {.form = FORM_MONTGOMERY, .open = made_open, .ctx = sinks};
    Phase1Contribution c;
    CvkErr err;
    for (size_t i = 0; i < PHASE1_VECTORS; i++)
        sinks[i] = CVK_BUF(1 << 20);
    m->bytes[PHASE1_BETA_G1].data[64] ^= 1;
    m->state.v[PHASE1_BETA_G1].section = 5;
    m->state.v[PHASE1_BETA_G1].bytes.file = "a.ptau";

    assert_false(phase1_contribute(&m->state, challenge, &d, &out, &w, &c, &err));

    assert_string_equal(err.id, "point.not_on_curve");
    assert_string_equal(err.msg, "a.ptau: betaTauG1[1] is not on the curve (section 5, offset 64)");
    assert_string_equal(err.place.file, "a.ptau");
    assert_int_equal(err.place.offset, 64);
    for (size_t i = 0; i < PHASE1_VECTORS; i++)
        cvk_buf_done(&sinks[i]);
    made_free(m);
}

/* ---- responses ---- */

/* Takes a response to what follows `old`, as a file would be taken. */
static Verdict import(const Made *old, const Made *response, Made *ret) {
    const Work w = made_work();
    const Phase1Output out = {.form = FORM_MONTGOMERY, .open = made_open, .ctx = ret->bytes};
    Verdict v;
    memcpy(ret->list, old->list, sizeof old->list);
    ret->n = old->n + 1;
    assert_true(phase1_import(&response->state, &response->list[response->n - 1].pubkey,
                              old->n != 0 ? &old->list[old->n - 1] : NULL, &out, &w,
                              &ret->list[old->n], &v, NULL));
    made_take_bytes(ret);
    return v;
}

static void a_response_becomes_the_contribution_that_it_would_have_been(void **state) {
    (void)state;
    const Curve *const curves[] = {curve_bn254(), curve_bls12_381()};
    for (size_t i = 0; i < 2; i++) {
        Made *m0 = made_new(curves[i], 3, FORM_MONTGOMERY);
        Made *m1 = made_with(m0, 1, FORM_MONTGOMERY);
        const Made *const olds[] = {m0, m1};
        for (size_t k = 0; k < 2; k++) {
            Made *direct = made_with(olds[k], 5, FORM_MONTGOMERY);
            Made *response = made_with(olds[k], 5, FORM_COMPRESSED);
            Made *imported = made_empty(curves[i], 3, FORM_MONTGOMERY);

            assert_valid(import(olds[k], response, imported));

            for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
                assert_int_equal(imported->bytes[v].n, direct->bytes[v].n);
                assert_memory_equal(imported->bytes[v].data, direct->bytes[v].data,
                                    direct->bytes[v].n);
            }
            assert_memory_equal(imported->list[k].next_challenge, direct->list[k].next_challenge,
                                BLAKE2B_BYTES);
            assert_valid(made_verify(imported));
            made_free(direct);
            made_free(response);
            made_free(imported);
        }
        made_free(m0);
        made_free(m1);
    }
}

static void assert_import_refused(const Made *old, const Made *response, const char *id) {
    Made *imported = made_empty(old->state.curve, old->state.power, FORM_MONTGOMERY);
    assert_refused(import(old, response, imported), id);
    made_free(imported);
}

static void responses_to_something_else_and_broken_ones_are_refused(void **state) {
    (void)state;
    Made *m0 = made_new(curve_bn254(), 3, FORM_MONTGOMERY);
    Made *m1 = made_with(m0, 1, FORM_MONTGOMERY);
    Made *response = made_with(m1, 5, FORM_COMPRESSED);
    Made *imported = made_empty(curve_bn254(), 3, FORM_MONTGOMERY);

    assert_import_refused(m0, response, "ptau.key.tau"); /* another challenge */

    char *sign = &response->bytes[PHASE1_ALPHA_G1].data[3 * 32];
    *sign = (char)(*sign ^ 0x80);
    assert_import_refused(m1, response, "ptau.alpha_g1.ratio");
    *sign = (char)(*sign ^ 0x80);

    Element *key = &response->list[1].pubkey.key[KEY_BETA].g2_spx;
    *key = element_add(key, key);
    assert_import_refused(m1, response, "ptau.key.beta");
    assert_refused(import(m1, response, imported), "ptau.key.beta");
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        assert_int_equal(imported->bytes[v].n, 0); /* before all points were read */

    response->bytes[PHASE1_TAU_G1].data[0] = 0x40; /* infinity, and other bits */
    assert_import_refused(m1, response, "point.bad_infinity");

    made_free(m0);
    made_free(m1);
    made_free(response);
    made_free(imported);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_first_challenge_is_the_known_one),
        TEST(a_beacon_gives_the_known_keys),
        TEST(beacons_that_are_none_are_refused),
        TEST(typed_text_never_makes_two_draws_equal),
        TEST(a_vector_may_be_multiplied_in_pieces),
        TEST(a_file_with_a_bad_point_is_not_contributed_to),
        TEST(a_response_becomes_the_contribution_that_it_would_have_been),
        TEST(responses_to_something_else_and_broken_ones_are_refused),
    };
    return cmocka_run_group_tests_name("setup/phase1_contribute", tests, NULL, NULL);
}
