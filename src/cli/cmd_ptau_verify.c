#include "base/alloc.h"
#include "cli/answer.h"
#include "cli/beacon.h"
#include "cli/compute.h"
#include "cli/ptau_say.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "setup/phase1_verify.h"

#include <stdio.h>

static const Option options[] = {
    OPTION_SLOW_BEACONS, OPTION_THREADS, OPTION_MEMORY, OPTION_JSON, {NULL, NULL, NULL, NULL}};

/* ---- checking ---- */

static bool take_lagrange(const Ptau *p, Phase1Lagrange *ret, CvkErr *err) {
    const unsigned levels = ptau_state(p)->power + 1;
    for (Phase1Vector v = 0; v < PHASE1_BETA_G2; v++) {
        ret->levels[v] = levels;
        if (v == PHASE1_TAU_G1 && ptau_prepared(p) == PTAU_PREPARED)
            ret->levels[v]++;
        for (unsigned i = 0; i < ret->levels[v]; i++)
            if (!ptau_lagrange(p, v, i, &ret->v[v][i], err))
                return false;
    }
    return true;
}

static bool check(const Ptau *p, const Args *args, Compute *c, Verdict *ret,
                  uint8_t ret_first[BLAKE2B_BYTES], CvkErr *err) {
    _cleanup_free_ Phase1Lagrange *lagrange = cvk_alloc(1, sizeof *lagrange, err);
    const bool prepared = ptau_prepared(p) != PTAU_UNPREPARED;
    if (lagrange == NULL || (prepared && !take_lagrange(p, lagrange, err)))
        return false;
    Phase1Claim claim = {.state = ptau_state(p),
                         .lagrange = prepared ? lagrange : NULL,
                         .beacon_exp_max = beacon_exp_max(args)};
    claim.contributions = ptau_contributions(p, &claim.contributions_n);
    compute_begin(c, "verifying", phase1_verify_units(&claim));
    bool ok = phase1_verify(&claim, &c->work, ret, ret_first, err);
    compute_end(c);
    return ok;
}

/* ---- telling ---- */

static void say_all(const Ptau *p, const uint8_t first[BLAKE2B_BYTES]) {
    ptau_say_contributions(p, first);
    if (ptau_prepared(p) == PTAU_UNPREPARED)
        say_result("This file does not contain phase2 precalculated values. Please run: "
                   "convoke ptau prepare, before using it for phase 2");
    if (ptau_state(p)->power != ptau_state(p)->ceremony_power)
        say_result("This file was truncated from power %u: that its points have the hash in the "
                   "last contribution cannot be checked",
                   ptau_state(p)->ceremony_power);
    say_result("Powers of Tau Ok!");
}

static int put_all(const Answer *a, const Ptau *p, const Verdict *verdict) {
    JsonWriter w;
    answer_json_begin(a, verdict, &w);
    ptau_put(p, &w);
    return answer_json_end(&w, verdict);
}

static int tell(const Answer *a, const Ptau *p, const Verdict *verdict,
                const uint8_t first[BLAKE2B_BYTES]) {
    if (a->json)
        return put_all(a, p, verdict);
    if (!verdict->valid)
        return answer_verdict(a, verdict);
    say_all(p, first);
    return EXIT_DONE;
}

static int run(const Args *args) {
    const Answer a = {.file = args_at(args, 0), .kind = "ptau", .json = args_flag(args, "json")};
    Compute c;
    Ptau *p = NULL;
    Verdict verdict;
    uint8_t first[BLAKE2B_BYTES]; /* the first challenge */
    CvkErr err;
    if (!compute_open(&c, args, &err))
        return answer_error(&a, &err);
    bool ok = ptau_open(a.file, &p, &err) && check(p, args, &c, &verdict, first, &err);
    compute_close(&c);
    int status = ok ? tell(&a, p, &verdict, first) : answer_error(&a, &err);
    ptau_close(p);
    return status;
}

const Subcommand CLI_PTAU_VERIFY = {
    .name = "ptau verify",
    .purpose = "check powers of tau and everybody who contributed to them",
    .usage = "FILE [--slow-beacons] [--threads N] [--memory MB] [--json]",
    .about =
        "Checks that every contributor knew the secret that the powers were multiplied by and "
        "extended what the one before had made, that beacons are what they say, that every point "
        "is one and every vector holds the powers, and, of a prepared file, the Lagrange bases. "
        "Shows the contributions, the newest first, with the hashes that their authors published: "
        "who finds theirs there need trust nobody else. Names are signed by nobody.",
    .options = options,
    .examples = "convoke ptau verify pot14_final.ptau\nconvoke ptau verify pot14_final.ptau --json",
    .exits = {{[EXIT_DONE] = "valid",
               [EXIT_INVALID] = "invalid: it says why, and where if there is a place",
               [EXIT_UNUSABLE] = "no such file, or it cannot be read"}},
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
