#include "run/preset.h"

#include "base/alloc.h"
#include "codec/json_write.h"
#include "format/doc.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The presets are one policy and what each changes of it. The check-in schedule and the start
 * window are the reference's 4.6, the rest of the times its 5.4; fetching is 6 MB at 100 kB/s, an
 * upload may take as long as it keeps 16 kB/s, and verifying is a safety net of the server's own.
 */
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
static const EnginePolicy base_policy = {
    .entry = ENTRY_LOBBY,
    .waiting_max = 5000,
    .contributions_max = 1,
    .checkin_every_ms = 30 * SECOND,
    .checkin_tolerance_ms = 15 * SECOND,
    .checkin_shortest_ms = 5 * SECOND,
    .checkin_longest_ms = HOUR,
    .checkin_lead_ms = 2 * HOUR,
    .ready_ms = 10 * SECOND,
    .park_max = 3,
    .park_ms = 20 * SECOND,
    .deadline_ms = {[PHASE_OFFERED] = 15 * SECOND,
                    [PHASE_FETCHING] = MINUTE,
                    [PHASE_COMPUTING] = 3 * MINUTE,
                    [PHASE_VERIFYING] = 10 * MINUTE},
    .upload_rate = 16384,
    .upload_window_ms = 30 * SECOND,
    .missed = COST_OUT,
    .expired = COST_OUT,
    .aborted = COST_OUT,
    .invalid = COST_OUT,
};

/* The rules of the seeds: a turn that expired or was invalid is the last one of its holder, and
 * whoever leaves the queue may not rejoin. */
static void make_ethereum(EnginePolicy *p) {
    p->entry = ENTRY_LOBBY;
}

/* A queue that forgives what may be the network's fault, three times. */
static void make_kzg(EnginePolicy *p) {
    p->entry = ENTRY_FIFO;
    p->missed = p->expired = COST_STRIKE;
    p->aborted = COST_COOLDOWN;
    p->strikes_max = 3;
    p->cooldown_ms = 5 * MINUTE;
}

static const struct {
    const char *name, *kind, *sizes;
    void (*change)(EnginePolicy *p);
} presets[] = {
    {"ethereum", "kzg", "4096,65:8192,65:16384,65:32768,65", make_ethereum},
    {"kzg", "kzg", "4096,65", make_kzg},
};

typedef enum {
    SETTING_SECONDS,
    SETTING_COUNT,
    SETTING_COST,
    SETTING_ENTRY,
    SETTING_BOOL
} SettingType;

#define AT(member) offsetof(EnginePolicy, member)
#define COSTS "nothing, place, cooldown, strike, or out (for good)"

/* Each setting is a member of EnginePolicy: the same table reads and writes definitions. */
static const struct {
    const char *key, *meaning;
    SettingType type;
    bool added;          /* since the first release: absent from its definitions */
    const char *instead; /* only read: this key is written instead */
    size_t at;
} settings_table[] = {
    {"entry", "how the next one is found: lobby (whoever asks first) or fifo (a queue)",
     SETTING_ENTRY, true, NULL, AT(entry)},
    {"waiting_max", "how many participants may wait at once", SETTING_COUNT, true, NULL,
     AT(waiting_max)},
    {"contributions_max", "how often an identity may contribute; 0: any number", SETTING_COUNT,
     true, NULL, AT(contributions_max)},
    {"checkin_every_s", "how often a waiting participant asks", SETTING_SECONDS, false, NULL,
     AT(checkin_every_ms)},
    {"checkin_tolerance_s", "how much sooner or later is still fine", SETTING_SECONDS, false, NULL,
     AT(checkin_tolerance_ms)},
    {"checkin_shortest_s", "fifo: the shortest interval between check-ins", SETTING_SECONDS, true,
     NULL, AT(checkin_shortest_ms)},
    {"checkin_longest_s", "fifo: the longest interval between check-ins", SETTING_SECONDS, true,
     NULL, AT(checkin_longest_ms)},
    {"checkin_lead_s", "fifo: how long before the expected start the first check-in is due",
     SETTING_SECONDS, true, NULL, AT(checkin_lead_ms)},
    {"ready_s", "fifo: whoever was seen so lately, and comes so often, is ready", SETTING_SECONDS,
     true, NULL, AT(ready_ms)},
    {"park_max", "fifo: so many of the first in the queue are kept on the line", SETTING_COUNT,
     true, NULL, AT(park_max)},
    {"park_s", "fifo: and so long; 0: never", SETTING_SECONDS, true, NULL, AT(park_ms)},
    {"offer_s", "fifo: time to come for the turn; 0: it runs at once", SETTING_SECONDS, true, NULL,
     AT(deadline_ms[PHASE_OFFERED])},
    {"fetch_s", "time to download the challenge", SETTING_SECONDS, false, NULL,
     AT(deadline_ms[PHASE_FETCHING])},
    {"compute_s", "time to compute, until the first byte of the response", SETTING_SECONDS, false,
     NULL, AT(deadline_ms[PHASE_COMPUTING])},
    {"upload_s", "time to upload the response; 0: as long as it keeps the rate", SETTING_SECONDS,
     false, NULL, AT(deadline_ms[PHASE_UPLOADING])},
    {"upload_rate", "bytes a second that an upload must bring; 0: any", SETTING_COUNT, true, NULL,
     AT(upload_rate)},
    {"upload_window_s", "over how long that is measured", SETTING_SECONDS, true, NULL,
     AT(upload_window_ms)},
    {"verify_s", "time after which a stuck verification is given up", SETTING_SECONDS, false, NULL,
     AT(deadline_ms[PHASE_VERIFYING])},
    {"on_missed", "fifo: cost of missing a check-in or an offer: " COSTS, SETTING_COST, true, NULL,
     AT(missed)},
    {"on_expired", "cost of running out of time: " COSTS, SETTING_COST, false, NULL, AT(expired)},
    {"on_aborted", "cost of giving up a turn: " COSTS, SETTING_COST, false, NULL, AT(aborted)},
    {"on_invalid", "cost of an invalid contribution: " COSTS, SETTING_COST, false, NULL,
     AT(invalid)},
    {"strikes_max", "so many strikes put out for good; 0: any number", SETTING_COUNT, true, NULL,
     AT(strikes_max)},
    {"cooldown_s", "how long a cool-down is", SETTING_SECONDS, true, NULL, AT(cooldown_ms)},
    {"lobby_max", "the older name of waiting_max", SETTING_COUNT, true, "waiting_max",
     AT(waiting_max)},
    {"repeat", "true: contributions_max is 0; false: it is 1", SETTING_BOOL, true,
     "contributions_max", AT(contributions_max)},
};
#define N_SETTINGS (sizeof settings_table / sizeof *settings_table)

