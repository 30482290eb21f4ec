/* What a kind of ceremony (kzg; later phase1, phase2) does with responses, as a table: the run
 * layer knows turns, blobs and journals, a kind knows the mathematics and the documents.
 *
 * `self` is the kind's own part of one ceremony: its sizes and what the next response must extend.
 * It changes only through adopt(), called by whoever holds the ceremony's writer lock. Threads:
 * judge() and the writers may run beside each other and beside adopt(); `self` locks for itself. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/progress.h"
#include "codec/json_write.h"
#include "run/ceremony.h"
#include "store/store.h"

#include <stdio.h>

/* What judging a valid response leaves behind. */
typedef struct {
    CvkBuf record; /* for the transcript: StoreContribution.record */
    CvkBuf keys;   /* n_keys public keys of key_size bytes, one after another */
    size_t n_keys, key_size;
} KindResult;

void kind_result_init(KindResult *r);
void kind_result_done(KindResult *r);

/* The accepted contributions in order, as store_contribution_each gives them, from the one with the
 * index `from` on; those after `upto` came later than what is being written and must be passed
 * over. */
typedef struct {
    uint64_t upto;
    bool (*each)(void *ctx, uint64_t from,
                 bool (*fn)(void *fn_ctx, const StoreContribution *c, CvkErr *err), void *fn_ctx,
                 CvkErr *err);
    void *ctx;
} History;

/* What of a transcript is wanted. */
typedef struct {
    uint64_t from; /* the first entry of its lists; 0 is the initial state */
    bool bare;     /* without the powers: their lists are empty */
} TranscriptPart;

typedef struct Kind {
    const char *name;

    /* From the definition's `sizes` text; checks it. */
    bool (*make)(const char *sizes, void **ret_self, CvkErr *err);
    void (*free)(void *self);

    /* Reads a response from fd (from its start). Malformed: true, *ret_response NULL, and
     * ret->result SUBMIT_NOT_JSON, _NOT_BINARY or _WRONG_SHAPE with its text. */
    bool (*parse)(void *self, int fd, void **ret_response, Submit *ret, CvkErr *err);
    void (*response_free)(void *response);

    /* Verifies it on top of the newest contribution: ret->result SUBMIT_ACCEPTED and *ret_result,
     * or SUBMIT_REFUSED with code and text. `seen` asks whether a public key was used before. */
    bool (*judge)(void *self, void *response, const char *identity,
                  bool (*seen)(void *ctx, const void *key, size_t n), void *seen_ctx, CvkPool *pool,
                  Submit *ret, KindResult *ret_result, CvkErr *err);

    /* The string of the receipt for it; `more` adds the ceremony's members behind the kind's own.
     */
    bool (*receipt)(void *response, const char *identity, void (*more)(JsonWriter *w, void *ctx),
                    void *ctx, CvkBuf *ret, CvkErr *err);

    /* Which of its contributor's own signatures a record holds, in words for a header field. NULL:
     * there are no such signatures. */
    void (*signatures)(void *self, const uint8_t *record, size_t n, char ret[SUBMIT_SIGNATURES]);

    /* The contribution with this record has become the newest. */
    bool (*adopt)(void *self, const uint8_t *record, size_t n, CvkErr *err);

    /* From r->record, of a contribution that was accepted, the keys as judge() leaves them. */
    bool (*keys)(void *self, KindResult *r, CvkErr *err);

    /* The challenge that follows the newest response (fd), or the initial one (fd -1), as a file.
     */
    bool (*write_challenge)(void *self, int fd, FILE *out, CvkErr *err);
    /* The same in the kind's binary form; NULL: it has none. */
    bool (*write_challenge_binary)(void *self, int fd, FILE *out, CvkErr *err);
    /* Of a bare one fd is not looked at. */
    bool (*write_transcript)(void *self, int fd, History history, TranscriptPart part, FILE *out,
                             CvkErr *err);

    /* The contributions of such a transcript, in order: their records and keys, as judge() leaves
     * them. A stranger's file: its form is checked, its mathematics is not. */
    bool (*read_transcript)(void *self, FILE *in,
                            bool (*take)(void *ctx, uint64_t index, const char *identity,
                                         const KindResult *r, CvkErr *err),
                            void *ctx, CvkErr *err);

    /* Writes the products made from the final state into the directory `out`, calling `wrote` with
     * each file's name. */
    bool (*write_results)(void *self, int fd, const char *out, CvkPool *pool, CvkProgress progress,
                          bool (*wrote)(void *ctx, const char *name, CvkErr *err), void *ctx,
                          CvkErr *err);
} Kind;

extern const Kind KIND_KZG;

/* NULL: there is no such kind. */
const Kind *kind_find(const char *name);
