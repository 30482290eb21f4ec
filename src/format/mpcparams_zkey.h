/* A turn by way of bellman's parameters: a .zkey becomes a challenge, somebody answers it with
 * whatever program, and the response becomes the next .zkey. Threads: none of its own. */
#pragma once

#include "format/mpcparams.h"
#include "format/zkey.h"

/* Writes the challenge for the contributor after `key`. */
bool mpcparams_export(const Phase2Key *key, const char *out, const Work *w, Verdict *verdict,
                      CvkErr *err) MUST_USE;

/* Answers a challenge with the next contribution, as phase2_contribute does for a .zkey; *ret_hash
 * is what the contributor is shown. `draw` holds the secret and is the caller's to wipe. A point of
 * the challenge that is none is an error. */
bool mpcparams_respond(const Phase2Key *challenge, Draw *draw, const char *out, const Work *w,
                       uint8_t ret_hash[BLAKE2B_BYTES], CvkErr *err) MUST_USE;

/* Writes the .zkey that follows `before` by the response's one contribution, if it is that and
 * nothing else: everything that phase2_extends checks is checked before the file appears. `name`
 * may be NULL. The verdict is phase2_extends's. */
bool mpcparams_import(const Phase2Key *before, const Phase2Key *response, const char *name,
                      const char *out, const Work *w, Verdict *verdict, CvkErr *err) MUST_USE;

/* For meters. */
size_t mpcparams_export_units(const Phase2Key *key);
size_t mpcparams_respond_units(const Phase2Key *challenge);
size_t mpcparams_import_units(const Phase2Key *before);
