#include "base/hex.h"
#include "format/ptau_known.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#define HASH_TEXT ((size_t)(2 * BLAKE2B_BYTES))

/* The published list, as snarkjs's package brings it. */
static FILE *open_list(void) {
    char path[4096];
    const char *root = getenv("CONVOKE_SOURCE");
    snprintf(path, sizeof path, "%s/node_modules/snarkjs/README.md", root != NULL ? root : ".");
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        print_message("# SKIP: no %s: run tools/setup --test\n", path);
        skip();
    }
    return f;
}

/* A row: "| power | constraints | [name](address) | hash |" */
static bool take_row(char *line, char **ret_name, uint8_t ret_hash[BLAKE2B_BYTES]) {
    char *name = strstr(line, "[powersOfTau28_hez_final"), *cell = strrchr(line, '|');
    if (name == NULL || cell == NULL)
        return false;
    *cell = '\0';
    char *hash = strrchr(line, '|');
    if (hash == NULL || strlen(hash + 2) < HASH_TEXT)
        return false;
    name[strcspn(name, "]")] = '\0';
    *ret_name = name + 1;
    return cvk_hex_decode(hash + 2, BLAKE2B_BYTES, ret_hash);
}

static void each_published_file_is_known_by_its_hash(void **state) {
    (void)state;
    char line[2048], *name;
    uint8_t hash[BLAKE2B_BYTES];
    size_t rows = 0;
    FILE *f = open_list();

    while (fgets(line, sizeof line, f) != NULL)
        if (take_row(line, &name, hash)) {
            const char *known = ptau_known_name(hash);
            assert_non_null(known);
            assert_string_equal(known, name);
            rows++;
        }

    fclose(f);
    assert_int_equal(rows, 28 - 8 + 1);
}

static void another_hash_is_nobodys(void **state) {
    (void)state;
    static const char of_power_8[] =
        "d6a8fb3a04feb600096c3b791f936a578c4e664d262e4aa24beed1b7a9a96aa5"
        "eb72864d628db247e9293384b74b36ffb52ca8d148d6e1b8b51e279fdf57b583";
    uint8_t hash[BLAKE2B_BYTES];
    assert_true(cvk_hex_decode(of_power_8, sizeof hash, hash));

    assert_string_equal(ptau_known_name(hash), "powersOfTau28_hez_final_08.ptau");
    for (size_t i = 0; i < sizeof hash; i++) {
        hash[i] ^= 1;
        assert_null(ptau_known_name(hash));
        hash[i] ^= 1;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_published_file_is_known_by_its_hash),
        TEST(another_hash_is_nobodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
