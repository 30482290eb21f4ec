#include "base/alloc.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/rng.h"
#include "base/sha256.h"
#include "cli/batch_kinds.h"
#include "format/trusted_setup.h"
#include "setup/kzg_contribute.h"
#include "setup/kzg_opening.h"

#include <inttypes.h>

/* ---- a setup of one's own ---- */

static bool check_powers(const KzgPowersWire *wire, KzgSize size, CvkPool *pool, KzgPowers **ret,
                         CvkErr *err) {
    uint8_t seed[CVK_SEED_BYTES];
    KzgReport report;
    cvk_random(seed, sizeof seed);
    return kzg_powers_check(wire, size, seed, pool, ret, &report, err) &&
           (report.verdict == KZG_VALID ||
            cvk_fail(err, CVK_EINTERNAL, "kzg.setup", "powers of our own do not hold"));
}

/* What one contributor makes of the setup to which nobody has contributed. */
static bool contribute(const KzgSizes *sizes, CvkPool *pool, KzgWire **ret, CvkErr *err) {
    const CvkProgress unseen = {0};
    KzgWire *initial = kzg_wire_initial(sizes, err);
    KzgPowers *powers = NULL;
    KzgSecrets *secret = NULL;
    bool ok = initial != NULL &&
              check_powers(&initial->subs[0].powers, sizes->at[0], pool, &powers, err) &&
              (secret = kzg_secrets_new(1, "", 0, err)) != NULL &&
              kzg_contribute(&powers, 1, secret, NULL, NULL, pool, unseen, ret, err);
    kzg_secrets_free(secret);
    kzg_powers_free(powers);
    kzg_wire_free(initial);
    return ok;
}

static bool write_setup(const char *path, const TrustedSetupWire *t, CvkErr *err) {
    CvkFileOut out;
    if (!cvk_file_out_open(&out, path, 0644, err))
        return false;
    bool ok = trusted_setup_write_json(json_to_file(out.f), t, 1, err) &&
              (fputc('\n', out.f) != EOF || cvk_file_cannot(err, "file.write", "write", path));
    if (ok)
        return cvk_file_out_commit(&out, err);
    cvk_file_out_abandon(&out);
    return false;
}

static bool setup_new(const char *path, const BatchScale *scale, CvkPool *pool, CvkErr *err) {
    char text[48];
    const CvkProgress unseen = {0};
    KzgSizes sizes;
    KzgWire *made = NULL;
    KzgPowers *powers = NULL;
    TrustedSetupWire *setup = NULL;
    if (scale->curve != NULL && scale->curve != curve_bls12_381())
        return cvk_fail(err, CVK_EBADREQ, "usage.value",
                        "KZG ceremonies are on bls12_381 and on no other curve");
    snprintf(text, sizeof text, "%" PRIu64 ",2", scale->n);
    bool ok = kzg_sizes_parse(text, &sizes, err) && contribute(&sizes, pool, &made, err) &&
              check_powers(&made->subs[0].powers, sizes.at[0], pool, &powers, err) &&
              kzg_lagrange(powers, pool, unseen, &setup, err) && write_setup(path, setup, err);
    trusted_setup_wire_free(setup);
    kzg_powers_free(powers);
    kzg_wire_free(made);
    return ok;
}

/* ---- a setup from a file ---- */

typedef struct {
    KzgPowers *powers;
    uint8_t tau_g2[KZG_G2_BYTES]; /* power 1 in G2 as it stands there */
} Setup;

static void setup_close(void *setup) {
    Setup *s = setup;
    if (s != NULL)
        kzg_powers_free(s->powers);
    free(s);
}

static bool setup_of(const TrustedSetupWire *t, CvkPool *pool, void **ret, CvkErr *err) {
    Setup *s = cvk_alloc(1, sizeof *s, err);
    if (s == NULL)
        return false;
    if ((t->n_g2 < 2 && !cvk_fail(err, CVK_EBADREQ, "kzg.setup", "it has one power in G2")) ||
        !kzg_opening_powers(t, pool, &s->powers, err)) {
        setup_close(s);
        return false;
    }
    memcpy(s->tau_g2, t->g2_monomial[1], sizeof s->tau_g2);
    *ret = s;
    return true;
}

static bool setup_open(const char *path, CvkPool *pool, void **ret, CvkErr *err) {
    TrustedSetupWire *t = NULL;
    if (!trusted_setup_file(path, &t, err))
        return false;
    bool ok = setup_of(t, pool, ret, err);
    trusted_setup_wire_free(t);
    return ok || cvk_fail_named(err, path);
}

static size_t most(const void *setup) {
    const Setup *s = setup;
    return points_n(s->powers->g1);
}

/* ---- batches ---- */

/* A batch's polynomial and its commitment. */
typedef struct {
    KzgPolynomial *f;
    Element c;
} Committed;

/* The caller frees ret->f. */
static bool commit(const Setup *s, const CvkBuf *batch, CvkPool *pool, Committed *ret,
                   CvkErr *err) {
    KzgPolynomial *f;
    if (!kzg_polynomial_read((const uint8_t *)cvk_buf_str(batch), batch->n, &f, err))
        return false;
    if (!kzg_commit(f, s->powers, pool, &ret->c, err)) {
        free(f);
        return false;
    }
    ret->f = f;
    return true;
}

static bool describe(const void *setup, const CvkBuf *batch, CvkPool *pool, JsonWriter *w,
                     CvkErr *err) {
    const Setup *s = setup;
    uint8_t commitment[KZG_G1_BYTES];
    Committed b;
    if (!commit(s, batch, pool, &b, err))
        return false;
    element_write(&b.c, FORM_ZCASH, commitment);
    json_put_key(w, "params");
    json_object_begin(w);
    json_field_hex(w, "tau_g2", s->tau_g2, sizeof s->tau_g2);
    json_object_end(w);
    json_put_key(w, "expect");
    json_object_begin(w);
    json_field_hex(w, "commitment", commitment, sizeof commitment);
    json_object_end(w);
    json_put_key(w, "covariates");
    json_object_begin(w);
    json_field_uint(w, "n_coefficients", b.f->n);
    json_object_end(w);
    free(b.f);
    return true;
}

static bool prove(const void *setup, const CvkBuf *batch, CvkPool *pool, CvkBuf *ret, CvkErr *err) {
    const Setup *s = setup;
    uint8_t hash[SHA256_BYTES], proof[KZG_OPENING_BYTES];
    KzgOpening o;
    Committed b;
    if (!commit(s, batch, pool, &b, err))
        return false;
    cvk_sha256(cvk_buf_str(batch), batch->n, hash);
    const Fr z = kzg_opening_point(hash, &b.c);
    bool ok = kzg_open(b.f, &z, s->powers, pool, &o, err);
    free(b.f);
    if (!ok)
        return false;
    kzg_opening_write(&o, proof);
    return cvk_buf_add(ret, proof, sizeof proof, err);
}

const BatchKind BATCH_KZG_OPENING = {
    .name = "kzg-opening",
    .head = "",
    .scale = "powers",
    .scale_preset = 1024,
    .scale_max = LIMIT_KZG_G1_POWERS,
    .setup_new = setup_new,
    .setup_open = setup_open,
    .setup_close = setup_close,
    .most = most,
    .describe = describe,
    .prove = prove,
};
