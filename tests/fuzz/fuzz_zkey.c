#include "format/zkey.h"
#include "fuzz/fuzz.h"

static void check_contribution(const Phase2Contribution *c) {
    const ContributionParams *p = &c->params;
    assert(!element_is_infinity(&c->delta_after) && !element_is_infinity(&c->g1_s) &&
           !element_is_infinity(&c->g1_sx) && !element_is_infinity(&c->g2_spx));
    assert(p->name[p->name_n] == '\0' && (p->has_name || p->name_n == 0));
    assert(!p->beacon || (p->has_iterations && p->has_beacon_hash));
}

static void check_vector(const Phase2Key *key, Phase2Vector which) {
    const Vector *v = &key->v[which];
    uint8_t last[FORM_BYTES_MAX];
    size_t each = form_bytes(v->group, FORM_MONTGOMERY);
    assert(v->n == phase2_vector_n(&key->header, which) && v->bytes.n == v->n * each);
    bool ok = v->n == 0 || cvk_source_read(&v->bytes, v->bytes.n - each, last, each, NULL);
    assert(ok);
}

/* Whatever the header of an open key announces is there. */
void fuzz_one(const uint8_t *data, size_t n) {
    Zkey *z;
    CvkErr err = {0};
    if (!zkey_memory(data, n, "fuzz", &z, &err)) {
        assert(err.id != NULL && err.msg[0] != '\0');
        return;
    }
    const Phase2Key *key = zkey_key(z);
    const Phase2Header *h = &key->header;
    assert(h->n_public < h->n_vars && h->n_public < h->domain);
    assert((h->domain & (h->domain - 1)) == 0);
    for (unsigned i = 0; i < PHASE2_VECTORS; i++)
        check_vector(key, i);
    assert(key->coefficients.n == 4 + (uint64_t)zkey_coefficients_n(z) * PHASE2_COEFFICIENT_BYTES);
    for (uint32_t i = 0; i < key->contributions_n; i++)
        check_contribution(&key->contributions[i]);
    zkey_close(z);
}
