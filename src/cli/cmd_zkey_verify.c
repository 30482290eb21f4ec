#include "base/alloc.h"
#include "cli/answer.h"
#include "cli/beacon.h"
#include "cli/compute.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "cli/zkey_say.h"
#include "format/zkey_make.h"
#include "setup/phase2_verify.h"

#include <string.h>

static const Option options[] = {
    OPTION_SLOW_BEACONS, OPTION_THREADS, OPTION_MEMORY, OPTION_JSON, {NULL, NULL, NULL, NULL},
};

DEFINE_CLEANUP(Zkey, zkey_close)
DEFINE_CLEANUP(Ptau, ptau_close)
DEFINE_CLEANUP(R1cs, r1cs_close)

typedef struct {
    const Args *args;
    const Zkey *key;
    Compute compute;
    Verdict verdict;
} Job;

/* ---- zkey verify ---- */

/* The circuit's initial key, made again. */
static bool make_initial(Job *job, const Ptau *powers, Zkey **ret, CvkErr *err) {
    _cleanup_(r1cs_close_at) R1cs *circuit = NULL;
    Verdict powers_right = {.valid = true};
    if (!r1cs_open(args_at(job->args, 0), &circuit, err))
        return false;
    compute_begin(&job->compute, "making the initial key", zkey_make_units(circuit));
    bool ok = zkey_make_unnamed(circuit, powers, &job->compute.work, ret, &powers_right, err);
    compute_end(&job->compute);
    return ok && verdict_need(&powers_right, err);
}

/* The level of the powers' bases that H is the odd half of; false: they have none. */
static bool find_basis(const Ptau *powers, const Phase2Header *h, Vector *ret) {
    return ptau_prepared(powers) != PTAU_UNPREPARED &&
           ptau_lagrange(powers, PHASE1_TAU_G1, phase2_domain_power(h->domain) + 1, ret, NULL);
}

static bool compare(Job *job, const Zkey *initial, const Ptau *powers, CvkErr *err) {
    Vector basis;
    const bool prepared = find_basis(powers, &zkey_key(job->key)->header, &basis);
    const Phase2Claim claim = {.key = zkey_key(job->key),
                               .before = zkey_key(initial),
                               .beacon_exp_max = beacon_exp_max(job->args),
                               .basis = prepared ? &basis : NULL};
    compute_begin(&job->compute, "verifying", phase2_verify_units(&claim));
    bool ok = phase2_verify(&claim, ptau_state(powers), &job->compute.work, &job->verdict, err);
    compute_end(&job->compute);
    return ok;
}

/* What a verdict does not say and whoever relies on the key must know. */
static void warn(const Job *job, const Zkey *initial, bool circuit) {
    char count[32];
    if (zkey_key(job->key)->contributions_n == 0)
        say_step("warning: nobody has contributed to %s: anybody can forge its proofs",
                 args_at(job->args, 2));
    else if (!circuit && zkey_key(initial)->contributions_n != 0)
        say_step(
            "warning: %s is no initial key, it has %s: what it holds is believed",
            args_at(job->args, 0),
            say_count(zkey_key(initial)->contributions_n, "contribution", count, sizeof count));
}

/* What it is if it is none, or cannot be read, the reader of keys will say. */
static bool is_circuit(const char *path) {
    const char *magic;
    return section_file_magic(path, &magic, NULL) && magic != NULL && strcmp(magic, "r1cs") == 0;
}

static bool verify(Job *job, CvkErr *err) {
    const char *origin = args_at(job->args, 0);
    _cleanup_(ptau_close_at) Ptau *powers = NULL;
    _cleanup_(zkey_close_at) Zkey *initial = NULL;
    const bool circuit = is_circuit(origin);
    if (!ptau_open(args_at(job->args, 1), &powers, err) ||
        !(circuit ? make_initial(job, powers, &initial, err) : zkey_open(origin, &initial, err)) ||
        !compare(job, initial, powers, err))
        return false;
    if (job->verdict.valid)
        warn(job, initial, circuit);
    return true;
}

/* ---- zkey extends ---- */

static bool extends(Job *job, CvkErr *err) {
    _cleanup_(zkey_close_at) Zkey *old = NULL;
    if (!zkey_open(args_at(job->args, 0), &old, err))
        return false;
    const Phase2Claim claim = {.key = zkey_key(job->key),
                               .before = zkey_key(old),
                               .beacon_exp_max = beacon_exp_max(job->args)};
    compute_begin(&job->compute, "verifying", phase2_extends_units(&claim));
    bool ok = phase2_extends(&claim, &job->compute.work, &job->verdict, err);
    compute_end(&job->compute);
    return ok;
}

