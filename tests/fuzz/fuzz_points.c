#include "algebra/curve.h"
#include "fuzz/fuzz.h"

/* The first byte chooses the group, the rest are points: what is accepted encodes to the same
 * bytes, and each point alone has the fault that the vector's report names. */
void fuzz_one(const uint8_t *data, size_t n) {
    if (n == 0)
        return;
    const Curve *c = curve_bls12_381();
    const Group *g = data[0] & 1 ? curve_g2(c) : curve_g1(c);
    size_t size = form_bytes(g, FORM_ZCASH), count = (n - 1) / size;
    if (count > 8)
        count = 8;
    const Factors factors = {.label = 1};
    Points *all, *one;
    PointReport report, alone;
    CvkErr err;
    if (!points_read(g, (PointReading){.form = FORM_ZCASH}, data + 1, count, &factors, NULL, &all,
                     NULL, &report, &err))
        return;
    assert((all != NULL) == (report.fault == POINT_OK || report.fault == POINT_INFINITY));
    if (report.fault != POINT_OK) {
        assert(report.index < count);
        bool ok = points_read(g, (PointReading){.form = FORM_ZCASH}, data + 1 + report.index * size,
                              1, &factors, NULL, &one, NULL, &alone, &err);
        assert(ok && alone.fault == report.fault);
        points_free(one);
    }
    if (all != NULL) {
        uint8_t back[8 * 96];
        points_write(all, 0, points_n(all), FORM_ZCASH, NULL, back);
        assert(memcmp(back, data + 1, points_n(all) * size) == 0);
    }
    points_free(all);
}
