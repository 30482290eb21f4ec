/* participants.json of an export: who the journal's numbers are, of those who contributed (their
 * names stand in the transcript anyway). Each opens the commitment of its ParticipantAdmitted,
 * engine/event_json.h.
 *
 *   [{"participant":1,"identity":"eth|0x...","salt":"0x<64 digits>"}, ...]
 *
 * INVARIANT of what is read: the numbers ascend, so none occurs twice. Threads: any. */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "codec/json_source.h"
#include "codec/json_write.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t participant; /* from 1 */
    uint8_t salt[32];
    char identity[LIMIT_IDENTITY + 1];
} Opening;

/* One item of the array. */
void opening_write(JsonWriter *w, const Opening *o);

/* Errors: format/doc.h; "doc.field": the numbers do not ascend. The caller frees *ret. */
bool openings_read(JsonSource source, Opening **ret, size_t *ret_n, CvkErr *err) MUST_USE;

/* NULL: that participant's is not among them. */
const Opening *openings_find(const Opening *all, size_t n, uint64_t participant);
