/* A small experiment in a temporary directory, whose proofs are the sha256 of their batch: for the
 * tests of run. Their main begins with MARKET_WORKER. */
#pragma once

#include "market/verifier.h"
#include "run/experiment.h"
#include "run/verify_process.h"
#include "support/test.h"

#include "support/scratch.h"

typedef struct {
    Scratch at;
    char dir[256];
    Node *node;
    Experiment *e;
    char id[LIMIT_PROVER_ID + 1]; /* of the newest participant */
} MarketWorld;

#define MARKET_WORKER(argc, argv)                                                                  \
    if (verify_process_asked(argc, argv))                                                          \
    return verify_process_serve(verifier_find)

/* The clock of the node, which only tests move. */
extern _Atomic int64_t market_now_ms;
/* So much time passes, and the server ticks each second of it. */
void market_pass(MarketWorld *w, int64_t ms);

/* A directory with experiment "x"; `settings` beside dev=true and seed=1, may be NULL. Serves by
 * hand. */
void market_open(MarketWorld *w, const char *const *settings);
void market_restart(MarketWorld *w);
void market_restart_from(MarketWorld *w); /* w->dir, when the node was closed already */
void market_close(MarketWorld *w);

/* The number of a new participant with this id (NULL: one that is drawn, in w->id). */
uint32_t market_person(MarketWorld *w, const char *id);
/* n batches "b1", "b2", ... beyond those that there are, as one block. */
void market_batches(MarketWorld *w, size_t n);
/* The participant's open request, issued if need be. */
MarketNext market_ask(MarketWorld *w, uint32_t participant, OpenRequest *ret);

/* Metadata of a submission that is as usual, and the proof's bytes; submission_done frees it. */
Submission market_submission(MarketWorld *w, uint64_t request, const char *proof);
/* The right proof of the batch at this path. */
void market_proof(MarketWorld *w, const OpenRequest *r, char ret[65]);
SubmissionResult market_submit(MarketWorld *w, uint32_t participant, uint64_t request,
                               const char *proof);
/* They say that they could not. */
SubmissionResult market_failure(MarketWorld *w, uint32_t participant, uint64_t request);
/* Asks and proves; false: nothing was left. */
bool market_prove(MarketWorld *w, uint32_t participant);

/* The database is damaged: rows (one at least) become what no command writes. */
void market_change(const MarketWorld *w, const char *sql);

int market_setup(void **state); /* two participants "alice", "bob", and three batches */
int market_teardown(void **state);
