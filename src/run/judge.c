/* Judging a stored response: verification, verdict, receipt. One at a time judges the response of a
 * lease; a judgement that failed for the server's own faults, or was cut off, is made again. */
#include "base/clock.h"
#include "base/cond.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/sha256.h"
#include "format/receipt.h"
#include "run/journal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    Ceremony *c;
    StoreContribution row;
    const KindResult *result;
    void *response;
    int64_t accepted_ms;
    ReceiptJournal journal;
    CvkBuf receipt;
    char signature[131];
} Acceptance;

/* ---- who judges ---- */

/* The lease is the live one and waits for its verdict. Held: published. */
static bool is_verifying(const Ceremony *c, uint64_t lease) {
    EngineView view;
    engine_view(c->state, &view);
    return lease != 0 && view.lease.number == lease && view.lease.phase == PHASE_VERIFYING;
}

bool ceremony_is_unjudged(Ceremony *c) {
    EngineView view;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &view);
    bool unjudged = is_verifying(c, view.lease.number) && c->judging != view.lease.number;
    pthread_mutex_unlock(&c->published);
    return unjudged;
}

/* False: another does it, or there is nothing to judge any more. */
static bool take_over(Ceremony *c, uint64_t lease) {
    pthread_mutex_lock(&c->published);
    bool mine = is_verifying(c, lease) && c->judging != lease;
    if (mine)
        c->judging = lease;
    pthread_mutex_unlock(&c->published);
    return mine;
}

static void let_go(Ceremony *c, uint64_t lease) {
    pthread_mutex_lock(&c->published);
    if (c->judging == lease) /* else its time ran out, and the next lease's is judged */
        c->judging = 0;
    pthread_cond_broadcast(&c->settled);
    pthread_mutex_unlock(&c->published);
}

void ceremony_await_verdict(Ceremony *c, uint64_t lease) {
    int64_t end_ms = cvk_monotonic_ms() + LIMIT_UPLOAD_MS;
    pthread_mutex_lock(&c->published);
    while (is_verifying(c, lease) && c->judging == lease) {
        int64_t left_ms = end_ms - cvk_monotonic_ms();
        if (left_ms <= 0)
            break;
        cvk_cond_wait_ms(&c->settled, &c->published, left_ms);
    }
    pthread_mutex_unlock(&c->published);
}

/* ---- the verdict ---- */

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

/* What a receipt says beyond the kind's own members. */
static void put_receipt_members(JsonWriter *w, void *ctx) {
    const Acceptance *a = ctx;
    char time[CVK_TIME_TEXT];
    cvk_time_format(a->accepted_ms, time);
    json_put_key(w, "ceremony");
    json_put_str(w, a->c->name);
    json_put_key(w, "index");
    json_put_uint(w, a->row.index);
    json_put_key(w, "response");
    json_put_hex(w, a->row.response, sizeof a->row.response);
    json_put_key(w, "time");
    json_put_str(w, time);
    receipt_journal_write(w, &a->journal);
}

static bool sign_receipt(const Ceremony *c, const CvkBuf *receipt, char ret[131], CvkErr *err) {
    uint8_t signature[ETH_SIGNATURE_BYTES];
    if (!kzg_receipt_sign(receipt->data, c->host.key, signature, err))
        return false;
    cvk_hex_encode(signature, sizeof signature, ret);
    return true;
}

/* The receipt binds our signature to the journal up to this acceptance: so it can only be made when
 * its entry is. */
static bool make_receipt(Acceptance *a, const Appended *at, CvkErr *err) {
    ReceiptJournal *j = &a->journal;
    assert(at->n <= RECEIPT_EVENT_MAX);
    j->entry = at->seq;
    memcpy(j->event, at->json, at->n);
    j->event[at->n] = '\0';
    cvk_merkle_root(at->after, j->root);
    cvk_merkle_path_last(at->before, &j->path);
    a->accepted_ms = at->event->now_ms;
    cvk_buf_done(&a->receipt);
    if (!a->c->kind->receipt(a->response, a->row.identity, put_receipt_members, a, &a->receipt,
                             err) ||
        !sign_receipt(a->c, &a->receipt, a->signature, err))
        return false;
    a->row.receipt = a->receipt.data;
    a->row.receipt_signature = a->signature;
    return true;
}

