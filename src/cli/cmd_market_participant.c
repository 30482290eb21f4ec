/* market participant add, set, list, show, disable, enable, rotate: who proves. */
#include "base/alloc.h"
#include "cli/market.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "codec/json_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The id goes to standard output alone: it is a secret, and is not kept. */
static bool tell_id(const Args *args, uint32_t participant, const char *id, CvkErr *err) {
    if (!args_flag(args, "json")) {
        say_result("%s", id);
        say_step("participant %" PRIu32
                 ": hand them this id over a private channel; it is a secret, "
                 "and is not shown again",
                 participant);
        return true;
    }
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    json_object_begin(&w);
    json_field_uint(&w, "participant", participant);
    json_field_str(&w, "id", id);
    json_object_end(&w);
    return json_finish(&w, err) && putchar('\n') != EOF;
}

/* No export has them: it has the number. */
#define OPTIONS_WORDS                                                                              \
    {"label", "TEXT", NULL, "Who they are, for you."},                                             \
        {"contact", "TEXT", NULL, "How to reach them."}, {                                         \
        "note", "TEXT", NULL, "Anything else."                                                     \
    }

static ParticipantWords words_of(const Args *args) {
    return (ParticipantWords){.label = args_text(args, "label"),
                              .contact = args_text(args, "contact"),
                              .note = args_text(args, "note")};
}

/* ---- add ---- */

static const Option add_options[] = {
    OPTION_EXPERIMENT,
    OPTIONS_WORDS,
    {"group", "NAME", NULL,
     "Which treatment they get: a group of 'market new'. It stays as it is."},
    {"id", "ID", NULL,
     "Their id, if it was agreed on before: 1 to 64 letters, digits, '-' or '_'. Without it a new "
     "one "
     "of 128 random bits is made."},
    {"json", NULL, NULL, "Print one JSON object: participant, id."},
    NO_OPTION,
};

static bool add(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    char id[LIMIT_PROVER_ID + 1];
    uint32_t number;
    (void)ctx;
    const ParticipantWords words = words_of(args);
    return experiment_participant_add(e, args_text(args, "id"), args_text(args, "group"), &words,
                                      id, &number, err) &&
           tell_id(args, number, id, err);
}

static int run_add(const Args *args) {
    return market_act(args, add, NULL);
}

const Subcommand CLI_MARKET_PARTICIPANT_ADD = {
    .name = "market participant add",
    .purpose = "let a prover take part: prints their id, once",
    .usage = "DIR [--label TEXT] [--contact TEXT] [--note TEXT] [--group NAME] [--id ID]\n"
             "DIR [--experiment NAME] [--json] [...]",
    .about = "Whoever has the id can prove in their name. It is not kept, only its hash is: a lost "
             "one is replaced by 'market participant rotate'.",
    .options = add_options,
    .examples = "convoke market participant add market-2026 --label 'Prover A'\n"
                "convoke market participant add market-2026 --group low --json",
    .args_min = 1,
    .args_max = 1,
    .run = run_add,
};

/* ---- set ---- */

static const Option set_options[] = {OPTION_EXPERIMENT, OPTIONS_WORDS, NO_OPTION};

static bool set(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    const ParticipantWords words = words_of(args);
    uint32_t number;
    (void)ctx;
    if (words.label == NULL && words.contact == NULL && words.note == NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.missing",
                        "what is to change? give --label, --contact or --note");
    if (!market_find_participant(args, 1, e, &number, err) ||
        !experiment_participant_describe(e, number, &words, err))
        return false;
    say_result("participant %" PRIu32 " is described", number);
    return true;
}

static int run_set(const Args *args) {
    return market_act(args, set, NULL);
}

const Subcommand CLI_MARKET_PARTICIPANT_SET = {
    .name = "market participant set",
    .purpose = "another label, contact or note of a prover",
    .usage = "DIR WHO [--label TEXT] [--contact TEXT] [--note TEXT] [--experiment NAME]",
    .about =
        MARKET_WHO " What is not given stays; '' takes it away. Analyses name provers by their "
                   "labels. The group is a treatment: it never changes.",
    .options = set_options,
    .examples = "convoke market participant set market-2026 3 --label 'Prover C'",
    .args_min = 2,
    .args_max = 2,
    .run = run_set,
};

/* ---- rotate ---- */

static const Option rotate_options[] = {
    OPTION_EXPERIMENT,
    {"id", "ID", NULL, "The new id; without it a random one is made."},
    {"json", NULL, NULL, "Print one JSON object: participant, id."},
    NO_OPTION,
};

static bool rotate(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    char id[LIMIT_PROVER_ID + 1];
    uint32_t number;
    (void)ctx;
    return market_find_participant(args, 1, e, &number, err) &&
           experiment_participant_rotate(e, number, args_text(args, "id"), id, err) &&
           tell_id(args, number, id, err);
}

static int run_rotate(const Args *args) {
    return market_act(args, rotate, NULL);
}

