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
    assert_int_equal(ethereum.policy.missed, COST_OUT);
    assert_int_equal(kzg.policy.expired, COST_STRIKE);
    assert_int_equal(kzg.policy.aborted, COST_COOLDOWN); /* or one could take turns all day */
    assert_int_equal(kzg.policy.invalid, COST_OUT);
    assert_int_equal(kzg.policy.strikes_max, 3);
    assert_int_equal(ethereum.policy.entry, ENTRY_LOBBY);
    assert_int_equal(kzg.policy.entry, ENTRY_FIFO);
    assert_int_equal(ethereum.policy.checkin_every_ms, 30000);
    assert_int_equal(kzg.policy.checkin_every_ms, 30000);
}

static void settings_override_the_preset(void **state) {
    (void)state;
    const char *const settings[] = {"checkin_every_s=2",   "on_expired=cooldown",
                                    "contributions_max=2", "waiting_max=3",
                                    "entry=fifo",          NULL};
    Definition d;
    CvkErr err;

    assert_true(definition_make("e", "ethereum", "4,3", settings, &d, &err));

    assert_string_equal(d.sizes, "4,3");
    assert_int_equal(d.policy.checkin_every_ms, 2000);
    assert_int_equal(d.policy.expired, COST_COOLDOWN);
    assert_int_equal(d.policy.waiting_max, 3);
    assert_int_equal(d.policy.contributions_max, 2);
    assert_int_equal(d.policy.entry, ENTRY_FIFO);
}

static void the_older_names_of_settings_still_work(void **state) {
    (void)state;
    const char *const settings[] = {"lobby_max=7", "repeat=true", NULL};
    Definition d;
    CvkErr err;

    assert_true(definition_make("e", "ethereum", "4,3", settings, &d, &err));

    assert_int_equal(d.policy.waiting_max, 7);
    assert_int_equal(d.policy.contributions_max, 0);
}

static void invited_wallets_sign_in_unless_the_operator_says_otherwise(void **state) {
    (void)state;
    const char *const settings[] = {"wallets=any", NULL};
    Definition ethereum, kzg, any;
    CvkErr err;

    assert_true(definition_make("e", "ethereum", NULL, NULL, &ethereum, &err));
    assert_true(definition_make("k", "kzg", NULL, NULL, &kzg, &err));
    assert_true(definition_make("k", "kzg", NULL, settings, &any, &err));

    assert_int_equal(ethereum.wallets, WALLETS_INVITED);
    assert_int_equal(kzg.wallets, WALLETS_INVITED);
    assert_int_equal(any.wallets, WALLETS_ANY);
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
    refused("e", "kzg", "entry=door", "setting.value");
    refused("e", "kzg", "waiting_max=0", "setting.value");
    refused("e", "kzg", "wallets=some", "setting.value");
    refused("e", "kzg", "checkin_shortest_s=7200", "setting.value"); /* above the longest */
}

static void a_definition_reads_back_as_it_was_written(void **state) {
    (void)state;
    const char *const settings[] = {"checkin_every_s=7", "on_invalid=nothing", "wallets=any", NULL};
    Definition d, back;
    CvkErr err;
    assert_true(definition_make("e-1", "ethereum", NULL, settings, &d, &err));
    char *json = definition_write(&d, &err);
    assert_non_null(json);

    assert_true(definition_read(json, &back, &err));

    char *again = definition_write(&back, &err);
    assert_string_equal(again, json);
    assert_int_equal(back.wallets, WALLETS_ANY);
    free(json);
    free(again);
}

/* As convoke 0.1 stored it. */
#define DEFINITION_1(repeat)                                                                       \
    "{\"name\":\"old\",\"kind\":\"kzg\",\"sizes\":\"4,3\",\"policy\":{\"checkin_every_s\":30,"     \
    "\"checkin_tolerance_s\":15,\"lobby_max\":5000,\"fetch_s\":60,\"compute_s\":180,"              \
    "\"upload_s\":600,\"verify_s\":600,\"on_expired\":\"out\",\"on_aborted\":\"nothing\","         \
    "\"on_invalid\":\"out\",\"repeat\":" repeat "}}"

static void a_definition_of_the_first_release_means_what_it_meant(void **state) {
    (void)state;
    Definition once, often;
    CvkErr err;

    assert_true(definition_read(DEFINITION_1("false"), &once, &err));
    assert_true(definition_read(DEFINITION_1("true"), &often, &err));

    assert_int_equal(once.policy.entry, ENTRY_LOBBY);
    assert_int_equal(once.policy.waiting_max, 5000);
    assert_int_equal(once.policy.contributions_max, 1);
    assert_int_equal(often.policy.contributions_max, 0);
    assert_int_equal(once.policy.deadline_ms[PHASE_OFFERED], 0);
    assert_int_equal(once.policy.deadline_ms[PHASE_UPLOADING], 600000);
    assert_int_equal(once.policy.upload_rate, 0);
    assert_int_equal(once.wallets, WALLETS_NONE); /* there was no such sign-in */
    assert_int_equal(once.policy.expired, COST_OUT);
    assert_int_equal(once.policy.aborted, COST_NOTHING);
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
        TEST(presets_differ_in_what_failures_cost),
        TEST(settings_override_the_preset),
        TEST(the_older_names_of_settings_still_work),
        TEST(a_definition_of_the_first_release_means_what_it_meant),
        TEST(what_makes_no_sense_is_refused),
        TEST(invited_wallets_sign_in_unless_the_operator_says_otherwise),
        TEST(a_definition_reads_back_as_it_was_written),
        TEST(a_damaged_definition_is_refused),
    };
    return cmocka_run_group_tests_name("run/preset", tests, NULL, NULL);
}
