/* A ceremony moves to another server. */
#include "world.h"

#include "base/file.h"
#include "run/handover.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANNA "eth|0x000000000000000000000000000000000000000a"
#define BEN "eth|0x000000000000000000000000000000000000000b"
#define CARA "eth|0x000000000000000000000000000000000000000c"

static EngineView view_of(World *w) {
    CeremonyStatus s;
    ceremony_status(w->c, &s);
    return s.view;
}

static Refusal asks(World *w, const char *identity) {
    Session s = world_sign_in(w, identity);
    Refusal refusal;
    size_t n;
    free(world_check_in(w, &s, &refusal, &n));
    return refusal;
}

typedef struct {
    char dir[LIMIT_PATH], bundle[LIMIT_PATH];
    Node *node;
} Next;

static void next_open(World *w, Next *x) {
    NodeOptions options = {.clock = world_clock};
    snprintf(x->dir, sizeof x->dir, "%s-next", w->at.dir);
    snprintf(x->bundle, sizeof x->bundle, "%s-bundle", w->at.dir);
    assert_true(node_init(x->dir, NULL));
    assert_true(node_open(x->dir, options, &x->node, NULL));
}

static void next_close(Next *x) {
    char command[2 * LIMIT_PATH + 16];
    node_close(x->node);
    snprintf(command, sizeof command, "rm -rf '%s' '%s'", x->dir, x->bundle);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a test's own directories */
}

static bool hand_over(World *w, Next *x, CvkErr *err) {
    return ceremony_hand_over(w->c, node_address(x->node), x->bundle, (CvkProgress){0}, err);
}

static void a_ceremony_goes_on_at_the_next_server(void **state) {
    World *w = *state;
    Next x;
    char name[64];
    Ceremony *c;
    CeremonyStatus s;
    next_open(w, &x);
    world_contribute(w, ANNA, 1);
    world_contribute(w, BEN, 2);
    assert_true(hand_over(w, &x, NULL));
    assert_true(node_take_over(x.node, x.bundle, name, NULL));
    assert_true(node_ceremony(x.node, name, &c, NULL));
    ceremony_status(c, &s);
    assert_int_equal(s.view.contributions, 2);
    assert_false(s.view.handed_over);
    World there = {.node = x.node, .c = c};
    world_contribute(&there, CARA, 3);
    Participant p; /* who has contributed is known there */
    assert_true(ceremony_participant(c, 0, ANNA, &p, NULL));
    assert_int_equal(p.person.contributions, 1);
    next_close(&x);
}

static void the_old_server_goes_on_no_more(void **state) {
    World *w = *state;
    Next x;
    CvkErr err;
    next_open(w, &x);
    Session anna = world_sign_in(w, ANNA);
    assert_true(hand_over(w, &x, NULL));
    Refusal refusal;
    size_t n;
    free(world_check_in(w, &anna, &refusal, &n));
    assert_int_equal(refusal, REFUSAL_HANDED_OVER);
    assert_false(ceremony_finalize(w->c, &err));
    assert_string_equal(err.id, "ceremony.handed_over");
    world_restart(w);
    assert_false(ceremony_set_mode(w->c, MODE_OPEN, &err));
    assert_string_equal(err.id, "ceremony.handed_over");
    next_close(&x);
}

static void nobody_is_handed_over_in_the_middle_of_a_turn(void **state) {
    World *w = *state;
    Next x;
    CvkErr err;
    next_open(w, &x);
    assert_int_equal(asks(w, ANNA), REFUSAL_NONE);
    assert_false(hand_over(w, &x, &err));
    assert_string_equal(err.id, "ceremony.turn_live");
    assert_false(view_of(w).handed_over);
    next_close(&x);
}

static void a_server_is_not_handed_its_own_ceremony(void **state) {
    World *w = *state;
    Next x;
    CvkErr err;
    next_open(w, &x);
    assert_false(ceremony_hand_over(w->c, node_address(w->node), x.bundle, (CvkProgress){0}, &err));
    assert_string_equal(err.id, "handover.self");
    assert_false(ceremony_hand_over(w->c, "0x12", x.bundle, (CvkProgress){0}, &err));
    assert_string_equal(err.id, "handover.address");
    next_close(&x);
}

static void another_server_cannot_take_it(void **state) {
    World *w = *state;
    Next x, thief;
    char name[64];
    CvkErr err;
    next_open(w, &x);
    assert_true(hand_over(w, &x, NULL));
    thief = x;
    snprintf(thief.dir, sizeof thief.dir, "%s-thief", w->at.dir);
    snprintf(thief.bundle, sizeof thief.bundle, "%s-thief-bundle", w->at.dir);
    assert_true(node_init(thief.dir, NULL));
    assert_true(node_open(thief.dir, (NodeOptions){.clock = world_clock}, &thief.node, NULL));
    assert_false(node_take_over(thief.node, x.bundle, name, &err));
    assert_string_equal(err.id, "handover.other");
    next_close(&thief);
    next_close(&x);
}

static void a_bundle_is_taken_once(void **state) {
    World *w = *state;
    Next x;
    char name[64];
    CvkErr err;
    next_open(w, &x);
    assert_true(hand_over(w, &x, NULL));
    assert_true(node_take_over(x.node, x.bundle, name, NULL));
    assert_false(node_take_over(x.node, x.bundle, name, &err));
    assert_string_equal(err.id, "ceremony.exists");
    next_close(&x);
}

/* Flips the lowest bit of the byte in the middle of a file of the bundle. */
static void damage(const Next *x, const char *name) {
    char path[LIMIT_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", x->bundle, name);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    long middle = ftell(f) / 2;
    assert_int_equal(fseek(f, middle, SEEK_SET), 0);
    int byte = getc(f);
    assert_int_equal(fseek(f, middle, SEEK_SET), 0);
    putc(byte ^ 1, f);
    fclose(f);
}

static void a_bundle_with_a_flipped_bit_is_refused_and_leaves_nothing(void **state) {
    World *w = *state;
    static const char *const files[] = {"public/definition.json",
                                        "public/journal.jsonl",
                                        "public/receipts.json",
                                        "public/transcript.json",
                                        "private.jsonl",
                                        "response.bin",
                                        "head.json"};
    Next x;
    char name[64];
    CvkErr err;
    next_open(w, &x);
    world_contribute(w, ANNA, 1);
    assert_true(hand_over(w, &x, NULL));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        damage(&x, files[i]);
        assert_false(node_take_over(x.node, x.bundle, name, &err));
        assert_null(node_ceremony_at(x.node, 0));
        damage(&x, files[i]); /* and back */
    }
    assert_true(node_take_over(x.node, x.bundle, name, NULL));
    next_close(&x);
}

#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_ceremony_goes_on_at_the_next_server),
        IN_WORLD(the_old_server_goes_on_no_more),
        IN_WORLD(nobody_is_handed_over_in_the_middle_of_a_turn),
        IN_WORLD(a_server_is_not_handed_its_own_ceremony),
        IN_WORLD(another_server_cannot_take_it),
        IN_WORLD(a_bundle_is_taken_once),
        IN_WORLD(a_bundle_with_a_flipped_bit_is_refused_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
