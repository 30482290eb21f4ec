/* The inside of the KZG kind, shared by the files that make it: kind_kzg.c (responses, verdicts,
 * results, the table) and kind_kzg_documents.c. Threads: as run/kind.h. */
#pragma once

#include "run/kind.h"
#include "setup/kzg_verify.h"

#include <pthread.h>

typedef struct {
    pthread_mutex_t lock; /* guards base.product */
    KzgBase base;
} Kzg;

/* The state that a response left, or (fd -1) the initial one. NULL: err says why. */
KzgWire *kind_kzg_state(const Kzg *k, int fd, CvkErr *err) MUST_USE;
/* Has a record this ceremony's size? */
bool kind_kzg_record_check(const Kzg *k, size_t n, CvkErr *err) MUST_USE;
/* The n keys of r->record, which was just written. */
bool kind_kzg_add_keys(KindResult *r, size_t n, CvkErr *err) MUST_USE;

/* As in the table of run/kind.h. */
bool kind_kzg_write_challenge(void *self, int fd, FILE *out, CvkErr *err) MUST_USE;
bool kind_kzg_write_challenge_binary(void *self, int fd, FILE *out, CvkErr *err) MUST_USE;
bool kind_kzg_write_transcript(void *self, int fd, History history, TranscriptPart part, FILE *out,
                               CvkErr *err) MUST_USE;
bool kind_kzg_read_transcript(void *self, FILE *in,
                              bool (*take)(void *ctx, uint64_t index, const char *identity,
                                           const KindResult *r, CvkErr *err),
                              void *ctx, CvkErr *err) MUST_USE;
