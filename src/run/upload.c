/* A response on its way: from the first byte to the receipt. An upload is safe before it is judged:
 * the bytes are a durable blob and ResponseStored is in the journal before any mathematics begins.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/sha256.h"
#include "format/receipt.h"
#include "run/ceremony_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct Upload {
    Ceremony *c;
    Session session;
    uint64_t lease; /* 0: a repeated upload */
    BlobWriter *blob;
    bool begun; /* the first byte has come */
};

void submit_done(Submit *s) {
    free(s->receipt);
    s->receipt = NULL;
}

/* ---- who may ---- */

/* The lease of this session's holder, 0 if it holds none. Held: published. */
static uint64_t lease_of(const Ceremony *c, const Session *s, EngineView *view) {
    engine_view(c->state, view);
    bool holder = view->lease.number != 0 && strcmp(view->lease.identity, s->identity) == 0;
    return holder ? view->lease.number : 0;
}

static bool was_accepted(const Ceremony *c, const Session *s) {
    size_t n = c->n_recent < RECENT_MAX ? c->n_recent : RECENT_MAX;
    for (size_t i = 0; i < n; i++)
        if (memcmp(c->recent[i], s->hash, sizeof s->hash) == 0)
            return true;
    return false;
}

bool ceremony_may_upload(Ceremony *c, const Session *s) {
    EngineView view;
    pthread_mutex_lock(&c->published);
    bool may = lease_of(c, s, &view) != 0 || was_accepted(c, s);
    pthread_mutex_unlock(&c->published);
    return may;
}

bool upload_begin(Ceremony *c, const Session *s, Upload **ret, CvkErr *err) {
    Upload *u = cvk_alloc(1, sizeof *u, err);
    if (u == NULL)
        return false;
    *u = (Upload){.c = c, .session = *s};
    EngineView view;
    pthread_mutex_lock(&c->published);
    u->lease = lease_of(c, s, &view);
    bool may = u->lease != 0 || was_accepted(c, s);
    pthread_mutex_unlock(&c->published);
    if (!may)
        cvk_fail(err, CVK_ECONFLICT, "turn.not_yours", "not your turn to participate");
    else
        u->blob = blob_writer_new(c->host.dir, LIMIT_BODY, err);
    if (u->blob == NULL) {
        upload_free(u);
        return false;
    }
    *ret = u;
    return true;
}

Upload *upload_free(Upload *u) {
    if (u != NULL)
        blob_writer_free(u->blob);
    free(u);
    return NULL;
}

/* The first byte stops the clock of computing. A refusal (the lease has ended, or is beyond) is
 * found again at the end. */
static bool note_begin(Upload *u, CvkErr *err) {
    u->begun = true;
    if (u->lease == 0)
        return true;
    Command command = {.type = COMMAND_REACH, .lease = u->lease, .phase = PHASE_UPLOADING};
    Events events;
    Refusal refusal;
    return ceremony_execute(u->c, &command, NULL, &events, &refusal, err);
}

bool upload_write(Upload *u, const void *data, size_t n, CvkErr *err) {
    return (u->begun || note_begin(u, err)) && blob_write(u->blob, data, n, err);
}

/* ---- a repeated upload ---- */

static bool take_receipt(void *ctx, const StoreContribution *k, CvkErr *err) {
    Submit *ret = ctx;
    ret->receipt = cvk_strdup(k->receipt, err);
    snprintf(ret->signature, sizeof ret->signature, "%s", k->receipt_signature);
    return ret->receipt != NULL;
}

/* The receipt of what this session uploaded before, if these are the same bytes. */
static bool repeat(Upload *u, const uint8_t hash[32], Submit *ret, CvkErr *err) {
    Ceremony *c = u->c;
    bool found;
    pthread_mutex_lock(&c->reader_lock);
    bool ok = store_contribution_of(c->reader, c->id, u->session.hash, hash, take_receipt, ret,
                                    &found, err);
    pthread_mutex_unlock(&c->reader_lock);
    if (ok)
        ret->result = found ? SUBMIT_ACCEPTED : SUBMIT_NOT_YOURS;
    return ok;
}

/* ---- judging ---- */

typedef struct {
    Ceremony *c;
    StoreContribution row;
    const KindResult *result;
    void *response;
} Acceptance;

static bool journal_acceptance(void *ctx, Store *store, uint64_t seq, const Event *e, CvkErr *err) {
    Acceptance *a = ctx;
    if (e->type != EVENT_CONTRIBUTION_ACCEPTED)
        return true;
    a->row.seq = seq;
    assert(a->row.index == e->u.accepted.index);
    if (!store_contribution_add(store, a->c->id, &a->row, err))
        return false;
    const KindResult *r = a->result;
    for (size_t i = 0; i < r->n_keys; i++)
        if (!store_key_add(store, a->c->id, r->keys.data + i * r->key_size, r->key_size, err))
            return false;
    return true;
}

