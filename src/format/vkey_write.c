#include "format/decimal_point.h"
#include "format/vkey.h"

#include <assert.h>
#include <string.h>

const char *vkey_curve_name(const Curve *c) {
    return strcmp(curve_name(c), "bn254") == 0 ? "bn128" : "bls12381";
}

static void put_point(JsonWriter *w, const char *key, const Element *e) {
    json_put_key(w, key);
    decimal_point_write(w, e);
}

/* e(alpha, beta): 2 of 3 of 2 numbers. */
static void put_pairing(JsonWriter *w, const Groth16Vkey *k) {
    uint8_t numbers[12 * DECIMAL_COORDINATE], *at = numbers;
    size_t bytes = curve_base_bytes(k->curve);
    assert(bytes <= DECIMAL_COORDINATE);
    pairing_coordinates(k->curve, &k->alpha_g1, &k->beta_g2, numbers);
    json_put_key(w, "vk_alphabeta_12");
    json_array_begin(w);
    for (unsigned i = 0; i < 2; i++) {
        json_array_begin(w);
        for (unsigned j = 0; j < 3; j++) {
            json_array_begin(w);
            for (unsigned part = 0; part < 2; part++, at += bytes)
                decimal_put(w, at, bytes);
            json_array_end(w);
        }
        json_array_end(w);
    }
    json_array_end(w);
}

static void put_ic(JsonWriter *w, const Points *ic) {
    json_put_key(w, "IC");
    json_array_begin(w);
    for (size_t i = 0; i < points_n(ic); i++) {
        Element e = points_at(ic, i);
        decimal_point_write(w, &e);
    }
    json_array_end(w);
}

static void put_names(JsonWriter *w, const Curve *c) {
    json_field_str(w, "protocol", "groth16");
    json_field_str(w, "curve", vkey_curve_name(c));
}

void vkey_put(JsonWriter *w, const Groth16Vkey *k) {
    json_object_begin(w);
    put_names(w, k->curve);
    json_field_uint(w, "nPublic", groth16_inputs_n(k));
    put_point(w, "vk_alpha_1", &k->alpha_g1);
    put_point(w, "vk_beta_2", &k->beta_g2);
    put_point(w, "vk_gamma_2", &k->gamma_g2);
    put_point(w, "vk_delta_2", &k->delta_g2);
    put_pairing(w, k);
    put_ic(w, k->ic);
    json_object_end(w);
}

bool vkey_write(JsonSink sink, const Groth16Vkey *k, CvkErr *err) {
    JsonWriter w = JSON_WRITER(sink, 1);
    vkey_put(&w, k);
    return json_finish(&w, err);
}

bool proof_write(JsonSink sink, const Groth16Proof *p, const Curve *c, CvkErr *err) {
    JsonWriter w = JSON_WRITER(sink, 1);
    json_object_begin(&w);
    put_point(&w, "pi_a", &p->a);
    put_point(&w, "pi_b", &p->b);
    put_point(&w, "pi_c", &p->c);
    put_names(&w, c);
    json_object_end(&w);
    return json_finish(&w, err);
}
