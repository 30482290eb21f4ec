#include "base/alloc.h"
#include "base/file.h"
#include "base/secret.h"
#include "cli/answer.h"
#include "cli/beacon.h"
#include "cli/entropy.h"
#include "cli/subcommands.h"
#include "cli/zkey_files.h"
#include "format/contribution_params.h"
#include "setup/phase2_chain.h"

static const Option contribute_options[] = {
    OPTION_NAME,   OPTION_ENTROPY_FILE, OPTION_ENTROPY,           OPTION_THREADS,
    OPTION_MEMORY, OPTION_JSON,         {NULL, NULL, NULL, NULL},
};
static const Option beacon_options[] = {
    OPTION_NAME, OPTION_THREADS, OPTION_MEMORY, OPTION_JSON, {NULL, NULL, NULL, NULL},
};

DEFINE_CLEANUP(Zkey, zkey_close)

static int tell(const Answer *answer, const Phase2Key *old, const Phase2Contribution *made) {
    const Verdict done = {.valid = true};
    uint8_t hash[BLAKE2B_BYTES];
    const NamedHash hashes[] = {{"Circuit Hash:", "circuit_hash", old->circuit_hash},
                                {"Contribution Hash:", "contribution_hash", hash}};
    phase2_contribution_hash(made, hash);
    return answer_hashes(answer, &done, hashes, 2);
}

/* With the draw that the secret comes from. */
static int contribute(const Answer *answer, const Args *args, const Zkey *old, Draw *draw,
                      const ContributionParams *params) {
    Phase2Contribution made;
    Compute c;
    CvkErr err;
    if (!compute_open(&c, args, &err))
        return answer_error(answer, &err);
    bool ok = zkey_file_contribute(zkey_key(old), args_at(args, 1), draw, params, &c, &made, &err);
    compute_close(&c);
    return ok ? tell(answer, zkey_key(old), &made) : answer_error(answer, &err);
}

/* Everything that can be refused is, before anybody is asked for a text. */
static bool open_old(const Args *args, ContributionParams *params, Zkey **ret, CvkErr *err) {
    const char *name = args_text(args, "name");
    const char *in = args_at(args, 0), *out = args_at(args, 1);
    return cvk_file_apart(out, in, err) && cvk_file_out_check(out, err) &&
           (name == NULL || contribution_params_set_name(params, name, err)) &&
           zkey_open(in, ret, err);
}

static Answer answer_of(const Args *args) {
    return (Answer){.file = args_at(args, 1),
                    .kind = "zkey",
                    .json = args_flag(args, "json"),
                    .others = {{args_at(args, 0), "zkey"}}};
}

static int run_contribute(const Args *args) {
    const Answer answer = answer_of(args);
    ContributionParams params = {.beacon = false};
    _cleanup_(zkey_close_at) Zkey *old = NULL;
    CvkErr err;
    if (!open_old(args, &params, &old, &err))
        return answer_error(&answer, &err);
    _cleanup_secret_ Draw *draw = entropy_take(args, &err);
    return draw != NULL ? contribute(&answer, args, old, draw, &params)
                        : answer_error(&answer, &err);
}

static int run_beacon(const Args *args) {
    const Answer answer = answer_of(args);
    ContributionParams params = {.beacon = false};
    _cleanup_(zkey_close_at) Zkey *old = NULL;
    Draw draw;
    CvkErr err;
    if (!beacon_parse(args_at(args, 2), args_at(args, 3), &params, &err) ||
        !open_old(args, &params, &old, &err) || !beacon_draw(&params, &draw, &err))
        return answer_error(&answer, &err);
    return contribute(&answer, args, old, &draw, &params);
}

const Subcommand CLI_ZKEY_CONTRIBUTE = {
    .name = "zkey contribute",
    .purpose = "contribute to a Groth16 key (.zkey)",
    .usage =
        "IN.zkey OUT.zkey [--name TEXT] [--entropy-file FILE] [--threads N] [--memory MB] [--json]",
    .about = "Multiplies the key by a secret that nobody ever sees: it is drawn from the system's "
             "randomness, mixed with a text of yours if you give one, kept in locked memory and "
             "wiped. Keep the contribution hash that is printed: with it anybody can see that your "
             "contribution is in the final key. OUT.zkey appears when it is complete.",
    .options = contribute_options,
    .examples = "convoke zkey contribute circuit_0001.zkey circuit_0002.zkey --name alice\n"
                "head -c 64 /dev/hwrng | convoke zkey contribute circuit_0001.zkey "
                "circuit_0002.zkey \\\n    --entropy-file -",
    .exits = {{[EXIT_DONE] = "done", [EXIT_UNUSABLE] = "nothing was written: it says why"}},
    .args_min = 2,
    .args_max = 2,
    .run = run_contribute,
};

const Subcommand CLI_ZKEY_BEACON = {
    .name = "zkey beacon",
    .purpose = "close a Groth16 key with a public random number",
    .usage = "IN.zkey OUT.zkey BEACON EXPONENT [--name TEXT] [--threads N] [--memory MB] [--json]",
    .about = "The last contribution of a ceremony, which everybody can repeat: its secret comes "
             "from BEACON (hex digits, 1 to 255 bytes that nobody could know beforehand, such as a "
             "block's hash), "
             "hashed 2^EXPONENT times (10 to 63).",
    .options = beacon_options,
    .examples = "convoke zkey beacon circuit_0002.zkey circuit_final.zkey \\\n    "
                "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 10 "
                "--name \"Final Beacon\"",
    .exits = {{[EXIT_DONE] = "done", [EXIT_UNUSABLE] = "nothing was written: it says why"}},
    .args_min = 4,
    .args_max = 4,
    .run = run_beacon,
};
