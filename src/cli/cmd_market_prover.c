/* market reference-prover: the prover to what market batch generate makes. */
#include "base/file.h"
#include "base/limits.h"
#include "cli/batch_kind.h"
#include "cli/compute.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "cli/world.h"

static const Option options[] = {
    {"setup", "FILE", NULL,
     "The trusted setup or the key of the batches. Of several, the one that fits the batch is "
     "taken."},
    {"rounds", "N", "1", "Compute the proof so many times: a slower machine, for trying out."},
    OPTION_THREADS,
    {NULL, NULL, NULL, NULL},
};

/* The first of the given setups that is of this kind. */
static bool find_setup(const BatchKind *kind, const char *const *paths, const char **ret,
                       CvkErr *err) {
    if (paths[0] == NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "which setup? give --setup FILE");
    for (size_t i = 0; paths[i] != NULL; i++) {
        bool fits;
        if (!batch_kind_setup(kind, paths[i], &fits, err))
            return false;
        if (fits) {
            *ret = paths[i];
            return true;
        }
    }
    return cvk_fail(err, CVK_EBADREQ, "batch.kind",
                    "this batch is of kind %s, and %s is no setup for it", kind->name,
                    CVK_SHOWN(paths[0]));
}

/* `rounds` times over. */
static bool prove_batch(const BatchKind *kind, const void *setup, const CvkBuf *batch,
                        uint64_t rounds, CvkPool *pool, CvkBuf *ret, CvkErr *err) {
    bool ok = true;
    for (uint64_t i = 0; ok && i < rounds; i++) {
        cvk_buf_done(ret);
        ok = kind->prove(setup, batch, pool, ret, err);
    }
    return ok;
}

static bool prove(const Args *args, CvkBuf *ret, CvkErr *err) {
    _cleanup_buf_ CvkBuf batch = CVK_BUF(BATCH_BYTES_MAX);
    const BatchKind *kind;
    const char *path = NULL;
    void *setup = NULL;
    uint64_t rounds, threads;
    CvkPool *pool = NULL;
    if (!args_uint(args, "rounds", UINT32_MAX, &rounds, err) ||
        !args_uint(args, "threads", 1024, &threads, err) ||
        !cvk_file_read(args_at(args, 0), &batch, err))
        return false;
    if (rounds == 0)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "--rounds is at least 1");
    kind = batch_kind_of(&batch);
    bool ok = find_setup(kind, args_list(args, "setup"), &path, err) &&
              world_pool(threads, &pool, err) && kind->setup_open(path, pool, &setup, err) &&
              prove_batch(kind, setup, &batch, rounds, pool, ret, err);
    kind->setup_close(setup);
    cvk_pool_free(pool);
    return ok;
}

static int run(const Args *args) {
    _cleanup_buf_ CvkBuf proof = CVK_BUF(LIMIT_TEXT_FILE);
    CvkErr err;
    if (prove(args, &proof, &err) &&
        ((fwrite(proof.data, 1, proof.n, stdout) == proof.n && fflush(stdout) == 0) ||
         cvk_fail_errno(&err, "file.write", "cannot write the proof")))
        return EXIT_DONE;
    return say_error("market reference-prover", &err);
}

const Subcommand CLI_MARKET_REFERENCE_PROVER = {
    .name = "market reference-prover",
    .purpose = "prove a batch that 'market batch generate' made: the proof to standard output",
    .usage = "BATCH --setup FILE [--setup FILE]... [--rounds N] [--threads N]",
    .about = "For 'convoke prove --prover', which gives it the batch's file as the last argument. "
             "What kind of batch it is, it sees for itself; a proof is 80 bytes (kzg-opening) or "
             "snarkjs's proof.json (groth16). It reads and checks the setup each time, as a prover "
             "that starts anew would.",
    .options = options,
    .examples =
        "convoke market reference-prover batches/0001.batch --setup setup.json > proof.bin\n"
        "convoke prove URL --id-file id --loop --usd-per-hour 2 --margin 10 \\\n"
        "    --prover 'convoke market reference-prover --setup setup.json --setup squares.zkey'",
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
