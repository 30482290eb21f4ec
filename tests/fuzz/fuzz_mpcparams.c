#include "format/mpcparams.h"
#include "fuzz/fuzz.h"

/* What is open fits together: its vectors, and what lies around them, are the whole file. */
static void assert_sizes(const Phase2Key *key, size_t n) {
    const Phase2Header *h = &key->header;
    uint64_t g1 = form_bytes(curve_g1(h->curve), FORM_UNCOMPRESSED);
    uint64_t g2 = form_bytes(curve_g2(h->curve), FORM_UNCOMPRESSED);
    uint64_t all = 3 * (g1 + g2) + BLAKE2B_BYTES + 4;
    for (Phase2Vector v = 0; v < PHASE2_VECTORS; v++) {
        const Vector *vector = &key->v[v];
        assert(vector->n == phase2_vector_n(h, v) - (v == PHASE2_H ? 1 : 0));
        assert(vector->bytes.n == vector->n * form_bytes(vector->group, vector->reading.form));
        all += 4 + vector->bytes.n;
    }
    all += key->contributions_n * (3 * g1 + g2 + BLAKE2B_BYTES);
    assert(all == n);
}

/* No point of the header or of a contribution is infinite. */
static void assert_points(const Phase2Key *key) {
    assert(!element_is_infinity(&key->header.delta_g1));
    assert(!element_is_infinity(&key->header.delta_g2));
    for (uint32_t i = 0; i < key->contributions_n; i++)
        assert(!element_is_infinity(&key->contributions[i].g2_spx) &&
               !element_is_infinity(&key->contributions[i].g1_s));
}

void fuzz_one(const uint8_t *data, size_t n) {
    Mpcparams *m = NULL;
    CvkErr err = {0};
    bool ok = mpcparams_memory(data, n, "input", &m, &err);
    assert(ok == (m != NULL) && ok == (err.id == NULL));
    if (!ok)
        return;
    assert_sizes(mpcparams_key(m), n);
    assert_points(mpcparams_key(m));
    mpcparams_close(m);
}
