/* A response on its way: from the first byte to the receipt. An upload is safe before it is judged:
 * the bytes are a durable blob and ResponseStored is in the journal before any mathematics begins.
 */
#include "base/alloc.h"
#include "base/sha256.h"
#include "run/ceremony_private.h"

#include <stdio.h>
#include <string.h>

struct Upload {
    Ceremony *c;
    Session session;
    uint64_t lease;         /* 0: a repeated upload, of which only the hash is needed */
    BlobWriter *blob;       /* NULL with lease 0 */
    CvkSha256 *sum;         /* NULL with a lease */
    uint64_t contributions; /* when the blob was kept */
    uint64_t size;          /* that will come, at most */
    bool begun;             /* the first byte has come */
    int64_t received_ms;    /* the last byte came; 0: not yet */
    bool waits;             /* whole, neither stored nor given up: its lease does not run out */
    uint8_t hash[32];       /* of the whole */
    void *response;         /* NULL: not well-formed, or not looked at yet */
};

void submit_done(Submit *s) {
    free(s->receipt);
    s->receipt = NULL;
}

/* ---- who may ---- */

static bool was_accepted(const Ceremony *c, const Session *s) {
    uint8_t uploader[32];
    auth_uploader(c->host.auth, c->id, s->identity, uploader);
    size_t n = c->n_recent < RECENT_MAX ? c->n_recent : RECENT_MAX;
    for (size_t i = 0; i < n; i++)
        if (memcmp(c->recent[i], uploader, sizeof uploader) == 0)
            return true;
    return false;
}

bool ceremony_has_turn(Ceremony *c, const Session *s) {
    EngineView view;
    pthread_mutex_lock(&c->published);
    bool has = ceremony_lease_of(c, s->identity, &view) != 0;
    pthread_mutex_unlock(&c->published);
    return has;
}

bool ceremony_may_upload(Ceremony *c, const Session *s) {
    EngineView view;
    pthread_mutex_lock(&c->published);
    bool may = ceremony_lease_of(c, s->identity, &view) != 0 || was_accepted(c, s);
    pthread_mutex_unlock(&c->published);
    return may;
}

/* Counts the upload under its lease. Held: published. */
static bool take_place(Upload *u, CvkErr *err) {
    Ceremony *c = u->c;
    if (c->uploads_of != u->lease) {
        c->uploads_of = u->lease;
        c->uploads = 0;
    }
    if (c->uploads == LIMIT_UPLOADS)
        return cvk_fail(err, CVK_ELIMIT, "upload.many", "%d uploads are under way already",
                        LIMIT_UPLOADS);
    c->uploads++;
    return true;
}

/* Which lease it is for, if any. */
static bool enter(Upload *u, CvkErr *err) {
    EngineView view;
    pthread_mutex_lock(&u->c->published);
    uint64_t lease = ceremony_lease_of(u->c, u->session.identity, &view);
    bool may = lease != 0 || was_accepted(u->c, &u->session);
    bool ok = may;
    if (lease != 0) {
        u->lease = lease;
        ok = take_place(u, err);
        if (!ok)
            u->lease = 0; /* it has no place to give back */
    }
    pthread_mutex_unlock(&u->c->published);
    return ok ||
           (!may && cvk_fail(err, CVK_ECONFLICT, "turn.not_yours", "not your turn to participate"));
}

bool upload_begin(Ceremony *c, const Session *s, uint64_t size, Upload **ret, CvkErr *err) {
    Upload *u = cvk_alloc(1, sizeof *u, err);
    if (u == NULL)
        return false;
    *u =
        (Upload){.c = c, .session = *s, .size = size != 0 && size < LIMIT_BODY ? size : LIMIT_BODY};
    bool ok = enter(u, err);
    if (ok && u->lease != 0)
        ok = (u->blob = blob_writer_new(c->host.dir, LIMIT_BODY, err)) != NULL;
    else if (ok)
        ok = (u->sum = cvk_sha256_new(err)) != NULL;
    if (!ok) {
        upload_free(u);
        return false;
    }
    *ret = u;
    return true;
}

static void leave(const Upload *u) {
    pthread_mutex_lock(&u->c->published);
    if (u->c->uploads_of == u->lease)
        u->c->uploads--;
    pthread_mutex_unlock(&u->c->published);
}

