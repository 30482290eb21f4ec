#include "sim/sim_trouble.h"

enum { STREAM_TROUBLE = 3 };

static const char *const names[TROUBLE_N] = {
    [TROUBLE_STOP] = "stop",     [TROUBLE_KILL] = "kill",   [TROUBLE_CRASH] = "crash",
    [TROUBLE_AHEAD] = "ahead",   [TROUBLE_BACK] = "back",   [TROUBLE_FULL] = "full",
    [TROUBLE_ASLEEP] = "asleep", [TROUBLE_PAUSE] = "pause", [TROUBLE_DRAIN] = "drain",
    [TROUBLE_DROP] = "drop",     [TROUBLE_BAN] = "ban",     [TROUBLE_PARDON] = "pardon",
};

const char *trouble_name(TroubleKind k) {
    return names[k];
}

void trouble_draw(uint64_t seed, const Crowd *c, uint32_t number, Trouble *ret) {
    SimRng dice = rng_stream(seed, STREAM_TROUBLE, number);
    Trouble t = {
        .kind = (TroubleKind)rng_below(&dice, TROUBLE_N),
        .at_ms = rng_between(&dice, 1000, c->span_ms + c->span_ms / 4),
        .for_ms = rng_around(&dice, 60000),
        .number = rng_below(&dice, c->people),
    };
    switch (t.kind) {
    case TROUBLE_CRASH:
        t.number = 1 + rng_below(&dice, 60);
        break;
    case TROUBLE_AHEAD:
    case TROUBLE_BACK:
        t.number = (uint64_t)rng_around(&dice, 600000);
        break;
    case TROUBLE_STOP:
    case TROUBLE_KILL:
    case TROUBLE_FULL:
    case TROUBLE_ASLEEP:
    case TROUBLE_PAUSE:
    case TROUBLE_DRAIN:
    case TROUBLE_DROP:
    case TROUBLE_BAN:
    case TROUBLE_PARDON:
    case TROUBLE_N:
        break;
    }
    *ret = t;
}
