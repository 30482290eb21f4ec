/* The two JSON documents of a KZG ceremony, BatchContribution and BatchTranscript, between bytes
 * and wire values (reference 2.1 to 2.3). Streaming both ways: hex goes straight into the arrays
 * and back, memory is what the document really holds.
 *
 * Reading is as strict as the original server: unknown fields are refused at the top, in
 * powersOfTau and in witness, ignored in a contribution's or transcript's object; no field twice;
 * counts are integers and equal the lengths of their lists; points are exact lower-case hex;
 * signatures may be absent, null or "". Points are not looked at: that is setup's work. Errors are
 * those of format/doc.h. Threads: any. */
#pragma once

#include "codec/json_source.h"
#include "codec/json_write.h"
#include "setup/kzg_wire.h"

/* At most `max` bytes are read, and nothing may follow the document. *ret is the caller's to free.
 * 6.3 MB take about 20 ms. */
bool kzg_contribution_read(JsonSource source, size_t max, KzgWire **ret, CvkErr *err) MUST_USE;
bool kzg_transcript_read(JsonSource source, size_t max, KzgTranscriptWire **ret,
                         CvkErr *err) MUST_USE;

typedef enum {
    KZG_JSON_SIGNATURES, /* absent ones are written as "" */
    KZG_JSON_BARE,       /* without the fields of the signatures, as the published initial file */
} KzgJsonForm;

/* The keys in the original order, no newline at the end; indent 0 is compact. */
bool kzg_contribution_write(JsonSink sink, const KzgWire *w, unsigned indent, KzgJsonForm form,
                            CvkErr *err) MUST_USE;
bool kzg_transcript_write(JsonSink sink, const KzgTranscriptWire *t, unsigned indent,
                          CvkErr *err) MUST_USE;

/* The base file that the next contributor gets: the powers of `state` (the last response or the
 * initial challenge), the generator as pubkey, signatures "". */
bool kzg_challenge_write(JsonSink sink, const KzgWire *state, unsigned indent,
                         CvkErr *err) MUST_USE;
