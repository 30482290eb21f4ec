/* market request list, reopen, expire, skip. */
#include "base/words.h"
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
        cell_time(r->closed_ms),
        cell_time(r->served.first_get_ms),
        cell_time(r->served.last_get_ms),
        cell_int((int64_t)r->served.refetches),
        cell_int((int64_t)r->served.bytes),
    };
    return listing_row(l->to, cells, err);
}

static bool is_state(const char *name, CvkErr *err) {
    const char *names[REQUEST_STATES_N];
    size_t at;
    for (RequestState i = 0; i < REQUEST_STATES_N; i++)
        names[i] = request_state_name(i);
    return cvk_words_find("--state", name, names, REQUEST_STATES_N, &at, err);
}

static bool rows(Experiment *e, const Args *args, Listing *to, CvkErr *err) {
    List l = {.to = to, .state = args_text(args, "state")};
    return (l.state == NULL || is_state(l.state, err)) &&
           experiment_each_request(e, list_one, &l, err);
}

static int run_list(const Args *args) {
    return market_list(args, &(MarketList){columns, COLUMNS_N, rows});
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

static bool change(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    const RequestState to = *(const RequestState *)ctx;
    uint64_t request;
    if (!market_number(args, 1, "request", (uint64_t)1 << 53, &request, err) ||
        !(to == REQUEST_OPEN ? experiment_request_reopen(e, request, err)
                             : experiment_request_close(e, request, to, err)))
        return false;
    say_result("request %" PRIu64 " is %s", request, request_state_name(to));
    return true;
}

static int run_reopen(const Args *args) {
    return market_act(args, change, &(RequestState){REQUEST_OPEN});
}

static int run_expire(const Args *args) {
    return market_act(args, change, &(RequestState){REQUEST_EXPIRED});
}

static int run_skip(const Args *args) {
    return market_act(args, change, &(RequestState){REQUEST_SKIPPED});
}

const Subcommand CLI_MARKET_REQUEST_REOPEN = {
    .name = "market request reopen",
    .purpose = "open an expired or skipped request again",
    .usage = "DIR REQUEST [--experiment NAME]",
    .about = REQUEST " Its time to live begins anew.",
    .options = market_options,
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
    .options = market_options,
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
    .options = market_options,
    .examples = "convoke market request skip market-2026 17",
    .args_min = 2,
    .args_max = 2,
    .run = run_skip,
};
