#include "format/doc.h"
#include "format/trusted_setup.h"
#include "format/trusted_setup_private.h"

#include <stdlib.h>

typedef enum { SETUP_G1_MONOMIAL, SETUP_G1_LAGRANGE, SETUP_G2_MONOMIAL, SETUP_FIELDS } SetupField;
static const char *const setup_names[] = {"g1_monomial", "g1_lagrange", "g2_monomial"};

typedef struct {
    DocList lists[SETUP_FIELDS];
} Reading;

static bool read_g1(JsonReader *r, void *into, CvkErr *err) {
    return doc_hex(r, into, KZG_G1_BYTES, err);
}

static bool read_g2(JsonReader *r, void *into, CvkErr *err) {
    return doc_hex(r, into, KZG_G2_BYTES, err);
}

static bool setup_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Reading *reading = ctx;
    return doc_list(r, &reading->lists[which], which == SETUP_G2_MONOMIAL ? read_g2 : read_g1, err);
}

static const DocObject setup_object = {
    .names = setup_names, .n = SETUP_FIELDS, .field = setup_field};

static bool read_lists(JsonReader *r, Reading *reading, CvkErr *err) {
    if (!doc_object(r, &setup_object, reading, err) || !json_read_end(r, err))
        return false;
    size_t monomial = reading->lists[SETUP_G1_MONOMIAL].n;
    size_t lagrange = reading->lists[SETUP_G1_LAGRANGE].n;
    return monomial == lagrange ||
           json_read_fail(r, err, CVK_EBADREQ, "doc.count",
                          "%zu points in g1_monomial, %zu in g1_lagrange", monomial, lagrange);
}

/* The lists' memory becomes the setup's. */
static TrustedSetupWire *take_lists(Reading *reading, CvkErr *err) {
    TrustedSetupWire *t = trusted_setup_wire_new(0, 0, err);
    if (t == NULL)
        return NULL;
    free(t->g1_monomial);
    free(t->g1_lagrange);
    free(t->g2_monomial);
    t->g1_monomial = reading->lists[SETUP_G1_MONOMIAL].items;
    t->g1_lagrange = reading->lists[SETUP_G1_LAGRANGE].items;
    t->g2_monomial = reading->lists[SETUP_G2_MONOMIAL].items;
    t->n_g1 = reading->lists[SETUP_G1_MONOMIAL].n;
    t->n_g2 = reading->lists[SETUP_G2_MONOMIAL].n;
    *reading = (Reading){0};
    return t;
}

bool trusted_setup_read_json(JsonSource source, size_t max, TrustedSetupWire **ret, CvkErr *err) {
    JsonReader *r = json_reader_new(source, max, err);
    if (r == NULL)
        return false;
    Reading reading = {
        .lists = {
            [SETUP_G1_MONOMIAL] = {.item_size = KZG_G1_BYTES, .max = LIMIT_KZG_G1_POWERS},
            [SETUP_G1_LAGRANGE] = {.item_size = KZG_G1_BYTES, .max = LIMIT_KZG_G1_POWERS},
            [SETUP_G2_MONOMIAL] = {.item_size = KZG_G2_BYTES, .max = LIMIT_KZG_G2_POWERS},
        }};
    TrustedSetupWire *t = read_lists(r, &reading, err) ? take_lists(&reading, err) : NULL;
    for (size_t i = 0; i < SETUP_FIELDS; i++)
        free(reading.lists[i].items);
    json_reader_free(r);
    if (t == NULL)
        return false;
    *ret = t;
    return true;
}

static void put_g1_list(JsonWriter *w, SetupField field, uint8_t (*points)[KZG_G1_BYTES],
                        size_t n) {
    json_put_key(w, setup_names[field]);
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_hex(w, points[i], KZG_G1_BYTES);
    json_array_end(w);
}

bool trusted_setup_write_json(JsonSink sink, const TrustedSetupWire *t, unsigned indent,
                              CvkErr *err) {
    JsonWriter w = JSON_WRITER(sink, indent);
    json_object_begin(&w);
    put_g1_list(&w, SETUP_G1_MONOMIAL, t->g1_monomial, t->n_g1);
    put_g1_list(&w, SETUP_G1_LAGRANGE, t->g1_lagrange, t->n_g1);
    json_put_key(&w, setup_names[SETUP_G2_MONOMIAL]);
    json_array_begin(&w);
    for (size_t i = 0; i < t->n_g2; i++)
        json_put_hex(&w, t->g2_monomial[i], KZG_G2_BYTES);
    json_array_end(&w);
    json_object_end(&w);
    return json_finish(&w, err);
}
