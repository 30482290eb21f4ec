/* ptau export-challenge and import-response: for contributors whose programs take challenge files.
 */
#include "base/file.h"
#include "cli/answer.h"
#include "cli/compute.h"
#include "cli/entropy.h"
#include "cli/ptau_files.h"
#include "cli/subcommands.h"
#include "format/challenge.h"
#include "format/contribution_params.h"
#include "setup/phase1_verify.h"

#include <string.h>

/* ---- export-challenge ---- */

static const Option export_options[] = {
    OPTION_THREADS,
    OPTION_MEMORY,
    OPTION_JSON,
    {NULL, NULL, NULL, NULL},
};

typedef struct {
    CvkSink file;
    CvkBlake2b hash; /* of what has been written */
} HashedFile;

static bool hashed_write(void *ctx, const void *data, size_t n, CvkErr *err) {
    HashedFile *h = ctx;
    cvk_blake2b_add(&h->hash, data, n);
    return cvk_sink_write(&h->file, data, n, err);
}

typedef struct {
    uint8_t response[BLAKE2B_BYTES]; /* the last one */
    uint8_t challenge[BLAKE2B_BYTES];
} ExchangeHashes;

static bool write_challenge(const Ptau *p, Compute *c, CvkFileOut *out, ExchangeHashes *ret,
                            Verdict *verdict, CvkErr *err) {
    uint8_t expected[BLAKE2B_BYTES]; /* by which the contributor's response is known again */
    HashedFile h = {.file = cvk_sink_file(out)};
    const CvkSink to = {.write = hashed_write, .ctx = &h};
    size_t n;
    const Phase1Contribution *list = ptau_contributions(p, &n);
    ptau_challenge(p, c, expected);
    compute_begin(c, "exporting", (size_t)phase1_points(ptau_state(p)->power));
    cvk_blake2b_init(&h.hash);
    phase1_last_response(list, n, ret->response);
    if (!cvk_sink_write(&to, ret->response, sizeof ret->response, err))
        return false;
    for (Phase1Vector v = 0; v < PHASE1_VECTORS && verdict->valid; v++)
        if (!vector_write(&ptau_state(p)->v[v], FORM_UNCOMPRESSED, &c->work, v, &to, verdict, err))
            return false;
    cvk_blake2b_finish(&h.hash, ret->challenge);
    if (!verdict->valid)
        return true;
    if (memcmp(ret->challenge, expected, sizeof expected) != 0)
        verdict_refuse(verdict, "ptau.next_challenge",
                       "the powers are not those that the %s: their hash is not the challenge's",
                       n != 0 ? "last contribution led to" : "ceremony begins with");
    return true;
}

static bool export_to(const Ptau *p, const char *out_path, Compute *c, ExchangeHashes *ret,
                      Verdict *verdict, CvkErr *err) {
    CvkFileOut out;
    if (!cvk_file_out_open(&out, out_path, 0644, err))
        return false;
    bool ok = write_challenge(p, c, &out, ret, verdict, err);
    if (ok && verdict->valid)
        return cvk_file_out_commit(&out, err);
    cvk_file_out_abandon(&out);
    return ok;
}

static int tell_exported(const Answer *a, const ExchangeHashes *h, const Verdict *verdict) {
    const NamedHash hashes[] = {{"Last Response Hash:", "last_response", h->response},
                                {"New Challenge Hash:", "challenge", h->challenge}};
    return answer_hashes(a, verdict, hashes, 2);
}

static int run_export(const Args *args) {
    const char *in = args_at(args, 0), *out = args_at(args, 1);
    const Answer a = {.file = in,
                      .kind = "ptau",
                      .json = args_flag(args, "json"),
                      .others = {{out, "challenge"}}};
    Compute c;
    Ptau *p = NULL;
    ExchangeHashes hashes;
    Verdict verdict = {.valid = true};
    CvkErr err;
    if (!compute_open(&c, args, &err))
        return answer_error(&a, &err);
    bool ok = cvk_file_apart(out, in, &err) && ptau_open(in, &p, &err) &&
              ptau_need_whole(p, &err) && export_to(p, out, &c, &hashes, &verdict, &err);
    ptau_close(p);
    compute_close(&c);
    return ok ? tell_exported(&a, &hashes, &verdict) : answer_error(&a, &err);
}

const Subcommand CLI_PTAU_EXPORT_CHALLENGE = {
    .name = "ptau export-challenge",
    .purpose = "write the challenge for a contributor without a .ptau file",
    .usage = "IN OUT [--threads N] [--memory MB] [--json]",
    .about = "OUT is what phase2-bn254, snarkjs and others call a challenge: they make a response "
             "from it, which 'convoke ptau import-response' takes back. Every point of IN is "
             "checked, and that the challenge has the hash that IN says it has.",
    .options = export_options,
    .examples = "convoke ptau export-challenge pot14_0001.ptau challenge_0002",
    .exits = {{[EXIT_INVALID] = "IN is invalid: it says where and why"}},
    .args_min = 2,
    .args_max = 2,
    .run = run_export,
};

