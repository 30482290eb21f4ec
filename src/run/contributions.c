#include "run/contributions.h"

#include "base/hex.h"
#include "base/sha256.h"
#include "format/receipt.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RESTORE ": restore the database from a backup"

/* ---- whose receipts are issued ---- */

typedef struct {
    uint64_t upto; /* the last contribution of this term */
    uint8_t key[ENGINE_KEY_BYTES];
} Term;

bool signers_reserve(Signers *s, CvkErr *err) {
    s->past.item_size = sizeof(Term);
    s->past.max = LIMIT_MEMBERS;
    if (doc_list_add(&s->past, err) == NULL)
        return false;
    s->past.n--;
    return true;
}

void signers_note(Signers *s, const Event *e) {
    if (e->type == EVENT_CEREMONY_OPENED) {
        memcpy(s->key, e->u.opened.key, sizeof s->key);
    } else if (e->type == EVENT_CONTRIBUTION_ACCEPTED) {
        s->accepted++;
    } else if (e->type == EVENT_TAKEN_OVER) {
        Term *t = doc_list_add(&s->past, NULL);
        assert(t != NULL); /* there is room */
        t->upto = s->accepted;
        memcpy(t->key, s->key, sizeof t->key);
        memcpy(s->key, e->u.taken_over.key, sizeof s->key);
    }
}

void signers_done(Signers *s) {
    free(s->past.items);
    *s = (Signers){.accepted = 0};
}

static bool is_unknown(const uint8_t key[ENGINE_KEY_BYTES]) {
    static const uint8_t unknown[ENGINE_KEY_BYTES];
    return memcmp(key, unknown, sizeof unknown) == 0;
}

void signers_of(const Signers *s, uint64_t index, const uint8_t own[ENGINE_KEY_BYTES],
                ReceiptSigner *ret) {
    const Term *past = s->past.items;
    size_t i = 0;
    while (i < s->past.n && index > past[i].upto)
        i++;
    const uint8_t *key = i < s->past.n ? past[i].key : is_unknown(s->key) ? own : s->key;
    ret->known = !is_unknown(key);
    memcpy(ret->key, key, sizeof ret->key);
}

/* ---- receipts ---- */

/* Signed receipts are right in themselves: is it the one of this row? Older ones say less. */
static bool claims_match(const ReceiptClaims *claims, const char *ceremony,
                         const StoreContribution *k) {
    return (claims->ceremony[0] == '\0' || strcmp(claims->ceremony, ceremony) == 0) &&
           (!claims->has_index || claims->index == k->index) &&
           (!claims->has_response ||
            memcmp(claims->response, k->response, sizeof k->response) == 0) &&
           (!claims->has_journal || claims->journal.entry == k->seq);
}

static bool receipt_damaged(const StoreContribution *k, const char *why, CvkErr *err) {
    return cvk_fail(err, CVK_EBACKEND, "receipt.damaged",
                    "the receipt of contribution %" PRIu64 " %s" RESTORE, k->index, why);
}

bool receipt_check(const ReceiptSigner *signer, const char *ceremony, const StoreContribution *k,
                   CvkErr *err) {
    uint8_t signature[ETH_SIGNATURE_BYTES], by[ETH_ADDRESS_BYTES];
    ReceiptClaims claims;
    if (strlen(k->receipt_signature) != 2 * sizeof signature ||
        !cvk_hex_decode(k->receipt_signature, sizeof signature, signature) ||
        !kzg_receipt_signer(k->receipt, signature, by) ||
        (signer->known && memcmp(by, signer->key, sizeof by) != 0))
        return receipt_damaged(k, "was not signed by the server of its time", err);
    if (!receipt_claims_read(k->receipt, &claims, NULL) || !claims_match(&claims, ceremony, k))
        return receipt_damaged(k, "is another's", err);
    return true;
}

/* ---- acceptances ---- */

typedef struct {
    uint64_t seq, participant;
    uint8_t response[32], record[SHA256_BYTES];
} Accepted;

/* Version 1 names people where it grants. */
static uint64_t holder_of(const EngineState *s, const Event *e) {
    EnginePerson person;
    if (e->u.granted.participant != 0)
        return e->u.granted.participant;
    return engine_person(s, 0, e->u.granted.identity, &person) ? person.number : 0;
}

bool acceptances_note(Acceptances *a, const EngineState *s, uint64_t seq, const Event *e,
                      CvkErr *err) {
    if (e->type == EVENT_LEASE_GRANTED)
        a->holder = holder_of(s, e);
    if (e->type != EVENT_CONTRIBUTION_ACCEPTED)
        return true;
    a->list.item_size = sizeof(Accepted);
    a->list.max = LIMIT_CONTRIBUTIONS;
    Accepted *k = doc_list_add(&a->list, err);
    if (k == NULL)
        return false;
    *k = (Accepted){.seq = seq, .participant = a->holder};
    memcpy(k->response, e->u.accepted.response, sizeof k->response);
    memcpy(k->record, e->u.accepted.record, sizeof k->record);
    return true;
}

