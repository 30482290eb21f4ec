/* What an independent implementation in JavaScript says of bn254: tests/vectors/bn254_noble.mjs. */
#pragma once

#include "vectors.h"

#include "algebra/bn254_fq.h"

/* NULL where there is no node. json_decref what comes back. */
static inline json_t *noble_values(void) {
    const char *source = getenv("CONVOKE_SOURCE");
    char command[4096];
    assert_non_null(source);
    snprintf(command, sizeof command, "node '%s/tests/vectors/bn254_noble.mjs' 1 2> /dev/null",
             source);
    FILE *pipe = popen(command, "r"); /* NOLINT(cert-env33-c): a command of ours */
    assert_non_null(pipe);
    json_t *values = json_loadf(pipe, 0, NULL);
    (void)pclose(pipe);
    return values;
}

/* n coefficients of 64 digits to as many elements of Fq. */
static inline void fq_of(const char *digits, size_t n, Fq *ret) {
    for (size_t i = 0; i < n; i++) {
        uint8_t be[FQ_BYTES];
        assert_true(strlen(digits) >= 2 * FQ_BYTES * (i + 1));
        assert_true(cvk_hex_decode(digits + 2 * FQ_BYTES * i, FQ_BYTES, be));
        assert_true(fq_from_be(&ret[i], be));
    }
    assert_int_equal(strlen(digits), 2 * FQ_BYTES * n);
}
