/* KZG openings on a ceremony's own result: the batch's bytes are a polynomial, and its prover opens
 * it where the batch's hash and commitment say (setup/kzg_opening.h).
 *
 * Parameters {"setup": file of a trusted setup} or {"tau_g2": "0x.."}, power 1 in G2, which is all
 * that verification needs. Expected {"commitment": "0x.."}: the operator's, so that nobody has to
 * believe a prover's. With the whole setup the commitment is computed again when a batch comes. */
#include "base/alloc.h"
#include "base/limits.h"
#include "format/trusted_setup.h"
#include "market/params.h"
#include "market/verifiers.h"
#include "setup/kzg_opening.h"

#include <string.h>
#include <unistd.h>

typedef struct {
    char setup[LIMIT_PATH]; /* "": none */
    Element tau_g2;
} Handle;

/* ---- parameters ---- */

typedef enum { PARAM_SETUP, PARAM_TAU_G2, PARAMS_N } Param;

typedef struct {
    Handle *handle;
    uint8_t tau_g2[KZG_G2_BYTES];
    bool has_tau_g2;
} Params;

static bool param(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Params *p = ctx;
    switch ((Param)which) {
    case PARAM_SETUP:
        return params_path(r, p->handle->setup, err);
    case PARAM_TAU_G2:
        p->has_tau_g2 = true;
        return doc_hex(r, p->tau_g2, sizeof p->tau_g2, err);
    case PARAMS_N:
        break;
    }
    return false;
}

static bool take_tau(Params *p, CvkErr *err) {
    TrustedSetupWire *t = NULL;
    if (p->has_tau_g2 == (p->handle->setup[0] != '\0'))
        return cvk_fail(err, CVK_EBADREQ, "kzg.params", "give either 'setup' or 'tau_g2'");
    if (p->has_tau_g2)
        return true;
    if (!trusted_setup_file(p->handle->setup, &t, err))
        return false;
    bool ok = t->n_g2 > 1;
    if (ok)
        memcpy(p->tau_g2, t->g2_monomial[1], sizeof p->tau_g2);
    trusted_setup_wire_free(t);
    return ok || cvk_fail(err, CVK_EBADREQ, "kzg.params", "the setup has no second power in G2");
}

static bool decode_tau(const Params *p, CvkErr *err) {
    const Group *g2 = curve_g2(curve_bls12_381());
    const Element generator = element_generator(g2);
    PointFault fault =
        element_read(g2, (PointReading){.form = FORM_ZCASH}, p->tau_g2, &p->handle->tau_g2);
    if (fault != POINT_OK)
        return cvk_fail(err, CVK_EBADREQ, "kzg.params", "power 1 in G2 %s",
                        point_fault_text(fault));
    if (element_equal(&p->handle->tau_g2, &generator))
        return cvk_fail(err, CVK_EBADREQ, "kzg.params",
                        "tau is 1: anybody could open anything as they like");
    return true;
}

static bool open_setup(const char *params, void **ret, CvkErr *err) {
    static const char *const names[] = {"setup", "tau_g2"};
    static const DocObject kind = {.names = names, .n = PARAMS_N, .optional = 3, .field = param};
    Params p = {.handle = cvk_alloc(1, sizeof *p.handle, err)};
    if (p.handle == NULL)
        return false;
    bool ok = params_read(params, &kind, &p, err) && take_tau(&p, err) && decode_tau(&p, err);
    if (ok)
        *ret = p.handle;
    else
        free(p.handle);
    return ok;
}

/* ---- what is expected ---- */

static bool commitment_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    (void)which;
    return doc_hex(r, ctx, KZG_G1_BYTES, err);
}

static bool read_commitment(const char *expect, Element *ret, CvkErr *err) {
    static const char *const names[] = {"commitment"};
    static const DocObject kind = {.names = names, .n = 1, .field = commitment_field};
    const PointReading reading = {.form = FORM_ZCASH, .infinity = true};
    uint8_t bytes[KZG_G1_BYTES];
    if (!params_read(expect, &kind, bytes, err))
        return cvk_fail_prefix(err, "what is expected");
    PointFault fault = element_read(curve_g1(curve_bls12_381()), reading, bytes, ret);
    return fault == POINT_OK || cvk_fail(err, CVK_EBADREQ, "kzg.commitment",
                                         "the expected commitment %s", point_fault_text(fault));
}

static bool read_batch(const VerifierBatch *batch, KzgPolynomial **ret, CvkErr *err) {
    const size_t max = (size_t)LIMIT_KZG_G1_POWERS * FR_BYTES;
    size_t n = 0;
    if (batch->size > max)
        return cvk_fail(err, CVK_ELIMIT, "limit.count", "the batch has more than %zu bytes", max);
    _cleanup_free_ uint8_t *bytes = cvk_alloc((size_t)batch->size, 1, err);
    while (bytes != NULL && n < batch->size) {
        ssize_t got = pread(batch->fd, bytes + n, (size_t)batch->size - n, (off_t)n);
        if (got <= 0)
            return cvk_fail(err, CVK_EBACKEND, "kzg.batch", "cannot read the batch");
        n += (size_t)got;
    }
    return bytes != NULL && kzg_polynomial_read(bytes, n, ret, err);
}

static bool commit_anew(const KzgPolynomial *f, const char *setup, Element *ret, CvkErr *err) {
    TrustedSetupWire *t = NULL;
    KzgPowers *powers = NULL;
    bool ok = trusted_setup_file(setup, &t, err) && kzg_opening_powers(t, NULL, &powers, err) &&
              kzg_commit(f, powers, NULL, ret, err);
    kzg_powers_free(powers);
    trusted_setup_wire_free(t);
    return ok;
}

static bool check(void *handle, const VerifierBatch *batch, CvkErr *err) {
    const Handle *h = handle;
    _cleanup_free_ KzgPolynomial *f = NULL;
    Element expected, commitment;
    if (!read_commitment(batch->expect, &expected, err) || !read_batch(batch, &f, err))
        return false;
    if (h->setup[0] == '\0')
        return true;
    return commit_anew(f, h->setup, &commitment, err) &&
           (element_equal(&commitment, &expected) ||
            cvk_fail(err, CVK_EBADREQ, "kzg.commitment",
                     "the expected commitment is not the batch's under this setup"));
}

/* ---- judging ---- */

static ProofVerdict verify(void *handle, const VerifierBatch *batch, const uint8_t *proof, size_t n,
                           char why[VERIFIER_WHY_MAX]) {
    const Handle *h = handle;
    Element commitment;
    KzgOpening opening;
    CvkErr err;
    bool holds;
    if (!read_commitment(batch->expect, &commitment, &err))
        return verdict_because(PROOF_ERROR, err.msg, why);
    if (!kzg_opening_read(proof, n, &opening, &err))
        return verdict_because(PROOF_MALFORMED, err.msg, why);
    const Fr z = kzg_opening_point(batch->sha256, &commitment);
    if (!kzg_opening_verify(&opening, &commitment, &z, &h->tau_g2, NULL, &holds, &err))
        return verdict_because(PROOF_ERROR, err.msg, why);
    return holds ? PROOF_VALID
                 : verdict_because(PROOF_INVALID, "does not open the batch's commitment", why);
}

const Verifier VERIFIER_KZG_OPENING = {
    .name = "kzg-opening",
    .abi = VERIFIER_ABI,
    .one_proof = true,
    .open = open_setup,
    .verify = verify,
    .close = free,
    .check = check,
};
