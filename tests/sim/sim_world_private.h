/* The parts of a world: its loop and its server (sim_world.c, sim_watch.c), what people do while
 * they wait (sim_wait.c) and with their turn (sim_turn.c), and trouble (sim_fault.c). */
#pragma once

#include "sim/sim_heap.h"
#include "sim/sim_kind.h"
#include "sim/sim_server.h"
#include "sim/sim_world.h"

/* What happens. Server: at the server, whatever the client thinks by then. Client: forgotten when
 * they have begun something else meanwhile (Actor.epoch). */
typedef enum {
    H_TICK = 0,
    H_TROUBLE,
    H_TROUBLE_ENDS,
    H_START,     /* the server starts again */
    H_ASK,       /* client: asks, unless something else comes to mind */
    H_REQUEST,   /* server: a check-in arrives */
    H_WOKEN,     /* server: a parked poll is to be answered */
    H_ANSWER,    /* client: of a check-in; small: the refusal or ANSWER_NONE; b: lease; c: state */
    H_BROKEN,    /* client: the download broke off */
    H_FETCHED,   /* both: the challenge is there whole; b: lease */
    H_ABORT,     /* server: gives the turn back */
    H_COMPUTED,  /* client: the response is made */
    H_UPLOAD,    /* client: sends it (again) */
    H_UP_BEGIN,  /* server; c: of a thief */
    H_UP_PART,   /* server; b: upload; small: which */
    H_UP_WHOLE,  /* server; b: upload */
    H_UP_STORE,  /* likewise */
    H_UP_JUDGE,  /* likewise */
    H_UP_ANSWER, /* client; small: SubmitResult, or ANSWER_NONE */
    H_N
} HappeningKind;
#define ANSWER_NONE 0xffff /* a connection that broke, or a server that failed */

typedef struct World World;

/* What a parked poll is called by. */
typedef struct {
    World *w;
    uint32_t who;
} Line;

typedef struct {
    Person p;
    Session session;
    bool signed_in, gone, parked, came;
    Line line;
    uint32_t epoch, parked_epoch;
    uint32_t polls, failures, tries, made, malformed;
    uint64_t lease, state, nonce;
    char response[SIM_RESPONSE_MAX];
    size_t response_n;
    int64_t came_ms;
} Actor;

struct World {
    const SimPlan *plan;
    SimServer *server;
    SimBook *book;
    Heap heap;
    Crowd crowd;
    Actor *actor;
    uint32_t active, next_newcomer;
    Trouble trouble[TROUBLES];
    SimOutcome *out;
    bool full, asleep, starting;
    uint32_t paused;   /* by troubles that have not ended */
    uint64_t replayed; /* lines when the replay was compared last */
    uint64_t *states;  /* the kind's state after contribution i */
    uint64_t n_states;
    uint64_t stored_state, last_nonce;
    int64_t freed_ms; /* when the slot became free; -1: it is not, or nobody waited */
    bool had_waiters, over;
};

void world_push(World *w, int64_t in_ms, HappeningKind what, uint32_t who, Happening more);
void world_trace(World *w, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ---- sim_watch.c: every call of the server goes through here ---- */

typedef enum {
    CALL_OK,
    CALL_DOWN,   /* there is no server, or it died over this call */
    CALL_FAILED, /* an error is the answer */
} Call;
/* After a call that returned `ok`: shows the book what is new, notices a death, and tells an
 * expected failure from a fault. */
Call world_after(World *w, bool ok, const CvkErr *err);
bool world_up(const World *w);
void world_down(World *w); /* it is down as of now */
void world_start(World *w);
void world_compare_replay(World *w);

/* ---- sim_wait.c ---- */
void actor_ask_in(World *w, uint32_t who, int64_t ms);
void actor_leaves(World *w, uint32_t who);
void actor_failed(World *w, uint32_t who); /* a turn ended badly: tries again, or not */
bool wait_happens(World *w, const Happening *h);
Session *actor_session(World *w, uint32_t who);
int64_t actor_latency(Actor *a);

/* ---- sim_turn.c ---- */
void turn_begins(World *w, uint32_t who, uint64_t lease, uint64_t state);
bool turn_happens(World *w, const Happening *h);

/* ---- sim_fault.c ---- */
void trouble_happens(World *w, const Happening *h);
