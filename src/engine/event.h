/* What happened to a ceremony: the entries of its journal.
 *
 * Participants are numbered from 1 in the order of admission; identities stand in
 * ParticipantAdmitted only, as its private part: the public journal has a salted commitment in
 * their place, which the operator opens for those who contributed (their identity stands in the
 * transcript anyway). */
#pragma once

#include "base/limits.h"
#include "engine/policy.h"

#include <stddef.h>
#include <stdint.h>

typedef enum {
    EVENT_CEREMONY_OPENED = 1,
    EVENT_PARTICIPANT_ADMITTED, /* gets a number: joined, was granted a turn, or was banned */
    EVENT_JOINED,               /* fifo: has a place in the queue */
    EVENT_LEFT,                 /* fifo: the place is lost */
    EVENT_LEASE_GRANTED,
    EVENT_LEASE_MOVED,     /* to a later phase */
    EVENT_RESPONSE_STORED, /* durable, named by its hash; moves the lease to verifying */
    EVENT_CONTRIBUTION_ACCEPTED,
    EVENT_CONTRIBUTION_REFUSED, /* verified and found invalid; the lease ends */
    EVENT_LEASE_EXPIRED,
    EVENT_LEASE_ABORTED,
    EVENT_CLOCK_SKIPPED, /* the server slept: what was running is extended */
    EVENT_MODE_CHANGED,  /* the operator: opened again, paused, draining */
    EVENT_PARTICIPANT_BANNED,
    EVENT_PARTICIPANT_UNBANNED,
    EVENT_PARTICIPANT_PARDONED, /* strikes, cool-down and "out" are forgiven; a ban is not */
    EVENT_HANDED_OVER,          /* the last event of the old server's */
    EVENT_TAKEN_OVER,           /* the first of the new server's */
    EVENT_CEREMONY_FINALIZED,
    EVENT_N
} EventType;
const char *event_name(EventType t); /* "ContributionAccepted" ... */

typedef enum {
    MODE_OPEN = 0,
    MODE_PAUSED,   /* nobody gets the slot; a turn under way goes on; people may wait */
    MODE_DRAINING, /* nobody new may wait; those who do get their turns */
    MODE_N
} Mode;
const char *mode_name(Mode m); /* "open", "paused", "draining" */

typedef enum {
    LEFT_MISSED = 0, /* a check-in was due and did not come: costs policy.missed */
    LEFT_OWN_WISH,   /* costs nothing but the place */
    LEFT_DROPPED,    /* by the operator; likewise */
    LEFT_N
} LeftReason;
const char *left_name(LeftReason r); /* "missed", "own-wish", "dropped" */

#define ENGINE_REASON_MAX 64 /* with its zero byte */
#define ENGINE_KEY_BYTES 20  /* a server's key: the address that signs its receipts and heads */
#define ENGINE_SIGNATURE_BYTES 65

/* Names, kinds, identities and reasons go into the journal as they are: 1 to `max` printable ASCII
 * characters other than space, quotation mark and backslash. */
bool engine_text_ok(const char *text, size_t max);

typedef struct {
    EventType type;
    int64_t now_ms; /* never earlier than the event's before it */
    uint64_t lease; /* 0 where there is none */
    union {
        struct {
            char name[LIMIT_IDENTITY + 1]; /* of the ceremony */
            char kind[16];                 /* "kzg" */
            uint8_t definition[32];        /* sha256 of the definition's JSON */
            uint8_t key[ENGINE_KEY_BYTES]; /* of the server; zero in version 1 */
            EnginePolicy policy;
        } opened;
        struct {
            uint64_t participant;   /* the next number */
            uint8_t commitment[32]; /* to the identity, salted: event_commit */
            char identity[LIMIT_IDENTITY +
                          1]; /* private; "" where it is not known (public journals) */
        } admitted;
        struct {
            uint64_t participant;
            uint64_t place; /* the next in line, from 1, never used again */
        } joined;
        struct {
            uint64_t participant;
            LeftReason reason;
            int64_t seen_ms; /* when they were last seen; 0 unless reason is LEFT_MISSED */
        } left;
        struct {
            uint64_t participant;              /* 0 in version 1, which has the identity instead */
            uint64_t attempt;                  /* counts every lease ever granted in this slot */
            uint64_t position;                 /* the contribution that it would become, from 1 */
            bool offered;                      /* begins in offered: nobody has asked just now */
            char identity[LIMIT_IDENTITY + 1]; /* version 1 only: admits them, if need be */
        } granted;
        struct {
            Phase phase;
            uint64_t size; /* uploading: bytes that are to come, at most; else 0 */
        } moved;
        struct {
            uint8_t response[32];
            int64_t received_ms; /* the last byte: then the contributor's clock stopped */
        } stored;
        struct {
            uint64_t index; /* from 1 */
            uint8_t response[32];
            uint8_t record[32]; /* sha256 of what the transcript keeps of it */
        } accepted;
        struct {
            char reason[ENGINE_REASON_MAX]; /* an id, such as CeremonyError::G1PairingFailed */
        } refused;
        struct {
            Phase phase;  /* in which time ran out; verifying: the server's fault, costs nothing */
            bool stalled; /* uploading: it did not keep the rate over the last window ... */
            uint64_t bytes; /* ... in which so many came (0 unless stalled) */
        } expired;
        struct {
            bool by_operator; /* costs the place alone */
        } aborted;
        struct {
            int64_t by_ms;
        } skipped;
        struct {
            Mode mode;
        } mode;
        struct {
            uint64_t participant;
            char reason[ENGINE_REASON_MAX]; /* banned: the operator's, public; else "" */
        } person;                           /* banned, unbanned, pardoned */
        struct {
            uint8_t key[ENGINE_KEY_BYTES]; /* the new server's */
        } handed_over;
        struct {
            uint8_t key[ENGINE_KEY_BYTES]; /* the new server's: the one that was named */
            uint8_t root[32];              /* of the journal up to HandedOver */
            uint8_t signature[ENGINE_SIGNATURE_BYTES]; /* the old server's, over that head
                                                          (format/head.h) */
        } taken_over;
        struct {
            uint64_t contributions;
        } finalized;
    } u;
} Event;
