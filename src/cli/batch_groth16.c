#include "base/alloc.h"
#include "base/secret.h"
#include "cli/batch_kinds.h"
#include "cli/groth16_key.h"
#include "format/decimal_point.h"
#include "format/r1cs.h"
#include "format/squares.h"
#include "format/vkey.h"
#include "format/zkey.h"
#include "setup/groth16_prove.h"
#include "setup/squarings.h"

#define CONSTRAINTS_MAX (1u << 20) /* an hour's work: larger keys come from ceremonies */

/* ---- a key of one's own ---- */

static bool setup_new(const char *path, const BatchScale *scale, CvkPool *pool, CvkErr *err) {
    const Squarings s = {.curve = scale->curve != NULL ? scale->curve : curve_bn254(),
                         .lanes = SQUARES_LANES,
                         .steps = (uint32_t)(scale->n / SQUARES_LANES)};
    if (s.steps == 0)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "a circuit has %d constraints at least",
                        SQUARES_LANES);
    const Circuit c = squarings_circuit(&s);
    return groth16_key_new(path, &c, pool, err);
}

/* ---- a key from a file ---- */

typedef struct {
    Squarings shape;
    Groth16Vkey *vkey;
    Groth16Prover *prover;
} Setup;

static void setup_close(void *setup) {
    Setup *s = setup;
    if (s == NULL)
        return;
    groth16_vkey_free(s->vkey);
    groth16_prover_free(s->prover);
    free(s);
}

/* A key does not say of which circuit it is: that its numbers fit is what can be seen, and that its
 * proofs hold. */
static bool shape_of(const Phase2Header *h, Squarings *ret, CvkErr *err) {
    const uint32_t between = h->n_vars - 1 - h->n_public;
    *ret = (Squarings){
        .curve = h->curve, .lanes = SQUARES_LANES, .steps = between / SQUARES_LANES + 1};
    return (between < SQUARINGS_CONSTRAINTS_MAX - SQUARES_LANES &&
            h->n_public == squarings_public(ret) && h->n_vars == squarings_vars(ret)) ||
           cvk_fail(err, CVK_EBADREQ, "groth16.circuit",
                    "a key of another circuit than that of generated batches");
}

static bool read_key(const Phase2Key *key, CvkPool *pool, Setup *s, CvkErr *err) {
    Work w = {.pool = pool, .memory = WORK_MEMORY_DEFAULT};
    Verdict verdict;
    cvk_random(w.seed, sizeof w.seed);
    return shape_of(&key->header, &s->shape, err) &&
           groth16_vkey_of(key, &w, &s->vkey, &verdict, err) && verdict_need(&verdict, err) &&
           groth16_prover_new(key, &w, &s->prover, err);
}

static bool setup_open(const char *path, CvkPool *pool, void **ret, CvkErr *err) {
    Zkey *z;
    if (!zkey_open(path, &z, err))
        return false;
    Setup *s = cvk_alloc(1, sizeof *s, err);
    bool ok = s != NULL && (read_key(zkey_key(z), pool, s, err) || cvk_fail_named(err, path));
    zkey_close(z);
    if (ok)
        *ret = s;
    else
        setup_close(s);
    return ok;
}

static bool circuit_write(const void *setup, const char *path, CvkErr *err) {
    const Setup *s = setup;
    const Circuit c = squarings_circuit(&s->shape);
    return r1cs_write(path, &c, err);
}

static size_t most(const void *setup) {
    (void)setup;
    return SQUARES_LANES;
}

/* ---- batches ---- */

/* All signals, which the caller frees; NULL: *err says why. */
static Fr *witness_of(const Setup *s, const CvkBuf *batch, size_t *ret_n, CvkErr *err) {
    Fr values[SQUARES_LANES];
    if (!squares_read(s->shape.curve, (const uint8_t *)cvk_buf_str(batch), batch->n, values, ret_n,
                      err))
        return NULL;
    Fr *ret = cvk_alloc(squarings_vars(&s->shape), sizeof *ret, err);
    if (ret != NULL)
        squarings_witness(&s->shape, values, ret);
    return ret;
}

static void put_inputs(const Setup *s, const Fr *witness, JsonWriter *w) {
    json_array_begin(w);
    for (uint32_t i = 1; i <= squarings_public(&s->shape); i++) {
        uint8_t be[FR_BYTES];
        fr_to_be(s->shape.curve, &witness[i], be);
        decimal_put(w, be, sizeof be);
    }
    json_array_end(w);
}

static bool describe(const void *setup, const CvkBuf *batch, CvkPool *pool, JsonWriter *w,
                     CvkErr *err) {
    (void)pool;
    const Setup *s = setup;
    size_t n;
    _cleanup_free_ Fr *witness = witness_of(s, batch, &n, err);
    if (witness == NULL)
        return false;
    json_put_key(w, "params");
    vkey_put(w, s->vkey);
    json_put_key(w, "expect");
    put_inputs(s, witness, w);
    json_put_key(w, "covariates");
    json_object_begin(w);
    json_field_uint(w, "n_values", n);
    json_field_uint(w, "n_squarings", (uint64_t)n * s->shape.steps);
    json_field_uint(w, "n_constraints", (uint64_t)SQUARES_LANES * s->shape.steps);
    json_object_end(w);
    return true;
}

/* ---- proofs ---- */

static bool prove_witness(const Setup *s, const Fr *witness, CvkPool *pool, Groth16Proof *ret,
                          CvkErr *err) {
    _cleanup_secret_ Draw *draw = cvk_secret_alloc(sizeof *draw, err);
    if (draw == NULL)
        return false;
    entropy_draw("", 0, draw);
    return groth16_prove(s->prover, witness, draw, pool, ret, err);
}

/* A key of another circuit that looks like ours gives proofs that do not hold. */
static bool check(const Setup *s, const Fr *witness, const Groth16Proof *p, CvkPool *pool,
                  CvkErr *err) {
    Verdict verdict;
    return groth16_verify(s->vkey, witness + 1, squarings_public(&s->shape), p, pool, &verdict,
                          err) &&
           (verdict.valid ||
            cvk_fail(err, CVK_EBADREQ, "groth16.circuit",
                     "the proof does not hold: the key is of another circuit than that of "
                     "generated batches"));
}

static bool prove(const void *setup, const CvkBuf *batch, CvkPool *pool, CvkBuf *ret, CvkErr *err) {
    const Setup *s = setup;
    size_t n;
    Groth16Proof p;
    _cleanup_free_ Fr *witness = witness_of(s, batch, &n, err);
    return witness != NULL && prove_witness(s, witness, pool, &p, err) &&
           check(s, witness, &p, pool, err) &&
           proof_write(json_to_buf(ret), &p, s->shape.curve, err) &&
           cvk_buf_add_str(ret, "\n", err);
}

const BatchKind BATCH_GROTH16 = {
    .name = "groth16",
    .head = SQUARES_HEAD,
    .setup_magic = "zkey",
    .scale = "constraints",
    .scale_preset = 1000,
    .scale_max = CONSTRAINTS_MAX,
    .setup_new = setup_new,
    .setup_open = setup_open,
    .setup_close = setup_close,
    .circuit_write = circuit_write,
    .most = most,
    .describe = describe,
    .prove = prove,
};
