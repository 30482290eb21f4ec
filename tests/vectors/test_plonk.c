/* A proof that zkSync Era published, and one of its contracts' tests, under their keys: the shared
 * data have them with each step of a verification, as an interpreter of the contract found it. */
#include "support/test.h"

#include "setup/plonk_private.h"
#include "support/plonk_fixture.h"

typedef struct {
    PlonkFixture *fixture;
    PlonkKey key;
    uint8_t bytes[PLONK_EXAMPLE_BYTES]; /* the proof's file */
} World;

static World world_open(const char *name) {
    World w = {.fixture = plonk_fixture_open(name)};
    char *text = plonk_fixture_key(w.fixture);
    w.key = plonk_fixture_key_read(text);
    plonk_fixture_proof(w.fixture, w.bytes);
    free(text);
    return w;
}

static void world_done(World *w) {
    plonk_fixture_free(w->fixture);
}

typedef enum { SAID_VALID, SAID_INVALID, SAID_ERROR, SAYINGS } Said;

/* What reading, and if that goes well verifying, says; ret_id: the verdict's or the error's. */
static Said judge(const PlonkKey *k, const uint8_t bytes[PLONK_EXAMPLE_BYTES],
                  const char **ret_id) {
    EraProof p;
    Verdict v;
    CvkErr err;
    if (!plonk_proof_read(bytes, PLONK_EXAMPLE_BYTES, PLONK_PROOF_VERSION, &p, &v, &err)) {
        *ret_id = err.id;
        return SAID_ERROR;
    }
    if (v.valid && !plonk_verify(k, &p.plonk, &v, &err))
        fail_msg("%s", err.msg);
    *ret_id = v.id;
    return v.valid ? SAID_VALID : SAID_INVALID;
}

static PlonkProof read_proof(const World *w) {
    EraProof p;
    Verdict v;
    CvkErr err;
    assert_true(plonk_proof_read(w->bytes, sizeof w->bytes, PLONK_PROOF_VERSION, &p, &v, &err));
    assert_true(v.valid);
    return p.plonk;
}

/* ---- genuine proofs ---- */

static void the_published_proof_is_valid_under_the_published_key(void **state) {
    (void)state;
    World w = world_open(PLONK_EXAMPLE);
    const char *id;
    plonk_example_bytes(w.bytes);

    assert_int_equal(judge(&w.key, w.bytes, &id), SAID_VALID);

    world_done(&w);
}

static void its_words_are_those_that_the_contract_takes(void **state) {
    (void)state;
    World w = world_open(PLONK_EXAMPLE);
    uint8_t words[PLONK_PROOF_WORDS][FR_BYTES], expected[FR_BYTES];
    plonk_example_bytes(w.bytes);
    PlonkProof p = read_proof(&w);

    plonk_proof_words(&p, words);

    for (size_t i = 0; i < PLONK_PROOF_WORDS; i++) {
        plonk_fixture_word(w.fixture, i, expected);
        assert_memory_equal(words[i], expected, FR_BYTES);
    }
    world_done(&w);
}

static void the_contracts_own_test_proof_is_valid_under_its_key(void **state) {
    (void)state;
    World w = world_open(PLONK_UNIT_TEST);
    const char *id;

    assert_int_equal(judge(&w.key, w.bytes, &id), SAID_VALID);

    world_done(&w);
}

static void neither_proof_is_valid_under_the_others_key(void **state) {
    (void)state;
    World one = world_open(PLONK_EXAMPLE), other = world_open(PLONK_UNIT_TEST);
    const char *id;

    assert_int_equal(judge(&one.key, other.bytes, &id), SAID_INVALID);
    assert_string_equal(id, "plonk.opening");
    assert_int_equal(judge(&other.key, one.bytes, &id), SAID_INVALID);
    assert_string_equal(id, "plonk.opening");

    world_done(&one);
    world_done(&other);
}

/* ---- each step, as the contract does it ---- */

static void expect_scalar(const World *w, const char *name, const Fr *got) {
    uint8_t expected[FR_BYTES], be[FR_BYTES];
    char slot[64];
    snprintf(slot, sizeof slot, "STATE_%s", name);
    plonk_fixture_number(w->fixture, "intermediate", slot, expected);
    fr_to_be(curve_bn254(), got, be);
    if (memcmp(be, expected, FR_BYTES) != 0)
        fail_msg("%s is not what the contract has", name);
}

