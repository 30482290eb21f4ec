#include "cli/answer.h"
#include "cli/ptau_files.h"
#include "cli/subcommands.h"
#include "format/curves.h"

#include <string.h>

static const Option options[] = {
    OPTION_JSON,
    {NULL, NULL, NULL, NULL},
};

static bool parse_power(const char *text, unsigned *ret, CvkErr *err) {
    size_t n = strlen(text);
    unsigned v = 0;
    bool ok = n > 0 && n <= 2 && strspn(text, "0123456789") == n;
    for (size_t i = 0; ok && i < n; i++)
        v = v * 10 + (unsigned)(text[i] - '0');
    if (!ok || v < PHASE1_POWER_MIN || v > PHASE1_POWER_MAX)
        return cvk_fail(err, CVK_EBADREQ, "usage.power",
                        "a power is a number from %d to %d, not '%.40s'", PHASE1_POWER_MIN,
                        PHASE1_POWER_MAX, text);
    *ret = v;
    return true;
}

static int tell(const Answer *a, const uint8_t hash[BLAKE2B_BYTES]) {
    const Verdict done = {.valid = true};
    uint8_t blank[BLAKE2B_BYTES];
    const NamedHash hashes[] = {{"Blank Contribution Hash:", NULL, blank},
                                {"First Contribution Hash:", "first_challenge", hash}};
    phase1_last_response(NULL, 0, blank);
    return answer_hashes(a, &done, hashes, 2);
}

static int run(const Args *args) {
    const Answer a = {.file = args_at(args, 2), .kind = "ptau", .json = args_flag(args, "json")};
    Phase1State s = {0};
    Compute c = {.quiet = a.json}; /* no threads, and no memory to speak of */
    uint8_t hash[BLAKE2B_BYTES];
    CvkErr err;
    if (!curves_named(args_at(args, 0), &s.curve, &err) ||
        !parse_power(args_at(args, 1), &s.power, &err))
        return answer_error(&a, &err);
    s.ceremony_power = s.power;
    bool ok = ptau_file_new(a.file, &s, &c, hash, &err);
    compute_close(&c);
    return ok ? tell(&a, hash) : answer_error(&a, &err);
}

const Subcommand CLI_PTAU_NEW = {
    .name = "ptau new",
    .purpose = "begin a powers of tau ceremony",
    .usage = "CURVE POWER OUT [--json]",
    .about = "OUT is a .ptau file to which nobody has contributed, for circuits of up to 2^POWER "
             "constraints (28 at most). CURVE is bn254 (which snarkjs calls bn128) or bls12_381. "
             "The hash of nothing and that of the first challenge are printed, under snarkjs's "
             "names.",
    .options = options,
    .examples = "convoke ptau new bn254 14 pot14_0000.ptau",
    .args_min = 3,
    .args_max = 3,
    .run = run,
};
