#include "cli/hash_block.h"
#include "support/test.h"

static void a_hash_is_four_lines_of_four_words(void **state) {
    (void)state;
    uint8_t hash[BLAKE2B_BYTES];
    char text[HASH_BLOCK_TEXT];
    cvk_blake2b(NULL, 0, hash);

    hash_block_text(hash, text);

    assert_string_equal(text, "\t\t786a02f7 42015903 c6c6fd85 2552d272\n"
                              "\t\t912f4740 e1584761 8a86e217 f71f5419\n"
                              "\t\td25e1031 afee5853 13896444 934eb04b\n"
                              "\t\t903a685b 1448b755 d56f701a fe9be2ce\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(a_hash_is_four_lines_of_four_words)};
    return cmocka_run_group_tests_name("cli/hash_block", tests, NULL, NULL);
}
