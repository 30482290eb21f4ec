/* ptau contribute and beacon: they differ only in where the secrets come from. */
#include "base/file.h"
#include "base/secret.h"
#include "cli/answer.h"
#include "cli/beacon.h"
#include "cli/compute.h"
#include "cli/entropy.h"
#include "cli/ptau_files.h"
#include "cli/subcommands.h"
#include "format/contribution_params.h"

typedef struct {
    const char *in, *out;
    Ptau *ptau;
    Phase1Contribution made;
    Compute compute;
} Contributing;

/* ---- both commands ---- */

static bool open_files(Contributing *c, const Args *args, CvkErr *err) {
    const char *name = args_text(args, "name");
    return compute_open(&c->compute, args, err) && cvk_file_apart(c->out, c->in, err) &&
           cvk_file_out_check(c->out, err) &&
           contribution_params_set_name(&c->made.params, name != NULL ? name : "", err) &&
           ptau_open(c->in, &c->ptau, err) && ptau_need_whole(c->ptau, err);
}

static int tell(const Answer *a, const Phase1Contribution *p) {
    const Verdict done = {.valid = true};
    uint8_t hash[BLAKE2B_BYTES];
    const NamedHash hashes[] = {{"Contribution Response Hash:", "response_hash", hash},
                                {"Next Challenge Hash:", "next_challenge", p->next_challenge}};
    phase1_response_hash(p, hash);
    return answer_hashes(a, &done, hashes, 2);
}

/* Takes `d`, which may be NULL after an error. */
static int contribute(const Args *args, Contributing *c, bool ready, Draw *d, CvkErr *err) {
    const Answer a = {.file = c->out,
                      .kind = "ptau",
                      .json = args_flag(args, "json"),
                      .others = {{c->in, "ptau"}}};
    bool ok =
        ready && d != NULL && ptau_file_contribute(c->ptau, c->out, d, &c->compute, &c->made, err);
    cvk_secret_free(d);
    compute_close(&c->compute);
    ptau_close(c->ptau);
    return ok ? tell(&a, &c->made) : answer_error(&a, err);
}

/* ---- contribute ---- */

static int run_contribute(const Args *args) {
    Contributing c = {.in = args_at(args, 0), .out = args_at(args, 1)};
    CvkErr err;
    bool ready = open_files(&c, args, &err);
    Draw *d = ready ? entropy_take(args, &err) : NULL;
    return contribute(args, &c, ready, d, &err);
}

static const Option contribute_options[] = {
    OPTION_NAME,   OPTION_ENTROPY_FILE, OPTION_ENTROPY,          OPTION_THREADS,
    OPTION_MEMORY, OPTION_JSON,         {NULL, NULL, NULL, NULL}};

const Subcommand CLI_PTAU_CONTRIBUTE = {
    .name = "ptau contribute",
    .purpose = "add your secret to powers of tau",
    .usage = "IN OUT [--name TEXT] [--entropy-file FILE] [--threads N] [--memory MB] [--json]",
    .about =
        "Draws a secret, multiplies every point of IN by its powers, and writes OUT, with one "
        "contribution more, and with a proof that its author knew the secret. The secret stays in "
        "locked memory and is wiped: as long as one contributor's is, the powers are safe. OUT is "
        "not prepared for phase 2, even if IN was. Every "
        "point of IN is checked on the way, but not who made it: 'convoke ptau verify' does that. "
        "Publish the hash that is printed: it is how others find your contribution in the result.",
    .options = contribute_options,
    .examples = "convoke ptau contribute pot14_0000.ptau pot14_0001.ptau --name alice",
    .args_min = 2,
    .args_max = 2,
    .run = run_contribute,
};

/* ---- beacon ---- */

static Draw *draw_beacon(const ContributionParams *p, CvkErr *err) {
    Draw *d = cvk_secret_alloc(sizeof *d, err);
    if (d != NULL && !beacon_draw(p, d, err))
        d = cvk_secret_free(d);
    return d;
}

static int run_beacon(const Args *args) {
    Contributing c = {.in = args_at(args, 0), .out = args_at(args, 1)};
    CvkErr err;
    bool ready = beacon_parse(args_at(args, 2), args_at(args, 3), &c.made.params, &err) &&
                 open_files(&c, args, &err);
    Draw *d = ready ? draw_beacon(&c.made.params, &err) : NULL;
    return contribute(args, &c, ready, d, &err);
}

static const Option beacon_options[] = {
    OPTION_NAME, OPTION_THREADS, OPTION_MEMORY, OPTION_JSON, {NULL, NULL, NULL, NULL}};

const Subcommand CLI_PTAU_BEACON = {
    .name = "ptau beacon",
    .purpose = "add a public random value to powers of tau, as the last contribution",
    .usage = "IN OUT BEACON EXPONENT [--name TEXT] [--threads N] [--memory MB] [--json]",
    .about =
        "A contribution whose secret is no secret: it is drawn from BEACON (hex digits, 1 to 255 "
        "bytes), hashed 2^EXPONENT times (10 to 63) with SHA-256. BEACON must be what nobody could "
        "know before the last contribution, such as the hash of a block that was announced: so the "
        "last contributor cannot choose the result. Everybody can repeat it, and 'convoke ptau "
        "verify' does.",
    .options = beacon_options,
    .examples = "convoke ptau beacon pot14_0003.ptau pot14_beacon.ptau \\\n"
                "    0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 10",
    .args_min = 4,
    .args_max = 4,
    .run = run_beacon,
};
