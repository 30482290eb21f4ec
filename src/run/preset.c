#include "run/preset.h"

#include "base/alloc.h"
#include "codec/json_write.h"
#include "format/doc.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Both presets run until finalized, with one turn at a time. `ethereum` keeps the rules of the
 * seeds: a turn that expired or was invalid is the last one of its holder. `kzg` forgives what may
 * be the network's fault. Deadlines: reference 5.4; fetching is 6 MB at 100 kB/s, an upload the
 * same body at 16 kB/s; verifying is a safety net of the server's own. */
static const struct {
    const char *name, *kind, *sizes;
    EnginePolicy policy;
} presets[] = {
    {"ethereum",
     "kzg",
     "4096,65:8192,65:16384,65:32768,65",
     {.checkin_every_ms = 30000,
      .checkin_tolerance_ms = 15000,
      .lobby_max = 5000,
      .deadline_ms = {[PHASE_FETCHING] = 60000,
                      [PHASE_COMPUTING] = 180000,
                      [PHASE_UPLOADING] = 600000,
                      [PHASE_VERIFYING] = 600000},
      .expired = COST_OUT,
      .aborted = COST_OUT,
      .invalid = COST_OUT}},
    {"kzg",
     "kzg",
     "4096,65",
     {.checkin_every_ms = 30000,
      .checkin_tolerance_ms = 15000,
      .lobby_max = 5000,
      .deadline_ms = {[PHASE_FETCHING] = 60000,
                      [PHASE_COMPUTING] = 180000,
                      [PHASE_UPLOADING] = 600000,
                      [PHASE_VERIFYING] = 600000},
      .expired = COST_NOTHING,
      .aborted = COST_NOTHING,
      .invalid = COST_OUT}},
};

typedef enum { SETTING_SECONDS, SETTING_COUNT, SETTING_COST, SETTING_BOOL } SettingType;

/* Each setting is a member of EnginePolicy: the same table reads and writes definitions. */
static const struct {
    const char *key, *meaning;
    SettingType type;
    size_t at;
} settings_table[] = {
    {"checkin_every_s", "how often a waiting participant asks", SETTING_SECONDS,
     offsetof(EnginePolicy, checkin_every_ms)},
    {"checkin_tolerance_s", "how much sooner or later is still fine", SETTING_SECONDS,
     offsetof(EnginePolicy, checkin_tolerance_ms)},
    {"lobby_max", "how many participants may wait at once", SETTING_COUNT,
     offsetof(EnginePolicy, lobby_max)},
    {"fetch_s", "time to download the challenge", SETTING_SECONDS,
     offsetof(EnginePolicy, deadline_ms[PHASE_FETCHING])},
    {"compute_s", "time to compute, until the first byte of the response", SETTING_SECONDS,
     offsetof(EnginePolicy, deadline_ms[PHASE_COMPUTING])},
    {"upload_s", "time to upload the response", SETTING_SECONDS,
     offsetof(EnginePolicy, deadline_ms[PHASE_UPLOADING])},
    {"verify_s", "time after which a stuck verification is given up", SETTING_SECONDS,
     offsetof(EnginePolicy, deadline_ms[PHASE_VERIFYING])},
    {"on_expired", "cost of running out of time: nothing, or out (for good)", SETTING_COST,
     offsetof(EnginePolicy, expired)},
    {"on_aborted", "cost of giving up a turn: nothing, or out", SETTING_COST,
     offsetof(EnginePolicy, aborted)},
    {"on_invalid", "cost of an invalid contribution: nothing, or out", SETTING_COST,
     offsetof(EnginePolicy, invalid)},
    {"repeat", "may an identity contribute again: true or false", SETTING_BOOL,
     offsetof(EnginePolicy, repeat)},
};
#define N_SETTINGS (sizeof settings_table / sizeof *settings_table)

#define SECONDS_MAX 31536000 /* a year */
#define COUNT_MAX 100000000
#define DEFINITION_MAX 8192

static const char *const cost_names[] = {[COST_NOTHING] = "nothing", [COST_OUT] = "out"};

void definition_settings_each(void (*fn)(void *ctx, const char *key, const char *meaning),
                              void *ctx) {
    for (size_t i = 0; i < N_SETTINGS; i++)
        fn(ctx, settings_table[i].key, settings_table[i].meaning);
}

/* ---- one setting, to and from the policy ---- */

