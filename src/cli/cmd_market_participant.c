/* market participant add, list, show, disable, enable, rotate: who proves. */
#include "base/alloc.h"
#include "cli/market.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "codec/json_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WHO "WHO is a number from 'market participant list'."

/* The id goes to standard output alone: it is a secret, and is not kept. */
static int tell_id(const Args *args, uint32_t participant, const char *id, CvkErr *err) {
    if (!args_flag(args, "json")) {
        say_result("%s", id);
        say_step("participant %" PRIu32
                 ": hand them this id over a private channel; it is a secret, "
                 "and is not shown again",
                 participant);
        return EXIT_DONE;
    }
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(&w);
    json_field_uint(&w, "participant", participant);
    json_field_str(&w, "id", id);
    json_object_end(&w);
    return json_finish(&w, err) && putchar('\n') != EOF ? EXIT_DONE
                                                        : say_error("market participant", err);
}

/* ---- add ---- */

static const Option add_options[] = {
    OPTION_EXPERIMENT,
    {"label", "TEXT", NULL, "Who they are, for you; exports have their number, not this."},
    {"group", "NAME", NULL, "Which treatment they get: a group of 'market new'."},
    {"note", "TEXT", NULL, "Anything else, such as how to reach them."},
    {"id", "ID", NULL,
     "Their id, if it was agreed on before: 1 to 64 letters, digits, '-' or '_'. Without it a new "
     "one "
     "of 128 random bits is made."},
    {"json", NULL, NULL, "Print one JSON object: participant, id."},
    NO_OPTION,
};

static int run_add(const Args *args) {
    char id[PROVER_ID_MAX + 1];
    uint32_t number;
    Experiment *e;
    Node *node;
    CvkErr err;
    if (!market_open(args, &node, &e, &err))
        return say_error("market participant add", &err);
    bool ok = experiment_participant_add(e, args_text(args, "id"), args_text(args, "label"),
                                         args_text(args, "group"), args_text(args, "note"), id,
                                         &number, &err);
    node_close(node);
    return ok ? tell_id(args, number, id, &err) : say_error("market participant add", &err);
}

const Subcommand CLI_MARKET_PARTICIPANT_ADD = {
    .name = "market participant add",
    .purpose = "let a prover take part: prints their id, once",
    .usage =
        "DIR [--label TEXT] [--group NAME] [--note TEXT] [--id ID] [--experiment NAME] [--json]",
    .about = "Whoever has the id can prove in their name. It is not kept, only its hash is: a lost "
             "one is replaced by 'market participant rotate'.",
    .options = add_options,
    .examples = "convoke market participant add market-2026 --label 'Prover A'\n"
                "convoke market participant add market-2026 --group low --json",
    .args_min = 1,
    .args_max = 1,
    .run = run_add,
};

/* ---- rotate ---- */

static const Option rotate_options[] = {
    OPTION_EXPERIMENT,
    {"id", "ID", NULL, "The new id; without it a random one is made."},
    {"json", NULL, NULL, "Print one JSON object: participant, id."},
    NO_OPTION,
};

static int run_rotate(const Args *args) {
    char id[PROVER_ID_MAX + 1];
    uint64_t number;
    Experiment *e;
    Node *node;
    CvkErr err;
    if (!market_number(args, 1, "participant", UINT32_MAX, &number, &err) ||
        !market_open(args, &node, &e, &err))
        return say_error("market participant rotate", &err);
    bool ok = experiment_participant_rotate(e, (uint32_t)number, args_text(args, "id"), id, &err);
    node_close(node);
    return ok ? tell_id(args, (uint32_t)number, id, &err)
              : say_error("market participant rotate", &err);
}

const Subcommand CLI_MARKET_PARTICIPANT_ROTATE = {
    .name = "market participant rotate",
    .purpose = "give a prover another id: prints it, once",
    .usage = "DIR WHO [--id ID] [--experiment NAME] [--json]",
    .about = WHO " The old id ends; their open request, its path and everything they proved stay.",
    .options = rotate_options,
    .examples = "convoke market participant rotate market-2026 3",
    .args_min = 2,
    .args_max = 2,
    .run = run_rotate,
};

/* ---- disable, enable ---- */

static const Option allow_options[] = {OPTION_EXPERIMENT, NO_OPTION};

static int allow(const Args *args, const Subcommand *self, bool on) {
    uint64_t number;
    Experiment *e;
    Node *node;
    CvkErr err;
    if (!market_number(args, 1, "participant", UINT32_MAX, &number, &err) ||
        !market_open(args, &node, &e, &err))
        return say_error(self->name, &err);
    bool ok = experiment_participant_allow(e, (uint32_t)number, on, &err);
    node_close(node);
    if (!ok)
        return say_error(self->name, &err);
    say_result("participant %" PRIu64 " is %s", number, on ? "enabled" : "disabled");
    return EXIT_DONE;
}

static int run_disable(const Args *args) {
    return allow(args, &CLI_MARKET_PARTICIPANT_DISABLE, false);
}

static int run_enable(const Args *args) {
    return allow(args, &CLI_MARKET_PARTICIPANT_ENABLE, true);
}

