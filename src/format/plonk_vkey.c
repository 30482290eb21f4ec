#include "format/plonk_vkey.h"

#include "base/le.h"
#include "format/doc.h"
#include "format/plonk_point.h"

#include <inttypes.h>
#include <string.h>

#define LIMBS 4
#define NUMBER_BYTES (8 * LIMBS)

/* ---- numbers and points ---- */

/* What an array holds: each item of it is read by a function of its own. */
typedef bool (*ReadItem)(JsonReader *r, size_t i, void *ctx, CvkErr *err);

/* Exactly n items. */
static bool read_items(JsonReader *r, size_t n, ReadItem read, void *ctx, CvkErr *err) {
    bool more, ok = json_read_array(r, err);
    for (size_t i = 0; ok && i < n; i++)
        ok = json_read_more(r, &more, err) &&
             (more || json_read_fail(r, err, CVK_EBADREQ, "doc.count",
                                     "a list of %zu items ends after %zu", n, i)) &&
             read(r, i, ctx, err);
    return ok && json_read_more(r, &more, err) &&
           (!more ||
            json_read_fail(r, err, CVK_EBADREQ, "doc.count", "a list of more than %zu items", n));
}

static bool read_limb(JsonReader *r, size_t i, void *ctx, CvkErr *err) {
    uint64_t limb;
    if (!json_read_uint(r, UINT64_MAX, &limb, err))
        return false;
    cvk_put_le64(limb, (uint8_t *)ctx + 8 * i);
    return true;
}

static bool read_number(JsonReader *r, void *ret_le, CvkErr *err) {
    return read_items(r, LIMBS, read_limb, ret_le, err);
}

/* c0 and c1 of a coordinate in G2. */
static bool read_part(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    return read_number(r, (uint8_t *)ctx + which * NUMBER_BYTES, err);
}

static const char *const part_names[] = {"c0", "c1"};
static const DocObject parts = {.names = part_names, .n = 2, .field = read_part};

typedef enum { POINT_X, POINT_Y, POINT_IS_INFINITY, POINT_FIELDS } PointField;
static const char *const point_names[POINT_FIELDS] = {"x", "y", "infinity"};

typedef struct {
    const Group *group;
    uint8_t le[FORM_BYTES_MAX];
    bool infinity;
} PointText;

static bool read_point_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    PointText *t = ctx;
    size_t coordinate = form_bytes(t->group, FORM_UNCOMPRESSED) / 2;
    uint8_t *le = t->le + which * coordinate;
    if (which == POINT_IS_INFINITY)
        return json_read_bool(r, &t->infinity, err);
    return coordinate > NUMBER_BYTES ? doc_object(r, &parts, le, err) : read_number(r, le, err);
}

static const DocObject point = {.names = point_names, .n = POINT_FIELDS, .field = read_point_field};

static bool read_point(JsonReader *r, const Group *g, Element *ret, CvkErr *err) {
    PointText t = {.group = g};
    if (!doc_object(r, &point, &t, err))
        return false;
    const char *why =
        t.infinity ? point_fault_text(POINT_INFINITY) : plonk_point_read(g, t.le, ret);
    return why == NULL || json_read_fail(r, err, CVK_EBADREQ, "plonk.point", "the point %s", why);
}

static bool read_g1(JsonReader *r, size_t i, void *ctx, CvkErr *err) {
    return read_point(r, curve_g1(curve_bn254()), (Element *)ctx + i, err);
}

/* ---- what must be as it is in all keys ---- */

static bool read_constant(JsonReader *r, const char *name, uint64_t value, CvkErr *err) {
    uint64_t read;
    return json_read_uint(r, UINT64_MAX, &read, err) &&
           (read == value ||
            json_read_fail(r, err, CVK_EBADREQ, "plonk.key",
                           "'%s' is %" PRIu64 ", this system has %" PRIu64, name, read, value));
}

/* All wires but the first have a factor. */
static bool read_coset(JsonReader *r, size_t i, void *ctx, CvkErr *err) {
    uint8_t read[NUMBER_BYTES], value[NUMBER_BYTES] = {0};
    (void)ctx;
    cvk_put_le64(plonk_cosets[i + 1], value);
    return read_number(r, read, err) &&
           (memcmp(read, value, sizeof read) == 0 ||
            json_read_fail(r, err, CVK_EBADREQ, "plonk.key",
                           "the factor of wire %zu is not %" PRIu64, i + 1, plonk_cosets[i + 1]));
}

/* The generator, then its multiple by tau. */
static bool read_g2(JsonReader *r, size_t i, void *ctx, CvkErr *err) {
    const Group *g2 = curve_g2(curve_bn254());
    Element generator = element_generator(g2), *ret = ctx;
    return read_point(r, g2, ret, err) && (i != 0 || element_equal(ret, &generator) ||
                                           json_read_fail(r, err, CVK_EBADREQ, "plonk.key",
                                                          "the first point is not G2's generator"));
}

/* ---- the key ---- */

typedef enum {
    KEY_ROWS,
    KEY_INPUTS,
    KEY_WIRES,
    KEY_WITNESSES,
    KEY_GATE,
    KEY_SELECTORS,
    KEY_SIGMAS,
    KEY_LOOKUP_SELECTOR,
    KEY_TABLE,
    KEY_TABLE_NUMBER,
    KEY_COSETS,
    KEY_G2,
    KEY_FIELDS
} KeyField;

static const char *const key_names[KEY_FIELDS] = {
    "n",
    "num_inputs",
    "state_width",
    "num_witness_polys",
    "gate_setup_commitments",
    "gate_selectors_commitments",
    "permutation_commitments",
    "lookup_selector_commitment",
    "lookup_tables_commitments",
    "lookup_table_type_commitment",
    "non_residues",
    "g2_elements",
};

static bool read_key_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    PlonkKey *k = ctx;
    switch ((KeyField)which) {
    case KEY_ROWS:
        return read_constant(r, key_names[which], PLONK_ROWS - 1, err);
    case KEY_INPUTS:
        return read_constant(r, key_names[which], 1, err);
    case KEY_WIRES:
        return read_constant(r, key_names[which], PLONK_WIRES, err);
    case KEY_WITNESSES:
        return read_constant(r, key_names[which], 0, err);
    case KEY_GATE:
        return read_items(r, PLONK_GATE_TERMS, read_g1, k->gate, err);
    case KEY_SELECTORS:
        return read_items(r, PLONK_SELECTORS, read_g1, k->selectors, err);
    case KEY_SIGMAS:
        return read_items(r, PLONK_WIRES, read_g1, k->sigmas, err);
    case KEY_LOOKUP_SELECTOR:
        return read_g1(r, 0, &k->lookup_selector, err);
    case KEY_TABLE:
        return read_items(r, PLONK_TABLE_COLUMNS, read_g1, k->table, err);
    case KEY_TABLE_NUMBER:
        return read_g1(r, 0, &k->table_number, err);
    case KEY_COSETS:
        return read_items(r, PLONK_WIRES - 1, read_coset, NULL, err);
    case KEY_G2:
        return read_items(r, 2, read_g2, &k->tau_g2, err);
    case KEY_FIELDS:
        break;
    }
    return false;
}

static const DocObject key = {
    .names = key_names, .n = KEY_FIELDS, .open = true, .field = read_key_field};

bool plonk_vkey_read(JsonReader *r, PlonkKey *ret, CvkErr *err) {
    PlonkKey k;
    if (!doc_object(r, &key, &k, err))
        return false;
    *ret = k;
    return true;
}
