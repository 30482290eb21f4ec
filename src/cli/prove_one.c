/* The steps of one proof: the request, its batch, the proof, the submission. */
#include "cli/progress.h"
#include "cli/prove.h"
#include "cli/say.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool fetch_batch(Proving *p, CvkErr *err) {
    if (p->by_address || prove_has(p, "batch.bin"))
        return true;
    FILE *file = prove_file(p, "batch.part", false, err);
    if (file == NULL)
        return false;
    Progress bar = progress_start("fetching the batch", true, false);
    bool ok = prover_fetch(p->prover, p->task.path, file, progress_to(&bar), err);
    progress_end(&bar);
    if (ok)
        return prove_file_done(p, file, "batch.part", "batch.bin", err);
    fclose(file);
    return false;
}

/* What the prover wrote to PM_META, if it did. What is wrong with it is told when it is read: the
 * proof is kept whatever it is. */
static bool keep_said(const Proving *p, CvkErr *err) {
    if (!prove_has(p, "said.part"))
        return true;
    FILE *file = prove_file(p, "said.part", false, err);
    return file != NULL && prove_file_done(p, file, "said.part", "said.json", err);
}

static bool keep_proof(const Proving *p, FILE *file, int64_t ms, CvkErr *err) {
    char text[32];
    int n = snprintf(text, sizeof text, "%" PRId64 "\n", ms);
    off_t size = fseeko(file, 0, SEEK_END) == 0 ? ftello(file) : 0;
    bool ok = true;
    if (size <= 0)
        ok = cvk_fail(err, CVK_EBACKEND, "prover.failed", "it wrote no proof to standard output");
    else if ((uintmax_t)size > LIMIT_OWN_PROOF)
        ok = cvk_fail(err, CVK_ELIMIT, "prover.failed", "its proof is over %u bytes",
                      LIMIT_OWN_PROOF);
    if (ok && keep_said(p, err) && prove_save(p, "measured.json", text, (size_t)n, err))
        return prove_file_done(p, file, "proof.part", "proof.bin", err);
    fclose(file);
    return false;
}

/* The environment is this process's own: one thread is left when it starts a program. */
static bool prepare_environment(const Proving *p, CvkErr *err) {
    char said[LIMIT_PATH], whole[LIMIT_PATH];
    if (!cvk_path(said, p->dir, "said.part", err))
        return false;
    unlink(said);
    if (said[0] != '/') { /* the prover may work elsewhere */
        char here[LIMIT_PATH];
        if (getcwd(here, sizeof here) == NULL)
            return cvk_fail_errno(err, "file.open", "where am I?");
        if (!cvk_path(whole, here, said, err))
            return false;
        memcpy(said, whole, sizeof said);
    }
    setenv("PM_META", said, 1); /* NOLINT(concurrency-mt-unsafe) */
    return true;
}

static bool make_proof(Proving *p, CvkErr *err) {
    int64_t ms = 0;
    char batch[LIMIT_PATH], request[24];
    snprintf(request, sizeof request, "%" PRIu64, p->task.request);
    setenv("PM_REQUEST", request, 1); /* NOLINT(concurrency-mt-unsafe): --cost-cmd's too */
    if (prove_has(p, "proof.bin")) {
        say_step("the proof of request %s was made before: the prover does not run again", request);
        return true;
    }
    if (!prepare_environment(p, err) || !cvk_path(batch, p->dir, "batch.bin", err))
        return false;
    char *address = p->by_address ? prover_address(p->prover, p->task.path, err) : NULL;
    FILE *file = p->by_address && address == NULL ? NULL : prove_file(p, "proof.part", true, err);
    bool ok = false;
    if (file != NULL)
        ok = prove_run(p->command, address != NULL ? address : batch, file, &ms, err) ||
             cvk_fail_prefix(err, "the prover");
    free(address);
    if (ok)
        return keep_proof(p, file, ms, err);
    if (file != NULL)
        fclose(file);
    return false;
}