const Subcommand CLI_MARKET_PARTICIPANT_DISABLE = {
    .name = "market participant disable",
    .purpose = "let a prover come no more; what they proved stays",
    .usage = "DIR WHO [--experiment NAME]",
    .about = WHO " They are answered as if they did not exist.",
    .options = allow_options,
    .examples = "convoke market participant disable market-2026 3",
    .args_min = 2,
    .args_max = 2,
    .run = run_disable,
};

const Subcommand CLI_MARKET_PARTICIPANT_ENABLE = {
    .name = "market participant enable",
    .purpose = "let a disabled prover come again, with the same id",
    .usage = "DIR WHO [--experiment NAME]",
    .about = WHO,
    .options = allow_options,
    .examples = "convoke market participant enable market-2026 3",
    .args_min = 2,
    .args_max = 2,
    .run = run_enable,
};

/* ---- list, show ---- */

static const Option list_options[] = {OPTION_EXPERIMENT, OPTION_JSON_LINES, NO_OPTION};

static const Column columns[] = {
    {"participant", COLUMN_INT}, {"state", COLUMN_TEXT},     {"group", COLUMN_TEXT},
    {"open", COLUMN_INT},        {"done", COLUMN_INT},       {"expired", COLUMN_INT},
    {"skipped", COLUMN_INT},     {"created_ms", COLUMN_INT}, {"label", COLUMN_TEXT},
    {"note", COLUMN_TEXT},
};
#define COLUMNS_N (sizeof columns / sizeof *columns)

typedef struct {
    Listing *to;
    const MarketRules *rules;
    uint32_t only;                        /* 0: all */
    uint32_t n;                           /* of counts */
    uint32_t (*counts)[REQUEST_STATES_N]; /* by participant */
} List;

static bool find_last(void *ctx, const StoreParticipant *p, CvkErr *err) {
    (void)err;
    ((List *)ctx)->n = p->id;
    return true;
}

static bool count(void *ctx, const StoreRequest *r, CvkErr *err) {
    List *l = ctx;
    (void)err;
    if (r->participant <= l->n && r->state < REQUEST_STATES_N)
        l->counts[r->participant][r->state]++;
    return true;
}

static bool list_one(void *ctx, const StoreParticipant *p, CvkErr *err) {
    List *l = ctx;
    if ((l->only != 0 && p->id != l->only) || p->id > l->n)
        return true;
    const uint32_t *n = l->counts[p->id];
    bool in_group = p->group >= 0 && (size_t)p->group < l->rules->n_groups;
    const Cell cells[COLUMNS_N] = {
        cell_int(p->id),
        cell_text(p->allowed ? "enabled" : "disabled"),
        cell_text(in_group ? l->rules->groups[p->group].name : NULL),
        cell_int(n[REQUEST_OPEN]),
        cell_int(n[REQUEST_DONE]),
        cell_int(n[REQUEST_EXPIRED]),
        cell_int(n[REQUEST_SKIPPED]),
        cell_int(p->created_ms),
        cell_text(p->label),
        cell_text(p->note),
    };
    return listing_row(l->to, cells, err);
}

static bool list(const Args *args, Experiment *e, uint32_t only, CvkErr *err) {
    List l = {.rules = experiment_rules(e), .only = only};
    if (!experiment_each_participant(e, find_last, &l, err))
        return false;
    if (only > l.n)
        return cvk_fail(err, CVK_ENOTFOUND, "participant.none", "there is no participant %" PRIu32,
                        only);
    l.counts = cvk_alloc((size_t)l.n + 1, sizeof *l.counts, err);
    bool ok = l.counts != NULL && experiment_each_request(e, count, &l, err) &&
              listing_new(args, columns, COLUMNS_N, &l.to, err);
    ok = ok && listing_end(l.to, experiment_each_participant(e, list_one, &l, err), err);
    free(l.counts);
    return ok;
}

static int run_list(const Args *args) {
    Experiment *e;
    Node *node;
    CvkErr err;
    if (!market_open(args, &node, &e, &err))
        return say_error("market participant list", &err);
    bool ok = list(args, e, 0, &err);
    node_close(node);
    return ok ? EXIT_DONE : say_error("market participant list", &err);
}

static int run_show(const Args *args) {
    uint64_t number;
    Experiment *e;
    Node *node;
    CvkErr err;
    if (!market_number(args, 1, "participant", UINT32_MAX, &number, &err) ||
        !market_open(args, &node, &e, &err))
        return say_error("market participant show", &err);
    bool ok = list(args, e, (uint32_t)number, &err);
    node_close(node);
    return ok ? EXIT_DONE : say_error("market participant show", &err);
}

const Subcommand CLI_MARKET_PARTICIPANT_LIST = {
    .name = "market participant list",
    .purpose = "who proves: numbers, groups, how many requests in which state",
    .usage = "DIR [--experiment NAME] [--json]",
    .about = "Ids are secrets and are not among it.",
    .options = list_options,
    .examples = "convoke market participant list market-2026 --json",
    .args_min = 1,
    .args_max = 1,
    .run = run_list,
};

const Subcommand CLI_MARKET_PARTICIPANT_SHOW = {
    .name = "market participant show",
    .purpose = "one prover, as the list has them",
    .usage = "DIR WHO [--experiment NAME] [--json]",
    .about = WHO,
    .options = list_options,
    .examples = "convoke market participant show market-2026 3 --json",
    .args_min = 2,
    .args_max = 2,
    .run = run_show,
};
