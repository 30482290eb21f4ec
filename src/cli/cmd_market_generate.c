/* market batch generate, and the prover to what it makes. */
#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "cli/compute.h"
#include "cli/kzg_batch.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "cli/world.h"
#include "codec/json_write.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BATCHES_MAX 1000000

static const Option generate_options[] = {
    {"count", "N", "10", "How many batches."},
    {"kind", "KIND", "kzg-opening",
     "What proves them: kzg-opening, random polynomials over the powers of a ceremony."},
    {"setup", "FILE", NULL,
     "The trusted setup, as 'convoke ceremony export' writes it. Where there is no such file yet, "
     "a setup of its own is made and written there."},
    {"powers", "N", "1024", "How large a setup of its own is: a power of two."},
    {"size", "N", NULL, "The most coefficients of a batch (default: as many as the setup has)."},
    {"seed", "N", "1", "The same seed gives the same batches, to the byte."},
    OPTION_THREADS,
    {NULL, NULL, NULL, NULL},
};

typedef struct {
    const char *dir;
    uint64_t count, size, seed;
    CvkPool *pool;
    KzgPowers *powers;
    uint8_t tau_g2[KZG_G2_BYTES];
} Generator;

static bool put_manifest(const Generator *g, const char *name, const uint8_t *bytes, size_t n,
                         const uint8_t commitment[KZG_G1_BYTES], CvkErr *err) {
    char path[LIMIT_PATH], file[32], digest[2 * SHA256_BYTES + 1];
    uint8_t hash[SHA256_BYTES];
    _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_TEXT_FILE);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 2);
    cvk_sha256(bytes, n, hash);
    cvk_hex_encode(hash, sizeof hash, digest);
    json_object_begin(&w);
    json_field_str(&w, "name", name);
    json_field_str(&w, "sha256", digest);
    json_field_uint(&w, "size", n);
    json_field_str(&w, "verifier", "kzg-opening");
    json_put_key(&w, "params");
    json_object_begin(&w);
    json_field_hex(&w, "tau_g2", g->tau_g2, sizeof g->tau_g2);
    json_object_end(&w);
    json_put_key(&w, "expect");
    json_object_begin(&w);
    json_field_hex(&w, "commitment", commitment, KZG_G1_BYTES);
    json_object_end(&w);
    json_put_key(&w, "covariates");
    json_object_begin(&w);
    json_field_uint(&w, "n_coefficients", n / FR_BYTES);
    json_object_end(&w);
    json_object_end(&w);
    snprintf(file, sizeof file, "%s.json", name);
    return json_finish(&w, err) && cvk_path(path, g->dir, file, err) &&
           cvk_file_write(path, b.data, b.n, 0644, err);
}

static bool put_batch(const Generator *g, const char *name, const uint8_t *bytes, size_t n,
                      CvkErr *err) {
    char path[LIMIT_PATH], file[32];
    uint8_t commitment[KZG_G1_BYTES];
    KzgPolynomial *f = NULL;
    Element c;
    snprintf(file, sizeof file, "%s.batch", name);
    bool ok = kzg_polynomial_read(bytes, n, &f, err) &&
              kzg_commit(f, g->powers, g->pool, &c, err) && cvk_path(path, g->dir, file, err) &&
              cvk_file_write(path, bytes, n, 0644, err);
    free(f);
    if (!ok)
        return false;
    element_write(&c, FORM_ZCASH, commitment);
    return put_manifest(g, name, bytes, n, commitment, err);
}

static bool put_batches(const Generator *g, CvkErr *err) {
    Progress bar = progress_start("batches", false, false);
    CvkProgress shown = progress_to(&bar);
    bool ok = true;
    for (uint64_t i = 1; ok && i <= g->count; i++) {
        char name[24];
        size_t n;
        snprintf(name, sizeof name, "%04" PRIu64, i);
        uint8_t *bytes = kzg_batch_new(g->seed, i, (size_t)g->size, &n, err);
        ok = bytes != NULL && put_batch(g, name, bytes, n, err);
        free(bytes);
        shown.fn(shown.ctx, (size_t)i, (size_t)g->count);
    }
    progress_end(&bar);
    return ok;
}

static bool make_dir(const char *dir, CvkErr *err) {
    bool empty;
    if (!cvk_dir_make(dir, 0777, err) || !cvk_dir_empty(dir, &empty, err))
        return false;
    return empty || cvk_fail(err, CVK_ECONFLICT, "dir.full", "%s is not empty", CVK_SHOWN(dir));
}

static bool take_setup(Generator *g, const Args *args, CvkErr *err) {
    const char *path = args_text(args, "setup");
    uint64_t powers;
    if (path == NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.value",
                        "which setup? give --setup FILE (made if it is not there)");
    if (!args_uint(args, "powers", LIMIT_KZG_G1_POWERS, &powers, err))
        return false;
    if (!cvk_file_exists(path)) {
        if (!kzg_batch_setup_new(path, powers, g->pool, err))
            return false;
        say_step("made a setup for trying out: %s", path);
    }
    return kzg_batch_setup(path, g->pool, &g->powers, g->tau_g2, err);
}

