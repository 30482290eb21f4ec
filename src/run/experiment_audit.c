#include "run/experiment_audit.h"

#include "base/alloc.h"
#include "base/merkle.h"
#include "base/sha256.h"
#include "run/experiment_private.h"
#include "run/experiment_rules.h"

#include <stdio.h>
#include <string.h>

/* The newest digest of a row that may be written again. */
typedef struct {
    uint32_t participant; /* 0: a public file */
    char name[MARKET_NAME_MAX + 1];
    uint8_t row[32];
} Named;

/* The newest digest of each row of a table, by its number. */
typedef struct {
    uint8_t (*row)[32];
    size_t n, cap;
} Newest;

typedef struct {
    Store *s;
    int64_t id;
    const char *name;
    uint8_t definition[32];
    const JournalHead *heads;
    size_t n_heads;
    MarketState *state;
    CvkMerkle tree;
    Newest people, batches;
    Named *named;
    size_t n_named, named_cap;
    const MarketEntry *entry; /* the one whose row is looked at */
    ExperimentAudit told;
    uint64_t rows; /* of the table that is walked */
} Audit;

static bool changed(CvkErr *err, const char *what, uint64_t number) {
    return cvk_fail(err, CVK_EBACKEND, "market.changed",
                    "%s %llu is not what the journal says: restore the database from a backup",
                    what, (unsigned long long)number);
}

/* ---- rows, as the journal's entry was written with them ---- */

static bool same_submission(void *ctx, const StoreSubmission *x, CvkErr *err) {
    const Audit *a = ctx;
    uint8_t row[32];
    store_submission_digest(x, row);
    return memcmp(row, a->entry->row, sizeof row) == 0 ||
           changed(err, "the submission of request", x->request);
}

static bool same_attempt(void *ctx, const StoreAttempt *x, CvkErr *err) {
    const Audit *a = ctx;
    uint8_t row[32];
    store_attempt_digest(x, row);
    return memcmp(row, a->entry->row, sizeof row) == 0 || changed(err, "attempt", x->id);
}

static bool see_request(Audit *a, uint64_t request, CvkErr *err) {
    StoreRequest r;
    uint8_t row[32];
    bool found;
    if (!store_request_get(a->s, a->id, request, &r, &found, err))
        return false;
    store_request_digest(&r, row);
    return (found && memcmp(row, a->entry->row, sizeof row) == 0) ||
           changed(err, "request", request);
}

static bool see_attempt(Audit *a, uint64_t number, CvkErr *err) {
    bool found;
    return store_attempt_get(a->s, a->id, number, same_attempt, a, &found, err) &&
           ((found && number == ++a->told.attempts) || changed(err, "attempt", number));
}

/* `what` number n was added, or is another now. */
static bool note_row(Newest *of, const char *what, uint32_t n, bool added, const uint8_t row[32],
                     CvkErr *err) {
    if (added && n == of->n + 1) {
        if (!cvk_grow(&of->row, of->n, &of->cap, sizeof *of->row, err))
            return false;
        of->n++;
    }
    if (n == 0 || n > of->n)
        return changed(err, what, n);
    memcpy(of->row[n - 1], row, sizeof of->row[n - 1]);
    return true;
}

static bool is_newest(const Newest *of, uint32_t n, const uint8_t row[32]) {
    return n != 0 && n <= of->n && memcmp(of->row[n - 1], row, sizeof of->row[n - 1]) == 0;
}

static Named *find_named(const Audit *a, uint32_t participant, const char *name) {
    for (size_t i = 0; i < a->n_named; i++)
        if (a->named[i].participant == participant && strcmp(a->named[i].name, name) == 0)
            return &a->named[i];
    return NULL;
}

static bool note_named(Audit *a, const MarketEntry *entry, CvkErr *err) {
    Named *at = find_named(a, entry->change.participant, entry->name);
    if (at == NULL) {
        if (!cvk_grow(&a->named, a->n_named, &a->named_cap, sizeof *a->named, err))
            return false;
        at = &a->named[a->n_named++];
        at->participant = entry->change.participant;
        snprintf(at->name, sizeof at->name, "%s", entry->name);
    }
    memcpy(at->row, entry->row, sizeof at->row);
    return true;
}

/* ---- entries ---- */

