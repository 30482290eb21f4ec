/* What a prover's program says of its proof. */
#include "client/prover_says.h"
#include "codec/money.h"
#include "support/test.h"

static bool read_text(const char *json, ProverSays *ret, CvkBuf *rest, CvkErr *err) {
    JsonWriter w = JSON_WRITER(json_to_buf(rest), 0);
    json_object_begin(&w);
    if (!prover_says_read(json, strlen(json), ret, &w, err))
        return false;
    json_object_end(&w);
    assert_true(json_finish(&w, NULL));
    return true;
}

static ProverSays said(const char *json, const char *rest) {
    _cleanup_buf_ CvkBuf got = CVK_BUF(LIMIT_PROVER_SAYS);
    ProverSays s;
    CvkErr err;
    if (!read_text(json, &s, &got, &err))
        fail_msg("%s: %s", json, err.msg);
    assert_string_equal(cvk_buf_str(&got), rest);
    return s;
}

static void the_known_members_are_taken_and_the_others_go_on(void **state) {
    (void)state;

    ProverSays s = said("{\"queue_len\": 2, \"proving_time\": 71345, \"cost\": 5.16, "
                        "\"price\": 62e-1, \"deployment_version\": \"3.1-GPU\", "
                        "\"acceleration\": \"ASIC\", \"host\": {\"cores\": [1, 2.50]}}",
                        "{\"queue_len\":2,\"host\":{\"cores\":[1,2.50]}}");

    assert_true(s.has_time && s.has_cost && s.has_price && s.has_deployment && s.has_acceleration);
    assert_int_equal(s.proving_ms, 71345);
    assert_int_equal(s.cost, 5160000);
    assert_int_equal(s.price, 6200000);
    assert_string_equal(s.deployment, "3.1-GPU");
    assert_false(s.deployment_is_number);
    assert_string_equal(s.acceleration, "ASIC");
}

static void what_is_not_said_is_not_there(void **state) {
    (void)state;

    ProverSays s = said(" {} ", "{}");

    assert_false(s.has_time || s.has_cost || s.has_price || s.has_deployment || s.has_acceleration);
}

static void a_deployment_that_is_a_number_is_kept_as_it_is_written(void **state) {
    (void)state;

    ProverSays s = said("{\"deployment_version\": 3.10}", "{}");

    assert_true(s.deployment_is_number);
    assert_string_equal(s.deployment, "3.10");
}

static void of_a_member_that_stands_twice_the_last_counts(void **state) {
    (void)state;

    ProverSays s = said("{\"cost\": 1, \"cost\": 2}", "{}");

    assert_int_equal(s.cost, 2 * CVK_CENT);
}

/* A member of n times this character. */
static const char *long_word(const char *key, char c, size_t n) {
    static char ret[LIMIT_DEPLOYMENT + 64];
    int at = snprintf(ret, sizeof ret, "{\"%s\": \"", key);
    memset(ret + at, c, n);
    snprintf(ret + at + n, sizeof ret - (size_t)at - n, "\"}");
    return ret;
}

static void a_word_has_its_length_and_no_more(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf rest = CVK_BUF(LIMIT_PROVER_SAYS);
    ProverSays s;
    CvkErr err;

    s = said(long_word("deployment_version", 'd', LIMIT_DEPLOYMENT), "{}");
    assert_int_equal(strlen(s.deployment), LIMIT_DEPLOYMENT);
    s = said(long_word("acceleration", 'a', LIMIT_ACCELERATION), "{}");
    assert_int_equal(strlen(s.acceleration), LIMIT_ACCELERATION);

    assert_false(
        read_text(long_word("deployment_version", 'd', LIMIT_DEPLOYMENT + 1), &s, &rest, &err));
    assert_string_equal(err.id, "prover.says");
    assert_false(
        read_text(long_word("acceleration", 'a', LIMIT_ACCELERATION + 1), &s, &rest, &err));
    assert_string_equal(err.id, "prover.says");
}

static void what_cannot_be_is_refused_and_told(void **state) {
    (void)state;
    static const struct {
        const char *json, *id;
    } wrong[] = {
        {"{\"proving_time\": 0}", "prover.says"},
        {"{\"proving_time\": 1.5}", "json.type"},
        {"{\"proving_time\": 9007199254740992}", "json.type"},
        {"{\"proving_time\": \"1\"}", "json.type"},
        {"{\"cost\": -0.01}", "prover.says"},
        {"{\"cost\": 1e13}", "prover.says"},
        {"{\"price\": \"6.2\"}", "json.type"},
        {"{\"deployment_version\": \"\"}", "prover.says"},
        {"{\"deployment_version\": null}", "json.type"},
        {"{\"acceleration\": []}", "json.type"},
        {"{\"request_id\": 1}", "prover.says"},
        {"{\"proof_data\": \"AAAA\"}", "prover.says"},
        {"[]", "json.type"},
        {"{\"cost\": 1} 2", "json.syntax"},
        {"{\"cost\": 1", "json.syntax"},
        {"", "json.syntax"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        _cleanup_buf_ CvkBuf rest = CVK_BUF(LIMIT_PROVER_SAYS);
        ProverSays s = {.proving_ms = 7};
        CvkErr err;

        if (read_text(wrong[i].json, &s, &rest, &err))
            fail_msg("%s: is accepted", wrong[i].json);

        if (strcmp(err.id, wrong[i].id) != 0)
            fail_msg("%s: %s: %s", wrong[i].json, err.id, err.msg);
        assert_int_equal(s.proving_ms, 7);
    }
}

static void no_more_is_read_than_it_may_say(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf rest = CVK_BUF(LIMIT_PROVER_SAYS);
    char json[LIMIT_PROVER_SAYS + 2];
    ProverSays s;
    CvkErr err;
    memset(json, ' ', sizeof json);
    json[0] = '{';
    json[LIMIT_PROVER_SAYS - 1] = '}';
    json[LIMIT_PROVER_SAYS] = '\0';
    assert_true(read_text(json, &s, &rest, &err));

    json[LIMIT_PROVER_SAYS - 1] = ' ';
    json[LIMIT_PROVER_SAYS] = '}';
    json[LIMIT_PROVER_SAYS + 1] = '\0';

    assert_false(read_text(json, &s, &rest, &err));
    assert_string_equal(err.id, "json.size");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_known_members_are_taken_and_the_others_go_on),
        cmocka_unit_test(what_is_not_said_is_not_there),
        cmocka_unit_test(a_deployment_that_is_a_number_is_kept_as_it_is_written),
        cmocka_unit_test(of_a_member_that_stands_twice_the_last_counts),
        cmocka_unit_test(a_word_has_its_length_and_no_more),
        cmocka_unit_test(what_cannot_be_is_refused_and_told),
        cmocka_unit_test(no_more_is_read_than_it_may_say),
    };
    return cmocka_run_group_tests_name("client/prover_says", tests, NULL, NULL);
}
