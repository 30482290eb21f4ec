#include "setup/phase2_new_private.h"

uint64_t phase2_rows_n(const Circuit *c) {
    return (uint64_t)c->constraints + c->n_public + 1;
}

bool phase2_rows_read(const Circuit *c, RowPlace *place, CircuitTerm *ret, size_t n, size_t *ret_n,
                      CvkErr *err) {
    *ret_n = 0;
    if (!place->constraints_done && !c->read(c->ctx, &place->place, ret, n, ret_n, err))
        return false;
    if (*ret_n != 0)
        return true;
    place->constraints_done = true;
    for (; *ret_n < n && place->public_rows <= c->n_public; place->public_rows++)
        ret[(*ret_n)++] = (CircuitTerm){.matrix = CIRCUIT_A,
                                        .constraint = c->constraints + place->public_rows,
                                        .signal = place->public_rows,
                                        .value = fr_from_uint(c->curve, 1)};
    return true;
}
