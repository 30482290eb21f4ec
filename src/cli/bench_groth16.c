/* Powers of tau and zkeys against snarkjs: whole commands in turns, on the same two processors and
 * the same files. What either wrote is checked by `convoke`; what must be the same bytes is
 * compared. */
#include "base/alloc.h"
#include "base/file.h"
#include "cli/bench.h"
#include "cli/bench_program.h"
#include "cli/bench_site.h"
#include "cli/say.h"
#include "format/r1cs.h"
#include "setup/squarings.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CIRCUIT_CONSTRAINTS 10001u /* the reference's "10k" */
#define CIRCUIT_LARGE 100001u
#define SNARKJS_ENV "CONVOKE_SNARKJS"
#define SNARKJS_HERE "node_modules/snarkjs/build/cli.cjs"

#define WORDS_MAX 16
typedef const char *Words[WORDS_MAX]; /* ends with NULL */

/* The files that are worked on, each made once, from those before it. */
typedef enum {
    IN_12,      /* a contribution at 2^12 */
    IN_14,      /* and at 2^14 */
    IN_14_FULL, /* prepared */
    IN_17_FULL, /* only with --full */
    IN_KEY,     /* of the circuit; and two contributions */
    IN_KEY_LARGE,
    INPUTS
} Input;

#define OURS "convoke"
#define QUICK "--threads", "2", "--entropy-file", "words"

static const Words makings[INPUTS][4] = {
    [IN_12] = {{OURS, "ptau", "new", "bn128", "12", "12_0"},
               {OURS, "ptau", "contribute", "12_0", "12", QUICK}},
    [IN_14] = {{OURS, "ptau", "new", "bn128", "14", "14_0"},
               {OURS, "ptau", "contribute", "14_0", "14", QUICK}},
    [IN_14_FULL] = {{OURS, "ptau", "prepare", "14", "14_full"}},
    [IN_17_FULL] = {{OURS, "ptau", "new", "bn128", "17", "17_0"},
                    {OURS, "ptau", "contribute", "17_0", "17", QUICK},
                    {OURS, "ptau", "prepare", "17", "17_full"}},
    [IN_KEY] = {{OURS, "zkey", "new", "circuit.r1cs", "14_full", "key_0"},
                {OURS, "zkey", "contribute", "key_0", "key_1", QUICK},
                {OURS, "zkey", "contribute", "key_1", "key_2", QUICK}},
    [IN_KEY_LARGE] = {{OURS, "zkey", "new", "large.r1cs", "17_full", "large_0"},
                      {OURS, "zkey", "contribute", "large_0", "large_1", QUICK}},
};

typedef struct {
    const char *name;
    size_t n;
    const char *of;
    bool full;        /* only with --full */
    unsigned needs;   /* bits of Input */
    Words ours, peer; /* the peer's after "node snarkjs" */
    Words check[2];   /* of what they wrote: "ours.out", "peer.out" */
    bool same;        /* ours.out and peer.out are the same bytes */
} Duel;

#define NEEDS(input) (1u << (input))
#define NEEDS_14_FULL (NEEDS(IN_14) | NEEDS(IN_14_FULL))
#define NEEDS_KEY (NEEDS_14_FULL | NEEDS(IN_KEY))
#define NEEDS_LARGE (NEEDS(IN_17_FULL) | NEEDS(IN_KEY_LARGE))
#define BOTH_VERIFY                                                                                \
    {                                                                                              \
        {OURS, "ptau", "verify", "ours.out"}, {                                                    \
            OURS, "ptau", "verify", "peer.out"                                                     \
        }                                                                                          \
    }
#define BOTH_EXTEND(old)                                                                           \
    {                                                                                              \
        {OURS, "zkey", "extends", old, "ours.out"}, {                                              \
            OURS, "zkey", "extends", old, "peer.out"                                               \
        }                                                                                          \
    }
#define OURS_PTAU_CONTRIBUTE(in)                                                                   \
    { OURS, "ptau", "contribute", in, "ours.out", QUICK }
#define PEER_PTAU_CONTRIBUTE(in)                                                                   \
    { "powersoftau", "contribute", in, "peer.out", "-n=peer", "-e=words" }

