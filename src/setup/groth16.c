#include "setup/groth16.h"

#include "base/alloc.h"

#include <stdlib.h>

static bool has_contributions(const Phase2Key *key, Verdict *verdict) {
    const Phase2Header *h = &key->header;
    Element g1 = element_generator(curve_g1(h->curve));
    Element g2 = element_generator(curve_g2(h->curve));
    if (key->contributions_n == 0)
        return verdict_refuse(verdict, "zkey.no_contribution",
                              "nobody has contributed to this key: whoever made it could prove "
                              "anything; contribute to it first");
    if (element_equal(&h->delta_g1, &g1) || element_equal(&h->delta_g2, &g2))
        return verdict_refuse(verdict, "zkey.no_contribution",
                              "delta is the generator, as in a key to which nobody has "
                              "contributed: anybody could prove anything");
    return true;
}

bool groth16_vkey_of(const Phase2Key *key, const Work *w, Groth16Vkey **ret, Verdict *verdict,
                     CvkErr *err) {
    const Phase2Header *h = &key->header;
    const Vector *ic = &key->v[PHASE2_IC];
    *ret = NULL;
    *verdict = (Verdict){.valid = true};
    if (!has_contributions(key, verdict))
        return true;
    Groth16Vkey *k = cvk_alloc(1, sizeof *k, err);
    if (k == NULL)
        return false;
    *k = (Groth16Vkey){.curve = h->curve,
                       .alpha_g1 = h->alpha_g1,
                       .beta_g2 = h->beta_g2,
                       .gamma_g2 = h->gamma_g2,
                       .delta_g2 = h->delta_g2};
    if (!vector_read(ic, 0, (size_t)ic->n, w, 0, &k->ic, NULL, verdict, err)) {
        groth16_vkey_free(k);
        return false;
    }
    *ret = verdict->valid ? k : groth16_vkey_free(k);
    return true;
}

Groth16Vkey *groth16_vkey_free(Groth16Vkey *k) {
    if (k != NULL)
        points_free(k->ic);
    free(k);
    return NULL;
}

size_t groth16_inputs_n(const Groth16Vkey *k) {
    return points_n(k->ic) - 1;
}

bool groth16_verify(const Groth16Vkey *k, const Fr *inputs, size_t n, const Groth16Proof *p,
                    CvkPool *pool, Verdict *verdict, CvkErr *err) {
    Element sum;
    bool one;
    *verdict = (Verdict){.valid = true};
    if (n != groth16_inputs_n(k)) {
        verdict_refuse(verdict, "groth16.inputs", "%zu public inputs, the key is for %zu", n,
                       groth16_inputs_n(k));
        return true;
    }
    if (!points_combine_fr(k->ic, 1, n, inputs, pool, &sum, err))
        return false;
    Element first = points_at(k->ic, 0);
    const PairingTerm terms[] = {{.g1 = element_neg(&p->a), .g2 = p->b},
                                 {.g1 = k->alpha_g1, .g2 = k->beta_g2},
                                 {.g1 = element_add(&first, &sum), .g2 = k->gamma_g2},
                                 {.g1 = p->c, .g2 = k->delta_g2}};
    if (!pairing_product_is_one(k->curve, terms, sizeof terms / sizeof *terms, pool, &one, err))
        return false;
    if (!one)
        verdict_refuse(verdict, "groth16.equation",
                       "the proof does not hold for these public inputs under this key");
    return true;
}
