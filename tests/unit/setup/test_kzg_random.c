#include "support/test.h"

#include "support/kzg_ceremony.h"

#include "base/rng.h"

/* Random small ceremonies: what honest people make is accepted, by us and by the plain judge; the
 * same with one point changed is refused by both, at the same place. Fixed seeds: a failure
 * repeats.
 */

typedef struct {
    uint8_t seed[CVK_SEED_BYTES];
    uint64_t label;
} Dice;

static uint64_t roll(Dice *d, uint64_t below) {
    uint64_t v;
    cvk_stream(d->seed, d->label++, &v, sizeof v);
    return v % below;
}

typedef struct {
    KzgSizes sizes;
    KzgTranscriptWire *transcript;
    KzgWire *before, *last;
} Ceremony;

static KzgSizes random_sizes(Dice *d) {
    KzgSizes sizes = {.n = 1 + roll(d, 3)};
    for (size_t i = 0; i < sizes.n; i++) {
        uint32_t n_g1 = 2u << roll(d, 4);
        sizes.at[i] = (KzgSize){n_g1, 2 + (uint32_t)roll(d, n_g1 - 1)};
    }
    return sizes;
}

static Ceremony random_ceremony(Dice *d) {
    Ceremony c = {.sizes = random_sizes(d)};
    c.transcript = kzg_test_transcript(&c.sizes);
    c.last = kzg_wire_initial(&c.sizes, NULL);
    size_t people = 1 + roll(d, 5);
    for (size_t i = 0; i < people; i++) {
        uint64_t secrets[LIMIT_KZG_SUBS];
        char name[32];
        for (size_t s = 0; s < c.sizes.n; s++)
            secrets[s] = 2 + roll(d, UINT64_MAX - 2);
        snprintf(name, sizeof name, "git|%zu|p", i);
        kzg_wire_free(c.before);
        c.before = c.last;
        c.last = kzg_test_contribute(c.before, secrets, roll(d, 2) ? name : NULL);
        kzg_test_append(c.transcript, c.last, name);
    }
    return c;
}

static void ceremony_done(Ceremony *c) {
    kzg_transcript_wire_free(c->transcript);
    kzg_wire_free(c->before);
    kzg_wire_free(c->last);
}

/* Another encoding in place of the one at `at`: a valid point, infinity, or a flipped bit. */
static void change_point(Dice *d, uint8_t *at, size_t n) {
    uint8_t old[KZG_G2_BYTES];
    memcpy(old, at, n);
    do {
        switch (roll(d, 3)) {
        case 0:
            n == KZG_G1_BYTES ? kzg_test_g1(1 + roll(d, 1000), at)
                              : kzg_test_g2(1 + roll(d, 1000), at);
            break;
        case 1:
            memset(at, 0, n);
            at[0] = 0xc0;
            break;
        case 2:
            at[roll(d, n)] ^= (uint8_t)(1u << roll(d, 8));
            break;
        }
    } while (memcmp(old, at, n) == 0);
}

static void change_response(Dice *d, KzgWire *w) {
    KzgSubWire *sub = &w->subs[roll(d, w->n)];
    switch (roll(d, 3)) {
    case 0:
        change_point(d, sub->powers.g1[roll(d, sub->powers.n_g1)], KZG_G1_BYTES);
        break;
    case 1:
        change_point(d, sub->powers.g2[roll(d, sub->powers.n_g2)], KZG_G2_BYTES);
        break;
    case 2:
        change_point(d, sub->pubkey, KZG_G2_BYTES);
        break;
    }
}

static void change_transcript(Dice *d, KzgTranscriptWire *t) {
    size_t s = roll(d, t->n), entry = roll(d, t->n_ids);
    KzgWitnessWire *w = &t->subs[s].witness;
    KzgPowersWire *p = &t->subs[s].powers;
    switch (roll(d, 4)) {
    case 0:
        change_point(d, p->g1[roll(d, p->n_g1)], KZG_G1_BYTES);
        break;
    case 1:
        change_point(d, p->g2[roll(d, p->n_g2)], KZG_G2_BYTES);
        break;
    case 2:
        change_point(d, w->products[entry], KZG_G1_BYTES);
        break;
    case 3:
        change_point(d, w->pubkeys[entry], KZG_G2_BYTES);
        break;
    }
}

static void honest_ceremonies_are_accepted_and_changed_ones_refused(void **state) {
    (void)state;
    for (uint8_t round = 0; round < 8; round++) {
        Dice d = {.seed = {round, 77}};
        Ceremony c = random_ceremony(&d);
        KzgBase base;
        assert_true(kzg_base_from_wire(c.before, &c.sizes, &base, NULL));
        assert_int_equal(kzg_test_verify(&base, c.last).verdict, KZG_VALID);
        assert_int_equal(kzg_naive_verify(&base, &c.sizes, c.last).verdict, KZG_VALID);
        assert_int_equal(kzg_test_verify_transcript(c.transcript, NULL).verdict, TRANSCRIPT_VALID);

        for (int i = 0; i < 5; i++) {
            KzgWire *bad = kzg_test_copy(c.last);
            change_response(&d, bad);
            KzgReport r = kzg_test_verify(&base, bad);
            KzgReport judge = kzg_naive_verify(&base, &c.sizes, bad);
            assert_int_not_equal(r.verdict, KZG_VALID);
            assert_int_equal(r.verdict, judge.verdict);
            assert_int_equal(r.sub, judge.sub);
            assert_int_equal(r.index, judge.index);
            kzg_wire_free(bad);

            KzgTranscriptWire *t = kzg_test_transcript_copy(c.transcript);
            change_transcript(&d, t);
            assert_int_not_equal(kzg_test_verify_transcript(t, NULL).verdict, TRANSCRIPT_VALID);
            kzg_transcript_wire_free(t);
        }
        ceremony_done(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(honest_ceremonies_are_accepted_and_changed_ones_refused),
    };
    return cmocka_run_group_tests_name("setup_kzg_random", tests, NULL, NULL);
}
