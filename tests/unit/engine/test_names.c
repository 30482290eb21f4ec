#include "support/test.h"

#include "engine/engine.h"

static const char *phase_at(unsigned i) {
    return phase_name((Phase)i);
}

static const char *cost_at(unsigned i) {
    return cost_name((Cost)i);
}

static const char *event_at(unsigned i) {
    return event_name((EventType)i);
}

static const char *refusal_at(unsigned i) {
    return refusal_name((Refusal)i);
}

static const char *entry_at(unsigned i) {
    return entry_name((Entry)i);
}

static const char *mode_at(unsigned i) {
    return mode_name((Mode)i);
}

static const char *left_at(unsigned i) {
    return left_name((LeftReason)i);
}

static void every_choice_has_a_name_of_its_own(void **state) {
    (void)state;
    static const struct {
        const char *(*name)(unsigned);
        unsigned first, n;
    } kinds[] = {
        {phase_at, 0, PHASE_N},     {cost_at, 0, COST_N},
        {entry_at, 0, ENTRY_N},     {mode_at, 0, MODE_N},
        {left_at, 0, LEFT_N},       {event_at, EVENT_CEREMONY_OPENED, EVENT_N},
        {refusal_at, 0, REFUSAL_N},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (unsigned i = kinds[k].first; i < kinds[k].n; i++) {
            assert_string_not_equal(kinds[k].name(i), "unknown");
            for (unsigned j = kinds[k].first; j < i; j++)
                assert_string_not_equal(kinds[k].name(i), kinds[k].name(j));
        }
}

static void what_is_none_of_ours_is_unknown(void **state) {
    (void)state;
    assert_string_equal(phase_name(PHASE_N), "unknown");
    assert_string_equal(cost_name(COST_N), "unknown");
    assert_string_equal(entry_name(ENTRY_N), "unknown");
    assert_string_equal(mode_name(MODE_N), "unknown");
    assert_string_equal(left_name(LEFT_N), "unknown");
    assert_string_equal(event_name((EventType)0), "unknown");
    assert_string_equal(event_name(EVENT_N), "unknown");
    assert_string_equal(refusal_name(REFUSAL_N), "unknown");
}

static void a_ceremony_has_a_greatest_number_of_members(void **state) {
    (void)state;
    EngineState *s = engine_state_new(NULL);
    CvkErr err = {0};

    assert_false(engine_reserve(s, (size_t)LIMIT_MEMBERS + ENGINE_EVENTS_MAX + 1, &err));

    assert_string_equal(err.id, "limit.count");
    assert_int_equal(err.code, CVK_ELIMIT);
    engine_state_free(s);
}

static void nothing_is_freed_without_harm(void **state) {
    (void)state;
    assert_null(engine_state_free(NULL));
    assert_null(presence_free(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_choice_has_a_name_of_its_own),
        TEST(what_is_none_of_ours_is_unknown),
        TEST(a_ceremony_has_a_greatest_number_of_members),
        TEST(nothing_is_freed_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
