#include "base/alloc.h"
#include "base/limits.h"
#include "format/curves.h"
#include "format/decimal_point.h"
#include "format/doc.h"
#include "format/vkey.h"

#include <string.h>

/* ---- what stands in the documents, before it is known which curve it is of ---- */

typedef enum {
    VKEY_PROTOCOL,
    VKEY_CURVE,
    VKEY_INPUTS,
    VKEY_ALPHA,
    VKEY_BETA,
    VKEY_GAMMA,
    VKEY_DELTA,
    VKEY_IC,
    VKEY_FIELDS
} VkeyField;

static const char *const vkey_names[VKEY_FIELDS] = {
    "protocol", "curve", "nPublic", "vk_alpha_1", "vk_beta_2", "vk_gamma_2", "vk_delta_2", "IC"};

#define NAME_MAX_BYTES 32

typedef struct {
    char protocol[NAME_MAX_BYTES], curve[NAME_MAX_BYTES]; /* "": absent */
    uint64_t n_public;
    DecimalPoint point[VKEY_FIELDS];
    DocList ic;
} VkeyText;

static bool read_ic_point(JsonReader *r, void *into, CvkErr *err) {
    return decimal_point_read_g1(r, into, err);
}

static bool vkey_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    VkeyText *t = ctx;
    switch ((VkeyField)which) {
    case VKEY_PROTOCOL:
        return doc_text(r, t->protocol, sizeof t->protocol, err);
    case VKEY_CURVE:
        return doc_text(r, t->curve, sizeof t->curve, err);
    case VKEY_INPUTS:
        return json_read_uint(r, LIMIT_PUBLIC_INPUTS, &t->n_public, err);
    case VKEY_ALPHA:
        return decimal_point_read_g1(r, &t->point[which], err);
    case VKEY_BETA:
    case VKEY_GAMMA:
    case VKEY_DELTA:
        return decimal_point_read_g2(r, &t->point[which], err);
    case VKEY_IC:
        return doc_list(r, &t->ic, read_ic_point, err);
    case VKEY_FIELDS:
        break;
    }
    return false;
}

static const DocObject vkey_object = {
    .names = vkey_names, .n = VKEY_FIELDS, .open = true, .field = vkey_field};

/* ---- the key ---- */

static const Curve *curve_named(const char *name) {
    for (size_t i = 0; i < CURVES_N; i++)
        if (strcmp(name, vkey_curve_name(curves_at(i))) == 0)
            return curves_at(i);
    return NULL;
}

static bool judge_vkey(const VkeyText *t, const Curve **ret, CvkErr *err) {
    if (strcmp(t->protocol, "groth16") != 0)
        return cvk_fail(err, CVK_EBADREQ, "vkey.protocol", "the protocol is '%s', not groth16",
                        t->protocol);
    *ret = curve_named(t->curve);
    if (*ret == NULL)
        return cvk_fail(err, CVK_EBADREQ, "vkey.curve",
                        "the curve is '%s': bn128 and bls12381 are supported", t->curve);
    if (t->ic.n != t->n_public + 1)
        return cvk_fail(err, CVK_EBADREQ, "vkey.count", "%zu points in IC for %llu public inputs",
                        t->ic.n, (unsigned long long)t->n_public);
    return true;
}

static bool vkey_element(const VkeyText *t, VkeyField which, const Group *g, Element *ret,
                         CvkErr *err) {
    const char *why = decimal_point_element(&t->point[which], g, false, ret);
    return why == NULL || cvk_fail(err, CVK_EBADREQ, "vkey.point", "%s %s", vkey_names[which], why);
}

static bool bad_ic(CvkErr *err, size_t i, const char *why) {
    return cvk_fail(err, CVK_EBADREQ, "vkey.point", "IC[%zu] %s", i, why);
}

static bool read_ic(const VkeyText *t, const Curve *c, const Work *w, Points **ret, CvkErr *err) {
    const Group *g = curve_g1(c);
    const PointReading reading = {.form = FORM_UNCOMPRESSED, .infinity = true};
    const DecimalPoint *points = t->ic.items;
    size_t size = form_bytes(g, reading.form);
    Factors factors = {.label = 0};
    PointReport report;
    memcpy(factors.seed, w->seed, sizeof factors.seed);
    _cleanup_free_ uint8_t *bytes = cvk_alloc(t->ic.n, size, err);
    if (bytes == NULL)
        return false;
    for (size_t i = 0; i < t->ic.n; i++) {
        const char *why = decimal_point_bytes(&points[i], g, bytes + i * size);
        if (why != NULL)
            return bad_ic(err, i, why);
    }
    if (!points_read(g, reading, bytes, t->ic.n, &factors, w->pool, ret, NULL, &report, err))
        return false;
    return report.fault == POINT_OK || bad_ic(err, report.index, point_fault_text(report.fault));
}

static bool vkey_from(const VkeyText *t, const Work *w, Groth16Vkey *k, CvkErr *err) {
    if (!judge_vkey(t, &k->curve, err))
        return false;
    const Group *g1 = curve_g1(k->curve), *g2 = curve_g2(k->curve);
    return vkey_element(t, VKEY_ALPHA, g1, &k->alpha_g1, err) &&
           vkey_element(t, VKEY_BETA, g2, &k->beta_g2, err) &&
           vkey_element(t, VKEY_GAMMA, g2, &k->gamma_g2, err) &&
           vkey_element(t, VKEY_DELTA, g2, &k->delta_g2, err) &&
           read_ic(t, k->curve, w, &k->ic, err);
}

