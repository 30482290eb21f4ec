/* Single points of challenges and responses, changed over both curves: the file opens, for its
 * points are not read then, and reading the vector tells which point is wrong, and how. */
#include "format/challenge.h"
#include "support/test.h"

#include "support/file_bytes.h"
#include "support/phase1_world.h"

#define POWER 4

/* ---- files ---- */

static void append(FileBytes *b, const void *data, size_t n) {
    b->data = realloc(b->data, b->n + n);
    assert_non_null(b->data);
    memcpy(b->data + b->n, data, n);
    b->n += n;
}

/* As the contribution after the first leaves it. */
static FileBytes file_over(const Curve *c, ChallengeKind kind) {
    const PointForm form = kind == FILE_CHALLENGE ? FORM_UNCOMPRESSED : FORM_COMPRESSED;
    const uint8_t hash[BLAKE2B_BYTES] = {1};
    uint8_t pubkey[PHASE1_PUBKEY_BYTES_MAX];
    Made *first = made_new(c, POWER, FORM_MONTGOMERY), *m = made_with(first, 5, form);
    FileBytes b = {0};
    append(&b, hash, sizeof hash);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        append(&b, m->bytes[v].data, m->bytes[v].n);
    if (kind == FILE_RESPONSE)
        append(&b, pubkey, phase1_pubkey_write(&m->list[0].pubkey, FORM_UNCOMPRESSED, pubkey));
    assert_int_equal(b.n, challenge_bytes(kind, c, POWER));
    made_free(first);
    made_free(m);
    return b;
}

/* ---- damages ---- */

typedef enum {
    LAST_BIT, /* of a coordinate is turned over */
    PRIME,    /* in the place of a coordinate */
    ONES,     /* 2^k - 1 there, without the bits of flags */
    ZEROS,    /* all of the point */
    INFINITE, /* the same with the flag */
    FLAG,     /* of infinity, over a point that is not */
    SMALL_X,  /* the point whose x is this small, compressed */
} Damage;

/* On both curves: no points have these x, and that of G2 has one outside the subgroup. */
#define NO_X_IN_G1 27
#define NO_X_IN_G2 3
#define X_OUTSIDE_G2 2

typedef struct {
    Phase1Vector which;
    uint64_t index;
    Damage damage;
    unsigned where; /* which coordinate, as they lie; or the small x */
    const char *id;
} PointChange;

static void put_prime(const Curve *c, uint8_t *coordinate) {
    const size_t n = curve_base_bytes(c);
    uint8_t le[FORM_BYTES_MAX];
    curve_base_prime(c, le);
    for (size_t i = 0; i < n; i++)
        coordinate[i] = le[n - 1 - i];
}

static void do_damage(const Curve *c, const PointChange *change, uint8_t *point, size_t each) {
    const size_t n = curve_base_bytes(c);
    uint8_t *coordinate = point + (change->damage == SMALL_X ? 0 : change->where * n);
    assert_true(coordinate + n <= point + each);
    switch (change->damage) {
    case LAST_BIT:
        coordinate[n - 1] ^= 1;
        return;
    case PRIME:
        put_prime(c, coordinate);
        return;
    case ONES:
        memset(coordinate, 0xff, n);
        coordinate[0] = 0x3f;
        return;
    case ZEROS:
        memset(point, 0, each);
        return;
    case INFINITE:
        memset(point, 0, each);
        point[0] = 0x40;
        return;
    case FLAG:
        point[0] |= 0x40;
        return;
    case SMALL_X:
        memset(point, 0, each);
        point[each - 1] = (uint8_t)change->where;
    }
}

static void assert_point_refused(ChallengeKind kind, const FileBytes *whole,
                                 const PointChange *change) {
    const Work work = {.memory = WORK_MEMORY_MIN, .seed = {1, 2, 3}};
    CvkErr err = {0};
    ChallengeFile *f;
    Points *points;
    Verdict verdict = {.valid = true};
    char place[64];
    FileBytes b = file_bytes_copy(whole);
    assert_true(challenge_memory(b.data, b.n, "a.file", kind, &f, &err));
    const Vector *v = &challenge_state(f)->v[change->which];
    const Curve *c = challenge_state(f)->curve;
    const size_t each = form_bytes(v->group, v->reading.form);
    do_damage(c, change, b.data + v->bytes.from + change->index * each, each);
    assert_memory_not_equal(b.data, whole->data, b.n);

    assert_true(vector_read(v, 0, (size_t)v->n, &work, 0, &points, NULL, &verdict, &err));

    snprintf(place, sizeof place, "%s[%u]", v->name, (unsigned)change->index);
    if (verdict.valid || strcmp(verdict.id, change->id) != 0 || strstr(verdict.text, place) == NULL)
        fail_msg("%s, damage %d: expected %s at %s, not %s: %s", curve_name(c), (int)change->damage,
                 change->id, place, verdict.id, verdict.text);
    assert_null(points);
    challenge_close(f);
    file_bytes_done(&b);
}

static void assert_points_refused(ChallengeKind kind, const PointChange *changes, size_t n) {
    const Curve *const curves[] = {curve_bn254(), curve_bls12_381()};
    for (size_t c = 0; c < 2; c++) {
        FileBytes b = file_over(curves[c], kind);
        for (size_t i = 0; i < n; i++)
            assert_point_refused(kind, &b, &changes[i]);
        file_bytes_done(&b);
    }
}

