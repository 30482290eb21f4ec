/* Events as one line of JSON, for the journal: {"v":1,"type":"LeaseGranted","now":...,...}.
 * Compact, keys in a fixed order: the bytes are hashed into the chain. A reader accepts every
 * version ever written. Fuzzed. */
#pragma once

#include "base/buf.h"
#include "engine/engine.h"

#define EVENT_JSON_MAX 2048

bool event_write(const Event *e, CvkBuf *b, CvkErr *err) MUST_USE; /* appends, no newline */
bool event_read(const char *json, size_t n, Event *ret, CvkErr *err) MUST_USE;

/* The chain: hash_seq = sha256(hash_{seq-1} || json), with 32 zero bytes before the first. */
void event_chain(const uint8_t before[32], const char *json, size_t n, uint8_t ret[32]);
