/* bn254's scalars and groups against another implementation, on random and edge values; and each
 * thing that may be wrong with a point's bytes. */
#include "noble.h"
#include "some_points.h"

#include "algebra/backend.h"
#include "algebra/bn254_constants.h"

typedef struct {
    const Curve *c;
    json_t *values;
} World;

static int load(void **state) {
    static World w;
    w = (World){.c = curve_bn254(), .values = noble_values()};
    *state = &w;
    return 0;
}

static int unload(void **state) {
    World *w = *state;
    json_decref(w->values);
    return 0;
}

/* Skips the test where there is nobody to compare with. */
static const json_t *listed(const World *w, const char *what) {
    if (w->values == NULL) {
        print_message("# SKIP: no node, or no @noble/curves (npm ci)\n");
        skip();
    }
    const json_t *list = json_object_get(w->values, what);
    assert_true(json_array_size(list) >= 8);
    return list;
}

static const Group *group_at(const World *w, size_t i) {
    return i == 0 ? curve_g1(w->c) : curve_g2(w->c);
}

static const char *const group_keys[] = {"g1", "g2"};

/* ---- fields ---- */

static Fq fq_at(const json_t *object, const char *key) {
    Fq ret;
    fq_of(text_of(object, key), 1, &ret);
    return ret;
}

static void assert_fq(const Fq *ours, const json_t *object, const char *key) {
    Fq expected = fq_at(object, key);
    assert_true(fq_equal(ours, &expected));
}

static void coordinates_are_calculated_with_as_elsewhere(void **state) {
    const json_t *list = listed(*state, "fq");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *known = json_array_get(list, i);
        Fq a = fq_at(known, "a"), b = fq_at(known, "b"), ours;

        fq_mul(&ours, &a, &b);
        assert_fq(&ours, known, "product");
        fq_add(&ours, &a, &b);
        assert_fq(&ours, known, "sum");
        fq_sub(&ours, &a, &b);
        assert_fq(&ours, known, "difference");
        fq_inverse(&ours, &a);
        assert_fq(&ours, known, "inverse");
        fq_inverse_public(&ours, &a);
        assert_fq(&ours, known, "inverse");
    }
}

static Fr fr_at(const World *w, const json_t *object, const char *key) {
    uint8_t be[FR_BYTES];
    Fr ret;
    hex_of(text_of(object, key), sizeof be, be);
    assert_true(fr_from_be(w->c, be, &ret));
    return ret;
}

static void assert_fr(const World *w, Fr ours, const json_t *object, const char *key) {
    Fr expected = fr_at(w, object, key);
    assert_true(fr_equal(&ours, &expected));
}

static void scalars_are_calculated_with_as_elsewhere(void **state) {
    const World *w = *state;
    const json_t *list = listed(w, "fr");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *known = json_array_get(list, i);
        Fr a = fr_at(w, known, "a"), b = fr_at(w, known, "b");

        assert_fr(w, fr_mul(w->c, &a, &b), known, "product");
        assert_fr(w, fr_add(w->c, &a, &b), known, "sum");
        assert_fr(w, fr_sub(w->c, &a, &b), known, "difference");
        assert_fr(w, fr_inverse(w->c, &a), known, "inverse");
    }
}

/* ---- points ---- */

/* The text of a point, c0 before c1, as FORM_UNCOMPRESSED; "" is infinity. */
static void uncompressed(const Group *g, const char *digits, uint8_t *ret) {
    uint8_t bytes[FORM_BYTES_MAX] = {0};
    size_t n = form_bytes(g, FORM_UNCOMPRESSED), pieces = n / FQ_BYTES;
    if (digits[0] != '\0')
        hex_of(digits, n, bytes);
    for (size_t i = 0; i < pieces; i++) {
        size_t from = pieces == 4 ? i ^ 1 : i;
        memcpy(ret + FQ_BYTES * i, bytes + FQ_BYTES * from, FQ_BYTES);
    }
}

static Element element_of(const Group *g, const char *digits) {
    uint8_t bytes[FORM_BYTES_MAX];
    Element ret;
    uncompressed(g, digits, bytes);
    const PointReading reading = {.form = FORM_UNCOMPRESSED, .infinity = true};
    assert_int_equal(element_read(g, reading, bytes, &ret), POINT_OK);
    return ret;
}

static void assert_element(const Element *ours, const char *digits) {
    uint8_t expected[FORM_BYTES_MAX], bytes[FORM_BYTES_MAX];
    uncompressed(ours->group, digits, expected);
    element_write(ours, FORM_UNCOMPRESSED, bytes);
    assert_memory_equal(bytes, expected, form_bytes(ours->group, FORM_UNCOMPRESSED));
}

