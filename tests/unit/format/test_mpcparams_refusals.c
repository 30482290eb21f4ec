/* Responses by way of bellman's parameters that were changed in one field, over both curves: each
 * is refused for its own reason, by the reader where it stands or by the import. */
#include "setup/phase2_contribute.h"
#include "support/test.h"

#include "format/mpcparams_turn.h"
#include "support/scratch.h"

/* Where things begin in a response that has one contribution more than the challenge's one. */
typedef struct {
    size_t g1, g2; /* bytes of a point */
    size_t alpha1, beta1, beta2, gamma2, delta1, delta2;
    size_t ic, h, l, a, b1, b2; /* each a count, and points */
    size_t hash, count, first, second;
} Layout;

static size_t behind(size_t vector, size_t n, size_t each) {
    return vector + 4 + n * each;
}

static Layout layout_of(const Curve *c) {
    Layout o = {.g1 = 2 * curve_base_bytes(c), .g2 = 4 * curve_base_bytes(c)};
    o.beta1 = o.g1;
    o.beta2 = o.beta1 + o.g1;
    o.gamma2 = o.beta2 + o.g2;
    o.delta1 = o.gamma2 + o.g2;
    o.delta2 = o.delta1 + o.g1;
    o.ic = o.delta2 + o.g2;
    o.h = behind(o.ic, WORLD_PUBLIC + 1, o.g1);
    o.l = behind(o.h, WORLD_DOMAIN - 1, o.g1);
    o.a = behind(o.l, WORLD_VARS - WORLD_PUBLIC - 1, o.g1);
    o.b1 = behind(o.a, WORLD_VARS, o.g1);
    o.b2 = behind(o.b1, WORLD_VARS, o.g1);
    o.hash = behind(o.b2, WORLD_VARS, o.g2);
    o.count = o.hash + BLAKE2B_BYTES;
    o.first = o.count + 4;
    o.second = o.first + 3 * o.g1 + o.g2 + BLAKE2B_BYTES;
    return o;
}

/* What is put in the place of good bytes, as text. */
typedef struct {
    char ones[2 * FORM_BYTES_MAX + 1];     /* of a coordinate */
    char zeros[2 * FORM_BYTES_MAX + 1];    /* of a point of G1 */
    char zeros_g2[2 * FORM_BYTES_MAX + 1]; /* of one of G2 */
    char one[2 * FORM_BYTES_MAX + 1];      /* the generator of G1 */
    char two[2 * FORM_BYTES_MAX + 1];      /* twice it */
} Texts;

