#include "setup/phase2.h"

#include <assert.h>

const char *const phase2_vector_names[PHASE2_VECTORS] = {"IC", "A", "B1", "B2", "L", "H"};

const Phase2Constant phase2_constants[PHASE2_CONSTANTS] = {
    {PHASE2_IC, "zkey.ic"}, {PHASE2_A, "zkey.a"}, {PHASE2_B1, "zkey.b1"}, {PHASE2_B2, "zkey.b2"}};

unsigned phase2_domain_power(uint32_t domain) {
    unsigned power = 0;
    while ((uint64_t)1 << power < domain)
        power++;
    return power;
}

uint64_t phase2_vector_n(const Phase2Header *h, Phase2Vector which) {
    switch (which) {
    case PHASE2_IC:
        return (uint64_t)h->n_public + 1;
    case PHASE2_A:
    case PHASE2_B1:
    case PHASE2_B2:
        return h->n_vars;
    case PHASE2_L:
        return (uint64_t)h->n_vars - h->n_public - 1;
    case PHASE2_H:
        return h->domain;
    case PHASE2_VECTORS:
        break;
    }
    assert(which != PHASE2_VECTORS);
    return 0;
}

const Group *phase2_vector_group(const Curve *c, Phase2Vector which) {
    return which == PHASE2_B2 ? curve_g2(c) : curve_g1(c);
}
