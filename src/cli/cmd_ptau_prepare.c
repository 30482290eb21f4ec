/* ptau prepare and convert: both add Lagrange bases to a file, all of them or the one that old
 * files lack. */
#include "base/file.h"
#include "base/scratch.h"
#include "cli/answer.h"
#include "cli/compute.h"
#include "cli/subcommands.h"
#include "format/ptau.h"
#include "setup/phase1_prepare.h"

typedef struct {
    Ptau *from;
    bool convert;
    Compute compute;
    CvkScratchFile scratch;
} Preparing;

/* Of the new file's levels, the first that the old one does not have. */
static unsigned first_level(const Preparing *p, Phase1Vector which) {
    return p->convert ? phase1_prepare_top(which, ptau_state(p->from)->power) : 0;
}

static bool has_all_levels(const Preparing *p, Phase1Vector which) {
    return p->convert && which != PHASE1_TAU_G1;
}

static size_t units(const Preparing *p) {
    size_t sum = 0;
    for (Phase1Vector v = 0; v < PHASE1_BETA_G2; v++)
        if (!has_all_levels(p, v))
            sum += phase1_prepare_units(v, ptau_state(p->from)->power, first_level(p, v));
    return sum;
}

static bool write_lagrange(Preparing *p, SectionWriter *w, Phase1Vector which, const char *out,
                           CvkErr *err) {
    const SectionFile *old = ptau_file(p->from);
    uint32_t type = ptau_lagrange_section(which);
    CvkSource levels;
    CvkSink to;
    if (has_all_levels(p, which))
        return section_copy(w, old, type, err);
    if (!section_writer_begin(w, type, &to, err))
        return false;
    if (p->convert &&
        (!section_need(old, type, ANY_SIZE, &levels, err) || !cvk_source_copy(&levels, &to, err)))
        return false;
    const CvkScratch scratch = cvk_scratch_file(&p->scratch, out);
    bool done = phase1_prepare(ptau_state(p->from), which, first_level(p, which), &p->compute.work,
                               &scratch, &to, err);
    cvk_scratch_file_close(&p->scratch);
    return done;
}

static bool write_sections(Preparing *p, SectionWriter *w, const char *out, CvkErr *err) {
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        if (!section_copy(w, ptau_file(p->from), ptau_vector_section(v), err))
            return false;
    if (!ptau_write_contributions(w, p->from, NULL, err))
        return false;
    compute_begin(&p->compute, p->convert ? "converting" : "preparing", units(p));
    for (Phase1Vector v = 0; v < PHASE1_BETA_G2; v++)
        if (!write_lagrange(p, w, v, out, err))
            return false;
    compute_end(&p->compute);
    return true;
}

static bool write_file(Preparing *p, const char *out, CvkErr *err) {
    SectionWriter *w;
    if (!ptau_writer_open(out, ptau_state(p->from), true, &w, err))
        return false;
    if (write_sections(p, w, out, err))
        return section_writer_commit(w, err);
    section_writer_abandon(w);
    return false;
}

/* Each command wants a file in the state that it ends: what keeps it from that; NULL: nothing. */
static const char *objection(const Preparing *p) {
    switch (ptau_prepared(p->from)) {
    case PTAU_PREPARED:
        return "is prepared already";
    case PTAU_PREPARED_SHORT:
        return p->convert ? NULL
                          : "was prepared by an old program: 'convoke ptau convert' adds what it "
                            "lacks";
    case PTAU_UNPREPARED:
        return p->convert ? "is not prepared: run 'convoke ptau prepare' on it" : NULL;
    }
    return NULL;
}

static bool is_wanted(const Preparing *p, CvkErr *err) {
    const char *path = section_file_name(ptau_file(p->from)), *why = objection(p);
    return why == NULL ||
           cvk_fail(err, CVK_EBADREQ, "ptau.prepared", "%s %s", CVK_SHOWN(path), why) ||
           cvk_fail_in(err, path);
}

static int prepare(const Args *args, bool convert) {
    const Answer a = {.file = args_at(args, 1),
                      .kind = "ptau",
                      .json = args_flag(args, "json"),
                      .others = {{args_at(args, 0), "ptau"}}};
    Preparing p = {.convert = convert};
    CvkErr err;
    bool ok = compute_open(&p.compute, args, &err) &&
              cvk_file_apart(a.file, args_at(args, 0), &err) &&
              ptau_open(args_at(args, 0), &p.from, &err) && is_wanted(&p, &err) &&
              write_file(&p, a.file, &err);
    compute_close(&p.compute);
    ptau_close(p.from);
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
