/* The inside of a simulated server: sim_server.c is its life, sim_steps.c what people do to it and
 * what it has on record. Nobody else includes this. */
#pragma once

#include "run/alive.h"
#include "run/ceremony_private.h"
#include "sim/sim_server.h"

#define SIM_UPLOADS 64 /* under way at once */

typedef struct {
    uint64_t number; /* 0: free */
    Upload *upload;
} SimSlot;

struct SimServer {
    char dir[256];
    char database[LIMIT_PATH];
    uint8_t key[ETH_SECRET_BYTES];
    Auth *auth;
    Ceremony *c; /* NULL: down */
    RunClock *clock;
    Alive alive;
    Store *looks; /* the simulation's own connection */
    SimSlot slots[SIM_UPLOADS];
    uint64_t n_uploads; /* ever */
};
