/* market batch import, list, retire, restore, set-meta, example: what is proved. */
#include "base/buf.h"
#include "base/file.h"
#include "base/hex.h"
#include "cli/batch_dir.h"
#include "cli/market.h"
#include "cli/say.h"
#include "cli/subcommands.h"

#include <inttypes.h>
#include <string.h>

/* ---- import ---- */

static const Option import_options[] = {
    OPTION_EXPERIMENT,
    {"verifier", "NAME", NULL,
     "What judges proofs of the batches whose manifest names none: groth16, kzg-opening, "
     "plonk-zksync-era or exec (for tests also sha256, accept-all)."},
    {"params", "FILE", NULL, "Its parameters, a JSON object, where the manifest has none."},
    {"allow-exec", NULL, NULL,
     "Let manifests name programs of theirs (verifier exec), which then run on this machine."},
    NO_OPTION,
};

static bool import(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    const CvkBuf *params = ctx;
    BatchDir *dir;
    size_t added;
    if (!batch_dir_read(args_at(args, 1), args_text(args, "verifier"),
                        params->n > 0 ? params->data : NULL, args_flag(args, "allow-exec"), &dir,
                        err))
        return false;
    size_t n = batch_dir_n(dir);
    bool ok = experiment_batches_add(e, batch_dir_sources(dir), n, &added, err);
    batch_dir_free(dir);
    if (ok)
        say_result("imported: %zu; there already: %zu", added, n - added);
    return ok;
}

static int run_import(const Args *args) {
    _cleanup_buf_ CvkBuf params = CVK_BUF(LIMIT_MARKET_JSON);
    const char *file = args_text(args, "params");
    CvkErr err;
    if (file != NULL && !cvk_file_read(file, &params, &err))
        return say_error(args_command(args), &err);
    return market_act(args, import, &params);
}

const Subcommand CLI_MARKET_BATCH_IMPORT = {
    .name = "market batch import",
    .purpose = "add a directory of batches, all of them or none",
    .usage = "DIR SRC [--verifier NAME] [--params FILE] [--allow-exec] [--experiment NAME]",
    .about =
        "SRC holds files *.batch, which are taken in the order of their names as one block, and "
        "beside each the manifest *.json of the same name, if there is one:\n"
        "{\"name\": \"0001\", \"sha256\": \"...\", \"size\": 123, \"verifier\": \"groth16\", "
        "\"params\": {...}, \"expect\": [\"33\"], \"covariates\": {\"n_tx\": 17}}\n"
        "Every field may be left out: the name is the file's then, and the verifier is "
        "--verifier's, "
        "which must be given. size and sha256 are compared "
        "with the file. expect is what a proof must prove, such as its public inputs: it binds "
        "a proof to its batch. covariates are numbers and texts for analyses. Links are refused: "
        "all that is imported is served.\n\n"
        "Batches that are there already, with the same name and bytes, are left alone: to do it "
        "again is no harm. Participants who had finished get the new ones.",
    .options = import_options,
    .examples =
        "convoke market batch import market-2026 batches/\n"
        "convoke market batch import market-2026 more/ --verifier groth16 --params vkey.json",
    .args_min = 2,
    .args_max = 2,
    .run = run_import,
};

/* ---- list ---- */

static const Column columns[] = {
    {"batch", COLUMN_INT},      {"block", COLUMN_INT},     {"name", COLUMN_TEXT},
    {"state", COLUMN_TEXT},     {"verifier", COLUMN_TEXT}, {"size", COLUMN_INT},
    {"created_ms", COLUMN_INT}, {"sha256", COLUMN_TEXT},   {"covariates", COLUMN_TEXT},
};
#define COLUMNS_N (sizeof columns / sizeof *columns)

static bool list_one(void *ctx, const StoreBatch *b, CvkErr *err) {
    char sha256[65];
    cvk_hex_encode(b->sha256, 32, sha256);
    const Cell cells[COLUMNS_N] = {
        cell_int(b->id),          cell_int(b->block),
        cell_text(b->name),       cell_text(b->retired ? "retired" : "active"),
        cell_text(b->verifier),   cell_int((int64_t)b->size),
        cell_int(b->created_ms),  cell_text(sha256),
        cell_text(b->covariates),
    };
    return listing_row(ctx, cells, err);
}

static bool rows(Experiment *e, const Args *args, Listing *to, CvkErr *err) {
    (void)args;
    return experiment_each_batch(e, list_one, to, err);
}

static int run_list(const Args *args) {
    return market_list(args, &(MarketList){columns, COLUMNS_N, rows});
}

