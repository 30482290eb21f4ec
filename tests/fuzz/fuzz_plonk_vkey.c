#include "format/plonk_vkey.h"
#include "fuzz/fuzz.h"

#define TEXT_MAX ((size_t)1 << 20)

/* A key that is read holds points of its groups, and none is infinity. */
void fuzz_one(const uint8_t *data, size_t n) {
    JsonMemory m = {.data = (const char *)data, .n = n};
    JsonReader *r = json_reader_new(json_from_memory(&m), TEXT_MAX, NULL);
    PlonkKey k;
    assert(r != NULL);
    if (plonk_vkey_read(r, &k, NULL)) {
        const Element *points = (const Element *)&k; /* a key is nothing but points */
        for (size_t i = 0; i < sizeof k / sizeof *points; i++)
            assert(!element_is_infinity(&points[i]));
        assert(k.tau_g2.group == curve_g2(curve_bn254()));
    }
    json_reader_free(r);
}