/* Under the writer lock: nobody can be granted the slot before the kind knows the new state. */
static void adopt_acceptance(void *ctx) {
    Acceptance *a = ctx;
    CvkErr err;
    bool ok = a->c->kind->adopt(a->c->self, a->row.record, a->row.record_n, &err);
    assert(ok); /* its own record, just written */
    (void)ok;
}

static bool key_seen(void *ctx, const void *key, size_t n) {
    Ceremony *c = ctx;
    bool seen = false;
    CvkErr err;
    pthread_mutex_lock(&c->reader_lock);
    bool ok = store_key_seen(c->reader, c->id, key, n, &seen, &err);
    pthread_mutex_unlock(&c->reader_lock);
    if (!ok)
        cvk_log_err(LOG_WARN, "key.lookup_failed", &err); /* the table's uniqueness still holds */
    return seen;
}

/* What a receipt says beyond the kind's own members. */
static void put_receipt_members(JsonWriter *w, void *ctx) {
    const Acceptance *a = ctx;
    char time[CVK_TIME_TEXT];
    cvk_time_format(a->c->host.now_ms(), time);
    json_put_key(w, "ceremony");
    json_put_str(w, a->c->name);
    json_put_key(w, "index");
    json_put_uint(w, a->row.index);
    json_put_key(w, "response");
    json_put_hex(w, a->row.response, sizeof a->row.response);
    json_put_key(w, "time");
    json_put_str(w, time);
}

static bool sign_receipt(const Ceremony *c, const CvkBuf *receipt, char ret[131], CvkErr *err) {
    uint8_t signature[ETH_SIGNATURE_BYTES];
    if (!kzg_receipt_sign(receipt->data, c->host.key, signature, err))
        return false;
    cvk_hex_encode(signature, sizeof signature, ret);
    return true;
}

static bool put_verdict(Ceremony *c, const Command *command, const Also *also, Submit *ret,
                        CvkErr *err) {
    Events events;
    Refusal refusal;
    if (!ceremony_execute(c, command, also, &events, &refusal, err))
        return false;
    if (refusal != REFUSAL_NONE)
        ret->result = SUBMIT_NOT_YOURS;
    return true;
}

static bool refuse(Ceremony *c, uint64_t lease, Submit *ret, CvkErr *err) {
    Command command = {
        .type = COMMAND_VERDICT, .lease = lease, .valid = false, .reason = ret->code};
    return put_verdict(c, &command, NULL, ret, err);
}

/* Makes the next challenge before somebody waits for it. */
static void prepare_challenge(Ceremony *c) {
    CeremonyFile file;
    CvkErr err;
    if (ceremony_challenge(c, &file, &err))
        close(file.fd);
    else
        cvk_log_err(LOG_WARN, "challenge.not_made", &err); /* the next to ask makes it */
}

static bool accept_response(Ceremony *c, uint64_t lease, Acceptance *a, CvkBuf *receipt,
                            Submit *ret, CvkErr *err) {
    uint8_t record_hash[32];
    cvk_sha256(a->row.record, a->row.record_n, record_hash);
    if (!c->kind->receipt(a->response, a->row.identity, put_receipt_members, a, receipt, err) ||
        !sign_receipt(c, receipt, ret->signature, err))
        return false;
    a->row.receipt = receipt->data;
    a->row.receipt_signature = ret->signature;
    Command command = {.type = COMMAND_VERDICT, .lease = lease, .valid = true, .hash = record_hash};
    Also also = {.journal = journal_acceptance, .applied = adopt_acceptance, .ctx = a};
    if (!put_verdict(c, &command, &also, ret, err))
        return false;
    if (ret->result == SUBMIT_ACCEPTED) {
        ret->receipt = cvk_buf_take(receipt);
        prepare_challenge(c);
    }
    return true;
}

bool ceremony_judge(Ceremony *c, uint64_t lease, const char *identity, void *response,
                    const uint8_t hash[32], Submit *ret, CvkErr *err) {
    KindResult result;
    kind_result_init(&result);
    Acceptance a = {.c = c, .result = &result, .response = response};
    CvkBuf receipt = CVK_BUF(LIMIT_RECORD);
    bool ok =
        c->kind->judge(c->self, response, identity, key_seen, c, c->host.pool, ret, &result, err);
    if (ok && ret->result == SUBMIT_REFUSED) {
        ok = refuse(c, lease, ret, err);
    } else if (ok) {
        Newest newest;
        ceremony_newest(c, &newest);
        char session_id[AUTH_SESSION_TEXT];
        auth_session_id(c->host.auth, c->id, identity, session_id);
        auth_session_hash(session_id, a.row.session);
        a.row.index = newest.index + 1;
        snprintf(a.row.identity, sizeof a.row.identity, "%s", identity);
        memcpy(a.row.response, hash, 32);
        a.row.record = (const uint8_t *)result.record.data;
        a.row.record_n = result.record.n;
        ok = accept_response(c, lease, &a, &receipt, ret, err);
    }
    cvk_buf_done(&receipt);
    kind_result_done(&result);
    return ok;
}

