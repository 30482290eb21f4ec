/* The worker: opens a verifier, judges one proof, and says so on a pipe. */
#include "base/alloc.h"
#include "base/sha256.h"
#include "base/words.h"
#include "market/verifier.h"
#include "run/verify_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NAMED_MAX 16 /* verifiers in an error */

static void set_error(VerifyAnswer *a, const char *why) {
    a->verdict = PROOF_ERROR;
    snprintf(a->why, sizeof a->why, "%.*s", VERIFIER_WHY_MAX - 1, why);
}

static void set_no_such(VerifyAnswer *a) {
    const char *names[NAMED_MAX] = {"exec"};
    char all[CVK_WORDS_TEXT], why[CVK_WORDS_TEXT + 40];
    size_t n = 1;
    for (size_t i = 0; n < NAMED_MAX && verifier_at(i) != NULL; i++)
        if (!verifier_at(i)->dev_only)
            names[n++] = verifier_at(i)->name;
    snprintf(why, sizeof why, "there is no such verifier: it is one of %s",
             cvk_words(names, n, all));
    set_error(a, why);
}

static void set_canonical(const Verifier *v, void *handle, const uint8_t *proof, size_t n,
                          VerifyAnswer *a) {
    if (v->canonical == NULL)
        cvk_sha256(proof, n, a->canonical);
    else if (!v->canonical(handle, proof, n, a->canonical))
        set_error(a, "the verifier cannot say which proof this is");
}

const uint8_t *verify_map_proof(const VerifyTask *t, VerifyAnswer *a) {
    static const uint8_t nothing[1];
    const uint8_t *proof = nothing;
    if (t->head.proof_n > 0)
        proof = mmap(NULL, (size_t)t->head.proof_n, PROT_READ, MAP_PRIVATE, t->proof_fd, 0);
    if (proof != MAP_FAILED)
        return proof;
    set_error(a, "the proof cannot be read");
    return NULL;
}

static void verify(const Verifier *v, void *handle, const VerifyTask *t, VerifyAnswer *a) {
    const uint8_t *proof = verify_map_proof(t, a);
    size_t n = (size_t)t->head.proof_n;
    if (proof == NULL)
        return;
    a->verdict = v->verify(handle, &t->batch, proof, n, a->why);
    if (a->verdict == PROOF_VALID)
        set_canonical(v, handle, proof, n, a);
}

static void open_and_verify(const Verifier *v, const VerifyTask *t, VerifyAnswer *a) {
    CvkErr err;
    void *handle = NULL;
    if (v->open != NULL && !v->open(t->params, &handle, &err)) {
        set_error(a, err.msg);
        return;
    }
    if (!t->head.check)
        verify(v, handle, t, a);
    else if (v->check != NULL && !v->check(handle, &t->batch, &err))
        set_error(a, err.msg);
    if (v->close != NULL)
        v->close(handle);
}

_Noreturn void verify_work(const VerifyTask *t, VerifierFind find, int result) {
    VerifyAnswer answer = {.verdict = PROOF_VALID};
    const Verifier *v = find(t->verifier);
    if (v == NULL || v->abi != VERIFIER_ABI)
        set_no_such(&answer);
    else if (v->dev_only && !t->head.dev)
        set_error(&answer, "is for tests: only an experiment of 'convoke market new --dev' has it");
    else
        open_and_verify(v, t, &answer);
    bool told = write(result, &answer, sizeof answer) == (ssize_t)sizeof answer;
    _exit(told ? EXIT_SUCCESS : EXIT_FAILURE);
}
