/* prove smoke: does everything fit together, before an experiment begins? */
#include "cli/progress.h"
#include "cli/prove.h"
#include "cli/prove_say.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "cli/world.h"

#include <string.h>

#define EXAMPLE_BATCH "static/example-batch.bin"
#define EXAMPLE_PROOF "static/example-proof.bin"

static const Option options[] = {
    {"prover", "CMD", NULL, "Run it on the example batch, as 'convoke prove' would."},
    {"dir", "DIR", "convoke-smoke",
     "Where the example batch and proof go, and what the prover made."},
    {"patience", "SECONDS", "20", "How long to try again without an answer."},
    {"allow-http", NULL, NULL, "Speak plain http with a server that is not this machine."},
    {NULL, NULL, NULL, NULL},
};

/* Nobody has the empty id: an experiment's server says so, others something else. */
static bool look_at_server(Prover *prover, CvkErr *err) {
    ProverTask task;
    ProverAnswer answer;
    if (!prover_next(prover, &task, &answer, err))
        return false;
    if (answer.kind != PROVER_STRANGER)
        return cvk_fail(err, CVK_EBACKEND, "server.strange",
                        "it has a batch for whoever says no id: no server of an experiment");
    say_result("the server is one of an experiment");
    return true;
}

static bool fetch(const Proving *p, const char *path, const char *name, size_t *ret_n,
                  CvkErr *err) {
    FILE *file = prove_file(p, "example.part", true, err);
    if (file == NULL)
        return false;
    Progress bar = progress_start("fetching", true, false);
    bool ok = prover_fetch(p->prover, path, file, progress_to(&bar), err);
    progress_end(&bar);
    if (!ok) {
        fclose(file);
        return false;
    }
    off_t size = fseeko(file, 0, SEEK_END) == 0 ? ftello(file) : 0;
    *ret_n = size > 0 ? (size_t)size : 0;
    if (!prove_file_done(p, file, "example.part", name, err))
        return false;
    say_result("%s: %zu bytes, in %s/%s", path, *ret_n, p->dir, name);
    return true;
}

/* Is it the example's proof? Many systems have more than one proof of a thing. */
static bool compare(const Proving *p, size_t size, int64_t ms, CvkErr *err) {
    _cleanup_buf_ CvkBuf own = CVK_BUF(LIMIT_OWN_PROOF), example = CVK_BUF(LIMIT_OWN_PROOF);
    if (!prove_load(p, "proof.bin", &own, err) ||
        !prove_load(p, "example-proof.bin", &example, err))
        return false;
    bool same = own.n == example.n && (own.n == 0 || memcmp(own.data, example.data, own.n) == 0);
    say_result("the prover: %zu bytes in %.3f s, %s the example proof", size, (double)ms / 1e3,
               same ? "which are" : "other bytes than");
    if (own.n == 0)
        return cvk_fail(err, CVK_EBACKEND, "prover.failed",
                        "the prover wrote no proof to standard output");
    return true;
}

static bool run_prover(const Proving *p, CvkErr *err) {
    char batch[LIMIT_PATH];
    int64_t ms = 0;
    if (!cvk_path(batch, p->dir, "example-batch.bin", err))
        return false;
    FILE *file = prove_file(p, "proof.part", true, err);
    if (file == NULL)
        return false;
    if (!prove_run(p->command, batch, file, &ms, err)) {
        fclose(file);
        return cvk_fail_prefix(err, "the prover");
    }
    off_t size = fseeko(file, 0, SEEK_END) == 0 ? ftello(file) : 0;
    return prove_file_done(p, file, "proof.part", "proof.bin", err) &&
           compare(p, (size_t)size, ms, err);
}

/* The server is known to be one of an experiment: what it has not was not published. */
static bool fetch_examples(const Proving *p, CvkErr *err) {
    size_t n;
    if (fetch(p, EXAMPLE_BATCH, "example-batch.bin", &n, err) &&
        fetch(p, EXAMPLE_PROOF, "example-proof.bin", &n, err))
        return true;
    if (strcmp(err->id, "server.nothing") == 0)
        return cvk_fail(err, CVK_EBACKEND, "server.nothing",
                        "the operator has published no example (market batch example)");
    return false;
}

static bool smoke(Proving *p, CvkErr *err) {
    return look_at_server(p->prover, err) && prove_open(p, err) && fetch_examples(p, err) &&
           (p->command == NULL || run_prover(p, err));
}

static int run(const Args *args) {
    Proving p = {.lock = -1, .dir = args_text(args, "dir"), .command = args_text(args, "prover")};
    uint64_t patience = 0;
    WebClient *web = NULL;
    CvkErr err;
    bool ok = args_uint(args, "patience", 10000000, &patience, &err) &&
              web_url_check(args_at(args, 0), args_flag(args, "allow-http"), &err) &&
              (web = web_client_new(args_flag(args, "allow-http"), &err)) != NULL;
    if (ok) {
        ClientWorld world = world_real(web);
        p.prover = prover_new(args_at(args, 0), "", &world, (int64_t)patience, &err);
        ok = p.prover != NULL && smoke(&p, &err);
    }
    int status = EXIT_DONE;
    if (!ok) {
        say_error("prove smoke", &err);
        status = (int)prove_error_exit(&err);
    }
    prove_close(&p);
    prover_free(p.prover);
    web_client_free(web);
    return status;
}

const Subcommand CLI_PROVE_SMOKE = {
    .name = "prove smoke",
    .purpose = "try a server and a prover out, before the experiment: no id is needed",
    .usage = "URL [--prover CMD] [--dir DIR]",
    .about = "Looks that the server answers as one of an experiment, fetches the operator's "
             "example batch and its proof, and with --prover proves the example batch: its time, "
             "and whether it is the same proof. Nothing is submitted, and nothing is counted.",
    .options = options,
    .examples = "convoke prove smoke https://experiment.example --prover ./prove.sh",
    .exits = {{[EXIT_DONE] = "all of it worked",
               [EXIT_PROVER] = "the prover failed",
               [EXIT_NETWORK] = "no connection",
               [EXIT_SERVER] =
                   "the server failed, offers no example, or is none of an experiment"}},
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
