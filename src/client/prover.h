/* A prover's side of an experiment over HTTP: asks what to prove, fetches it, hands the proof in.
 *
 * The network may fail at any point: each call tries again with growing waits until it has an
 * answer (client/ask.h), for as long as its patience lasts. All of it may be repeated: asking gives
 * the same request, a download goes on where it was, and a submission of the same bytes is accepted
 * once and answered again.
 * INVARIANT: the participant's id stands in the addresses of requests and nowhere else: not in what
 * is told, not in errors.
 * Threads: one. */
#pragma once

#include "client/ask.h"
#include "client/prover_answer.h"

typedef struct Prover Prover;

/* `url`: the server's address, without a path or with the prefix under which it answers. `id` may
 * be "" for who only asks for what is public. "prover.id": ill-formed. */
Prover *prover_new(const char *url, const char *id, const ClientWorld *world, int64_t patience_s,
                   CvkErr *err) MUST_USE;
Prover *prover_free(Prover *p); /* NULL is fine; returns NULL */

/* False: no answer; or (CVK_EBACKEND "server.failed", "server.strange", and for a 404
 * "server.nothing") one that no patience turns
 * into an answer of an experiment. *ret is set when ret_answer->kind is PROVER_FINE. */
bool prover_next(Prover *p, ProverTask *ret, ProverAnswer *ret_answer, CvkErr *err) MUST_USE;

/* The bytes at `path` to `file`, which is read and written, and may hold the beginning. Compared
 * with their length, and with a sha256 that the server gives as ETag; what does not fit is fetched
 * once more ("batch.digest"). At most LIMIT_BATCH. */
bool prover_fetch(Prover *p, const char *path, FILE *file, CvkProgress receiving,
                  CvkErr *err) MUST_USE;

/* The address of a path, for programs that fetch it themselves. The caller frees. */
char *prover_address(const Prover *p, const char *path, CvkErr *err) MUST_USE;

/* A 200 whose text is not the protocol's is nobody's yes: "server.strange". */
bool prover_submit(Prover *p, const char *body, size_t n, CvkProgress sending,
                   ProverAnswer *ret_answer, CvkErr *err) MUST_USE;

/* The same for a body that says that there is no proof, and why. */
bool prover_declare_failure(Prover *p, const char *body, size_t n, ProverAnswer *ret_answer,
                            CvkErr *err) MUST_USE;
