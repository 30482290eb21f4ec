/* One person's contribution, step by step. The steps are the same whether one process takes them
 * all (online) or three do, with an air gap around the second (offline); what goes from one process
 * to the next lies as files in `dir`:
 *
 *   request.json       where, as whom, under which session   (private: it carries the turn)
 *   challenge.json     what is to be contributed to          (offline only)
 *   contribution.json  the response, kept for good
 *   contribution.bin   the same as it went, where it went in the binary form, kept for good: the
 *                      receipt names the sha256 of what went
 *   receipt.json       the server's answer, kept for good
 *   attestation.txt    who contributed what, with all that proves it: to publish
 *
 * What people and other programs look at is JSON; request.json says in which form the turn came, as
 * a response that is sent again must be the same bytes.
 *
 * INVARIANT: secrets are in guarded memory of one process from participant_prepare to the end of
 * participant_compute, and nowhere else ever. Each step says what it does on standard error.
 * Threads: one, save that computations use the pool. */
#pragma once

#include "base/pool.h"
#include "base/sha256.h"
#include "cli/options.h"
#include "cli/wait_line.h"
#include "client/kzg.h"
#include "format/kzg_form.h"
#include "setup/kzg_contribute.h"

typedef struct {
    const char *dir;
    char url[1024];
    char identity[LIMIT_IDENTITY + 1]; /* "": not known (yet) */
    bool identity_given;               /* the person said so: the server must agree */
    uint8_t *key;                      /* of the invitation or the account; NULL: none */
    bool key_of_wallet;                /* an account's: it signs in by Sign-In with Ethereum */
    bool ecdsa_wanted, ecdsa_forced;

    CvkPool *pool;
    WebClient *web;
    KzgClient *client;
    WaitLine wait_line;

    KzgSizes sizes; /* n = 0: not known yet */
    KzgSecrets *secrets;
    uint8_t (*pubkeys)[KZG_G2_BYTES];
    KzgBlsWire *bls;
    KzgEcdsaWire ecdsa;

    KzgTranscriptWire *transcript; /* the newest seen; NULL: none */
    KzgForm form;                  /* in which the challenge came and the response goes */
    CvkBuf base;                   /* the challenge as it came, until it is decoded */
    KzgWire *challenge;
    KzgPowers *powers[LIMIT_KZG_SUBS]; /* of the challenge, checked */
    KzgWire *response;
    CvkBuf response_json;
    uint8_t sent[SHA256_BYTES]; /* of the response as it was handed in: what the receipt names */

    CvkBuf receipt_json;
    KzgReceiptAnswer receipt;
    bool receipt_valid;
    uint8_t server[ETH_ADDRESS_BYTES]; /* whose signature a receipt must have */
    size_t index;                      /* in the transcript; 0: not found there */
    bool links_hold;                   /* there it builds on the contribution before it */
    bool attested, attestation_signed; /* attestation.txt was written; with our signature */
} Participant;

/* Threads and buffers; then fill in the members up to ecdsa_forced. */
bool participant_init(Participant *p, CvkErr *err) MUST_USE;
void participant_done(Participant *p); /* wipes */

/* ---- contribute_key.c ---- */

/* --invitation (or its environment variable) or --eth-key; neither leaves `key` NULL. */
bool participant_take_key(Participant *p, const Args *args, CvkErr *err) MUST_USE;

/* ---- contribute_turn.c: with the server, before and during the turn ---- */

bool participant_connect(Participant *p, bool allow_http, const char *session,
                         CvkErr *err) MUST_USE;
/* Sets `sizes` from the public transcript unless they are known. */
bool participant_learn_sizes(Participant *p, CvkErr *err) MUST_USE;
/* Does nothing where the session was given. A session that is lost while waiting for the turn is
 * replaced by the key, where there is one. The server may know the person by another
 * identity than the invitation's own address: it is taken over (and signed anew) unless
 * identity_given. */
bool participant_sign_in(Participant *p, CvkErr *err) MUST_USE;
bool participant_wait_turn(Participant *p, CvkErr *err) MUST_USE;
bool participant_fetch_transcript(Participant *p, CvkErr *err) MUST_USE;
/* Is the base what the transcript ends with? "base.other" if not; a transcript that cannot be had
 * is only told. */
bool participant_compare_base(Participant *p, CvkErr *err) MUST_USE;

/* ---- contribute_compute.c: without any network ---- */

/* Secrets, public keys, signatures. `extra`: words to mix in; may be NULL. */
bool participant_prepare(Participant *p, const char *extra, CvkErr *err) MUST_USE;
/* Signatures again, for the identity that holds now. */
bool participant_sign(Participant *p, CvkErr *err) MUST_USE;
/* Decodes `base` and keeps it as challenge.json. "base.invalid". */
bool participant_save_base(Participant *p, CvkErr *err) MUST_USE;
/* Decodes it: sizes as expected, every point and pairing. "base.invalid". */
bool participant_check_base(Participant *p, CvkErr *err) MUST_USE;
/* The response and its JSON; the secrets are wiped, whatever happens. */
bool participant_compute(Participant *p, CvkErr *err) MUST_USE;

/* ---- contribute_finish.c: the receipt and the transcript afterwards ---- */

bool participant_submit(Participant *p, CvkErr *err) MUST_USE;
/* Says which signatures hold; looks for the contribution in the transcript. False: no verdict. */
bool participant_look_back(Participant *p, CvkErr *err) MUST_USE;
/* Which signatures of ours hold: "valid", "invalid" or "absent". */
const char *participant_bls_state(const Participant *p);
const char *participant_ecdsa_state(const Participant *p);
/* Accepted, with a receipt that holds, and in the transcript as it should be. */
bool participant_is_fine(const Participant *p);

/* ---- contribute_attest.c ---- */

/* Writes attestation.txt where all is fine; else there is nothing to attest and it does nothing. */
bool participant_attest(Participant *p, CvkErr *err) MUST_USE;
/* The outcome on standard output. */
bool participant_print(const Participant *p, bool json, CvkErr *err) MUST_USE;

/* ---- contribute_files.c ---- */

bool participant_make_dir(const Participant *p, CvkErr *err) MUST_USE; /* "dir.receipt": used */
bool participant_save(const Participant *p, const char *name, const void *data, size_t n,
                      CvkErr *err) MUST_USE;
bool participant_load(const Participant *p, const char *name, CvkBuf *b, CvkErr *err) MUST_USE;
void participant_remove(const Participant *p, const char *name);
bool participant_save_request(const Participant *p, CvkErr *err) MUST_USE;
/* Sets url, identity, sizes; the session goes to ret_session. */
bool participant_load_request(Participant *p, char ret_session[AUTH_SESSION_TEXT],
                              CvkErr *err) MUST_USE;
