/* The operator's commands. They let nobody's time run out and give nobody the slot: the server that
 * keeps the time may be asleep, or another process. */
#include "engine/scene.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

Refusal decide_skip(Scene *x) {
    int64_t by_ms = x->c->by_ms, most_ms = skip_most(&x->s->head, x->now_ms);
    Refusal over = scene_over(x);
    if (over != REFUSAL_NONE)
        return over;
    if (by_ms > most_ms)
        by_ms = most_ms;
    if (by_ms <= 0)
        return REFUSAL_NO_CHANGE;
    scene_add(x, EVENT_CLOCK_SKIPPED, 0)->u.skipped.by_ms = by_ms;
    return REFUSAL_NONE;
}

Refusal decide_mode(Scene *x) {
    Refusal over = scene_over(x);
    if (over != REFUSAL_NONE)
        return over;
    assert((size_t)x->c->mode < MODE_N);
    if (x->c->mode == x->s->head.mode)
        return REFUSAL_NO_CHANGE;
    scene_add(x, EVENT_MODE_CHANGED, 0)->u.mode.mode = x->c->mode;
    return REFUSAL_NONE;
}

/* ---- people ---- */

static bool is_holder(const Scene *x, const Person *who) {
    return x->lease != NULL && who->number == x->lease->participant;
}

static void end_turn(Scene *x) {
    scene_add(x, EVENT_LEASE_ABORTED, x->lease->number)->u.aborted.by_operator = true;
}

Refusal decide_drop(Scene *x) {
    Refusal over = scene_over(x);
    if (over != REFUSAL_NONE)
        return over;
    Person who = scene_person(x, x->c->identity);
    if (who.number == 0)
        return REFUSAL_UNKNOWN;
    if (is_holder(x, &who)) {
        end_turn(x);
        return REFUSAL_NONE;
    }
    if (who.m.place == 0)
        return REFUSAL_NO_CHANGE;
    Event *e = scene_add(x, EVENT_LEFT, 0);
    e->u.left.participant = who.number;
    e->u.left.reason = LEFT_DROPPED;
    return REFUSAL_NONE;
}

/* Whoever was never here may be banned before they come. */
Refusal decide_ban(Scene *x) {
    Refusal over = scene_over(x);
    if (over != REFUSAL_NONE)
        return over;
    if (!engine_text_ok(x->c->identity, LIMIT_IDENTITY))
        return REFUSAL_UNKNOWN;
    assert(engine_text_ok(x->c->reason, ENGINE_REASON_MAX - 1));
    Person who = scene_person(x, x->c->identity);
    if (who.m.banned)
        return REFUSAL_NO_CHANGE;
    if (who.number == 0 && x->s->n >= LIMIT_MEMBERS)
        return REFUSAL_FULL;
    scene_admit(x, &who, x->c->identity);
    if (is_holder(x, &who))
        end_turn(x);
    Event *e = scene_add(x, EVENT_PARTICIPANT_BANNED, 0);
    e->u.person.participant = who.number;
    snprintf(e->u.person.reason, sizeof e->u.person.reason, "%s", x->c->reason);
    return REFUSAL_NONE;
}

/* Somebody whom the command changes, or what stands against it. */
static Refusal forgive(Scene *x, EventType type, bool (*applies)(const Member *m)) {
    Refusal over = scene_over(x);
    if (over != REFUSAL_NONE)
        return over;
    Person who = scene_person(x, x->c->identity);
    if (who.number == 0)
        return REFUSAL_UNKNOWN;
    if (!applies(&who.m))
        return REFUSAL_NO_CHANGE;
    scene_add(x, type, 0)->u.person.participant = who.number;
    return REFUSAL_NONE;
}

static bool is_banned(const Member *m) {
    return m->banned;
}

static bool has_faults(const Member *m) {
    return m->out || m->strikes != 0 || m->cool_until_ms != 0;
}

Refusal decide_unban(Scene *x) {
    return forgive(x, EVENT_PARTICIPANT_UNBANNED, is_banned);
}

Refusal decide_pardon(Scene *x) {
    return forgive(x, EVENT_PARTICIPANT_PARDONED, has_faults);
}

/* ---- to another server, and the end ---- */

static bool is_nobody(const uint8_t key[ENGINE_KEY_BYTES]) {
    static const uint8_t none[ENGINE_KEY_BYTES];
    return memcmp(key, none, ENGINE_KEY_BYTES) == 0;
}

Refusal decide_hand_over(Scene *x) {
    const Head *h = &x->s->head;
    Refusal over = scene_over(x);
    if (over != REFUSAL_NONE)
        return over;
    if (x->lease != NULL)
        return REFUSAL_TURN_LIVE;
    if (is_nobody(x->c->key))
        return REFUSAL_UNKNOWN;
    if (memcmp(x->c->key, h->key, ENGINE_KEY_BYTES) == 0)
        return REFUSAL_NO_CHANGE;
    memcpy(scene_add(x, EVENT_HANDED_OVER, 0)->u.handed_over.key, x->c->key, ENGINE_KEY_BYTES);
    return REFUSAL_NONE;
}

Refusal decide_take_over(Scene *x) {
    const Head *h = &x->s->head;
    if (h->finalized)
        return REFUSAL_FINALIZED;
    if (!h->handed_over)
        return REFUSAL_NO_CHANGE;
    if (memcmp(x->c->key, h->next_key, ENGINE_KEY_BYTES) != 0)
        return REFUSAL_UNKNOWN;
    Event *e = scene_add(x, EVENT_TAKEN_OVER, 0);
    memcpy(e->u.taken_over.key, x->c->key, ENGINE_KEY_BYTES);
    memcpy(e->u.taken_over.root, x->c->hash, sizeof e->u.taken_over.root);
    memcpy(e->u.taken_over.signature, x->c->signature, ENGINE_SIGNATURE_BYTES);
    return REFUSAL_NONE;
}

Refusal decide_finalize(Scene *x) {
    Refusal over = scene_over(x);
    if (over != REFUSAL_NONE)
        return over;
    if (x->lease != NULL)
        return REFUSAL_TURN_LIVE;
    scene_add(x, EVENT_CEREMONY_FINALIZED, 0)->u.finalized.contributions = x->s->head.contributions;
    return REFUSAL_NONE;
}
