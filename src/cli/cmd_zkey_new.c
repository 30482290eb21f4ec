#include "base/alloc.h"
#include "base/file.h"
#include "cli/answer.h"
#include "cli/compute.h"
#include "cli/subcommands.h"
#include "format/zkey_make.h"

static const Option options[] = {
    OPTION_THREADS, OPTION_MEMORY, OPTION_JSON, {NULL, NULL, NULL, NULL}};

DEFINE_CLEANUP(Ptau, ptau_close)
DEFINE_CLEANUP(R1cs, r1cs_close)

typedef struct {
    const char *circuit, *powers, *out;
    Compute compute;
    Verdict verdict; /* of the powers' points */
    uint8_t hash[BLAKE2B_BYTES];
} Job;

static bool make(Job *job, CvkErr *err) {
    _cleanup_(r1cs_close_at) R1cs *circuit = NULL;
    _cleanup_(ptau_close_at) Ptau *powers = NULL;
    if (!cvk_file_apart(job->out, job->circuit, err) ||
        !cvk_file_apart(job->out, job->powers, err) || !r1cs_open(job->circuit, &circuit, err) ||
        !ptau_open(job->powers, &powers, err))
        return false;
    compute_begin(&job->compute, "making the key", zkey_make_units(circuit));
    bool ok =
        zkey_make(circuit, powers, job->out, &job->compute.work, job->hash, &job->verdict, err);
    compute_end(&job->compute);
    return ok;
}

static int run(const Args *args) {
    Job job = {.circuit = args_at(args, 0),
               .powers = args_at(args, 1),
               .out = args_at(args, 2),
               .verdict = {.valid = true}};
    const Answer a = {.file = job.out,
                      .kind = "zkey",
                      .json = args_flag(args, "json"),
                      .others = {{job.circuit, "r1cs"}, {job.powers, "ptau"}}};
    const NamedHash hash = {"Circuit Hash:", "circuit_hash", job.hash};
    CvkErr err;
    bool ok = compute_open(&job.compute, args, &err) && make(&job, &err);
    compute_close(&job.compute);
    return ok ? answer_hashes(&a, &job.verdict, &hash, 1) : answer_error(&a, &err);
}

const Subcommand CLI_ZKEY_NEW = {
    .name = "zkey new",
    .purpose = "make a circuit's initial key from its constraints and powers of tau",
    .usage = "R1CS PTAU OUT [--threads N] [--memory MB] [--json]",
    .about =
        "R1CS is what circom compiles, PTAU a prepared file (convoke ptau prepare) with more "
        "powers "
        "than the circuit has constraints and public signals. OUT is the same to the byte as what "
        "snarkjs makes, and so is the circuit's hash, which all who contribute compare. Nothing "
        "may "
        "be proved with it before somebody has contributed. Check PTAU first (convoke ptau "
        "verify): "
        "here no more is looked at than whether its points are points.",
    .options = options,
    .examples = "convoke zkey new circuit.r1cs pot14_final.ptau circuit_0000.zkey",
    .exits = {{[EXIT_DONE] = "OUT is there",
               [EXIT_INVALID] = "a point in PTAU is none: it says which, and OUT is not written",
               [EXIT_UNUSABLE] = "a file cannot be read or written, or they do not fit together"}},
    .args_min = 3,
    .args_max = 3,
    .run = run,
};
