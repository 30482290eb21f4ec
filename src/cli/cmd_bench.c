#include "cli/bench.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "cli/world.h"
#include "codec/json_write.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *meaning;
    bool (*run)(const Bench *b, CvkErr *err);
} benches[] = {
    {"kzg.contribute", "a contribution of the four Ethereum sizes, against straightforward blst",
     bench_kzg_contribute},
    {"kzg.verify", "its verification, against blst point by point with 128-bit Pippengers",
     bench_kzg_verify},
    {"kzg.memory", "the most memory a server holds at these sizes", bench_kzg_memory},
    {"kzg.lobby.rate", "check-ins a second that a server answers while the slot is taken",
     bench_lobby_rate},
    {"kzg.lobby.p99", "how long check-ins take while contributions are verified without pause",
     bench_lobby_p99},
    {"kzg.service.memory", "a server's memory with ten thousand sessions and a thousand streams",
     bench_service_memory},
    {"kzg.turnround", "from a contribution's last byte to the next one's challenge",
     bench_turnround},
    {"engine.commands", "commands decided and applied a second, with a thousand people waiting",
     bench_engine_commands},
    {"engine.replay", "a journal of a million events read again", bench_engine_replay},
    {"market.analyze", "a million submissions analysed and simulated, and the memory for it",
     bench_market_analyze},
    {"market.commands", "the same by the two commands, from a directory and from an exported file",
     bench_market_commands},
    {"market.get_batch", "how often and how soon provers are told their batch, beside uploads",
     bench_market_get_batch},
    {"ptau", "powers of tau: contribute, verify, prepare, and their memory, against snarkjs",
     bench_ptau},
    {"zkey", "a circuit's key: contribute, verify, and their memory, against snarkjs", bench_zkey},
};
#define N_BENCHES (sizeof benches / sizeof *benches)

static const Option options[] = {
    {"threads", "N", "0", "How many threads to compute with; 0 = as many as there are."},
    {"rounds", "N", "3", "How often each is run; the median counts."},
    {"full", NULL, NULL, "Also larger sizes, which take many minutes."},
    {"json", NULL, NULL,
     "Print one JSON object a line: name, n, threads, and ours, peer, ratio (peer / ours), unit, "
     "or "
     "value, unit."},
    {"list", NULL, NULL, "Only say which there are."},
    {NULL, NULL, NULL, NULL},
};

typedef struct {
    const Args *args;
    bool json;
    unsigned threads;
} Printer;

/* NAME asks for itself and for what begins with it: kzg, kzg.verify, kzg.verify.4096. */
static bool covers(const char *asked, const char *name) {
    size_t n = strlen(asked);
    return strncmp(asked, name, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

static bool is_wanted(void *ctx, const char *name) {
    const Printer *p = ctx;
    for (size_t i = 0; i < args_n(p->args); i++)
        if (covers(args_at(p->args, i), name))
            return true;
    return args_n(p->args) == 0;
}

/* Is this bench, or one of its rows, asked for? */
static bool is_needed(const Printer *p, const char *bench) {
    for (size_t i = 0; i < args_n(p->args); i++)
        if (covers(args_at(p->args, i), bench) || covers(bench, args_at(p->args, i)))
            return true;
    return args_n(p->args) == 0;
}

static void put_number(char *ret, size_t cap, double v) {
    snprintf(ret, cap, "%.4g", v);
}

static const char *unit_of(const BenchRow *r) {
    return r->unit != NULL ? r->unit : "s";
}

static void print_json(const Printer *p, const BenchRow *r) {
    char a[32], b[32], c[32];
    printf("{\"name\":\"%s\",\"n\":%zu,\"threads\":%u,", r->name, r->n, p->threads);
    if (r->peer > 0) {
        put_number(a, sizeof a, r->ours);
        put_number(b, sizeof b, r->peer);
        put_number(c, sizeof c, r->peer / r->ours);
        printf("\"ours\":%s,\"peer\":%s,\"ratio\":%s,\"unit\":\"%s\"}\n", a, b, c, unit_of(r));
    } else {
        put_number(a, sizeof a, r->value);
        printf("\"value\":%s,\"unit\":\"%s\"}\n", a, r->unit);
    }
}

static void print_row(void *ctx, const BenchRow *r) {
    const Printer *p = ctx;
    const char *of = r->of != NULL ? r->of : "points";
    if (p->json)
        print_json(p, r);
    else if (r->peer > 0)
        printf("%-25s %8zu %s  %2u threads  ours %7.2f %s  peer %7.2f %s  ratio %.2f\n", r->name,
               r->n, of, p->threads, r->ours, unit_of(r), r->peer, unit_of(r), r->peer / r->ours);
    else
        printf("%-25s %8zu %s  %2u threads  %7.2f %s\n", r->name, r->n, of, p->threads, r->value,
               r->unit);
    fflush(stdout);
}

static bool check_names(const Printer *p, CvkErr *err) {
    for (size_t i = 0; i < args_n(p->args); i++) {
        const char *name = args_at(p->args, i);
        bool known = false;
        for (size_t k = 0; k < N_BENCHES; k++)
            known = known || covers(name, benches[k].name) || covers(benches[k].name, name);
        if (!known)
            return cvk_fail(err, CVK_EBADREQ, "usage.value",
                            "there is no bench '%.60s': --list names them", name);
    }
    return true;
}

static bool run_all(const Args *args, CvkErr *err) {
    uint64_t threads, rounds;
    if (!args_uint(args, "threads", 256, &threads, err) ||
        !args_uint(args, "rounds", BENCH_ROUNDS_MAX, &rounds, err))
        return false;
    Printer p = {.args = args, .json = args_flag(args, "json")};
    Bench b = {.rounds = rounds > 0 ? (unsigned)rounds : 1,
               .full = args_flag(args, "full"),
               .row = print_row,
               .wanted = is_wanted,
               .ctx = &p};
    if (!check_names(&p, err) || !world_pool(threads, &b.pool, err))
        return false;
    p.threads = cvk_pool_width(b.pool);
    bool ok = true;
    for (size_t i = 0; ok && i < N_BENCHES; i++)
        ok = !is_needed(&p, benches[i].name) || benches[i].run(&b, err);
    cvk_pool_free(b.pool);
    return ok;
}

static int run(const Args *args) {
    CvkErr err;
    if (args_flag(args, "list")) {
        for (size_t i = 0; i < N_BENCHES; i++)
            say_result("%-16s %s", benches[i].name, benches[i].meaning);
        return EXIT_DONE;
    }
    return run_all(args, &err) ? EXIT_DONE : say_error("bench", &err);
}

const Subcommand CLI_BENCH = {
    .name = "bench",
    .purpose = "measure this machine, against the best-known library used plainly",
    .usage = "[NAME...] [--full] [--json] [--list] [--threads N] [--rounds N]",
    .about =
        "Ours and the peer run in turns, on the same threads and data, and must come to the "
        "same result. Other programs on the machine disturb both: compare the ratio, not the "
        "seconds.\nptau and zkey run whole commands, ours and snarkjs's, on two processors: in "
        "the source tree, or with CONVOKE_SNARKJS set to the path of its cli.cjs.",
    .options = options,
    .examples = "convoke bench\nconvoke bench kzg.verify --threads 1 --rounds 5 --json",
    .args_min = 0,
    .args_max = ARGS_LIST_MAX,
    .run = run,
};
