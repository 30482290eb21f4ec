#include "format/manifest.h"
#include "support/test.h"

static const uint8_t SECRET[ETH_SECRET_BYTES] = {[31] = 7};

static char *written(bool has_root) {
    Manifest m = {.ceremony = "small",
                  .kind = "kzg",
                  .sizes = "4,3",
                  .contributions = 2,
                  .journal_entries = 9,
                  .has_root = has_root};
    uint8_t address[ETH_ADDRESS_BYTES];
    memset(m.journal_root, 0xab, sizeof m.journal_root);
    assert_true(eth_key_address(SECRET, address, NULL));
    eth_address_checksummed(address, m.server);
    char *text = manifest_write(&m, SECRET, NULL);
    assert_non_null(text);
    return text;
}

static void the_journals_root_comes_back(void **state) {
    (void)state;
    char *text = written(true);
    Manifest back;
    uint8_t expected[32];
    memset(expected, 0xab, sizeof expected);

    assert_true(manifest_read(text, strlen(text), &back, NULL));

    assert_true(back.has_root);
    assert_memory_equal(back.journal_root, expected, sizeof expected);
    assert_int_equal(back.journal_entries, 9);
    free(text);
}

static void a_manifest_of_before_there_were_roots_is_read(void **state) {
    (void)state;
    char *text = written(false);
    Manifest back;

    assert_null(strstr(text, "journal_root"));
    assert_true(manifest_read(text, strlen(text), &back, NULL));

    assert_false(back.has_root);
    free(text);
}

static void the_root_is_signed(void **state) {
    (void)state;
    char *text = written(true);
    Manifest back;
    CvkErr err = {.id = "no error"};
    strstr(text, "abab")[0] = 'c';

    assert_false(manifest_read(text, strlen(text), &back, &err));

    assert_string_equal(err.id, "manifest.signature");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_journals_root_comes_back),
        TEST(a_manifest_of_before_there_were_roots_is_read),
        TEST(the_root_is_signed),
    };
    return cmocka_run_group_tests_name("format/manifest", tests, NULL, NULL);
}
