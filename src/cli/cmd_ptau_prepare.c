/* ptau prepare and convert: both add Lagrange bases to a file, all of them or the one that old
 * files lack. */
#include "base/file.h"
#include "cli/answer.h"
#include "cli/ptau_files.h"
#include "cli/subcommands.h"

/* Each command wants a file in the state that it ends: what keeps it from that; NULL: nothing. */
static const char *objection(const Ptau *from, bool convert) {
    switch (ptau_prepared(from)) {
    case PTAU_PREPARED:
        return "is prepared already";
    case PTAU_PREPARED_SHORT:
        return convert ? NULL
                       : "was prepared by an old program: 'convoke ptau convert' adds what it "
                         "lacks";
    case PTAU_UNPREPARED:
        return convert ? "is not prepared: run 'convoke ptau prepare' on it" : NULL;
    }
    return NULL;
}

static bool is_wanted(const Ptau *from, bool convert, CvkErr *err) {
    const char *path = section_file_name(ptau_file(from)), *why = objection(from, convert);
    return why == NULL ||
           cvk_fail(err, CVK_EBADREQ, "ptau.prepared", "%s %s", CVK_SHOWN(path), why) ||
           cvk_fail_in(err, path);
}

static int prepare(const Args *args, bool convert) {
    const Answer a = {.file = args_at(args, 1),
                      .kind = "ptau",
                      .json = args_flag(args, "json"),
                      .others = {{args_at(args, 0), "ptau"}}};
    Ptau *from = NULL;
    Compute c;
    CvkErr err;
    bool ok = compute_open(&c, args, &err) && cvk_file_apart(a.file, args_at(args, 0), &err) &&
              ptau_open(args_at(args, 0), &from, &err) && is_wanted(from, convert, &err) &&
              ptau_file_prepare(from, convert, a.file, &c, &err);
    compute_close(&c);
    ptau_close(from);
    return ok ? answer_hashes(&a, &(Verdict){.valid = true}, NULL, 0) : answer_error(&a, &err);
}

static int run_prepare(const Args *args) {
    return prepare(args, false);
}

static int run_convert(const Args *args) {
    return prepare(args, true);
}

static const Option options[] = {
    OPTION_THREADS, OPTION_MEMORY, OPTION_JSON, {NULL, NULL, NULL, NULL}};

const Subcommand CLI_PTAU_PREPARE = {
    .name = "ptau prepare",
    .purpose = "add what keys of circuits are made from, after the last contribution",
    .usage = "IN OUT [--threads N] [--memory MB] [--json]",
    .about =
        "OUT has all that IN has, and the Lagrange bases of its powers for circuits of every "
        "size up to its own: 'convoke zkey new' needs them. Anybody can repeat it and gets the "
        "same bytes. Nobody can contribute to OUT. A base that does not fit in the memory "
        "given takes as much room again beside OUT while it is made.",
    .options = options,
    .examples = "convoke ptau prepare pot14_beacon.ptau pot14_final.ptau",
    .args_min = 2,
    .args_max = 2,
    .run = run_prepare,
};

const Subcommand CLI_PTAU_CONVERT = {
    .name = "ptau convert",
    .purpose = "add what a powers of tau file of an old program lacks",
    .usage = "IN OUT [--threads N] [--memory MB] [--json]",
    .about = "Files that were prepared for phase 2 by early programs lack the largest Lagrange "
             "base. OUT is IN with it, the same as if it had been prepared today.",
    .options = options,
    .examples = "convoke ptau convert old_final.ptau pot14_final.ptau",
    .args_min = 2,
    .args_max = 2,
    .run = run_convert,
};