/* ---- both ---- */

static int tell(const Answer *answer, const Job *job, const char *good) {
    if (answer->json) {
        JsonWriter w;
        answer_json_begin(answer, &job->verdict, &w);
        zkey_put(job->key, &w);
        return answer_json_end(&w, &job->verdict);
    }
    if (!job->verdict.valid)
        return answer_verdict(answer, &job->verdict);
    zkey_say_contributions(zkey_key(job->key));
    say_result("%s", good);
    return EXIT_DONE;
}

/* The key in question is the last of the arguments. */
static int run(const Args *args, const AnswerFile others[2], bool (*check)(Job *job, CvkErr *err),
               const char *good) {
    const char *file = args_at(args, args_n(args) - 1);
    const Answer answer = {.file = file,
                           .kind = "zkey",
                           .json = args_flag(args, "json"),
                           .others = {others[0], others[1]}};
    _cleanup_(zkey_close_at) Zkey *key = NULL;
    Job job = {.args = args, .verdict = {.valid = true}};
    CvkErr err;
    if (!zkey_open(file, &key, &err) || !compute_open(&job.compute, args, &err))
        return answer_error(&answer, &err);
    job.key = key;
    bool ok = check(&job, &err);
    compute_close(&job.compute);
    return ok ? tell(&answer, &job, good) : answer_error(&answer, &err);
}

static int run_verify(const Args *args) {
    const char *origin = args_at(args, 0);
    const AnswerFile others[2] = {{origin, is_circuit(origin) ? "r1cs" : "zkey"},
                                  {args_at(args, 1), "ptau"}};
    return run(args, others, verify, "ZKey Ok!");
}

static int run_extends(const Args *args) {
    const AnswerFile others[2] = {{args_at(args, 0), "zkey"}};
    return run(args, others, extends, "ZKey extends the old one by exactly one contribution.");
}

const Subcommand CLI_ZKEY_VERIFY = {
    .name = "zkey verify",
    .purpose = "check a Groth16 key against its circuit or its initial key",
    .usage = "CIRCUIT.r1cs|INITIAL.zkey POWERS.ptau FILE.zkey [--slow-beacons] [--threads N] "
             "[--memory MB] [--json]",
    .about =
        "Checks that FILE grew from this circuit's initial key by contributions whose authors knew "
        "their secrets, and lists them, newest first. From a circuit nothing is believed but the "
        "powers of tau and their bases, which 'convoke ptau verify' checks. From INITIAL.zkey that "
        "key's constant "
        "parts are believed to be the circuit's; if it has contributions, FILE must begin with "
        "them.\n"
        "Everything that is random in the check has 128 bits. The names of contributions are "
        "signed by nobody.",
    .options = options,
    .examples = "convoke zkey verify circuit.r1cs pot14_final.ptau circuit_final.zkey\n"
                "convoke zkey verify circuit_0000.zkey pot14_final.ptau circuit_final.zkey --json",
    .exits = {{[EXIT_DONE] = "valid",
               [EXIT_INVALID] = "invalid: it says why",
               [EXIT_UNUSABLE] = "unusable: a file is damaged or cannot be read"}},
    .args_min = 3,
    .args_max = 3,
    .run = run_verify,
};

const Subcommand CLI_ZKEY_EXTENDS = {
    .name = "zkey extends",
    .purpose = "check that a key is another one with exactly one more contribution",
    .usage = "OLD.zkey NEW.zkey [--slow-beacons] [--threads N] [--memory MB] [--json]",
    .about =
        "The check of one turn of a ceremony: NEW has OLD's contributions, unchanged with their "
        "names, and one more; everything else follows from the two. Neither powers of tau nor the "
        "circuit are needed. OLD is believed: check it the same way, back to the initial key.",
    .options = options,
    .examples = "convoke zkey extends circuit_0001.zkey circuit_0002.zkey",
    .exits = {{[EXIT_DONE] = "it does",
               [EXIT_INVALID] = "it does not: it says why",
               [EXIT_UNUSABLE] = "unusable: a file is damaged or cannot be read"}},
    .args_min = 2,
    .args_max = 2,
    .run = run_extends,
};
