/* What people do to a simulated server, and what it has on record. */
#include "base/sha256.h"
#include "engine/event_json.h"
#include "sim/sim_disk.h"
#include "sim/sim_kind.h"
#include "sim/sim_server_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- steps ---- */

void sim_session(SimServer *s, const char *identity, Session *ret) {
    char id[AUTH_SESSION_TEXT];
    auth_session_id(s->auth, s->c->id, identity, 0, id);
    auth_session_hash(id, ret->hash);
    snprintf(ret->identity, sizeof ret->identity, "%s", identity);
    ret->ended = engine_is_out(s->c->state, identity);
}

static bool read_challenge(const CeremonyFile *f, uint64_t *ret_state, CvkErr *err) {
    char bytes[SIM_RESPONSE_MAX];
    ssize_t n = pread(f->fd, bytes, sizeof bytes, 0);
    return (n >= 0 && (uint64_t)n == f->size && sim_kind_challenge(bytes, (size_t)n, ret_state)) ||
           cvk_fail(err, CVK_EINTERNAL, "sim.challenge", "that is no challenge");
}

bool sim_check_in(SimServer *s, const Session *who, Refusal *ret_refusal, uint64_t *ret_lease,
                  uint64_t *ret_state, CvkErr *err) {
    CeremonyFile file = {.fd = -1};
    if (!ceremony_check_in(s->c, who, ret_refusal, ret_lease, &file, err))
        return false;
    if (file.fd < 0)
        return true;
    bool ok = read_challenge(&file, ret_state, err);
    close(file.fd);
    return ok;
}

void sim_challenge_sent(SimServer *s, uint64_t lease) {
    ceremony_challenge_sent(s->c, lease);
}

bool sim_abort(SimServer *s, const Session *who, Refusal *ret_refusal, CvkErr *err) {
    return ceremony_abort(s->c, who, ret_refusal, err);
}

/* ---- uploads ---- */

static SimSlot *slot_of(SimServer *s, uint64_t number, CvkErr *err) {
    for (size_t i = 0; i < SIM_UPLOADS; i++)
        if (number != 0 && s->slots[i].number == number)
            return &s->slots[i];
    cvk_fail(err, CVK_ECONFLICT, "sim.gone", "this upload has ended");
    return NULL;
}

bool sim_upload_begin(SimServer *s, const Session *who, uint64_t *ret_upload, CvkErr *err) {
    size_t i = 0;
    while (i < SIM_UPLOADS && s->slots[i].number != 0)
        i++;
    if (i == SIM_UPLOADS)
        return cvk_fail(err, CVK_ELIMIT, "sim.uploads", "too many uploads at once");
    if (!upload_begin(s->c, who, 0, &s->slots[i].upload, err))
        return false;
    s->slots[i].number = *ret_upload = ++s->n_uploads;
    return true;
}

bool sim_upload_write(SimServer *s, uint64_t upload, const void *data, size_t n, CvkErr *err) {
    SimSlot *slot = slot_of(s, upload, err);
    return slot != NULL && upload_write(slot->upload, data, n, err);
}

bool sim_upload_whole(SimServer *s, uint64_t upload, CvkErr *err) {
    SimSlot *slot = slot_of(s, upload, err);
    if (slot == NULL)
        return false;
    upload_whole(slot->upload);
    return true;
}

bool sim_upload_store(SimServer *s, uint64_t upload, bool *ret_judge, Submit *ret, CvkErr *err) {
    SimSlot *slot = slot_of(s, upload, err);
    if (slot == NULL)
        return false;
    if (!upload_store(slot->upload, ret, err))
        return false;
    *ret_judge = ret->result == SUBMIT_STORED;
    return true;
}

bool sim_upload_judge(SimServer *s, uint64_t upload, Submit *ret, CvkErr *err) {
    SimSlot *slot = slot_of(s, upload, err);
    return slot != NULL && upload_judge(slot->upload, ret, err);
}

void sim_upload_end(SimServer *s, uint64_t upload) {
    CvkErr ignored;
    SimSlot *slot = slot_of(s, upload, &ignored);
    if (slot == NULL)
        return;
    upload_free(slot->upload);
    *slot = (SimSlot){0};
}

/* ---- what is on record ---- */

typedef struct {
    bool (*fn)(void *ctx, const SimEntry *e);
    void *ctx;
    bool stopped;
} Look;

static bool show_entry(void *ctx, const StoreEntry *e, CvkErr *err) {
    (void)err;
    Look *l = ctx;
    SimEntry entry = {.seq = e->seq, .json = e->json, .open = e->part};
    l->stopped = !l->fn(l->ctx, &entry);
    return !l->stopped;
}

bool sim_journal_each(SimServer *s, uint64_t from, bool (*fn)(void *ctx, const SimEntry *e),
                      void *ctx, CvkErr *err) {
    Look l = {.fn = fn, .ctx = ctx};
    sim_disk_unseen(true);
    bool ok = store_journal_each(s->looks, s->c->id, from, show_entry, &l, err);
    sim_disk_unseen(false);
    return ok || l.stopped;
}

uint64_t sim_journal_length(SimServer *s) {
    return s->c->seq;
}

void sim_state_hash(SimServer *s, uint8_t ret[32]) {
    engine_state_hash(s->c->state, ret);
}

static bool fold(void *ctx, const StoreEntry *entry, CvkErr *err) {
    EngineState *state = ctx;
    Event e;
    if (!event_read(entry->json, entry->n, &e, err) || !engine_admits(state, &e, err) ||
        !engine_reserve(state, 1, err))
        return false;
    engine_apply(state, &e);
    return true;
}

bool sim_replay_hash(SimServer *s, uint8_t ret[32], CvkErr *err) {
    EngineState *state = engine_state_new(err);
    if (state == NULL)
        return false;
    sim_disk_unseen(true);
    bool ok = store_journal_each(s->looks, s->c->id, 1, fold, state, err);
    sim_disk_unseen(false);
    if (ok)
        engine_state_hash(state, ret);
    engine_state_free(state);
    return ok;
}

bool sim_has_response(SimServer *s, const uint8_t hash[32]) {
    char path[LIMIT_PATH], bytes[SIM_RESPONSE_MAX + 1];
    uint8_t got[32];
    blob_path(s->dir, hash, path, sizeof path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    close(fd);
    if (n < 0)
        return false;
    cvk_sha256(bytes, (size_t)n, got);
    return memcmp(got, hash, sizeof got) == 0;
}
