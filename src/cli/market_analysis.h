/* What market analyze and market simulate share: where the panel comes from, which of its rows take
 * part, and where findings go. */
#pragma once

#include "cli/options.h"
#include "market/analysis.h"

#define OPTIONS_ANALYSIS                                                                           \
    {"experiment", "NAME", NULL, "Which experiment, where the directory holds several."},          \
        {"from", "FILE", NULL,                                                                     \
         "Read submissions from a file of 'convoke market export' (CSV or JSON lines) instead of " \
         "a directory. Requests that are open are in no such file."},                              \
        {"panel", "available|complete", "available",                                               \
         "All batches; or only those that everybody proved who proved any. (Times with open "      \
         "requests are always those of all batches.)"},                                            \
        {"flags-exclude", "NAME[,NAME]...", NULL,                                                  \
         "Leave out submissions with one of these flags. May be repeated."},                       \
        {"seed", "N", "1", "Of random choices: resampling, and lots between equals."},             \
        {"json", NULL, NULL,                                                                       \
         "Print one JSON object: tables by name, and figures with all points."},                   \
        {"plots", "DIR", NULL, "Write each figure as an SVG file into this directory."}, {         \
        "report", "FILE", NULL, "Write tables and figures as one HTML file."                       \
    }

/* Reads the panel that the arguments name, and selects its rows; what was selected is said in
 * ret_about (a sentence or two). CVK_ENOTFOUND "panel.empty": nothing is left, and why. The caller
 * frees the panel. */
#define ANALYSIS_ABOUT_MAX 400
bool analysis_panel(const Args *args, Panel **ret, char ret_about[ANALYSIS_ABOUT_MAX],
                    CvkErr *err) MUST_USE;
/* And, where --panel leaves batches out, *ret_timed: the same with all batches (else NULL). The
 * caller frees both. */
bool analysis_panels(const Args *args, Panel **ret, Panel **ret_timed,
                     char ret_about[ANALYSIS_ABOUT_MAX], CvkErr *err) MUST_USE;

/* Prints them, or as --json says, and writes files. */
bool analysis_give_out(const Args *args, const Findings *f, CvkErr *err) MUST_USE;

/* An amount of cents, as --NAME has it; ret stays as it is without it. */
bool analysis_cents(const Args *args, const char *name, int64_t *ret, CvkErr *err) MUST_USE;
/* Seconds with up to three decimals, in milliseconds. */
bool analysis_seconds(const Args *args, const char *name, int64_t *ret_ms, CvkErr *err) MUST_USE;
