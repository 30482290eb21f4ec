#include "format/plonk_proof.h"

#include "base/le.h"
#include "format/plonk_point.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* ---- what stands where ---- */

typedef enum {
    ITEM_NUMBER, /* 8 bytes that can only be `number` */
    ITEM_THERE,  /* 1 byte: an optional value follows */
    ITEM_POINT,  /* of G1, in `field` */
    ITEM_SCALAR, /* in `field` */
} ItemKind;

typedef struct {
    ItemKind kind;
    const char *name;
    uint64_t number;
    size_t field;  /* where in a PlonkProof */
    size_t repeat; /* so many, one behind the other, there too */
} Item;

#define NUMBER(what, value)                                                                        \
    { .kind = ITEM_NUMBER, .name = (what), .number = (value) }
#define THERE(what)                                                                                \
    { .kind = ITEM_THERE, .name = (what) }
#define POINTS(what, member, n)                                                                    \
    { .kind = ITEM_POINT, .name = (what), .field = offsetof(PlonkProof, member), .repeat = (n) }
#define SCALARS(what, member, n)                                                                   \
    { .kind = ITEM_SCALAR, .name = (what), .field = offsetof(PlonkProof, member), .repeat = (n) }

/* Between the hashes and the version. Words are its points and scalars, but for the input. */
static const Item items[] = {
    NUMBER("rows less one", PLONK_ROWS - 1),
    NUMBER("public inputs", 1),
    SCALARS("public input", input, 1),
    NUMBER("wires", PLONK_WIRES),
    POINTS("wire", wires, PLONK_WIRES),
    NUMBER("witness polynomials", 0),
    POINTS("permutation product", permutation, 1),
    THERE("sorted list"),
    POINTS("sorted list", sorted, 1),
    THERE("lookup product"),
    POINTS("lookup product", lookup, 1),
    NUMBER("quotient parts", PLONK_WIRES),
    POINTS("quotient part", quotient, PLONK_WIRES),
    NUMBER("wires at z", PLONK_WIRES),
    SCALARS("wire at z", wires_at, PLONK_WIRES),
    NUMBER("wires of the next row", 1),
    NUMBER("next row's distance", 1),
    NUMBER("next row's wire", PLONK_WIRES - 1),
    SCALARS("next row's wire", d_next, 1),
    NUMBER("witness polynomials at z", 0),
    NUMBER("witness polynomials of other rows", 0),
    NUMBER("gate constants at z", 0),
    NUMBER("gate selectors at z", 1),
    NUMBER("gate selector", SELECT_MAIN),
    SCALARS("gate selector at z", main_at, 1),
    NUMBER("permutations at z", PLONK_SIGMAS_AT),
    SCALARS("permutation at z", sigmas_at, PLONK_SIGMAS_AT),
    SCALARS("next permutation product", permutation_next, 1),
    THERE("next of the sorted list"),
    SCALARS("next of the sorted list", sorted_next, 1),
    THERE("next lookup product"),
    SCALARS("next lookup product", lookup_next, 1),
    THERE("table at z"),
    SCALARS("table at z", table_at, 1),
    THERE("next of the table"),
    SCALARS("next of the table", table_next, 1),
    THERE("lookup selector at z"),
    SCALARS("lookup selector at z", lookup_selector_at, 1),
    THERE("table number at z"),
    SCALARS("table number at z", table_number_at, 1),
    SCALARS("quotient at z", quotient_at, 1),
    SCALARS("linearization at z", linear_at, 1),
    POINTS("opening at z", opening_at, 1),
    POINTS("opening of the next row", opening_next, 1),
};
#define ITEMS_N (sizeof items / sizeof *items)

#define NUMBER_BYTES 8
#define POINT_BYTES (2 * FR_BYTES)

static size_t item_bytes(const Item *item) {
    switch (item->kind) {
    case ITEM_NUMBER:
        return NUMBER_BYTES;
    case ITEM_THERE:
        return 1;
    case ITEM_POINT:
        return item->repeat * (POINT_BYTES + 1); /* and whether it is infinity */
    case ITEM_SCALAR:
        return item->repeat * FR_BYTES;
    }
    return 0;
}

size_t plonk_proof_bytes(const char *version) {
    size_t sum = sizeof((EraProof *)NULL)->hashes + NUMBER_BYTES + strlen(version);
    for (size_t i = 0; i < ITEMS_N; i++)
        sum += item_bytes(&items[i]);
    return sum;
}

/* ---- reading ---- */

/* The caller has seen that there are enough bytes for all items. */
typedef struct {
    const uint8_t *begin, *at;
    PlonkProof *into;
    Verdict *verdict;
    CvkErr *err;
} Reading;