static void a_changed_point_of_a_challenge_is_refused_where_it_stands(void **state) {
    (void)state;
    static const PointChange changes[] = {
        {PHASE1_TAU_G1, 0, LAST_BIT, 0, "point.not_on_curve"},
        {PHASE1_TAU_G1, 0, LAST_BIT, 1, "point.not_on_curve"},
        {PHASE1_TAU_G1, 1, PRIME, 0, "point.too_large"},
        {PHASE1_TAU_G1, 17, PRIME, 1, "point.too_large"},
        {PHASE1_TAU_G1, 18, ONES, 0, "point.too_large"},
        {PHASE1_TAU_G1, 30, ZEROS, 0, "point.infinity"},
        {PHASE1_TAU_G1, 30, INFINITE, 0, "point.infinity"},
        {PHASE1_TAU_G1, 30, FLAG, 0, "point.bad_infinity"},
        {PHASE1_TAU_G2, 0, LAST_BIT, 0, "point.not_on_curve"},
        {PHASE1_TAU_G2, 1, LAST_BIT, 3, "point.not_on_curve"},
        {PHASE1_TAU_G2, 3, PRIME, 0, "point.too_large"},
        {PHASE1_TAU_G2, 3, PRIME, 1, "point.too_large"},
        {PHASE1_TAU_G2, 4, PRIME, 2, "point.too_large"},
        {PHASE1_TAU_G2, 5, PRIME, 3, "point.too_large"},
        {PHASE1_TAU_G2, 5, ONES, 1, "point.too_large"},
        {PHASE1_TAU_G2, 15, ZEROS, 0, "point.infinity"},
        {PHASE1_TAU_G2, 15, FLAG, 0, "point.bad_infinity"},
        {PHASE1_ALPHA_G1, 0, LAST_BIT, 0, "point.not_on_curve"},
        {PHASE1_ALPHA_G1, 15, PRIME, 0, "point.too_large"},
        {PHASE1_ALPHA_G1, 15, ZEROS, 0, "point.infinity"},
        {PHASE1_BETA_G1, 0, LAST_BIT, 1, "point.not_on_curve"},
        {PHASE1_BETA_G1, 8, PRIME, 1, "point.too_large"},
        {PHASE1_BETA_G1, 15, ZEROS, 0, "point.infinity"},
        {PHASE1_BETA_G2, 0, LAST_BIT, 2, "point.not_on_curve"},
        {PHASE1_BETA_G2, 0, PRIME, 0, "point.too_large"},
        {PHASE1_BETA_G2, 0, ZEROS, 0, "point.infinity"},
    };

    assert_points_refused(FILE_CHALLENGE, changes, sizeof changes / sizeof changes[0]);
}

static void a_changed_point_of_a_response_is_refused_where_it_stands(void **state) {
    (void)state;
    static const PointChange changes[] = {
        {PHASE1_TAU_G1, 0, SMALL_X, NO_X_IN_G1, "point.not_on_curve"},
        {PHASE1_TAU_G1, 1, PRIME, 0, "point.too_large"},
        {PHASE1_TAU_G1, 2, ONES, 0, "point.too_large"},
        {PHASE1_TAU_G1, 30, FLAG, 0, "point.bad_infinity"},
        {PHASE1_TAU_G1, 30, INFINITE, 0, "point.infinity"},
        {PHASE1_TAU_G2, 1, SMALL_X, X_OUTSIDE_G2, "point.not_in_group"},
        {PHASE1_TAU_G2, 2, SMALL_X, NO_X_IN_G2, "point.not_on_curve"},
        {PHASE1_TAU_G2, 3, PRIME, 0, "point.too_large"},
        {PHASE1_TAU_G2, 4, PRIME, 1, "point.too_large"},
        {PHASE1_TAU_G2, 4, ONES, 1, "point.too_large"},
        {PHASE1_TAU_G2, 15, FLAG, 0, "point.bad_infinity"},
        {PHASE1_TAU_G2, 15, INFINITE, 0, "point.infinity"},
        {PHASE1_ALPHA_G1, 2, SMALL_X, NO_X_IN_G1, "point.not_on_curve"},
        {PHASE1_ALPHA_G1, 15, PRIME, 0, "point.too_large"},
        {PHASE1_ALPHA_G1, 15, INFINITE, 0, "point.infinity"},
        {PHASE1_BETA_G1, 3, SMALL_X, NO_X_IN_G1, "point.not_on_curve"},
        {PHASE1_BETA_G1, 8, PRIME, 0, "point.too_large"},
        {PHASE1_BETA_G1, 0, FLAG, 0, "point.bad_infinity"},
        {PHASE1_BETA_G2, 0, SMALL_X, X_OUTSIDE_G2, "point.not_in_group"},
        {PHASE1_BETA_G2, 0, SMALL_X, NO_X_IN_G2, "point.not_on_curve"},
        {PHASE1_BETA_G2, 0, PRIME, 0, "point.too_large"},
        {PHASE1_BETA_G2, 0, INFINITE, 0, "point.infinity"},
    };

    assert_points_refused(FILE_RESPONSE, changes, sizeof changes / sizeof changes[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_changed_point_of_a_challenge_is_refused_where_it_stands),
        TEST(a_changed_point_of_a_response_is_refused_where_it_stands),
    };
    return cmocka_run_group_tests_name("format/challenge_points", tests, NULL, NULL);
}
