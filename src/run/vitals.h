/* How a running directory does: for /health, and the numbers of /metrics that no ceremony's status
 * holds. Threads: any; nothing here waits for a writer. */
#pragma once

#include "market/verifier.h"
#include "run/experiment.h"
#include "run/node.h"

typedef enum {
    HEALTH_OK = 0,
    HEALTH_TIME,    /* no tick has come through for CLOCK_SLACK_MS: time stands still */
    HEALTH_DISK,    /* no room for one upload (LIMIT_BODY) where the directory is */
    HEALTH_JOURNAL, /* the last append to a journal failed, and no probe has come through since */
} Health;
const char *health_text(Health h); /* for whoever asks; "" for HEALTH_OK */

/* Of a node that serves. While a journal fails, the timer tries it every JOURNAL_PROBE_MS, so this
 * becomes well again without anybody's doing. */
Health node_health(Node *n);
#define JOURNAL_PROBE_MS 2000

/* Bytes; 0 where the system does not say. A few system calls. */
typedef struct {
    uint64_t database, wal, disk_free;
    size_t jobs; /* that wait for a worker */
} NodeVitals;
void node_vitals(Node *n, NodeVitals *ret);

/* How long verifications took, valid or not: [i] at most verify_bounds_ms[i], and more than the
 * bound before; the last: more than any. Since the start. */
#define VERIFY_BOUNDS 12
extern const int64_t verify_bounds_ms[VERIFY_BOUNDS];
typedef struct {
    uint64_t n[VERIFY_BOUNDS + 1];
    int64_t sum_ms;
} VerifyTimes;

typedef struct {
    VerifyTimes verify;
    size_t parked, sessions;
    uint64_t head_entries; /* of the newest signed head; 0: none yet */
} CeremonyVitals;
void ceremony_vitals(Ceremony *c, CeremonyVitals *ret);

typedef struct {
    VerifyTimes verify; /* of proofs */
    uint64_t verdicts[PROOF_VERDICTS_N];
} ExperimentVitals;
void experiment_vitals(Experiment *e, ExperimentVitals *ret);
