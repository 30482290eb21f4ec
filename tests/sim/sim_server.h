/* A server in virtual time: one real Ceremony (run, engine, store, auth) over a simulated disk,
 * with the kind that needs no mathematics. It does what the API and the node do, in steps, so that
 * time can pass, others can come, and the power can go between any two of them.
 *
 * Whatever fails with an error (not a refusal) while sim_disk_crashed() is the crash: call
 * sim_server_crash, then sim_server_start. Any other error is a fault of the disk that was asked
 * for, or a bug. All runs on the caller's thread. One server a process at a time. */
#pragma once

#include "run/ceremony.h"

/* ---- virtual time ---- */

int64_t sim_now_ms(void);          /* since the simulation began; never goes back */
int64_t sim_wall_ms(void);         /* what the server's wall clock shows */
void sim_time_pass(int64_t ms);    /* on both */
void sim_time_jump(int64_t by_ms); /* the wall clock alone: somebody sets it */

/* ---- the server ---- */

typedef struct SimServer SimServer;

typedef struct {
    uint64_t seed;
    const char *preset;          /* "kzg", "ethereum" */
    const char *const *settings; /* "key=value", NULL-terminated; may be NULL */
    int64_t wall_ms;             /* when it begins; 0: some day */
} SimServerOptions;

/* A new directory and disk with one new ceremony, running. */
bool sim_server_new(const SimServerOptions *o, SimServer **ret, CvkErr *err) MUST_USE;
SimServer *sim_server_free(SimServer *s);

bool sim_server_up(const SimServer *s);
/* Stops as a process that is asked to. Uploads under way are gone. No-op when down. */
void sim_server_stop(SimServer *s);
/* The power goes: what was not synced may be lost. Uploads under way are gone. */
void sim_server_crash(SimServer *s);
/* SIGKILL: the process goes, but what it wrote stays in the machine's memory. */
void sim_server_kill(SimServer *s);
/* Starts it again, as `convoke serve` does: replay, clean up, judge what waits for its verdict. On
 * failure it is down. */
bool sim_server_start(SimServer *s, CvkErr *err) MUST_USE;
/* For what has no step of its own (ceremony_status, ceremony_park); NULL when down. */
Ceremony *sim_server_ceremony(SimServer *s);
/* Its path, for sim_disk.h. */
const char *sim_server_database(const SimServer *s);

/* ---- steps: each needs a server that is up ---- */

/* Signs in, or comes again: as ceremony_session would find it. */
void sim_session(SimServer *s, const char *identity, Session *ret);

/* As ceremony_check_in; *ret_state is what the challenge says, when there is one. */
bool sim_check_in(SimServer *s, const Session *who, Refusal *ret_refusal, uint64_t *ret_lease,
                  uint64_t *ret_state, CvkErr *err) MUST_USE;
void sim_challenge_sent(SimServer *s, uint64_t lease);
bool sim_abort(SimServer *s, const Session *who, Refusal *ret_refusal, CvkErr *err) MUST_USE;
/* What the timer does (in the server: each 200 ms). */
bool sim_tick(SimServer *s, CvkErr *err) MUST_USE;
/* What the server does each ten seconds: judges a stored response that nobody judges. Between store
 * and judge of an upload's own steps it must not come (there, the server is at it). */
bool sim_judge_what_waits(SimServer *s, CvkErr *err) MUST_USE;
/* An operator's command, as from another process on the same directory: it is decided on a second
 * connection; the server sees it at its next tick. */
bool sim_operate(SimServer *s, const Command *command, Refusal *ret_refusal, CvkErr *err) MUST_USE;

/* Uploads have numbers, for a crash takes them away: then a step fails with "sim.gone". */
bool sim_upload_begin(SimServer *s, const Session *who, uint64_t *ret_upload, CvkErr *err) MUST_USE;
bool sim_upload_write(SimServer *s, uint64_t upload, const void *data, size_t n,
                      CvkErr *err) MUST_USE;
/* The last byte has come: the contributor's clock stops. */
bool sim_upload_whole(SimServer *s, uint64_t upload, CvkErr *err) MUST_USE;
/* Parsed, durable, in the journal. *ret_judge: judging comes next; else *ret is the answer. */
bool sim_upload_store(SimServer *s, uint64_t upload, bool *ret_judge, Submit *ret,
                      CvkErr *err) MUST_USE;
/* The answer; submit_done it. */
bool sim_upload_judge(SimServer *s, uint64_t upload, Submit *ret, CvkErr *err) MUST_USE;
/* Answered, or the connection died. Fine for one that is gone. */
void sim_upload_end(SimServer *s, uint64_t upload);

/* ---- what the server has put on record ---- */

typedef struct {
    uint64_t seq;
    const char *json; /* the journal's line, zero-terminated */
    const char *open; /* its private part, such as {"identity":"..."}; NULL: none */
} SimEntry;
/* The journal from entry `from` on. Reads the database, not the engine. fn may stop it (false). */
bool sim_journal_each(SimServer *s, uint64_t from, bool (*fn)(void *ctx, const SimEntry *e),
                      void *ctx, CvkErr *err) MUST_USE;
uint64_t sim_journal_length(SimServer *s); /* as the running server knows it */

/* The hash of the running server's state, and of the fold of its journal from nothing (invariant 5:
 * they are equal). The second takes some milliseconds a thousand events. */
void sim_state_hash(SimServer *s, uint8_t ret[32]);
bool sim_replay_hash(SimServer *s, uint8_t ret[32], CvkErr *err) MUST_USE;

/* Is the response with this hash on the disk, whole? */
bool sim_has_response(SimServer *s, const uint8_t hash[32]);
