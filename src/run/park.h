/* Parked polls, as the other files of a Ceremony see them; ceremony.h has what HTTP calls.
 * INVARIANT: a poll is in the list until somebody takes it out, under `published`; whoever takes it
 * out calls wake, or tells its owner that nobody will. Wakes are called without any lock. */
#pragma once

#include "run/ceremony_private.h"

/* Wakes those whose poll has an answer by now: the slot is theirs, their time is over, or they wait
 * no more. Held: nothing. */
void park_wake_due(Ceremony *c);
/* Wakes all: the server does not work just now, and time does not pass. */
void park_wake_all(Ceremony *c);
/* Wakes all, and takes no more. */
void park_close(Ceremony *c);