static bool generate(Generator *g, const Args *args, CvkErr *err) {
    uint64_t threads;
    const char *kind = args_text(args, "kind");
    if (strcmp(kind, "kzg-opening") != 0)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "there is one kind: kzg-opening");
    if (!args_uint(args, "count", BATCHES_MAX, &g->count, err) ||
        !args_uint(args, "seed", UINT64_MAX, &g->seed, err) ||
        !args_uint(args, "threads", 1024, &threads, err) || !world_pool(threads, &g->pool, err) ||
        !take_setup(g, args, err))
        return false;
    g->size = points_n(g->powers->g1);
    if (args_text(args, "size") != NULL && !args_uint(args, "size", g->size, &g->size, err))
        return false;
    if (g->size == 0)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "--size is at least 1");
    return make_dir(g->dir, err) && put_batches(g, err);
}

static int run_generate(const Args *args) {
    Generator g = {.dir = args_at(args, 0)};
    CvkErr err;
    bool ok = generate(&g, args, &err);
    kzg_powers_free(g.powers);
    cvk_pool_free(g.pool);
    if (!ok)
        return say_error("market batch generate", &err);
    say_result("%" PRIu64 " %s in %s", g.count, g.count == 1 ? "batch" : "batches", g.dir);
    return EXIT_DONE;
}

const Subcommand CLI_MARKET_BATCH_GENERATE = {
    .name = "market batch generate",
    .purpose = "make batches for trying an experiment out, which 'reference-prover' proves",
    .usage = "DIR-OUT --setup FILE [--count N] [--size N] [--seed N] [options]",
    .about = "Writes NNNN.batch and its manifest NNNN.json, as 'market batch import' takes them: "
             "polynomials of different lengths, whose opening at a point that follows from the "
             "batch is the proof.",
    .options = generate_options,
    .examples = "convoke market batch generate batches --setup setup.json --count 30",
    .args_min = 1,
    .args_max = 1,
    .run = run_generate,
};

/* ---- the prover ---- */

static const Option prover_options[] = {
    {"setup", "FILE", NULL, "The trusted setup of the batches."},
    {"rounds", "N", "1", "Compute the proof so many times: a slower machine, for trying out."},
    OPTION_THREADS,
    {NULL, NULL, NULL, NULL},
};

/* The proof of the batch in `bytes`, `rounds` times over. */
static bool open_batch(const CvkBuf *bytes, const KzgPowers *powers, uint64_t rounds, CvkPool *pool,
                       uint8_t ret[KZG_OPENING_BYTES], CvkErr *err) {
    uint8_t hash[SHA256_BYTES];
    KzgPolynomial *f = NULL;
    const uint8_t *data = (const uint8_t *)cvk_buf_str(bytes);
    bool ok = kzg_polynomial_read(data, bytes->n, &f, err);
    cvk_sha256(data, bytes->n, hash);
    for (uint64_t i = 0; ok && i < rounds; i++) {
        Element c;
        KzgOpening o;
        ok = kzg_commit(f, powers, pool, &c, err);
        if (!ok)
            break;
        Fr z = kzg_opening_point(hash, &c);
        ok = kzg_open(f, &z, powers, pool, &o, err);
        if (ok)
            kzg_opening_write(&o, ret);
    }
    free(f);
    return ok;
}

static bool prove(const Args *args, CvkErr *err) {
    _cleanup_buf_ CvkBuf bytes = CVK_BUF((size_t)LIMIT_KZG_G1_POWERS * FR_BYTES);
    const char *setup = args_text(args, "setup");
    uint64_t rounds, threads;
    uint8_t tau_g2[KZG_G2_BYTES], proof[KZG_OPENING_BYTES];
    CvkPool *pool = NULL;
    KzgPowers *powers = NULL;
    if (setup == NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "which setup? give --setup FILE");
    bool ok = args_uint(args, "rounds", UINT32_MAX, &rounds, err) &&
              args_uint(args, "threads", 1024, &threads, err) &&
              (rounds > 0 || cvk_fail(err, CVK_EBADREQ, "usage.value", "--rounds is at least 1")) &&
              cvk_file_read(args_at(args, 0), &bytes, err) && world_pool(threads, &pool, err) &&
              kzg_batch_setup(setup, pool, &powers, tau_g2, err) &&
              open_batch(&bytes, powers, rounds, pool, proof, err);
    kzg_powers_free(powers);
    cvk_pool_free(pool);
    if (ok && (fwrite(proof, 1, sizeof proof, stdout) != sizeof proof || fflush(stdout) != 0))
        return cvk_fail_errno(err, "file.write", "cannot write the proof");
    return ok;
}

static int run_prover(const Args *args) {
    CvkErr err;
    return prove(args, &err) ? EXIT_DONE : say_error("market reference-prover", &err);
}

const Subcommand CLI_MARKET_REFERENCE_PROVER = {
    .name = "market reference-prover",
    .purpose = "prove a batch that 'market batch generate' made: the proof to standard output",
    .usage = "BATCH --setup FILE [--rounds N] [--threads N]",
    .about = "For 'convoke prove --prover', which gives it the batch's file as the last argument. "
             "It reads and checks the setup each time, as a prover that starts anew would.",
    .options = prover_options,
    .examples = "convoke market reference-prover batches/0001.batch --setup setup.json > proof.bin",
    .args_min = 1,
    .args_max = 1,
    .run = run_prover,
};