static const Duel duels[] = {
    {"ptau.contribute.12", 12, "power", false, NEEDS(IN_12), OURS_PTAU_CONTRIBUTE("12"),
     PEER_PTAU_CONTRIBUTE("12"), BOTH_VERIFY, false},
    {"ptau.contribute.14", 14, "power", false, NEEDS(IN_14), OURS_PTAU_CONTRIBUTE("14"),
     PEER_PTAU_CONTRIBUTE("14"), BOTH_VERIFY, false},
    {"ptau.contribute.17", 17, "power", true, NEEDS(IN_17_FULL), OURS_PTAU_CONTRIBUTE("17"),
     PEER_PTAU_CONTRIBUTE("17"), BOTH_VERIFY, false},
    {"ptau.verify.14",
     14,
     "power",
     false,
     NEEDS_14_FULL,
     {OURS, "ptau", "verify", "14_full", "--threads", "2"},
     {"powersoftau", "verify", "14_full"},
     {{NULL}, {NULL}},
     false},
    {"ptau.verify.17",
     17,
     "power",
     true,
     NEEDS(IN_17_FULL),
     {OURS, "ptau", "verify", "17_full", "--threads", "2"},
     {"powersoftau", "verify", "17_full"},
     {{NULL}, {NULL}},
     false},
    {"ptau.prepare.12",
     12,
     "power",
     false,
     NEEDS(IN_12),
     {OURS, "ptau", "prepare", "12", "ours.out", "--threads", "2"},
     {"powersoftau", "prepare", "phase2", "12", "peer.out"},
     {{NULL}, {NULL}},
     true},
    {"ptau.prepare.14",
     14,
     "power",
     true,
     NEEDS(IN_14),
     {OURS, "ptau", "prepare", "14", "ours.out", "--threads", "2"},
     {"powersoftau", "prepare", "phase2", "14", "peer.out"},
     {{NULL}, {NULL}},
     true},
    {"zkey.contribute",
     CIRCUIT_CONSTRAINTS,
     "constraints",
     false,
     NEEDS_KEY,
     {OURS, "zkey", "contribute", "key_1", "ours.out", QUICK},
     {"zkey", "contribute", "key_1", "peer.out", "-n=peer", "-e=words"},
     BOTH_EXTEND("key_1"),
     false},
    {"zkey.contribute.large",
     CIRCUIT_LARGE,
     "constraints",
     true,
     NEEDS_LARGE,
     {OURS, "zkey", "contribute", "large_0", "ours.out", QUICK},
     {"zkey", "contribute", "large_0", "peer.out", "-n=peer", "-e=words"},
     BOTH_EXTEND("large_0"),
     false},
    {"zkey.new",
     CIRCUIT_CONSTRAINTS,
     "constraints",
     true,
     NEEDS_KEY,
     {OURS, "zkey", "new", "circuit.r1cs", "14_full", "ours.out", "--threads", "2"},
     {"zkey", "new", "circuit.r1cs", "14_full", "peer.out"},
     {{NULL}, {NULL}},
     true},
    {"zkey.verify",
     CIRCUIT_CONSTRAINTS,
     "constraints",
     false,
     NEEDS_KEY,
     {OURS, "zkey", "verify", "key_0", "14_full", "key_2", "--threads", "2"},
     {"zkvi", "key_0", "14_full", "key_2"},
     {{NULL}, {NULL}},
     false},
    {"zkey.verify.large",
     CIRCUIT_LARGE,
     "constraints",
     true,
     NEEDS_LARGE,
     {OURS, "zkey", "verify", "large_0", "17_full", "large_1", "--threads", "2"},
     {"zkvi", "large_0", "17_full", "large_1"},
     {{NULL}, {NULL}},
     false},
};
#define N_DUELS (sizeof duels / sizeof *duels)

typedef struct {
    char dir[64];
    char snarkjs[PATH_MAX];
    unsigned made; /* bits of Input */
} Ring;

/* ---- inputs ---- */

static bool run_silent(const Ring *r, const Words words, CvkErr *err) {
    BenchRun run;
    return bench_program(r->dir, words, &run, err);
}

static bool make_input(const Ring *r, Input input, CvkErr *err) {
    say_step("making %s ...", makings[input][0][1]);
    for (size_t i = 0; i < 4 && makings[input][i][0] != NULL; i++)
        if (!run_silent(r, makings[input][i], err))
            return false;
    return true;
}

static bool make_inputs(Ring *r, unsigned needs, CvkErr *err) {
    for (unsigned i = 0; i < INPUTS; i++) {
        if ((needs & NEEDS(i)) == 0 || (r->made & NEEDS(i)) != 0)
            continue;
        if (!make_input(r, (Input)i, err))
            return false;
        r->made |= NEEDS(i);
    }
    return true;
}

static bool write_circuit(const char *path, uint32_t constraints, CvkErr *err) {
    const Squarings s = {.curve = curve_bn254(), .lanes = 1, .steps = constraints};
    const Circuit c = squarings_circuit(&s);
    return r1cs_write(path, &c, err);
}