static void elements_are_multiplied_as_elsewhere(void **state) {
    const World *w = *state;
    for (size_t g = 0; g < 2; g++) {
        const json_t *list = listed(w, group_keys[g]);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *known = json_array_get(list, i);
            Element base = element_of(group_at(w, g), text_of(known, "base"));
            Fr k = fr_at(w, known, "k");

            Element public = element_mul(&base, &k), secret = element_mul_secret(&base, &k);

            assert_element(&public, text_of(known, "product"));
            assert_element(&secret, text_of(known, "product"));
        }
    }
}

/* Bases, scalars, and what comes of a function of the table. */
typedef struct {
    size_t n;
    Points *bases, *products;
    Fr *k;
    const json_t *list;
} Lanes;

static Lanes lanes_of(const World *w, size_t g) {
    const Group *group = group_at(w, g);
    Lanes l = {.list = listed(w, group_keys[g])};
    l.n = json_array_size(l.list);
    l.bases = points_new(group, l.n, NULL);
    l.products = points_new(group, l.n, NULL);
    l.k = calloc(l.n, sizeof *l.k);
    assert_true(l.bases != NULL && l.products != NULL && l.k != NULL);
    for (size_t i = 0; i < l.n; i++) {
        const json_t *known = json_array_get(l.list, i);
        Element base = element_of(group, text_of(known, "base"));
        group->to_points(&base, 1, points_slot(l.bases, i));
        l.k[i] = fr_at(w, known, "k");
    }
    return l;
}

static void expect_products(Lanes *l) {
    for (size_t i = 0; i < l->n; i++) {
        Element ours = points_at(l->products, i);
        assert_element(&ours, text_of(json_array_get(l->list, i), "product"));
    }
}

static void drop_lanes(Lanes *l) {
    points_free(l->bases);
    points_free(l->products);
    free(l->k);
}

/* Blocks with a scalar that the quick way cannot do, and (one by one) without. */
static void points_are_multiplied_by_secrets_as_elsewhere(void **state) {
    const World *w = *state;
    for (size_t g = 0; g < 2; g++) {
        static const size_t blocks[] = {1, 7, MUL_BLOCK};
        Lanes l = lanes_of(w, g);
        for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
            memset(l.products->at, 0xff, l.n * group_at(w, g)->point_bytes);
            for (size_t i = 0; i < l.n; i += blocks[b])
                group_at(w, g)->mul_points_secret(points_slot(l.bases, i), l.k + i,
                                                  l.n - i < blocks[b] ? l.n - i : blocks[b],
                                                  points_slot(l.products, i));

            expect_products(&l);
        }
        drop_lanes(&l);
    }
}

static void points_are_multiplied_by_public_scalars_as_elsewhere(void **state) {
    const World *w = *state;
    for (size_t g = 0; g < 2; g++) {
        Lanes l = lanes_of(w, g);
        const LinearJob job = {.points = l.bases->at, .k = l.k, .n = l.n, .terms = 1, .forms = 1};

        assert_true(group_at(w, g)->linear(&job, l.products->at));

        expect_products(&l);
        drop_lanes(&l);
    }
}

/* ---- bytes ---- */

static void compressed_points_say_which_y_is_theirs(void **state) {
    const World *w = *state;
    for (size_t g = 0; g < 2; g++) {
        const json_t *list = listed(w, group_keys[g]);
        size_t n = form_bytes(group_at(w, g), FORM_COMPRESSED), larger = 0;
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *known = json_array_get(list, i);
            Element base = element_of(group_at(w, g), text_of(known, "base"));
            bool is_larger = json_is_true(json_object_get(known, "larger_y"));
            uint8_t expected[FORM_BYTES_MAX], bytes[FORM_BYTES_MAX];
            uncompressed(group_at(w, g), text_of(known, "base"), expected);
            expected[0] |= is_larger ? 0x80 : 0;
            larger += is_larger;

            element_write(&base, FORM_COMPRESSED, bytes);

            assert_memory_equal(bytes, expected, n);
        }
        assert_in_range(larger, 10, json_array_size(list) - 10);
    }
}

