/* market verify: is everything in an experiment what it was? */
#include "base/hex.h"
#include "cli/market.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "codec/json_write.h"
#include "run/experiment_verify.h"

#include <inttypes.h>
#include <stdio.h>

static const Option options[] = {
    OPTION_EXPERIMENT,
    {"no-proofs", NULL, NULL, "Only the journal and the tables: proofs are not verified again."},
    {"head", "FILE", NULL,
     "A signed head of the journal that was copied from heads/ of the directory; may be repeated. "
     "The journal must have grown from it."},
    {"json", NULL, NULL, "Print one JSON object: what was looked at, and a list of faults."},
    NO_OPTION,
};

typedef struct {
    JsonWriter *json; /* within the list of faults; NULL: for people */
} Telling;

static bool tell(void *ctx, const ExperimentFault *f, CvkErr *err) {
    JsonWriter *w = ((Telling *)ctx)->json;
    char where[64] = "";
    (void)err;
    if (w != NULL) {
        json_object_begin(w);
        json_field_str(w, "id", f->id);
        if (f->request != 0)
            json_field_uint(w, "request_id", f->request);
        if (f->batch != 0)
            json_field_uint(w, "batch", f->batch);
        json_field_str(w, "message", f->text);
        json_object_end(w);
        return true;
    }
    if (f->request != 0)
        snprintf(where, sizeof where, "request %" PRIu64 ", batch %" PRIu32 ": ", f->request,
                 f->batch);
    else if (f->batch != 0)
        snprintf(where, sizeof where, "batch %" PRIu32 ": ", f->batch);
    say_result("%sINVALID: %s", where, f->text);
    return true;
}

static void json_facts(JsonWriter *w, const Experiment *e, const ExperimentVerified *v) {
    char hash[65], root[65];
    cvk_hex_encode(v->audit.hash, 32, hash);
    cvk_hex_encode(v->audit.root, 32, root);
    json_field_str(w, "experiment", experiment_name(e));
    json_field_str(w, "verdict", v->faults == 0 ? "valid" : "invalid");
    json_field_uint(w, "entries", v->audit.entries);
    json_field_uint(w, "signed_heads", v->heads);
    json_field_str(w, "journal_hash", hash);
    json_field_str(w, "journal_root", root);
    json_field_uint(w, "participants", v->audit.participants);
    json_field_uint(w, "batches", v->audit.batches);
    json_field_uint(w, "requests", v->audit.requests);
    json_field_uint(w, "submissions", v->audit.submissions);
    json_field_uint(w, "attempts", v->audit.attempts);
    json_field_uint(w, "proofs_verified", v->proofs);
}

static void say_facts(const Experiment *e, const ExperimentVerified *v) {
    char root[65];
    cvk_hex_encode(v->audit.root, 32, root);
    if (v->faults == 0)
        say_result("experiment '%s': valid: %" PRIu64 " entries, grown from %" PRIu64
                   " signed heads, %" PRIu64 " submissions, %" PRIu64 " proofs verified again",
                   experiment_name(e), v->audit.entries, v->heads, v->audit.submissions, v->proofs);
    else
        say_result("experiment '%s': INVALID: %" PRIu64 " faults", experiment_name(e), v->faults);
    if (v->audited)
        say_result("journal's root: %s", root);
}

static void begin_faults(JsonWriter *w) {
    json_object_begin(w);
    json_put_key(w, "faults");
    json_array_begin(w);
}

static bool verify(Experiment *e, const ExperimentChecks *checks, bool json, uint64_t *ret_faults,
                   CvkErr *err) {
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    Telling t = {.json = json ? &w : NULL};
    ExperimentVerified v;
    if (json)
        begin_faults(&w);
    if (!experiment_verify(e, checks, tell, &t, &v, err))
        return false;
    *ret_faults = v.faults;
    if (!json) {
        say_facts(e, &v);
        return true;
    }
    json_array_end(&w);
    json_facts(&w, e, &v);
    json_object_end(&w);
    return json_finish(&w, err) && putchar('\n') != EOF;
}

/* A directory that cannot even be opened because of what is wrong in it has its verdict, too. */
static int not_opened(const CvkErr *why, bool json) {
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    Telling t = {.json = json ? &w : NULL};
    ExperimentFault fault = {.id = why->id};
    CvkErr err;
    if (!experiment_is_fault(why))
        return say_error("market verify", why);
    snprintf(fault.text, sizeof fault.text, "%s", why->msg);
    if (json)
        begin_faults(&w);
    if (!tell(&t, &fault, &err))
        return say_error("market verify", &err);
    if (!json)
        return EXIT_INVALID;
    json_array_end(&w);
    json_field_str(&w, "verdict", "invalid");
    json_object_end(&w);
    if (!json_finish(&w, &err) || putchar('\n') == EOF)
        return say_error("market verify", &err);
    return EXIT_INVALID;
}

static int run(const Args *args) {
    ExperimentChecks checks = {.proofs = !args_flag(args, "no-proofs"),
                               .heads = args_list(args, "head")};
    uint64_t faults = 0;
    Experiment *e;
    Node *node;
    CvkErr err;
    if (!market_open(args, &node, &e, &err))
        return not_opened(&err, args_flag(args, "json"));
    bool ok = verify(e, &checks, args_flag(args, "json"), &faults, &err);
    node_close(node);
    if (!ok)
        return say_error("market verify", &err);
    return faults == 0 ? EXIT_DONE : EXIT_INVALID;
}

const Subcommand CLI_MARKET_VERIFY = {
    .name = "market verify",
    .purpose = "is everything what it was: journal, tables, batches, proofs",
    .usage = "DIR [--no-proofs] [--head FILE]... [--experiment NAME] [--json]",
    .about =
        "Reads the journal's chain and compares every row of the tables with it, compares every "
        "batch and proof with its sha256, and verifies every accepted proof again. The journal "
        "must "
        "have grown from the signed head that is kept in heads/. A copy of that file somewhere "
        "else, "
        "given with --head later, says that nothing was rewritten since, whatever was put back.",
    .options = options,
    .examples = "convoke market verify market-2026\n"
                "convoke market verify market-2026 --no-proofs --json\n"
                "convoke market verify market-2026 --head usb/head-0612.json",
    .exits = {{[EXIT_DONE] = "valid",
               [EXIT_INVALID] = "invalid: it says what, and of which request or batch",
               [EXIT_UNUSABLE] = "no such directory, it cannot be read, or a verifier failed"}},
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
