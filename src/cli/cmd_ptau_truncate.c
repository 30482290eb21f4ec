#include "base/file.h"
#include "cli/answer.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "format/ptau.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {
    {"power", "P", NULL, "Write only the file of this power."},
    OPTION_JSON,
    {NULL, NULL, NULL, NULL},
};

typedef struct {
    const Ptau *from;
    const char *prefix;  /* of the names of what is written */
    unsigned first, end; /* the powers [first, end) are wanted */
    unsigned power;      /* of what is being written */
    CvkMeter *meter;
} Truncation;

/* The first points of a section, as they lie there: that is all there is to it, as Lagrange
 * sections begin with the small levels. */
static bool copy_prefix(const Truncation *t, SectionWriter *w, uint32_t type, uint64_t bytes,
                        CvkErr *err) {
    CvkSource whole;
    CvkSink to;
    if (!section_need(ptau_file(t->from), type, ANY_SIZE, &whole, err) ||
        !section_writer_begin(w, type, &to, err))
        return false;
    CvkSource prefix = cvk_source_part(&whole, 0, bytes);
    if (!cvk_source_copy(&prefix, &to, err))
        return false;
    cvk_meter_advance(t->meter, (size_t)bytes);
    return true;
}

static bool copy_all(const Truncation *t, SectionWriter *w, CvkErr *err) {
    const Phase1State *s = ptau_state(t->from);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        uint64_t n = phase1_vector_n(v, t->power) * form_bytes(s->v[v].group, FORM_MONTGOMERY);
        if (!copy_prefix(t, w, ptau_vector_section(v), n, err))
            return false;
    }
    if (!ptau_write_contributions(w, t->from, NULL, err))
        return false;
    if (ptau_prepared(t->from) == PTAU_UNPREPARED)
        return true;
    for (Phase1Vector v = 0; v < PHASE1_BETA_G2; v++) {
        unsigned top = v == PHASE1_TAU_G1 ? t->power + 1 : t->power;
        if (!copy_prefix(t, w, ptau_lagrange_section(v), ptau_lagrange_bytes(s->curve, v, top),
                         err))
            return false;
    }
    return true;
}

static bool write_one(const Truncation *t, const char *out, CvkErr *err) {
    Phase1State s = *ptau_state(t->from);
    SectionWriter *w;
    s.power = t->power;
    if (!cvk_file_apart(out, section_file_name(ptau_file(t->from)), err) ||
        !ptau_writer_open(out, &s, ptau_prepared(t->from) != PTAU_UNPREPARED, &w, err))
        return false;
    if (!copy_all(t, w, err)) {
        section_writer_abandon(w);
        return false;
    }
    return section_writer_commit(w, err);
}

/* "IN" without ".ptau", when no other beginning of the names is given. */
static void default_prefix(const char *in, char ret[LIMIT_PATH]) {
    size_t n = strlen(in);
    if (n > 5 && strcmp(in + n - 5, ".ptau") == 0)
        n -= 5;
    snprintf(ret, LIMIT_PATH, "%.*s", (int)(n < LIMIT_PATH ? n : LIMIT_PATH - 1), in);
}

#define ENDING "_%02u.ptau"
#define ENDING_N 8

/* The prefix has room for the ending. */
static void output_name(const Truncation *t, unsigned power, char ret[LIMIT_PATH]) {
    snprintf(ret, LIMIT_PATH, "%s" ENDING, t->prefix, power);
}

static bool has_room(const Truncation *t, CvkErr *err) {
    return strlen(t->prefix) + ENDING_N < LIMIT_PATH ||
           cvk_fail(err, CVK_ELIMIT, "path.long", "path is longer than %d bytes", LIMIT_PATH - 1);
}

static bool write_next(const Truncation *t, CvkErr *err) {
    char out[LIMIT_PATH];
    output_name(t, t->power, out);
    return write_one(t, out, err);
}

static bool choose_powers(const Args *args, Truncation *t, CvkErr *err) {
    unsigned own = ptau_state(t->from)->power;
    uint64_t wanted;
    if (!args_uint(args, "power", PHASE1_POWER_MAX, &wanted, err))
        return false;
    t->first = args_text(args, "power") != NULL ? (unsigned)wanted : PHASE1_POWER_MIN;
    t->end = args_text(args, "power") != NULL ? t->first + 1 : own;
    if (t->first < PHASE1_POWER_MIN || t->first >= own)
        return cvk_fail(err, CVK_EBADREQ, "usage.power",
                        "%s has power %u: it can be truncated to powers from %d to %u",
                        CVK_SHOWN(args_at(args, 0)), own, PHASE1_POWER_MIN, own - 1);
    return true;
}

static bool write_all(Truncation *t, bool quiet, CvkErr *err) {
    uint64_t bytes = 0;
    for (unsigned power = t->first; power < t->end; power++)
        bytes += section_file_bytes(ptau_file(t->from)) >> (ptau_state(t->from)->power - power);

    Progress bar = progress_start("truncating", true, quiet);
    CvkMeter meter;
    cvk_meter_init(&meter, progress_to(&bar), (size_t)bytes);
    t->meter = &meter;
    bool ok = true;
    for (t->power = t->first; ok && t->power < t->end; t->power++)
        ok = write_next(t, err);
    cvk_meter_done(&meter);
    t->meter = NULL;
    progress_end(&bar);
    return ok;
}

/* The names of the files, a line each or as an array. */
static int tell(const Answer *a, const Truncation *t) {
    const Verdict done = {.valid = true};
    char out[LIMIT_PATH];
    JsonWriter w;
    if (a->json) {
        answer_json_begin(a, &done, &w);
        json_put_key(&w, "written");
        json_array_begin(&w);
    }
    for (unsigned power = t->first; power < t->end; power++) {
        output_name(t, power, out);
        if (a->json)
            json_put_str(&w, out);
        else
            say_result("%s", out);
    }
    if (!a->json)
        return EXIT_DONE;
    json_array_end(&w);
    return answer_json_end(&w, &done);
}

static int run(const Args *args) {
    const Answer a = {.file = args_at(args, 0), .kind = "ptau", .json = args_flag(args, "json")};
    char own_name[LIMIT_PATH];
    CvkErr err;
    Ptau *p = NULL;
    default_prefix(a.file, own_name);
    Truncation t = {.prefix = args_n(args) == 2 ? args_at(args, 1) : own_name};
    bool ok = ptau_open(a.file, &p, &err);
    t.from = p;
    ok = ok && has_room(&t, &err) && choose_powers(args, &t, &err) && write_all(&t, a.json, &err);
    ptau_close(p);
    return ok ? tell(&a, &t) : answer_error(&a, &err);
}

const Subcommand CLI_PTAU_TRUNCATE = {
    .name = "ptau truncate",
    .purpose = "make smaller powers of tau files from a larger one",
    .usage = "IN [PREFIX] [--power P] [--json]",
    .about = "Writes PREFIX_01.ptau, PREFIX_02.ptau and so on, one file for each power "
             "below that of IN, and prints their names. PREFIX is IN without '.ptau' unless "
             "it is given. The files keep the contributions of IN and, if it is prepared for "
             "phase 2, are prepared as well; nobody can contribute to them any more.",
    .options = options,
    .examples = "convoke ptau truncate pot28_final.ptau\n"
                "convoke ptau truncate pot28_final.ptau pot --power 14",
    .args_min = 1,
    .args_max = 2,
    .run = run,
};
