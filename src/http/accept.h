/* What a client wishes to get: Accept and Accept-Encoding (RFC 9110, 12.5.1 and 12.5.3). Of several
 * ranges that a type fits, the most specific counts; parameters other than q are passed over;
 * an item that is malformed is none. Threads: pure functions. */
#pragma once

#include <stdbool.h>

typedef struct {
    unsigned q; /* thousandths; 0: not wanted */
    bool named; /* by its own name, not by a star or by silence */
} AcceptWish;

/* How much `type` ("application/json") is wanted by an Accept field. NULL, there is none: as much
 * as any. */
AcceptWish accept_type(const char *field, const char *type);

/* The same for `coding` ("gzip", "identity") and Accept-Encoding. What is neither named nor met by
 * a star is not wanted, save identity: a little. NULL: nothing but identity. */
AcceptWish accept_coding(const char *field, const char *coding);

/* Shall an answer be in gzip? Only for who names it, and does not prefer it plain; or refuses it
 * plain. */
bool accept_gzip(const char *field);
