/* market new, market status: an experiment's rules, and where it stands. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/hex.h"
#include "cli/market.h"
#include "cli/operator.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "codec/json_write.h"
#include "codec/money.h"
#include "run/experiment_rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- new ---- */

#define SETTINGS_MAX (ARGS_LIST_MAX + 8)

static const Option new_options[] = {
    {"name", "NAME", "market", "What the experiment is called in this directory."},
    {"order", "sequential|shuffled|latin", "shuffled",
     "In which order each participant gets the batches of a block (an import is a block): all in "
     "the same, each in an order of their own, or by a Latin square, in which over as many "
     "participants as there are batches each batch stands in each place once."},
    {"seed", "N", NULL, "Of shuffled and latin orders; drawn if it is not given."},
    {"open", "N", "1", "How many requests a participant may have open at once."},
    {"ttl", "SECONDS", "0", "How long a request stays open; 0: until it is proved."},
    {"attempts-per-minute", "N", NULL,
     "How many proofs of one participant may be verified in a minute and found not valid (60 if it "
     "is not given); who sends more has to wait. Valid ones do not count."},
    {"group", "NAME[=PRICE]", NULL,
     "A treatment: its participants are told this posted price, in cents. May be repeated."},
    {"dev", NULL, NULL, "Allows the verifiers that are for tests: sha256, accept-all."},
    NO_OPTION,
};

typedef struct {
    CvkBuf text; /* the settings, a zero byte after each */
    size_t at[SETTINGS_MAX];
    size_t n;
} Settings;

/* Of an option that was given. */
static bool add(Settings *s, const char *key, const char *option, const char *value, CvkErr *err) {
    char shown[32];
    if (value == NULL)
        return true;
    snprintf(shown, sizeof shown, "--%s", option);
    s->at[s->n++] = s->text.n;
    return cvk_buf_add_fmt(&s->text, err, "%s=%s", key, value) &&
           cvk_buf_add(&s->text, "", 1, err) &&
           experiment_setting_check(s->text.data + s->at[s->n - 1], shown, err);
}

static bool collect(Settings *s, const Args *args, CvkErr *err) {
    static const struct {
        const char *key, *option;
    } names[] = {{"order", "order"},
                 {"seed", "seed"},
                 {"open_max", "open"},
                 {"request_ttl_s", "ttl"},
                 {"attempts_per_minute", "attempts-per-minute"}};
    const char *const *groups = args_list(args, "group");
    bool ok = add(s, "dev", "dev", args_flag(args, "dev") ? "true" : NULL, err);
    for (size_t i = 0; ok && i < sizeof names / sizeof *names; i++)
        ok = add(s, names[i].key, names[i].option, args_text(args, names[i].option), err);
    for (; ok && *groups != NULL; groups++)
        ok = add(s, "group", "group", *groups, err);
    return ok;
}

static int run_new(const Args *args) {
    const char *name = args_text(args, "name"), *settings[SETTINGS_MAX + 1] = {NULL};
    Settings s = {.text = CVK_BUF((size_t)1 << 20)};
    Node *node = NULL;
    CvkErr err;
    bool ok = collect(&s, args, &err) && operator_open(args, &node, &err);
    for (size_t i = 0; ok && i < s.n; i++)
        settings[i] = s.text.data + s.at[i];
    ok = ok && node_experiment_new(node, name, settings, &err);
    Experiment *e;
    if (ok && (ok = node_experiment(node, name, &e, &err))) {
        char hash[65];
        cvk_hex_encode(experiment_hash(e), 32, hash);
        say_result("experiment '%s' is open; the hash of its rules is %s", name, hash);
        say_step("next: convoke market batch import %s SRC, convoke market participant add %s",
                 args_at(args, 0), args_at(args, 0));
    }
    node_close(node);
    cvk_buf_done(&s.text);
    if (!ok && strcmp(err.id, "ceremony.exists") == 0)
        cvk_fail_prefix(&err, "--name gives an experiment another name");
    return ok ? EXIT_DONE : say_error("market new", &err);
}

const Subcommand CLI_MARKET_NEW = {
    .name = "market new",
    .purpose = "open an experiment: its rules, once and for all",
    .usage = "DIR [--name NAME] [--order sequential|shuffled|latin] [--seed N] [--open N]\n"
             "DIR [--ttl SECONDS] [--attempts-per-minute N] [--group NAME[=PRICE]]... [--dev]",
    .about =
        "The rules are fixed now: their hash is the first entry of the experiment's journal, so "
        "that nobody can say later that they were others.",
    .options = new_options,
    .examples = "convoke market new market-2026\n"
                "convoke market new market-2026 --order latin --group low=50 --group high=200",
    .args_min = 1,
    .args_max = 1,
    .run = run_new,
};

/* ---- status ---- */

static const Option status_options[] = {
    OPTION_EXPERIMENT,
    {"json", NULL, NULL, "Print one JSON object."},
    NO_OPTION,
};

typedef struct {
    size_t n_groups;
    uint32_t in[MARKET_GROUPS_MAX + 1]; /* participants of each group; behind them those of none */
} GroupSizes;

static bool count_in_group(void *ctx, const StoreParticipant *p, CvkErr *err) {
    GroupSizes *sizes = ctx;
    (void)err;
    sizes->in[p->group >= 0 && (size_t)p->group < sizes->n_groups ? (size_t)p->group
                                                                  : sizes->n_groups]++;
    return true;
}