const Subcommand CLI_MARKET_PARTICIPANT_ROTATE = {
    .name = "market participant rotate",
    .purpose = "give a prover another id: prints it, once",
    .usage = "DIR WHO [--id ID] [--experiment NAME] [--json]",
    .about = MARKET_WHO
    " The old id ends; their open request, its path and everything they proved stay.",
    .options = rotate_options,
    .examples = "convoke market participant rotate market-2026 3",
    .args_min = 2,
    .args_max = 2,
    .run = run_rotate,
};

/* ---- disable, enable ---- */

static bool allow(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    const bool *on = ctx;
    uint32_t number;
    if (!market_find_participant(args, 1, e, &number, err) ||
        !experiment_participant_allow(e, number, *on, err))
        return false;
    say_result("participant %" PRIu32 " is %s", number, *on ? "enabled" : "disabled");
    return true;
}

static int run_disable(const Args *args) {
    return market_act(args, allow, &(bool){false});
}

static int run_enable(const Args *args) {
    return market_act(args, allow, &(bool){true});
}

const Subcommand CLI_MARKET_PARTICIPANT_DISABLE = {
    .name = "market participant disable",
    .purpose = "let a prover come no more; what they proved stays",
    .usage = "DIR WHO [--experiment NAME]",
    .about = MARKET_WHO " They are answered as if they did not exist.",
    .options = market_options,
    .examples = "convoke market participant disable market-2026 3",
    .args_min = 2,
    .args_max = 2,
    .run = run_disable,
};

const Subcommand CLI_MARKET_PARTICIPANT_ENABLE = {
    .name = "market participant enable",
    .purpose = "let a disabled prover come again, with the same id",
    .usage = "DIR WHO [--experiment NAME]",
    .about = MARKET_WHO,
    .options = market_options,
    .examples = "convoke market participant enable market-2026 3",
    .args_min = 2,
    .args_max = 2,
    .run = run_enable,
};

/* ---- list, show ---- */

static const Column columns[] = {
    {"participant", COLUMN_INT}, {"state", COLUMN_TEXT},     {"group", COLUMN_TEXT},
    {"open", COLUMN_INT},        {"done", COLUMN_INT},       {"expired", COLUMN_INT},
    {"skipped", COLUMN_INT},     {"created_ms", COLUMN_INT}, {"label", COLUMN_TEXT},
    {"contact", COLUMN_TEXT},    {"note", COLUMN_TEXT},
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
    const MarketGroup *group = market_group_at(l->rules, p->group);
    const Cell cells[COLUMNS_N] = {
        cell_int(p->id),
        cell_text(p->allowed ? "enabled" : "disabled"),
        cell_text(group != NULL ? group->name : NULL),
        cell_int(n[REQUEST_OPEN]),
        cell_int(n[REQUEST_DONE]),
        cell_int(n[REQUEST_EXPIRED]),
        cell_int(n[REQUEST_SKIPPED]),
        cell_int(p->created_ms),
        cell_text(p->label),
        cell_text(p->contact),
        cell_text(p->note),
    };
    return listing_row(l->to, cells, err);
}

static bool rows(Experiment *e, const Args *args, Listing *to, CvkErr *err) {
    List l = {.to = to, .rules = experiment_rules(e)};
    if ((args_n(args) > 1 && !market_find_participant(args, 1, e, &l.only, err)) ||
        !experiment_each_participant(e, find_last, &l, err))
        return false;
    if (l.only > l.n)
        return cvk_fail(err, CVK_ENOTFOUND, "participant.none", "there is no participant %" PRIu32,
                        l.only);
    l.counts = cvk_alloc((size_t)l.n + 1, sizeof *l.counts, err);
    bool ok = l.counts != NULL && experiment_each_request(e, count, &l, err) &&
              experiment_each_participant(e, list_one, &l, err);
    free(l.counts);
    return ok;
}

/* And, where WHO is given, show. */
static int run_list(const Args *args) {
    return market_list(args, &(MarketList){columns, COLUMNS_N, rows});
}

const Subcommand CLI_MARKET_PARTICIPANT_LIST = {
    .name = "market participant list",
    .purpose = "who proves: numbers, groups, how many requests in which state",
    .usage = "DIR [--experiment NAME] [--json]",
    .about = "Ids are secrets and are not among it.",
    .options = market_list_options,
    .examples = "convoke market participant list market-2026 --json",
    .args_min = 1,
    .args_max = 1,
    .run = run_list,
};

const Subcommand CLI_MARKET_PARTICIPANT_SHOW = {
    .name = "market participant show",
    .purpose = "one prover, as the list has them",
    .usage = "DIR WHO [--experiment NAME] [--json]",
    .about = MARKET_WHO,
    .options = market_list_options,
    .examples = "convoke market participant show market-2026 3 --json",
    .args_min = 2,
    .args_max = 2,
    .run = run_list,
};
