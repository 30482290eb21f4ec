#include "run/settings.h"

#include "format/doc.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const char *wallets_name(Wallets w) {
    static const char *const names[WALLETS_N] = {"none", "invited", "any"};
    return names[w];
}

/* One of a list of names; a member of an enum type. */
typedef struct {
    const char *what;
    int n;
    const char *(*name)(int i);
} Choice;

static const char *entry_at(int i) {
    return entry_name((Entry)i);
}

static const char *cost_at(int i) {
    return cost_name((Cost)i);
}

static const char *wallets_at(int i) {
    return wallets_name((Wallets)i);
}

static const Choice entries = {"entry", ENTRY_N, entry_at};
static const Choice costs = {"cost", COST_N, cost_at};
static const Choice wallets = {"choice of wallets", WALLETS_N, wallets_at};
_Static_assert(sizeof(Entry) == sizeof(int) && sizeof(Cost) == sizeof(int) &&
                   sizeof(Wallets) == sizeof(int),
               "choices are read and written as ints");

typedef enum { SETTING_SECONDS, SETTING_COUNT, SETTING_CHOICE, SETTING_BOOL } SettingType;

#define AT(member) offsetof(Definition, member)
#define COSTS "nothing, place, cooldown, strike, or out (for good)"

/* Each setting is a member of Definition: the same table reads and writes definitions. */
static const struct {
    const char *key, *meaning;
    SettingType type;
    bool added;          /* since the first release: absent from its definitions */
    const char *instead; /* only read: this key is written instead */
    size_t at;
    const Choice *choice; /* of a SETTING_CHOICE */
} settings_table[] = {
    {"entry", "how the next one is found: lobby (whoever asks first) or fifo (a queue)",
     SETTING_CHOICE, true, NULL, AT(policy.entry), &entries},
    {"waiting_max", "how many participants may wait at once", SETTING_COUNT, true, NULL,
     AT(policy.waiting_max), NULL},
    {"contributions_max", "how often an identity may contribute; 0: any number", SETTING_COUNT,
     true, NULL, AT(policy.contributions_max), NULL},
    {"checkin_every_s", "how often a waiting participant asks", SETTING_SECONDS, false, NULL,
     AT(policy.checkin_every_ms), NULL},
    {"checkin_tolerance_s", "how much sooner or later is still fine", SETTING_SECONDS, false, NULL,
     AT(policy.checkin_tolerance_ms), NULL},
    {"checkin_shortest_s", "fifo: the shortest interval between check-ins", SETTING_SECONDS, true,
     NULL, AT(policy.checkin_shortest_ms), NULL},
    {"checkin_longest_s", "fifo: the longest interval between check-ins", SETTING_SECONDS, true,
     NULL, AT(policy.checkin_longest_ms), NULL},
    {"checkin_lead_s", "fifo: how long before the expected start the first check-in is due",
     SETTING_SECONDS, true, NULL, AT(policy.checkin_lead_ms), NULL},
    {"ready_s", "fifo: whoever was seen so lately, and comes so often, is ready", SETTING_SECONDS,
     true, NULL, AT(policy.ready_ms), NULL},
    {"park_max", "fifo: so many of the first in the queue are kept on the line", SETTING_COUNT,
     true, NULL, AT(policy.park_max), NULL},
    {"park_s", "fifo: and so long; 0: never", SETTING_SECONDS, true, NULL, AT(policy.park_ms),
     NULL},
    {"offer_s", "fifo: time to come for the turn; 0: it runs at once", SETTING_SECONDS, true, NULL,
     AT(policy.deadline_ms[PHASE_OFFERED]), NULL},
    {"fetch_s", "time to download the challenge", SETTING_SECONDS, false, NULL,
     AT(policy.deadline_ms[PHASE_FETCHING]), NULL},
    {"compute_s", "time to compute, until the first byte of the response", SETTING_SECONDS, false,
     NULL, AT(policy.deadline_ms[PHASE_COMPUTING]), NULL},
    {"upload_s", "time to upload the response; 0: as long as it keeps the rate", SETTING_SECONDS,
     false, NULL, AT(policy.deadline_ms[PHASE_UPLOADING]), NULL},
    {"upload_rate", "bytes a second that an upload must bring; 0: any", SETTING_COUNT, true, NULL,
     AT(policy.upload_rate), NULL},
    {"upload_window_s", "over how long that is measured", SETTING_SECONDS, true, NULL,
     AT(policy.upload_window_ms), NULL},
    {"verify_s", "time after which a stuck verification is given up", SETTING_SECONDS, false, NULL,
     AT(policy.deadline_ms[PHASE_VERIFYING]), NULL},
    {"on_missed", "fifo: cost of missing a check-in or an offer: " COSTS, SETTING_CHOICE, true,
     NULL, AT(policy.missed), &costs},
    {"on_expired", "cost of running out of time: " COSTS, SETTING_CHOICE, false, NULL,
     AT(policy.expired), &costs},
    {"on_aborted", "cost of giving up a turn: " COSTS, SETTING_CHOICE, false, NULL,
     AT(policy.aborted), &costs},
    {"on_invalid", "cost of an invalid contribution: " COSTS, SETTING_CHOICE, false, NULL,
     AT(policy.invalid), &costs},
    {"strikes_max", "so many strikes put out for good; 0: any number", SETTING_COUNT, true, NULL,
     AT(policy.strikes_max), NULL},
    {"cooldown_s", "how long a cool-down is", SETTING_SECONDS, true, NULL, AT(policy.cooldown_ms),
     NULL},
    {"wallets",
     "whose wallet signs in, besides invitations: none, invited (addresses that were entered), or "
     "any",
     SETTING_CHOICE, true, NULL, AT(wallets), &wallets},
    {"lobby_max", "the older name of waiting_max", SETTING_COUNT, true, "waiting_max",
     AT(policy.waiting_max), NULL},
    {"repeat", "true: contributions_max is 0; false: it is 1", SETTING_BOOL, true,
     "contributions_max", AT(policy.contributions_max), NULL},
};
#define N_SETTINGS (sizeof settings_table / sizeof *settings_table)
_Static_assert(N_SETTINGS <= 32, "doc_object takes as many names");

