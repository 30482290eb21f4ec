/* Events as one line of JSON, for the journal: {"v":2,"type":"LeaseGranted","now":...,...}.
 *
 * The bytes are hashed into the chain, so a version of an event has exactly one form: compact, keys
 * in a fixed order, no escapes, numbers without leading zeros. Anything else is refused; what is
 * read and written again gives the same bytes (while its version is the newest). A reader accepts
 * every version ever written. Threads: pure functions. Fuzzed. */
#pragma once

#include "base/buf.h"
#include "engine/engine.h"

#define EVENT_JSON_MAX 2048

/* Appends, without newline. False: memory, the buffer's cap, or a field that no engine makes
 * ("event.field"); the buffer then holds part of a line. */
bool event_write(const Event *e, CvkBuf *b, CvkErr *err) MUST_USE;
/* False: CVK_EBADREQ "event.syntax" (names the byte) or "event.unknown" (type or version). It says
 * nothing of whether the event fits a state: engine_admits does. */
bool event_read(const char *json, size_t n, Event *ret, CvkErr *err) MUST_USE;

/* ---- private parts ---- */

#define EVENT_SALT_BYTES 32
#define EVENT_PRIVATE_MAX 512

/* The private part of an event as compact JSON ({"identity":"..."}), appended; nothing for an event
 * that has none. event_has_private says which have one. */
bool event_has_private(const Event *e);
bool event_private_write(const Event *e, CvkBuf *b, CvkErr *err) MUST_USE;
/* commitment = HMAC-SHA256(salt, private part): salted, so that nobody can guess who it is. */
void event_commit(const uint8_t salt[EVENT_SALT_BYTES], const char *part, size_t n,
                  uint8_t ret[32]);
/* Brings the private part back into an event that was read. False: CVK_EBADREQ "event.private" (it
 * is not what the commitment says, or malformed). */
bool event_open(Event *e, const uint8_t salt[EVENT_SALT_BYTES], const char *part, size_t n,
                CvkErr *err) MUST_USE;

/* ---- the chain ---- */

/* The chain: hash_seq = sha256(hash_{seq-1} || json), with 32 zero bytes before the first.
 * n is at most EVENT_JSON_MAX: check before (event_read does). */
void event_chain(const uint8_t before[32], const char *json, size_t n, uint8_t ret[32]);