static void every_form_of_points_comes_back(void **state) {
    const World *w = *state;
    static const PointForm forms[] = {FORM_MONTGOMERY, FORM_UNCOMPRESSED, FORM_COMPRESSED};
    Factors factors = factors_of(3);
    for (size_t g = 0; g < 2; g++) {
        Lanes l = lanes_of(w, g);
        memset(points_slot(l.bases, 5), 0, group_at(w, g)->point_bytes);
        for (size_t f = 0; f < 3; f++) {
            const PointReading reading = {.form = forms[f], .infinity = true};
            uint8_t *bytes = malloc(l.n * FORM_BYTES_MAX);
            Points *again;
            PointReport report;
            CvkErr err;
            points_write(l.bases, 0, l.n, forms[f], NULL, bytes);

            assert_true(points_read(group_at(w, g), reading, bytes, l.n, &factors, NULL, &again,
                                    NULL, &report, &err));

            assert_int_equal(report.fault, POINT_OK);
            assert_int_equal(points_n(again), l.n);
            assert_true(points_equal(again, 0, l.bases, 0, l.n));
            points_free(again);
            free(bytes);
        }
        drop_lanes(&l);
    }
}

static void expect(const Group *g, PointForm form, const uint8_t *bytes, PointFault fault) {
    const PointReading reading = {.form = form};
    Element e;
    assert_int_equal(element_read(g, reading, bytes, &e), fault);
}

/* Adds q to the 32 bytes, which has room in them. */
static void add_q(uint8_t *bytes, bool little_endian) {
    uint8_t q[FQ_BYTES];
    curve_base_prime(curve_bn254(), q);
    unsigned carry = 0;
    for (size_t i = 0; i < FQ_BYTES; i++) {
        uint8_t *at = bytes + (little_endian ? i : FQ_BYTES - 1 - i);
        carry += (unsigned)*at + q[i];
        *at = (uint8_t)carry;
        carry >>= 8;
    }
    assert_int_equal(carry, 0);
}

static void coordinates_of_q_and_above_are_refused_in_each_place(void **state) {
    const World *w = *state;
    for (size_t g = 0; g < 2; g++) {
        const Group *group = group_at(w, g);
        Element generator = element_generator(group);
        uint8_t bytes[FORM_BYTES_MAX];
        for (size_t i = 0; i < form_bytes(group, FORM_UNCOMPRESSED); i += FQ_BYTES) {
            element_write(&generator, FORM_MONTGOMERY, bytes);
            add_q(bytes + i, true);
            expect(group, FORM_MONTGOMERY, bytes, POINT_X_TOO_LARGE);

            element_write(&generator, FORM_UNCOMPRESSED, bytes);
            add_q(bytes + i, false);
            expect(group, FORM_UNCOMPRESSED, bytes,
                   i == 0 && (bytes[0] & 0x40) != 0 ? POINT_BAD_INFINITY : POINT_X_TOO_LARGE);
        }
        /* x = q in the lowest component: 0 but for the range */
        memset(bytes, 0, sizeof bytes);
        add_q(bytes + form_bytes(group, FORM_COMPRESSED) - FQ_BYTES, false);
        expect(group, FORM_COMPRESSED, bytes, POINT_X_TOO_LARGE);
    }
}

static void points_beside_the_curve_are_refused(void **state) {
    const World *w = *state;
    for (size_t g = 0; g < 2; g++) {
        const Group *group = group_at(w, g);
        Element generator = element_generator(group);
        uint8_t bytes[FORM_BYTES_MAX];
        size_t n = form_bytes(group, FORM_UNCOMPRESSED);

        element_write(&generator, FORM_UNCOMPRESSED, bytes);
        bytes[n - 1] ^= 1;
        expect(group, FORM_UNCOMPRESSED, bytes, POINT_NOT_ON_CURVE);
        element_write(&generator, FORM_MONTGOMERY, bytes);
        bytes[0] ^= 1;
        expect(group, FORM_MONTGOMERY, bytes, POINT_NOT_ON_CURVE);
        memset(bytes, 0, sizeof bytes); /* x = 0 */
        bytes[n - 1] = 2;
        expect(group, FORM_UNCOMPRESSED, bytes, POINT_NOT_ON_CURVE);
    }
    uint8_t no_y[FQ_BYTES] = {0}; /* 3 is no square, nor 4^3 + 3 */
    expect(group_at(w, 0), FORM_COMPRESSED, no_y, POINT_NOT_ON_CURVE);
    no_y[FQ_BYTES - 1] = 4;
    expect(group_at(w, 0), FORM_COMPRESSED, no_y, POINT_NOT_ON_CURVE);
}

