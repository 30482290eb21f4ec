/* A contribution or challenge in whichever form it has come: whoever reads one that others wrote
 * (a response that was uploaded, a challenge, a file on disk) reads it with this. The first byte
 * tells: no JSON text begins as the binary form does. Threads: any. */
#pragma once

#include "format/kzg_binary.h"
#include "format/kzg_json.h"

typedef enum { KZG_FORM_JSON, KZG_FORM_BINARY } KzgForm;

/* By the beginning of a document; of nothing at all it is JSON (which it is not either). */
KzgForm kzg_form_of(const void *data, size_t n);

/* Its media type. */
const char *kzg_form_type(KzgForm form);

/* As kzg_contribution_read or kzg_binary_read. */
bool kzg_form_read(JsonSource source, size_t max, KzgWire **ret, CvkErr *err) MUST_USE;
