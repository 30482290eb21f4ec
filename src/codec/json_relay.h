/* One JSON value from a reader to a writer: numbers as they are written, strings and structure as
 * what they mean. For what is kept for others and not understood. Pure.
 * (Its plain name, json_copy, is jansson's.) */
#pragma once

#include "codec/json_read.h"
#include "codec/json_write.h"

/* The value that is due at both. False: the reader failed; what the writer fails with is told by
 * json_finish as ever. */
bool json_relay(JsonReader *r, JsonWriter *w, CvkErr *err) MUST_USE;
