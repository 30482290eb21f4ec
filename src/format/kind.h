/* What is this file? For commands that take any document of a KZG ceremony, and name
 * others. Threads: any. */
#pragma once

#include "base/err.h"
#include "codec/json_source.h"

typedef enum {
    KIND_UNKNOWN,      /* JSON, but of none of our forms */
    KIND_CONTRIBUTION, /* JSON or binary */
    KIND_TRANSCRIPT,
    KIND_TRUSTED_SETUP, /* JSON or text */
    KIND_RECEIPT,       /* the answer of a server: receipt and signature */
    KIND_GROTH16,       /* a verification key or a proof, as snarkjs writes them */
} DocumentKind;

/* Looks at the first key only (so it reads some 64 KiB; begin anew to read the document). False:
 * the beginning is neither JSON nor our binary form's, or the source failed. */
bool document_kind(JsonSource source, DocumentKind *ret, CvkErr *err) MUST_USE;