#define SECONDS_MAX 31536000 /* a year */
#define COUNT_MAX 100000000

/* ---- one setting, to and from the definition ---- */

static bool store_number(Definition *d, size_t i, uint64_t v) {
    char *at = (char *)d + settings_table[i].at;
    if (settings_table[i].type == SETTING_SECONDS) {
        int64_t ms = (int64_t)v * 1000;
        memcpy(at, &ms, sizeof ms);
        return v <= SECONDS_MAX;
    }
    uint32_t count = (uint32_t)v;
    memcpy(at, &count, sizeof count);
    return v <= COUNT_MAX;
}

static uint64_t load_number(const Definition *d, size_t i) {
    const char *at = (const char *)d + settings_table[i].at;
    if (settings_table[i].type == SETTING_SECONDS) {
        int64_t ms;
        memcpy(&ms, at, sizeof ms);
        return (uint64_t)ms / 1000;
    }
    uint32_t count;
    memcpy(&count, at, sizeof count);
    return count;
}

static bool store_choice(Definition *d, size_t i, const char *name) {
    const Choice *c = settings_table[i].choice;
    for (int v = 0; v < c->n; v++)
        if (strcmp(c->name(v), name) == 0) {
            memcpy((char *)d + settings_table[i].at, &v, sizeof v);
            return true;
        }
    return false;
}

static const char *load_choice(const Definition *d, size_t i) {
    int v;
    memcpy(&v, (const char *)d + settings_table[i].at, sizeof v);
    return settings_table[i].choice->name(v);
}

static bool store_repeat(Definition *d, bool repeat) {
    d->policy.contributions_max = repeat ? 0 : 1;
    return true;
}

/* ---- as people write it: key=value ---- */

static bool parse_number(const char *text, uint64_t *ret) {
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 9 || text[n] != '\0')
        return false;
    *ret = strtoull(text, NULL, 10);
    return true;
}

static bool parse_value(Definition *d, size_t i, const char *text) {
    uint64_t number;
    switch (settings_table[i].type) {
    case SETTING_SECONDS:
    case SETTING_COUNT:
        return parse_number(text, &number) && store_number(d, i, number);
    case SETTING_CHOICE:
        return store_choice(d, i, text);
    case SETTING_BOOL:
        return strcmp(text, "true") == 0    ? store_repeat(d, true)
               : strcmp(text, "false") == 0 ? store_repeat(d, false)
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

bool settings_set(Definition *d, const char *pair, CvkErr *err) {
    size_t key_n = strcspn(pair, "="), i;
    if (pair[key_n] != '=' || !find_setting(pair, key_n, &i))
        return cvk_fail(err, CVK_EBADREQ, "setting.unknown",
                        "'%.60s' is not a setting such as checkin_every_s=30: "
                        "'convoke help ceremony new' lists them",
                        pair);
    if (!parse_value(d, i, pair + key_n + 1))
        return cvk_fail(err, CVK_EBADREQ, "setting.value", "'%.60s' does not fit; %.*s is: %s",
                        pair, (int)key_n, pair, settings_table[i].meaning);
    return true;
}

/* ---- as JSON ---- */

void settings_write(JsonWriter *w, const Definition *d) {
    json_object_begin(w);
    for (size_t i = 0; i < N_SETTINGS; i++) {
        if (settings_table[i].instead != NULL)
            continue;
        json_put_key(w, settings_table[i].key);
        switch (settings_table[i].type) {
        case SETTING_SECONDS:
        case SETTING_COUNT:
            json_put_uint(w, load_number(d, i));
            break;
        case SETTING_CHOICE:
            json_put_str(w, load_choice(d, i));
            break;
        case SETTING_BOOL: /* only read */
            break;
        }
    }
    json_object_end(w);
}

static bool settings_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Definition *d = ctx;
    uint64_t number;
    bool flag;
    const char *text;
    size_t n;
    switch (settings_table[which].type) {
    case SETTING_SECONDS:
    case SETTING_COUNT:
        return json_read_uint(r, COUNT_MAX, &number, err) &&
               (store_number(d, which, number) ||
                json_read_fail(r, err, CVK_EBADREQ, "setting.value", "the number is too large"));
    case SETTING_CHOICE:
        return json_read_string(r, &text, &n, err) &&
               (store_choice(d, which, text) ||
                json_read_fail(r, err, CVK_EBADREQ, "setting.value", "'%.20s' is no %s", text,
                               settings_table[which].choice->what));
    case SETTING_BOOL:
        return json_read_bool(r, &flag, err) && store_repeat(d, flag);
    }
    return false;
}

bool settings_read(JsonReader *r, Definition *d, CvkErr *err) {
    const char *names[N_SETTINGS];
    uint32_t optional = 0;
    for (size_t i = 0; i < N_SETTINGS; i++) {
        names[i] = settings_table[i].key;
        optional |= settings_table[i].added ? UINT32_C(1) << i : 0;
    }
    /* the first release's */
    d->policy = (EnginePolicy){.entry = ENTRY_LOBBY, .contributions_max = 1};
    d->wallets = WALLETS_NONE;
    const DocObject kind = {
        .names = names, .n = N_SETTINGS, .optional = optional, .field = settings_field};
    return doc_object(r, &kind, d, err);
}