static bool see_opened(const Audit *a, uint64_t seq, const MarketEntry *entry, CvkErr *err) {
    return (seq == 1 && strcmp(entry->name, a->name) == 0 &&
            memcmp(entry->definition, a->definition, sizeof a->definition) == 0) ||
           cvk_fail(err, CVK_EBACKEND, "journal.definition",
                    "the definition is not the one that was registered");
}

static bool see_row(Audit *a, uint64_t seq, const MarketEntry *entry, CvkErr *err) {
    const MarketChange *c = &entry->change;
    bool found = true;
    switch (entry->type) {
    case ENTRY_OPENED:
        return see_opened(a, seq, entry, err);
    case ENTRY_PARTICIPANT_ADDED:
    case ENTRY_PARTICIPANT_ROTATED:
    case ENTRY_PARTICIPANT_DESCRIBED:
        return note_row(&a->people, "participant", c->participant,
                        entry->type == ENTRY_PARTICIPANT_ADDED, entry->row, err);
    case ENTRY_BATCH_ADDED:
    case ENTRY_BATCH_DESCRIBED:
        return note_row(&a->batches, "batch", c->batch, entry->type == ENTRY_BATCH_ADDED,
                        entry->row, err);
    case ENTRY_REQUEST_ISSUED:
        return see_request(a, c->request, err);
    case ENTRY_PROOF_ACCEPTED:
        a->told.submissions++;
        return store_submission_get(a->s, a->id, c->request, same_submission, a, &found, err) &&
               (found || changed(err, "the submission of request", c->request));
    case ENTRY_ATTEMPT:
        return see_attempt(a, entry->attempt, err);
    case ENTRY_DEPLOYMENT_SET:
    case ENTRY_FILE_PUBLISHED:
        return note_named(a, entry, err);
    case ENTRY_PARTICIPANT_ALLOWED:
    case ENTRY_BATCH_RETIRED:
    case ENTRY_REQUEST_CLOSED:
    case ENTRY_REQUEST_REOPENED:
    case ENTRIES_N:
        break;
    }
    return true;
}

static bool has_heads(const Audit *a, CvkErr *err) {
    for (size_t i = 0; i < a->n_heads; i++)
        if (!journal_has_head(&a->heads[i], &a->tree, err))
            return false;
    return true;
}

static bool reaches_heads(const Audit *a, CvkErr *err) {
    for (size_t i = 0; i < a->n_heads; i++)
        if (!journal_reaches(&a->heads[i], a->told.entries, err))
            return false;
    return true;
}

static bool see_entry(void *ctx, const StoreEntry *line, CvkErr *err) {
    Audit *a = ctx;
    MarketEntry entry;
    MarketChange c;
    uint8_t leaf[MERKLE_HASH];
    if (!market_entry_read(line->json, line->n, &entry, err))
        return cvk_fail_prefix(err, "entry %llu", (unsigned long long)line->seq);
    a->entry = &entry;
    if (!see_row(a, line->seq, &entry, err) ||
        (market_entry_changes(&entry, &c) && !market_apply(a->state, &c, err)))
        return cvk_fail_prefix(err, "entry %llu", (unsigned long long)line->seq);
    cvk_merkle_leaf(line->json, line->n, leaf);
    cvk_merkle_add(&a->tree, leaf);
    a->told.entries = line->seq;
    memcpy(a->told.hash, line->hash, sizeof a->told.hash);
    return has_heads(a, err);
}

/* ---- tables, as the entries leave them ---- */

static bool end_participant(void *ctx, const StoreParticipant *p, CvkErr *err) {
    Audit *a = ctx;
    uint8_t row[32];
    store_participant_digest(p, row);
    return (p->id == ++a->rows && is_newest(&a->people, p->id, row) &&
            p->allowed == market_allowed(a->state, p->id)) ||
           changed(err, "participant", p->id);
}

static bool end_batch(void *ctx, const StoreBatch *b, CvkErr *err) {
    Audit *a = ctx;
    uint8_t row[32];
    store_batch_digest(b, row);
    return (b->id == ++a->rows && is_newest(&a->batches, b->id, row) &&
            b->retired != market_handed_out(a->state, b->id)) ||
           changed(err, "batch", b->id);
}

