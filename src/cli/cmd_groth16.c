/* groth16 verify. */
#include "base/limits.h"
#include "cli/answer.h"
#include "cli/compute.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "format/vkey.h"

#include <stdlib.h>

static const Option options[] = {
    OPTION_THREADS,
    OPTION_MEMORY,
    OPTION_JSON,
    {NULL, NULL, NULL, NULL},
};

typedef struct {
    Groth16Vkey *vkey;
    Groth16Proof proof;
    Fr *inputs;
    size_t n;
} Given;

/* What reads a document of a file: `g` is where it goes, and what is known already. */
typedef bool (*ReadDocument)(JsonSource source, Given *g, const Work *w, Verdict *verdict,
                             CvkErr *err);

static bool read_vkey(JsonSource source, Given *g, const Work *w, Verdict *verdict, CvkErr *err) {
    (void)verdict;
    return vkey_read(source, LIMIT_JSON_FILE, w, &g->vkey, err);
}

static bool read_proof(JsonSource source, Given *g, const Work *w, Verdict *verdict, CvkErr *err) {
    (void)w;
    return proof_read(source, LIMIT_JSON_FILE, g->vkey->curve, &g->proof, verdict, err);
}

static bool read_inputs(JsonSource source, Given *g, const Work *w, Verdict *verdict, CvkErr *err) {
    (void)w;
    return inputs_read(source, LIMIT_JSON_FILE, g->vkey->curve, &g->inputs, &g->n, verdict, err);
}

static bool read_file(const char *path, ReadDocument read, Given *g, const Work *w,
                      Verdict *verdict, CvkErr *err) {
    FILE *f = cvk_file_open_regular(path, true, err);
    if (f == NULL)
        return false;
    bool ok = read(json_from_file(f), g, w, verdict, err);
    fclose(f);
    if (ok && !verdict->valid)
        verdict->place = cvk_place(path);
    return ok || cvk_fail_prefix(err, "%s", CVK_SHOWN(path)) || cvk_fail_in(err, path);
}

static bool verify(const Args *args, Given *g, const Work *w, Verdict *verdict, CvkErr *err) {
    if (!read_file(args_at(args, 0), read_vkey, g, w, verdict, err) ||
        !read_file(args_at(args, 1), read_inputs, g, w, verdict, err))
        return false;
    if (!verdict->valid)
        return true;
    if (!read_file(args_at(args, 2), read_proof, g, w, verdict, err))
        return false;
    return !verdict->valid ||
           groth16_verify(g->vkey, g->inputs, g->n, &g->proof, w->pool, verdict, err);
}

static int run(const Args *args) {
    const Answer a = {.file = args_at(args, 2),
                      .kind = "proof",
                      .json = args_flag(args, "json"),
                      .others = {{args_at(args, 0), "vkey"}, {args_at(args, 1), "public"}}};
    Compute c;
    Given g = {0};
    Verdict verdict = {.valid = true};
    CvkErr err;
    if (!compute_open(&c, args, &err))
        return answer_error(&a, &err);
    bool ok = verify(args, &g, &c.work, &verdict, &err);
    groth16_vkey_free(g.vkey);
    free(g.inputs);
    compute_close(&c);
    return ok ? answer_verdict(&a, &verdict) : answer_error(&a, &err);
}

const Subcommand CLI_GROTH16_VERIFY = {
    .name = "groth16 verify",
    .purpose = "check a proof under a verification key",
    .usage = "VKEY PUBLIC PROOF [--threads N] [--memory MB] [--json]",
    .about = "The three files are snarkjs's verification_key.json, public.json and proof.json, "
             "over bn128 or bls12381. Points must be on the curve and in the subgroup, public "
             "inputs below the groups' order: the same proof cannot be shown for two writings of "
             "one input.",
    .options = options,
    .examples = "convoke groth16 verify verification_key.json public.json proof.json",
    .exits = {{[EXIT_DONE] = "the proof is valid",
               [EXIT_INVALID] = "it is invalid: it says why",
               [EXIT_UNUSABLE] = "a file cannot be read, or is no such document"}},
    .args_min = 3,
    .args_max = 3,
    .run = run,
};
