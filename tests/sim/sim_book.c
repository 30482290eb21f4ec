#include "sim/sim_book_private.h"

#include "engine/event_json.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const rule_names[RULE_N] = {
    [RULE_NONE] = "none",       [RULE_FORM] = "form",       [RULE_ORDER] = "order",
    [RULE_ONE_LEASE] = "lease", [RULE_EXTENDS] = "extends", [RULE_ONCE] = "once",
    [RULE_RECEIPT] = "receipt", [RULE_LIVE] = "live",       [RULE_DURABLE] = "durable",
    [RULE_QUEUE] = "queue",     [RULE_FAIR] = "fair",       [RULE_TIME] = "time",
    [RULE_COST] = "cost",       [RULE_MODE] = "mode",       [RULE_REPLAY] = "replay",
    [RULE_ERROR] = "error",     [RULE_CRASHED] = "crashed",
};

const char *rule_name(Rule r) {
    return rule_names[r];
}

void person_identity(uint32_t number, char ret[24]) {
    snprintf(ret, 24, "sim|%" PRIu32 "|p", number);
}

SimBook *book_new(uint32_t people) {
    SimBook *b = calloc(1, sizeof *b);
    assert(b != NULL);
    b->n = people;
    b->people = calloc(people + 1, sizeof *b->people);
    b->participant = calloc(people + 2, sizeof *b->participant);
    assert(b->people != NULL && b->participant != NULL);
    b->ticked_ms = INT64_MIN;
    b->asking = NOBODY;
    return b;
}

SimBook *book_free(SimBook *b) {
    if (b == NULL)
        return NULL;
    free(b->people);
    free(b->participant);
    free(b->at_place);
    free(b->lines);
    free(b);
    return NULL;
}

Rule book_broken(const SimBook *b, const char **ret_text) {
    if (ret_text != NULL)
        *ret_text = b->text;
    return b->broken;
}

void book_break(SimBook *b, Rule rule, const char *fmt, ...) {
    if (b->broken != RULE_NONE)
        return;
    b->broken = rule;
    int at = snprintf(b->text, sizeof b->text, "line %zu: ", b->n_lines);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(b->text + at, sizeof b->text - (size_t)at, fmt, ap);
    va_end(ap);
}

bool book_must(SimBook *b, bool holds, Rule rule, const char *what) {
    if (!holds)
        book_break(b, rule, "%s", what);
    return holds;
}

uint64_t book_text_hash(const char *s, size_t n) {
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (uint8_t)s[i]) * 0x100000001b3u;
    return h;
}

static uint64_t text_hash(const char *s) {
    return book_text_hash(s, strlen(s));
}

/* ---- lines ---- */

/* The private part is {"identity":"<text>"}, and identities have nothing to escape. */
static void open_line(SimBook *b, const char *open, Event *e) {
    if (e->type != EVENT_PARTICIPANT_ADMITTED)
        return;
    if (open == NULL || sscanf(open, "{\"identity\":\"%128[^\"]\"}", e->u.admitted.identity) != 1)
        book_break(b, RULE_FORM, "an admission without its private part");
}

static const Event *read_line(SimBook *b, const char *json, const char *open) {
    CvkErr err;
    if (!event_read(json, strlen(json), &b->event, &err)) {
        book_break(b, RULE_FORM, "%s", err.msg);
        return NULL;
    }
    open_line(b, open, &b->event);
    if (b->broken == RULE_NONE)
        book_follow(b, &b->event);
    return b->broken == RULE_NONE ? &b->event : NULL;
}

static void add_line(SimBook *b, uint64_t hash) {
    if (b->n_lines == b->room) {
        b->room = b->room == 0 ? 1024 : 2 * b->room;
        b->lines = realloc(b->lines, b->room * sizeof *b->lines);
        assert(b->lines != NULL);
    }
    b->lines[b->n_lines++] =
        (BookLine){.hash = hash, .up_ms = b->up_ms, .epoch = b->epoch, .accepted_of = NOBODY};
}

void book_skip_line(SimBook *b) {
    add_line(b, 0);
}

const Event *book_line(SimBook *b, const SimEntry *e) {
    add_line(b, text_hash(e->json));
    if (!book_must(b, e->seq == b->n_lines, RULE_ORDER, "a line is missing"))
        return NULL;
    return read_line(b, e->json, e->open);
}

