/* market batch import, list, retire, restore, example: what is proved. */
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

static bool import(const Args *args, const CvkBuf *params, size_t *ret_n, size_t *ret_added,
                   CvkErr *err) {
    BatchDir *dir;
    Experiment *e;
    Node *node;
    if (!batch_dir_read(args_at(args, 1), args_text(args, "verifier"),
                        params->n > 0 ? params->data : NULL, args_flag(args, "allow-exec"), &dir,
                        err))
        return false;
    bool ok = market_open(args, &node, &e, err);
    if (ok) {
        *ret_n = batch_dir_n(dir);
        ok = experiment_batches_add(e, batch_dir_sources(dir), *ret_n, ret_added, err);
        node_close(node);
    }
    batch_dir_free(dir);
    return ok;
}

static int run_import(const Args *args) {
    _cleanup_buf_ CvkBuf params = CVK_BUF(LIMIT_MARKET_JSON);
    const char *file = args_text(args, "params");
    size_t n, added;
    CvkErr err;
    if ((file != NULL && !cvk_file_read(file, &params, &err)) ||
        !import(args, &params, &n, &added, &err))
        return say_error("market batch import", &err);
    say_result("imported: %zu; there already: %zu", added, n - added);
    return EXIT_DONE;
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

static const Option list_options[] = {OPTION_EXPERIMENT, OPTION_JSON_LINES, NO_OPTION};

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

static int run_list(const Args *args) {
    Listing *l;
    Experiment *e;
    Node *node;
    CvkErr err;
    if (!market_open(args, &node, &e, &err))
        return say_error("market batch list", &err);
    bool ok = listing_new(args, columns, COLUMNS_N, &l, &err) &&
              listing_end(l, experiment_each_batch(e, list_one, l, &err), &err);
    node_close(node);
    return ok ? EXIT_DONE : say_error("market batch list", &err);
}

const Subcommand CLI_MARKET_BATCH_LIST = {
    .name = "market batch list",
    .purpose = "the batches: numbers, names, sizes, verifiers",
    .usage = "DIR [--experiment NAME] [--json]",
    .options = list_options,
    .examples = "convoke market batch list market-2026 --json",
    .args_min = 1,
    .args_max = 1,
    .run = run_list,
};

/* ---- retire, restore ---- */

static const Option options[] = {OPTION_EXPERIMENT, NO_OPTION};

static int retire(const Args *args, const Subcommand *self, bool retired) {
    uint64_t batch;
    Experiment *e;
    Node *node;
    CvkErr err;
    if (!market_number(args, 1, "batch", UINT32_MAX, &batch, &err) ||
        !market_open(args, &node, &e, &err))
        return say_error(self->name, &err);
    bool ok = experiment_batch_retire(e, (uint32_t)batch, retired, &err);
    node_close(node);
    if (!ok)
        return say_error(self->name, &err);
    say_result("batch %" PRIu64 " is %s", batch, retired ? "retired" : "handed out again");
    return EXIT_DONE;
}

static int run_retire(const Args *args) {
    return retire(args, &CLI_MARKET_BATCH_RETIRE, true);
}

static int run_restore(const Args *args) {
    return retire(args, &CLI_MARKET_BATCH_RESTORE, false);
}

const Subcommand CLI_MARKET_BATCH_RETIRE = {
    .name = "market batch retire",
    .purpose = "hand a batch out to nobody new",
    .usage = "DIR BATCH [--experiment NAME]",
    .about = "BATCH is a number from 'market batch list'. Who has it already may prove it.",
    .options = options,
    .examples = "convoke market batch retire market-2026 12",
    .args_min = 2,
    .args_max = 2,
    .run = run_retire,
};

const Subcommand CLI_MARKET_BATCH_RESTORE = {
    .name = "market batch restore",
    .purpose = "hand a retired batch out again",
    .usage = "DIR BATCH [--experiment NAME]",
    .about = "BATCH is a number from 'market batch list'.",
    .options = options,
    .examples = "convoke market batch restore market-2026 12",
    .args_min = 2,
    .args_max = 2,
    .run = run_restore,
};

/* ---- example ---- */

static const Option example_options[] = {
    OPTION_EXPERIMENT,
    {"batch", "FILE", NULL, "What is served as static/example-batch.bin."},
    {"proof", "FILE", NULL, "What is served as static/example-proof.bin."},
    NO_OPTION,
};

static int run_example(const Args *args) {
    const char *batch = args_text(args, "batch"), *proof = args_text(args, "proof");
    Experiment *e;
    Node *node;
    CvkErr err;
    if (batch == NULL && proof == NULL) {
        cvk_fail(&err, CVK_EBADREQ, "usage.missing", "name --batch FILE, --proof FILE or both");
        return say_error("market batch example", &err);
    }
    if (!market_open(args, &node, &e, &err))
        return say_error("market batch example", &err);
    bool ok = experiment_examples(e, batch, proof, &err);
    node_close(node);
    if (!ok)
        return say_error("market batch example", &err);
    say_result("served: %s%s%s", batch != NULL ? "static/example-batch.bin" : "",
               batch != NULL && proof != NULL ? ", " : "",
               proof != NULL ? "static/example-proof.bin" : "");
    return EXIT_DONE;
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
