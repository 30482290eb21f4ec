#include "engine/state.h"

#include <string.h>

#define ANY_AFTER_FETCHING (BIT(PHASE_COMPUTING) | BIT(PHASE_UPLOADING) | BIT(PHASE_VERIFYING))

/* Phases go forward only. Some may be passed over: the server need not see that a challenge has
 * arrived before it sees the response. */
const PhaseRow engine_phases[PHASE_N] = {
    [PHASE_OFFERED] = {"offered", BIT(PHASE_FETCHING) | ANY_AFTER_FETCHING, true},
    [PHASE_FETCHING] = {"fetching", ANY_AFTER_FETCHING, true},
    [PHASE_COMPUTING] = {"computing", BIT(PHASE_UPLOADING) | BIT(PHASE_VERIFYING), true},
    [PHASE_UPLOADING] = {"uploading", BIT(PHASE_VERIFYING), true},
    [PHASE_VERIFYING] = {"verifying", 0, false},
};

static const char *const entry_names[ENTRY_N] = {
    [ENTRY_LOBBY] = "lobby",
    [ENTRY_FIFO] = "fifo",
};

static const char *const cost_names[COST_N] = {
    [COST_NOTHING] = "nothing", [COST_PLACE] = "place", [COST_COOLDOWN] = "cooldown",
    [COST_STRIKE] = "strike",   [COST_OUT] = "out",
};

static const char *const mode_names[MODE_N] = {
    [MODE_OPEN] = "open",
    [MODE_PAUSED] = "paused",
    [MODE_DRAINING] = "draining",
};

static const char *const left_names[LEFT_N] = {
    [LEFT_MISSED] = "missed",
    [LEFT_OWN_WISH] = "own-wish",
    [LEFT_DROPPED] = "dropped",
};

static const char *const event_names[EVENT_N] = {
    [EVENT_CEREMONY_OPENED] = "CeremonyOpened",
    [EVENT_PARTICIPANT_ADMITTED] = "ParticipantAdmitted",
    [EVENT_JOINED] = "Joined",
    [EVENT_LEFT] = "Left",
    [EVENT_LEASE_GRANTED] = "LeaseGranted",
    [EVENT_LEASE_MOVED] = "LeaseMoved",
    [EVENT_RESPONSE_STORED] = "ResponseStored",
    [EVENT_CONTRIBUTION_ACCEPTED] = "ContributionAccepted",
    [EVENT_CONTRIBUTION_REFUSED] = "ContributionRefused",
    [EVENT_LEASE_EXPIRED] = "LeaseExpired",
    [EVENT_LEASE_ABORTED] = "LeaseAborted",
    [EVENT_CLOCK_SKIPPED] = "ClockSkipped",
    [EVENT_MODE_CHANGED] = "ModeChanged",
    [EVENT_PARTICIPANT_BANNED] = "ParticipantBanned",
    [EVENT_PARTICIPANT_UNBANNED] = "ParticipantUnbanned",
    [EVENT_PARTICIPANT_PARDONED] = "ParticipantPardoned",
    [EVENT_HANDED_OVER] = "HandedOver",
    [EVENT_TAKEN_OVER] = "TakenOver",
    [EVENT_CEREMONY_FINALIZED] = "CeremonyFinalized",
};

static const char *const refusal_names[REFUSAL_N] = {
    [REFUSAL_NONE] = "none",
    [REFUSAL_BUSY] = "busy",
    [REFUSAL_EARLY] = "early",
    [REFUSAL_FULL] = "full",
    [REFUSAL_CLOSED] = "closed",
    [REFUSAL_COOLING] = "cooling",
    [REFUSAL_OUT] = "out",
    [REFUSAL_NOT_HOLDER] = "not_holder",
    [REFUSAL_WRONG_PHASE] = "wrong_phase",
    [REFUSAL_FINALIZED] = "finalized",
    [REFUSAL_HANDED_OVER] = "handed_over",
    [REFUSAL_HOLDER_AGAIN] = "holder_again",
    [REFUSAL_TURN_LIVE] = "turn_live",
    [REFUSAL_UNKNOWN] = "unknown_participant",
    [REFUSAL_NO_CHANGE] = "no_change",
};

static const char *name_in(const char *const *names, size_t n, size_t i) {
    return i < n && names[i] != NULL ? names[i] : "unknown";
}

const char *phase_name(Phase p) {
    return (size_t)p < PHASE_N ? engine_phases[p].name : "unknown";
}

const char *entry_name(Entry e) {
    return name_in(entry_names, ENTRY_N, (size_t)e);
}

const char *cost_name(Cost c) {
    return name_in(cost_names, COST_N, (size_t)c);
}

const char *mode_name(Mode m) {
    return name_in(mode_names, MODE_N, (size_t)m);
}

const char *left_name(LeftReason r) {
    return name_in(left_names, LEFT_N, (size_t)r);
}

const char *event_name(EventType t) {
    return name_in(event_names, EVENT_N, (size_t)t);
}

const char *refusal_name(Refusal r) {
    return name_in(refusal_names, REFUSAL_N, (size_t)r);
}

bool engine_text_ok(const char *text, size_t max) {
    size_t n = strnlen(text, max + 1);
    if (n == 0 || n > max)
        return false;
    for (size_t i = 0; i < n; i++)
        if (text[i] <= ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\')
            return false;
    return true;
}
