/* A small ceremony in a temporary directory, and people who take part in it: for the tests of run.
 */
#pragma once

#include "run/node.h"
#include "support/test.h"

#include "support/scratch.h"

#define WORLD_SIZES "4,3:8,3"

typedef struct {
    Scratch at; /* at.dir */
    Node *node;
    Ceremony *c;
} World;

/* What the server's clocks show; they begin at a fixed time and move only by the test's hand. */
extern _Atomic int64_t world_wall_ms, world_mono_ms;
extern const ClockSources world_clock;
/* So much time passes on both, and the server ticks each second of it. */
void world_pass(World *w, int64_t ms);

/* A new directory with one ceremony; `settings` as node_ceremony_new takes them. */
void world_open(World *w, const char *const *settings);
/* Opens the node of the directory, which was closed, and leaves w->c alone. */
void world_start(World *w);
/* Closes the node and opens the directory anew, as after a restart. */
void world_restart(World *w);
void world_close(World *w); /* removes the directory */

/* Invites and signs in: the session as the server sees it. */
Session world_sign_in(World *w, const char *identity);

/* Checks in; the challenge's bytes when the slot was granted (the caller frees), else NULL. */
char *world_check_in(World *w, const Session *s, Refusal *ret_refusal, size_t *ret_n);

/* A valid response to these challenge bytes with secrets from `seed`. The caller frees. */
char *world_respond(const char *challenge, size_t n, uint8_t seed, const char *identity,
                    size_t *ret_n);

/* Uploads these bytes from beginning to end. submit_done() what it gives. */
Submit world_upload(World *w, const Session *s, const char *bytes, size_t n);

/* Uploads these bytes, which are stored; judging them fails for a fault of the server's, so there
 * is no verdict. */
void world_upload_unjudged(World *w, const Session *s, const char *bytes, size_t n);

/* A whole turn that must succeed. */
void world_contribute(World *w, const char *identity, uint8_t seed);

/* Checks in as somebody who only waits; what they hear. */
Refusal world_ask(World *w, const Session *s);
/* They get the slot, which must be free for them. */
void world_take_slot(World *w, const Session *s);
CeremonyStatus world_status(World *w);
/* Something else writes what is no entry to the journal's end. */
void world_break_journal(World *w);

/* Settings under which check-ins need no waiting. */
extern const char *const world_prompt[];

/* For cmocka: a fresh World, where check-ins need no waiting, in *state; and its end. */
int world_setup(void **state);
int world_teardown(void **state);

uint64_t world_contributions(World *w);
