#include "cli/groth16_key.h"

#include "base/secret.h"
#include "base/unnamed.h"
#include "cli/ptau_files.h"
#include "cli/zkey_files.h"
#include "format/zkey_make.h"

typedef struct {
    const Circuit *circuit;
    Compute compute;
    Draw *draw; /* guarded: what all secrets come from */
    R1cs *r1cs;
    Ptau *powers; /* as far as they are */
    Zkey *initial;
} Making;

/* ---- each file is opened and loses its name ---- */

static bool make_circuit(Making *m, CvkErr *err) {
    CvkUnnamed u;
    if (!cvk_unnamed_begin(&u, err))
        return false;
    bool ok = r1cs_write(u.path, m->circuit, err) && r1cs_open(u.path, &m->r1cs, err);
    cvk_unnamed_end(&u);
    return ok;
}

/* Writes the powers' next state. */
typedef bool (*Step)(Making *m, const char *out, CvkErr *err);

static bool begin_powers(Making *m, const char *out, CvkErr *err) {
    const unsigned power = circuit_domain_power(m->circuit);
    const Phase1State s = {.curve = m->circuit->curve, .power = power, .ceremony_power = power};
    uint8_t hash[BLAKE2B_BYTES];
    return ptau_file_new(out, &s, &m->compute, hash, err);
}

static bool contribute_powers(Making *m, const char *out, CvkErr *err) {
    Phase1Contribution made = {.params = {.beacon = false}};
    return ptau_file_contribute(m->powers, out, m->draw, &m->compute, &made, err);
}

static bool prepare_powers(Making *m, const char *out, CvkErr *err) {
    return ptau_file_prepare(m->powers, false, out, &m->compute, err);
}

static bool take_step(Making *m, Step step, CvkErr *err) {
    CvkUnnamed u;
    Ptau *next;
    if (!cvk_unnamed_begin(&u, err))
        return false;
    bool ok = step(m, u.path, err) && ptau_open(u.path, &next, err);
    cvk_unnamed_end(&u);
    if (!ok)
        return false;
    ptau_close(m->powers);
    m->powers = next;
    return true;
}

/* ---- all together ---- */

static bool make_key(Making *m, const char *path, CvkErr *err) {
    const ContributionParams params = {.beacon = false};
    Verdict verdict = {.valid = true};
    Phase2Contribution made;
    return make_circuit(m, err) && take_step(m, begin_powers, err) &&
           take_step(m, contribute_powers, err) && take_step(m, prepare_powers, err) &&
           zkey_make_unnamed(m->r1cs, m->powers, &m->compute.work, &m->initial, &verdict, err) &&
           verdict_need(&verdict, err) &&
           zkey_file_contribute(zkey_key(m->initial), path, m->draw, &params, &m->compute, &made,
                                err);
}

bool groth16_key_new(const char *path, const Circuit *circuit, CvkPool *pool, CvkErr *err) {
    Making m = {.circuit = circuit};
    cvk_secret_no_dumps();
    m.draw = cvk_secret_alloc(sizeof *m.draw, err);
    if (m.draw == NULL)
        return false;
    entropy_draw("", 0, m.draw);
    m.compute.work = (Work){.pool = pool, .memory = WORK_MEMORY_DEFAULT};
    cvk_random(m.compute.work.seed, sizeof m.compute.work.seed);
    bool ok = make_key(&m, path, err);
    compute_end(&m.compute);
    cvk_secret_free(m.draw);
    zkey_close(m.initial);
    ptau_close(m.powers);
    r1cs_close(m.r1cs);
    return ok;
}
