/* Openings on Ethereum's own powers, held against c-kzg: it verifies ours, and makes the same ones
 * of the same polynomial, which it is given as its values (a blob) and we as its coefficients. */
#include "base/sha256.h"
#include "format/trusted_setup.h"
#include "setup/kzg_opening.h"
#include "support/ckzg_judge.h"
#include "support/test.h"

enum { N = CKZG_COEFFICIENTS };

typedef struct {
    CkzgJudge *judge;
    KzgPowers *powers;
    KzgPolynomial *f;
    Element commitment;
    Fr z;
    KzgOpening opening;
} World;

static FILE *open_setup(void) {
    const char *source = getenv("CONVOKE_SOURCE");
    char path[1024];
    snprintf(path, sizeof path, "%s/node_modules/c-kzg/deps/c-kzg/trusted_setup.txt",
             source != NULL ? source : ".");
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    return f;
}

/* Below 2^248: each is the hash of its number, less the first byte. */
static KzgPolynomial *random_polynomial(void) {
    uint8_t *bytes = malloc(N * FR_BYTES);
    KzgPolynomial *f;
    assert_non_null(bytes);
    for (size_t i = 0; i < N; i++) {
        cvk_sha256(&i, sizeof i, bytes + i * FR_BYTES);
        bytes[i * FR_BYTES] = 0;
    }
    assert_true(kzg_polynomial_read(bytes, N * FR_BYTES, &f, NULL));
    free(bytes);
    return f;
}

static int set_up(void **state) {
    World *w = calloc(1, sizeof *w);
    TrustedSetupWire *t;
    uint8_t sha256[SHA256_BYTES] = {1, 2, 3};
    assert_non_null(w);
    FILE *f = open_setup();
    w->judge = ckzg_judge_new(f);
    assert_non_null(w->judge);
    rewind(f);
    assert_true(trusted_setup_read(json_from_file(f), 4 << 20, &t, NULL));
    fclose(f);
    assert_true(kzg_opening_powers(t, NULL, &w->powers, NULL));
    trusted_setup_wire_free(t);
    w->f = random_polynomial();
    assert_true(kzg_commit(w->f, w->powers, NULL, &w->commitment, NULL));
    w->z = kzg_opening_point(sha256, &w->commitment);
    assert_true(kzg_open(w->f, &w->z, w->powers, NULL, &w->opening, NULL));
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    World *w = *state;
    ckzg_judge_free(w->judge);
    kzg_powers_free(w->powers);
    free(w->f);
    free(w);
    return 0;
}

static void compress(const Element *e, uint8_t ret[48]) {
    element_write(e, FORM_ZCASH, ret);
}

static bool c_kzg_says(const World *w, const Element *commitment, const Fr *y) {
    uint8_t c[48], z[32], proof[KZG_OPENING_BYTES];
    const KzgOpening o = {.y = *y, .w = w->opening.w};
    bool holds;
    compress(commitment, c);
    fr_to_be(curve_bls12_381(), &w->z, z);
    kzg_opening_write(&o, proof);
    assert_true(ckzg_judge_verify(w->judge, c, z, proof, proof + FR_BYTES, &holds));
    return holds;
}

static bool we_say(const World *w, const Element *commitment, const Fr *y) {
    const KzgOpening o = {.y = *y, .w = w->opening.w};
    const Element tau_g2 = points_at(w->powers->g2, 1);
    bool ok;
    assert_true(kzg_opening_verify(&o, commitment, &w->z, &tau_g2, NULL, &ok, NULL));
    return ok;
}

static void c_kzg_and_we_agree_on_what_holds(void **state) {
    const World *w = *state;
    const Curve *c = curve_bls12_381();
    const Fr one = fr_from_uint(c, 1), more = fr_add(c, &w->opening.y, &one);
    const Element twice = element_add(&w->commitment, &w->commitment);

    assert_true(c_kzg_says(w, &w->commitment, &w->opening.y));
    assert_true(we_say(w, &w->commitment, &w->opening.y));
    assert_false(c_kzg_says(w, &w->commitment, &more));
    assert_false(we_say(w, &w->commitment, &more));
    assert_false(c_kzg_says(w, &twice, &w->opening.y));
    assert_false(we_say(w, &twice, &w->opening.y));
}

static size_t bits_reversed(size_t i) {
    size_t ret = 0;
    for (size_t bit = 1; bit < N; bit <<= 1, i >>= 1)
        ret = ret << 1 | (i & 1);
    return ret;
}

/* Its values at the roots of unity, as a blob has them. */
static uint8_t *blob_of(const KzgPolynomial *f) {
    const Curve *c = curve_bls12_381();
    Fr root, x = fr_from_uint(c, 1);
    uint8_t *blob = malloc(CKZG_BLOB);
    assert_non_null(blob);
    assert_true(fr_root_of_unity_from(c, 7, N, &root));
    for (size_t i = 0; i < N; i++) {
        const Fr y = kzg_polynomial_value(f, &x);
        fr_to_be(c, &y, blob + bits_reversed(i) * FR_BYTES);
        x = fr_mul(c, &x, &root);
    }
    return blob;
}

static void c_kzg_makes_the_same_commitment_and_opening(void **state) {
    const World *w = *state;
    uint8_t *blob = blob_of(w->f);
    uint8_t z[32], ours[48], our_opening[KZG_OPENING_BYTES], commitment[48], y[32], proof[48];
    fr_to_be(curve_bls12_381(), &w->z, z);
    compress(&w->commitment, ours);
    kzg_opening_write(&w->opening, our_opening);

    assert_true(ckzg_judge_open(w->judge, blob, z, commitment, y, proof));

    assert_memory_equal(commitment, ours, sizeof ours);
    assert_memory_equal(y, our_opening, sizeof y);
    assert_memory_equal(proof, our_opening + sizeof y, sizeof proof);
    free(blob);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(c_kzg_and_we_agree_on_what_holds),
        TEST(c_kzg_makes_the_same_commitment_and_opening),
    };
    return cmocka_run_group_tests_name("vectors/kzg_opening", tests, set_up, tear_down);
}
