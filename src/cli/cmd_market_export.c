/* market export: an experiment's tables for other programs. */
#include "base/file.h"
#include "base/sha256.h"
#include "cli/market.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "run/experiment_export.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SALT_MIN 16
#define SALT_MAX 4096

static const Option options[] = {
    OPTION_EXPERIMENT,
    {"table", "submissions|attempts|requests|batches|panel", "submissions",
     "What to export. The panel has a line a batch, with price, cost and time of each "
     "participant."},
    {"format", "csv|jsonl|parquet", "csv", "As what: amounts are exact in each of them."},
    {"anonymize", "FILE", NULL,
     "Participants and deployments get names that say nothing to who has not this file (16 secret "
     "bytes or more); the same file gives the same names. Why proofs were refused is left out."},
    {"flags-exclude", "NAME[,NAME]...", NULL,
     "Leaves out submissions with one of these flags: PRICE_LT_COST, TIME_IMPOSSIBLE, NOT_FETCHED, "
     "COPIED, ZERO_PRICE, ZERO_COST. May be repeated."},
    {"out", "FILE", NULL, "Write to this file, whole or not at all, instead of standard output."},
    NO_OPTION,
};

static bool find_name(const char *option, const char *name, const char *const *names, size_t n,
                      size_t *ret, CvkErr *err) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0) {
            *ret = i;
            return true;
        }
    return cvk_fail(err, CVK_EBADREQ, "usage.value", "--%s has no '%.40s'", option, name);
}

static bool read_key(const char *path, uint8_t ret[32], CvkErr *err) {
    char salt[SALT_MAX];
    size_t n;
    FILE *f = cvk_file_open_regular(path, true, err);
    if (f == NULL)
        return false;
    bool ok = cvk_file_read_secret(fileno(f), path, salt, sizeof salt, &n, err);
    fclose(f);
    if (ok && n < SALT_MIN)
        ok = cvk_fail(err, CVK_EBADREQ, "usage.value",
                      "--anonymize: the file must have %d bytes at least, of which nobody knows",
                      SALT_MIN);
    if (ok)
        cvk_sha256(salt, n, ret);
    explicit_bzero(salt, sizeof salt);
    return ok;
}

static bool read_options(const Args *args, ExportOptions *ret, uint8_t key[32], CvkErr *err) {
    const char *salt = args_text(args, "anonymize");
    size_t table = 0, format = 0;
    if (!find_name("table", args_text(args, "table"), export_table_names, EXPORT_TABLES_N, &table,
                   err) ||
        !find_name("format", args_text(args, "format"), table_format_names, TABLE_FORMATS_N,
                   &format, err) ||
        (salt != NULL && !read_key(salt, key, err)))
        return false;
    *ret = (ExportOptions){.table = (ExportTable)table,
                           .format = (TableFormat)format,
                           .key = salt != NULL ? key : NULL};
    if (!market_flags_excluded(args, &ret->flags_exclude, err))
        return false;
    if (ret->format == TABLE_PARQUET && args_text(args, "out") == NULL && isatty(STDOUT_FILENO))
        return cvk_fail(err, CVK_EBADREQ, "usage.missing",
                        "parquet is not for a terminal: name a file with --out");
    return true;
}

static bool export_to(Experiment *e, const ExportOptions *o, const char *path, CvkErr *err) {
    CvkFileOut out;
    if (path == NULL)
        return experiment_export(e, o, &market_stdout, err);
    if (!cvk_file_out_open(&out, path, 0644, err))
        return false;
    CvkSink to = cvk_sink_file(&out);
    if (experiment_export(e, o, &to, err))
        return cvk_file_out_commit(&out, err);
    cvk_file_out_abandon(&out);
    return false;
}

static int run(const Args *args) {
    uint8_t key[32];
    ExportOptions o;
    Experiment *e;
    Node *node;
    CvkErr err;
    if (!read_options(args, &o, key, &err) || !market_open(args, &node, &e, &err))
        return say_error("market export", &err);
    bool ok = export_to(e, &o, args_text(args, "out"), &err);
    node_close(node);
    return ok ? EXIT_DONE : say_error("market export", &err);
}

const Subcommand CLI_MARKET_EXPORT = {
    .name = "market export",
    .purpose = "the tables as CSV, JSON lines or Parquet",
    .usage = "DIR [--table submissions|attempts|requests|batches|panel]\n"
             "DIR [--format csv|jsonl|parquet] [--out FILE] [--experiment NAME]\n"
             "DIR [--anonymize FILE] [--flags-exclude NAME[,NAME]...]",
    .about =
        "Times are milliseconds since 1970, amounts decimal cents. Columns and their order are "
        "fixed; behind them stand the covariates of the batch, as batch.NAME. In CSV a text "
        "that a spreadsheet would take for a formula has an apostrophe in front.\n\n"
        "Neither ids nor labels of participants are in any table.",
    .options = options,
    .examples =
        "convoke market export market-2026 --out submissions.csv\n"
        "convoke market export market-2026 --table panel --format parquet --out panel.parquet\n"
        "convoke market export market-2026 --anonymize salt --flags-exclude TIME_IMPOSSIBLE",
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
