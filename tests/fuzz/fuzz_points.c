#include "algebra/curve.h"
#include "fuzz/fuzz.h"

#define POINTS 8

typedef struct {
    const Group *group;
    PointReading reading;
    size_t each;
} Target;

/* The first byte's bits: 0 the group, 1 the curve, 2 and 3 the form, 4 whether infinity may stand
 * there. bn254 has no FORM_ZCASH. */
static Target target(uint8_t choice) {
    const Curve *c = choice & 2 ? curve_bn254() : curve_bls12_381();
    Target t = {.group = choice & 1 ? curve_g2(c) : curve_g1(c),
                .reading = {.form = (PointForm)(choice >> 2 & 3), .infinity = (choice & 16) != 0}};
    if (t.reading.form == FORM_ZCASH && c == curve_bn254())
        t.reading.form = FORM_COMPRESSED;
    t.each = form_bytes(t.group, t.reading.form);
    return t;
}

/* Infinity can be written in two ways in FORM_UNCOMPRESSED: zeros, or with the flag before them. */
static void assert_same_bytes(const Target *t, const Points *p, size_t i, const uint8_t *from) {
    uint8_t back[FORM_BYTES_MAX], flagged[FORM_BYTES_MAX] = {0x40};
    const Element e = points_at(p, i);
    points_write(p, i, 1, t->reading.form, NULL, back);
    assert(memcmp(back, from, t->each) == 0 ||
           (t->reading.form == FORM_UNCOMPRESSED && element_is_infinity(&e) &&
            memcmp(flagged, from, t->each) == 0));
}

/* Each point alone is judged as the vector's report says, and the two ways to read one agree. */
static void assert_alone(const Target *t, const uint8_t *bytes, PointFault fault) {
    const Factors factors = {.label = 1};
    Points *one;
    PointReport report;
    Element e;
    CvkErr err;
    bool ok =
        points_read(t->group, t->reading, bytes, 1, &factors, NULL, &one, NULL, &report, &err);
    assert(ok && report.fault == fault);
    assert(element_read(t->group, t->reading, bytes, &e) == fault);
    if (fault == POINT_OK) {
        const Element same = points_at(one, 0);
        assert(element_equal(&e, &same));
    }
    points_free(one);
}

/* The first byte chooses what the rest is, up to eight points: what is accepted encodes to the same
 * bytes. */
void fuzz_one(const uint8_t *data, size_t n) {
    if (n == 0)
        return;
    const Target t = target(data[0]);
    const size_t most = (n - 1) / t.each, count = most < POINTS ? most : POINTS;
    const Factors factors = {.label = 1};
    Points *all;
    PointReport report;
    CvkErr err;
    if (!points_read(t.group, t.reading, data + 1, count, &factors, NULL, &all, NULL, &report,
                     &err))
        return;
    assert((all != NULL) == (report.fault == POINT_OK || report.fault == POINT_INFINITY));
    assert(!t.reading.infinity || report.fault != POINT_INFINITY);
    if (report.fault != POINT_OK) {
        assert(report.index < count);
        assert_alone(&t, data + 1 + report.index * t.each, report.fault);
    }
    for (size_t i = 0; all != NULL && i < points_n(all); i++) {
        assert_same_bytes(&t, all, i, data + 1 + i * t.each);
        assert_alone(&t, data + 1 + i * t.each, POINT_OK);
    }
    points_free(all);
}
