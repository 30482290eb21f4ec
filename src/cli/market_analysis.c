#include "cli/market_analysis.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/words.h"
#include "cli/market.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "codec/money.h"
#include "format/svg.h"
#include "market/panel_read.h"

#include <stdio.h>
#include <string.h>

#define OUTPUT_MAX ((size_t)1 << 30)

/* ---- in ---- */

/* Not what is read here, but what export writes as well. */
static bool is_parquet(FILE *f) {
    char first[4];
    bool is = fread(first, 1, sizeof first, f) == sizeof first && memcmp(first, "PAR1", 4) == 0;
    rewind(f);
    return is;
}

static bool from_file(const char *path, Panel **ret, CvkErr *err) {
    FILE *f = cvk_file_open_regular(path, true, err);
    if (f == NULL)
        return false;
    bool ok = is_parquet(f)
                  ? cvk_fail(err, CVK_EBADREQ, "panel.parquet",
                             "it is Parquet: --from reads CSV and JSON lines ('convoke market "
                             "export --format csv' or jsonl)")
                  : panel_read(json_from_file(f), ret, err);
    if (!ok)
        cvk_fail_named(err, path);
    fclose(f);
    return ok;
}

static bool from_directory(const Args *args, Panel **ret, CvkErr *err) {
    Node *node;
    Experiment *e;
    if (!market_open_tables(args, &node, &e, err))
        return false;
    Progress bar = progress_start("reading", false, args_flag(args, "json"));
    bool ok = experiment_panel(e, progress_to(&bar), ret, err);
    progress_end(&bar);
    node_close(node);
    return ok;
}

static bool read_panel(const Args *args, Panel **ret, CvkErr *err) {
    const char *from = args_text(args, "from");
    if ((from != NULL) == (args_n(args) == 1))
        return cvk_fail(err, CVK_EBADREQ, "usage.missing",
                        "name a directory, or a file with --from, and not both");
    return from != NULL ? from_file(from, ret, err) : from_directory(args, ret, err);
}

static bool choose(const Args *args, bool *ret_complete, unsigned *ret_flags, CvkErr *err) {
    static const char *const names[] = {"available", "complete"};
    size_t at;
    if (!cvk_words_find("--panel", args_text(args, "panel"), names, 2, &at, err))
        return false;
    *ret_complete = at == 1;
    return market_flags_excluded(args, ret_flags, err);
}

static bool no_rows_left(const Panel *all, unsigned flags, CvkErr *err) {
    for (size_t i = 0; i < panel_n(all); i++)
        if ((panel_rows(all)[i].flags & flags) == 0)
            return cvk_fail(err, CVK_ENOTFOUND, "panel.empty",
                            "no batch was proved by everybody who proved any: --panel complete "
                            "leaves nothing");
    return cvk_fail(err, CVK_ENOTFOUND, "panel.empty",
                    "every submission has a flag that --flags-exclude names");
}

/* ret_timed: may be NULL. */
static bool select_rows(const Panel *all, bool complete, unsigned flags, Panel **ret,
                        Panel **ret_timed, CvkErr *err) {
    Panel *kept = NULL, *timed = NULL;
    bool ok = panel_select(all, complete, flags, &kept, err) &&
              (panel_n(kept) > 0 || no_rows_left(all, flags, err)) &&
              (ret_timed == NULL || !complete || panel_select(all, false, flags, &timed, err));
    if (!ok) {
        panel_free(kept);
        return false;
    }
    *ret = kept;
    if (ret_timed != NULL)
        *ret_timed = timed;
    return true;
}