/* The whole response is stored, or came to nothing. */
static void note_settled(Upload *u) {
    if (!u->waits)
        return;
    u->waits = false;
    pthread_mutex_lock(&u->c->published);
    presence_whole(u->c->presence, u->lease, false, u->received_ms);
    pthread_mutex_unlock(&u->c->published);
}

Upload *upload_free(Upload *u) {
    if (u == NULL)
        return NULL;
    note_settled(u);
    if (u->lease != 0)
        leave(u);
    if (u->response != NULL)
        u->c->kind->response_free(u->response);
    blob_writer_free(u->blob);
    cvk_sha256_free(u->sum);
    free(u);
    return NULL;
}

/* The first byte stops the clock of computing. A refusal (the lease has ended, or is beyond) is
 * found again at the end. */
static bool note_begin(Upload *u, CvkErr *err) {
    u->begun = true;
    Command command = {
        .type = COMMAND_REACH, .lease = u->lease, .phase = PHASE_UPLOADING, .size = u->size};
    Events events;
    Refusal refusal;
    return ceremony_execute(u->c, &command, NULL, &events, &refusal, err);
}

static void note_bytes(const Upload *u, size_t n) {
    pthread_mutex_lock(&u->c->published);
    presence_received(u->c->presence, u->lease, n, run_clock_now(u->c->host.clock));
    pthread_mutex_unlock(&u->c->published);
}

bool upload_write(Upload *u, const void *data, size_t n, CvkErr *err) {
    if (u->lease == 0) {
        cvk_sha256_add(u->sum, data, n); /* nothing is kept: who sends much gains nothing */
        return true;
    }
    if (!u->begun && !note_begin(u, err))
        return false;
    note_bytes(u, n);
    return blob_write(u->blob, data, n, err);
}

/* ---- a repeated upload ---- */

/* The receipt of what they uploaded before: of these bytes, or (NULL) the newest. */
static bool issued_before(Ceremony *c, const char *identity, const uint8_t *hash, Submit *ret,
                          CvkErr *err) {
    uint8_t uploader[32];
    Issued issued = {.c = c};
    bool found;
    auth_uploader(c->host.auth, c->id, identity, uploader);
    pthread_mutex_lock(&c->reader_lock);
    bool ok =
        store_contribution_of(c->reader, c->id, uploader, hash, issued_copy, &issued, &found, err);
    pthread_mutex_unlock(&c->reader_lock);
    if (ok && found) {
        ret->index = issued.row.index;
        memcpy(ret->signatures, issued.signatures, sizeof ret->signatures);
        ok = issued_take(c, &issued, &ret->receipt, ret->signature, err);
    }
    if (ok)
        ret->result = found ? SUBMIT_ACCEPTED : SUBMIT_NOT_YOURS;
    return ok;
}

static bool repeat(const Upload *u, Submit *ret, CvkErr *err) {
    return issued_before(u->c, u->session.identity, u->hash, ret, err);
}

bool ceremony_own_receipt(Ceremony *c, const Session *s, Submit *ret, CvkErr *err) {
    *ret = (Submit){.result = SUBMIT_NOT_YOURS};
    return issued_before(c, s->identity, NULL, ret, err);
}

/* ---- the whole body has come ---- */

/* What may still become of an upload? */
typedef enum {
    STAGE_OVER,   /* nothing: the lease has ended, or another response was stored under it */
    STAGE_OPEN,   /* it can be stored */
    STAGE_STORED, /* these bytes are stored, and wait for their verdict */
} Stage;

static Stage stage_of(const Upload *u) {
    EngineView view;
    pthread_mutex_lock(&u->c->published);
    bool live = u->lease != 0 && ceremony_lease_of(u->c, u->session.identity, &view) == u->lease;
    pthread_mutex_unlock(&u->c->published);
    if (!live)
        return STAGE_OVER;
    if (view.lease.phase != PHASE_VERIFYING)
        return STAGE_OPEN;
    return memcmp(view.lease.response, u->hash, 32) == 0 ? STAGE_STORED : STAGE_OVER;
}

/* The response was not accepted: unless others rely on the same bytes, they go. (Whether some were
 * accepted meanwhile is not looked up: then they stay.) */