static bool read_document(JsonSource source, size_t max, const DocObject *kind, void *into,
                          CvkErr *err) {
    _cleanup_(json_reader_free_at) JsonReader *r = json_reader_new(source, max, err);
    return r != NULL && doc_object(r, kind, into, err) && json_read_end(r, err);
}

bool vkey_read(JsonSource source, size_t max, const Work *w, Groth16Vkey **ret, CvkErr *err) {
    VkeyText t = {.ic = {.item_size = sizeof(DecimalPoint), .max = LIMIT_PUBLIC_INPUTS + 1}};
    Groth16Vkey *k = cvk_alloc(1, sizeof *k, err);
    bool ok =
        k != NULL && read_document(source, max, &vkey_object, &t, err) && vkey_from(&t, w, k, err);
    free(t.ic.items);
    if (ok)
        *ret = k;
    else
        groth16_vkey_free(k);
    return ok;
}

/* ---- a proof ---- */

typedef enum { PROOF_A, PROOF_B, PROOF_C, PROOF_PROTOCOL, PROOF_CURVE, PROOF_FIELDS } ProofField;

static const char *const proof_names[PROOF_FIELDS] = {"pi_a", "pi_b", "pi_c", "protocol", "curve"};

typedef struct {
    DecimalPoint point[PROOF_PROTOCOL];
    char protocol[NAME_MAX_BYTES], curve[NAME_MAX_BYTES];
} ProofText;

static bool proof_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    ProofText *t = ctx;
    switch ((ProofField)which) {
    case PROOF_A:
    case PROOF_C:
        return decimal_point_read_g1(r, &t->point[which], err);
    case PROOF_B:
        return decimal_point_read_g2(r, &t->point[which], err);
    case PROOF_PROTOCOL:
        return doc_text(r, t->protocol, sizeof t->protocol, err);
    case PROOF_CURVE:
        return doc_text(r, t->curve, sizeof t->curve, err);
    case PROOF_FIELDS:
        break;
    }
    return false;
}

/* Some provers do not name the protocol or the curve. */
static const DocObject proof_object = {.names = proof_names,
                                       .n = PROOF_FIELDS,
                                       .optional = 1u << PROOF_PROTOCOL | 1u << PROOF_CURVE,
                                       .open = true,
                                       .field = proof_field};

static bool proof_element(const ProofText *t, ProofField which, const Group *g, Element *ret,
                          Verdict *verdict) {
    const char *why = decimal_point_element(&t->point[which], g, true, ret);
    return why == NULL || verdict_refuse(verdict, "proof.point", "%s %s", proof_names[which], why);
}

static bool judge_proof(const ProofText *t, const Curve *c, Groth16Proof *ret, Verdict *verdict) {
    if (t->protocol[0] != '\0' && strcmp(t->protocol, "groth16") != 0)
        return verdict_refuse(verdict, "proof.protocol", "the protocol is '%s', not groth16",
                              t->protocol);
    if (t->curve[0] != '\0' && strcmp(t->curve, vkey_curve_name(c)) != 0)
        return verdict_refuse(verdict, "proof.curve", "the curve is '%s', the key's is '%s'",
                              t->curve, vkey_curve_name(c));
    return proof_element(t, PROOF_A, curve_g1(c), &ret->a, verdict) &&
           proof_element(t, PROOF_B, curve_g2(c), &ret->b, verdict) &&
           proof_element(t, PROOF_C, curve_g1(c), &ret->c, verdict);
}

bool proof_read(JsonSource source, size_t max, const Curve *c, Groth16Proof *ret, Verdict *verdict,
                CvkErr *err) {
    ProofText t = {.protocol = "", .curve = ""};
    Groth16Proof proof;
    if (!read_document(source, max, &proof_object, &t, err))
        return false;
    *verdict = (Verdict){.valid = true};
    if (judge_proof(&t, c, &proof, verdict))
        *ret = proof;
    return true;
}

/* ---- public inputs ---- */

static bool read_input(JsonReader *r, void *into, CvkErr *err) {
    return decimal_read(r, into, FR_BYTES, err);
}

static bool read_inputs(JsonSource source, size_t max, DocList *list, CvkErr *err) {
    _cleanup_(json_reader_free_at) JsonReader *r = json_reader_new(source, max, err);
    return r != NULL && doc_list(r, list, read_input, err) && json_read_end(r, err);
}

bool inputs_read(JsonSource source, size_t max, const Curve *c, Fr **ret, size_t *ret_n,
                 Verdict *verdict, CvkErr *err) {
    DocList list = {.item_size = FR_BYTES, .max = LIMIT_PUBLIC_INPUTS};
    bool ok = read_inputs(source, max, &list, err);
    Fr *inputs = ok ? cvk_alloc(list.n, sizeof *inputs, err) : NULL;
    *verdict = (Verdict){.valid = true};
    for (size_t i = 0; inputs != NULL && verdict->valid && i < list.n; i++)
        if (!fr_from_be(c, (const uint8_t *)list.items + i * FR_BYTES, &inputs[i]))
            verdict_refuse(verdict, "public.range",
                           "public input %zu is not below the order of the curve's groups", i);
    free(list.items);
    if (inputs == NULL)
        return false;
    *ret = inputs;
    *ret_n = list.n;
    return true;
}
