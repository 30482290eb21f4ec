#include "setup/circuit.h"

unsigned circuit_domain_power(const Circuit *c) {
    uint64_t rows = (uint64_t)c->constraints + c->n_public;
    unsigned power = 1;
    while ((uint64_t)1 << power <= rows)
        power++;
    return power;
}
