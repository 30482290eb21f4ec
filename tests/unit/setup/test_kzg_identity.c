#include "support/test.h"

#include "setup/kzg_identity.h"

#define DEAD "eth|0x000000000000000000000000000000000000dead"

static void the_forms_that_transcripts_have_are_valid(void **state) {
    (void)state;
    const char *valid[] = {DEAD, "git|1|a", "git|18446744073709551615|Some-Login",
                           "git|123|@handle"};
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++)
        assert_true(kzg_identity_is_valid(valid[i]));
}

static void everything_else_is_not(void **state) {
    (void)state;
    const char *bad[] = {"",
                         "eth",
                         "eth|",
                         "eth|0x",
                         "eth|000000000000000000000000000000000000dead00",
                         "eth|0x000000000000000000000000000000000000DEAD",
                         "eth|0X000000000000000000000000000000000000dead",
                         (DEAD "0"),
                         (DEAD "|"),
                         (" " DEAD),
                         "git|1",
                         "git|1|",
                         "git|1|@",
                         "git||a",
                         "git|x|a",
                         "git|-1|a",
                         "git|1|a|b",
                         "git|1|a b",
                         "git|1|a\n",
                         "git|1|@@a",
                         "git|184467440737095516150|a",
                         "GIT|1|a",
                         "mail|a@b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (kzg_identity_is_valid(bad[i]))
            print_error("'%s'\n", bad[i]);
        assert_false(kzg_identity_is_valid(bad[i]));
    }
}

static void a_login_of_any_length_is_not_read_to_its_end(void **state) {
    (void)state;
    char id[300] = "git|1|";
    memset(id + 6, 'a', 200);

    assert_false(kzg_identity_is_valid(id));
    id[6 + 65] = '\0';
    assert_false(kzg_identity_is_valid(id));
    id[6 + 64] = '\0';
    assert_true(kzg_identity_is_valid(id));
}

static void only_an_ethereum_identity_has_an_address(void **state) {
    (void)state;
    uint8_t address[20];

    assert_true(kzg_identity_eth(DEAD, address));
    assert_int_equal(address[18], 0xde);
    assert_int_equal(address[19], 0xad);
    assert_false(kzg_identity_eth("git|1|a", address));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_forms_that_transcripts_have_are_valid),
        TEST(everything_else_is_not),
        TEST(a_login_of_any_length_is_not_read_to_its_end),
        TEST(only_an_ethereum_identity_has_an_address),
    };
    return cmocka_run_group_tests_name("setup_kzg_identity", tests, NULL, NULL);
}
