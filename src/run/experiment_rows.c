/* Rows for exports and analyses. */
#include "run/experiment_private.h"

/* What every walk over a table does: a connection of its own. */
#define WITH_STORE(call)                                                                           \
    Store *s = NULL;                                                                               \
    bool ok = store_open(e->store_path, false, &s, err) && (call);                                 \
    store_close(s);                                                                                \
    return ok

bool experiment_each_participant(Experiment *e,
                                 bool (*fn)(void *ctx, const StoreParticipant *p, CvkErr *err),
                                 void *ctx, CvkErr *err) {
    WITH_STORE(store_participant_each(s, e->id, 1, fn, ctx, err));
}

bool experiment_each_batch(Experiment *e, bool (*fn)(void *ctx, const StoreBatch *b, CvkErr *err),
                           void *ctx, CvkErr *err) {
    WITH_STORE(store_batch_each(s, e->id, 1, fn, ctx, err));
}

bool experiment_each_request(Experiment *e,
                             bool (*fn)(void *ctx, const StoreRequest *r, CvkErr *err), void *ctx,
                             CvkErr *err) {
    WITH_STORE(store_request_each(s, e->id, 1, fn, ctx, err));
}

bool experiment_each_submission(Experiment *e,
                                bool (*fn)(void *ctx, const StoreSubmission *x, CvkErr *err),
                                void *ctx, CvkErr *err) {
    WITH_STORE(store_submission_each(s, e->id, 1, fn, ctx, err));
}

bool experiment_each_attempt(Experiment *e,
                             bool (*fn)(void *ctx, const StoreAttempt *a, CvkErr *err), void *ctx,
                             CvkErr *err) {
    WITH_STORE(store_attempt_each(s, e->id, 1, fn, ctx, err));
}

bool experiment_each_deployment(Experiment *e,
                                bool (*fn)(void *ctx, const StoreDeployment *d, CvkErr *err),
                                void *ctx, CvkErr *err) {
    WITH_STORE(store_deployment_each(s, e->id, fn, ctx, err));
}