static void put_text(const uint8_t *bytes, size_t n, char *ret) {
    for (size_t i = 0; i < n; i++)
        snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

static Texts texts_of(const Curve *c) {
    const Group *g1 = curve_g1(c);
    const Element g = element_generator(g1), gg = element_add(&g, &g);
    const size_t n = form_bytes(g1, FORM_UNCOMPRESSED);
    uint8_t bytes[FORM_BYTES_MAX];
    Texts t;
    element_write(&g, FORM_UNCOMPRESSED, bytes);
    put_text(bytes, n, t.one);
    element_write(&gg, FORM_UNCOMPRESSED, bytes);
    put_text(bytes, n, t.two);
    memset(bytes, 0, 2 * n);
    put_text(bytes, n, t.zeros);
    put_text(bytes, 2 * n, t.zeros_g2);
    memset(bytes, 0xff, n / 2);
    put_text(bytes, n / 2, t.ones);
    return t;
}

/* ---- a turn ---- */

typedef struct {
    WorldKey *before;
    FileBytes challenge, response;
    Layout at;
    Texts text;
} Turn;

static FileBytes answered(const FileBytes *challenge, const char *path) {
    const uint8_t seed[DRAW_SEED_BYTES] = {1};
    Draw draw = draw_from(seed);
    Work w = world_work();
    uint8_t hash[BLAKE2B_BYTES];
    Mpcparams *m;
    assert_true(mpcparams_memory(challenge->data, challenge->n, "challenge", &m, NULL));
    assert_true(mpcparams_respond(mpcparams_key(m), &draw, path, &w, hash, NULL));
    mpcparams_close(m);
    return file_bytes_read(path);
}

static Turn turn_over(const Curve *c, const Scratch *s) {
    char path[512];
    Work w = world_work();
    Verdict v;
    WorldKey *initial = world_key(c);
    Turn t = {
        .before = world_contribute(initial, 7, "alice"), .at = layout_of(c), .text = texts_of(c)};
    world_key_free(initial);
    assert_true(mpcparams_export(&t.before->key, scratch_path(s, path, "challenge"), &w, &v, NULL));
    t.challenge = file_bytes_read(path);
    t.response = answered(&t.challenge, scratch_path(s, path, "response"));
    assert_int_equal(t.response.n, t.at.second + (t.at.second - t.at.first));
    return t;
}

static void turn_done(Turn *t) {
    world_key_free(t->before);
    file_bytes_done(&t->challenge);
    file_bytes_done(&t->response);
}

static void for_both_curves(void **state, void (*test)(const Turn *t, const Scratch *s)) {
    const Curve *const curves[] = {curve_bn254(), curve_bls12_381()};
    for (size_t i = 0; i < 2; i++) {
        Turn t = turn_over(curves[i], *state);
        test(&t, *state);
        turn_done(&t);
    }
}

/* ---- the reader ---- */

static bool open_params(const FileBytes *b, CvkErr *err) {
    Mpcparams *m;
    if (!mpcparams_memory(b->data, b->n, "a.file", &m, err))
        return false;
    mpcparams_close(m);
    return true;
}

static void refuse_changed_fields(const Turn *t, const Scratch *s) {
    (void)s;
    const Layout o = t->at;
    const char *const ones = t->text.ones, *const zeros = t->text.zeros;
    const size_t coordinate = o.g1 / 2;
    const Corruption changes[] = {
        {"alpha1", 0, o.alpha1 + coordinate - 1, "00", "mpcparams.curve", 0, o.alpha1},
        {"alpha1 infinite", 0, o.alpha1, zeros, "mpcparams.curve", 0, o.alpha1},
        {"beta1", 0, o.beta1 + o.g1 - 1, "00", "mpcparams.point", 0, o.beta1},
        {"beta1 not below q", 0, o.beta1, ones, "mpcparams.point", 0, o.beta1},
        {"beta1's y not below q", 0, o.beta1 + coordinate, ones, "mpcparams.point", 0, o.beta1},
        {"beta2", 0, o.beta2 + 100, "00", "mpcparams.point", 0, o.beta2},
        {"gamma2", 0, o.gamma2 + 5, "00", "mpcparams.point", 0, o.gamma2},
        {"delta1", 0, o.delta1 + 5, "00", "mpcparams.point", 0, o.delta1},
        {"delta1 infinite", 0, o.delta1, zeros, "mpcparams.point", 0, o.delta1},
        {"delta2", 0, o.delta2 + o.g2 - 1, "00", "mpcparams.point", 0, o.delta2},
        {"more of IC", 0, o.ic + 3, "04", "file.truncated", 0, o.h + o.g1},
        {"IC by far", 0, o.ic, "ffffffff", "file.truncated", 0, o.ic},
        {"H by far", 0, o.h, "00ffffff", "file.truncated", 0, o.h},
        {"L by far", 0, o.l + 2, "ff", "file.truncated", 0, o.l},
        {"A by far", 0, o.a, "7fffffff", "file.truncated", 0, o.a},
        {"B1 by far", 0, o.b1, "7fffffff", "file.truncated", 0, o.b1},
        {"B2 by one point", 0, o.b2, "0000000c", "mpcparams.count", 0, o.hash + o.g2},
        {"no contributions", 0, o.count, "00000000", "file.trailing", 0, o.first},
        {"one contribution", 0, o.count, "00000001", "file.trailing", 0, o.second},
        {"three contributions", 0, o.count, "00000003", "file.truncated", 0, o.count},
        {"contributions by far", 0, o.count, "ffffffff", "file.truncated", 0, o.count},
        {"deltaAfter", 0, o.second + 10, "00", "mpcparams.point", 0, o.second},
        {"g1_s", 0, o.second + o.g1 + 10, "00", "mpcparams.point", 0, o.second + o.g1},
        {"g1_s infinite", 0, o.second + o.g1, zeros, "mpcparams.point", 0, o.second + o.g1},
        {"g1_sx", 0, o.second + 2 * o.g1 + 10, "00", "mpcparams.point", 0, o.second + 2 * o.g1},
        {"g2_spx", 0, o.second + 3 * o.g1 + 10, "00", "mpcparams.point", 0, o.second + 3 * o.g1},
    };

    assert_corruptions_refused(open_params, &t->response, changes,
                               sizeof changes / sizeof *changes);
}

static void a_changed_field_is_refused_where_it_stands(void **state) {
    for_both_curves(state, refuse_changed_fields);
}

/* A point is taken out of one vector, and put into another. */
static void refuse_moved_points(const Turn *t, const Scratch *s) {
    (void)s;
    const Layout o = t->at;
    const struct { size_t at, from; } moves[] = {{o.l, o.a}, {o.a, o.b1}, {o.h, o.l}, {o.b1, o.ic}};
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        CvkErr err;
        size_t from = moves[i].from, at = moves[i].at;
        FileBytes less = file_bytes_splice(&t->response, from + 4, o.g1, 0, 0);
        less.data[from + 3]--;
        if (from < at)
            at -= o.g1;
        FileBytes more = file_bytes_splice(&less, at + 4, 0, o.g1, 0);
        more.data[at + 3]++;

        assert_false(open_params(&more, &err));

        assert_string_equal(err.id, "mpcparams.count");
        file_bytes_done(&less);
        file_bytes_done(&more);
    }
}

