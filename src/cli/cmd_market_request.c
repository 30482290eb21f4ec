/* market request list, reopen, expire, skip. */
#include "cli/market.h"
#include "cli/say.h"
#include "cli/subcommands.h"

#include <inttypes.h>
#include <string.h>

#define REQUEST "REQUEST is a number from 'market request list'."

/* ---- list ---- */

static const Option list_options[] = {
    OPTION_EXPERIMENT,
    {"state", "open|done|expired|skipped", NULL, "Only requests in this state."},
    OPTION_JSON_LINES,
    NO_OPTION,
};

static const Column columns[] = {
    {"request_id", COLUMN_INT}, {"participant", COLUMN_INT},  {"batch", COLUMN_INT},
    {"seq", COLUMN_INT},        {"state", COLUMN_TEXT},       {"issued_ms", COLUMN_INT},
    {"closed_ms", COLUMN_INT},  {"first_get_ms", COLUMN_INT}, {"last_get_ms", COLUMN_INT},
    {"refetches", COLUMN_INT},  {"bytes_served", COLUMN_INT},
};
#define COLUMNS_N (sizeof columns / sizeof *columns)

typedef struct {
    Listing *to;
    const char *state; /* NULL: all */
} List;

static Cell time_cell(int64_t ms) {
    return ms != 0 ? cell_int(ms) : CELL_NONE;
}

static bool list_one(void *ctx, const StoreRequest *r, CvkErr *err) {
    const List *l = ctx;
    const char *state = request_state_name((RequestState)r->state);
    if (l->state != NULL && strcmp(state, l->state) != 0)
        return true;
    const Cell cells[COLUMNS_N] = {
        cell_int((int64_t)r->id),
        cell_int(r->participant),
        cell_int(r->batch),
        cell_int(r->seq),
        cell_text(state),
        cell_int(r->issued_ms),
        time_cell(r->closed_ms),
        time_cell(r->served.first_get_ms),
        time_cell(r->served.last_get_ms),
        cell_int((int64_t)r->served.refetches),
        cell_int((int64_t)r->served.bytes),
    };
    return listing_row(l->to, cells, err);
}

static bool is_state(const char *name, CvkErr *err) {
    for (RequestState s = 0; s < REQUEST_STATES_N; s++)
        if (strcmp(request_state_name(s), name) == 0)
            return true;
    return cvk_fail(err, CVK_EBADREQ, "usage.value",
                    "--state is open, done, expired or skipped, not '%.40s'", name);
}

static int run_list(const Args *args) {
    List l = {.state = args_text(args, "state")};
    Experiment *e;
    Node *node;
    CvkErr err;
    if ((l.state != NULL && !is_state(l.state, &err)) || !market_open(args, &node, &e, &err))
        return say_error("market request list", &err);
    bool ok = listing_new(args, columns, COLUMNS_N, &l.to, &err) &&
              listing_end(l.to, experiment_each_request(e, list_one, &l, &err), &err);
    node_close(node);
    return ok ? EXIT_DONE : say_error("market request list", &err);
}

const Subcommand CLI_MARKET_REQUEST_LIST = {
    .name = "market request list",
    .purpose = "who was given which batch, and what became of it",
    .usage = "DIR [--state open|done|expired|skipped] [--experiment NAME] [--json]",
    .options = list_options,
    .examples = "convoke market request list market-2026 --state open\n"
                "convoke market request list market-2026 --json",
    .args_min = 1,
    .args_max = 1,
    .run = run_list,
};

/* ---- reopen, expire, skip ---- */

static const Option options[] = {OPTION_EXPERIMENT, NO_OPTION};

static int run(const Args *args, const Subcommand *self, RequestState to) {
    uint64_t request;
    Experiment *e;
    Node *node;
    CvkErr err;
    if (!market_number(args, 1, "request", (uint64_t)1 << 53, &request, &err) ||
        !market_open(args, &node, &e, &err))
        return say_error(self->name, &err);
    bool ok = to == REQUEST_OPEN ? experiment_request_reopen(e, request, &err)
                                 : experiment_request_close(e, request, to, &err);
    node_close(node);
    if (!ok)
        return say_error(self->name, &err);
    say_result("request %" PRIu64 " is %s", request, request_state_name(to));
    return EXIT_DONE;
}

static int run_reopen(const Args *args) {
    return run(args, &CLI_MARKET_REQUEST_REOPEN, REQUEST_OPEN);
}

static int run_expire(const Args *args) {
    return run(args, &CLI_MARKET_REQUEST_EXPIRE, REQUEST_EXPIRED);
}

static int run_skip(const Args *args) {
    return run(args, &CLI_MARKET_REQUEST_SKIP, REQUEST_SKIPPED);
}

const Subcommand CLI_MARKET_REQUEST_REOPEN = {
    .name = "market request reopen",
    .purpose = "open an expired or skipped request again",
    .usage = "DIR REQUEST [--experiment NAME]",
    .about = REQUEST " Its time to live begins anew.",
    .options = options,
    .examples = "convoke market request reopen market-2026 17",
    .args_min = 2,
    .args_max = 2,
    .run = run_reopen,
};

const Subcommand CLI_MARKET_REQUEST_EXPIRE = {
    .name = "market request expire",
    .purpose = "end an open request as if its time had run out",
    .usage = "DIR REQUEST [--experiment NAME]",
    .about = REQUEST " Its prover gets the next batch; a proof that comes later is refused.",
    .options = options,
    .examples = "convoke market request expire market-2026 17",
    .args_min = 2,
    .args_max = 2,
    .run = run_expire,
};

const Subcommand CLI_MARKET_REQUEST_SKIP = {
    .name = "market request skip",
    .purpose = "end an open request: its prover gets the next batch",
    .usage = "DIR REQUEST [--experiment NAME]",
    .about = REQUEST " Analyses take an expired request for one that took too long, and leave a "
                     "skipped one out.",
    .options = options,
    .examples = "convoke market request skip market-2026 17",
    .args_min = 2,
    .args_max = 2,
    .run = run_skip,
};
