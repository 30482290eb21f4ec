/* What is said of a batch when it is imported: NNNN.json beside NNNN.batch. Every field may be left
 * out:
 *   {"name": "0001", "sha256": "<64 hex digits>", "size": 123, "verifier": "groth16",
 *    "params": {...}, "expect": ..., "covariates": {"n_tx": 17, "protocol": "0.24.2"}}
 * A field that is not known, or stands twice, is refused. Threads: pure. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "codec/json_read.h"

#include <stddef.h>
#include <stdint.h>

#define BATCH_NAME_MAX 255
#define COVARIATE_NAME_MAX 64 /* letters, digits and "_.-" */

typedef struct {
    char name[BATCH_NAME_MAX + 1]; /* "": not said, as below */
    char verifier[32];
    bool has_sha256, has_size;
    uint8_t sha256[32];
    uint64_t size;
    CvkBuf params, covariates; /* JSON objects, compact; n is 0: not said */
    CvkBuf expect;             /* any JSON */
} BatchManifest;

/* False: "json.*" or "doc.*" (format/doc.h), "batch.name", "batch.covariate"; then nothing is held.
 * The caller calls done. */
bool batch_manifest_read(JsonSource from, BatchManifest *ret, CvkErr *err) MUST_USE;
void batch_manifest_done(BatchManifest *m);

/* An object of covariates, as `text` has it, compact at the end of *ret. Errors as above. */
bool covariates_read(const char *text, CvkBuf *ret, CvkErr *err) MUST_USE;

/* Calls fn for each covariate of an object that was read so: the text is a number as it was
 * written, or (is_number false) a string; true and false are such texts, too. */
bool covariates_each(const char *json,
                     bool (*fn)(void *ctx, const char *name, const char *text, bool is_number,
                                CvkErr *err),
                     void *ctx, CvkErr *err) MUST_USE;