static void lengths_that_contradict_each_other_are_refused(void **state) {
    for_both_curves(state, refuse_moved_points);
}

static void assert_cut_is_refused(const Turn *t, size_t n) {
    CvkErr err;
    FileBytes cut = file_bytes_splice(&t->response, n, t->response.n - n, 0, 0);
    assert_false(open_params(&cut, &err));
    assert_string_equal(err.id, n < t->at.g1 ? "mpcparams.curve" : "file.truncated");
    file_bytes_done(&cut);
}

static void refuse_other_lengths(const Turn *t, const Scratch *s) {
    (void)s;
    const Layout o = t->at;
    const size_t numbers[] = {o.ic, o.h, o.l, o.a, o.b1, o.b2, o.count};
    const FileBytes *b = &t->response;
    CvkErr err;
    for (size_t n = 1; n < b->n; n += 101)
        assert_cut_is_refused(t, n);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (size_t n = 0; n <= 4; n++)
            assert_cut_is_refused(t, numbers[i] + n);
    FileBytes longer = file_bytes_splice(b, b->n, 0, 1, 0);
    assert_false(open_params(&longer, &err));
    assert_string_equal(err.id, "file.trailing");
    file_bytes_done(&longer);
}

static void a_cut_or_longer_file_is_refused(void **state) {
    for_both_curves(state, refuse_other_lengths);
}

/* ---- the import ---- */

typedef struct {
    const char *what;
    size_t at;
    const char *hex, *id;
} Change;

static void assert_not_imported(const Turn *t, const Scratch *s, const Change *change) {
    char path[512];
    FileBytes b = file_bytes_copy(&t->response);
    file_bytes_patch(&b, change->at, change->hex);
    assert_memory_not_equal(b.data, t->response.data, b.n);

    Verdict v = imported(&t->before->key, &b, scratch_path(s, path, "after.zkey"));

    if (v.valid || strcmp(v.id, change->id) != 0)
        fail_msg("%s, %s: expected %s, not %s", curve_name(t->before->key.header.curve),
                 change->what, change->id, v.valid ? "valid" : v.id);
    assert_int_not_equal(access(path, F_OK), 0);
    file_bytes_done(&b);
}

