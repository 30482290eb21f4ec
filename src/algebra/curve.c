#include "algebra/backend.h"

#include "base/secret.h"

#include <assert.h>

const char *curve_name(const Curve *c) {
    return c->name;
}

const char *curve_backend(const Curve *c) {
    return c->backend;
}

const Group *curve_g1(const Curve *c) {
    return c->g1;
}

const Group *curve_g2(const Curve *c) {
    return c->g2;
}

size_t curve_base_bytes(const Curve *c) {
    return c->base_bytes;
}

void curve_base_prime(const Curve *c, uint8_t *ret_le) {
    for (size_t i = 0; i < c->base_bytes; i++)
        ret_le[i] = c->base_prime_be[c->base_bytes - 1 - i];
}

void curve_order(const Curve *c, uint8_t ret_le[FR_BYTES]) {
    for (size_t i = 0; i < FR_BYTES; i++)
        ret_le[i] = c->order_be[FR_BYTES - 1 - i];
}

size_t form_bytes(const Group *g, PointForm form) {
    size_t coordinate = g->curve->base_bytes * g->degree;
    return form == FORM_ZCASH || form == FORM_COMPRESSED ? coordinate : 2 * coordinate;
}

const char *group_name(const Group *g) {
    return g->name;
}

Element element_generator(const Group *g) {
    Element ret = {.group = g};
    g->generator(&ret);
    return ret;
}

Element element_infinity(const Group *g) {
    Element ret = {.group = g};
    g->infinity(&ret);
    return ret;
}

Element element_add(const Element *a, const Element *b) {
    assert(a->group == b->group);
    Element ret = {.group = a->group};
    a->group->add(a, b, &ret);
    return ret;
}

Element element_neg(const Element *a) {
    Element ret = {.group = a->group};
    a->group->neg(a, &ret);
    return ret;
}

Element element_mul(const Element *a, const Fr *k) {
    Element ret = {.group = a->group};
    a->group->mul_secret(a, k, &ret); /* the back ends so far have nothing faster for one point */
    return ret;
}

Element element_mul_secret(const Element *a, const Fr *k) {
    Element ret = {.group = a->group};
    a->group->mul_secret(a, k, &ret);
    cvk_wipe_stack();
    return ret;
}

bool element_equal(const Element *a, const Element *b) {
    return a->group == b->group && a->group->equal(a, b);
}

bool element_is_infinity(const Element *a) {
    return a->group->is_infinity(a);
}

void element_write(const Element *a, PointForm form, uint8_t *ret) {
    uint64_t point[POINT_WORDS_MAX];
    assert(a->group->point_bytes <= sizeof point);
    a->group->to_points(a, 1, point);
    a->group->encode_points(form, point, 1, ret);
}

PointFault element_read(const Group *g, PointReading reading, const uint8_t *bytes, Element *ret) {
    uint64_t point[POINT_WORDS_MAX];
    DecodeReport report;
    assert(g->point_bytes <= sizeof point);
    g->decode(reading.form, bytes, 1, point, &report);
    if (report.fault.fault != POINT_OK)
        return report.fault.fault;
    if (report.first_infinity == 0 && !reading.infinity)
        return POINT_INFINITY;
    if (!g->cofactor_is_one && !reading.ours && g->first_outside(point, 1) == 0)
        return POINT_NOT_IN_GROUP;
    *ret = (Element){.group = g};
    g->to_element(point, ret);
    return POINT_OK;
}

const char *point_fault_text(PointFault fault) {
    switch (fault) {
    case POINT_OK:
        return "is a point of the group";
    case POINT_NOT_COMPRESSED:
        return "is not in the compressed form";
    case POINT_BAD_INFINITY:
        return "is a malformed infinity";
    case POINT_X_TOO_LARGE:
        return "has a coordinate that is not below the field's prime";
    case POINT_NOT_ON_CURVE:
        return "is not on the curve";
    case POINT_NOT_IN_GROUP:
        return "is not in the prime-order subgroup";
    case POINT_INFINITY:
        return "is infinity";
    }
    assert(false);
    return "";
}

Element element_hash_to_g1(const Curve *c, const void *msg, size_t n, const char *dst) {
    Element ret = {.group = c->g1};
    c->hash_to_g1(msg, n, dst, &ret);
    return ret;
}
