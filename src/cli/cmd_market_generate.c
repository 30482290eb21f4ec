/* market batch generate. */
#include "base/file.h"
#include "base/limits.h"
#include "cli/batch_kind.h"
#include "cli/compute.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "cli/world.h"
#include "format/curves.h"

#include <inttypes.h>
#include <string.h>

#define BATCHES_MAX 1000000

static const Option options[] = {
    {"count", "N", "10", "How many batches."},
    {"first", "N", "1", "The number of the first one, for more batches of the same seed."},
    {"kind", "KIND", "kzg-opening",
     "What proves them: kzg-opening, random polynomials over the powers of a ceremony; or groth16, "
     "eight values (some of them 0), each squared over and over in one circuit."},
    {"setup", "FILE", NULL,
     "What proofs are made with: the trusted setup, as 'convoke ceremony export' writes it, or the "
     "circuit's key (.zkey). Where there is no such file yet, one of its own is made and written "
     "there."},
    {"curve", "CURVE", NULL,
     "Of a key of its own: bn254 or bls12_381 (default: bn254). KZG is on bls12_381."},
    {"powers", "N", NULL,
     "How large a trusted setup of its own is: a power of two (default: 1024)."},
    {"constraints", "N", NULL,
     "How large the circuit of a key of its own is: each value is squared N / 8 times (default: "
     "1000)."},
    {"circuit", "FILE", NULL,
     "Write the circuit there (.r1cs): a ceremony can make a key of it, for --setup."},
    {"size", "N", NULL,
     "The most coefficients (default: as many as the setup has) or values (8) of a batch. Each has "
     "at least half as many."},
    {"seed", "N", "1", "The same seed gives the same batches, to the byte."},
    OPTION_THREADS,
    {NULL, NULL, NULL, NULL},
};

typedef struct {
    const char *dir;
    const BatchKind *kind;
    uint64_t first, count, seed;
    size_t most;
    CvkPool *pool;
    void *setup;
} Generator;

/* ---- batches ---- */

static bool put_file(const Generator *g, const char *name, const char *ending, const CvkBuf *b,
                     CvkErr *err) {
    char path[LIMIT_PATH], file[40];
    snprintf(file, sizeof file, "%s%s", name, ending);
    return cvk_path(path, g->dir, file, err) && cvk_file_write(path, b->data, b->n, 0644, err);
}

/* Whether the setup fits to what is made shows with the first proof. */
static bool try_out(const Generator *g, const CvkBuf *batch, CvkErr *err) {
    _cleanup_buf_ CvkBuf proof = CVK_BUF(LIMIT_TEXT_FILE);
    return g->kind->prove(g->setup, batch, g->pool, &proof, err);
}

static bool put_batch(const Generator *g, uint64_t i, CvkErr *err) {
    char name[24];
    _cleanup_buf_ CvkBuf batch = CVK_BUF(0), manifest = CVK_BUF(LIMIT_MARKET_MANIFEST);
    snprintf(name, sizeof name, "%04" PRIu64, i);
    return batch_new(g->kind, g->seed, i, g->most, &batch, err) &&
           (i != g->first || try_out(g, &batch, err)) &&
           batch_manifest(g->kind, g->setup, name, &batch, g->pool, &manifest, err) &&
           put_file(g, name, ".batch", &batch, err) && put_file(g, name, ".json", &manifest, err);
}