static void expect_point(const World *w, const char *name, const Element *got) {
    uint8_t expected[2 * FR_BYTES], xy[2 * FR_BYTES];
    char slot[64];
    snprintf(slot, sizeof slot, "%s_X_SLOT", name);
    plonk_fixture_number(w->fixture, "intermediate", slot, expected);
    snprintf(slot, sizeof slot, "%s_Y_SLOT", name);
    plonk_fixture_number(w->fixture, "intermediate", slot, expected + FR_BYTES);
    element_write(got, FORM_UNCOMPRESSED, xy);
    if (memcmp(xy, expected, sizeof xy) != 0)
        fail_msg("%s is not what the contract has", name);
}

static void challenges_are_the_contracts(void **state) {
    (void)state;
    World w = world_open(PLONK_EXAMPLE);
    PlonkProof p = read_proof(&w);
    PlonkChallenges c;

    plonk_challenges(&p, &c);

    expect_scalar(&w, "ETA_SLOT", &c.eta);
    expect_scalar(&w, "BETA_SLOT", &c.beta);
    expect_scalar(&w, "GAMMA_SLOT", &c.gamma);
    expect_scalar(&w, "BETA_LOOKUP_SLOT", &c.lookup_beta);
    expect_scalar(&w, "GAMMA_LOOKUP_SLOT", &c.lookup_gamma);
    expect_scalar(&w, "ALPHA_SLOT", &c.alpha);
    expect_scalar(&w, "Z_SLOT", &c.z);
    expect_scalar(&w, "V_SLOT", &c.v);
    expect_scalar(&w, "U_SLOT", &c.u);
    world_done(&w);
}

static void what_follows_from_them_is_the_contracts(void **state) {
    (void)state;
    World w = world_open(PLONK_EXAMPLE);
    PlonkProof p = read_proof(&w);
    PlonkPlace at;

    plonk_place(&p, &at);

    expect_scalar(&w, "ALPHA_SLOT", &at.alpha[1]);
    for (unsigned i = 2; i < PLONK_IDENTITIES; i++) {
        char name[64];
        snprintf(name, sizeof name, "POWER_OF_ALPHA_%u_SLOT", i);
        expect_scalar(&w, name, &at.alpha[i]);
    }
    expect_scalar(&w, "Z_IN_DOMAIN_SIZE", &at.z_to_n);
    expect_scalar(&w, "L_0_AT_Z_SLOT", &at.first);
    expect_scalar(&w, "L_N_MINUS_ONE_AT_Z_SLOT", &at.last);
    expect_scalar(&w, "Z_MINUS_LAST_OMEGA_SLOT", &at.before_last);
    expect_scalar(&w, "BETA_GAMMA_PLUS_GAMMA_SLOT", &at.lookup_shift);
    world_done(&w);
}

static void commitments_and_pairing_are_the_contracts(void **state) {
    (void)state;
    World w = world_open(PLONK_EXAMPLE);
    PlonkProof p = read_proof(&w);
    PlonkPlace at;
    plonk_place(&p, &at);

    Element quotient = plonk_quotient(&p, &at);
    PlonkPair pair = plonk_pair(&w.key, &p, &at);

    expect_point(&w, "QUERIES_AT_Z_0", &quotient);
    expect_point(&w, "PAIRING_PAIR_WITH_GENERATOR", &pair.with_one);
    Element with_tau = element_neg(&pair.with_tau); /* the contract has it on the other side */
    expect_point(&w, "PAIRING_PAIR_WITH_X", &with_tau);
    world_done(&w);
}

/* ---- what is not genuine ---- */

static void a_key_with_any_other_point_refuses_the_proof(void **state) {
    (void)state;
    World w = world_open(PLONK_EXAMPLE);
    Element *points = (Element *)&w.key; /* a key is nothing but points */
    const char *id;
    assert_int_equal(sizeof w.key % sizeof *points, 0);

    for (size_t i = 0; i < sizeof w.key / sizeof *points; i++) {
        Element before = points[i];
        points[i] = element_generator(before.group);
        if (judge(&w.key, w.bytes, &id) != SAID_INVALID || strcmp(id, "plonk.opening") != 0)
            fail_msg("point %zu of the key may be another", i);
        points[i] = before;
    }
    assert_int_equal(judge(&w.key, w.bytes, &id), SAID_VALID);
    world_done(&w);
}