static bool store_number(EnginePolicy *p, size_t i, uint64_t v) {
    char *at = (char *)p + settings_table[i].at;
    if (settings_table[i].type == SETTING_SECONDS) {
        int64_t ms = (int64_t)v * 1000;
        memcpy(at, &ms, sizeof ms);
        return v <= SECONDS_MAX;
    }
    uint32_t count = (uint32_t)v;
    memcpy(at, &count, sizeof count);
    return v <= COUNT_MAX;
}

static uint64_t load_number(const EnginePolicy *p, size_t i) {
    const char *at = (const char *)p + settings_table[i].at;
    if (settings_table[i].type == SETTING_SECONDS) {
        int64_t ms;
        memcpy(&ms, at, sizeof ms);
        return (uint64_t)ms / 1000;
    }
    uint32_t count;
    memcpy(&count, at, sizeof count);
    return count;
}

static bool store_cost(EnginePolicy *p, size_t i, const char *name) {
    for (int c = COST_NOTHING; c <= COST_OUT; c++)
        if (strcmp(cost_names[c], name) == 0) {
            Cost cost = (Cost)c;
            memcpy((char *)p + settings_table[i].at, &cost, sizeof cost);
            return true;
        }
    return false;
}

static const char *load_cost(const EnginePolicy *p, size_t i) {
    Cost cost;
    memcpy(&cost, (const char *)p + settings_table[i].at, sizeof cost);
    return cost_names[cost];
}

static bool store_bool(EnginePolicy *p, size_t i, bool v) {
    memcpy((char *)p + settings_table[i].at, &v, sizeof v);
    return true;
}

static bool load_bool(const EnginePolicy *p, size_t i) {
    bool v;
    memcpy(&v, (const char *)p + settings_table[i].at, sizeof v);
    return v;
}

static bool parse_number(const char *text, uint64_t *ret) {
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 9 || text[n] != '\0')
        return false;
    *ret = strtoull(text, NULL, 10);
    return true;
}

static bool parse_value(EnginePolicy *p, size_t i, const char *text) {
    uint64_t number;
    switch (settings_table[i].type) {
    case SETTING_SECONDS:
    case SETTING_COUNT:
        return parse_number(text, &number) && store_number(p, i, number);
    case SETTING_COST:
        return store_cost(p, i, text);
    case SETTING_BOOL:
        return strcmp(text, "true") == 0    ? store_bool(p, i, true)
               : strcmp(text, "false") == 0 ? store_bool(p, i, false)
                                            : false;
    }
    return false;
}

static bool find_setting(const char *key, size_t key_n, size_t *ret) {
    for (size_t i = 0; i < N_SETTINGS; i++)
        if (strlen(settings_table[i].key) == key_n &&
            strncmp(settings_table[i].key, key, key_n) == 0) {
            *ret = i;
            return true;
        }
    return false;
}

static bool apply_setting(EnginePolicy *p, const char *pair, CvkErr *err) {
    size_t key_n = strcspn(pair, "="), i;
    if (pair[key_n] != '=' || !find_setting(pair, key_n, &i))
        return cvk_fail(err, CVK_EBADREQ, "setting.unknown",
                        "'%.60s' is not a setting such as checkin_every_s=30: "
                        "'convoke help ceremony new' lists them",
                        pair);
    if (!parse_value(p, i, pair + key_n + 1))
        return cvk_fail(err, CVK_EBADREQ, "setting.value", "'%.60s' does not fit; %.*s is: %s",
                        pair, (int)key_n, pair, settings_table[i].meaning);
    return true;
}

/* ---- definitions ---- */

/* Names go into paths, addresses and receipts: letters, digits, '-' and '_'. */
static bool check_name(const char *name, CvkErr *err) {
    size_t n = strlen(name);
    if (n == 0 || n > 63 ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != n)
        return cvk_fail(err, CVK_EBADREQ, "ceremony.name",
                        "a ceremony's name is 1 to 63 letters, digits, '-' or '_'");
    return true;
}

