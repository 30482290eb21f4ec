#include "cli/answer.h"
#include "cli/hash_source.h"
#include "cli/ptau_say.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "format/ptau_known.h"

#include <inttypes.h>

static const Option options[] = {
    {"no-hash", NULL, NULL,
     "Do not hash the file: so that a published one, which may be large, is not named."},
    {"json", NULL, NULL,
     "Print one JSON object: file, kind, published_as (null: no published file, or not hashed), "
     "bytes, curve, power, ceremony_power, prepared (no, short, yes), contributions (each type, "
     "name, response_hash, next_challenge, and of a beacon beacon_hash and iterations_exp)."},
    {NULL, NULL, NULL, NULL},
};

typedef struct {
    const char *path;
    const Ptau *ptau;
    bool hashed;
    uint8_t hash[BLAKE2B_BYTES]; /* of the whole file */
    const char *known;           /* NULL: no published file, or not hashed */
} Info;

/* ---- which file it is ---- */

static bool hash_file(const char *path, bool quiet, uint8_t ret[BLAKE2B_BYTES], CvkErr *err) {
    CvkFileIn in;
    if (!cvk_file_in_open(&in, path, err))
        return false;
    const CvkSource whole = cvk_file_in_bytes(&in);
    bool ok = hash_source(&whole, quiet, ret, err);
    cvk_file_in_close(&in);
    return ok;
}

static bool find_known(const Args *args, Info *i, CvkErr *err) {
    if (args_flag(args, "no-hash") || !ptau_may_be_known(i->ptau))
        return true;
    if (!hash_file(i->path, args_flag(args, "json"), i->hash, err))
        return false;
    i->hashed = true;
    i->known = ptau_known_name(i->hash);
    return true;
}

/* ---- for people ---- */

static const char *prepared_text(PtauPrepared prepared) {
    switch (prepared) {
    case PTAU_UNPREPARED:
        return "no";
    case PTAU_PREPARED_SHORT:
        return "by an old program: 'convoke ptau convert' adds what it lacks";
    case PTAU_PREPARED:
        return "yes";
    }
    return NULL;
}

static void say_info(const Info *i) {
    const Phase1State *s = ptau_state(i->ptau);
    size_t n;
    (void)ptau_contributions(i->ptau, &n);
    say_result("file: %s, %" PRIu64 " bytes", i->path, section_file_bytes(ptau_file(i->ptau)));
    if (i->known != NULL)
        say_result("published as: %s", i->known);
    else if (i->hashed)
        say_result("published as: none of the published files, though it claims to be of their "
                   "ceremony's size");
    say_result("curve: %s", curve_name(s->curve));
    say_result("power: %u, for circuits of up to %" PRIu64 " constraints", s->power,
               (uint64_t)1 << s->power);
    if (s->ceremony_power != s->power)
        say_result("truncated from power: %u", s->ceremony_power);
    say_result("prepared for phase 2: %s", prepared_text(ptau_prepared(i->ptau)));
    say_result("contributions: %zu", n);
    ptau_say_contributions(i->ptau, NULL);
    say_step("nothing has been verified: 'convoke ptau verify' does that");
}

/* ---- for programs ---- */

static int put_info(const Answer *a, const Info *i) {
    JsonWriter w;
    answer_json_facts(a, &w);
    json_put_key(&w, "published_as");
    if (i->known != NULL)
        json_put_str(&w, i->known);
    else
        json_put_null(&w);
    ptau_put(i->ptau, &w);
    return answer_json_done(&w);
}

static int tell(const Answer *a, const Info *i) {
    if (a->json)
        return put_info(a, i);
    say_info(i);
    return EXIT_DONE;
}

static int run(const Args *args) {
    const Answer a = {.file = args_at(args, 0), .kind = "ptau", .json = args_flag(args, "json")};
    CvkErr err;
    Ptau *p = NULL;
    if (!ptau_open(a.file, &p, &err))
        return answer_error(&a, &err);
    Info i = {.path = a.file, .ptau = p};
    int status = find_known(args, &i, &err) ? tell(&a, &i) : answer_error(&a, &err);
    ptau_close(p);
    return status;
}

const Subcommand CLI_PTAU_INFO = {
    .name = "ptau info",
    .purpose = "tell what a powers of tau file is",
    .usage = "FILE [--no-hash] [--json]",
    .about = "Tells curve, power, whether FILE is prepared for phase 2, and of each contribution "
             "its name and hashes. A prepared file of power 8 to 28 that claims to be of the "
             "perpetual powers of tau is hashed and named if its hash is one that was published "
             "(the list in the README of snarkjs 0.7.6). The file's structure and its "
             "contributions' points are checked, but nothing is verified: anybody can write a "
             "file that claims anything.",
    .options = options,
    .examples = "convoke ptau info powersOfTau28_hez_final_14.ptau",
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
