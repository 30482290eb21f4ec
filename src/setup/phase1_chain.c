/* Contributions one after the other: each proves that its author knew what it multiplied by. */
#include "base/secret.h"
#include "setup/phase1_private.h"

typedef enum {
    LINK_TAU_KEY,
    LINK_TAU_G1,
    LINK_ALPHA_KEY,
    LINK_ALPHA_G1,
    LINK_BETA_KEY,
    LINK_BETA_G1,
    LINK_TAU_G2,
    LINK_BETA_G2,
    LINKS
} Link;

static const struct {
    const char *id, *text;
} faults[LINKS] = {
    [LINK_TAU_KEY] = {"ptau.key.tau", "its key does not prove knowledge of tau"},
    [LINK_TAU_G1] = {"ptau.chain.tau_g1", "its tauG1 is not the one before times its key"},
    [LINK_ALPHA_KEY] = {"ptau.key.alpha", "its key does not prove knowledge of alpha"},
    [LINK_ALPHA_G1] = {"ptau.chain.alpha_g1", "its alphaG1 is not the one before times its key"},
    [LINK_BETA_KEY] = {"ptau.key.beta", "its key does not prove knowledge of beta"},
    [LINK_BETA_G1] = {"ptau.chain.beta_g1", "its betaG1 is not the one before times its key"},
    [LINK_TAU_G2] = {"ptau.chain.tau_g2", "its tauG2 is not the one before times its key"},
    [LINK_BETA_G2] = {"ptau.chain.beta_g2", "its betaG2 is not the one before times its key"},
};

bool phase1_refuse_contribution(Verdict *v, const Phase1Contribution *c, size_t number,
                                const char *id, const char *text) {
    const CvkPlace place = cvk_place_of(&c->place);
    if (v->valid)
        v->contribution = (uint32_t)number;
    if (number == 0)
        return verdict_refuse_at(v, &place, id, "%s", text);
    return verdict_refuse_at(v, &place, id, "contribution %zu: %s", number, text);
}

/* Neighbours share what they have in G2. */
static void links_of(const Curve *curve, const Phase1Contribution *before,
                     const uint8_t challenge[BLAKE2B_BYTES], const Phase1Contribution *c,
                     Ratio ret[LINKS]) {
    const Element g1 = element_generator(curve_g1(curve)), g2 = element_generator(curve_g2(curve));
    const Element *const old[PHASE1_KEYS] = {before != NULL ? &before->tau_g1 : &g1,
                                             before != NULL ? &before->alpha_g1 : &g1,
                                             before != NULL ? &before->beta_g1 : &g1};
    const Element *const new[PHASE1_KEYS] = {&c->tau_g1, &c->alpha_g1, &c->beta_g1};
    for (Phase1Key k = 0; k < PHASE1_KEYS; k++) {
        const Element g1_s = c->pubkey.key[k].g1_s, g1_sx = c->pubkey.key[k].g1_sx;
        const Element g2_sp = phase1_g2_sp(curve, k, challenge, &g1_s, &g1_sx);
        ret[2 * k] = (Ratio){g1_s, g1_sx, g2_sp, c->pubkey.key[k].g2_spx};
        ret[2 * k + 1] = (Ratio){*old[k], *new[k], g2_sp, c->pubkey.key[k].g2_spx};
    }
    ret[LINK_TAU_G2] = (Ratio){c->pubkey.key[KEY_TAU].g1_s, c->pubkey.key[KEY_TAU].g1_sx,
                               before != NULL ? before->tau_g2 : g2, c->tau_g2};
    ret[LINK_BETA_G2] = (Ratio){c->pubkey.key[KEY_BETA].g1_s, c->pubkey.key[KEY_BETA].g1_sx,
                                before != NULL ? before->beta_g2 : g2, c->beta_g2};
}

bool phase1_link_check(const Curve *curve, const Phase1Contribution *before,
                       const uint8_t challenge[BLAKE2B_BYTES], const Phase1Contribution *c,
                       size_t number, const Work *w, Verdict *verdict, CvkErr *err) {
    const Factors f =
        work_factors(w, phase1_label(PHASE1_USE_CHAIN, number >> 32, number & UINT32_MAX));
    Ratio links[LINKS];
    bool hold;
    links_of(curve, before, challenge, c, links);
    if (!ratios_hold(curve, links, LINKS, &f, w->pool, &hold, err))
        return false;
    for (Link l = 0; l < LINKS && !hold && verdict->valid; l++) {
        bool this_one;
        if (!ratio_holds(curve, &links[l], w->pool, &this_one, err))
            return false;
        if (!this_one)
            phase1_refuse_contribution(verdict, c, number, faults[l].id, faults[l].text);
    }
    return true;
}

/* ---- beacons ---- */

static bool same_keys(const Phase1Pubkey *x, const Phase1Pubkey *y) {
    Phase1Pubkey a = *x, b = *y; /* phase1_pubkey_point gives places that can be written */
    for (unsigned i = 0; i < PHASE1_PUBKEY_POINTS; i++)
        if (!element_equal(phase1_pubkey_point(&a, i), phase1_pubkey_point(&b, i)))
            return false;
    return true;
}

bool phase1_beacon_check(const Curve *curve, const uint8_t challenge[BLAKE2B_BYTES],
                         const Phase1Contribution *c, size_t number, Verdict *verdict,
                         CvkErr *err) {
    Draw d;
    Phase1Pubkey expected;
    CvkErr why;
    if (!beacon_draw(&c->params, &d, &why)) {
        phase1_refuse_contribution(verdict, c, number, "ptau.beacon", why.msg);
        return true;
    }
    Phase1Secrets *s = phase1_keygen(curve, &d, challenge, &expected, err);
    if (s == NULL)
        return false;
    cvk_secret_free(s);
    if (!same_keys(&expected, &c->pubkey))
        phase1_refuse_contribution(verdict, c, number, "ptau.beacon",
                                   "its key is not what its beacon gives");
    return true;
}
