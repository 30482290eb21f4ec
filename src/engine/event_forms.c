#include "engine/event_forms.h"

#define KEY(key) sizeof("\"" key "\":") - 1, "\"" key "\":"
#define AT(kind, key, member)                                                                      \
    { kind, KEY(key), offsetof(Event, member), 0 }
#define SIZED(kind, key, member)                                                                   \
    { kind, KEY(key), offsetof(Event, member), sizeof(((Event *)0)->member) }
#define TEXT(key, member) SIZED(FIELD_TEXT, key, member)
#define BYTES(key, member) SIZED(FIELD_BYTES, key, member)
#define OPEN(key)                                                                                  \
    { FIELD_OPEN, KEY(key), 0, 0 }
#define CLOSE                                                                                      \
    { FIELD_CLOSE, 0, NULL, 0, 0 }
#define END                                                                                        \
    { FIELD_END, 0, NULL, 0, 0 }
#define LEASE AT(FIELD_U64, "lease", lease)
#define POLICY(kind, key, member) AT(kind, key, u.opened.policy.member)
#define DEADLINES                                                                                  \
    OPEN("deadline"), POLICY(FIELD_I64, "offered", deadline_ms[PHASE_OFFERED]),                    \
        POLICY(FIELD_I64, "fetching", deadline_ms[PHASE_FETCHING]),                                \
        POLICY(FIELD_I64, "computing", deadline_ms[PHASE_COMPUTING]),                              \
        POLICY(FIELD_I64, "uploading", deadline_ms[PHASE_UPLOADING]),                              \
        POLICY(FIELD_I64, "verifying", deadline_ms[PHASE_VERIFYING]), CLOSE

/* ---- version 2 ---- */

static const Field opened_2[] = {
    TEXT("name", u.opened.name),
    TEXT("kind", u.opened.kind),
    BYTES("definition", u.opened.definition),
    BYTES("key", u.opened.key),
    OPEN("policy"),
    POLICY(FIELD_ENTRY, "entry", entry),
    POLICY(FIELD_U32, "waiting_max", waiting_max),
    POLICY(FIELD_U32, "contributions_max", contributions_max),
    OPEN("checkin"),
    POLICY(FIELD_I64, "every", checkin_every_ms),
    POLICY(FIELD_I64, "tolerance", checkin_tolerance_ms),
    POLICY(FIELD_I64, "shortest", checkin_shortest_ms),
    POLICY(FIELD_I64, "longest", checkin_longest_ms),
    POLICY(FIELD_I64, "lead", checkin_lead_ms),
    CLOSE,
    POLICY(FIELD_I64, "ready", ready_ms),
    POLICY(FIELD_U32, "park_max", park_max),
    POLICY(FIELD_I64, "park", park_ms),
    DEADLINES,
    POLICY(FIELD_U32, "upload_rate", upload_rate),
    POLICY(FIELD_I64, "upload_window", upload_window_ms),
    POLICY(FIELD_COST, "missed", missed),
    POLICY(FIELD_COST, "expired", expired),
    POLICY(FIELD_COST, "aborted", aborted),
    POLICY(FIELD_COST, "invalid", invalid),
    POLICY(FIELD_U32, "strikes_max", strikes_max),
    POLICY(FIELD_I64, "cooldown", cooldown_ms),
    CLOSE,
    END,
};
static const Field admitted_2[] = {
    AT(FIELD_U64, "participant", u.admitted.participant),
    BYTES("commitment", u.admitted.commitment),
    END,
};
static const Field joined_2[] = {
    AT(FIELD_U64, "participant", u.joined.participant),
    AT(FIELD_U64, "place", u.joined.place),
    END,
};
static const Field left_2[] = {
    AT(FIELD_U64, "participant", u.left.participant),
    AT(FIELD_LEFT, "reason", u.left.reason),
    AT(FIELD_I64, "seen", u.left.seen_ms),
    END,
};
static const Field granted_2[] = {
    LEASE,
    AT(FIELD_U64, "participant", u.granted.participant),
    AT(FIELD_U64, "attempt", u.granted.attempt),
    AT(FIELD_U64, "position", u.granted.position),
    AT(FIELD_BOOL, "offered", u.granted.offered),
    END,
};
static const Field moved_2[] = {
    LEASE,
    AT(FIELD_PHASE, "phase", u.moved.phase),
    AT(FIELD_U64, "size", u.moved.size),
    END,
};
static const Field stored_2[] = {
    LEASE,
    BYTES("response", u.stored.response),
    AT(FIELD_I64, "received", u.stored.received_ms),
    END,
};
static const Field accepted_2[] = {
    LEASE,
    AT(FIELD_U64, "index", u.accepted.index),
    BYTES("response", u.accepted.response),
    BYTES("record", u.accepted.record),
    END,
};
static const Field refused_2[] = {LEASE, TEXT("reason", u.refused.reason), END};
static const Field expired_2[] = {
    LEASE,
    AT(FIELD_PHASE, "phase", u.expired.phase),
    AT(FIELD_BOOL, "stalled", u.expired.stalled),
    AT(FIELD_U64, "bytes", u.expired.bytes),
    END,
};
static const Field aborted_2[] = {
    LEASE,
    AT(FIELD_BOOL, "by_operator", u.aborted.by_operator),
    END,
};
static const Field skipped_2[] = {AT(FIELD_I64, "by", u.skipped.by_ms), END};
static const Field mode_2[] = {AT(FIELD_MODE, "mode", u.mode.mode), END};
static const Field banned_2[] = {
    AT(FIELD_U64, "participant", u.person.participant),
    TEXT("reason", u.person.reason),
    END,
};
static const Field person_2[] = {AT(FIELD_U64, "participant", u.person.participant), END};
static const Field handed_over_2[] = {BYTES("key", u.handed_over.key), END};
static const Field taken_over_2[] = {
    BYTES("key", u.taken_over.key),
    BYTES("root", u.taken_over.root),
    BYTES("signature", u.taken_over.signature),
    END,
};
static const Field finalized_2[] = {
    AT(FIELD_U64, "contributions", u.finalized.contributions),
    END,
};

