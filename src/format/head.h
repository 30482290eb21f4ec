/* The head of a journal, signed by the server: whoever has two heads of one ceremony can have it
 * proved that one grew from the other, or show that the server has forked it.
 *
 * The text, compact, deterministic:
 *   {"convoke_head":1,"ceremony":"NAME","entries":N,"root":"0x..."}
 * The signature is EIP-191 over exactly these bytes, by the key of the receipts. Delivered and kept
 * as
 *   {"head":"<text>","signature":"<130 hex digits>"}                       Threads: any. */
#pragma once

#include "algebra/eth_key.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/merkle.h"

#include <stdint.h>

#define HEAD_MAX 512 /* bytes of the delivered form */

typedef struct {
    char ceremony[LIMIT_IDENTITY + 1];
    uint64_t entries;
    uint8_t root[MERKLE_HASH];
} JournalHead;

typedef struct {
    JournalHead head;
    uint8_t signature[ETH_SIGNATURE_BYTES];
} SignedHead;

/* CVK_EBADREQ "head.name": the ceremony's name is not 1 to LIMIT_IDENTITY printable ASCII
 * characters other than space, quotation mark and backslash. */
bool head_sign(const JournalHead *h, const uint8_t secret[ETH_SECRET_BYTES],
               uint8_t ret[ETH_SIGNATURE_BYTES], CvkErr *err) MUST_USE;
/* Whose signature is it? False: nobody's. */
bool head_signer(const SignedHead *h, uint8_t ret_address[ETH_ADDRESS_BYTES]) MUST_USE;
/* The delivered form, without newline, appended. Errors as head_sign's. */
bool head_write(const SignedHead *h, CvkBuf *ret, CvkErr *err) MUST_USE;
/* CVK_EBADREQ "head.shape": anything but exactly this form. The signature is not looked at. */
bool head_read(const char *text, size_t n, SignedHead *ret, CvkErr *err) MUST_USE;
/* A file that holds one, perhaps with the end of a line behind it. Also the errors of reading. */
bool head_read_file(const char *path, SignedHead *ret, CvkErr *err) MUST_USE;
