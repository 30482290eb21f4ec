#include "run/experiment_entry.h"

#include "base/hex.h"
#include "codec/json_write.h"
#include "engine/event_json.h"
#include "format/doc.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- what each type has, in this order ---- */

enum {
    F_NAME,
    F_DEFINITION,
    F_ATTEMPT,
    F_PARTICIPANT,
    F_GROUP,
    F_BATCH,
    F_BLOCK,
    F_REQUEST,
    F_SEQ,
    F_STATE,
    F_ON,
    F_BODY,
    F_ROW,
    FIELDS_N
};
static const char *const field_names[FIELDS_N] = {
    "name",    "definition", "attempt", "participant", "group", "batch", "block",
    "request", "seq",        "state",   "on",          "body",  "row"};

#define HAS(f) (1u << F_##f)
static const struct {
    const char *name;
    unsigned fields;
    MarketChangeKind change; /* MARKET_CHANGES_N: none */
} types[ENTRIES_N] = {
    [ENTRY_OPENED] = {"ExperimentOpened", HAS(NAME) | HAS(DEFINITION), MARKET_CHANGES_N},
    [ENTRY_PARTICIPANT_ADDED] = {"ParticipantAdded", HAS(PARTICIPANT) | HAS(GROUP) | HAS(ROW),
                                 CHANGE_PARTICIPANT_ADDED},
    [ENTRY_PARTICIPANT_ALLOWED] = {"ParticipantAllowed", HAS(PARTICIPANT) | HAS(ON),
                                   CHANGE_PARTICIPANT_ALLOWED},
    [ENTRY_PARTICIPANT_ROTATED] = {"ParticipantRotated", HAS(PARTICIPANT) | HAS(ROW),
                                   MARKET_CHANGES_N},
    [ENTRY_PARTICIPANT_DESCRIBED] = {"ParticipantDescribed", HAS(PARTICIPANT) | HAS(ROW),
                                     MARKET_CHANGES_N},
    [ENTRY_BATCH_ADDED] = {"BatchAdded", HAS(BATCH) | HAS(BLOCK) | HAS(ROW), CHANGE_BATCH_ADDED},
    [ENTRY_BATCH_RETIRED] = {"BatchRetired", HAS(BATCH) | HAS(ON), CHANGE_BATCH_RETIRED},
    [ENTRY_BATCH_DESCRIBED] = {"BatchDescribed", HAS(BATCH) | HAS(ROW), MARKET_CHANGES_N},
    [ENTRY_REQUEST_ISSUED] = {"RequestIssued",
                              HAS(PARTICIPANT) | HAS(BATCH) | HAS(REQUEST) | HAS(SEQ) | HAS(ROW),
                              CHANGE_REQUEST_ISSUED},
    [ENTRY_REQUEST_CLOSED] = {"RequestClosed", HAS(REQUEST) | HAS(STATE), CHANGE_REQUEST_CLOSED},
    [ENTRY_REQUEST_REOPENED] = {"RequestReopened", HAS(REQUEST), CHANGE_REQUEST_REOPENED},
    [ENTRY_PROOF_ACCEPTED] = {"ProofAccepted", HAS(REQUEST) | HAS(BODY) | HAS(ROW),
                              CHANGE_REQUEST_CLOSED},
    [ENTRY_ATTEMPT] = {"Attempt", HAS(ATTEMPT) | HAS(PARTICIPANT) | HAS(REQUEST) | HAS(ROW),
                       MARKET_CHANGES_N},
    [ENTRY_DEPLOYMENT_SET] = {"DeploymentSet", HAS(NAME) | HAS(PARTICIPANT) | HAS(ROW),
                              MARKET_CHANGES_N},
    [ENTRY_FILE_PUBLISHED] = {"FilePublished", HAS(NAME) | HAS(ROW), MARKET_CHANGES_N},
};

const char *market_entry_name(MarketEntryType t) {
    assert(t < ENTRIES_N);
    return types[t].name;
}

MarketEntry market_entry_of(const MarketChange *c) {
    MarketEntry e = {.type = ENTRY_OPENED, .change = *c};
    while (types[e.type].change != c->kind)
        e.type++;
    if (c->kind == CHANGE_REQUEST_CLOSED && c->state == REQUEST_DONE)
        e.type = ENTRY_PROOF_ACCEPTED;
    return e;
}

bool market_entry_changes(const MarketEntry *e, MarketChange *ret) {
    if (types[e->type].change == MARKET_CHANGES_N)
        return false;
    *ret = e->change;
    ret->kind = types[e->type].change;
    if (e->type == ENTRY_PROOF_ACCEPTED)
        ret->state = REQUEST_DONE;
    return true;
}

/* ---- writing ---- */

static void put_hash(JsonWriter *w, const uint8_t hash[32]) {
    char text[65];
    cvk_hex_encode(hash, 32, text);
    json_put_str(w, text);
}

static void put_field(JsonWriter *w, const MarketEntry *e, int which) {
    const MarketChange *c = &e->change;
    json_put_key(w, field_names[which]);
    switch (which) {
    case F_NAME:
        json_put_str(w, e->name);
        break;
    case F_DEFINITION:
        put_hash(w, e->definition);
        break;
    case F_ATTEMPT:
        json_put_uint(w, e->attempt);
        break;
    case F_PARTICIPANT:
        json_put_uint(w, c->participant);
        break;
    case F_GROUP: /* -1: none */
        json_put_int(w, c->group == MARKET_NO_GROUP ? -1 : (int64_t)c->group);
        break;
    case F_BATCH:
        json_put_uint(w, c->batch);
        break;
    case F_BLOCK:
        json_put_uint(w, c->block);
        break;
    case F_REQUEST:
        json_put_uint(w, c->request);
        break;
    case F_SEQ:
        json_put_uint(w, c->seq);
        break;
    case F_STATE:
        json_put_str(w, request_state_name(c->state));
        break;
    case F_ON:
        json_put_bool(w, c->on);
        break;
    case F_BODY:
        put_hash(w, c->body);
        break;
    default:
        put_hash(w, e->row);
        break;
    }
}

