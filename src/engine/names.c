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

static const char *const cost_names[COST_N] = {
    [COST_NOTHING] = "nothing",
    [COST_OUT] = "out",
};

static const char *const event_names[EVENT_N] = {
    [EVENT_CEREMONY_OPENED] = "CeremonyOpened",
    [EVENT_LEASE_GRANTED] = "LeaseGranted",
    [EVENT_LEASE_MOVED] = "LeaseMoved",
    [EVENT_RESPONSE_STORED] = "ResponseStored",
    [EVENT_CONTRIBUTION_ACCEPTED] = "ContributionAccepted",
    [EVENT_CONTRIBUTION_REFUSED] = "ContributionRefused",
    [EVENT_LEASE_EXPIRED] = "LeaseExpired",
    [EVENT_LEASE_ABORTED] = "LeaseAborted",
    [EVENT_CEREMONY_FINALIZED] = "CeremonyFinalized",
};

static const char *const refusal_names[REFUSAL_N] = {
    [REFUSAL_NONE] = "none",
    [REFUSAL_BUSY] = "busy",
    [REFUSAL_EARLY] = "early",
    [REFUSAL_LOBBY_FULL] = "lobby_full",
    [REFUSAL_OUT] = "out",
    [REFUSAL_NOT_HOLDER] = "not_holder",
    [REFUSAL_WRONG_PHASE] = "wrong_phase",
    [REFUSAL_FINALIZED] = "finalized",
    [REFUSAL_HOLDER_AGAIN] = "holder_again",
    [REFUSAL_TURN_LIVE] = "turn_live",
};

static const char *name_in(const char *const *names, size_t n, size_t i) {
    return i < n && names[i] != NULL ? names[i] : "unknown";
}

const char *phase_name(Phase p) {
    return (size_t)p < PHASE_N ? engine_phases[p].name : "unknown";
}

const char *cost_name(Cost c) {
    return name_in(cost_names, COST_N, (size_t)c);
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
