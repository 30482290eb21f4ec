#include "format/proof_binary.h"

#include <string.h>

size_t proof_binary_bytes(const Curve *c) {
    return 2 * form_bytes(curve_g1(c), FORM_UNCOMPRESSED) +
           form_bytes(curve_g2(c), FORM_UNCOMPRESSED);
}

/* Infinity has two writings that algebra reads. */
static bool read_point(const Group *g, const char *name, const uint8_t **at, Element *ret,
                       CvkErr *err) {
    const PointReading reading = {.form = FORM_UNCOMPRESSED, .infinity = true};
    const uint8_t *bytes = *at;
    uint8_t again[FORM_BYTES_MAX];
    *at += form_bytes(g, reading.form);
    PointFault fault = element_read(g, reading, bytes, ret);
    if (fault != POINT_OK)
        return cvk_fail(err, CVK_EBADREQ, "proof.point", "%s %s", name, point_fault_text(fault));
    element_write(ret, reading.form, again);
    return memcmp(again, bytes, form_bytes(g, reading.form)) == 0 ||
           cvk_fail(err, CVK_EBADREQ, "proof.point", "%s is not written in the usual way", name);
}

bool proof_binary_read(const Curve *c, const uint8_t *bytes, Groth16Proof *ret, CvkErr *err) {
    Groth16Proof p;
    if (!read_point(curve_g1(c), "A", &bytes, &p.a, err) ||
        !read_point(curve_g2(c), "B", &bytes, &p.b, err) ||
        !read_point(curve_g1(c), "C", &bytes, &p.c, err))
        return false;
    *ret = p;
    return true;
}

void proof_binary_write(const Groth16Proof *p, uint8_t *ret) {
    const Element *const points[] = {&p->a, &p->b, &p->c};
    for (size_t i = 0; i < 3; i++) {
        element_write(points[i], FORM_UNCOMPRESSED, ret);
        ret += form_bytes(points[i]->group, FORM_UNCOMPRESSED);
    }
}
