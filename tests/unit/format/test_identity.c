#include "format/identity.h"
#include "setup/kzg_identity.h"
#include "support/test.h"

static Identity parse(const char *text) {
    Identity id;
    CvkErr err;
    if (!identity_parse(text, &id, &err))
        fail_msg("'%s': %s", text, err.msg);
    return id;
}

static void an_address_is_written_in_lower_case(void **state) {
    (void)state;

    Identity id = parse("eth|0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A");

    assert_int_equal(id.kind, IDENTITY_ETHEREUM);
    assert_string_equal(id.text, "eth|0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a");
    assert_string_equal(id.key, id.text);
    assert_string_equal(id.nickname, "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a");
    assert_string_equal(identity_provider(id.kind), "Ethereum");
    assert_int_equal(id.address[0], 0x19);
    assert_int_equal(id.address[19], 0x2a);
}

static void an_account_is_known_by_its_number(void **state) {
    (void)state;

    Identity id = parse("git|123|Kustosz-x");

    assert_int_equal(id.kind, IDENTITY_GITHUB);
    assert_string_equal(id.text, "git|123|Kustosz-x");
    assert_string_equal(id.key, "git|123");
    assert_string_equal(id.nickname, "Kustosz-x");
    assert_string_equal(identity_provider(id.kind), "Github");
    assert_int_equal(id.github_id, 123);
    assert_string_equal(parse("git|007|a").text, "git|7|a");
    assert_string_equal(parse("git|18446744073709551615|a").key, "git|18446744073709551615");
}

static void nobody_is_the_empty_text(void **state) {
    (void)state;

    Identity id = parse("");

    assert_int_equal(id.kind, IDENTITY_NOBODY);
    assert_string_equal(id.text, "");
    assert_string_equal(id.key, "");
    assert_string_equal(identity_provider(id.kind), "");
}

static void assert_refused(const char *text, const char *message) {
    Identity id;
    CvkErr err = {.msg = "no error"};

    bool ok = identity_parse(text, &id, &err);

    if (ok || strcmp(err.msg, message) != 0)
        fail_msg("'%s': %s", text, err.msg);
    assert_string_equal(err.id, "identity.invalid");
}

static void what_is_no_identity_is_refused(void **state) {
    (void)state;
    assert_refused("eth", "Missing fields");
    assert_refused("eth|0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a|x", "Too many fields");
    assert_refused("git|123", "Missing fields");
    assert_refused("git|123|a|b", "Too many fields");
    assert_refused("git|1|a|b|c|d|e", "Too many fields");
    assert_refused("oid|1", "invalid identity");
    assert_refused("eth|19e7e376e7c213b7e7e7e46cc70a5dd086daff2a", "invalid identity");
    assert_refused("eth|0X19e7e376e7c213b7e7e7e46cc70a5dd086daff2a", "invalid identity");
    assert_refused("eth|0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2", "invalid identity");
    assert_refused("eth|0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2ag", "invalid identity");
    assert_refused("eth|0xg9e7e376e7c213b7e7e7e46cc70a5dd086daff2a", "invalid identity");
    assert_refused("git|18446744073709551616|a", "invalid identity");
    assert_refused("git|-1|a", "invalid identity");
    assert_refused("git||a", "invalid identity");
    assert_refused("git|1|", "invalid identity");
    assert_refused("git|1|a b", "invalid identity");
    assert_refused("git|1|a\n", "invalid identity");
    assert_refused("ETH|0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a", "invalid identity");
}

static void a_long_text_is_refused(void **state) {
    (void)state;
    char text[LIMIT_IDENTITY + 2];
    memset(text, 'a', sizeof text - 1);
    memcpy(text, "git|1|", 6);
    text[sizeof text - 1] = '\0';
    assert_refused(text, "invalid identity");
}

static void what_is_accepted_may_stand_in_a_transcript(void **state) {
    (void)state;
    assert_true(kzg_identity_is_valid(parse("git|1|@handle").text));
    assert_true(kzg_identity_is_valid(parse("git|1|Name_x-").text));
    assert_true(
        kzg_identity_is_valid(parse("eth|0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A").text));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_address_is_written_in_lower_case),
        TEST(an_account_is_known_by_its_number),
        TEST(nobody_is_the_empty_text),
        TEST(what_is_no_identity_is_refused),
        TEST(a_long_text_is_refused),
        TEST(what_is_accepted_may_stand_in_a_transcript),
    };
    return cmocka_run_group_tests_name("format/identity", tests, NULL, NULL);
}
