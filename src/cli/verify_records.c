/* The journal and the receipts of an export, each alone and against the transcript. */
#include "algebra/eth_key.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "cli/say.h"
#include "cli/verify.h"
#include "engine/event_json.h"
#include "format/doc.h"
#include "format/journal_lines.h"
#include "format/receipt.h"
#include "setup/kzg_record.h"

#include <string.h>

/* ---- the journal ---- */

typedef struct {
    Verification *v;
    const RecordsExpected *x;
    const char *shown;
    EngineState *state;
    uint64_t line;
    uint8_t hash[SHA256_BYTES];
} Journal;

/* What the transcript keeps of contribution `entry`, as the journal hashes it. */
static bool record_hash(const KzgTranscriptWire *t, size_t entry, uint8_t ret[SHA256_BYTES]) {
    _cleanup_buf_ CvkBuf record = CVK_BUF(LIMIT_RECORD);
    CvkErr ignored;
    if (!kzg_record_of_entry(t, entry, &record, &ignored))
        return false;
    cvk_sha256(record.data, record.n, ret);
    return true;
}

static bool fail_line(const Journal *j, CvkErr *err, const char *id, const char *what) {
    return cvk_fail(err, CVK_EBADREQ, id, "line %llu: %s", (unsigned long long)j->line, what);
}

/* Contributions that the transcript has, too, are the same in both. */
static bool check_accepted(const Journal *j, const Event *e, CvkErr *err) {
    const KzgTranscriptWire *t = j->v->transcript;
    uint64_t entry = e->u.accepted.index;
    uint8_t record[SHA256_BYTES];
    if (t == NULL || entry >= t->n_ids)
        return true;
    EngineView view;
    engine_view(j->state, &view);
    if (view.lease.identity[0] != '\0' && strcmp(t->ids[entry], view.lease.identity) != 0)
        return fail_line(j, err, "journal.identity",
                         "the transcript has this contribution in another name");
    if (!record_hash(t, entry, record) || memcmp(record, e->u.accepted.record, sizeof record) != 0)
        return fail_line(j, err, "journal.record",
                         "the transcript's contribution is not the one accepted here");
    return true;
}

static bool check_meaning(Journal *j, const Event *e, CvkErr *err) {
    if (e->type == EVENT_CEREMONY_OPENED && j->x->known &&
        memcmp(e->u.opened.definition, j->x->definition, SHA256_BYTES) != 0)
        return fail_line(j, err, "journal.definition", "definition.json is not what was opened");
    return e->type != EVENT_CONTRIBUTION_ACCEPTED || check_accepted(j, e, err);
}

static bool check_line(void *ctx, uint64_t number, char *text, size_t n, CvkErr *err) {
    Journal *j = ctx;
    uint8_t expected[SHA256_BYTES];
    JournalLine line;
    Event e;
    j->line = number;
    if (!journal_line_read(text, n, number, &line, err))
        return false;
    if (line.event_n > EVENT_JSON_MAX)
        return fail_line(j, err, "journal.line", "its event is too long");
    event_chain(j->hash, line.event, line.event_n, expected);
    if (memcmp(line.hash, expected, sizeof expected) != 0)
        return fail_line(j, err, "journal.chain", "its hash does not continue the chain");
    memcpy(j->hash, line.hash, sizeof j->hash);
    if (!event_read(line.event, line.event_n, &e, err) || !engine_admits(j->state, &e, err))
        return cvk_fail_prefix(err, "line %llu", (unsigned long long)number);
    if (!check_meaning(j, &e, err) || !engine_reserve(j->state, 1, err))
        return false;
    engine_apply(j->state, &e);
    return true;
}

static bool check_end(const Journal *j, const EngineView *view, CvkErr *err) {
    const RecordsExpected *x = j->x;
    if (!x->known)
        return true;
    if (j->line != x->entries || memcmp(j->hash, x->head, sizeof j->hash) != 0)
        return cvk_fail(err, CVK_EBADREQ, "journal.end",
                        "it ends at line %llu, not where the manifest says (%llu)",
                        (unsigned long long)j->line, (unsigned long long)x->entries);
    bool as_many = x->finalized ? view->contributions == x->contributions
                                : view->contributions >= x->contributions; /* it went on */
    if (!as_many || view->finalized != x->finalized)
        return cvk_fail(err, CVK_EBADREQ, "journal.state",
                        "it leads to another state than the manifest says");
    return true;
}

