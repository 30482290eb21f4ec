/* What the server, the helper, the minder and the worker of run/verify_process.h tell each other.
 * Both ends are one program, so structures go as they are. */
#pragma once

#include "run/verify_process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define VERIFY_HELPER_WORD "verify-proof"
#define VERIFY_CONTROL STDIN_FILENO /* where the helper is told of jobs */

typedef const Verifier *(*VerifierFind)(const char *name);

/* How a job begins; then come its texts, each with its zero byte. */
typedef struct {
    size_t verifier_n, params_n, name_n, expect_n; /* of bytes, with the zero */
    uint64_t batch_size, proof_n;
    uint8_t sha256[32];
    VerifyLimits limits;
    bool dev, check; /* check: there is no proof */
} VerifyHead;

/* A job as it has arrived. */
typedef struct {
    VerifyHead head;
    char *texts;
    const char *verifier, *params;
    VerifierBatch batch;
    int proof_fd;   /* -1 in a check */
    int connection; /* to the server: it hangs up when it has gone */
} VerifyTask;

/* ---- verify_wire.c ---- */
/* All of it, over a socket and without a signal, before cvk_monotonic_ms is past `deadline`. */
#define VERIFY_FOR_EVER INT64_MAX
bool verify_send(int fd, const void *data, size_t n, int64_t deadline) MUST_USE;
bool verify_receive(int fd, void *ret, size_t n, int64_t deadline) MUST_USE;
bool verify_is_open(int fd) MUST_USE; /* somebody holds the other end */
/* A byte with descriptors, and what came with it: -1 for what did not. */
#define VERIFY_DESCRIPTORS 3 /* connection, batch, proof */
bool verify_send_descriptors(int socket, const int *fd, size_t n, int64_t deadline) MUST_USE;
bool verify_receive_descriptors(int socket, int ret_fd[VERIFY_DESCRIPTORS]) MUST_USE;
/* The rest of a task whose connection it is. False: what has arrived is no job. */
bool verify_receive_task(VerifyTask *t) MUST_USE;

/* ---- verify_minder.c ---- */
/* Has a task done by a worker, and answers it. */
_Noreturn void verify_mind(VerifyTask *t, VerifierFind find);
/* Kills this process's children, but those in the group `spared` (0: all of them). Nothing where
 * the kernel does not list children. */
void verify_kill_children(pid_t spared);

/* ---- verify_worker.c: in the worker ---- */
/* The proof's bytes, until the process ends. NULL: *a says that they cannot be read. */
const uint8_t *verify_map_proof(const VerifyTask *t, VerifyAnswer *a);
_Noreturn void verify_work(const VerifyTask *t, VerifierFind find, int result);

/* ---- verify_exec.c: a program of the operator's ---- */
typedef struct VerifyExec VerifyExec;
/* Its parameters: "command" and limits, docs/VERIFIERS.md. */
VerifyExec *verify_exec_new(const VerifyTask *t, CvkErr *err) MUST_USE;
const VerifyLimits *verify_exec_limits(const VerifyExec *e);
/* In the worker: becomes the program. Returns only when that fails, and errno says why. */
void verify_exec_become(const VerifyExec *e);
