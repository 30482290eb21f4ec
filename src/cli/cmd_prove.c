#include "base/secret.h"
#include "base/sha256.h"
#include "cli/prove.h"
#include "cli/prove_say.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "cli/world.h"

#include <stdlib.h>
#include <string.h>

#define OPTION_PATIENCE                                                                            \
    {                                                                                              \
        "patience", "SECONDS", "1800",                                                             \
            "How long to try again without an answer: no connection, or a server that fails."      \
    }
#define OPTION_ALLOW_HTTP                                                                          \
    {                                                                                              \
        "allow-http", NULL, NULL,                                                                  \
            "Speak plain http with a server that is not this machine. Whoever listens could "      \
            "submit as you."                                                                       \
    }

static const Option options[] = {
    {"id-file", "FILE", NULL,
     "A file whose first word is the id that you were given. It may also stand in the environment "
     "variable CONVOKE_PROVER_ID."},
    {"id", "ID", NULL,
     "The same on the command line, where other users of this machine can see it."},
    {"prover", "CMD", NULL,
     "What proves: CMD FILE reads the batch from FILE and writes the proof to standard output. CMD "
     "may have arguments of its own."},
    {"prover-url", "CMD", NULL,
     "The same for scripts of the original client: CMD URL downloads the batch itself, so the "
     "download falls inside the proving time, unless the script says its own (see above)."},
    {"once", NULL, NULL, "Prove one batch: what happens anyway without --loop."},
    {"loop", NULL, NULL, "Go on until nothing is left, or something goes wrong."},
    {"wait", "SECONDS", NULL,
     "When nothing is left, ask again after so long, instead of ending with 4."},
    {"cost", "CENTS", NULL, "What each proof costs, in US cents: 5.16"},
    {"cost-cmd", "CMD", NULL,
     "A command that prints the cost of this proof in cents: CMD FILE (CMD alone with "
     "--prover-url: "
     "convoke then has no file of the batch), with PM_REQUEST and PM_PROVING_MS in its "
     "environment."},
    {"usd-per-hour", "DOLLARS", NULL, "The cost is so much an hour of proving time."},
    {"price", "CENTS", NULL, "The least for which you would make a proof, in US cents."},
    {"margin", "PERCENT", NULL, "The price is the cost and so much of it more."},
    {"deployment", "NAME", "1",
     "Which of your installations proves: whatever you told the operator about them by this name."},
    {"acceleration", "KIND", NULL, "GPU, FPGA, ASIC or NONE."},
    {"dir", "DIR", "convoke-prover",
     "Where batch, proof and submission are kept until the server has answered. One directory for "
     "each process."},
    OPTION_PATIENCE,
    OPTION_ALLOW_HTTP,
    {"json", NULL, NULL, "Print one JSON object a batch."},
    {NULL, NULL, NULL, NULL},
};

/* ---- who proves, and with what ---- */

/* To ret[LIMIT_PROVER_ID + 2], cut off behind what is too long anyway. */
static bool find_id(const Args *args, char *ret, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(LIMIT_TEXT_FILE);
    const char *file = args_text(args, "id-file");
    const char *given = args_text(args, "id");
    if (file != NULL && !cvk_file_read(file, &text, err))
        return false;
    if (file != NULL)
        given = cvk_buf_str(&text);
    else if (given == NULL)
        given = getenv("CONVOKE_PROVER_ID"); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    if (given == NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.who",
                        "which participant are you? give --id-file, or CONVOKE_PROVER_ID");
    snprintf(ret, LIMIT_PROVER_ID + 2, "%.*s", (int)strcspn(given, " \t\r\n"), given);
    unsetenv("CONVOKE_PROVER_ID"); /* NOLINT(concurrency-mt-unsafe): not for the prover */
    return ret[0] != '\0' || cvk_fail(err, CVK_EBADREQ, "prover.id", "the id is empty");
}

static bool take_command(Proving *p, const Args *args, CvkErr *err) {
    const char *by_address = args_text(args, "prover-url");
    p->command = args_text(args, "prover");
    if ((p->command == NULL) == (by_address == NULL))
        return cvk_fail(err, CVK_EBADREQ, "usage.prover",
                        "what proves? give --prover or --prover-url");
    p->by_address = by_address != NULL;
    if (p->by_address)
        p->command = by_address;
    return true;
}

static bool take_terms(Proving *p, const Args *args, CvkErr *err) {
    p->dir = args_text(args, "dir");
    p->terms = (ProveTerms){.cost = args_text(args, "cost"),
                            .cost_command = args_text(args, "cost-cmd"),
                            .usd_per_hour = args_text(args, "usd-per-hour"),
                            .price = args_text(args, "price"),
                            .margin = args_text(args, "margin"),
                            .deployment = args_text(args, "deployment"),
                            .acceleration = args_text(args, "acceleration")};
    if (args_flag(args, "once") && args_flag(args, "loop"))
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "give --once or --loop, not both");
    return prove_terms_check(&p->terms, err);
}

