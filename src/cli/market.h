/* What the operator's commands about an experiment share: opening it, numbers of people and things,
 * and lists for people or (--json) for programs. */
#pragma once

#include "cli/options.h"
#include "format/table.h"
#include "run/experiment.h"

#define OPTION_EXPERIMENT                                                                          \
    { "experiment", "NAME", NULL, "Which experiment, where the directory holds several." }
#define OPTION_JSON_LINES                                                                          \
    { "json", NULL, NULL, "Print one JSON object a line." }
#define NO_OPTION                                                                                  \
    { NULL, NULL, NULL, NULL }

/* Opens the directory in args_at(0), beside a server that may be running, and its experiment. */
bool market_open(const Args *args, Node **ret_node, Experiment **ret, CvkErr *err) MUST_USE;

/* A positional argument that is a number of something, from 1. `what` names it in the error. */
bool market_number(const Args *args, size_t at, const char *what, uint64_t max, uint64_t *ret,
                   CvkErr *err) MUST_USE;

/* The flags that --flags-exclude names (market/market.h). */
bool market_flags_excluded(const Args *args, uint32_t *ret, CvkErr *err) MUST_USE;

/* Standard output, as what tables are written to. */
extern const CvkSink market_stdout;

/* A list on standard output: columns under their names, or JSON lines. Times (names that end in
 * "_ms") are shown to people as dates. */
typedef struct Listing Listing;
bool listing_new(const Args *args, const Column *columns, size_t n, Listing **ret,
                 CvkErr *err) MUST_USE;
bool listing_row(Listing *l, const Cell *cells, CvkErr *err) MUST_USE;
/* What is left goes out, and the list is freed; `ok` false: only that. Returns whether all is well.
 */
bool listing_end(Listing *l, bool ok, CvkErr *err) MUST_USE;