static const uint8_t *take(Reading *r, size_t n) {
    const uint8_t *p = r->at;
    r->at += n;
    return p;
}

/* `width` bytes that can only be `number`. */
static bool take_number(Reading *r, const char *name, size_t width, uint64_t number) {
    uint8_t bytes[NUMBER_BYTES] = {0};
    memcpy(bytes, take(r, width), width);
    return cvk_le64(bytes) == number ||
           cvk_fail(r->err, CVK_EBADREQ, "plonk.number",
                    "at byte %zu: %s is %" PRIu64 ", and can only be %" PRIu64,
                    (size_t)(r->at - r->begin) - width, name, cvk_le64(bytes), number);
}

/* False: an error. A point that is none is a verdict, and the reading goes on: all bytes are looked
 * at before it counts. */
static bool take_point(Reading *r, const char *name, Element *ret) {
    const uint8_t *bytes = take(r, POINT_BYTES);
    const char *why = plonk_point_read(curve_g1(curve_bn254()), bytes, ret);
    if (why != NULL)
        verdict_refuse(r->verdict, "plonk.point", "at byte %zu: %s %s", (size_t)(bytes - r->begin),
                       name, why);
    return take_number(r, "the flag of infinity", 1, 0);
}

static void take_scalar(Reading *r, const char *name, Fr *ret) {
    const uint8_t *bytes = take(r, FR_BYTES);
    if (!fr_from_le(curve_bn254(), bytes, ret))
        verdict_refuse(r->verdict, "plonk.scalar",
                       "at byte %zu: %s is not below the order of the curve's groups",
                       (size_t)(bytes - r->begin), name);
}

static bool take_item(Reading *r, const Item *item) {
    char *field = (char *)r->into + item->field;
    bool ok = true;
    switch (item->kind) {
    case ITEM_NUMBER:
        return take_number(r, item->name, NUMBER_BYTES, item->number);
    case ITEM_THERE:
        return take_number(r, item->name, 1, 1);
    case ITEM_POINT:
        for (size_t i = 0; ok && i < item->repeat; i++)
            ok = take_point(r, item->name, (Element *)field + i);
        return ok;
    case ITEM_SCALAR:
        for (size_t i = 0; i < item->repeat; i++)
            take_scalar(r, item->name, (Fr *)field + i);
        return true;
    }
    return false;
}

static bool take_version(Reading *r, const char *version) {
    size_t n = strlen(version);
    return take_number(r, "the length of the version", NUMBER_BYTES, n) &&
           (memcmp(take(r, n), version, n) == 0 ||
            cvk_fail(r->err, CVK_EBADREQ, "plonk.version",
                     "it is of another version of the protocol than %s", version));
}

bool plonk_proof_read(const uint8_t *bytes, size_t n, const char *version, EraProof *ret,
                      Verdict *verdict, CvkErr *err) {
    EraProof proof;
    Reading r = {.begin = bytes, .at = bytes, .into = &proof.plonk, .verdict = verdict, .err = err};
    if (n != plonk_proof_bytes(version))
        return cvk_fail(err, CVK_EBADREQ, "plonk.length", "%zu bytes, a proof has %zu", n,
                        plonk_proof_bytes(version));
    *verdict = (Verdict){.valid = true};
    memcpy(proof.hashes, take(&r, sizeof proof.hashes), sizeof proof.hashes);
    for (size_t i = 0; i < ITEMS_N; i++)
        if (!take_item(&r, &items[i]))
            return false;
    if (!take_version(&r, version))
        return false;
    assert(r.at == bytes + n);
    if (verdict->valid)
        *ret = proof;
    return true;
}

/* ---- the words ---- */

static void put_point(const Element *e, uint8_t ret[2][FR_BYTES]) {
    element_write(e, FORM_UNCOMPRESSED, ret[0]);
}

void plonk_proof_words(const PlonkProof *p, uint8_t ret[PLONK_PROOF_WORDS][FR_BYTES]) {
    size_t n = 0;
    for (size_t i = 0; i < ITEMS_N; i++) {
        const char *field = (const char *)p + items[i].field;
        bool input = items[i].field == offsetof(PlonkProof, input);
        for (size_t j = 0; j < items[i].repeat; j++)
            if (items[i].kind == ITEM_POINT) {
                put_point((const Element *)field + j, ret + n);
                n += 2;
            } else if (items[i].kind == ITEM_SCALAR && !input) {
                fr_to_be(curve_bn254(), (const Fr *)field + j, ret[n++]);
            }
    }
    assert(n == PLONK_PROOF_WORDS);
}