static ExitCode status_of(ProverAnswerKind kind) {
    switch (kind) {
    case PROVER_FINE:
        return EXIT_DONE;
    case PROVER_STRANGER:
        return EXIT_STRANGER;
    case PROVER_FINISHED:
        return EXIT_FINISHED;
    case PROVER_INVALID:
    case PROVER_OVER:
    case PROVER_REFUSED:
        return EXIT_REFUSED;
    case PROVER_LATER:
    case PROVER_STRANGE:
        break;
    }
    return EXIT_SERVER;
}

static void take_answer(const ProverAnswer *a, ProveOutcome *o) {
    o->status = status_of(a->kind);
    o->over = a->kind == PROVER_OVER;
    memcpy(o->text, a->text, sizeof o->text);
}

static bool submit(Proving *p, const CvkBuf *body, ProveOutcome *o, CvkErr *err) {
    ProverAnswer answer;
    Progress bar = progress_start("handing in", true, false);
    bool ok = prover_submit(p->prover, cvk_buf_str(body), body->n, progress_to(&bar), &answer, err);
    progress_end(&bar);
    if (!ok)
        return false;
    take_answer(&answer, o);
    if (o->status == EXIT_DONE)
        prove_forget(p);
    else if (o->status == EXIT_REFUSED)
        prove_put_aside(p);
    return true;
}

/* What a process before this one was about to hand in, if there is such a thing. */
static bool submit_kept(Proving *p, ProveOutcome *o, bool *ret_done, CvkErr *err) {
    _cleanup_buf_ CvkBuf body = CVK_BUF(2 * (size_t)LIMIT_OWN_PROOF);
    *ret_done = p->has_request && prove_has(p, "submission.json");
    if (!*ret_done)
        return true;
    say_step("handing in what was proved before");
    return prove_load(p, "submission.json", &body, err) && prove_submission_read(&body, o, err) &&
           submit(p, &body, o, err);
}

static bool submit_new(Proving *p, ProveOutcome *o, CvkErr *err) {
    _cleanup_buf_ CvkBuf body = CVK_BUF(2 * (size_t)LIMIT_OWN_PROOF);
    if (!prove_submission(p, &body, o, err) ||
        !prove_save(p, "submission.json", body.data, body.n, err))
        return false;
    if (o->price < o->cost)
        say_step("note: the price is below the cost");
    return submit(p, &body, o, err);
}

/* The operator may know that it could not be proved, and why; the request stays open. Nothing
 * depends on it. */
static void declare_failure(Proving *p, const CvkErr *why) {
    _cleanup_buf_ CvkBuf body = CVK_BUF(2 * CVK_ERR_MSG_MAX + 64);
    JsonWriter w = JSON_WRITER(json_to_buf(&body), 0);
    ProverAnswer answer;
    CvkErr ignored;
    json_object_begin(&w);
    json_field_uint(&w, "request_id", p->task.request);
    json_field_str(&w, "error", why->msg);
    json_object_end(&w);
    if (json_finish(&w, &ignored) &&
        prover_declare_failure(p->prover, cvk_buf_str(&body), body.n, &answer, &ignored) &&
        answer.kind == PROVER_FINE)
        say_step("the operator was told that it failed");
}

static bool make_proof_or_tell(Proving *p, CvkErr *err) {
    if (make_proof(p, err))
        return true;
    if (strcmp(err->id, "prover.failed") == 0)
        declare_failure(p, err);
    return false;
}

bool prove_one(Proving *p, ProveOutcome *o, CvkErr *err) {
    ProverTask task;
    ProverAnswer answer;
    bool done;
    *o = (ProveOutcome){0};
    if (!submit_kept(p, o, &done, err) || done)
        return done;
    if (!prover_next(p->prover, &task, &answer, err))
        return false;
    if (answer.kind != PROVER_FINE) {
        take_answer(&answer, o);
        return true;
    }
    o->request = task.request;
    return prove_begin(p, &task, err) && fetch_batch(p, err) && make_proof_or_tell(p, err) &&
           submit_new(p, o, err);
}
