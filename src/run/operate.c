/* What the operator does to a ceremony: commands of the directory, beside the server or without it.
 */
#include "run/ceremony_private.h"

#include "base/alloc.h"
#include "format/identity.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool execute(Ceremony *c, const Command *command, Refusal *ret, CvkErr *err) {
    Events events;
    return ceremony_execute(c, command, NULL, &events, ret, err);
}

bool ceremony_refuse(const Ceremony *c, Refusal refusal, CvkErr *err) {
    switch (refusal) {
    case REFUSAL_NONE:
        return true;
    case REFUSAL_FINALIZED:
        return cvk_fail(err, CVK_ECONFLICT, "ceremony.finalized", "ceremony '%s' is final already",
                        c->name);
    case REFUSAL_HANDED_OVER:
        return cvk_fail(err, CVK_ECONFLICT, "ceremony.handed_over",
                        "ceremony '%s' was handed over to another server: ask there", c->name);
    case REFUSAL_TURN_LIVE:
        return cvk_fail(
            err, CVK_ECONFLICT, "ceremony.turn_live",
            "somebody's turn is under way: wait for its end (ceremony status), then try again");
    case REFUSAL_BUSY:
    case REFUSAL_EARLY:
    case REFUSAL_FULL:
    case REFUSAL_CLOSED:
    case REFUSAL_COOLING:
    case REFUSAL_OUT:
    case REFUSAL_NOT_HOLDER:
    case REFUSAL_WRONG_PHASE:
    case REFUSAL_HOLDER_AGAIN:
    case REFUSAL_UNKNOWN:
    case REFUSAL_NO_CHANGE:
    case REFUSAL_N:
        break;
    }
    return cvk_fail(err, CVK_ECONFLICT, "ceremony.refused", "refused: %s", refusal_name(refusal));
}

/* ---- the ceremony ---- */

bool ceremony_finalize(Ceremony *c, CvkErr *err) {
    Refusal refusal;
    return execute(c, &(Command){.type = COMMAND_FINALIZE}, &refusal, err) &&
           ceremony_refuse(c, refusal, err);
}

bool ceremony_set_mode(Ceremony *c, Mode mode, CvkErr *err) {
    Refusal refusal;
    if (!execute(c, &(Command){.type = COMMAND_MODE, .mode = mode}, &refusal, err))
        return false;
    if (refusal == REFUSAL_NO_CHANGE)
        return cvk_fail(err, CVK_ECONFLICT, "ceremony.mode", "ceremony '%s' is %s already", c->name,
                        mode_name(mode));
    return ceremony_refuse(c, refusal, err);
}

/* ---- people ---- */

bool ceremony_participant(Ceremony *c, uint64_t number, const char *identity, Participant *ret,
                          CvkErr *err) {
    EnginePerson person;
    pthread_mutex_lock(&c->published);
    bool found = engine_person(c->state, number, identity, &person);
    if (found) {
        snprintf(ret->identity, sizeof ret->identity, "%s", person.identity);
        ret->person = person;
        ret->person.identity = ret->identity;
    }
    pthread_mutex_unlock(&c->published);
    if (found)
        return true;
    if (number != 0)
        return cvk_fail(err, CVK_ENOTFOUND, "participant.none", "there is no participant %llu",
                        (unsigned long long)number);
    return cvk_fail(err, CVK_ENOTFOUND, "participant.none",
                    "'%.100s' has not taken part: 'participant list' shows who has", identity);
}

static bool identity_of(Ceremony *c, uint64_t number, char ret[LIMIT_IDENTITY + 1], CvkErr *err) {
    Participant p;
    if (!ceremony_participant(c, number, NULL, &p, err))
        return false;
    if (p.identity[0] == '\0')
        return cvk_fail(err, CVK_ENOTFOUND, "participant.none",
                        "who participant %llu is has been deleted", (unsigned long long)number);
    snprintf(ret, LIMIT_IDENTITY + 1, "%s", p.identity);
    return true;
}

bool ceremony_who(Ceremony *c, const char *who, char ret_identity[LIMIT_IDENTITY + 1],
                  CvkErr *err) {
    size_t digits = strspn(who, "0123456789");
    Identity parsed;
    if (digits != 0 && who[digits] == '\0' && digits <= 18 && strtoull(who, NULL, 10) != 0)
        return identity_of(c, strtoull(who, NULL, 10), ret_identity, err);
    if (!identity_parse(who, &parsed, NULL))
        return cvk_fail(err, CVK_EBADREQ, "participant.who",
                        "'%.60s' is neither a participant's number nor an identity such as "
                        "eth|0x... or git|123|login",
                        who);
    return ceremony_known_as(c, &parsed, ret_identity, err);
}

bool ceremony_judge_person(Ceremony *c, CommandType what, const char *identity, const char *reason,
                           CvkErr *err) {
    Refusal refusal;
    assert(what == COMMAND_DROP || what == COMMAND_BAN || what == COMMAND_UNBAN ||
           what == COMMAND_PARDON);
    if (what == COMMAND_BAN &&
        (strlen(reason) >= ENGINE_REASON_MAX || !engine_text_ok(reason, ENGINE_REASON_MAX - 1)))
        return cvk_fail(err, CVK_EBADREQ, "participant.reason",
                        "the reason is one word of at most %d letters, such as two-accounts",
                        ENGINE_REASON_MAX - 1);
    Command command = {.type = what, .identity = identity, .reason = reason};
    if (!execute(c, &command, &refusal, err))
        return false;
    if (refusal == REFUSAL_UNKNOWN)
        return cvk_fail(err, CVK_ENOTFOUND, "participant.none",
                        "'%.100s' has not taken part: 'participant list' shows who has", identity);
    if (refusal == REFUSAL_NO_CHANGE)
        return cvk_fail(err, CVK_ECONFLICT, "participant.no_change",
                        "that changes nothing for '%.100s'", identity);
    return ceremony_refuse(c, refusal, err);
}
