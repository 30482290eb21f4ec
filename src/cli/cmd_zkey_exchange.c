/* zkey export, respond and import: turns of contributors whose programs take bellman's parameters
 * (phase2-bn254 and others). */
#include "base/file.h"
#include "base/secret.h"
#include "cli/answer.h"
#include "cli/compute.h"
#include "cli/entropy.h"
#include "cli/subcommands.h"
#include "format/contribution_params.h"
#include "format/mpcparams_zkey.h"
#include "setup/phase2_chain.h"

/* ---- export ---- */

static const Option export_options[] = {
    OPTION_THREADS,
    OPTION_MEMORY,
    OPTION_JSON,
    {NULL, NULL, NULL, NULL},
};

static int run_export(const Args *args) {
    const char *in = args_at(args, 0), *out = args_at(args, 1);
    const Answer a = {.file = in,
                      .kind = "zkey",
                      .json = args_flag(args, "json"),
                      .others = {{out, "challenge"}}};
    Compute c;
    Zkey *z = NULL;
    Verdict verdict = {.valid = true};
    CvkErr err;
    if (!compute_open(&c, args, &err))
        return answer_error(&a, &err);
    bool ok = cvk_file_apart(out, in, &err) && zkey_open(in, &z, &err);
    if (ok) {
        compute_begin(&c, "exporting", mpcparams_export_units(zkey_key(z)));
        ok = mpcparams_export(zkey_key(z), out, &c.work, &verdict, &err);
    }
    compute_close(&c);
    zkey_close(z);
    return ok ? answer_hashes(&a, &verdict, NULL, 0) : answer_error(&a, &err);
}

const Subcommand CLI_ZKEY_EXPORT = {
    .name = "zkey export",
    .purpose = "write a key as the challenge for a contributor without a .zkey file",
    .usage = "IN OUT [--threads N] [--memory MB] [--json]",
    .about = "OUT holds bellman's MPC parameters, as 'snarkjs zkey export bellman' writes them, to "
             "the byte. phase2-bn254, snarkjs, 'convoke zkey respond' and others make a response "
             "from it, which 'convoke zkey import' takes back. Names and beacons are not carried.",
    .options = export_options,
    .examples = "convoke zkey export circuit_0001.zkey challenge_0002",
    .exits = {{[EXIT_INVALID] = "a point in IN is none: it says where, and there is no OUT"}},
    .args_min = 2,
    .args_max = 2,
    .run = run_export,
};

/* ---- respond ---- */

static const Option respond_options[] = {
    OPTION_ENTROPY_FILE, OPTION_ENTROPY, OPTION_THREADS,
    OPTION_MEMORY,       OPTION_JSON,    {NULL, NULL, NULL, NULL},
};

static bool respond(const Args *args, Compute *c, uint8_t hash[BLAKE2B_BYTES], CvkErr *err) {
    const char *in = args_at(args, 0), *out = args_at(args, 1);
    Mpcparams *m = NULL;
    Draw *draw = NULL;
    bool ok =
        cvk_file_apart(out, in, err) && cvk_file_out_check(out, err) && mpcparams_open(in, &m, err);
    if (ok) {
        draw = entropy_take(args, err);
        ok = draw != NULL;
    }
    if (ok) {
        compute_begin(c, "contributing", mpcparams_respond_units(mpcparams_key(m)));
        ok = mpcparams_respond(mpcparams_key(m), draw, out, &c->work, hash, err);
        compute_end(c);
    }
    cvk_secret_free(draw);
    mpcparams_close(m);
    return ok;
}

static int run_respond(const Args *args) {
    const Answer a = {.file = args_at(args, 0),
                      .kind = "challenge",
                      .json = args_flag(args, "json"),
                      .others = {{args_at(args, 1), "response"}}};
    const Verdict done = {.valid = true};
    Compute c;
    uint8_t hash[BLAKE2B_BYTES];
    CvkErr err;
    if (!compute_open(&c, args, &err))
        return answer_error(&a, &err);
    bool ok = respond(args, &c, hash, &err);
    compute_close(&c);
    if (!ok)
        return answer_error(&a, &err);
    const NamedHash named = {"Contribution Hash:", "contribution_hash", hash};
    return answer_hashes(&a, &done, &named, 1);
}