const Subcommand CLI_MARKET_BATCH_LIST = {
    .name = "market batch list",
    .purpose = "the batches: numbers, names, sizes, verifiers",
    .usage = "DIR [--experiment NAME] [--json]",
    .options = market_list_options,
    .examples = "convoke market batch list market-2026 --json",
    .args_min = 1,
    .args_max = 1,
    .run = run_list,
};

/* ---- retire, restore ---- */

static bool retire(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    const bool *retired = ctx;
    uint32_t batch;
    if (!market_find_batch(args, 1, e, &batch, err) ||
        !experiment_batch_retire(e, batch, *retired, err))
        return false;
    say_result("batch %" PRIu32 " is %s", batch, *retired ? "retired" : "handed out again");
    return true;
}

static int run_retire(const Args *args) {
    return market_act(args, retire, &(bool){true});
}

static int run_restore(const Args *args) {
    return market_act(args, retire, &(bool){false});
}

const Subcommand CLI_MARKET_BATCH_RETIRE = {
    .name = "market batch retire",
    .purpose = "hand a batch out to nobody new",
    .usage = "DIR BATCH [--experiment NAME]",
    .about = MARKET_WHICH " Who has it already may prove it.",
    .options = market_options,
    .examples = "convoke market batch retire market-2026 12",
    .args_min = 2,
    .args_max = 2,
    .run = run_retire,
};

const Subcommand CLI_MARKET_BATCH_RESTORE = {
    .name = "market batch restore",
    .purpose = "hand a retired batch out again",
    .usage = "DIR BATCH [--experiment NAME]",
    .about = MARKET_WHICH,
    .options = market_options,
    .examples = "convoke market batch restore market-2026 12",
    .args_min = 2,
    .args_max = 2,
    .run = run_restore,
};

/* ---- set-meta ---- */

static const Option meta_options[] = {
    OPTION_EXPERIMENT,
    {"covariates", "JSON", NULL, "Numbers and texts for analyses, such as {\"n_tx\": 17}."},
    NO_OPTION,
};

static bool set_meta(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    const char *covariates = args_text(args, "covariates");
    uint32_t batch;
    (void)ctx;
    if (covariates == NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.missing", "what is to change? give --covariates");
    if (!market_find_batch(args, 1, e, &batch, err) ||
        !experiment_batch_describe(e, batch, covariates, err))
        return false;
    say_result("batch %" PRIu32 " is described", batch);
    return true;
}

static int run_set_meta(const Args *args) {
    return market_act(args, set_meta, NULL);
}

const Subcommand CLI_MARKET_BATCH_SET_META = {
    .name = "market batch set-meta",
    .purpose = "other covariates of a batch",
    .usage = "DIR BATCH --covariates JSON [--experiment NAME]",
    .about =
        MARKET_WHICH " What is given replaces all covariates that it had. What binds proofs to "
                     "it (contents, verifier, params, expect) never changes.",
    .options = meta_options,
    .examples = "convoke market batch set-meta market-2026 12 --covariates '{\"n_tx\": 17}'",
    .args_min = 2,
    .args_max = 2,
    .run = run_set_meta,
};

/* ---- example ---- */

static const Option example_options[] = {
    OPTION_EXPERIMENT,
    {"batch", "FILE", NULL, "What is served as static/example-batch.bin."},
    {"proof", "FILE", NULL, "What is served as static/example-proof.bin."},
    NO_OPTION,
};

static bool example(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    const char *batch = args_text(args, "batch"), *proof = args_text(args, "proof");
    (void)ctx;
    if (batch == NULL && proof == NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.missing",
                        "name --batch FILE, --proof FILE or both");
    if (!experiment_examples(e, batch, proof, err))
        return false;
    say_result("served: %s%s%s", batch != NULL ? "static/example-batch.bin" : "",
               batch != NULL && proof != NULL ? ", " : "",
               proof != NULL ? "static/example-proof.bin" : "");
    return true;
}

static int run_example(const Args *args) {
    return market_act(args, example, NULL);
}

const Subcommand CLI_MARKET_BATCH_EXAMPLE = {
    .name = "market batch example",
    .purpose = "publish a batch and its proof, for provers to try",
    .usage = "DIR [--batch FILE] [--proof FILE] [--experiment NAME]",
    .about = "Everybody may fetch them, without an id; they replace those before.",
    .options = example_options,
    .examples =
        "convoke market batch example market-2026 --batch example.batch --proof example.proof",
    .args_min = 1,
    .args_max = 1,
    .run = run_example,
};
