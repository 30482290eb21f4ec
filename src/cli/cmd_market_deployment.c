/* market deployment set, list: what the provers' deployments are, and what they cost by the
 * operator's account. */
#include "cli/market.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "codec/json_read.h"
#include "codec/money.h"

#include <inttypes.h>
#include <string.h>

#define CENTS_A_DOLLAR 100
#define POWER_MAX 1000000000u /* a gigawatt */

static const Option set_options[] = {
    OPTION_EXPERIMENT,
    {"description", "TEXT", NULL, "What it is, in words."},
    {"hardware", "JSON", NULL, "What it consists of, as a JSON object such as {\"gpu\": 8}."},
    {"usd-per-hour", "DOLLARS", NULL,
     "What it costs to run; analyses compare it with the costs that its prover declares."},
    {"power-w", "WATTS", NULL, "What it draws."},
    NO_OPTION,
};

static bool is_object(const char *text, CvkErr *err) {
    JsonMemory memory = {.data = text, .n = strlen(text)};
    JsonType type = JSON_TYPE_NULL;
    JsonReader *r = json_reader_new(json_from_memory(&memory), strlen(text) + 1, err);
    bool ok = r != NULL && json_read_peek(r, &type, err) && json_read_skip(r, err) &&
              json_read_end(r, err);
    json_reader_free(r);
    return (ok && type == JSON_TYPE_OBJECT) ||
           cvk_fail(err, CVK_EBADREQ, "usage.value", "--hardware must be a JSON object");
}

static bool read_rate(const char *text, int64_t *ret, CvkErr *err) {
    *ret = -1;
    if (text == NULL)
        return true;
    if (!money_parse(text, strlen(text), ret) || *ret > MONEY_MAX / CENTS_A_DOLLAR)
        return cvk_fail(err, CVK_EBADREQ, "usage.value",
                        "--usd-per-hour must be an amount of dollars, such as 2.40");
    *ret *= CENTS_A_DOLLAR;
    return true;
}

static bool read_set(const Args *args, Experiment *e, StoreDeployment *d, CvkErr *err) {
    const char *hardware = args_text(args, "hardware"), *words = args_text(args, "description");
    uint64_t power = 0;
    bool has_power = args_text(args, "power-w") != NULL;
    size_t n = strlen(args_at(args, 2));
    if (!market_find_participant(args, 1, e, &d->participant, err) ||
        (hardware != NULL && !is_object(hardware, err)) ||
        !read_rate(args_text(args, "usd-per-hour"), &d->rate, err) ||
        (has_power && !args_uint(args, "power-w", POWER_MAX, &power, err)))
        return false;
    if (n == 0 || n > LIMIT_DEPLOYMENT)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "a deployment's name has 1 to %d bytes",
                        LIMIT_DEPLOYMENT);
    d->deployment = args_at(args, 2);
    d->description = words != NULL ? words : "";
    d->hardware = hardware != NULL ? hardware : "";
    d->power_w = has_power ? (int64_t)power : -1;
    return true;
}

static bool set(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    StoreDeployment d = {0};
    (void)ctx;
    if (!read_set(args, e, &d, err) || !experiment_deployment_set(e, &d, err))
        return false;
    say_result("deployment '%s' of participant %" PRIu32 " is described", d.deployment,
               d.participant);
    return true;
}

static int run_set(const Args *args) {
    return market_act(args, set, NULL);
}

const Subcommand CLI_MARKET_DEPLOYMENT_SET = {
    .name = "market deployment set",
    .purpose = "describe a prover's deployment: what it is, what it costs an hour",
    .usage = "DIR WHO DEPLOYMENT [--description TEXT] [--hardware JSON] [--usd-per-hour DOLLARS]\n"
             "DIR WHO DEPLOYMENT [--power-w WATTS] [--experiment NAME]",
    .about = MARKET_WHO " DEPLOYMENT is what they send as deployment_version. What is said "
                        "replaces all that was said before.",
    .options = set_options,
    .examples =
        "convoke market deployment set market-2026 3 3.1-GPU --usd-per-hour 2.40 --power-w 700",
    .args_min = 3,
    .args_max = 3,
    .run = run_set,
};

/* ---- list ---- */

static const Column columns[] = {
    {"participant", COLUMN_INT}, {"deployment", COLUMN_TEXT}, {"cents_per_hour", COLUMN_CENTS},
    {"power_w", COLUMN_INT},     {"changed_ms", COLUMN_INT},  {"description", COLUMN_TEXT},
    {"hardware", COLUMN_TEXT},
};
#define COLUMNS_N (sizeof columns / sizeof *columns)

static bool list_one(void *ctx, const StoreDeployment *d, CvkErr *err) {
    const Cell cells[COLUMNS_N] = {
        cell_int(d->participant),
        cell_text(d->deployment),
        d->rate >= 0 ? cell_int(d->rate) : CELL_NONE,
        d->power_w >= 0 ? cell_int(d->power_w) : CELL_NONE,
        cell_int(d->changed_ms),
        cell_text(d->description),
        cell_text(d->hardware[0] != '\0' ? d->hardware : NULL),
    };
    return listing_row(ctx, cells, err);
}

static bool rows(Experiment *e, const Args *args, Listing *to, CvkErr *err) {
    (void)args;
    return experiment_each_deployment(e, list_one, to, err);
}

static int run_list(const Args *args) {
    return market_list(args, &(MarketList){columns, COLUMNS_N, rows});
}

const Subcommand CLI_MARKET_DEPLOYMENT_LIST = {
    .name = "market deployment list",
    .purpose = "the deployments that were described",
    .usage = "DIR [--experiment NAME] [--json]",
    .options = market_list_options,
    .examples = "convoke market deployment list market-2026 --json",
    .args_min = 1,
    .args_max = 1,
    .run = run_list,
};
