#include "run/experiment_rules.h"

#include "base/limits.h"
#include "base/name.h"
#include "base/rng.h"
#include "codec/json_write.h"
#include "codec/money.h"
#include "format/doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFINITION_MAX 8192
#define TTL_MAX_S 31536000 /* a year */

/* ---- settings ---- */

static bool whole(const char *text, uint64_t max, uint64_t *ret) {
    if (text[0] == '\0' || strlen(text) > 20 || strspn(text, "0123456789") != strlen(text))
        return false;
    char *end;
    unsigned long long v = strtoull(text, &end, 10);
    char again[24];
    snprintf(again, sizeof again, "%llu", v);
    *ret = v;
    return strcmp(again, text) == 0 && v <= max;
}

/* Each sets the rule, or returns what the setting is. */

static const char *set_order(MarketRules *r, const char *value) {
    for (int o = 0; o < MARKET_ORDERS_N; o++)
        if (strcmp(market_order_name((MarketOrder)o), value) == 0) {
            r->order = (MarketOrder)o;
            return NULL;
        }
    return "one of sequential, shuffled, latin";
}

static const char *set_seed(MarketRules *r, const char *value) {
    return whole(value, UINT64_MAX, &r->seed) ? NULL : "a whole number below 2^64";
}

static const char *set_open_max(MarketRules *r, const char *value) {
    uint64_t v;
    if (!whole(value, LIMIT_MARKET_OPEN, &v) || v == 0)
        return "a number from 1 to 64";
    r->open_max = (uint32_t)v;
    return NULL;
}

static const char *set_ttl(MarketRules *r, const char *value) {
    uint64_t v;
    if (!whole(value, TTL_MAX_S, &v))
        return "a whole number of seconds, 31536000 (a year) at most; 0: for ever";
    r->request_ttl_ms = (int64_t)v * 1000;
    return NULL;
}

static const char *set_rate(MarketRules *r, const char *value) {
    uint64_t v;
    if (!whole(value, 60000, &v) || v == 0)
        return "a number from 1 to 60000";
    r->attempts_per_minute = (uint32_t)v;
    return NULL;
}

static const char *set_dev(MarketRules *r, const char *value) {
    r->dev = strcmp(value, "true") == 0;
    return r->dev || strcmp(value, "false") == 0 ? NULL : "true or false";
}

static const char *add_group(MarketRules *r, const char *name, const char *price) {
    MarketGroup *g = &r->groups[r->n_groups];
    if (r->n_groups == MARKET_GROUPS_MAX)
        return "given 16 times at most";
    if (!cvk_name_ok(name, MARKET_GROUP_NAME))
        return "NAME or NAME=CENTS; a name has 1 to 32 letters, digits, '-' or '_'";
    for (size_t i = 0; i < r->n_groups; i++)
        if (strcmp(r->groups[i].name, name) == 0)
            return "given once with each name";
    g->posted_price = -1;
    if (price != NULL && !money_parse(price, strlen(price), &g->posted_price))
        return "NAME or NAME=CENTS with an amount of cents, such as fast=12.5";
    snprintf(g->name, sizeof g->name, "%s", name);
    r->n_groups++;
    return NULL;
}

/* May be given several times: NAME, or NAME=CENTS (also with a colon) with a posted price. */
static const char *set_group(MarketRules *r, const char *value) {
    char name[MARKET_GROUP_NAME + 2]; /* one that is too long stays so */
    size_t n = strcspn(value, "=:");
    snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name), value);
    return add_group(r, name, value[n] == '\0' ? NULL : value + n + 1);
}

static const struct {
    const char *key;
    const char *(*set)(MarketRules *r, const char *value);
} settings_table[] = {
    {"order", set_order},       {"seed", set_seed}, {"open_max", set_open_max},
    {"request_ttl_s", set_ttl}, {"dev", set_dev},   {"attempts_per_minute", set_rate},
    {"group", set_group},
};
#define SETTINGS_N (sizeof settings_table / sizeof *settings_table)

static bool bad(CvkErr *err, const char *shown, const char *what, const char *value) {
    return cvk_fail(err, CVK_EBADREQ, "setting.value", "%s is %s, not '%.60s'", shown, what, value);
}

/* "key=value" */
static bool set(MarketRules *r, const char *pair, const char *shown, CvkErr *err) {
    const size_t n = strcspn(pair, "=");
    size_t i = 0;
    while (i < SETTINGS_N &&
           (strlen(settings_table[i].key) != n || strncmp(settings_table[i].key, pair, n) != 0))
        i++;
    if (i == SETTINGS_N)
        return cvk_fail(err, CVK_EBADREQ, "setting.unknown", "there is no setting '%.60s'", pair);
    const char *value = pair[n] == '=' ? pair + n + 1 : NULL;
    const char *what = value != NULL ? settings_table[i].set(r, value) : "given as key=value";
    return what == NULL || bad(err, shown != NULL ? shown : settings_table[i].key, what,
                               value != NULL ? value : pair);
}

bool experiment_setting_check(const char *pair, const char *shown, CvkErr *err) {
    MarketRules r = market_usual_rules;
    return set(&r, pair, shown, err);
}

/* ---- writing ---- */