/* The work in a directory is of one server and one id. */
static void name_work(Proving *p, const char *url, const char *id) {
    char text[2048];
    int n = snprintf(text, sizeof text, "%s\n%s", url, id);
    cvk_sha256_tagged('P', text, n < (int)sizeof text ? (size_t)n : sizeof text - 1, p->whose);
    cvk_wipe(text, sizeof text);
}

/* ---- again and again ---- */

typedef struct {
    bool loop, json;
    uint64_t wait_s; /* 0: do not */
    ClientWorld world;
} Manner;

/* Until it is over: how. */
static ExitCode prove_all(Proving *p, const Manner *m) {
    for (;;) {
        ProveOutcome o;
        CvkErr err;
        if (!prove_one(p, &o, &err)) {
            o.status = prove_error_exit(&err);
            prove_say_error(&o, &err, m->json);
            return o.status;
        }
        bool waits = o.status == EXIT_FINISHED && m->wait_s > 0;
        if (!waits)
            prove_say(&o, m->json);
        if (waits)
            m->world.sleep_ms(m->world.ctx, (int64_t)m->wait_s * 1000);
        else if (!m->loop || (o.status != EXIT_DONE && !o.over))
            return o.status;
    }
}

static bool begin(Proving *p, const Args *args, char id[LIMIT_PROVER_ID + 2], Manner *m,
                  WebClient **ret_web, CvkErr *err) {
    uint64_t patience;
    const char *url = args_at(args, 0);
    *m = (Manner){.loop = args_flag(args, "loop"), .json = args_flag(args, "json")};
    if ((args_text(args, "wait") != NULL && !args_uint(args, "wait", 86400, &m->wait_s, err)) ||
        !args_uint(args, "patience", 10000000, &patience, err) || !take_command(p, args, err) ||
        !take_terms(p, args, err) || !find_id(args, id, err) ||
        !web_url_check(url, args_flag(args, "allow-http"), err))
        return false;
    *ret_web = web_client_new(args_flag(args, "allow-http"), err);
    if (*ret_web == NULL)
        return false;
    m->world = world_real(*ret_web);
    p->prover = prover_new(url, id, &m->world, (int64_t)patience, err);
    if (p->prover == NULL)
        return false;
    name_work(p, url, id);
    prove_terms_say(&p->terms);
    return prove_open(p, err);
}

static int run(const Args *args) {
    Proving p = {.lock = -1};
    Manner manner;
    WebClient *web = NULL;
    char id[LIMIT_PROVER_ID + 2] = "";
    CvkErr err;
    bool ok = begin(&p, args, id, &manner, &web, &err);
    cvk_wipe(id, sizeof id);
    int status = ok ? (int)prove_all(&p, &manner) : say_error("prove", &err);
    prove_close(&p);
    prover_free(p.prover);
    web_client_free(web);
    return status;
}

const Subcommand CLI_PROVE = {
    .name = "prove",
    .purpose = "take part in a prover experiment: fetch a batch, prove it, hand the proof in",
    .usage = "URL --id-file FILE --prover CMD [--loop] [options]\n"
             "URL --id-file FILE --prover-url CMD [--loop] [options]",
    .about =
        "Fetches the batch that is yours to prove (a download that breaks goes on where it was), "
        "runs the prover and measures it, writes proof and submission to DIR, and only then hands "
        "them in, as often as it takes to have an answer. Killed at any moment and started again "
        "it goes on where it was: nothing is fetched, proved or counted twice. If it is killed "
        "while the prover runs, that prover is killed too, with all of its process group.\n\n"
        "The proving time (milliseconds) includes getting the machines that this proof needs, "
        "reading the batch, and proving, until the proof is ready to be submitted; it excludes "
        "downloading the batch. It is measured around CMD alone.\n\n"
        "The cost (US cents; decimals are fine) is what this proof cost you directly. It includes "
        "rental of machines, electricity, cooling, network, rent for the room and upkeep, in "
        "proportion to what the proof used; it excludes buying the hardware and the work of "
        "setting it up. The price (US cents) is the least for which you would have made the "
        "proof, with your margin: your lowest bid, were this an auction.\n\n"
        "A prover that knows better writes JSON to the file that the environment variable PM_META "
        "names: proving_time, cost, price, deployment_version, acceleration, and whatever else is "
        "to be kept beside the proof (concurrency, queue_len). That counts before the options.\n\n"
        "Your id is a secret: it is never printed, and not handed to the prover.",
    .options = options,
    .examples = "convoke prove https://experiment.example --id-file id.txt --prover ./prove.sh \\\n"
                "    --usd-per-hour 2.50 --margin 20 --deployment gpu-1 --loop --wait 60\n"
                "convoke prove https://experiment.example --id-file id.txt --cost 5 --price 6 \\\n"
                "    --prover-url ./compute-proof-stub.sh",
    .exits = {{[EXIT_DONE] = "the proof was accepted",
               [EXIT_STRANGER] = "the server knows no participant of this id",
               [EXIT_FINISHED] = "nothing is left to prove",
               [EXIT_REFUSED] = "the proof was not taken (standard error says why): DIR/refused-*",
               [EXIT_PROVER] = "the prover failed",
               [EXIT_NETWORK] = "no connection",
               [EXIT_SERVER] = "the server failed, or is none of an experiment"}},
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
