/* The polls that sleep at this server, so that a stop can wake them all: http_server_stop must find
 * nobody parked.
 *
 * INVARIANT: a poll is in the gate from the moment it is parked until http_wake has been called for
 * it, once. Threads: any. */
#pragma once

#include "http/request.h"
#include "run/ceremony.h"

typedef struct ParkGate ParkGate;

/* A place in the gate, inside what the request holds. */
typedef struct ParkedPoll {
    ParkGate *gate;
    HttpRequest *request;
    struct ParkedPoll *before, *after;
} ParkedPoll;

ParkGate *park_gate_new(Ceremony *c, CvkErr *err) MUST_USE;
ParkGate *park_gate_free(ParkGate *g); /* nobody is in it; NULL is fine; returns NULL */

/* Parks the poll (ceremony_park). True: http_wake is called when it has an answer, perhaps before
 * this returns. False: it cannot wait, or the gate is closed, and nobody will be called. */
bool park_gate_enter(ParkGate *g, ParkedPoll *poll, HttpRequest *r, const Session *s) MUST_USE;

/* Wakes all who are in it, lets nobody in any more, and returns when it is empty. */
void park_gate_close(ParkGate *g);