#define SECONDS_MAX 31536000 /* a year */
#define COUNT_MAX 100000000
#define DEFINITION_MAX 8192

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
    for (int c = 0; c < COST_N; c++)
        if (strcmp(cost_name((Cost)c), name) == 0) {
            Cost cost = (Cost)c;
            memcpy((char *)p + settings_table[i].at, &cost, sizeof cost);
            return true;
        }
    return false;
}

static const char *load_cost(const EnginePolicy *p, size_t i) {
    Cost cost;
    memcpy(&cost, (const char *)p + settings_table[i].at, sizeof cost);
    return cost_name(cost);
}

static bool store_entry(EnginePolicy *p, const char *name) {
    for (int e = 0; e < ENTRY_N; e++)
        if (strcmp(entry_name((Entry)e), name) == 0) {
            p->entry = (Entry)e;
            return true;
        }
    return false;
}

static bool store_repeat(EnginePolicy *p, bool repeat) {
    p->contributions_max = repeat ? 0 : 1;
    return true;
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
    case SETTING_ENTRY:
        return store_entry(p, text);
    case SETTING_BOOL:
        return strcmp(text, "true") == 0    ? store_repeat(p, true)
               : strcmp(text, "false") == 0 ? store_repeat(p, false)
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

/* Could a ceremony open with it? Single values that fit may not fit together. */
static bool check_policy(const EnginePolicy *p, CvkErr *err) {
    Event e = {.type = EVENT_CEREMONY_OPENED, .u.opened = {.name = "x", .kind = "x", .policy = *p}};
    EngineState *s = engine_state_new(err);
    if (s == NULL)
        return false;
    CvkErr why;
    bool ok = engine_admits(s, &e, &why) ||
              cvk_fail(err, CVK_EBADREQ, "setting.value", "the settings do not fit: %s", why.msg);
    engine_state_free(s);
    return ok;
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
    d.policy = base_policy;
    presets[i].change(&d.policy);
    snprintf(d.name, sizeof d.name, "%s", name);
    snprintf(d.kind, sizeof d.kind, "%s", presets[i].kind);
    const char *chosen = sizes != NULL ? sizes : presets[i].sizes;
    if ((size_t)snprintf(d.sizes, sizeof d.sizes, "%s", chosen) >= sizeof d.sizes)
        return cvk_fail(err, CVK_ELIMIT, "kzg.sizes", "the list of sizes is too long");
    for (; settings != NULL && *settings != NULL; settings++)
        if (!apply_setting(&d.policy, *settings, err))
            return false;
    if (!check_policy(&d.policy, err))
        return false;
    *ret = d;
    return true;
}

static void write_policy(JsonWriter *w, const EnginePolicy *p) {
    json_object_begin(w);
    for (size_t i = 0; i < N_SETTINGS; i++) {
        if (settings_table[i].instead != NULL)
            continue;
        json_put_key(w, settings_table[i].key);
        switch (settings_table[i].type) {
        case SETTING_SECONDS:
        case SETTING_COUNT:
            json_put_uint(w, load_number(p, i));
            break;
        case SETTING_COST:
            json_put_str(w, load_cost(p, i));
            break;
        case SETTING_ENTRY:
            json_put_str(w, entry_name(p->entry));
            break;
        case SETTING_BOOL: /* only read */
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
    case SETTING_ENTRY:
        return json_read_string(r, &text, &n, err) &&
               (store_entry(p, text) ||
                json_read_fail(r, err, CVK_EBADREQ, "setting.value", "'%.20s' is no entry", text));
    case SETTING_BOOL:
        return json_read_bool(r, &flag, err) && store_repeat(p, flag);
    }
    return false;
}

static bool read_policy(JsonReader *r, EnginePolicy *p, CvkErr *err) {
    const char *names[N_SETTINGS];
    uint32_t optional = 0;
    for (size_t i = 0; i < N_SETTINGS; i++) {
        names[i] = settings_table[i].key;
        optional |= settings_table[i].added ? UINT32_C(1) << i : 0;
    }
    *p = (EnginePolicy){.entry = ENTRY_LOBBY, .contributions_max = 1}; /* the first release's */
    const DocObject kind = {
        .names = names, .n = N_SETTINGS, .optional = optional, .field = policy_field};
    return doc_object(r, &kind, p, err) && check_policy(p, err);
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
