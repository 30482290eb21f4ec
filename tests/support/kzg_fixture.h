/* The KZG test data of tests/vectors/kzg, read with jansson: what is asked of them are the
 * mathematics, so nothing of convoke's own readers stands between. Ends the test when a file is not
 * as expected. Include after support/test.h. */
#pragma once

#include "setup/kzg_wire.h"

#include <jansson.h>

/* A file of the source tree (CONVOKE_SOURCE, else the current directory). json_decref it. */
json_t *fixture_json(const char *name);

const char *fixture_text(const json_t *object, const char *key);
/* "0x" + 2n digits, or short big-endian numbers such as "0x111100", right-aligned in n bytes. */
void fixture_hex(const char *text, size_t n, uint8_t *ret);

/* False: not of this shape (format's business, with a message). *ret: free it. */
bool fixture_contribution(const json_t *batch, KzgWire **ret);
KzgTranscriptWire *fixture_transcript(const json_t *batch);
