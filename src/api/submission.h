/* The body of a submission, read while it arrives: the proof's bytes go to a sink, of the rest is
 * kept what fits in LIMIT_SUBMISSION_REST, and what it says is looked at when it is whole.
 *
 * Keys may come in any order. One that we know and that is there twice makes the body malformed:
 * readers differ on which of the two counts. What we do not know is kept as `extra`, as it is
 * written.
 * Threads: one at a time. */
#pragma once

#include "base/source.h"
#include "run/experiment.h"

typedef struct SubmissionReader SubmissionReader;

/* What a body says. It lives as long as its reader. */
typedef struct {
    bool has_request;        /* submission.request is a number that a request may have */
    const char *wrong_field; /* the first one of the metadata that cannot be; NULL: all can */
    bool has_proof;          /* there is one, it is base64, and not of nothing */
    const char *failure;     /* the prover says that they could not, and why; NULL: they do not */
    Submission submission;   /* without its proof */
} SubmissionText;

SubmissionReader *submission_reader_new(CvkSink proof, CvkErr *err) MUST_USE;
SubmissionReader *submission_reader_free(SubmissionReader *r); /* NULL is fine; returns NULL */

/* The next bytes of the body. False: CVK_EBADREQ, it is no JSON; CVK_ELIMIT "limit.buffer", its
 * metadata are too long; or what the sink failed with. */
bool submission_reader_add(SubmissionReader *r, const void *data, size_t n, CvkErr *err) MUST_USE;

/* It is whole; the proof's last bytes go to the sink now. False: CVK_EBADREQ, it is not one JSON
 * object; CVK_ELIMIT, its metadata are too long, or nested too deeply; or what the sink failed
 * with. Once. */
bool submission_reader_end(SubmissionReader *r, const SubmissionText **ret, CvkErr *err) MUST_USE;
