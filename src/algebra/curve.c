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

size_t group_encoded_size(const Group *g) {
    return g->encoded_bytes;
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

void element_encode(const Element *a, uint8_t *ret) {
    a->group->encode_element(a, ret);
}

Element element_hash_to_g1(const Curve *c, const void *msg, size_t n, const char *dst) {
    Element ret = {.group = c->g1};
    c->hash_to_g1(msg, n, dst, &ret);
    return ret;
}
