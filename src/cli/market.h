/* What the operator's commands about an experiment share: the frame of a command, numbers of people
 * and things, and lists for people or (--json) for programs. */
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
extern const Option market_options[];      /* --experiment */
extern const Option market_list_options[]; /* and --json: one object a line */

/* Opens the directory in args_at(0), beside a server that may be running, and its experiment. */
bool market_open(const Args *args, Node **ret_node, Experiment **ret, CvkErr *err) MUST_USE;
/* The same where nothing but the tables is wanted (NodeOptions.tables_only). */
bool market_open_tables(const Args *args, Node **ret_node, Experiment **ret, CvkErr *err) MUST_USE;

/* A command: opens what market_open does, acts, closes. What fails is said under the command's
 * name; what was done is the act's to say. Returns the exit status. */
typedef bool MarketAct(Experiment *e, const Args *args, void *ctx, CvkErr *err);
int market_act(const Args *args, MarketAct *act, void *ctx);
int market_act_on_tables(const Args *args, MarketAct *act, void *ctx);

/* A positional argument that is a number of something, from 1. `what` names it in the error. */
bool market_number(const Args *args, size_t at, const char *what, uint64_t max, uint64_t *ret,
                   CvkErr *err) MUST_USE;

/* Who or what a positional argument names: a number, or a participant's label, a batch's name.
 * "participant.none", "batch.none"; "participant.which", "batch.which": several have the label, or
 * the text is one's number and another's name; the numbers are told. A number is not looked up. */
bool market_find_participant(const Args *args, size_t at, Experiment *e, uint32_t *ret,
                             CvkErr *err) MUST_USE;
bool market_find_batch(const Args *args, size_t at, Experiment *e, uint32_t *ret,
                       CvkErr *err) MUST_USE;
#define MARKET_BY_NUMBER "number:" /* what follows is no name */
#define MARKET_WHO                                                                                 \
    "WHO is a participant's number or label, as 'market participant list' has them; where it is "  \
    "the number of one and the label of another, " MARKET_BY_NUMBER "2 says which."
#define MARKET_WHICH                                                                               \
    "BATCH is a batch's number or name, as 'market batch list' has them; where it is the number "  \
    "of one and the name of another, " MARKET_BY_NUMBER "2 says which."

/* The flags that --flags-exclude names (market/market.h). */
bool market_flags_excluded(const Args *args, uint32_t *ret, CvkErr *err) MUST_USE;

/* Standard output, as what tables are written to. */
extern const CvkSink market_stdout;

/* A command that lists: columns under their names, or (--json) JSON lines. `rows` gives the rows to
 * listing_row. Times (names that end in "_ms") are shown to people as dates. Returns the exit
 * status. */
typedef struct Listing Listing;
typedef struct {
    const Column *columns;
    size_t n;
    bool (*rows)(Experiment *e, const Args *args, Listing *to, CvkErr *err);
} MarketList;
int market_list(const Args *args, const MarketList *what);
bool listing_row(Listing *l, const Cell *cells, CvkErr *err) MUST_USE;
