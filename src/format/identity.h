/* Who somebody is, as the KZG protocol writes it (reference 2.6):
 *   ""                     nobody
 *   eth|0x<40 hex digits>  the holder of an Ethereum address; written in lower case
 *   git|<id>|<login>       a GitHub account; the login may change, the id does not
 * Threads: plain values. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

#include <stdint.h>

typedef enum { IDENTITY_NOBODY, IDENTITY_ETHEREUM, IDENTITY_GITHUB } IdentityKind;

typedef struct {
    IdentityKind kind;
    char text[LIMIT_IDENTITY + 1];     /* in its one written form: what is signed and recorded */
    char key[LIMIT_IDENTITY + 1];      /* the same for the same person: eth|0x..., git|<id>, "" */
    char nickname[LIMIT_IDENTITY + 1]; /* the address, or the login, or "" */
    uint8_t address[20];               /* IDENTITY_ETHEREUM */
    uint64_t github_id;                /* IDENTITY_GITHUB */
} Identity;

/* Addresses may be of either case. Whatever is accepted may stand in a transcript
 * (kzg_identity_is_valid; the original server takes any text as a login). False (CVK_EBADREQ,
 * "identity.invalid") with the original server's texts: "Too many fields", "Missing fields",
 * "invalid identity". */
bool identity_parse(const char *text, Identity *ret, CvkErr *err) MUST_USE;

/* "Ethereum", "Github" (as clients expect it), or "". */
const char *identity_provider(IdentityKind kind);
