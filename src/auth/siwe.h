/* Sign-In with Ethereum (EIP-4361): the message that a wallet shows to its owner and signs.
 *
 * Read strictly, by the whole grammar, so that no two readers of one text see different messages:
 * one line each, in their order, LF between them, nothing behind. An address in letters of both
 * cases must have the capitals of EIP-55; one in small letters or capitals only is taken, as many
 * programs write it so. A message refers to the text it was read from, and lives as long.
 *
 * Signatures are those of keys (EIP-191). A contract's wallet (EIP-1271) signs by its code on a
 * chain that this server does not look at: to it such a signature is nobody's. Threads: pure
 * functions. */
#pragma once

#include "algebra/eth_key.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *at; /* NULL: it is not there */
    size_t n;
} SiweText;
#define SIWE_TEXT(s) ((SiweText){.at = (s), .n = strlen(s)})

typedef struct {
    SiweText scheme; /* optional, as are those marked so below */
    SiweText domain; /* whom one signs in to: host and port */
    uint8_t address[ETH_ADDRESS_BYTES];
    SiweText statement; /* optional */
    SiweText uri;
    SiweText version;    /* "1" */
    SiweText chain_id;   /* decimal */
    SiweText nonce;      /* letters and digits, at least 8 */
    SiweText issued_at;  /* this and the next two: RFC 3339 */
    SiweText expires_at; /* optional */
    SiweText not_before; /* optional */
    SiweText request_id; /* optional */
    bool has_resources;  /* a list, perhaps an empty one */
    SiweText resources[LIMIT_SIWE_RESOURCES];
    size_t n_resources;
} SiweMessage;

/* False (CVK_EBADREQ "siwe.syntax"; CVK_ELIMIT "siwe.long": LIMIT_SIWE, LIMIT_SIWE_RESOURCES): it
 * is no such message; the text names the part. */
bool siwe_read(const char *text, size_t n, SiweMessage *ret, CvkErr *err) MUST_USE;

/* Appends the message; the address with the capitals of EIP-55. False ("siwe.syntax", "siwe.long",
 * or the buffer's error): a part is not what its line may hold, so that nobody can smuggle in a
 * line. What was written reads back as the same message. */
bool siwe_write(const SiweMessage *m, CvkBuf *b, CvkErr *err) MUST_USE;

/* May it be taken by this server (a name as of auth_server_name) at this time? Whose nonce it has
 * and who signed it are other questions. False: CVK_EAUTH "siwe.domain" (the domain or the URI is
 * another's) or "siwe.time" (before its time, after it, or issued in the future). Clocks may differ
 * by SIWE_SKEW_MS at its beginning. */
#define SIWE_SKEW_MS 120000
bool siwe_check(const SiweMessage *m, const char *server, int64_t now_ms, CvkErr *err) MUST_USE;

/* Is `signature` ("0x" and 130 hex digits; v of 0, 1, 27 or 28; a high s is taken, as wallets
 * differ) over these bytes by the key of this address? 0.2 ms. */
bool siwe_signed_by(const char *text, size_t n, const char *signature,
                    const uint8_t address[ETH_ADDRESS_BYTES]) MUST_USE;
