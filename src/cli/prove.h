/* One proof of a prover, step by step, and the directory in which its work survives:
 *
 *   lock               one process at a time works here
 *   request.json       which request is being worked on, of which server and id (as a hash)
 *   batch.part, .bin   the batch, while it comes and when it is whole
 *   proof.part, .bin   the proof, while it is made and when it is
 *   said.json          what the prover said of itself ($PM_META)
 *   measured.json      how long it took
 *   submission.json    what is handed in, byte for byte
 *   refused-N.*        a proof and its submission that were not taken, or came too late
 *
 * INVARIANT: what a later step needs is on disk, whole, before that step begins: proof.bin only
 * exists when measured.json and said.json are those of its making; nothing is handed in that is not
 * submission.json. So whoever is killed anywhere begins again at the step that was not finished.
 * The participant's id is in none of these files.
 * Threads: one, save the one that draws while a program runs. */
#pragma once

#include "base/buf.h"
#include "base/file.h"
#include "cli/options.h"
#include "client/prover.h"
#include "codec/json_write.h"

/* What a prover declares, as the options say it; NULL: they do not. */
typedef struct {
    const char *cost, *cost_command, *usd_per_hour;
    const char *price, *margin;
    const char *deployment, *acceleration;
} ProveTerms;

typedef struct {
    const char *dir;
    const char *command; /* of the prover; NULL: none (smoke) */
    bool by_address;     /* it is given the batch's address, not its file */
    ProveTerms terms;
    Prover *prover;
    uint8_t whose[32]; /* of which server and id the work here is */
    int lock;          /* -1: not held */
    bool has_request;
    ProverTask task; /* of request.json */
} Proving;

/* What became of a batch; for people and programs. */
typedef struct {
    ExitCode status;
    bool over; /* EXIT_REFUSED: because its request is */
    uint64_t request;
    int64_t proving_ms, cost, price; /* 0: not known */
    size_t proof_n;
    char text[PROVER_TEXT_MAX]; /* the server's words */
} ProveOutcome;

/* ---- prove_one.c ---- */

/* What was proved before is handed in; else the next request is proved from the step on that was
 * not finished. True: *o is what became of it, or why there is none. */
bool prove_one(Proving *p, ProveOutcome *o, CvkErr *err) MUST_USE;

/* ---- prove_files.c ---- */

/* Makes the directory, locks it ("dir.used"), reads request.json ("dir.other": it is another
 * server's or id's work). prove_close is needed whatever comes of it. */
bool prove_open(Proving *p, CvkErr *err) MUST_USE;
void prove_close(Proving *p);
bool prove_has(const Proving *p, const char *name);
bool prove_save(const Proving *p, const char *name, const void *data, size_t n,
                CvkErr *err) MUST_USE;
bool prove_load(const Proving *p, const char *name, CvkBuf *b, CvkErr *err) MUST_USE;
/* Opens NAME for reading and writing at its end, made if it is not there; fresh: emptied. */
FILE *prove_file(const Proving *p, const char *name, bool fresh, CvkErr *err) MUST_USE;
/* The file is whole: to the disk, then under its name. Closes it, whatever comes of it. */
bool prove_file_done(const Proving *p, FILE *file, const char *from, const char *to,
                     CvkErr *err) MUST_USE;
/* A new request takes the place of the old one; a proof that was not handed in is put aside. */
bool prove_begin(Proving *p, const ProverTask *task, CvkErr *err) MUST_USE;
/* The work is done (or nobody wants it): nothing of it is left. */
void prove_forget(Proving *p);
/* The same, but proof and submission stay as refused-N.*. */
void prove_put_aside(Proving *p);

/* ---- prove_run.c ---- */

/* Runs `command` in a shell with `arg` as its (last) argument (NULL: none) and standard output to
 * `out`; waits, and says how long it has been going. "prover.failed" if it does not end with 0. It
 * has a process group of its own, and this process a child that minds it: it ends the group when
 * this process ends, whatever ends that. Where the minder itself is killed, the group is ended
 * before "prover.failed" is told. As the minder is forked, one thread only may be there.
 * *ret_ms, at least 1, by a clock that nobody sets, from just before it starts until it has ended.
 */
bool prove_run(const char *command, const char *arg, FILE *out, int64_t *ret_ms,
               CvkErr *err) MUST_USE;

/* ---- prove_terms.c ---- */

/* Do the options make sense together? "usage.value" */
bool prove_terms_check(const ProveTerms *t, CvkErr *err) MUST_USE;
/* Before hours of proving: what the prover itself must say then, as the options do not. */
void prove_terms_say(const ProveTerms *t);
/* said.json, measured.json, proof.bin and the options make the submission: to *ret_body and
 * *ret_outcome's numbers. "usage.cost", "usage.price": nobody says; "prover.says": said.json is
 * not what it may be. */
bool prove_submission(const Proving *p, CvkBuf *ret_body, ProveOutcome *ret_outcome,
                      CvkErr *err) MUST_USE;
/* A key and an amount as a number of cents. */
void prove_put_cents(JsonWriter *w, const char *key, int64_t micro_cents);
/* The numbers of a submission that an earlier process made. */
bool prove_submission_read(const CvkBuf *body, ProveOutcome *ret_outcome, CvkErr *err) MUST_USE;
