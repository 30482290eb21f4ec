#include "cli/answer.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "cli/zkey_say.h"

#include <inttypes.h>

static const Option options[] = {
    {"json", NULL, NULL,
     "Print one JSON object: file, kind, bytes, curve, variables, public, domain, coefficients, "
     "circuit_hash, contributions (each type, name, hash, and of a beacon beacon_hash and "
     "iterations_exp)."},
    {NULL, NULL, NULL, NULL},
};

static int say_key(const char *path, const Zkey *z) {
    const Phase2Key *key = zkey_key(z);
    const Phase2Header *h = &key->header;
    say_result("file: %s, %" PRIu64 " bytes", path, section_file_bytes(zkey_file(z)));
    say_result("curve: %s", curve_name(h->curve));
    say_result("variables: %" PRIu32 ", of which %" PRIu32 " are public", h->n_vars, h->n_public);
    say_result("domain: %" PRIu32, h->domain);
    say_result("coefficients: %" PRIu32, zkey_coefficients_n(z));
    say_result("contributions: %" PRIu32, key->contributions_n);
    zkey_say_contributions(key);
    say_step("nothing has been verified: 'convoke zkey verify' does that");
    return EXIT_DONE;
}

static int put_key(const Answer *a, const Zkey *z) {
    JsonWriter w;
    answer_json_facts(a, &w);
    zkey_put(z, &w);
    return answer_json_done(&w);
}

static int run(const Args *args) {
    const Answer a = {.file = args_at(args, 0), .kind = "zkey", .json = args_flag(args, "json")};
    Zkey *z;
    CvkErr err;
    if (!zkey_open(a.file, &z, &err))
        return answer_error(&a, &err);
    int status = a.json ? put_key(&a, z) : say_key(a.file, z);
    zkey_close(z);
    return status;
}

const Subcommand CLI_ZKEY_INFO = {
    .name = "zkey info",
    .purpose = "tell what a circuit's key is for and who contributed to it",
    .usage = "FILE [--json]",
    .about = "The file's form is checked, and so are the points of its header and of its "
             "contributions. Whether the key is right, 'convoke zkey verify' says. Names are what "
             "contributors, or whoever had the file after them, wrote there.",
    .options = options,
    .examples = "convoke zkey info circuit_final.zkey",
    .exits = {{[EXIT_DONE] = "told",
               [EXIT_UNUSABLE] = "it cannot be read, or is no such file: it says where"}},
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
