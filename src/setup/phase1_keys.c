/* Keys, and the hashes that chain contributions. */
#include "base/secret.h"
#include "setup/phase1_contribute.h"

static void add_point(CvkBlake2b *b, const Element *e) {
    uint8_t bytes[FORM_BYTES_MAX];
    element_write(e, FORM_UNCOMPRESSED, bytes);
    cvk_blake2b_add(b, bytes, form_bytes(e->group, FORM_UNCOMPRESSED));
}

Element phase1_g2_sp(const Curve *c, Phase1Key key, const uint8_t challenge[BLAKE2B_BYTES],
                     const Element *g1_s, const Element *g1_sx) {
    const uint8_t personalization = (uint8_t)key;
    uint8_t digest[BLAKE2B_BYTES];
    CvkBlake2b b;
    cvk_blake2b_init(&b);
    cvk_blake2b_add(&b, &personalization, 1);
    cvk_blake2b_add(&b, challenge, BLAKE2B_BYTES);
    add_point(&b, g1_s);
    add_point(&b, g1_sx);
    cvk_blake2b_finish(&b, digest);
    return draw_hash_to_g2(c, digest);
}

Phase1Secrets *phase1_keygen(const Curve *c, Draw *d, const uint8_t challenge[BLAKE2B_BYTES],
                             Phase1Pubkey *ret, CvkErr *err) {
    Phase1Secrets *s = cvk_secret_alloc(sizeof *s, err);
    if (s == NULL)
        return NULL;
    for (Phase1Key k = 0; k < PHASE1_KEYS; k++)
        s->key[k] = draw_fr(c, d);
    for (Phase1Key k = 0; k < PHASE1_KEYS; k++) {
        const Element g1_s = draw_element(curve_g1(c), d);
        const Element g1_sx = element_mul_secret(&g1_s, &s->key[k]);
        const Element g2_sp = phase1_g2_sp(c, k, challenge, &g1_s, &g1_sx);
        ret->key[k].g1_s = g1_s;
        ret->key[k].g1_sx = g1_sx;
        ret->key[k].g2_spx = element_mul_secret(&g2_sp, &s->key[k]);
    }
    cvk_wipe_stack();
    return s;
}