static void infinity_has_its_own_bytes_in_each_form(void **state) {
    const World *w = *state;
    for (size_t g = 0; g < 2; g++) {
        const Group *group = group_at(w, g);
        Element infinity = element_infinity(group);
        uint8_t bytes[FORM_BYTES_MAX], zero[FORM_BYTES_MAX] = {0};
        size_t n = form_bytes(group, FORM_COMPRESSED);

        element_write(&infinity, FORM_MONTGOMERY, bytes);
        assert_memory_equal(bytes, zero, 2 * n);
        expect(group, FORM_MONTGOMERY, bytes, POINT_INFINITY);
        element_write(&infinity, FORM_UNCOMPRESSED, bytes);
        assert_memory_equal(bytes, zero, 2 * n);
        expect(group, FORM_UNCOMPRESSED, bytes, POINT_INFINITY);
        bytes[0] = 0x40;
        expect(group, FORM_UNCOMPRESSED, bytes, POINT_INFINITY);
        bytes[2 * n - 1] = 1;
        expect(group, FORM_UNCOMPRESSED, bytes, POINT_BAD_INFINITY);
        bytes[2 * n - 1] = 0;
        bytes[0] = 0xc0;
        expect(group, FORM_UNCOMPRESSED, bytes, POINT_BAD_INFINITY);

        element_write(&infinity, FORM_COMPRESSED, bytes);
        assert_int_equal(bytes[0], 0x40);
        assert_memory_equal(bytes + 1, zero, n - 1);
        expect(group, FORM_COMPRESSED, bytes, POINT_INFINITY);
        bytes[0] = 0xc0;
        expect(group, FORM_COMPRESSED, bytes, POINT_BAD_INFINITY);
        bytes[0] = 0x40;
        bytes[n - 1] = 1;
        expect(group, FORM_COMPRESSED, bytes, POINT_BAD_INFINITY);
    }
}

static void points_of_the_twist_outside_its_subgroup_are_refused(void **state) {
    const World *w = *state;
    const json_t *list = listed(w, "outside");
    const Group *g2 = group_at(w, 1);
    for (size_t i = 0; i < json_array_size(list); i++) {
        uint8_t bytes[FORM_BYTES_MAX];
        uncompressed(g2, json_string_value(json_array_get(list, i)), bytes);

        expect(g2, FORM_UNCOMPRESSED, bytes, POINT_NOT_IN_GROUP);
    }
}

/* k times e by doubling and adding, for any e on the curve; k is n words, the lowest first. */
static Element times(const Element *e, const uint64_t *k, size_t n) {
    Element ret = element_infinity(e->group);
    for (size_t bit = 64 * n; bit-- > 0;) {
        ret = element_add(&ret, &ret);
        if (k[bit / 64] >> bit % 64 & 1)
            ret = element_add(&ret, e);
    }
    return ret;
}

/* Of order 10069, the smallest that there is outside the subgroup: r times the rest of the cofactor
 * times a point of the twist. */
static Element of_small_order(const World *w, const Element *any) {
    const uint64_t prime = BN254_G2_COFACTOR_PRIME;
    uint64_t rest[4], r[4] = {0}, left = 0;
    uint8_t order[32];
    curve_order(w->c, order);
    for (size_t i = 0; i < 32; i++)
        r[i / 8] |= (uint64_t)order[i] << 8 * (i % 8);
    for (size_t i = 4; i-- > 0;) {
        Word2 v = (Word2)left << 64 | bn254_g2_cofactor[i];
        rest[i] = (uint64_t)(v / prime);
        left = (uint64_t)(v % prime);
    }
    assert_int_equal(left, 0);
    Element t = times(any, r, 4);
    t = times(&t, rest, 4);
    assert_false(element_is_infinity(&t));
    const Element none = times(&t, &prime, 1);
    assert_true(element_is_infinity(&none));
    return t;
}

/* The point of the twist whose x is 1, read without the subgroup test. */
static Element of_twist(const World *w) {
    const PointReading unchecked = {.form = FORM_COMPRESSED, .ours = true};
    const Group *g2 = group_at(w, 1);
    const Factors factors = factors_of(1);
    uint8_t bytes[FORM_BYTES_MAX] = {0};
    PointReport report;
    Points *p;
    CvkErr err;
    bytes[form_bytes(g2, FORM_COMPRESSED) - 1] = 1;
    assert_true(points_read(g2, unchecked, bytes, 1, &factors, NULL, &p, NULL, &report, &err));
    assert_non_null(p);
    const Element ret = points_at(p, 0);
    points_free(p);
    return ret;
}

typedef struct {
    const Group *group;
    size_t n, size;
    uint8_t *bytes;
} Many;

