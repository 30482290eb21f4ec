#include "base/alloc.h"
#include "run/preset.h"
#include "support/test.h"

static void presets_differ_in_what_failures_cost(void **state) {
    (void)state;
    Definition ethereum, kzg;
    CvkErr err;

    assert_true(definition_make("e", "ethereum", NULL, NULL, &ethereum, &err));
    assert_true(definition_make("k", "kzg", NULL, NULL, &kzg, &err));

    assert_string_equal(ethereum.sizes, "4096,65:8192,65:16384,65:32768,65");
    assert_int_equal(ethereum.policy.expired, COST_OUT);
    assert_int_equal(kzg.policy.expired, COST_NOTHING);
    assert_int_equal(ethereum.policy.checkin_every_ms, 30000);
}

static void settings_override_the_preset(void **state) {
    (void)state;
    const char *const settings[] = {"checkin_every_s=2", "on_expired=nothing", "repeat=true",
                                    "lobby_max=3", NULL};
    Definition d;
    CvkErr err;

    assert_true(definition_make("e", "ethereum", "4,3", settings, &d, &err));

    assert_string_equal(d.sizes, "4,3");
    assert_int_equal(d.policy.checkin_every_ms, 2000);
    assert_int_equal(d.policy.expired, COST_NOTHING);
    assert_int_equal(d.policy.lobby_max, 3);
    assert_true(d.policy.repeat);
}

static void refused(const char *name, const char *preset, const char *setting, const char *id) {
    const char *const settings[] = {setting, NULL};
    Definition d;
    CvkErr err;
    assert_false(definition_make(name, preset, NULL, settings, &d, &err));
    assert_string_equal(err.id, id);
}

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    refused("e", "nonsense", NULL, "preset.unknown");
    refused("", "kzg", NULL, "ceremony.name");
    refused("../x", "kzg", NULL, "ceremony.name");
    refused("e", "kzg", "checkin_every_s", "setting.unknown");
    refused("e", "kzg", "nonsense=1", "setting.unknown");
    refused("e", "kzg", "checkin_every_s=", "setting.value");
    refused("e", "kzg", "checkin_every_s=-1", "setting.value");
    refused("e", "kzg", "checkin_every_s=99999999999", "setting.value");
    refused("e", "kzg", "checkin_every_s=99999999", "setting.value");
    refused("e", "kzg", "on_expired=maybe", "setting.value");
    refused("e", "kzg", "repeat=1", "setting.value");
}

static void a_definition_reads_back_as_it_was_written(void **state) {
    (void)state;
    const char *const settings[] = {"checkin_every_s=7", "on_invalid=nothing", NULL};
    Definition d, back;
    CvkErr err;
    assert_true(definition_make("e-1", "ethereum", NULL, settings, &d, &err));
    char *json = definition_write(&d, &err);
    assert_non_null(json);

    assert_true(definition_read(json, &back, &err));

    char *again = definition_write(&back, &err);
    assert_string_equal(again, json);
    free(json);
    free(again);
}

static void a_damaged_definition_is_refused(void **state) {
    (void)state;
    Definition d;
    CvkErr err;
    assert_false(definition_read("", &d, &err));
    assert_false(definition_read("{}", &d, &err));
    assert_false(definition_read(
        "{\"name\":\"a\",\"kind\":\"kzg\",\"sizes\":\"4,3\",\"policy\":{}}", &d, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(presets_differ_in_what_failures_cost), TEST(settings_override_the_preset),
        TEST(what_makes_no_sense_is_refused),       TEST(a_definition_reads_back_as_it_was_written),
        TEST(a_damaged_definition_is_refused),
    };
    return cmocka_run_group_tests_name("run/preset", tests, NULL, NULL);
}