void verify_journal(Verification *v, FILE *f, const char *shown, const RecordsExpected *x) {
    Journal j = {.v = v, .x = x, .shown = shown};
    EngineView view;
    CvkErr err;
    j.state = engine_state_new(&err);
    bool ok = j.state != NULL && lines_each(f, check_line, &j, &err);
    if (ok) {
        engine_view(j.state, &view);
        ok = check_end(&j, &view, &err);
    }
    char count[48];
    if (ok)
        verify_tell_text(v, shown, "journal", OUTCOME_VALID, "valid",
                         "%s: the chain of hashes, every step possible, %llu accepted",
                         say_count(j.line, "event", count, sizeof count),
                         (unsigned long long)view.contributions);
    else
        verify_tell_error(v, shown, "journal", &err);
    engine_state_free(j.state);
}

/* ---- the receipts ---- */

typedef struct {
    Verification *v;
    const RecordsExpected *x;
    const char *shown;
    size_t n, faults;
    char text[LIMIT_JSON_STRING + 1];
    uint8_t signature[ETH_SIGNATURE_BYTES];
} Receipts;

static bool take_signature(JsonReader *r, Receipts *c, CvkErr *err) {
    const char *text;
    size_t n;
    if (!json_read_string(r, &text, &n, err))
        return false;
    if (n != 2 * ETH_SIGNATURE_BYTES || !cvk_hex_decode(text, ETH_SIGNATURE_BYTES, c->signature))
        return json_read_fail(r, err, CVK_EBADREQ, "receipt.signature",
                              "not a signature of 130 digits");
    return true;
}

static bool take_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Receipts *c = ctx;
    const char *text;
    size_t n;
    if (which == 1)
        return take_signature(r, c, err);
    if (!json_read_string(r, &text, &n, err))
        return false;
    memcpy(c->text, text, n + 1); /* the reader's strings are at most LIMIT_JSON_STRING */
    return true;
}

static void tell_receipt(Receipts *c, const char *id, const char *what) {
    Finding f = {.file = c->shown,
                 .kind = "receipts",
                 .outcome = OUTCOME_INVALID,
                 .id = id,
                 .has_index = true,
                 .index = c->n};
    snprintf(f.text, sizeof f.text, "receipt %zu: %s", c->n, what);
    verify_tell(c->v, &f);
    c->faults++;
}

/* Does the transcript's entry n hold what the receipt names? */
static bool matches_transcript(const KzgTranscriptWire *t, size_t n, const KzgReceipt *r) {
    if (n >= t->n_ids || r->n != t->n || strcmp(r->identity, t->ids[n]) != 0)
        return false;
    for (size_t i = 0; i < t->n; i++)
        if (n >= t->subs[i].witness.n_pubkeys ||
            memcmp(r->witness[i], t->subs[i].witness.pubkeys[n], KZG_G2_BYTES) != 0)
            return false;
    return true;
}

static void check_receipt(Receipts *c) {
    uint8_t signer[ETH_ADDRESS_BYTES];
    KzgReceipt r;
    CvkErr err;
    if (!kzg_receipt_signer(c->text, c->signature, signer) ||
        (c->x->known && memcmp(signer, c->x->server, sizeof signer) != 0))
        tell_receipt(c, "receipt.signature", "not signed by the server's key");
    else if (!kzg_receipt_read(c->text, &r, &err))
        tell_receipt(c, err.id, err.msg);
    else if (c->v->transcript != NULL && !matches_transcript(c->v->transcript, c->n, &r))
        tell_receipt(c, "receipt.transcript", "the transcript has another contribution there");
}

static bool read_receipts(Receipts *c, JsonReader *r, CvkErr *err) {
    static const char *const names[] = {"receipt", "signature"};
    const DocObject object = {.names = names, .n = 2, .field = take_field};
    bool more;
    if (!json_read_array(r, err))
        return false;
    while (json_read_more(r, &more, err)) {
        if (!more)
            return json_read_end(r, err);
        c->n++;
        if (!doc_object(r, &object, c, err))
            return false;
        check_receipt(c);
    }
    return false;
}

static void tell_receipts(Receipts *c) {
    char count[48];
    if (c->x->known && c->n != c->x->contributions)
        verify_tell_text(c->v, c->shown, "receipts", OUTCOME_INVALID, "receipts.count",
                         "%zu receipts where there are %llu contributions", c->n,
                         (unsigned long long)c->x->contributions);
    else if (c->faults == 0)
        verify_tell_text(c->v, c->shown, "receipts", OUTCOME_VALID, "valid",
                         "%s, each signed by the server and in the transcript",
                         say_count(c->n, "receipt", count, sizeof count));
}

void verify_receipts(Verification *v, FILE *f, const char *shown, const RecordsExpected *x) {
    Receipts c = {.v = v, .x = x, .shown = shown};
    CvkErr err;
    JsonReader *r = json_reader_new(json_from_file(f), LIMIT_JSON_FILE, &err);
    if (r != NULL && read_receipts(&c, r, &err))
        tell_receipts(&c);
    else
        verify_tell_error(v, shown, "receipts", &err);
    json_reader_free(r);
}
