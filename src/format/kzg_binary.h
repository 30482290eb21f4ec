/* The binary form of a BatchContribution: the same content as its JSON in half the bytes. A header
 * that says how long everything is, then raw compressed points, no padding; integers are
 * big-endian (docs/TRANSCRIPT.md has the table). One content has one form: whatever is read is
 * written again byte for byte. Points are not looked at: that is setup's work.
 *
 * Errors are those of format/doc.h, and name the byte. Threads: any. */
#pragma once

#include "codec/json_source.h"
#include "codec/json_write.h"
#include "setup/kzg_wire.h"

#define KZG_BINARY_TYPE "application/vnd.convoke.kzg"
#define KZG_BINARY_FIRST 0x89 /* the first byte: begins neither JSON nor any other UTF-8 text */

/* There are at most `max` bytes (their number, where it is known), and nothing may follow the
 * document. What its header announces is held against that before memory is taken for it. *ret is
 * the caller's to free. 3 MB take about 2 ms. */
bool kzg_binary_read(JsonSource source, size_t max, KzgWire **ret, CvkErr *err) MUST_USE;

bool kzg_binary_write(JsonSink sink, const KzgWire *w, CvkErr *err) MUST_USE;
/* As kzg_challenge_write: what the next contributor gets after `state`. */
bool kzg_binary_challenge_write(JsonSink sink, const KzgWire *state, CvkErr *err) MUST_USE;