static void refuse_to_import(const Turn *t, const Scratch *s) {
    const Layout o = t->at;
    const char *const one = t->text.one, *const two = t->text.two, *const zeros = t->text.zeros;
    const size_t fourth = o.h + 4 + 3 * o.g1; /* of H */
    const Change changes[] = {
        {"alpha1", o.alpha1, one, "zkey.alpha_g1"},
        {"beta1", o.beta1, one, "zkey.beta_g1"},
        {"delta1", o.delta1, two, "zkey.delta_g1"},
        {"a point of IC", o.ic + 4, one, "zkey.ic"},
        {"a point of IC off the curve", o.ic + 4 + 10, "01", "point.not_on_curve"},
        {"a flag in H", fourth, "ff", "point.bad_infinity"},
        {"a point of H", o.h + 4, one, "zkey.h"},
        {"the last point of H", o.h + 4 + (WORLD_DOMAIN - 2) * o.g1, one, "zkey.h"},
        {"a point of H off the curve", o.h + 4 + 5 * o.g1 + 1, "00", "point.not_on_curve"},
        {"a point of H infinite", fourth, zeros, "zkey.h"},
        {"a point of H not below q", fourth, "3f", "point.too_large"},
        {"a point of L", o.l + 4 + o.g1, one, "zkey.l"},
        {"a point of L off the curve", o.l + 4 + o.g1 + 7, "00", "point.not_on_curve"},
        {"a point of L infinite", o.l + 4 + o.g1, zeros, "zkey.l.infinity"},
        {"a point of A", o.a + 4 + 2 * o.g1, one, "zkey.a"},
        {"a point of A infinite", o.a + 4 + 2 * o.g1, zeros, "zkey.a"},
        {"a point of B1", o.b1 + 4 + o.g1, one, "zkey.b1"},
        {"a point of B2 off the curve", o.b2 + 4 + 2 * o.g2 + 9, "00", "point.not_on_curve"},
        {"a point of B2 infinite", o.b2 + 4 + 2 * o.g2, t->text.zeros_g2, "zkey.b2"},
        {"the circuit's hash", o.hash + 63, "00", "zkey.circuit_hash"},
        {"the first contribution", o.first, one, "zkey.prefix"},
        {"the first transcript", o.second - BLAKE2B_BYTES, "00", "zkey.prefix"},
        {"deltaAfter", o.second, two, "zkey.contribution.delta"},
        {"g1_s", o.second + o.g1, two, "zkey.contribution.transcript"},
        {"g1_sx", o.second + 2 * o.g1, two, "zkey.contribution.transcript"},
        {"the transcript", t->response.n - 59, "00", "zkey.contribution.transcript"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        assert_not_imported(t, s, &changes[i]);
}

static void a_changed_response_is_not_imported(void **state) {
    for_both_curves(state, refuse_to_import);
}

static void refuse_the_challenge(const Turn *t, const Scratch *s) {
    char path[512];
    Verdict v = imported(&t->before->key, &t->challenge, scratch_path(s, path, "after.zkey"));

    assert_false(v.valid);
    assert_string_equal(v.id, "zkey.count");
}

static void a_challenge_is_no_response(void **state) {
    for_both_curves(state, refuse_the_challenge);
}

static void take_the_response(const Turn *t, const Scratch *s) {
    char path[512];
    Verdict v = imported(&t->before->key, &t->response, scratch_path(s, path, "after.zkey"));

    if (!v.valid)
        fail_msg("%s: %s", v.id, v.text);
    assert_int_equal(access(path, F_OK), 0);
}

static void what_was_not_changed_is_imported(void **state) {
    for_both_curves(state, take_the_response);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST_SCRATCH(what_was_not_changed_is_imported),
        TEST_SCRATCH(a_changed_field_is_refused_where_it_stands),
        TEST_SCRATCH(lengths_that_contradict_each_other_are_refused),
        TEST_SCRATCH(a_cut_or_longer_file_is_refused),
        TEST_SCRATCH(a_changed_response_is_not_imported),
        TEST_SCRATCH(a_challenge_is_no_response),
    };
    return cmocka_run_group_tests_name("format/mpcparams_refusals", tests, NULL, NULL);
}