const Subcommand CLI_ZKEY_RESPOND = {
    .name = "zkey respond",
    .purpose = "contribute to a challenge that 'zkey export' wrote",
    .usage = "CHALLENGE OUT [--entropy-file FILE] [--threads N] [--memory MB] [--json]",
    .about = "OUT is the response, bellman's MPC parameters with one contribution more. Keep the "
             "hash that is printed: it shows later that your contribution is in the final key.",
    .options = respond_options,
    .examples = "convoke zkey respond challenge_0002 response_0002",
    .exits = {{[EXIT_UNUSABLE] = "CHALLENGE is none, or a file cannot be read or written"}},
    .args_min = 2,
    .args_max = 2,
    .run = run_respond,
};

/* ---- import ---- */

static const Option import_options[] = {
    OPTION_NAME, OPTION_THREADS, OPTION_MEMORY, OPTION_JSON, {NULL, NULL, NULL, NULL},
};

typedef struct {
    Zkey *before;
    Mpcparams *response;
} ImportFiles;

static bool import_files(const Args *args, ImportFiles *f, Compute *c, Verdict *verdict,
                         CvkErr *err) {
    const char *in = args_at(args, 0), *response = args_at(args, 1), *out = args_at(args, 2);
    if (!cvk_file_apart(out, in, err) || !cvk_file_apart(out, response, err) ||
        !zkey_open(in, &f->before, err) || !mpcparams_open(response, &f->response, err))
        return false;
    const Phase2Key *before = zkey_key(f->before);
    compute_begin(c, "importing", mpcparams_import_units(before));
    return mpcparams_import(before, mpcparams_key(f->response), args_text(args, "name"), out,
                            &c->work, verdict, err);
}

static int tell_imported(const Answer *a, const Phase2Key *response, const Verdict *verdict) {
    uint8_t hash[BLAKE2B_BYTES];
    const NamedHash hashes[] = {{"Circuit Hash:", "circuit_hash", response->circuit_hash},
                                {"Contribution Hash:", "contribution_hash", hash}};
    if (verdict->valid)
        phase2_contribution_hash(&response->contributions[response->contributions_n - 1], hash);
    return answer_hashes(a, verdict, hashes, 2);
}

static int run_import(const Args *args) {
    const Answer a = {.file = args_at(args, 1),
                      .kind = "response",
                      .json = args_flag(args, "json"),
                      .others = {{args_at(args, 0), "zkey"}, {args_at(args, 2), "zkey"}}};
    Compute c;
    ImportFiles f = {0};
    Verdict verdict = {.valid = true};
    CvkErr err;
    if (!compute_open(&c, args, &err))
        return answer_error(&a, &err);
    bool ok = import_files(args, &f, &c, &verdict, &err);
    compute_close(&c);
    int status =
        ok ? tell_imported(&a, mpcparams_key(f.response), &verdict) : answer_error(&a, &err);
    mpcparams_close(f.response);
    zkey_close(f.before);
    return status;
}

const Subcommand CLI_ZKEY_IMPORT = {
    .name = "zkey import",
    .purpose = "add a response to the key it contributes to",
    .usage = "IN RESPONSE OUT [--name TEXT] [--threads N] [--memory MB] [--json]",
    .about = "RESPONSE must answer the challenge that 'convoke zkey export' makes of IN. Unlike "
             "snarkjs, this checks it in full before OUT appears: OUT is IN with exactly one "
             "contribution more and nothing else changed, as 'convoke zkey extends' says.",
    .options = import_options,
    .examples = "convoke zkey import circuit_0001.zkey response_0002 circuit_0002.zkey --name bob",
    .exits = {{[EXIT_INVALID] = "the response is invalid: it says why, and there is no OUT"}},
    .args_min = 3,
    .args_max = 3,
    .run = run_import,
};