static bool ring_open(Ring *r, CvkErr *err) {
    char path[LIMIT_PATH];
    return bench_dir_make(r->dir, err) && cvk_path(path, r->dir, "words", err) &&
           cvk_file_write(path, "some words\n", 11, 0600, err) &&
           cvk_path(path, r->dir, "circuit.r1cs", err) &&
           write_circuit(path, CIRCUIT_CONSTRAINTS, err) &&
           cvk_path(path, r->dir, "large.r1cs", err) && write_circuit(path, CIRCUIT_LARGE, err);
}

/* ---- one duel ---- */

static bool run_peer(const Ring *r, const Words words, BenchRun *ret, CvkErr *err) {
    Words whole = {"node", r->snarkjs};
    for (size_t i = 0; i + 2 < WORDS_MAX; i++)
        whole[i + 2] = words[i];
    return bench_program(r->dir, whole, ret, err);
}

static bool files_equal(const Ring *r, CvkErr *err) {
    Words words = {"cmp", "ours.out", "peer.out"};
    return run_silent(r, words, err);
}

static bool check_results(const Ring *r, const Duel *d, CvkErr *err) {
    for (size_t i = 0; i < 2; i++)
        if (d->check[i][0] != NULL && !run_silent(r, d->check[i], err))
            return false;
    return !d->same || files_equal(r, err);
}

static void remove_results(const Ring *r) {
    char path[LIMIT_PATH];
    CvkErr err;
    if (cvk_path(path, r->dir, "ours.out", &err))
        remove(path);
    if (cvk_path(path, r->dir, "peer.out", &err))
        remove(path);
}

static void tell(const Bench *b, const Duel *d, double *ours, double *peer, double our_mb,
                 double peer_mb) {
    char name[64];
    b->row(b->ctx, &(BenchRow){.name = d->name,
                               .n = d->n,
                               .of = d->of,
                               .ours = bench_median(ours, b->rounds),
                               .peer = bench_median(peer, b->rounds),
                               .unit = "s"});
    snprintf(name, sizeof name, "%s.memory", d->name);
    b->row(
        b->ctx,
        &(BenchRow){
            .name = name, .n = d->n, .of = d->of, .ours = our_mb, .peer = peer_mb, .unit = "MB"});
}

static bool fight(const Bench *b, const Ring *r, const Duel *d, CvkErr *err) {
    double ours[BENCH_ROUNDS_MAX], peer[BENCH_ROUNDS_MAX], our_mb = 0, peer_mb = 0;
    for (unsigned i = 0; i < b->rounds; i++) {
        BenchRun a, p;
        remove_results(r);
        if (!bench_program(r->dir, d->ours, &a, err) || !run_peer(r, d->peer, &p, err) ||
            !check_results(r, d, err))
            return false;
        ours[i] = a.seconds;
        peer[i] = p.seconds;
        our_mb = a.peak_mb > our_mb ? a.peak_mb : our_mb;
        peer_mb = p.peak_mb > peer_mb ? p.peak_mb : peer_mb;
    }
    tell(b, d, ours, peer, our_mb, peer_mb);
    return true;
}

static bool find_snarkjs(char ret[PATH_MAX]) {
    const char *given = getenv(SNARKJS_ENV); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    return realpath(given != NULL ? given : SNARKJS_HERE, ret) != NULL;
}

static bool run_duels(const Bench *b, const char *kind, CvkErr *err) {
    Ring r = {.made = 0};
    size_t n = strlen(kind);
    if (!bench_site_possible(kind))
        return true;
    if (!find_snarkjs(r.snarkjs)) {
        say_step(
            "%s: skipped: no snarkjs: run in the source tree after tools/setup, or set " SNARKJS_ENV
            " to its cli.cjs",
            kind);
        return true;
    }
    bool ok = ring_open(&r, err);
    for (size_t i = 0; ok && i < N_DUELS; i++)
        if (strncmp(duels[i].name, kind, n) == 0 && (b->full || !duels[i].full) &&
            b->wanted(b->ctx, duels[i].name))
            ok = make_inputs(&r, duels[i].needs, err) && fight(b, &r, &duels[i], err);
    if (r.dir[0] != '\0')
        bench_dir_remove(r.dir);
    return ok;
}

bool bench_ptau(const Bench *b, CvkErr *err) {
    return run_duels(b, "ptau", err);
}

bool bench_zkey(const Bench *b, CvkErr *err) {
    return run_duels(b, "zkey", err);
}
