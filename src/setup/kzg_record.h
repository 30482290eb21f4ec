/* What a KZG ceremony keeps of one contribution, as bytes: entry i of every list of its transcript.
 * Its SHA-256 stands in the journal, so the layout never changes:
 *
 *   for each sub-setup: product (48), pubkey (96), whether BLS-signed (1), BLS signature (48)
 *   then: whether signed by the Ethereum account (1), ECDSA signature (65)
 *
 * An absent signature is zeros, whatever was dropped: who checks the hash knows only the
 * transcript. Threads: pure functions. */
#pragma once

#include "base/buf.h"
#include "setup/kzg_wire.h"

/* The bytes of a record with n sub-setups. */
size_t kzg_record_size(size_t n);

/* The record of a response, appended. The wire value was verified. */
bool kzg_record_of_response(const KzgWire *w, CvkBuf *ret, CvkErr *err) MUST_USE;

/* The record of entry `i`, appended. False (CVK_EBADREQ "record.entry"): a list ends before it. */
bool kzg_record_of_entry(const KzgTranscriptWire *t, size_t i, CvkBuf *ret, CvkErr *err) MUST_USE;

/* The other way: fills entry `i`, which every list has. `record` has kzg_record_size(t->n) bytes.
 */
void kzg_record_to_entry(const uint8_t *record, KzgTranscriptWire *t, size_t i);

/* Which signatures a record of n sub-setups holds, in words: "bls=kept,none; ecdsa=none". */
#define KZG_RECORD_SIGNATURES (LIMIT_KZG_SUBS * 5 + 24)
void kzg_record_signatures(const uint8_t *record, size_t n, char ret[KZG_RECORD_SIGNATURES]);

/* The product and the public key of sub-setup `sub`, inside the record. */
const uint8_t *kzg_record_product(const uint8_t *record, size_t sub);
const uint8_t *kzg_record_pubkey(const uint8_t *record, size_t sub);
