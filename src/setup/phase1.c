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

uint64_t phase1_points(unsigned power) {
    uint64_t n = 0;
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        n += phase1_vector_n(v, power);
    return n;
}

const Group *phase1_vector_group(const Curve *c, Phase1Vector which) {
    return which == PHASE1_TAU_G2 || which == PHASE1_BETA_G2 ? curve_g2(c) : curve_g1(c);
}

Element *phase1_pubkey_point(Phase1Pubkey *k, unsigned i) {
    if (i >= 2 * PHASE1_KEYS)
        return &k->key[i - 2 * PHASE1_KEYS].g2_spx;
    return i % 2 == 0 ? &k->key[i / 2].g1_s : &k->key[i / 2].g1_sx;
}

const Group *phase1_pubkey_group(const Curve *c, unsigned i) {
    return i < 2 * PHASE1_KEYS ? curve_g1(c) : curve_g2(c);
}

const char *phase1_pubkey_name(unsigned i) {
    static const char *const names[PHASE1_PUBKEY_POINTS] = {
        "tau.g1_s",   "tau.g1_sx",  "alpha.g1_s",   "alpha.g1_sx", "beta.g1_s",
        "beta.g1_sx", "tau.g2_spx", "alpha.g2_spx", "beta.g2_spx"};
    return names[i];
}

size_t phase1_pubkey_bytes(const Curve *c, PointForm form) {
    return 2 * PHASE1_KEYS * form_bytes(curve_g1(c), form) +
           PHASE1_KEYS * form_bytes(curve_g2(c), form);
}

size_t phase1_pubkey_write(const Phase1Pubkey *k, PointForm form, uint8_t *ret) {
    Phase1Pubkey copy = *k; /* phase1_pubkey_point gives places that can be written */
    size_t n = 0;
    for (unsigned i = 0; i < PHASE1_PUBKEY_POINTS; i++) {
        const Element *e = phase1_pubkey_point(&copy, i);
        element_write(e, form, ret + n);
        n += form_bytes(e->group, form);
    }
    return n;
}

void phase1_response_hash(const Phase1Contribution *p, uint8_t ret[BLAKE2B_BYTES]) {
    uint8_t bytes[PHASE1_PUBKEY_BYTES_MAX];
    size_t n = phase1_pubkey_write(&p->pubkey, FORM_UNCOMPRESSED, bytes);
    CvkBlake2b b = p->partial;
    cvk_blake2b_add(&b, bytes, n);
    cvk_blake2b_finish(&b, ret);
}

void phase1_last_response(const Phase1Contribution *list, size_t n, uint8_t ret[BLAKE2B_BYTES]) {
    if (n == 0)
        cvk_blake2b("", 0, ret);
    else
        phase1_response_hash(&list[n - 1], ret);
}
