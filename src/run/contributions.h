/* The contributions on record, against the journal and the server's signature.
 *
 * A start compares each row of the table with its ContributionAccepted: number, entry, response,
 * hash of the record, whose it is, the session that uploaded it, and that its keys count as used.
 * These are hashes and look-ups, some microseconds a row. Of the receipt nothing is looked at then:
 * its signature says all of it, and to recover one key takes 100 to 400 us, a minute for the
 * 140,000 of a ceremony such as Ethereum's, at each start. It is checked before anybody is given
 * the receipt (its answer, an export, a backup), so that a damaged one is never passed on.
 *
 * Errors, all of which name the contribution and are CVK_EBACKEND: "contribution.damaged",
 * "contribution.lost", "key.lost", "receipt.damaged". Threads: as of a Ceremony's other parts. */
#pragma once

#include "auth/auth.h"
#include "engine/engine.h"
#include "format/doc.h"
#include "run/kind.h"
#include "store/store.h"

/* ---- whose receipts are issued ---- */

/* INVARIANT: follows the journal, event by event. Zeroed at first; signers_done. */
typedef struct {
    uint8_t key[ENGINE_KEY_BYTES]; /* in force; zero: version 1 of the journal names none */
    uint64_t accepted;             /* contributions so far */
    DocList past;                  /* terms that ended with a TakenOver, in order */
} Signers;

/* Room for one more term, so that signers_note cannot fail. */
bool signers_reserve(Signers *s, CvkErr *err) MUST_USE;
void signers_note(Signers *s, const Event *e);
void signers_done(Signers *s);

typedef struct {
    bool known; /* else nothing tells who served a journal of version 1 then: it may be anybody */
    uint8_t key[ENGINE_KEY_BYTES];
} ReceiptSigner;
/* Of contribution `index`. own: this server's address, which stands in where the newest term names
 * none. */
void signers_of(const Signers *s, uint64_t index, const uint8_t own[ENGINE_KEY_BYTES],
                ReceiptSigner *ret);

/* Is the receipt of this row that of its contribution, issued by the server of its time? */
bool receipt_check(const ReceiptSigner *signer, const char *ceremony, const StoreContribution *k,
                   CvkErr *err) MUST_USE;

/* ---- the rows ---- */

/* Acceptances, gathered while the journal is read. Free with acceptances_done. */
typedef struct {
    uint64_t before; /* contributions before the first of these */
    uint64_t holder; /* the participant whose lease is the newest */
    DocList list;
} Acceptances;

/* `s` has come at least to this event, and names the people. */
bool acceptances_note(Acceptances *a, const EngineState *s, uint64_t seq, const Event *e,
                      CvkErr *err) MUST_USE;
void acceptances_done(Acceptances *a);

/* What the rows are compared with. */
typedef struct {
    Store *store;
    int64_t ceremony;
    uint64_t seq; /* of the journal, as far as it was read: rows of later entries are passed over */
    const EngineState *state;
    const Auth *auth;
    const Kind *kind;
    void *self;
} Rows;

/* Calls `take` with each row of these acceptances, in order, once it was found to be right. */
bool rows_compare(const Rows *r, const Acceptances *a,
                  bool (*take)(void *ctx, const StoreContribution *k, CvkErr *err), void *ctx,
                  CvkErr *err) MUST_USE;
