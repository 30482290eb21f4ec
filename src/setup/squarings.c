#include "setup/squarings.h"

#include <assert.h>

uint32_t squarings_vars(const Squarings *s) {
    return 1 + squarings_public(s) + s->lanes * (s->steps - 1);
}

/* Number `i` of a lane, counted from the value (0) to the result (steps). */
static uint32_t signal_of(const Squarings *s, uint32_t lane, uint32_t i) {
    if (i == 0)
        return 1 + lane;
    if (i == s->steps)
        return 1 + s->lanes + lane;
    return 1 + squarings_public(s) + lane * (s->steps - 1) + i - 1;
}

/* Each constraint has one term in each matrix: the place counts terms. */
static bool read_terms(const void *ctx, CircuitPlace *place, CircuitTerm *ret, size_t n,
                       size_t *ret_n, CvkErr *err) {
    (void)err;
    const Squarings *s = ctx;
    const uint64_t end = (uint64_t)s->lanes * s->steps * CIRCUIT_MATRICES;
    for (*ret_n = 0; *ret_n < n && place->at < end; place->at++) {
        const uint32_t constraint = (uint32_t)(place->at / CIRCUIT_MATRICES);
        const CircuitMatrix matrix = (CircuitMatrix)(place->at % CIRCUIT_MATRICES);
        const uint32_t i = constraint % s->steps + (matrix == CIRCUIT_C ? 1 : 0);
        ret[(*ret_n)++] = (CircuitTerm){.matrix = matrix,
                                        .constraint = constraint,
                                        .signal = signal_of(s, constraint / s->steps, i),
                                        .value = fr_from_uint(s->curve, 1)};
    }
    return true;
}

Circuit squarings_circuit(const Squarings *s) {
    assert(s->lanes > 0 && s->steps > 0 &&
           (uint64_t)s->lanes * s->steps <= SQUARINGS_CONSTRAINTS_MAX);
    return (Circuit){.curve = s->curve,
                     .constraints = s->lanes * s->steps,
                     .n_vars = squarings_vars(s),
                     .n_public = squarings_public(s),
                     .read = read_terms,
                     .ctx = s};
}

void squarings_witness(const Squarings *s, const Fr *values, Fr *ret) {
    ret[0] = fr_from_uint(s->curve, 1);
    for (uint32_t lane = 0; lane < s->lanes; lane++) {
        Fr x = values[lane];
        for (uint32_t i = 0; i <= s->steps; i++, x = fr_mul(s->curve, &x, &x))
            ret[signal_of(s, lane, i)] = x;
    }
}