static void take_back(const Upload *u) {
    EngineView view;
    pthread_mutex_lock(&u->c->blobs);
    pthread_mutex_lock(&u->c->published);
    engine_view(u->c->state, &view);
    pthread_mutex_unlock(&u->c->published);
    bool waits = view.lease.number != 0 && memcmp(view.lease.response, u->hash, 32) == 0;
    if (!waits && view.contributions == u->contributions)
        blob_take_back(u->blob);
    pthread_mutex_unlock(&u->c->blobs);
}

/* Durable blob, then ResponseStored. Held: blobs. */
static bool keep_and_store(Upload *u, Refusal *ret, CvkErr *err) {
    Command command = {
        .type = COMMAND_STORE, .lease = u->lease, .hash = u->hash, .received_ms = u->received_ms};
    Events events;
    CeremonyStatus status;
    ceremony_status(u->c, &status);
    u->contributions = status.view.contributions;
    return blob_keep(u->blob, err) && ceremony_execute(u->c, &command, NULL, &events, ret, err);
}

/* SUBMIT_STORED: it is, by now or before. Of several uploads under a lease the first that comes
 * here is judged. */
static bool store_response(Upload *u, Submit *ret, CvkErr *err) {
    Refusal refusal = REFUSAL_NOT_HOLDER;
    bool ok = true;
    pthread_mutex_lock(&u->c->blobs);
    Stage stage = stage_of(u);
    if (stage == STAGE_OPEN)
        ok = keep_and_store(u, &refusal, err);
    pthread_mutex_unlock(&u->c->blobs);
    if (!ok)
        return false;
    bool stored = stage == STAGE_STORED || refusal == REFUSAL_NONE;
    ret->result = stored ? SUBMIT_STORED : SUBMIT_NOT_YOURS;
    return true;
}

/* It came to nothing; unless another was faster with the same bytes, and has judged them. */
static bool give_up(const Upload *u, Submit *ret, CvkErr *err) {
    take_back(u);
    return ret->result != SUBMIT_NOT_YOURS || repeat(u, ret, err);
}

void upload_whole(Upload *u) {
    if (u->received_ms != 0)
        return;
    pthread_mutex_lock(&u->c->published); /* so that nobody decides between the time and its note */
    u->received_ms = run_clock_now(u->c->host.clock);
    if (u->lease != 0)
        presence_whole(u->c->presence, u->lease, true, u->received_ms);
    pthread_mutex_unlock(&u->c->published);
    u->waits = u->lease != 0;
}

/* Whose is it, and is it a response? */
static bool store_whole(Upload *u, Submit *ret, CvkErr *err) {
    Ceremony *c = u->c;
    if (u->blob == NULL) {
        cvk_sha256_finish(u->sum, u->hash);
        return repeat(u, ret, err);
    }
    int fd;
    if (!blob_seal(u->blob, u->hash, &fd, err))
        return false;
    if (stage_of(u) == STAGE_STORED) /* the first answer was lost: take that verdict */
        ceremony_await_verdict(c, u->lease);
    if (!repeat(u, ret, err))
        return false;
    if (ret->result == SUBMIT_ACCEPTED || stage_of(u) == STAGE_OVER)
        return true;
    if (!c->kind->parse(c->self, fd, &u->response, ret, err))
        return false;
    if (u->response == NULL)
        return true;
    return store_response(u, ret, err) && (ret->result == SUBMIT_STORED || give_up(u, ret, err));
}

bool upload_store(Upload *u, Submit *ret, CvkErr *err) {
    *ret = (Submit){.result = SUBMIT_NOT_YOURS};
    upload_whole(u);
    bool ok = store_whole(u, ret, err);
    note_settled(u);
    return ok;
}

bool upload_judge(Upload *u, Submit *ret, CvkErr *err) {
    return ceremony_judge(u->c, u->lease, u->session.identity, u->response, u->hash, ret, err) &&
           (ret->result == SUBMIT_ACCEPTED || give_up(u, ret, err));
}

bool upload_finish(Upload *u, Submit *ret, CvkErr *err) {
    return upload_store(u, ret, err) && (ret->result != SUBMIT_STORED || upload_judge(u, ret, err));
}
