#include "format/r1cs.h"
#include "fuzz/fuzz.h"

/* Terms of an open circuit are as many as were counted, and name what is there, in whatever pieces
 * they are read. */
void fuzz_one(const uint8_t *data, size_t n) {
    R1cs *r;
    CvkErr err = {0};
    if (!r1cs_memory(data, n, "fuzz", &r, &err)) {
        assert(err.id != NULL && err.msg[0] != '\0');
        return;
    }
    const Circuit *c = r1cs_circuit(r);
    const R1csCounts *counts = r1cs_counts(r);
    uint64_t seen[CIRCUIT_MATRICES] = {0};
    CircuitPlace place = {0};
    CircuitTerm terms[7];
    size_t got;
    do {
        bool ok = c->read(c->ctx, &place, terms, sizeof terms / sizeof *terms, &got, &err);
        assert(ok);
        for (size_t i = 0; i < got; i++) {
            assert(terms[i].signal < c->n_vars && terms[i].constraint < c->constraints);
            seen[terms[i].matrix]++;
        }
    } while (got != 0);
    assert(memcmp(seen, counts->terms, sizeof seen) == 0);
    assert(c->n_public < c->n_vars);
    r1cs_close(r);
}
