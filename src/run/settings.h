/* The settings of a ceremony, by name: one table says which there are, what each means and where in
 * a Definition it stands; `--set` and the definition's JSON are read and written by it. Only
 * preset.c includes this. Threads: pure functions. */
#pragma once

#include "codec/json_read.h"
#include "codec/json_write.h"
#include "run/preset.h"

/* One "key=value". CVK_EBADREQ: "setting.unknown", "setting.value". */
bool settings_set(Definition *d, const char *pair, CvkErr *err) MUST_USE;

/* All of them, as one JSON object. What a definition of an older release leaves out means what that
 * release did. */
void settings_write(JsonWriter *w, const Definition *d);
bool settings_read(JsonReader *r, Definition *d, CvkErr *err) MUST_USE;
