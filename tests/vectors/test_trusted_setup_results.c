#include "support/test.h"

#include "support/gunzip.h"
#include "support/kzg_ceremony.h"

#include "format/trusted_setup.h"

/* The published results of the Ethereum ceremony: 4096 powers as c-kzg ships them, 8192 as they
 * were published. They are accepted, and refused after a change of the first, a middle and the last
 * point of every section, which is located. */

enum { ROOM = 8 << 20 };

typedef struct {
    TrustedSetupWire *(*load)(void);
    TrustedSetupWire *t;
    CvkPool *pool;
} World;

static TrustedSetupWire *read_stream(FILE *stream) {
    TrustedSetupWire *t = NULL;
    CvkErr err = {.msg = "no error"};
    assert_non_null(stream);
    if (!trusted_setup_read(json_from_file(stream), ROOM, &t, &err))
        fail_msg("%s", err.msg);
    return t;
}

static TrustedSetupWire *load_4096(void) {
    char path[1024];
    const char *source = getenv("CONVOKE_SOURCE");
    snprintf(path, sizeof path, "%s/node_modules/c-kzg/deps/c-kzg/trusted_setup.txt",
             source != NULL ? source : ".");
    FILE *f = fopen(path, "rb");
    TrustedSetupWire *t = read_stream(f);
    fclose(f);
    return t;
}

static TrustedSetupWire *load_8192(void) {
    FILE *f = gunzip_shared("fixtures/kzg/public/trusted_setup_8192.json.gz");
    TrustedSetupWire *t = read_stream(f);
    assert_int_equal(pclose(f), 0);
    return t;
}

static int set_up(void **state, TrustedSetupWire *(*load)(void)) {
    World *w = calloc(1, sizeof *w);
    w->load = load;
    w->pool = cvk_pool_new(0, NULL);
    *state = w;
    return 0;
}

static int set_up_4096(void **state) {
    return set_up(state, load_4096);
}

static int set_up_8192(void **state) {
    return set_up(state, load_8192);
}

static int tear_down(void **state) {
    World *w = *state;
    trusted_setup_wire_free(w->t);
    cvk_pool_free(w->pool);
    free(w);
    return 0;
}

/* Reads the file when the first test needs it, so that what is absent skips tests. */
static World *world(void **state) {
    World *w = *state;
    if (w->t == NULL)
        w->t = w->load();
    return w;
}

static TrustedSetupReport verify(const World *w) {
    TrustedSetupReport r;
    assert_true(kzg_trusted_setup_verify(w->t, &KZG_SIZES_ETHEREUM, TEST_SEED, w->pool, &r, NULL));
    return r;
}

static void the_result_is_accepted(void **state) {
    const World *w = world(state);

    assert_int_equal(verify(w).verdict, TRUSTED_SETUP_VALID);
}

/* ---- one point changed ---- */

typedef enum { MONOMIAL, LAGRANGE, G2 } Section;

static size_t n_points(const World *w, Section section) {
    return section == G2 ? w->t->n_g2 : w->t->n_g1;
}

static uint8_t *point_at(const World *w, Section section, size_t i) {
    switch (section) {
    case MONOMIAL:
        return w->t->g1_monomial[i];
    case LAGRANGE:
        return w->t->g1_lagrange[i];
    case G2:
        return w->t->g2_monomial[i];
    }
    return NULL;
}

static void put_another_point(uint8_t *at, Section section) {
    section == G2 ? kzg_test_g2(5, at) : kzg_test_g1(5, at);
}

static void flip_a_byte(uint8_t *at, Section section) {
    at[section == G2 ? 70 : 20] ^= 0xff;
}

typedef void (*ChangeFn)(uint8_t *at, Section section);

/* Changes the first, a middle and the last point of each section in turn; the report must be
 * refusal at that very point. `decodes`: the changed point is valid in itself. */