bool definition_make(const char *name, const char *preset, const char *sizes,
                     const char *const *settings, Definition *ret, CvkErr *err) {
    Definition d = {.sizes = ""};
    size_t i = 0, n = sizeof presets / sizeof *presets;
    while (i < n && strcmp(presets[i].name, preset) != 0)
        i++;
    if (i == n)
        return cvk_fail(err, CVK_EBADREQ, "preset.unknown",
                        "there is no preset '%.40s': try ethereum or kzg", preset);
    if (!check_name(name, err))
        return false;
    d.policy = presets[i].policy;
    snprintf(d.name, sizeof d.name, "%s", name);
    snprintf(d.kind, sizeof d.kind, "%s", presets[i].kind);
    const char *chosen = sizes != NULL ? sizes : presets[i].sizes;
    if ((size_t)snprintf(d.sizes, sizeof d.sizes, "%s", chosen) >= sizeof d.sizes)
        return cvk_fail(err, CVK_ELIMIT, "kzg.sizes", "the list of sizes is too long");
    for (; settings != NULL && *settings != NULL; settings++)
        if (!apply_setting(&d.policy, *settings, err))
            return false;
    *ret = d;
    return true;
}

static void write_policy(JsonWriter *w, const EnginePolicy *p) {
    json_object_begin(w);
    for (size_t i = 0; i < N_SETTINGS; i++) {
        json_put_key(w, settings_table[i].key);
        switch (settings_table[i].type) {
        case SETTING_SECONDS:
        case SETTING_COUNT:
            json_put_uint(w, load_number(p, i));
            break;
        case SETTING_COST:
            json_put_str(w, load_cost(p, i));
            break;
        case SETTING_BOOL:
            json_put_bool(w, load_bool(p, i));
            break;
        }
    }
    json_object_end(w);
}

char *definition_write(const Definition *d, CvkErr *err) {
    CvkBuf b = CVK_BUF(DEFINITION_MAX);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);
    json_object_begin(&w);
    json_put_key(&w, "name");
    json_put_str(&w, d->name);
    json_put_key(&w, "kind");
    json_put_str(&w, d->kind);
    json_put_key(&w, "sizes");
    json_put_str(&w, d->sizes);
    json_put_key(&w, "policy");
    write_policy(&w, &d->policy);
    json_object_end(&w);
    if (!json_finish(&w, err))
        cvk_buf_done(&b);
    return cvk_buf_take(&b);
}

static bool policy_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    EnginePolicy *p = ctx;
    uint64_t number;
    bool flag;
    const char *text;
    size_t n;
    switch (settings_table[which].type) {
    case SETTING_SECONDS:
    case SETTING_COUNT:
        return json_read_uint(r, COUNT_MAX, &number, err) &&
               (store_number(p, which, number) ||
                json_read_fail(r, err, CVK_EBADREQ, "setting.value", "the number is too large"));
    case SETTING_COST:
        return json_read_string(r, &text, &n, err) &&
               (store_cost(p, which, text) ||
                json_read_fail(r, err, CVK_EBADREQ, "setting.value", "'%.20s' is no cost", text));
    case SETTING_BOOL:
        return json_read_bool(r, &flag, err) && store_bool(p, which, flag);
    }
    return false;
}

static bool read_policy(JsonReader *r, EnginePolicy *p, CvkErr *err) {
    const char *names[N_SETTINGS];
    for (size_t i = 0; i < N_SETTINGS; i++)
        names[i] = settings_table[i].key;
    const DocObject kind = {.names = names, .n = N_SETTINGS, .field = policy_field};
    return doc_object(r, &kind, p, err);
}

enum { FIELD_NAME, FIELD_KIND, FIELD_SIZES, FIELD_POLICY, FIELDS_N };
static const char *const field_names[FIELDS_N] = {"name", "kind", "sizes", "policy"};

static bool definition_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Definition *d = ctx;
    switch (which) {
    case FIELD_NAME:
        return doc_text(r, d->name, sizeof d->name, err) && check_name(d->name, err);
    case FIELD_KIND:
        return doc_text(r, d->kind, sizeof d->kind, err);
    case FIELD_SIZES:
        return doc_text(r, d->sizes, sizeof d->sizes, err);
    default:
        return read_policy(r, &d->policy, err);
    }
}

bool definition_read(const char *json, Definition *ret, CvkErr *err) {
    static const DocObject kind = {.names = field_names, .n = FIELDS_N, .field = definition_field};
    JsonMemory memory = {.data = json, .n = strlen(json)};
    Definition d = {.sizes = ""};
    JsonReader *r = json_reader_new(json_from_memory(&memory), DEFINITION_MAX, err);
    bool ok = r != NULL && doc_object(r, &kind, &d, err) && json_read_end(r, err);
    json_reader_free(r);
    if (ok)
        *ret = d;
    return ok;
}
