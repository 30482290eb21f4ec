#include "setup/phase1.h"

const char *const phase1_vector_names[PHASE1_VECTORS] = {
    [PHASE1_TAU_G1] = "tauG1",      [PHASE1_TAU_G2] = "tauG2",   [PHASE1_ALPHA_G1] = "alphaTauG1",
    [PHASE1_BETA_G1] = "betaTauG1", [PHASE1_BETA_G2] = "betaG2",
};

uint64_t phase1_vector_n(Phase1Vector which, unsigned power) {
    uint64_t n = (uint64_t)1 << power;
    if (which == PHASE1_TAU_G1)
        return 2 * n - 1;
    return which == PHASE1_BETA_G2 ? 1 : n;
}

const Group *phase1_vector_group(const Curve *c, Phase1Vector which) {
    return which == PHASE1_TAU_G2 || which == PHASE1_BETA_G2 ? curve_g2(c) : curve_g1(c);
}
