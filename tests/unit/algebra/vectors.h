/* Known answers: tests/vectors/crypto_kats.json and the fixtures outside the repository. */
#pragma once

#include "support/test.h"

#include "base/hex.h"

#include <jansson.h>

/* NULL when there is no such file. json_decref it. */
static inline json_t *vectors_load(const char *folder, const char *name) {
    char path[16384];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return json_load_file(path, 0, NULL);
}

static inline json_t *crypto_kats(void) {
    const char *source = getenv("CONVOKE_SOURCE");
    assert_non_null(source);
    json_t *kats = vectors_load(source, "tests/vectors/crypto_kats.json");
    assert_non_null(kats);
    return kats;
}

static inline const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

/* "0x.." of exactly n bytes. */
static inline void bytes_of(const json_t *object, const char *key, size_t n, uint8_t *ret) {
    assert_true(cvk_hex_parse(text_of(object, key), n, ret));
}

/* Exactly n bytes, without "0x". */
static inline void hex_of(const char *digits, size_t n, uint8_t *ret) {
    assert_non_null(digits);
    assert_int_equal(strlen(digits), 2 * n);
    assert_true(cvk_hex_decode(digits, n, ret));
}

/* What snarkjs wrote, a curve each. */
static inline json_t *snarkjs_values(void) {
    const char *source = getenv("CONVOKE_SOURCE");
    assert_non_null(source);
    json_t *values = vectors_load(source, "tests/vectors/snarkjs_values.json");
    assert_non_null(values);
    return values;
}