/* ---- version 1: a lobby, identities in the open ---- */

static const Field opened_1[] = {
    TEXT("name", u.opened.name),
    TEXT("kind", u.opened.kind),
    BYTES("definition", u.opened.definition),
    OPEN("policy"),
    POLICY(FIELD_I64, "checkin_every", checkin_every_ms),
    POLICY(FIELD_I64, "checkin_tolerance", checkin_tolerance_ms),
    POLICY(FIELD_U32, "lobby_max", waiting_max),
    DEADLINES,
    POLICY(FIELD_COST, "expired", expired),
    POLICY(FIELD_COST, "aborted", aborted),
    POLICY(FIELD_COST, "invalid", invalid),
    POLICY(FIELD_REPEAT, "repeat", contributions_max),
    CLOSE,
    END,
};
static const Field granted_1[] = {
    LEASE,
    TEXT("identity", u.granted.identity),
    AT(FIELD_U64, "attempt", u.granted.attempt),
    AT(FIELD_U64, "position", u.granted.position),
    END,
};
static const Field moved_1[] = {LEASE, AT(FIELD_PHASE, "phase", u.moved.phase), END};
static const Field stored_1[] = {LEASE, BYTES("response", u.stored.response), END};
static const Field expired_1[] = {LEASE, AT(FIELD_PHASE, "phase", u.expired.phase), END};
static const Field aborted_1[] = {LEASE, END};

/* ---- which is which ---- */

static const Field *const forms[EVENT_N][EVENT_VERSION] = {
    [EVENT_CEREMONY_OPENED] = {opened_1, opened_2},
    [EVENT_PARTICIPANT_ADMITTED] = {NULL, admitted_2},
    [EVENT_JOINED] = {NULL, joined_2},
    [EVENT_LEFT] = {NULL, left_2},
    [EVENT_LEASE_GRANTED] = {granted_1, granted_2},
    [EVENT_LEASE_MOVED] = {moved_1, moved_2},
    [EVENT_RESPONSE_STORED] = {stored_1, stored_2},
    [EVENT_CONTRIBUTION_ACCEPTED] = {accepted_2, accepted_2},
    [EVENT_CONTRIBUTION_REFUSED] = {refused_2, refused_2},
    [EVENT_LEASE_EXPIRED] = {expired_1, expired_2},
    [EVENT_LEASE_ABORTED] = {aborted_1, aborted_2},
    [EVENT_CLOCK_SKIPPED] = {NULL, skipped_2},
    [EVENT_MODE_CHANGED] = {NULL, mode_2},
    [EVENT_PARTICIPANT_BANNED] = {NULL, banned_2},
    [EVENT_PARTICIPANT_UNBANNED] = {NULL, person_2},
    [EVENT_PARTICIPANT_PARDONED] = {NULL, person_2},
    [EVENT_HANDED_OVER] = {NULL, handed_over_2},
    [EVENT_TAKEN_OVER] = {NULL, taken_over_2},
    [EVENT_CEREMONY_FINALIZED] = {finalized_2, finalized_2},
};

const Field *event_form(EventType t, unsigned version) {
    if ((size_t)t >= EVENT_N || version == 0 || version > EVENT_VERSION)
        return NULL;
    return forms[t][version - 1];
}

const char *event_word(FieldKind kind, unsigned i) {
    switch (kind) {
    case FIELD_ENTRY:
        return i < ENTRY_N ? entry_name((Entry)i) : NULL;
    case FIELD_PHASE:
        return i < PHASE_N ? phase_name((Phase)i) : NULL;
    case FIELD_COST:
        return i < COST_N ? cost_name((Cost)i) : NULL;
    case FIELD_MODE:
        return i < MODE_N ? mode_name((Mode)i) : NULL;
    case FIELD_LEFT:
        return i < LEFT_N ? left_name((LeftReason)i) : NULL;
    case FIELD_END:
    case FIELD_OPEN:
    case FIELD_CLOSE:
    case FIELD_TEXT:
    case FIELD_BYTES:
    case FIELD_U64:
    case FIELD_I64:
    case FIELD_U32:
    case FIELD_BOOL:
    case FIELD_REPEAT:
        break;
    }
    return NULL;
}