/* ---- import-response ---- */

static const Option import_options[] = {
    OPTION_NAME, OPTION_THREADS, OPTION_MEMORY, OPTION_JSON, {NULL, NULL, NULL, NULL},
};

typedef struct {
    Ptau *ptau;
    ChallengeFile *response;
    Phase1Contribution made;
} Import;

/* Is the response one to what follows the last contribution? */
static void check_answer(const Import *i, Compute *c, Verdict *verdict) {
    const Phase1State *s = ptau_state(i->ptau), *r = challenge_state(i->response);
    const char *path = challenge_whole(i->response).file;
    const CvkPlace file = cvk_place(path), hash = cvk_place_at(path, 0, 0);
    uint8_t challenge[BLAKE2B_BYTES];
    if (s->curve != r->curve || s->power != r->power) {
        verdict_refuse_at(verdict, &file, "response.size",
                          "it is a response of %s, power %u; the powers of tau are of %s, power %u",
                          curve_name(r->curve), r->power, curve_name(s->curve), s->power);
        return;
    }
    ptau_challenge(i->ptau, c, challenge);
    if (memcmp(challenge, challenge_hash(i->response), sizeof challenge) != 0)
        verdict_refuse_at(verdict, &hash, "response.challenge",
                          "it is a response to another challenge: export the challenge again, and "
                          "have that one answered");
}

static bool import_to(Import *i, const char *out, const Work *work, Verdict *verdict, CvkErr *err) {
    SectionWriter *w;
    if (!ptau_writer_open(out, ptau_state(i->ptau), false, &w, err))
        return false;
    const Phase1Output to = ptau_output(w);
    const ContributionParams params = i->made.params;
    bool ok = phase1_import(challenge_state(i->response), challenge_pubkey(i->response),
                            ptau_last(i->ptau), &to, work, &i->made, verdict, err);
    i->made.params = params;
    if (ok && verdict->valid && ptau_write_contributions(w, i->ptau, &i->made, err))
        return section_writer_commit(w, err);
    section_writer_abandon(w);
    return ok && !verdict->valid;
}

static bool import_files(const Args *args, Import *i, Compute *c, Verdict *verdict, CvkErr *err) {
    const char *in = args_at(args, 0), *response = args_at(args, 1), *out = args_at(args, 2);
    const char *name = args_text(args, "name");
    if (!cvk_file_apart(out, in, err) || !cvk_file_apart(out, response, err) ||
        !contribution_params_set_name(&i->made.params, name != NULL ? name : "", err) ||
        !ptau_open(in, &i->ptau, err) || !ptau_need_whole(i->ptau, err) ||
        !challenge_open(response, FILE_RESPONSE, &i->response, err))
        return false;
    check_answer(i, c, verdict);
    if (!verdict->valid)
        return true;
    compute_begin(c, "importing", phase1_import_units(ptau_state(i->ptau)->power));
    return import_to(i, out, &c->work, verdict, err);
}

static int tell_imported(const Answer *a, const Phase1Contribution *p, const Verdict *verdict) {
    uint8_t hash[BLAKE2B_BYTES];
    const NamedHash hashes[] = {{"Contribution Response Hash imported:", "response_hash", hash},
                                {"Next Challenge Hash:", "next_challenge", p->next_challenge}};
    if (verdict->valid)
        phase1_response_hash(p, hash);
    return answer_hashes(a, verdict, hashes, 2);
}

static int run_import(const Args *args) {
    const Answer a = {.file = args_at(args, 1),
                      .kind = "response",
                      .json = args_flag(args, "json"),
                      .others = {{args_at(args, 0), "ptau"}, {args_at(args, 2), "ptau"}}};
    Compute c;
    Import i = {0};
    Verdict verdict = {.valid = true};
    CvkErr err;
    if (!compute_open(&c, args, &err))
        return answer_error(&a, &err);
    bool ok = import_files(args, &i, &c, &verdict, &err);
    compute_close(&c);
    challenge_close(i.response);
    ptau_close(i.ptau);
    return ok ? tell_imported(&a, &i.made, &verdict) : answer_error(&a, &err);
}

const Subcommand CLI_PTAU_IMPORT_RESPONSE = {
    .name = "ptau import-response",
    .purpose = "add a response to the powers of tau it contributes to",
    .usage = "IN RESPONSE OUT [--name TEXT] [--threads N] [--memory MB] [--json]",
    .about = "RESPONSE must answer the challenge that 'convoke ptau export-challenge' makes of IN. "
             "Unlike snarkjs, which looks at its size and at the challenge's hash only, this "
             "checks the response in full before OUT appears: every point, the keys, that the "
             "powers extend those of IN and are the powers of one secret. OUT is as IN was, not "
             "prepared for phase 2, with one contribution more.",
    .options = import_options,
    .examples = "convoke ptau import-response pot14_0001.ptau response_0002 pot14_0002.ptau "
                "--name bob",
    .exits = {{[EXIT_INVALID] = "the response is invalid: it says why, and there is no OUT"}},
    .args_min = 3,
    .args_max = 3,
    .run = run_import,
};
