/* What an experiment's server answers a prover, and what that means. Pure: nothing of what peers
 * send is believed. Threads: any. */
#pragma once

#include "client/web.h"

#include <stdint.h>

typedef enum {
    PROVER_FINE = 0, /* 200 */
    PROVER_STRANGER, /* 422: the server knows no such participant */
    PROVER_FINISHED, /* 429 "no more batches ...": nothing is left to prove */
    PROVER_INVALID,  /* 422: the proof does not hold */
    PROVER_OVER,     /* 422: the request is closed, or was never theirs */
    PROVER_REFUSED,  /* 400, 413, other 422s: what was sent is not understood */
    PROVER_LATER,    /* 408, 5xx, and any other 429: a gateway's */
    PROVER_STRANGE,  /* no answer of an experiment's server */
} ProverAnswerKind;

#define PROVER_TEXT_MAX 256
typedef struct {
    ProverAnswerKind kind;
    int status;
    char text[PROVER_TEXT_MAX]; /* the server's words, in which the participant's id is not */
} ProverAnswer;

/* `id`: the participant's, which servers repeat in their answers. */
void prover_answer_read(const WebReply *r, const char *id, ProverAnswer *ret);
/* Does it say so, whatever the id is? */
bool prover_answer_begins(const WebReply *r, const char *with);

#define PROVER_PATH_MAX 256
typedef struct {
    uint64_t request;
    char path[PROVER_PATH_MAX + 1]; /* of the batch, relative to the server's address */
} ProverTask;

/* The body of a get_batch that was answered 200. "server.strange": it is something else. */
bool prover_task_read(const char *json, size_t n, ProverTask *ret, CvkErr *err) MUST_USE;

/* Is this what follows a server's address: a relative path of harmless characters, without ".."? */
bool prover_path_check(const char *path);