static void write_groups(JsonWriter *w, const MarketRules *r) {
    char cents[MONEY_TEXT_MAX];
    json_put_key(w, "groups");
    json_array_begin(w);
    for (size_t i = 0; i < r->n_groups; i++) {
        const MarketGroup *g = &r->groups[i];
        json_object_begin(w);
        json_field_str(w, "name", g->name);
        json_put_key(w, "posted_price");
        if (g->posted_price < 0) {
            json_put_null(w);
        } else {
            money_text(g->posted_price, cents);
            json_put_str(w, cents);
        }
        json_object_end(w);
    }
    json_array_end(w);
}

static char *write_rules(const char *name, const MarketRules *r, CvkErr *err) {
    CvkBuf b = CVK_BUF(DEFINITION_MAX);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);
    json_object_begin(&w);
    json_field_str(&w, "name", name);
    json_field_str(&w, "kind", "market");
    json_field_str(&w, "order", market_order_name(r->order));
    json_field_uint(&w, "seed", r->seed);
    json_field_uint(&w, "open_max", r->open_max);
    json_field_int(&w, "request_ttl_s", r->request_ttl_ms / 1000);
    json_field_uint(&w, "attempts_per_minute", r->attempts_per_minute);
    json_field_bool(&w, "dev", r->dev);
    write_groups(&w, r);
    json_object_end(&w);
    if (!json_finish(&w, err))
        cvk_buf_done(&b);
    return cvk_buf_take(&b);
}

char *experiment_definition(const char *name, const char *const *settings, CvkErr *err) {
    MarketRules r = market_usual_rules;
    cvk_random(&r.seed, sizeof r.seed);
    if (!cvk_name_ok(name, 63)) {
        cvk_fail(err, CVK_EBADREQ, "experiment.name",
                 "an experiment's name is 1 to 63 letters, digits, '-' or '_'");
        return NULL;
    }
    for (; settings != NULL && *settings != NULL; settings++)
        if (!set(&r, *settings, NULL, err))
            return NULL;
    return write_rules(name, &r, err);
}

/* ---- reading ---- */

enum { F_NAME, F_KIND, F_ORDER, F_SEED, F_OPEN, F_TTL, F_RATE, F_DEV, F_GROUPS, FIELDS_N };
static const char *const field_names[FIELDS_N] = {
    "name", "kind",  "order", "seed", "open_max", "request_ttl_s", "attempts_per_minute",
    "dev",  "groups"};

typedef struct {
    MarketRules rules;
    char name[64];
    char group[MARKET_GROUP_NAME + 1], price[MONEY_TEXT_MAX];
    bool priced;
} Reading;

static bool group_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Reading *x = ctx;
    JsonType type;
    if (which == 0)
        return doc_text(r, x->group, sizeof x->group, err);
    if (!json_read_peek(r, &type, err))
        return false;
    x->priced = type != JSON_TYPE_NULL;
    return x->priced ? doc_text(r, x->price, sizeof x->price, err) : json_read_null(r, err);
}

static bool read_groups(JsonReader *r, Reading *x, CvkErr *err) {
    static const char *const names[] = {"name", "posted_price"};
    static const DocObject group = {.names = names, .n = 2, .field = group_field};
    bool more;
    if (!json_read_array(r, err))
        return false;
    for (;;) {
        if (!json_read_more(r, &more, err))
            return false;
        if (!more)
            return true;
        if (!doc_object(r, &group, x, err))
            return false;
        const char *what = add_group(&x->rules, x->group, x->priced ? x->price : NULL);
        if (what != NULL)
            return bad(err, "group", what, x->group);
    }
}

/* A number or a word, by the setting of the same name. */
static bool read_setting(JsonReader *r, const char *key, Reading *x, CvkErr *err) {
    char pair[96], value[64];
    JsonType type;
    const char *text;
    size_t n;
    bool on;
    if (!json_read_peek(r, &type, err))
        return false;
    if (type == JSON_TYPE_BOOL) {
        if (!json_read_bool(r, &on, err))
            return false;
        snprintf(value, sizeof value, "%s", on ? "true" : "false");
    } else {
        if (!(type == JSON_TYPE_STRING ? json_read_string(r, &text, &n, err)
                                       : json_read_number(r, &text, &n, err)))
            return false;
        if (n >= sizeof value)
            return json_read_fail(r, err, CVK_EBADREQ, "doc.limit", "it is too long");
        memcpy(value, text, n);
        value[n] = '\0';
    }
    snprintf(pair, sizeof pair, "%s=%s", key, value);
    return set(&x->rules, pair, NULL, err);
}

static bool field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Reading *x = ctx;
    char kind[16];
    if (which == F_NAME)
        return doc_text(r, x->name, sizeof x->name, err);
    if (which == F_KIND)
        return doc_text(r, kind, sizeof kind, err) &&
               (strcmp(kind, "market") == 0 || bad(err, "kind", "market", kind));
    if (which == F_GROUPS)
        return read_groups(r, x, err);
    return read_setting(r, field_names[which], x, err);
}

bool experiment_rules_read(const char *json, char *ret_name, MarketRules *ret, CvkErr *err) {
    static const DocObject kind = {.names = field_names, .n = FIELDS_N, .field = field};
    JsonMemory memory = {.data = json, .n = strlen(json)};
    Reading x = {.rules = market_usual_rules};
    JsonReader *r = json_reader_new(json_from_memory(&memory), DEFINITION_MAX, err);
    bool ok = r != NULL && doc_object(r, &kind, &x, err) && json_read_end(r, err);
    json_reader_free(r);
    if (ok) {
        snprintf(ret_name, 64, "%s", x.name);
        *ret = x.rules;
    }
    return ok;
}