static bool put_batches(const Generator *g, CvkErr *err) {
    Progress bar = progress_start("batches", false, false);
    CvkProgress shown = progress_to(&bar);
    bool ok = true;
    for (uint64_t i = 0; ok && i < g->count; i++) {
        ok = put_batch(g, g->first + i, err);
        shown.fn(shown.ctx, (size_t)i + 1, (size_t)g->count);
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

/* ---- the setup ---- */

/* An option that is for setups of another kind would have no effect. */
static bool take_scale(const BatchKind *kind, const Args *args, BatchScale *ret, CvkErr *err) {
    const char *curve = args_text(args, "curve");
    const BatchKind *other;
    *ret = (BatchScale){.n = kind->scale_preset};
    for (size_t i = 0; (other = batch_kind_at(i)) != NULL; i++)
        if (other != kind && args_text(args, other->scale) != NULL)
            return cvk_fail(err, CVK_EBADREQ, "usage.value", "--%s is for --kind %s", other->scale,
                            other->name);
    return (args_text(args, kind->scale) == NULL ||
            args_uint(args, kind->scale, kind->scale_max, &ret->n, err)) &&
           (curve == NULL || curves_named(curve, &ret->curve, err));
}

static bool need_kind(const BatchKind *kind, const char *path, CvkErr *err) {
    bool fits;
    return batch_kind_setup(kind, path, &fits, err) &&
           (fits || cvk_fail(err, CVK_EBADREQ, "batch.kind", "%s is no setup of kind %s",
                             CVK_SHOWN(path), kind->name));
}

static bool take_setup(Generator *g, const Args *args, CvkErr *err) {
    const char *path = args_text(args, "setup");
    BatchScale scale;
    if (path == NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.value",
                        "which setup? give --setup FILE (made if it is not there)");
    if (!take_scale(g->kind, args, &scale, err))
        return false;
    if (!cvk_file_exists(path)) {
        if (!g->kind->setup_new(path, &scale, g->pool, err))
            return false;
        say_step("made a setup for trying out: %s", path);
    }
    return need_kind(g->kind, path, err) && g->kind->setup_open(path, g->pool, &g->setup, err);
}

static bool put_circuit(const Generator *g, const char *path, CvkErr *err) {
    if (path == NULL)
        return true;
    return g->kind->circuit_write != NULL
               ? g->kind->circuit_write(g->setup, path, err)
               : cvk_fail(err, CVK_EBADREQ, "usage.value", "%s has no circuit", g->kind->name);
}

static bool take_size(Generator *g, const Args *args, CvkErr *err) {
    uint64_t size = g->kind->most(g->setup);
    if (args_text(args, "size") != NULL && !args_uint(args, "size", size, &size, err))
        return false;
    g->most = (size_t)size;
    return size != 0 || cvk_fail(err, CVK_EBADREQ, "usage.value", "--size is at least 1");
}

/* ---- the command ---- */

static bool generate(Generator *g, const Args *args, CvkErr *err) {
    uint64_t threads;
    return batch_kind_named(args_text(args, "kind"), &g->kind, err) &&
           args_uint(args, "count", BATCHES_MAX, &g->count, err) &&
           args_uint(args, "first", BATCHES_MAX, &g->first, err) &&
           args_uint(args, "seed", UINT64_MAX, &g->seed, err) &&
           args_uint(args, "threads", 1024, &threads, err) && world_pool(threads, &g->pool, err) &&
           take_setup(g, args, err) && put_circuit(g, args_text(args, "circuit"), err) &&
           take_size(g, args, err) && make_dir(g->dir, err) && put_batches(g, err);
}

static int run(const Args *args) {
    Generator g = {.dir = args_at(args, 0)};
    CvkErr err;
    bool ok = generate(&g, args, &err);
    if (g.kind != NULL)
        g.kind->setup_close(g.setup);
    cvk_pool_free(g.pool);
    if (!ok)
        return say_error("market batch generate", &err);
    say_result("%" PRIu64 " %s in %s", g.count, g.count == 1 ? "batch" : "batches", g.dir);
    return EXIT_DONE;
}

const Subcommand CLI_MARKET_BATCH_GENERATE = {
    .name = "market batch generate",
    .purpose = "make batches for trying an experiment out, which 'reference-prover' proves",
    .usage = "DIR-OUT --setup FILE [--kind KIND] [--count N] [--size N] [--seed N] [options]",
    .about = "Writes NNNN.batch and its manifest NNNN.json, as 'market batch import' takes them.\n"
             "Of kind kzg-opening, a batch is a polynomial, and its proof the opening at a point "
             "that follows from the batch: the longer, the dearer. Of kind groth16, a batch is up "
             "to eight values, and its proof says what comes of squaring each: one circuit and "
             "one key for all batches, in which values that are not there are 0 and save a prover "
             "a part of the work.",
    .options = options,
    .examples = "convoke market batch generate batches --setup setup.json --count 30\n"
                "convoke market batch generate more --kind groth16 --setup squares.zkey --first 31",
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
