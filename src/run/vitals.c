#include "run/vitals.h"

#include "base/clock.h"
#include "run/journal.h"
#include "run/node_private.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

const char *health_text(Health h) {
    switch (h) {
    case HEALTH_OK:
        break;
    case HEALTH_TIME:
        return "the server does not keep time";
    case HEALTH_DISK:
        return "the disk has no room for a contribution";
    case HEALTH_JOURNAL:
        return "the journal takes no entries";
    }
    return "";
}

/* False: the system does not say. */
static bool disk_free(const Node *n, uint64_t *ret) {
    struct statvfs disk;
    if (statvfs(n->dir, &disk) != 0)
        return false;
    *ret = (uint64_t)disk.f_bavail * disk.f_frsize;
    return true;
}

Health node_health(Node *n) {
    uint64_t left = 0; /* gcc -O1 does not see that it is set */
    if (run_clock_stands(n->clock))
        return HEALTH_TIME;
    for (size_t i = 0; i < n->n_ceremonies; i++)
        if (atomic_load(&n->ceremonies[i]->append_fails))
            return HEALTH_JOURNAL;
    return disk_free(n, &left) && left < LIMIT_BODY ? HEALTH_DISK : HEALTH_OK;
}

/* ---- the journal ---- */

void journal_note_append(Ceremony *c, const CvkErr *err) {
    bool ours = err != NULL && (err->code == CVK_EBACKEND || err->code == CVK_EINTERNAL);
    if (err == NULL || ours)
        atomic_store(&c->append_fails, ours);
}

/* Writes the head that is there already. Held: writer. */
static bool probe(Ceremony *c, CvkErr *err) {
    StoreHead head = {.seq = c->seq};
    memcpy(head.hash, c->head, sizeof head.hash);
    cvk_merkle_root(&c->tree, head.root);
    if (!store_begin(c->store, err))
        return false;
    if (store_head_put(c->store, c->id, &head, err) && store_commit(c->store, err))
        return true;
    store_rollback(c->store);
    return false;
}

void journal_probe(Ceremony *c) {
    int64_t now_ms = cvk_monotonic_ms();
    CvkErr ignored; /* it was told when it failed first */
    if (!atomic_load(&c->append_fails) || now_ms - c->probed_ms < JOURNAL_PROBE_MS)
        return;
    c->probed_ms = now_ms;
    if (probe(c, &ignored))
        journal_note_append(c, NULL);
}

/* ---- numbers ---- */

const int64_t verify_bounds_ms[VERIFY_BOUNDS] = {10,   30,   100,   200,   500,   1000,
                                                 2000, 5000, 10000, 20000, 60000, 300000};

static void add_time(VerifyTimes *t, int64_t ms) {
    size_t i = 0;
    while (i < VERIFY_BOUNDS && ms > verify_bounds_ms[i])
        i++;
    t->n[i]++;
    t->sum_ms += ms;
}

void verify_note(Ceremony *c, int64_t ms) {
    pthread_mutex_lock(&c->published);
    add_time(&c->verify, ms);
    pthread_mutex_unlock(&c->published);
}

void experiment_note_verdict(Experiment *e, const VerifyAnswer *a) {
    pthread_mutex_lock(&e->published);
    add_time(&e->vitals.verify, a->us / 1000);
    e->vitals.verdicts[a->verdict]++;
    pthread_mutex_unlock(&e->published);
}

void experiment_vitals(Experiment *e, ExperimentVitals *ret) {
    pthread_mutex_lock(&e->published);
    *ret = e->vitals;
    pthread_mutex_unlock(&e->published);
}

void ceremony_vitals(Ceremony *c, CeremonyVitals *ret) {
    pthread_mutex_lock(&c->published);
    ret->verify = c->verify;
    ret->parked = c->parked.n;
    ret->sessions = sessions_live(c->sessions);
    pthread_mutex_unlock(&c->published);
    ret->head_entries = kept_head_entries(&c->kept_head);
}

static uint64_t file_size(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

void node_vitals(Node *n, NodeVitals *ret) {
    char wal[LIMIT_PATH + 8];
    snprintf(wal, sizeof wal, "%s-wal", n->store_path);
    *ret = (NodeVitals){.database = file_size(n->store_path),
                        .wal = file_size(wal),
                        .jobs = cvk_pool_waiting(n->pool)};
    (void)disk_free(n, &ret->disk_free);
}
