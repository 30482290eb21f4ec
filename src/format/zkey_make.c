#include "format/zkey_make.h"

#include "base/unnamed.h"
#include "setup/phase2_new.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static bool check_fit(const Circuit *c, const Ptau *ptau, CvkErr *err) {
    const Phase1State *s = ptau_state(ptau);
    const char *path = section_file_name(ptau_file(ptau));
    unsigned power = circuit_domain_power(c);
    if (s->curve != c->curve)
        return cvk_fail(err, CVK_EBADREQ, "zkey.curve",
                        "the circuit is for %s, the powers of tau are for %s", curve_name(c->curve),
                        curve_name(s->curve)) ||
               cvk_fail_in(err, path);
    return power <= s->power ||
           cvk_fail(err, CVK_EBADREQ, "ptau.power",
                    "%" PRIu32 " constraints and %" PRIu32 " public signals need powers of tau of "
                    "power %u at least; '%s' has power %u",
                    c->constraints, c->n_public, power, CVK_SHOWN(path), s->power) ||
           cvk_fail_in(err, path);
}

/* The first point of a vector. */
static bool read_first(const Phase1State *s, Phase1Vector which, const Work *w, Element *ret,
                       Verdict *verdict, CvkErr *err) {
    Points *p;
    if (!vector_read(&s->v[which], 0, 1, w, 0, &p, NULL, verdict, err))
        return false;
    if (p != NULL)
        *ret = points_at(p, 0);
    points_free(p);
    return true;
}

/* What follows tauG1 in the file: zeros where that has ended. */
static bool read_behind(const Ptau *ptau, uint8_t ret[FORM_BYTES_MAX], CvkErr *err) {
    const Vector *tau = &ptau_state(ptau)->v[PHASE1_TAU_G1];
    CvkSource s = tau->bytes;
    size_t each = form_bytes(tau->group, FORM_MONTGOMERY);
    uint64_t left = section_file_bytes(ptau_file(ptau)) - s.from - s.n;
    s.from += s.n;
    s.n = left < each ? left : each;
    memset(ret, 0, FORM_BYTES_MAX);
    return cvk_source_read(&s, 0, ret, (size_t)s.n, err);
}

static bool find_powers(const Ptau *ptau, unsigned power, const Work *w, Phase2Powers *ret,
                        Verdict *verdict, CvkErr *err) {
    const Phase1State *s = ptau_state(ptau);
    *ret = (Phase2Powers){.curve = s->curve, .power = power, .tau_g1 = s->v[PHASE1_TAU_G1]};
    return read_first(s, PHASE1_ALPHA_G1, w, &ret->alpha_g1, verdict, err) &&
           read_first(s, PHASE1_BETA_G1, w, &ret->beta_g1, verdict, err) &&
           read_first(s, PHASE1_BETA_G2, w, &ret->beta_g2, verdict, err) &&
           read_behind(ptau, ret->behind_tau_g1, err) &&
           ptau_lagrange(ptau, PHASE1_TAU_G1, power, &ret->lagrange_g1, err) &&
           ptau_lagrange(ptau, PHASE1_TAU_G2, power, &ret->lagrange_g2, err) &&
           ptau_lagrange(ptau, PHASE1_ALPHA_G1, power, &ret->lagrange_alpha_g1, err) &&
           ptau_lagrange(ptau, PHASE1_BETA_G1, power, &ret->lagrange_beta_g1, err) &&
           ptau_lagrange(ptau, PHASE1_TAU_G1, power + 1, &ret->lagrange_next_g1, err);
}

typedef struct {
    const Phase2New *key;
    Verdict *verdict;
} Making;

static bool make_vector(void *ctx, Phase2Vector which, const CvkSink *to, CvkErr *err) {
    const Making *m = ctx;
    return phase2_new_vector(m->key, which, to, m->verdict, err);
}

static bool make_coefficients(void *ctx, const CvkSink *to, CvkErr *err) {
    const Making *m = ctx;
    return phase2_new_coefficients(m->key, to, err);
}

size_t zkey_make_units(const R1cs *circuit) {
    return phase2_new_units(r1cs_circuit(circuit));
}

bool zkey_make(const R1cs *circuit, const Ptau *powers, const char *out, const Work *w,
               uint8_t ret_hash[BLAKE2B_BYTES], Verdict *verdict, CvkErr *err) {
    const Circuit *c = r1cs_circuit(circuit);
    Phase2Powers p;
    Phase2New *key = NULL;
    if (!check_fit(c, powers, err) ||
        !find_powers(powers, circuit_domain_power(c), w, &p, verdict, err))
        return false;
    if (!verdict->valid)
        return true;
    if (!phase2_new(c, &p, w, &key, verdict, err))
        return false;
    if (key == NULL)
        return true;
    Making making = {.key = key, .verdict = verdict};
    const ZkeyMaker maker = {
        .vector = make_vector, .coefficients = make_coefficients, .ctx = &making};
    bool ok = zkey_write(out, ZKEY_ORDER_NEW, phase2_new_key(key), &maker, err);
    if (ok && ret_hash != NULL)
        memcpy(ret_hash, phase2_new_key(key)->circuit_hash, BLAKE2B_BYTES);
    phase2_new_free(key);
    return ok || !verdict->valid;
}

bool zkey_make_unnamed(const R1cs *circuit, const Ptau *powers, const Work *w, Zkey **ret,
                       Verdict *verdict, CvkErr *err) {
    CvkUnnamed file;
    *ret = NULL;
    if (!cvk_unnamed_begin(&file, err))
        return false;
    bool ok = zkey_make(circuit, powers, file.path, w, NULL, verdict, err) &&
              (!verdict->valid || zkey_open(file.path, ret, err));
    cvk_unnamed_end(&file);
    return ok;
}