bool analysis_panels(const Args *args, Panel **ret, Panel **ret_timed,
                     char ret_about[ANALYSIS_ABOUT_MAX], CvkErr *err) {
    bool complete;
    unsigned flags;
    Panel *all;
    if (!choose(args, &complete, &flags, err) || !read_panel(args, &all, err))
        return false;
    if (panel_n(all) == 0) {
        panel_free(all);
        return cvk_fail(err, CVK_ENOTFOUND, "panel.empty", "there are no submissions yet");
    }
    bool ok = select_rows(all, complete, flags, ret, ret_timed, err);
    if (ok)
        snprintf(ret_about, ANALYSIS_ABOUT_MAX,
                 "%zu of %zu submissions, %zu open request%s; %s panel%s. Costs, prices and "
                 "proving times are as provers declared them.",
                 panel_n(*ret), panel_n(all), panel_open_n(all), panel_open_n(all) == 1 ? "" : "s",
                 complete ? "complete" : "available",
                 flags != 0 ? ", some flagged ones left out" : "");
    panel_free(all);
    return ok;
}

bool analysis_panel(const Args *args, Panel **ret, char ret_about[ANALYSIS_ABOUT_MAX],
                    CvkErr *err) {
    return analysis_panels(args, ret, NULL, ret_about, err);
}

/* ---- numbers ---- */

bool analysis_cents(const Args *args, const char *name, int64_t *ret, CvkErr *err) {
    const char *text = args_text(args, name);
    return text == NULL || money_parse(text, strlen(text), ret) ||
           cvk_fail(err, CVK_EBADREQ, "usage.value", "--%s is an amount of cents such as 105.5",
                    name);
}

/* Decimal seconds are parsed as exactly as cents are. */
bool analysis_seconds(const Args *args, const char *name, int64_t *ret_ms, CvkErr *err) {
    const char *text = args_text(args, name);
    int64_t millionths;
    if (text == NULL)
        return true;
    if (!money_parse(text, strlen(text), &millionths) || millionths % 1000 != 0)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "--%s is seconds such as 60 or 0.5", name);
    *ret_ms = millionths / 1000;
    return true;
}

/* ---- out ---- */

static bool write_buf(const char *path, const CvkBuf *b, CvkErr *err) {
    return cvk_file_write(path, b->data, b->n, 0644, err);
}

static bool write_plots(const char *dir, const Findings *f, CvkErr *err) {
    const Figure *g;
    if (!cvk_dir_make(dir, 0777, err))
        return false;
    for (size_t i = 0; (g = findings_figure_at(f, i)) != NULL; i++) {
        _cleanup_buf_ CvkBuf b = CVK_BUF(OUTPUT_MAX);
        char name[80], path[LIMIT_PATH];
        snprintf(name, sizeof name, "%s.svg", g->id);
        if (!cvk_path(path, dir, name, err) || !svg_add(&b, g, err) || !write_buf(path, &b, err))
            return false;
    }
    return true;
}

static bool write_report(const char *path, const Findings *f, CvkErr *err) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(OUTPUT_MAX);
    return findings_html(f, &b, err) && write_buf(path, &b, err);
}

static bool print(const Args *args, const Findings *f, CvkErr *err) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(OUTPUT_MAX);
    if (args_flag(args, "json")) {
        JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);
        json_object_begin(&w);
        findings_json(f, &w);
        json_object_end(&w);
        if (!json_finish(&w, err) || !cvk_buf_add_str(&b, "\n", err))
            return false;
    } else if (!findings_text(f, &b, err)) {
        return false;
    }
    if (fwrite(b.data, 1, b.n, stdout) != b.n || fflush(stdout) != 0)
        return say_output_failed(err);
    return true;
}

bool analysis_give_out(const Args *args, const Findings *f, CvkErr *err) {
    const char *plots = args_text(args, "plots"), *report = args_text(args, "report");
    if ((plots != NULL && !write_plots(plots, f, err)) ||
        (report != NULL && !write_report(report, f, err)) || !print(args, f, err))
        return false;
    if (plots != NULL)
        say_step("%s has the figures", plots);
    if (report != NULL)
        say_step("%s is written: open it in a browser", report);
    return true;
}
