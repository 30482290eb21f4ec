/* market export: an experiment's tables for other programs. */
#include "base/file.h"
#include "base/sha256.h"
#include "base/words.h"
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
    {"table", "submissions|attempts|requests|batches|panel|participants|deployments|extras|events",
     "submissions",
     "What to export. The panel has a line a batch, with price, cost and time of each participant; "
     "deployments are those that you described; extras is whatever else provers sent with their "
     "proofs; events is the journal."},
    {"format", "csv|jsonl|parquet", NULL,
     "As what: amounts are exact in each of them. Without it: what the name of --out ends in "
     "(.csv, .jsonl, .parquet), and csv where it ends in anything else or nothing is named."},
    {"anonymize", "FILE", NULL,
     "Participants and deployments get names that say nothing to who has not this file (16 secret "
     "bytes or more); the same file gives the same names. Why proofs were refused, what "
     "you wrote of deployments, and extras that are text are left out; events are refused."},
    {"flags-exclude", "NAME[,NAME]...", NULL,
     "Leaves out submissions with one of these flags: PRICE_LT_COST, TIME_IMPOSSIBLE, NOT_FETCHED, "
     "COPIED, ZERO_PRICE, ZERO_COST. May be repeated."},
    {"out", "FILE", NULL, "Write to this file, whole or not at all, instead of standard output."},
    NO_OPTION,
};

/* What the file's name ends in; TABLE_FORMATS_N: nothing of ours. */
static size_t format_of(const char *path) {
    const char *dot = path != NULL ? strrchr(path, '.') : NULL;
    size_t i = 0;
    while (i < TABLE_FORMATS_N && (dot == NULL || strcmp(dot + 1, table_format_names[i]) != 0))
        i++;
    return i;
}

static bool read_format(const Args *args, TableFormat *ret, CvkErr *err) {
    const char *said = args_text(args, "format"), *out = args_text(args, "out");
    size_t named = format_of(out), format = named;
    if (said != NULL &&
        !cvk_words_find("--format", said, table_format_names, TABLE_FORMATS_N, &format, err))
        return false;
    if (named != TABLE_FORMATS_N && format != named)
        return cvk_fail(err, CVK_EBADREQ, "usage.value",
                        "--format is %s, and --out ends in .%s: give one of them, or another name",
                        said, table_format_names[named]);
    *ret = format != TABLE_FORMATS_N ? (TableFormat)format : TABLE_CSV;
    if (*ret == TABLE_PARQUET && out == NULL && isatty(STDOUT_FILENO))
        return cvk_fail(err, CVK_EBADREQ, "usage.missing",
                        "parquet is not for a terminal: name a file with --out");
    return true;
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
    size_t table;
    *ret = (ExportOptions){.key = salt != NULL ? key : NULL};
    if (!cvk_words_find("--table", args_text(args, "table"), export_table_names, EXPORT_TABLES_N,
                        &table, err))
        return false;
    ret->table = (ExportTable)table;
    return read_format(args, &ret->format, err) && (salt == NULL || read_key(salt, key, err)) &&
           market_flags_excluded(args, &ret->flags_exclude, err);
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

static bool export(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    uint8_t key[32];
    ExportOptions o;
    (void)ctx;
    const char *out = args_text(args, "out");
    if (!read_options(args, &o, key, err) || !export_to(e, &o, out, err))
        return false;
    if (out != NULL)
        say_step("%s is written: %s as %s", out, export_table_names[o.table],
                 table_format_names[o.format]);
    return true;
}

static int run(const Args *args) {
    return market_act_on_tables(args, export, NULL);
}

const Subcommand CLI_MARKET_EXPORT = {
    .name = "market export",
    .purpose = "the tables as CSV, JSON lines or Parquet",
    .usage = "DIR [--table TABLE] [--format csv|jsonl|parquet] [--out FILE] [--experiment NAME]\n"
             "DIR [--anonymize FILE] [--flags-exclude NAME[,NAME]...]",
    .about =
        "Times are milliseconds since 1970, amounts decimal cents. Columns and their order are "
        "fixed; behind them stand the covariates of the batch, as batch.NAME. In CSV a text "
        "that a spreadsheet would take for a formula has an apostrophe in front.\n\n"
        "Neither ids nor labels, contacts and notes of participants are in any table.",
    .options = options,
    .examples =
        "convoke market export market-2026 --out submissions.csv\n"
        "convoke market export market-2026 --table panel --out panel.parquet\n"
        "convoke market export market-2026 --table events --format jsonl\n"
        "convoke market export market-2026 --anonymize salt --flags-exclude TIME_IMPOSSIBLE",
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