static bool end_request(void *ctx, const StoreRequest *r, CvkErr *err) {
    Audit *a = ctx;
    MarketRequest m;
    bool same = r->id == ++a->rows && market_request(a->state, r->id, &m) &&
                r->state == (uint32_t)m.state && r->since_ms == m.since_ms &&
                r->closed_ms == m.closed_ms && market_has_body(a->state, r->id, r->body);
    return same || changed(err, "request", r->id);
}

static bool end_named(Audit *a, uint32_t participant, const char *name, const uint8_t row[32],
                      CvkErr *err) {
    const Named *at = find_named(a, participant, name);
    a->rows++;
    return (at != NULL && memcmp(at->row, row, 32) == 0) ||
           cvk_fail(err, CVK_EBACKEND, "market.changed", "'%.60s' is not what the journal says",
                    name);
}

static bool end_deployment(void *ctx, const StoreDeployment *d, CvkErr *err) {
    uint8_t row[32];
    store_deployment_digest(d, row);
    return end_named(ctx, d->participant, d->deployment, row, err);
}

static bool end_public(void *ctx, const StorePublicFile *f, CvkErr *err) {
    uint8_t row[32];
    store_public_digest(f, row);
    return end_named(ctx, 0, f->name, row, err);
}

static bool has_rows(const Audit *a, uint64_t n, const char *what, CvkErr *err) {
    return a->rows == n ||
           cvk_fail(err, CVK_EBACKEND, "market.changed",
                    "there are %llu %s, and in the journal %llu: restore the database from a "
                    "backup",
                    (unsigned long long)a->rows, what, (unsigned long long)n);
}

static bool compare_tables(Audit *a, CvkErr *err) {
    MarketCounts counts;
    uint64_t submissions, attempts;
    market_counts(a->state, &counts);
    a->told.participants = counts.participants;
    a->told.batches = counts.batches;
    a->told.requests = counts.requests;
    if (!store_participant_each(a->s, a->id, 1, end_participant, a, err) ||
        !has_rows(a, counts.participants, "participants", err))
        return false;
    a->rows = 0;
    if (!store_batch_each(a->s, a->id, 1, end_batch, a, err) ||
        !has_rows(a, counts.batches, "batches", err))
        return false;
    a->rows = 0;
    if (!store_request_each(a->s, a->id, 1, end_request, a, err) ||
        !has_rows(a, counts.requests, "requests", err))
        return false;
    a->rows = 0;
    if (!store_deployment_each(a->s, a->id, end_deployment, a, err) ||
        !store_public_each(a->s, a->id, end_public, a, err) ||
        !has_rows(a, a->n_named, "deployments and public files", err) ||
        !store_market_count(a->s, a->id, &submissions, &attempts, err))
        return false;
    a->rows = submissions;
    if (!has_rows(a, a->told.submissions, "submissions", err))
        return false;
    a->rows = attempts;
    return has_rows(a, a->told.attempts, "attempts", err);
}

/* ---- all, of one moment ---- */

static bool audit(Audit *a, CvkErr *err) {
    StoreHead head;
    bool found;
    if (!store_head_get(a->s, a->id, &head, &found, err) ||
        !store_journal_each(a->s, a->id, 1, see_entry, a, err))
        return false;
    cvk_merkle_root(&a->tree, a->told.root);
    if (!found || head.seq != a->told.entries || memcmp(head.root, a->told.root, 32) != 0)
        return cvk_fail(err, CVK_EBACKEND, "journal.short",
                        "the journal has %llu entries, which are not those of its head: restore "
                        "the database from a backup",
                        (unsigned long long)a->told.entries);
    return reaches_heads(a, err) && compare_tables(a, err);
}

bool experiment_audit_rows(Store *s, const StoreCeremony *c, const JournalHead *heads,
                           size_t n_heads, ExperimentAudit *ret, CvkErr *err) {
    Audit a = {.s = s, .id = c->id, .name = c->name, .heads = heads, .n_heads = n_heads};
    MarketRules rules;
    char name[64];
    cvk_sha256(c->definition, strlen(c->definition), a.definition);
    if (!experiment_rules_read(c->definition, name, &rules, err))
        return false;
    a.state = market_new(&rules, err);
    bool ok = a.state != NULL && store_begin_read(s, err);
    if (ok) {
        ok = audit(&a, err);
        store_rollback(s);
    }
    market_free(a.state);
    free(a.people.row);
    free(a.batches.row);
    free(a.named);
    if (ok)
        *ret = a.told;
    return ok;
}