static void one_openings_proof_for_the_other_is_invalid(void **state) {
    (void)state;
    World w = world_open(PLONK_EXAMPLE);
    const char *id;
    memcpy(w.bytes + plonk_fixture_place(40), w.bytes + plonk_fixture_place(42), 2 * FR_BYTES);

    assert_int_equal(judge(&w.key, w.bytes, &id), SAID_INVALID);

    assert_string_equal(id, "plonk.opening");
    world_done(&w);
}

/* Adds one to a number of 32 bytes, little endian. */
static void add_one(uint8_t *le) {
    for (size_t i = 0; i < FR_BYTES && ++le[i] == 0; i++)
        ;
}

static void any_opening_one_more_is_invalid(void **state) {
    (void)state;
    World w = world_open(PLONK_EXAMPLE);
    enum { FIRST_VALUE = 22, LAST_VALUE = 39 };
    const char *id;

    for (size_t i = FIRST_VALUE; i <= LAST_VALUE; i++) {
        uint8_t *at = w.bytes + plonk_fixture_place(i), before[FR_BYTES];
        memcpy(before, at, sizeof before);
        add_one(at);
        if (judge(&w.key, w.bytes, &id) != SAID_INVALID || strcmp(id, "plonk.scalar") == 0)
            fail_msg("word %zu may be one more", i);
        memcpy(at, before, sizeof before);
    }
    world_done(&w);
}

static void another_public_input_is_invalid(void **state) {
    (void)state;
    World w = world_open(PLONK_EXAMPLE);
    const char *id;
    add_one(w.bytes + PLONK_INPUT_PLACE);

    assert_int_equal(judge(&w.key, w.bytes, &id), SAID_INVALID);

    assert_string_equal(id, "plonk.quotient");
    world_done(&w);
}

/* The prime less y: the point's negative, which is on the curve as well. */
static void negate_y(uint8_t *le) {
    uint8_t prime[FR_BYTES];
    unsigned borrow = 0;
    curve_base_prime(curve_bn254(), prime);
    for (size_t i = 0; i < FR_BYTES; i++) {
        unsigned digit = 256u + prime[i] - le[i] - borrow;
        le[i] = (uint8_t)digit;
        borrow = digit < 256;
    }
}

static void any_point_negated_is_invalid(void **state) {
    (void)state;
    World w = world_open(PLONK_EXAMPLE);
    const char *id;
    unsigned points = 0;

    for (size_t i = 1; i < PLONK_PROOF_WORDS; i += 2) {
        if (i > 21 && i < 41)
            continue; /* values */
        uint8_t *y = w.bytes + plonk_fixture_place(i);
        negate_y(y);
        if (judge(&w.key, w.bytes, &id) != SAID_INVALID || strncmp(id, "plonk.", 6) != 0 ||
            strcmp(id, "plonk.point") == 0)
            fail_msg("the point of word %zu may be its negative", i);
        negate_y(y);
        points++;
    }
    assert_int_equal(points, 13);
    assert_int_equal(judge(&w.key, w.bytes, &id), SAID_VALID);
    world_done(&w);
}

/* All but the four hashes, which the proof does not vouch for. */
static void no_bit_of_the_proof_is_free(void **state) {
    (void)state;
    World w = world_open(PLONK_EXAMPLE);
    unsigned said[SAYINGS] = {0};
    const char *id;

    for (size_t i = 0; i < PLONK_EXAMPLE_BYTES; i++) {
        w.bytes[i] ^= 1;
        Said s = judge(&w.key, w.bytes, &id);
        assert_true((s == SAID_VALID) == (i < 128));
        said[s]++;
        w.bytes[i] ^= 1;
    }

    assert_int_equal(said[SAID_VALID], 128);
    assert_int_equal(said[SAID_INVALID], 1440);
    assert_int_equal(said[SAID_ERROR], 155);
    world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_published_proof_is_valid_under_the_published_key),
        TEST(its_words_are_those_that_the_contract_takes),
        TEST(the_contracts_own_test_proof_is_valid_under_its_key),
        TEST(neither_proof_is_valid_under_the_others_key),
        TEST(challenges_are_the_contracts),
        TEST(what_follows_from_them_is_the_contracts),
        TEST(commitments_and_pairing_are_the_contracts),
        TEST(a_key_with_any_other_point_refuses_the_proof),
        TEST(one_openings_proof_for_the_other_is_invalid),
        TEST(any_opening_one_more_is_invalid),
        TEST(another_public_input_is_invalid),
        TEST(any_point_negated_is_invalid),
        TEST(no_bit_of_the_proof_is_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
