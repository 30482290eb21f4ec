#include "run/preset.h"

#include "base/name.h"
#include "format/doc.h"
#include "run/settings.h"

#include <stdio.h>
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

#define DEFINITION_MAX 8192

/* ---- definitions ---- */

/* Names go into paths, addresses and receipts: letters, digits, '-' and '_'. */
static bool check_name(const char *name, CvkErr *err) {
    if (!cvk_name_ok(name, 63))
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
    Definition d = {.sizes = "", .wallets = WALLETS_INVITED};
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
        if (!settings_set(&d, *settings, err))
            return false;
    if (!check_policy(&d.policy, err))
        return false;
    *ret = d;
    return true;
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
    settings_write(&w, d);
    json_object_end(&w);
    if (!json_finish(&w, err))
        cvk_buf_done(&b);
    return cvk_buf_take(&b);
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
        return settings_read(r, d, err) && check_policy(&d->policy, err);
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