/* ---- the whole body has come ---- */

/* Of several uploads under a lease (an answer was lost, or somebody plays) one at a time is judged,
 * and the first that is stored decides. Waits for its turn; false: the lease has ended. */
static bool claim_judging(Upload *u) {
    Ceremony *c = u->c;
    EngineView view;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LIMIT_UPLOAD_MS / 1000;
    bool live = u->lease != 0;
    pthread_mutex_lock(&c->published);
    while (live && (live = lease_of(c, &u->session, &view) == u->lease) && c->judging == u->lease)
        live = pthread_cond_timedwait(&c->settled, &c->published, &until) == 0;
    if (live)
        c->judging = u->lease;
    pthread_mutex_unlock(&c->published);
    return live;
}

static void end_judging(Upload *u) {
    Ceremony *c = u->c;
    pthread_mutex_lock(&c->published);
    if (c->judging == u->lease)
        c->judging = 0;
    pthread_cond_broadcast(&c->settled);
    pthread_mutex_unlock(&c->published);
}

/* Has the lease stored these very bytes, but their verdict could not be put on record (such as on a
 * full disk)? */
static bool is_stored(Upload *u, const uint8_t hash[32]) {
    EngineView view;
    pthread_mutex_lock(&u->c->published);
    bool same = lease_of(u->c, &u->session, &view) == u->lease &&
                view.lease.phase == PHASE_VERIFYING && memcmp(view.lease.response, hash, 32) == 0;
    pthread_mutex_unlock(&u->c->published);
    return same;
}

/* Durable blob, then ResponseStored. */
static bool store_response(Upload *u, const uint8_t hash[32], Submit *ret, CvkErr *err) {
    Command command = {.type = COMMAND_STORE, .lease = u->lease, .hash = hash};
    Events events;
    Refusal refusal;
    if (!blob_keep(u->blob, err) || !ceremony_execute(u->c, &command, NULL, &events, &refusal, err))
        return false;
    ret->result = refusal == REFUSAL_NONE ? SUBMIT_ACCEPTED : SUBMIT_NOT_YOURS;
    return true;
}

static bool judge_upload(Upload *u, int fd, const uint8_t hash[32], Submit *ret, CvkErr *err) {
    Ceremony *c = u->c;
    void *response = NULL;
    if (!c->kind->parse(c->self, fd, &response, ret, err))
        return false;
    if (response == NULL)
        return true;
    ret->result = SUBMIT_ACCEPTED;
    bool ok = is_stored(u, hash) || store_response(u, hash, ret, err);
    if (ok && ret->result == SUBMIT_ACCEPTED)
        ok = ceremony_judge(c, u->lease, u->session.identity, response, hash, ret, err);
    c->kind->response_free(response);
    return ok;
}

bool upload_finish(Upload *u, Submit *ret, CvkErr *err) {
    *ret = (Submit){.result = SUBMIT_NOT_YOURS};
    uint8_t hash[32];
    int fd;
    if (!blob_seal(u->blob, hash, &fd, err))
        return false;
    bool claimed = claim_judging(u);
    bool ok = repeat(u, hash, ret, err);
    if (ok && claimed && ret->result != SUBMIT_ACCEPTED)
        ok = judge_upload(u, fd, hash, ret, err);
    if (claimed)
        end_judging(u);
    return ok;
}

bool ceremony_recover(Ceremony *c, CvkErr *err) {
    EngineView view;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &view);
    pthread_mutex_unlock(&c->published);
    if (view.lease.number == 0 || view.lease.phase != PHASE_VERIFYING)
        return true;
    int fd;
    uint64_t size;
    void *response = NULL;
    Submit submit = {.result = SUBMIT_NOT_YOURS};
    if (!blob_open(c->host.dir, view.lease.response, &fd, &size, err))
        return false;
    bool ok = c->kind->parse(c->self, fd, &response, &submit, err);
    close(fd);
    if (ok && response == NULL)
        return cvk_fail(err, CVK_EBACKEND, "response.damaged",
                        "the stored response cannot be read: %.200s", submit.text);
    if (ok) {
        ok = ceremony_judge(c, view.lease.number, view.lease.identity, response,
                            view.lease.response, &submit, err);
        c->kind->response_free(response);
        submit_done(&submit);
    }
    return ok;
}
