/* zkey vkey and zkey solidity: what those need who verify the proofs of a circuit. */
#include "base/file.h"
#include "cli/answer.h"
#include "cli/compute.h"
#include "cli/subcommands.h"
#include "format/solidity.h"
#include "format/vkey.h"
#include "format/zkey.h"

static const Option options[] = {
    OPTION_THREADS,
    OPTION_MEMORY,
    OPTION_JSON,
    {NULL, NULL, NULL, NULL},
};

typedef bool (*Put)(const Groth16Vkey *k, FILE *out, CvkErr *err);

static bool write_vkey(const Groth16Vkey *k, const char *path, Put put, CvkErr *err) {
    CvkFileOut out;
    if (!cvk_file_out_open(&out, path, 0644, err))
        return false;
    if (put(k, out.f, err))
        return cvk_file_out_commit(&out, err);
    cvk_file_out_abandon(&out);
    return false;
}

static bool extract(const char *in, const char *out, const Work *w, Put put, Verdict *verdict,
                    CvkErr *err) {
    Zkey *z = NULL;
    Groth16Vkey *k = NULL;
    bool ok = cvk_file_apart(out, in, err) && zkey_open(in, &z, err) &&
              groth16_vkey_of(zkey_key(z), w, &k, verdict, err) &&
              (k == NULL || write_vkey(k, out, put, err));
    groth16_vkey_free(k);
    zkey_close(z);
    return ok;
}

/* `made`: what kind of file the output is. */
static int run(const Args *args, const char *made, Put put) {
    const Answer a = {.file = args_at(args, 0),
                      .kind = "zkey",
                      .json = args_flag(args, "json"),
                      .others = {{args_at(args, 1), made}}};
    Compute c;
    Verdict verdict = {.valid = true};
    CvkErr err;
    if (!compute_open(&c, args, &err))
        return answer_error(&a, &err);
    bool ok = extract(a.file, args_at(args, 1), &c.work, put, &verdict, &err);
    compute_close(&c);
    return ok ? answer_hashes(&a, &verdict, NULL, 0) : answer_error(&a, &err);
}

static const char invalid[] = "nobody has contributed to ZKEY, or a point in it is none: it says "
                              "which, and there is no OUT";

/* ---- vkey ---- */

static bool put_vkey(const Groth16Vkey *k, FILE *out, CvkErr *err) {
    return vkey_write(json_to_file(out), k, err);
}

static int run_vkey(const Args *args) {
    return run(args, "vkey", put_vkey);
}

const Subcommand CLI_ZKEY_VKEY = {
    .name = "zkey vkey",
    .purpose = "write the verification key of a circuit's key",
    .usage = "ZKEY OUT [--threads N] [--memory MB] [--json]",
    .about = "OUT is the verification_key.json that snarkjs writes, to the byte. A key to which "
             "nobody has contributed is refused: who made it could prove anything. Check ZKEY "
             "first (convoke zkey verify): here only what goes into OUT is.",
    .options = options,
    .examples = "convoke zkey vkey circuit_final.zkey verification_key.json",
    .exits = {{[EXIT_INVALID] = invalid}},
    .args_min = 2,
    .args_max = 2,
    .run = run_vkey,
};

/* ---- solidity ---- */

#define SOLIDITY_MAX ((size_t)1 << 30)

static bool put_solidity(const Groth16Vkey *k, FILE *out, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(SOLIDITY_MAX);
    if (!solidity_write(k, &text, err))
        return false;
    return fwrite(text.data, 1, text.n, out) == text.n ||
           cvk_fail_errno(err, "file.write", "cannot write the contract");
}

static int run_solidity(const Args *args) {
    return run(args, "solidity", put_solidity);
}

const Subcommand CLI_ZKEY_SOLIDITY = {
    .name = "zkey solidity",
    .purpose = "write a Solidity contract that verifies a circuit's proofs on Ethereum",
    .usage = "ZKEY OUT [--threads N] [--memory MB] [--json]",
    .about = "The contract's function verifyProof takes what 'snarkjs zkey export "
             "soliditycalldata' prints, like snarkjs's own contract, and costs no more gas. bn254 "
             "(bn128) only. A key to which nobody has contributed is refused.",
    .options = options,
    .examples = "convoke zkey solidity circuit_final.zkey verifier.sol",
    .exits = {{[EXIT_INVALID] = invalid}},
    .args_min = 2,
    .args_max = 2,
    .run = run_solidity,
};
