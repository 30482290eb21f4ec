/* What `market batch generate` makes and `market reference-prover` proves. A kind is a table of
 * functions; the commands know no more of it than this.
 *
 * A batch is its kind's head and then numbers: 32 bytes each, big endian, below the order of every
 * curve's groups, drawn from a seed. A setup is what proving needs beside the batch, a file that
 * ceremonies make too.
 * Threads: none, save that computations use the pool. */
#pragma once

#include "algebra/curve.h"
#include "base/buf.h"
#include "codec/json_write.h"

/* How large a setup of one's own is, and on which curve (NULL: the kind's usual one). */
typedef struct {
    uint64_t n;
    const Curve *curve;
} BatchScale;

typedef struct {
    const char *name;        /* also that of the verifier which judges its proofs */
    const char *head;        /* "": numbers alone */
    const char *setup_magic; /* what its setups are, by section_file_magic; NULL: no such file */
    const char *scale;       /* the option for BatchScale.n, */
    uint64_t scale_preset, scale_max;

    /* A setup of this process's own, whose secrets are forgotten at once, to a new file: good for
     * trying out, where nobody has to believe that they were forgotten. */
    bool (*setup_new)(const char *path, const BatchScale *scale, CvkPool *pool, CvkErr *err);
    /* One from a file, checked. */
    bool (*setup_open)(const char *path, CvkPool *pool, void **ret, CvkErr *err);
    void (*setup_close)(void *setup); /* NULL is fine */
    /* The circuit that the setup is of, as .r1cs. NULL: there is none. */
    bool (*circuit_write)(const void *setup, const char *path, CvkErr *err);
    size_t (*most)(const void *setup); /* numbers that a batch may have */

    /* Fields of a batch's manifest: params, expect, covariates. */
    bool (*describe)(const void *setup, const CvkBuf *batch, CvkPool *pool, JsonWriter *w,
                     CvkErr *err);
    /* The proof, to *ret, which is empty. Errors: it is no batch of this kind or setup. */
    bool (*prove)(const void *setup, const CvkBuf *batch, CvkPool *pool, CvkBuf *ret, CvkErr *err);
} BatchKind;

/* "usage.value": there is none. */
bool batch_kind_named(const char *name, const BatchKind **ret, CvkErr *err) MUST_USE;
const BatchKind *batch_kind_of(const CvkBuf *batch); /* by its head */
const BatchKind *batch_kind_at(size_t i);            /* NULL past the last */
/* Could the file be a setup of this kind? */
bool batch_kind_setup(const BatchKind *k, const char *path, bool *ret, CvkErr *err) MUST_USE;

/* Batch number `i` of a seed: between half of `most` numbers (at least 1) and `most`, so that
 * batches differ in what they cost. *ret: the caller's to empty. */
#define BATCH_BYTES_MAX ((size_t)LIMIT_KZG_G1_POWERS * FR_BYTES)
bool batch_new(const BatchKind *k, uint64_t seed, uint64_t i, size_t most, CvkBuf *ret,
               CvkErr *err) MUST_USE;

/* The whole manifest (format/batch_manifest.h), added to *ret. */
bool batch_manifest(const BatchKind *k, const void *setup, const char *name, const CvkBuf *batch,
                    CvkPool *pool, CvkBuf *ret, CvkErr *err) MUST_USE;
