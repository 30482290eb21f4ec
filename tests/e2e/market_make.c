/* A directory with a prover market, for test_market_http.py: batches whose proof is their sha256.
 *
 *     market_make DIR [set KEY=VALUE | id ID[:GROUP] | batch FILE | example BATCH PROOF]...
 *
 * DIR is a directory of 'convoke init'; participants have the given ids and are labelled by them.
 */
#include "run/experiment.h"
#include "run/verify_process.h"

#include "market/verifier.h"

#include <stdio.h>
#include <string.h>

#define SETTINGS_MAX 16

static int fail(const CvkErr *err) {
    fprintf(stderr, "market_make: %s: %s\n", err->id, err->msg);
    return 1;
}

static bool add_batch(Experiment *e, const char *path, CvkErr *err) {
    size_t added;
    const char *slash = strrchr(path, '/');
    BatchSource b = {.name = slash != NULL ? slash + 1 : path, .path = path, .verifier = "sha256"};
    return experiment_batches_add(e, &b, 1, &added, err);
}

static bool add_participant(Experiment *e, const char *word, CvkErr *err) {
    char id[LIMIT_PROVER_ID + 1], new_id[LIMIT_PROVER_ID + 1];
    uint32_t participant;
    size_t n = strcspn(word, ":");
    snprintf(id, sizeof id, "%.*s", (int)n, word);
    return experiment_participant_add(e, id, word[n] == ':' ? word + n + 1 : NULL,
                                      &(ParticipantWords){.label = id}, new_id, &participant, err);
}

/* One word and what belongs to it; *ret_took: how many arguments that were. */
static bool fill(Experiment *e, char *const *words, int *ret_took, CvkErr *err) {
    *ret_took = strcmp(words[0], "example") == 0 ? 3 : 2;
    if (strcmp(words[0], "id") == 0)
        return add_participant(e, words[1], err);
    if (strcmp(words[0], "batch") == 0)
        return add_batch(e, words[1], err);
    if (strcmp(words[0], "example") == 0)
        return experiment_examples(e, words[1], words[2], err);
    return true;
}

static bool fill_all(Node *n, int argc, char *const *argv, CvkErr *err) {
    const char *settings[SETTINGS_MAX + 2] = {"dev=true"};
    size_t n_settings = 1;
    Experiment *e;
    int took = 0;
    for (int i = 2; i + 1 < argc && n_settings <= SETTINGS_MAX; i++)
        if (strcmp(argv[i], "set") == 0)
            settings[n_settings++] = argv[i + 1];
    if (!node_experiment_new(n, "tiny", settings, err) || !node_experiment(n, "tiny", &e, err))
        return false;
    for (int i = 2; i + 1 < argc; i += took)
        if (!fill(e, argv + i, &took, err))
            return false;
    return true;
}

int main(int argc, char **argv) {
    Node *n;
    CvkErr err;
    if (verify_process_asked(argc, argv))
        return verify_process_serve(verifier_find);
    if (argc < 2)
        return 2;
    if (!node_open(argv[1], (NodeOptions){.threads = 1}, &n, &err))
        return fail(&err);
    bool ok = fill_all(n, argc, argv, &err);
    node_close(n);
    return ok ? 0 : fail(&err);
}
