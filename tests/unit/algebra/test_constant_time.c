/* Do secrets steer jumps or addresses? Memcheck of valgrind tells: it reports each jump and each
 * address that depends on memory marked undefined, so secrets are marked so. The program runs
 * itself again under valgrind; where there is none, the tests are skipped. The few jumps that tell
 * nothing stand in constant_time.supp with their reasons. */
#include "some_points.h"

#include "algebra/backend.h"
#include "algebra/draw.h"

#include <unistd.h>

/* Valgrind runs no programs with sanitizers. gcc tells of them by macros, clang by features. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

#if !defined(SANITIZED) && __has_include(<valgrind/memcheck.h>)
#define HAVE_MEMCHECK
#endif

#ifdef HAVE_MEMCHECK
#include <valgrind/memcheck.h>
#else
#define RUNNING_ON_VALGRIND 0
#define VALGRIND_COUNT_ERRORS 0
#define VALGRIND_MAKE_MEM_UNDEFINED(p, n) ((void)(p), (void)(n))
#endif

static void need_valgrind(void) {
    if (RUNNING_ON_VALGRIND)
        return;
    print_message("# SKIP: no valgrind, or a program with sanitizers, which it does not run\n");
    skip();
}

/* What memcheck has found so far: 0 in a build that it cannot watch. */
static size_t errors_seen(void) {
    return VALGRIND_COUNT_ERRORS;
}

static Fr secret_scalar(const Curve *c, uint8_t number) {
    const uint8_t seed[DRAW_SEED_BYTES] = {number};
    Draw d = draw_from(seed);
    Fr ret = draw_fr(c, &d);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(&ret, sizeof ret);
    return ret;
}

static void the_test_sees_a_jump_on_a_secret(void **state) {
    need_valgrind();
    Fr k = secret_scalar(((Setup *)*state)->c, 1);
    size_t before = errors_seen();

    volatile int jumped = 0;
    if (fr_is_zero(&k)) /* which is for public values */
        jumped = 1;

    assert_true(errors_seen() > before);
    (void)jumped;
}

static void scalars_are_calculated_with_in_constant_time(void **state) {
    need_valgrind();
    const Curve *c = ((Setup *)*state)->c;
    Fr a = secret_scalar(c, 1), b = secret_scalar(c, 2);
    uint8_t be[64];
    size_t before = errors_seen();

    Fr x = fr_mul(c, &a, &b);
    x = fr_add(c, &x, &a);
    x = fr_sub(c, &x, &b);
    x = fr_pow(c, &x, 1000);
    fr_to_be(c, &x, be);
    fr_to_be(c, &a, be + 32);
    x = fr_from_be_reduced(c, be, sizeof be);

    assert_int_equal(errors_seen(), before);
}

static void an_element_is_multiplied_in_constant_time(void **state) {
    need_valgrind();
    Setup *s = *state;
    for (uint8_t i = 0; i < 3; i++) {
        Element g1 = element_generator(s->g1), g2 = element_generator(s->g2);
        Fr k = secret_scalar(s->c, i);
        size_t before = errors_seen();

        g1 = element_mul_secret(&g1, &k);
        g2 = element_mul_secret(&g2, &k);

        assert_int_equal(errors_seen(), before);
    }
}

/* Infinite points, of which it is public where they are, among others. */
static void points_are_multiplied_in_constant_time(void **state) {
    need_valgrind();
    enum { N = 5 };
    Setup *s = *state;
    for (const Group *g = s->g1; g != NULL; g = g == s->g1 ? s->g2 : NULL) {
        CvkErr err;
        Points *points = powers_of(g, s->c, 3, N, NULL), *products = points_new(g, N, &err);
        Fr k[N];
        assert_non_null(products);
        memset(points_slot(points, 2), 0, g->point_bytes);
        for (uint8_t i = 0; i < N; i++)
            k[i] = secret_scalar(s->c, i);
        size_t before = errors_seen();

        g->mul_points_secret(points_slot(points, 0), k, N, points_slot(products, 0));

        assert_int_equal(errors_seen(), before);
        points_free(points);
        points_free(products);
    }
}

/* All jumps there are: is each try kept? A try takes eight words. */
static void a_scalar_is_drawn_in_constant_time_but_for_the_tries(void **state) {
    need_valgrind();
    const Curve *c = ((Setup *)*state)->c;
    size_t tries = 0, before = errors_seen();
    uint8_t seed[DRAW_SEED_BYTES] = {9};
    Draw open = draw_from(seed);
    for (size_t i = 0; i < 40; i++)
        (void)draw_fr(c, &open);
    tries = (open.block * CVK_STREAM_BLOCK / 4 - (CVK_STREAM_BLOCK / 4 - open.used)) / 8;
    (void)VALGRIND_MAKE_MEM_UNDEFINED(seed, sizeof seed);

    Draw d = draw_from(seed);
    for (size_t i = 0; i < 40; i++)
        (void)draw_fr(c, &d);

    assert_int_equal(d.block, open.block);
    assert_int_equal(errors_seen() - before, tries);
}

#ifdef HAVE_MEMCHECK
/* Under valgrind; comes back where there is none. */
static void run_again(const char *program) {
    const char *source = getenv("CONVOKE_SOURCE");
    char suppressions[4096];
    assert_non_null(source);
    snprintf(suppressions, sizeof suppressions,
             "--suppressions=%s/tests/unit/algebra/constant_time.supp", source);
    (void)execlp("valgrind", "valgrind", "--quiet", "--error-limit=no", suppressions, program,
                 "again", NULL);
}
#endif

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        ON_EACH_CURVE(the_test_sees_a_jump_on_a_secret),
        ON_EACH_CURVE(scalars_are_calculated_with_in_constant_time),
        ON_EACH_CURVE(an_element_is_multiplied_in_constant_time),
        ON_EACH_CURVE(points_are_multiplied_in_constant_time),
        ON_EACH_CURVE(a_scalar_is_drawn_in_constant_time_but_for_the_tries),
    };
#ifdef HAVE_MEMCHECK
    if (!RUNNING_ON_VALGRIND && argc == 1)
        run_again(argv[0]);
#endif
    (void)argc, (void)argv;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
