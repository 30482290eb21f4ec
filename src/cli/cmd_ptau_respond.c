/* ptau respond: a contribution by somebody who was given a challenge file. */
#include "base/file.h"
#include "base/secret.h"
#include "cli/answer.h"
#include "cli/compute.h"
#include "cli/entropy.h"
#include "cli/hash_source.h"
#include "cli/subcommands.h"
#include "format/challenge.h"
#include "setup/phase1_contribute.h"

static const Option options[] = {OPTION_ENTROPY_FILE, OPTION_ENTROPY, OPTION_THREADS,
                                 OPTION_MEMORY,       OPTION_JSON,    {NULL, NULL, NULL, NULL}};

typedef struct {
    ChallengeFile *challenge;
    uint8_t hash[BLAKE2B_BYTES]; /* of the challenge */
    Phase1Contribution made;
    Compute compute;
} Responding;

/* All vectors go to the one file, one behind the other. */
static bool open_vector(void *ctx, Phase1Vector which, CvkSink *ret, CvkErr *err) {
    (void)which;
    (void)err;
    *ret = *(const CvkSink *)ctx;
    return true;
}

static bool write_response(Responding *r, Draw *d, const CvkSink *to, CvkErr *err) {
    CvkSink vectors = *to;
    const Phase1Output out = {
        .form = challenge_form(FILE_RESPONSE), .open = open_vector, .ctx = &vectors};
    const Phase1State *s = challenge_state(r->challenge);
    uint8_t pubkey[PHASE1_PUBKEY_BYTES_MAX];
    if (!cvk_sink_write(to, r->hash, sizeof r->hash, err) ||
        !phase1_contribute(s, r->hash, d, &out, &r->compute.work, &r->made, err))
        return false;
    size_t n = phase1_pubkey_write(&r->made.pubkey, FORM_UNCOMPRESSED, pubkey);
    return cvk_sink_write(to, pubkey, n, err);
}

static bool write_file(Responding *r, const char *path, Draw *d, CvkErr *err) {
    CvkFileOut out;
    if (!cvk_file_out_open(&out, path, 0644, err))
        return false;
    const CvkSink to = cvk_sink_file(&out);
    compute_begin(&r->compute, "contributing",
                  phase1_contribute_units(challenge_state(r->challenge)->power));
    if (write_response(r, d, &to, err))
        return cvk_file_out_commit(&out, err);
    cvk_file_out_abandon(&out);
    return false;
}

static bool respond(const Args *args, Responding *r, CvkErr *err) {
    const char *in = args_at(args, 0), *out = args_at(args, 1);
    if (!compute_open(&r->compute, args, err) || !cvk_file_apart(out, in, err) ||
        !cvk_file_out_check(out, err) || !challenge_open(in, FILE_CHALLENGE, &r->challenge, err))
        return false;
    const CvkSource whole = challenge_whole(r->challenge);
    if (!hash_source(&whole, args_flag(args, "json"), r->hash, err))
        return false;
    _cleanup_secret_ Draw *d = entropy_take(args, err);
    return d != NULL && write_file(r, out, d, err);
}

static int tell(const Answer *a, const Responding *r) {
    const Verdict done = {.valid = true};
    uint8_t response[BLAKE2B_BYTES];
    const NamedHash hashes[] = {
        {"Claimed Previous Response Hash:", "last_response", challenge_hash(r->challenge)},
        {"Current Challenge Hash:", "challenge", r->hash},
        {"Contribution Response Hash:", "response_hash", response}};
    phase1_response_hash(&r->made, response);
    return answer_hashes(a, &done, hashes, 3);
}

static int run(const Args *args) {
    const Answer a = {.file = args_at(args, 1),
                      .kind = "response",
                      .json = args_flag(args, "json"),
                      .others = {{args_at(args, 0), "challenge"}}};
    Responding r = {.challenge = NULL};
    CvkErr err;
    bool ok = respond(args, &r, &err);
    compute_close(&r.compute);
    int status = ok ? tell(&a, &r) : answer_error(&a, &err);
    challenge_close(r.challenge);
    return status;
}

const Subcommand CLI_PTAU_RESPOND = {
    .name = "ptau respond",
    .purpose = "contribute to powers of tau of which you were given a challenge file",
    .usage = "CHALLENGE RESPONSE [--entropy-file FILE] [--threads N] [--memory MB] [--json]",
    .about =
        "Some ceremonies do not hand out .ptau files but challenges (challenge_0001, made by "
        "'convoke ptau export-challenge' or other programs), and take back a response. This is "
        "'convoke ptau contribute' for them: it draws a secret, multiplies every point by its "
        "powers, and writes RESPONSE with a proof that its author knew the secret. Curve and power "
        "follow from the size of the file. Publish the response's hash, which is printed.",
    .options = options,
    .examples = "convoke ptau respond challenge_0002 response_0002",
    .args_min = 2,
    .args_max = 2,
    .run = run,
};