static void json_groups(JsonWriter *w, const MarketRules *r, const GroupSizes *sizes) {
    json_put_key(w, "groups");
    json_array_begin(w);
    for (size_t i = 0; i < r->n_groups; i++) {
        char cents[MONEY_TEXT_MAX];
        json_object_begin(w);
        json_field_str(w, "name", r->groups[i].name);
        json_put_key(w, "posted_price_cents");
        if (r->groups[i].posted_price >= 0) {
            money_text(r->groups[i].posted_price, cents);
            json_put_number(w, cents, strlen(cents));
        } else {
            json_put_null(w);
        }
        json_field_uint(w, "participants", sizes->in[i]);
        json_object_end(w);
    }
    json_array_end(w);
}

static bool status_json(const Experiment *e, const MarketCounts *c, const GroupSizes *sizes,
                        CvkErr *err) {
    const MarketRules *r = experiment_rules(e);
    JsonWriter w = JSON_WRITER(json_to_file(stdout), 0);
    char hash[65];
    cvk_hex_encode(experiment_hash(e), 32, hash);
    json_object_begin(&w);
    json_field_str(&w, "experiment", experiment_name(e));
    json_field_str(&w, "rules_hash", hash);
    json_field_str(&w, "order", market_order_name(r->order));
    json_field_uint(&w, "seed", r->seed);
    json_field_uint(&w, "open_max", r->open_max);
    json_field_int(&w, "request_ttl_ms", r->request_ttl_ms);
    json_field_uint(&w, "attempts_per_minute", r->attempts_per_minute);
    json_field_bool(&w, "dev", r->dev);
    json_groups(&w, r, sizes);
    const struct {
        const char *key;
        uint64_t n;
    } counts[] = {{"participants", c->participants},
                  {"allowed", c->allowed},
                  {"finished", c->finished},
                  {"batches", c->batches},
                  {"batches_retired", c->retired},
                  {"requests", c->requests},
                  {"open", c->open},
                  {"done", c->done},
                  {"expired", c->expired},
                  {"skipped", c->skipped}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        json_field_uint(&w, counts[i].key, counts[i].n);
    json_put_key(&w, "oldest_open_ms");
    if (c->oldest_open_ms != 0)
        json_put_int(&w, c->oldest_open_ms);
    else
        json_put_null(&w);
    json_object_end(&w);
    return json_finish(&w, err) && putchar('\n') != EOF;
}

static void text_groups(const MarketRules *r, const GroupSizes *sizes) {
    char cents[MONEY_TEXT_MAX], posted[MONEY_TEXT_MAX + 32], people[32];
    for (size_t i = 0; i < r->n_groups; i++) {
        money_text(r->groups[i].posted_price, cents);
        snprintf(posted, sizeof posted, "posted price %s cents", cents);
        say_result("group         %s: %s, %s", r->groups[i].name,
                   r->groups[i].posted_price >= 0 ? posted : "no posted price",
                   say_count(sizes->in[i], "participant", people, sizeof people));
    }
    if (r->n_groups > 0 && sizes->in[r->n_groups] > 0)
        say_result("in no group   %s",
                   say_count(sizes->in[r->n_groups], "participant", people, sizeof people));
}

static void status_text(const Experiment *e, const MarketCounts *c, const GroupSizes *sizes) {
    const MarketRules *r = experiment_rules(e);
    char hash[65], oldest[CVK_TIME_TEXT];
    cvk_hex_encode(experiment_hash(e), 32, hash);
    say_result("experiment    %s", experiment_name(e));
    say_result("rules         %s, seed %" PRIu64 ", %u open at once%s", market_order_name(r->order),
               r->seed, r->open_max, r->dev ? ", verifiers for tests are allowed" : "");
    if (r->request_ttl_ms > 0)
        say_result("time to live  %" PRId64 " s", r->request_ttl_ms / 1000);
    say_result("rules' hash   %s", hash);
    say_result("participants  %u: %u may come, %u have nothing left to prove", c->participants,
               c->allowed, c->finished);
    text_groups(r, sizes);
    say_result("batches       %u, of which %u are retired", c->batches, c->retired);
    say_result("requests      %" PRIu64 ": %" PRIu64 " open, %" PRIu64 " done, %" PRIu64
               " expired, %" PRIu64 " skipped",
               c->requests, c->open, c->done, c->expired, c->skipped);
    if (c->oldest_open_ms != 0) {
        cvk_time_format(c->oldest_open_ms, oldest);
        say_result("open since    %s", oldest);
    }
}

static bool status(Experiment *e, const Args *args, void *ctx, CvkErr *err) {
    GroupSizes sizes = {.n_groups = experiment_rules(e)->n_groups};
    MarketCounts counts;
    (void)ctx;
    experiment_counts(e, &counts);
    if (!experiment_each_participant(e, count_in_group, &sizes, err))
        return false;
    if (args_flag(args, "json"))
        return status_json(e, &counts, &sizes, err);
    status_text(e, &counts, &sizes);
    return true;
}

static int run_status(const Args *args) {
    return market_act(args, status, NULL);
}

const Subcommand CLI_MARKET_STATUS = {
    .name = "market status",
    .purpose = "an experiment's rules, and how far it has come",
    .usage = "DIR [--experiment NAME] [--json]",
    .options = status_options,
    .examples = "convoke market status market-2026\n"
                "convoke market status market-2026 --json",
    .args_min = 1,
    .args_max = 1,
    .run = run_status,
};