bool market_entry_write(const MarketEntry *e, CvkBuf *b, CvkErr *err) {
    JsonWriter w = JSON_WRITER(json_to_buf(b), 0);
    json_object_begin(&w);
    json_field_uint(&w, "v", 1);
    json_field_str(&w, "type", types[e->type].name);
    json_field_int(&w, "now", e->change.ms);
    for (int f = 0; f < FIELDS_N; f++)
        if ((types[e->type].fields >> f & 1) != 0)
            put_field(&w, e, f);
    json_object_end(&w);
    return json_finish(&w, err);
}

/* ---- reading ---- */

enum { R_V = FIELDS_N, R_TYPE, R_NOW, READ_N };
static const char *const read_names[READ_N] = {
    "name", "definition", "attempt", "participant", "group", "batch", "block", "request",
    "seq",  "state",      "on",      "body",        "row",   "v",     "type",  "now"};

static bool read_hash(JsonReader *r, uint8_t ret[32], CvkErr *err) {
    const char *text;
    size_t n;
    return json_read_string(r, &text, &n, err) &&
           ((n == 64 && cvk_hex_decode(text, 32, ret)) ||
            json_read_fail(r, err, CVK_EBADREQ, "doc.hex", "it is no hash"));
}

static bool read_small(JsonReader *r, uint32_t *ret, CvkErr *err) {
    uint64_t v;
    if (!json_read_uint(r, UINT32_MAX, &v, err))
        return false;
    *ret = (uint32_t)v;
    return true;
}

static bool read_group(JsonReader *r, uint32_t *ret, CvkErr *err) {
    int64_t v;
    if (!json_read_int(r, &v, err))
        return false;
    *ret = v < 0 || v >= MARKET_GROUPS_MAX ? MARKET_NO_GROUP : (uint32_t)v;
    return true;
}

static bool read_state(JsonReader *r, RequestState *ret, CvkErr *err) {
    char text[16];
    if (!doc_text(r, text, sizeof text, err))
        return false;
    for (int s = 0; s < REQUEST_STATES_N; s++)
        if (strcmp(request_state_name((RequestState)s), text) == 0)
            *ret = (RequestState)s;
    return true; /* another word is not written again */
}

static bool read_type(JsonReader *r, MarketEntryType *ret, CvkErr *err) {
    char text[32];
    if (!doc_text(r, text, sizeof text, err))
        return false;
    for (int t = 0; t < ENTRIES_N; t++)
        if (strcmp(types[t].name, text) == 0) {
            *ret = (MarketEntryType)t;
            return true;
        }
    return json_read_fail(r, err, CVK_EBADREQ, "doc.field", "there is no entry `%s`", text);
}

static bool read_number(JsonReader *r, uint64_t *ret, CvkErr *err) {
    return json_read_uint(r, INT64_MAX, ret, err);
}

static bool field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    MarketEntry *e = ctx;
    MarketChange *c = &e->change;
    uint64_t ignored;
    switch (which) {
    case F_NAME:
        return doc_text(r, e->name, sizeof e->name, err);
    case F_DEFINITION:
        return read_hash(r, e->definition, err);
    case F_ATTEMPT:
        return read_number(r, &e->attempt, err);
    case F_PARTICIPANT:
        return read_small(r, &c->participant, err);
    case F_GROUP:
        return read_group(r, &c->group, err);
    case F_BATCH:
        return read_small(r, &c->batch, err);
    case F_BLOCK:
        return read_small(r, &c->block, err);
    case F_REQUEST:
        return read_number(r, &c->request, err);
    case F_SEQ:
        return read_small(r, &c->seq, err);
    case F_STATE:
        return read_state(r, &c->state, err);
    case F_ON:
        return json_read_bool(r, &c->on, err);
    case F_BODY:
        return read_hash(r, c->body, err);
    case F_ROW:
        return read_hash(r, e->row, err);
    case R_V:
        return read_number(r, &ignored, err);
    case R_TYPE:
        return read_type(r, &e->type, err);
    default:
        return json_read_int(r, &c->ms, err);
    }
}

/* Written again it must be the same: no second form, no field too many or too few. */
static bool is_canonical(const MarketEntry *e, const char *json, size_t n) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(EVENT_JSON_MAX);
    return market_entry_write(e, &b, NULL) && b.n == n && memcmp(b.data, json, n) == 0;
}

bool market_entry_read(const char *json, size_t n, MarketEntry *ret, CvkErr *err) {
    static const DocObject entry = {
        .names = read_names, .n = READ_N, .optional = (1u << FIELDS_N) - 1, .field = field};
    JsonMemory memory = {.data = json, .n = n};
    MarketEntry e = {.type = ENTRY_OPENED, .change = {.group = MARKET_NO_GROUP}};
    CvkErr why = {.msg = "it is not as we write it"};
    JsonReader *r = json_reader_new(json_from_memory(&memory), EVENT_JSON_MAX, err);
    if (r == NULL)
        return false;
    bool ok =
        doc_object(r, &entry, &e, &why) && json_read_end(r, &why) && is_canonical(&e, json, n);
    json_reader_free(r);
    if (!ok)
        return cvk_fail(err, CVK_EBACKEND, "entry.syntax", "a damaged entry of the journal: %s",
                        why.msg);
    *ret = e;
    return true;
}
