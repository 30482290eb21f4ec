#include "base/hex.h"
#include "cli/answer.h"
#include "cli/hash_block.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "format/ptau_known.h"

#include <inttypes.h>
#include <stdio.h>

#define HASH_PIECE 65536

static const Option options[] = {
    {"no-hash", NULL, NULL,
     "Do not hash the file: so that a published one, which may be large, is not named."},
    {"json", NULL, NULL, "Print one JSON object."},
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
    CvkBlake2b b;
    uint8_t piece[HASH_PIECE];
    if (!cvk_file_in_open(&in, path, err))
        return false;
    Progress bar = progress_start("hashing", true, quiet);
    CvkProgress progress = progress_to(&bar);
    CvkSource whole = cvk_file_in_bytes(&in);
    cvk_blake2b_init(&b);
    bool ok = true;
    for (uint64_t at = 0; ok && at < whole.n; at += sizeof piece) {
        size_t n = whole.n - at < sizeof piece ? (size_t)(whole.n - at) : sizeof piece;
        ok = cvk_source_read(&whole, at, piece, n, err);
        cvk_blake2b_add(&b, piece, n);
        progress.fn(progress.ctx, (size_t)at, (size_t)whole.n);
    }
    progress_end(&bar);
    cvk_file_in_close(&in);
    if (ok)
        cvk_blake2b_finish(&b, ret);
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

static void say_contribution(const Phase1Contribution *p, size_t number) {
    uint8_t hash[BLAKE2B_BYTES];
    const ContributionParams *c = &p->params;
    char title[320];
    snprintf(title, sizeof title, "contribution %zu%s%s%s:", number, c->beacon ? ", a beacon" : "",
             c->has_name ? ": " : "", c->name);
    say_result("%s", title);
    if (c->beacon) {
        char hex[2 * sizeof c->beacon_hash + 1];
        cvk_hex_encode(c->beacon_hash, c->beacon_hash_n, hex);
        say_result("  beacon: %s, hashed 2^%u times", hex, c->iterations_exp);
    }
    phase1_response_hash(p, hash);
    say_hash("  response hash:", hash);
    say_hash("  next challenge:", p->next_challenge);
}

static void say_info(const Info *i) {
    const Phase1State *s = ptau_state(i->ptau);
    size_t n;
    const Phase1Contribution *list = ptau_contributions(i->ptau, &n);
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
    for (size_t k = 0; k < n; k++)
        say_contribution(&list[k], k + 1);
    say_step("nothing has been verified: 'convoke ptau verify' does that");
}

/* ---- for programs ---- */

static void put_str(JsonWriter *w, const char *key, const char *value) {
    json_put_key(w, key);
    if (value != NULL)
        json_put_str(w, value);
    else
        json_put_null(w);
}

static void put_uint(JsonWriter *w, const char *key, uint64_t value) {
    json_put_key(w, key);
    json_put_uint(w, value);
}

static void put_contribution(JsonWriter *w, const Phase1Contribution *p) {
    uint8_t hash[BLAKE2B_BYTES];
    const ContributionParams *c = &p->params;
    json_object_begin(w);
    put_str(w, "name", c->has_name ? c->name : NULL);
    put_str(w, "type", c->beacon ? "beacon" : "contribution");
    if (c->beacon) {
        answer_json_hash(w, "beacon", c->beacon_hash, c->beacon_hash_n);
        put_uint(w, "iterations_exp", c->iterations_exp);
    }
    phase1_response_hash(p, hash);
    answer_json_hash(w, "response_hash", hash, sizeof hash);
    answer_json_hash(w, "next_challenge", p->next_challenge, sizeof p->next_challenge);
    json_object_end(w);
}

static bool print_json(const Info *i, CvkErr *err) {
    static const char *const prepared[] = {
        [PTAU_UNPREPARED] = "no", [PTAU_PREPARED_SHORT] = "short", [PTAU_PREPARED] = "yes"};
    const Phase1State *s = ptau_state(i->ptau);
    size_t n;
    const Phase1Contribution *list = ptau_contributions(i->ptau, &n);
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(&w);
    put_str(&w, "file", i->path);
    put_str(&w, "kind", "ptau");
    put_uint(&w, "bytes", section_file_bytes(ptau_file(i->ptau)));
    put_str(&w, "published_as", i->known);
    put_str(&w, "curve", curve_name(s->curve));
    put_uint(&w, "power", s->power);
    put_uint(&w, "ceremony_power", s->ceremony_power);
    put_str(&w, "prepared", prepared[ptau_prepared(i->ptau)]);
    json_put_key(&w, "contributions");
    json_array_begin(&w);
    for (size_t k = 0; k < n; k++)
        put_contribution(&w, &list[k]);
    json_array_end(&w);
    json_object_end(&w);
    return json_finish(&w, err) && putchar('\n') != EOF;
}

static int run(const Args *args) {
    CvkErr err;
    Ptau *p;
    if (!ptau_open(args_at(args, 0), &p, &err))
        return say_error("ptau info", &err);
    Info i = {.path = args_at(args, 0), .ptau = p};
    bool ok = find_known(args, &i, &err);
    if (ok && args_flag(args, "json"))
        ok = print_json(&i, &err);
    else if (ok)
        say_info(&i);
    ptau_close(p);
    return ok ? EXIT_DONE : say_error("ptau info", &err);
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