static Many many_good(const World *w, size_t n) {
    const Group *g2 = group_at(w, 1);
    Many m = {.group = g2, .n = n, .size = form_bytes(g2, FORM_UNCOMPRESSED)};
    Points *good = powers_of(g2, w->c, 3, n, NULL);
    m.bytes = malloc(n * m.size);
    assert_non_null(m.bytes);
    points_write(good, 0, n, FORM_UNCOMPRESSED, NULL, m.bytes);
    points_free(good);
    return m;
}

/* Point i becomes the generator plus t. */
static void put_outside(const Many *m, size_t i, const Element *t) {
    const Element g = element_generator(m->group), sum = element_add(&g, t);
    element_write(&sum, FORM_UNCOMPRESSED, m->bytes + i * m->size);
}

static void expect_outside(const Many *m, size_t at) {
    for (uint8_t seed = 1; seed < 4; seed++) {
        const Factors factors = factors_of(seed);
        Points *read;
        PointReport report;
        Element sum;
        CvkErr err;
        assert_true(points_read(m->group, (PointReading){.form = FORM_UNCOMPRESSED}, m->bytes, m->n,
                                &factors, NULL, &read, &sum, &report, &err));
        assert_int_equal(report.fault, POINT_NOT_IN_GROUP);
        assert_int_equal(report.index, at);
        assert_null(read);
    }
}

static void one_point_outside_the_subgroup_is_found_among_many(void **state) {
    const World *w = *state;
    const Element any = of_twist(w), small = of_small_order(w, &any);
    const Element *const defects[] = {&any, &small};
    for (size_t i = 0; i < 2; i++) {
        Many m = many_good(w, 700);
        put_outside(&m, 444, defects[i]);

        expect_outside(&m, 444);

        free(m.bytes);
    }
}

/* Their sum is in the subgroup. */
static void points_that_are_outside_together_are_found(void **state) {
    const World *w = *state;
    const Element any = of_twist(w), small = of_small_order(w, &any),
                  opposite = element_neg(&small);
    Many m = many_good(w, 2000);
    put_outside(&m, 1900, &opposite);
    put_outside(&m, 7, &small);
    expect_outside(&m, 7);

    for (size_t i = 3; i < m.n; i++)
        put_outside(&m, i, i % 2 == 0 ? &small : &opposite);
    expect_outside(&m, 3);

    free(m.bytes);
}

static void many_points_of_the_subgroup_come_with_their_sum(void **state) {
    const World *w = *state;
    Many m = many_good(w, 300);
    const Factors factors = factors_of(4);
    Points *read;
    PointReport report;
    Element sum;
    CvkErr err;

    assert_true(points_read(m.group, (PointReading){.form = FORM_UNCOMPRESSED}, m.bytes, m.n,
                            &factors, NULL, &read, &sum, &report, &err));

    assert_int_equal(report.fault, POINT_OK);
    const Element naive = naive_combination(w->c, read, 0, m.n, &factors);
    assert_true(element_equal(&sum, &naive));
    points_free(read);
    free(m.bytes);
}

/* On which window sums rely: digits of 13 bits are all different modulo any order outside. */
static void the_cofactor_has_no_smaller_prime_factor(void **state) {
    (void)state;
    for (uint64_t prime = 2; prime <= BN254_G2_COFACTOR_PRIME; prime++) {
        uint64_t left = 0;
        for (size_t i = 4; i-- > 0;)
            left = (uint64_t)(((Word2)left << 64 | bn254_g2_cofactor[i]) % prime);
        assert_int_equal(left == 0, prime == BN254_G2_COFACTOR_PRIME);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(coordinates_are_calculated_with_as_elsewhere),
        TEST(scalars_are_calculated_with_as_elsewhere),
        TEST(elements_are_multiplied_as_elsewhere),
        TEST(points_are_multiplied_by_secrets_as_elsewhere),
        TEST(points_are_multiplied_by_public_scalars_as_elsewhere),
        TEST(compressed_points_say_which_y_is_theirs),
        TEST(every_form_of_points_comes_back),
        TEST(coordinates_of_q_and_above_are_refused_in_each_place),
        TEST(points_beside_the_curve_are_refused),
        TEST(infinity_has_its_own_bytes_in_each_form),
        TEST(points_of_the_twist_outside_its_subgroup_are_refused),
        TEST(one_point_outside_the_subgroup_is_found_among_many),
        TEST(points_that_are_outside_together_are_found),
        TEST(many_points_of_the_subgroup_come_with_their_sum),
        TEST(the_cofactor_has_no_smaller_prime_factor),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