uint64_t book_lines(const SimBook *b) {
    return b->n_lines;
}

void book_answered(SimBook *b) {
    b->answered = b->n_lines;
}

uint64_t book_hash(const SimBook *b) {
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < b->n_lines; i++)
        h = (h ^ b->lines[i].hash) * 0x100000001b3u;
    return h;
}

/* ---- after a restart ---- */

uint64_t book_restarted(SimBook *b) {
    b->same = 0;
    b->differs = false;
    b->started_up_ms = b->up_ms;
    b->asking = NOBODY;
    for (uint32_t i = 0; i < b->n; i++) {
        b->people[i].parked = false;
        b->people[i].gap_ms = INT64_MAX;
    }
    b->epoch++;
    return b->answered;
}

void book_compare(SimBook *b, const SimEntry *e) {
    b->differs = b->differs || b->same >= b->n_lines ||
                 (b->lines[b->same].hash != 0 && b->lines[b->same].hash != text_hash(e->json));
    b->same += b->differs ? 0 : 1;
}

/* The journal says less than before the crash: forgets what followed from it. */
static void forget(SimBook *b) {
    for (uint32_t i = 0; i < b->n; i++) {
        BookPerson *p = &b->people[i];
        *p = (BookPerson){.seen_ms = p->seen_ms,
                          .gap_ms = p->gap_ms,
                          .last_gap_ms = p->last_gap_ms,
                          .seen_up_ms = p->seen_up_ms,
                          .seen_epoch = p->seen_epoch};
    }
    for (uint64_t i = 0; i < b->places_room; i++)
        b->at_place[i] = NOBODY;
    b->n_participants = b->accepted = b->leases = b->last_place = b->head = 0;
    b->open = b->final = false;
    b->mode = MODE_OPEN;
    b->now_ms = 0;
    b->lease = (BookLease){0};
    b->waiting = 0;
    b->n_lines = 0;
}

bool book_compared(SimBook *b) {
    if (b->same < b->answered)
        book_break(b, RULE_DURABLE, "line %zu stood behind an answer, and is not what it was",
                   b->same + 1);
    b->again_up_ms = b->up_ms;
    b->again_epoch = b->epoch;
    b->again = true;
    bool lost = b->same < b->n_lines;
    if (lost)
        forget(b);
    return lost;
}

void book_line_again(SimBook *b, const SimEntry *e) {
    BookLine was = b->lines[b->n_lines];
    if (b->n_lines >= b->same)
        return;
    b->up_ms = was.up_ms;
    b->epoch = was.epoch;
    book_line(b, e);
    b->lines[b->n_lines - 1].receipt = was.receipt;
    b->up_ms = b->again_up_ms;
    b->epoch = b->again_epoch;
}

void book_goes_on(SimBook *b) {
    b->again = false;
    b->epoch = b->again_epoch + 1;
    book_answered(b);
}

void book_response_on_disk(SimBook *b, bool whole) {
    book_must(b, whole, RULE_DURABLE, "a response is called stored, and is not on the disk");
}

/* ---- questions ---- */

bool book_holder(const SimBook *b, uint32_t *ret_who, uint64_t *ret_lease, Phase *ret_phase) {
    if (b->lease.number == 0)
        return false;
    *ret_who = b->lease.who;
    *ret_lease = b->lease.number;
    *ret_phase = b->lease.phase;
    return true;
}

bool book_waits(const SimBook *b, uint32_t who) {
    return b->people[who].waits;
}

uint64_t book_accepted(const SimBook *b) {
    return b->accepted;
}

uint64_t book_leases(const SimBook *b) {
    return b->leases;
}

uint32_t book_waiting(const SimBook *b) {
    return b->waiting;
}

uint64_t book_newest_waiter(const SimBook *b) {
    for (uint64_t place = b->last_place; place > 0 && b->waiting > 0; place--)
        if (b->at_place[place] != NOBODY)
            return b->people[b->at_place[place]].number;
    return 0;
}

Mode book_mode(const SimBook *b) {
    return b->mode;
}

const EnginePolicy *book_policy(const SimBook *b) {
    return &b->policy;
}
