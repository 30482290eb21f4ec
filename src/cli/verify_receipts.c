/* The receipts of an export, and those that contributors have kept: signed by the key in force, in
 * the transcript, and for this very journal. */
#include "base/file.h"
#include "cli/receipt_check.h"
#include "cli/say.h"
#include "cli/verify.h"
#include "format/receipt_list.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Verification *v;
    const RecordsExpected *x;
    const char *shown;
    const char *kind;
    size_t n; /* the contribution it is for, from 1 */
    size_t faults;
    uint64_t fits;  /* the journal was found to be the receipts' up to this entry */
    size_t strange; /* receipts for another journal */
    char text[LIMIT_JSON_STRING + 1];
    uint8_t signature[ETH_SIGNATURE_BYTES];
} Receipts;

static bool fault(Receipts *c, const char *id, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Tells it; returns false. */
static bool fault(Receipts *c, const char *id, const char *fmt, ...) {
    Finding f = {.file = c->shown,
                 .kind = c->kind,
                 .outcome = OUTCOME_INVALID,
                 .id = id,
                 .has_index = true,
                 .index = c->n};
    int n = snprintf(f.text, sizeof f.text, "receipt %zu: ", c->n);
    va_list args;
    va_start(args, fmt);
    vsnprintf(f.text + n, sizeof f.text - (size_t)n, fmt, args);
    va_end(args);
    verify_tell(c->v, &f);
    c->faults++;
    return false;
}

/* ---- one receipt ---- */

/* NULL: the journal does not get so far, or is not known. */
static const Acceptance *acceptance_of(const Receipts *c) {
    const DocList *all = &c->v->journal.accepted;
    return c->n == 0 || c->n > all->n ? NULL : (const Acceptance *)all->items + c->n - 1;
}

/* The key that had the journal then; the manifest's where the journal does not tell. NULL: any. */
static const uint8_t *expected_signer(const Receipts *c) {
    const Acceptance *a = acceptance_of(c);
    const ServerKey *keys = c->v->journal.keys.items;
    if (a != NULL && keys[a->key].known)
        return keys[a->key].address;
    return c->x->known ? c->x->server : NULL;
}

static bool check_signer(Receipts *c) {
    uint8_t signer[ETH_ADDRESS_BYTES];
    const uint8_t *expected = expected_signer(c);
    return (kzg_receipt_signer(c->text, c->signature, signer) &&
            (expected == NULL || memcmp(signer, expected, sizeof signer) == 0)) ||
           fault(c, "receipt.signature", "not signed by the server's key");
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

/* Of many receipts that are for another journal the first says where the change is. */
static bool another_journal(Receipts *c, uint64_t entry) {
    if (c->strange++ == 0)
        return fault(c, "receipt.journal",
                     "it vouches for another journal: among the entries %" PRIu64 " to %" PRIu64
                     " something was changed, dropped, moved or invented",
                     c->fits + 1, entry);
    c->faults++;
    return false;
}

static bool check_journal(Receipts *c, const ReceiptClaims *claims) {
    const JournalFacts *facts = &c->v->journal;
    const Acceptance *a = acceptance_of(c);
    const ReceiptJournal *j = &claims->journal;
    if (a == NULL)
        return !facts->whole ||
               fault(c, "receipt.journal", "the journal has no acceptance of that contribution");
    if (a->entry != j->entry || memcmp(a->root, j->root, sizeof j->root) != 0)
        return another_journal(c, j->entry);
    c->fits = a->entry;
    return true;
}

static bool check_claims(Receipts *c, const ReceiptClaims *claims) {
    const JournalFacts *facts = &c->v->journal;
    if (claims->has_index && claims->index != c->n)
        return fault(c, "receipt.index", "it is for contribution %" PRIu64, claims->index);
    if (facts->ceremony[0] != '\0' && claims->ceremony[0] != '\0' &&
        strcmp(claims->ceremony, facts->ceremony) != 0)
        return fault(c, "receipt.ceremony", "it is of another ceremony, '%s'", claims->ceremony);
    if (!claims->has_journal)
        return !facts->proofs ||
               fault(c, "receipt.no_proof", "it does not say where the journal has it");
    const char *wrong = receipt_proof_fault(claims);
    return wrong != NULL ? fault(c, "receipt.proof", "%s", wrong) : check_journal(c, claims);
}

static bool check_receipt(Receipts *c) {
    const KzgTranscriptWire *t = c->v->transcript;
    KzgReceipt r;
    ReceiptClaims claims;
    CvkErr err;
    if (!check_signer(c))
        return false;
    if (!kzg_receipt_read(c->text, &r, &err) || !receipt_claims_read(c->text, &claims, &err))
        return fault(c, err.id, "%s", err.msg);
    if (t != NULL && !matches_transcript(t, c->n, &r))
        return fault(c, "receipt.transcript", "the transcript has another contribution there");
    return check_claims(c, &claims);
}

/* ---- receipts.json ---- */

static bool take_receipt(void *ctx, uint64_t index, const char *text,
                         const uint8_t signature[ETH_SIGNATURE_BYTES], CvkErr *err) {
    (void)err;
    Receipts *c = ctx;
    c->n = index;
    snprintf(c->text, sizeof c->text, "%s", text);
    memcpy(c->signature, signature, sizeof c->signature);
    (void)check_receipt(c); /* what is wrong with it was told; the others may be right */
    return true;
}

static void tell_receipts(Receipts *c) {
    char count[48];
    if (c->strange > 1)
        verify_tell_text(c->v, c->shown, c->kind, OUTCOME_INVALID, "receipt.journal",
                         "and so do %s later",
                         say_count(c->strange - 1, "receipt", count, sizeof count));
    if (c->x->known && c->n != c->x->contributions)
        verify_tell_text(c->v, c->shown, c->kind, OUTCOME_INVALID, "receipts.count",
                         "%zu receipts where there are %" PRIu64 " contributions", c->n,
                         c->x->contributions);
    else if (c->faults == 0)
        verify_tell_text(c->v, c->shown, c->kind, OUTCOME_VALID, "valid",
                         "%s, each signed by the server, in the transcript%s",
                         say_count(c->n, "receipt", count, sizeof count),
                         c->v->journal.proofs ? ", and for this journal" : "");
}

void verify_receipts(Verification *v, FILE *f, const char *shown, const RecordsExpected *x) {
    Receipts c = {.v = v, .x = x, .shown = shown, .kind = "receipts"};
    CvkErr err;
    if (receipt_list_each(json_from_file(f), LIMIT_JSON_FILE, take_receipt, &c, &err))
        tell_receipts(&c);
    else
        verify_tell_error(v, shown, c.kind, &err);
}

/* ---- a receipt that somebody has kept ---- */

static bool read_own(const char *path, Receipts *c, CvkErr *err) {
    KzgReceiptAnswer answer;
    ReceiptClaims claims;
    FILE *f = cvk_file_open_regular(path, true, err);
    if (f == NULL)
        return false;
    bool ok = kzg_receipt_answer_read(json_from_file(f), &answer, err);
    fclose(f);
    if (!ok)
        return false;
    snprintf(c->text, sizeof c->text, "%s", answer.text);
    memcpy(c->signature, answer.signature, sizeof c->signature);
    kzg_receipt_answer_done(&answer);
    if (!receipt_claims_read(c->text, &claims, err))
        return false;
    c->n = (size_t)claims.index;
    return claims.has_index || cvk_fail(err, CVK_EBADREQ, "receipt.index",
                                        "the receipt does not say which contribution it is for: "
                                        "use 'receipt verify --transcript'");
}

void verify_own_receipt(Verification *v, const char *path, const RecordsExpected *x) {
    Receipts c = {.v = v, .x = x, .shown = path, .kind = "receipt"};
    CvkErr err;
    if (!read_own(path, &c, &err))
        verify_tell_text(v, path, c.kind, OUTCOME_UNUSABLE, err.id, "%s", err.msg);
    else if (check_receipt(&c))
        verify_tell_text(v, path, c.kind, OUTCOME_VALID, "valid",
                         "of contribution %zu, signed by the server, in the transcript%s", c.n,
                         c.fits != 0 ? ", and for this journal" : "");
}