static void assert_changes_are_located(const World *w, ChangeFn change, bool decodes) {
    for (Section section = MONOMIAL; section <= G2; section++) {
        const size_t n = n_points(w, section), places[] = {0, n / 2 - 1, n - 1};
        for (size_t i = 0; i < 3; i++) {
            uint8_t *at = point_at(w, section, places[i]), old[KZG_G2_BYTES];
            const size_t size = section == G2 ? KZG_G2_BYTES : KZG_G1_BYTES;
            memcpy(old, at, size);
            change(at, section);

            TrustedSetupReport r = verify(w);

            memcpy(at, old, size);
            const KzgVerdict bad = section == G2 ? (decodes ? KZG_G2_PAIRING : KZG_BAD_G2_POINT)
                                                 : (decodes ? KZG_G1_PAIRING : KZG_BAD_G1_POINT);
            const size_t index = section == LAGRANGE ? r.index : r.powers.index;
            assert_int_equal(index, places[i]);
            if (section == LAGRANGE)
                assert_int_equal(r.verdict,
                                 decodes ? TRUSTED_SETUP_NOT_LAGRANGE : TRUSTED_SETUP_BAD_LAGRANGE);
            else
                assert_int_equal(r.powers.verdict, bad);
        }
    }
}

static void another_valid_point_is_located(void **state) {
    assert_changes_are_located(world(state), put_another_point, true);
}

static void a_flipped_byte_is_located(void **state) {
    assert_changes_are_located(world(state), flip_a_byte, false);
}

static void two_points_that_changed_places_are_located(void **state) {
    const World *w = world(state);
    for (Section section = MONOMIAL; section <= G2; section++) {
        uint8_t *a = point_at(w, section, 20), *b = point_at(w, section, 40), old[KZG_G2_BYTES];
        const size_t size = section == G2 ? KZG_G2_BYTES : KZG_G1_BYTES;
        memcpy(old, a, size);
        memcpy(a, b, size);
        memcpy(b, old, size);

        TrustedSetupReport r = verify(w);

        memcpy(b, a, size);
        memcpy(a, old, size);
        assert_int_not_equal(r.verdict, TRUSTED_SETUP_VALID);
        assert_int_equal(section == LAGRANGE ? r.index : r.powers.index, 20);
    }
}

/* Lists of G1 points of unequal length are refused by the readers (tests of format). */
static void a_g2_list_without_one_point_is_refused(void **state) {
    const World *w = world(state);
    const size_t n = w->t->n_g2, places[] = {0, n / 2, n - 1};
    uint8_t old[KZG_G2_BYTES];
    for (size_t i = 0; i < 3; i++) {
        uint8_t(*at)[KZG_G2_BYTES] = w->t->g2_monomial + places[i];
        const size_t rest = (n - 1 - places[i]) * KZG_G2_BYTES;
        memcpy(old, at, sizeof old);
        memmove(at, at + 1, rest);
        w->t->n_g2 = n - 1;

        TrustedSetupReport r = verify(w);

        w->t->n_g2 = n;
        memmove(at + 1, at, rest);
        memcpy(at, old, sizeof old);
        assert_int_equal(r.verdict, TRUSTED_SETUP_WRONG_SIZE);
    }
    assert_int_equal(verify(w).verdict, TRUSTED_SETUP_VALID);
}

/* The argument says which of the two results. */
int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        TEST(the_result_is_accepted),
        TEST(another_valid_point_is_located),
        TEST(a_flipped_byte_is_located),
        TEST(two_points_that_changed_places_are_located),
        TEST(a_g2_list_without_one_point_is_refused),
    };
    if (argc == 2 && strcmp(argv[1], "4096") == 0)
        return cmocka_run_group_tests_name("trusted_setup_4096", tests, set_up_4096, tear_down);
    if (argc == 2 && strcmp(argv[1], "8192") == 0)
        return cmocka_run_group_tests_name("trusted_setup_8192", tests, set_up_8192, tear_down);
    return 2;
}
