#include "cli/answer.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "cli/zkey_say.h"
#include "format/zkey.h"

#include <inttypes.h>
#include <stdio.h>

static const Option options[] = {
    {"json", NULL, NULL,
     "Print one JSON object: file, kind, curve, bytes, variables, public, domain, coefficients, "
     "circuit_hash, contributions (each type, name, hash, and of a beacon iterations_exp and "
     "beacon_hash)."},
    {NULL, NULL, NULL, NULL},
};

static void say_key(const char *path, const Zkey *z) {
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
}

static void put_str(JsonWriter *w, const char *key, const char *value) {
    json_put_key(w, key);
    json_put_str(w, value);
}

static void put_uint(JsonWriter *w, const char *key, uint64_t value) {
    json_put_key(w, key);
    json_put_uint(w, value);
}

static void put_key(const char *path, const Zkey *z) {
    const Phase2Key *key = zkey_key(z);
    const Phase2Header *h = &key->header;
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(&w);
    put_str(&w, "file", path);
    put_str(&w, "kind", "zkey");
    put_str(&w, "curve", curve_name(h->curve));
    put_uint(&w, "bytes", section_file_bytes(zkey_file(z)));
    put_uint(&w, "variables", h->n_vars);
    put_uint(&w, "public", h->n_public);
    put_uint(&w, "domain", h->domain);
    put_uint(&w, "coefficients", zkey_coefficients_n(z));
    zkey_put_contributions(key, &w);
    json_object_end(&w);
    if (json_finish(&w, NULL)) /* main looks at stdout's state in the end */
        putchar('\n');
}

static int run(const Args *args) {
    const Answer a = {.file = args_at(args, 0), .kind = "zkey", .json = args_flag(args, "json")};
    Zkey *z;
    CvkErr err;
    if (!zkey_open(a.file, &z, &err))
        return answer_error(&a, &err);
    if (a.json)
        put_key(a.file, z);
    else
        say_key(a.file, z);
    zkey_close(z);
    return EXIT_DONE;
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
