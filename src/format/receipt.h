/* What a contributor is given at acceptance: a string that names the identity and the pubkeys, and
 * the server's signature over exactly its bytes (EIP-191; reference 2.4). Whoever checks a receipt
 * must check the string as it was delivered, never one written anew.
 *
 * The string:  {"identity":"<id>","witness":["<potPubkey>",...]}, compact; further keys may follow.
 * Ours adds
 *   "ceremony":"<name>","index":N,"response":"0x<sha256>","time":"<RFC 3339>",
 *   "journal":{"entry":N,"event":"<the entry>","root":"0x...","path":["0x...",...]}
 * so that the server's signature also binds it to the journal's first N entries, the acceptance
 * being the last of them; receipts of before that have no "journal".
 * The answer:  {"receipt":"<string>","signature":"<130 hex digits>"}, pretty, and nothing else:
 * clients refuse other keys there. Threads: any. */
#pragma once

#include "algebra/eth_key.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/merkle.h"
#include "codec/json_source.h"
#include "codec/json_write.h"
#include "setup/kzg_wire.h"

typedef struct {
    char identity[LIMIT_IDENTITY + 1];
    size_t n; /* sub-setups */
    uint8_t witness[LIMIT_KZG_SUBS][KZG_G2_BYTES];
} KzgReceipt;

/* Writes the string, appended to *ret. `more` (may be NULL) writes further keys after witness. */
bool kzg_receipt_write(const KzgReceipt *receipt, void (*more)(JsonWriter *w, void *ctx), void *ctx,
                       CvkBuf *ret, CvkErr *err) MUST_USE;

/* Reads the string's identity and witness; other keys are ignored. Errors: format/doc.h. */
bool kzg_receipt_read(const char *text, KzgReceipt *ret, CvkErr *err) MUST_USE;

/* ---- what a receipt of ours says beyond that ---- */

#define RECEIPT_EVENT_MAX 2048 /* an entry of a journal, without its newline */

typedef struct {
    uint64_t entry;                    /* from 1: the last leaf of a tree of so many */
    char event[RECEIPT_EVENT_MAX + 1]; /* the acceptance, byte for byte as the journal has it */
    uint8_t root[MERKLE_HASH];
    CvkMerklePath path;
} ReceiptJournal;

/* Writes the member "journal"; for `more`. */
void receipt_journal_write(JsonWriter *w, const ReceiptJournal *j);
/* Do event and path lead to the root? Nothing is said of whose root it is; nor is the number proved
 * (trees of several sizes have one shape): a journal tells, cli/receipt_check.h. */
bool receipt_journal_holds(const ReceiptJournal *j) MUST_USE;

/* What is absent is zero or "". */
typedef struct {
    char ceremony[LIMIT_IDENTITY + 1];
    bool has_index, has_response, has_journal;
    uint64_t index; /* of the contribution, from 1 */
    uint8_t response[32];
    char time[CVK_TIME_TEXT];
    ReceiptJournal journal;
} ReceiptClaims;

/* Reads those members of the string; all others are ignored. Errors: format/doc.h. */
bool receipt_claims_read(const char *text, ReceiptClaims *ret, CvkErr *err) MUST_USE;

/* ---- signing ---- */

/* Signs the string with an Ethereum secret key. */
bool kzg_receipt_sign(const char *text, const uint8_t secret[ETH_SECRET_BYTES],
                      uint8_t ret[ETH_SIGNATURE_BYTES], CvkErr *err) MUST_USE;

/* Whose signature over the string is it? False: nobody's. */
bool kzg_receipt_signer(const char *text, const uint8_t signature[ETH_SIGNATURE_BYTES],
                        uint8_t ret_address[ETH_ADDRESS_BYTES]) MUST_USE;

/* The answer of the server, and the file that contributors keep: pretty with two spaces, no newline
 * at its end. */
bool kzg_receipt_answer_write(JsonSink sink, const char *text,
                              const uint8_t signature[ETH_SIGNATURE_BYTES], CvkErr *err) MUST_USE;

typedef struct {
    char *text; /* the string, byte for byte */
    uint8_t signature[ETH_SIGNATURE_BYTES];
} KzgReceiptAnswer;

/* At most LIMIT_REPLY bytes; unknown keys are ignored. Free with kzg_receipt_answer_done. */
bool kzg_receipt_answer_read(JsonSource source, KzgReceiptAnswer *ret, CvkErr *err) MUST_USE;
void kzg_receipt_answer_done(KzgReceiptAnswer *a);