void acceptances_done(Acceptances *a) {
    free(a->list.items);
    *a = (Acceptances){.before = 0};
}

/* ---- rows ---- */

typedef struct {
    const Rows *r;
    const Acceptances *a;
    size_t at;
    bool (*take)(void *ctx, const StoreContribution *k, CvkErr *err);
    void *ctx;
} Comparing;

static bool is_in_their_name(const Rows *r, const Accepted *a, const StoreContribution *k) {
    EnginePerson person;
    return engine_person(r->state, a->participant, NULL, &person) &&
           strcmp(person.identity, k->identity) == 0;
}

static bool is_their_upload(const Rows *r, const StoreContribution *k) {
    uint8_t uploader[32];
    auth_uploader(r->auth, r->ceremony, k->identity, uploader);
    return memcmp(uploader, k->uploader, sizeof uploader) == 0;
}

/* What of the row is not as it was written; NULL: nothing. */
static const char *fault_of(const Rows *r, const Accepted *a, const StoreContribution *k) {
    uint8_t record[SHA256_BYTES];
    cvk_sha256(k->record, k->record_n, record);
    return k->seq != a->seq                                            ? "its entry"
           : memcmp(k->response, a->response, sizeof a->response) != 0 ? "its response"
           : memcmp(record, a->record, sizeof record) != 0             ? "its record"
           : !is_in_their_name(r, a, k)                                ? "its identity"
           : !is_their_upload(r, k)                                    ? "its session"
                                                                       : NULL;
}

/* Else the key could be used once more. (One that is there and was never used only refuses a key
 * that nobody draws.) */
static bool keys_are_used(const Rows *r, const StoreContribution *k, CvkErr *err) {
    KindResult result;
    kind_result_init(&result);
    bool seen = true, ok = cvk_buf_add(&result.record, k->record, k->record_n, err) &&
                           r->kind->keys(r->self, &result, err);
    for (size_t i = 0; ok && seen && i < result.n_keys; i++)
        ok = store_key_seen(r->store, r->ceremony, result.keys.data + i * result.key_size,
                            result.key_size, &seen, err);
    kind_result_done(&result);
    return ok && (seen || cvk_fail(err, CVK_EBACKEND, "key.lost",
                                   "a key of contribution %" PRIu64
                                   " is not among those that were used" RESTORE,
                                   k->index));
}

/* Beyond what was read of the journal there may be more, from a server that runs beside us. */
static bool passes_over(const Comparing *m, const StoreContribution *k, CvkErr *err) {
    uint8_t ignored[32];
    bool later = false;
    if (k->seq > m->r->seq &&
        !store_journal_at(m->r->store, m->r->ceremony, k->seq, ignored, &later, err))
        return false;
    return later || cvk_fail(err, CVK_EBACKEND, "contribution.damaged",
                             "contribution %" PRIu64 " is not in the journal" RESTORE, k->index);
}

static bool compare(void *ctx, const StoreContribution *k, CvkErr *err) {
    Comparing *m = ctx;
    const Accepted *list = m->a->list.items;
    if (m->at == m->a->list.n)
        return passes_over(m, k, err);
    if (k->index != m->a->before + m->at + 1)
        return cvk_fail(err, CVK_EBACKEND, "contribution.lost",
                        "contribution %" PRIu64 " is not in the store" RESTORE,
                        m->a->before + m->at + 1);
    const char *fault = fault_of(m->r, &list[m->at], k);
    if (fault != NULL)
        return cvk_fail(err, CVK_EBACKEND, "contribution.damaged",
                        "contribution %" PRIu64 ": %s is not as the journal has it" RESTORE,
                        k->index, fault);
    m->at++;
    return keys_are_used(m->r, k, err) && m->take(m->ctx, k, err);
}

bool rows_compare(const Rows *r, const Acceptances *a,
                  bool (*take)(void *ctx, const StoreContribution *k, CvkErr *err), void *ctx,
                  CvkErr *err) {
    Comparing m = {.r = r, .a = a, .take = take, .ctx = ctx};
    if (!store_contribution_each(r->store, r->ceremony, a->before + 1, compare, &m, err))
        return false;
    return m.at == a->list.n ||
           cvk_fail(err, CVK_EBACKEND, "contribution.lost",
                    "contribution %" PRIu64 " is not in the store" RESTORE, a->before + m.at + 1);
}