static bool journal_acceptance(void *ctx, Store *store, const Appended *at, CvkErr *err) {
    Acceptance *a = ctx;
    if (at->event->type != EVENT_CONTRIBUTION_ACCEPTED)
        return true;
    a->row.seq = at->seq;
    assert(a->row.index == at->event->u.accepted.index);
    if (!make_receipt(a, at, err) || !store_contribution_add(store, a->c->id, &a->row, err))
        return false;
    const KindResult *r = a->result;
    for (size_t i = 0; i < r->n_keys; i++)
        if (!store_key_add(store, a->c->id, r->keys.data + i * r->key_size, r->key_size, err))
            return false;
    return true;
}

/* Under the writer lock: nobody can be granted the slot before the kind knows the new state. */
static void adopt_acceptance(void *ctx, const Event *e) {
    Acceptance *a = ctx;
    CvkErr err;
    if (e->type != EVENT_CONTRIBUTION_ACCEPTED)
        return;
    bool ok = a->c->kind->adopt(a->c->self, a->row.record, a->row.record_n, &err);
    assert(ok); /* its own record, just written */
    (void)ok;
}

/* Makes the next challenge before somebody can be given the slot: else they would wait for it, and
 * with them the thread that answers them. */
static void prepare_challenge(const Acceptance *a) {
    Newest coming = {.index = a->row.index};
    CvkErr err;
    memcpy(coming.response, a->row.response, sizeof coming.response);
    if (!ceremony_challenge_prepare(a->c, &coming, &err))
        cvk_log_err(LOG_WARN, "challenge.not_made", &err); /* the next to ask makes it */
}

static bool accept(Acceptance *a, uint64_t lease, Submit *ret, CvkErr *err) {
    Ceremony *c = a->c;
    uint8_t record_hash[32];
    cvk_sha256(a->row.record, a->row.record_n, record_hash);
    Command command = {.type = COMMAND_VERDICT, .lease = lease, .valid = true, .hash = record_hash};
    Also also = {.journal = journal_acceptance, .applied = adopt_acceptance, .ctx = a};
    prepare_challenge(a);
    if (!put_verdict(c, &command, &also, ret, err))
        return false;
    if (ret->result == SUBMIT_ACCEPTED) {
        unsigned patience_ms = KEPT_HEAD_PATIENCE_MS;
        kept_head_keep(&c->kept_head, a->journal.entry, a->journal.root, &patience_ms);
        ret->index = a->row.index;
        ceremony_signatures(c, a->row.record, a->row.record_n, ret->signatures);
        ret->receipt = cvk_buf_take(&a->receipt);
        memcpy(ret->signature, a->signature, sizeof ret->signature);
        ceremony_challenge_forms_soon(c);
    }
    return true;
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

/* What the record of this contribution will say, if it is accepted. */
static void fill_row(Acceptance *a, const char *identity, const uint8_t hash[32]) {
    Ceremony *c = a->c;
    Newest newest;
    ceremony_newest(c, &newest);
    auth_uploader(c->host.auth, c->id, identity, a->row.uploader);
    a->row.index = newest.index + 1;
    snprintf(a->row.identity, sizeof a->row.identity, "%s", identity);
    memcpy(a->row.response, hash, 32);
    a->row.record = (const uint8_t *)a->result->record.data;
    a->row.record_n = a->result->record.n;
}

bool ceremony_judge(Ceremony *c, uint64_t lease, const char *identity, void *response,
                    const uint8_t hash[32], Submit *ret, CvkErr *err) {
    ret->result = SUBMIT_NOT_YOURS;
    if (!take_over(c, lease)) {
        ceremony_await_verdict(c, lease);
        return true;
    }
    KindResult result;
    kind_result_init(&result);
    Acceptance a = {
        .c = c, .result = &result, .response = response, .receipt = CVK_BUF(LIMIT_RECORD)};
    int64_t from_ms = cvk_monotonic_ms();
    bool ok =
        c->kind->judge(c->self, response, identity, key_seen, c, c->host.pool, ret, &result, err);
    verify_note(c, cvk_monotonic_ms() - from_ms);
    if (ok && ret->result == SUBMIT_REFUSED) {
        ok = refuse(c, lease, ret, err);
    } else if (ok) {
        fill_row(&a, identity, hash);
        ok = accept(&a, lease, ret, err);
    }
    let_go(c, lease);
    cvk_buf_done(&a.receipt);
    kind_result_done(&result);
    return ok;
}

bool ceremony_recover(Ceremony *c, CvkErr *err) {
    EngineView view;
    if (!ceremony_is_unjudged(c))
        return true;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &view);
    pthread_mutex_unlock(&c->published);
    int fd;
    void *response = NULL;
    Submit submit = {.result = SUBMIT_NOT_YOURS};
    /* A damaged one must not be held against whoever sent it. */
    if (!blob_open_checked(c->host.dir, view.lease.response, &fd, err))
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
