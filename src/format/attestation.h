/* What a contributor may publish: a short text that says who contributed to which ceremony, with
 * the public keys, the signatures of the contribution, and the server's receipt. Everything in it
 * can be checked; how, it says itself. It may end with the contributor's own signature (EIP-191, by
 * the key of an Ethereum identity) over all that stands before.
 *
 * INVARIANT: one attestation has one text. What was read is written again and compared, so a text
 * in which anything was changed, added or moved is none. Threads: any. */
#pragma once

#include "format/receipt.h"

#define ATTESTATION_FIRST_LINE "convoke attestation, form 1"
#define ATTESTATION_SERVER 1023 /* bytes of the server's address */

typedef struct {
    char server[ATTESTATION_SERVER + 1];
    char identity[LIMIT_IDENTITY + 1];
    uint64_t index; /* of the contribution, from 1 */
    char time[CVK_TIME_TEXT];
    uint8_t response[32]; /* sha256 of what was handed in */
    KzgSizes sizes;       /* as many as there are keys */
    uint8_t keys[LIMIT_KZG_SUBS][KZG_G2_BYTES];
    KzgBlsWire bls[LIMIT_KZG_SUBS];
    KzgEcdsaWire ecdsa;
    uint8_t signer[ETH_ADDRESS_BYTES]; /* the server's key, which signed the receipt */
    KzgReceiptAnswer receipt;
    bool is_signed;
    uint8_t author[ETH_ADDRESS_BYTES]; /* whose signature it ends with */
} Attestation;

/* Appends the text to *ret; `key` (may be NULL) signs it. is_signed and author are not looked at.
 * CVK_EBADREQ "attestation.text": a member holds what a line cannot. */
bool attestation_write(const Attestation *a, const uint8_t key[ETH_SECRET_BYTES], CvkBuf *ret,
                       CvkErr *err) MUST_USE;

/* CVK_EBADREQ "attestation.form": it is none. Whether what it says is true is attestation_fault's
 * to tell. Free with attestation_done. */
bool attestation_read(const char *text, size_t n, Attestation *ret, CvkErr *err) MUST_USE;
void attestation_done(Attestation *a);

/* Is all that it says of one contribution: the receipt's identity, keys and claims its own, the
 * signer's signature on the receipt, every signature by its key, its author its identity? NULL: so
 * it is; else what is wrong. About 1.5 ms a key. */
const char *attestation_fault(const Attestation *a, const KzgReceipt *receipt,
                              const ReceiptClaims *claims);
