/* What a client of the older queue protocol says of itself in a request's body: {"idType","id"}.
 * Who asks is who signed in, so a claim can only agree with that. Threads: pure functions. */
#pragma once

#include "base/buf.h"
#include "format/identity.h"

typedef struct {
    char id_type[16]; /* "" for what is not said */
    char id[LIMIT_IDENTITY + 1];
} Claim;

/* Other keys are ignored. False: errors of format/doc.h. */
bool claim_read(const char *json, size_t n, Claim *ret, CvkErr *err) MUST_USE;

/* Is it `own`? By the address in either case, by the login in either case and with or without "@",
 * or by the whole identity. Names of the Ethereum name service are nobody's: they cannot be looked
 * up here. */
bool claim_is_own(const Claim *c, const Identity *own);
