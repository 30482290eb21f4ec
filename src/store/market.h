/* The tables of prover experiments. An experiment is a row of the table of ceremonies whose kind is
 * "market": its journal, chain and head are kept as a ceremony's are (store/store.h). The tables
 * are the truth that analyses read; for each row that is added, or changed in what it says, the
 * journal has its digest, in the same transaction.
 *
 * Numbers of participants, batches and requests are market/market.h's; states and groups are its
 * values. Text is limited by base/limits.h, and refused if longer (CVK_ELIMIT "market.text").
 * Threads and errors: as store/store.h. */
#pragma once

#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

#define STORE_MARKET_KIND "market"
#define STORE_TOKEN_BYTES 18

/* ---- rows; texts are by reference, of rows that are read until the callback returns ---- */

typedef struct {
    uint32_t id;
    uint8_t secret[32]; /* sha256 of the id that they show */
    uint8_t token[STORE_TOKEN_BYTES];
    int32_t group; /* -1: none */
    const char *label, *contact, *note;
    bool allowed;
    int64_t created_ms;
} StoreParticipant;

typedef struct {
    uint32_t id, block;
    const char *name;
    uint8_t sha256[32];
    uint64_t size;
    const char *verifier, *params, *expect, *covariates; /* the last three: JSON */
    bool retired;
    int64_t created_ms;
} StoreBatch;

/* What went out of one request's batch. */
typedef struct {
    uint64_t refetches; /* get_batch was asked again */
    int64_t first_get_ms, last_get_ms;
    uint64_t bytes, whole; /* whole: downloads of all of it */
} StoreServed;

typedef struct {
    uint64_t id;
    uint32_t participant, batch, seq;
    uint8_t token[STORE_TOKEN_BYTES];
    uint32_t state;
    int64_t issued_ms, since_ms, closed_ms;
    uint8_t body[32];
    StoreServed served;
} StoreRequest;

typedef struct {
    uint64_t request;
    uint32_t participant, batch, seq; /* the request's; not written */
    int64_t issued_ms, first_get_ms;
    uint8_t proof[32];
    uint64_t proof_n;
    uint8_t canonical[32];
    int64_t proving_ms, cost, price;
    const char *cost_text, *price_text, *deployment;
    bool deployment_is_text;
    const char *acceleration, *extra; /* "": not said */
    int64_t received_ms, verify_us;
    const char *verifier;
    uint32_t flags, attempts;
} StoreSubmission;

typedef struct {
    uint64_t id, request; /* request 0: none that there is */
    uint32_t participant;
    int64_t received_ms;
    const char *verdict; /* invalid, malformed, error, badmeta, failed, late, ... */
    uint8_t proof[32];   /* its sha256; zeros: there was none */
    uint64_t proof_n;
    int64_t verify_us;
    const char *why;
} StoreAttempt;

typedef struct {
    uint32_t participant;
    const char *deployment, *description, *hardware; /* hardware: JSON, or "" */
    int64_t rate;                                    /* micro-cents an hour; -1: not said */
    int64_t power_w;                                 /* -1: not said */
    int64_t changed_ms;
} StoreDeployment;

typedef struct {
    char name[64];
    uint8_t sha256[32];
    uint64_t size;
} StorePublicFile;

/* What the journal says of a row: a hash of everything in it that does not change without an entry
 * of its own (so neither what was served, nor whether somebody is allowed, or a batch retired). */
void store_participant_digest(const StoreParticipant *p, uint8_t ret[32]);
void store_batch_digest(const StoreBatch *b, uint8_t ret[32]);
void store_request_digest(const StoreRequest *r, uint8_t ret[32]); /* as it was issued */
void store_submission_digest(const StoreSubmission *x, uint8_t ret[32]);
void store_attempt_digest(const StoreAttempt *a, uint8_t ret[32]);
void store_deployment_digest(const StoreDeployment *x, uint8_t ret[32]);
void store_public_digest(const StorePublicFile *f, uint8_t ret[32]);

/* ---- writing: in the transaction of the journal's entry ---- */
bool store_participant_add(Store *s, int64_t experiment, const StoreParticipant *p,
                           CvkErr *err) MUST_USE;
bool store_participant_set(Store *s, int64_t experiment, uint32_t id, const uint8_t secret[32],
                           bool allowed, CvkErr *err) MUST_USE;
/* label, contact and note are as in p. */
bool store_participant_describe(Store *s, int64_t experiment, const StoreParticipant *p,
                                CvkErr *err) MUST_USE;
bool store_batch_add(Store *s, int64_t experiment, const StoreBatch *b, CvkErr *err) MUST_USE;
bool store_batch_retire(Store *s, int64_t experiment, uint32_t id, bool retired,
                        CvkErr *err) MUST_USE;
bool store_batch_describe(Store *s, int64_t experiment, uint32_t id, const char *covariates,
                          CvkErr *err) MUST_USE;
bool store_request_add(Store *s, int64_t experiment, const StoreRequest *r, CvkErr *err) MUST_USE;
/* CVK_EINTERNAL "market.request": it was not open (or not closed). */
bool store_request_close(Store *s, int64_t experiment, uint64_t id, uint32_t state, int64_t ms,
                         const uint8_t body[32], CvkErr *err) MUST_USE;
bool store_request_reopen(Store *s, int64_t experiment, uint64_t id, int64_t since_ms,
                          CvkErr *err) MUST_USE;
/* Adds to what was served; no entry goes with it. */
bool store_request_served(Store *s, int64_t experiment, uint64_t id, const StoreServed *more,
                          CvkErr *err) MUST_USE;
bool store_submission_add(Store *s, int64_t experiment, const StoreSubmission *x,
                          CvkErr *err) MUST_USE;
bool store_attempt_add(Store *s, int64_t experiment, const StoreAttempt *a, CvkErr *err) MUST_USE;
bool store_deployment_put(Store *s, int64_t experiment, const StoreDeployment *d,
                          CvkErr *err) MUST_USE;
bool store_public_put(Store *s, int64_t experiment, const StorePublicFile *f, CvkErr *err) MUST_USE;

/* ---- reading: from number `from` on, in the order of numbers; fn may stop it ---- */
bool store_participant_each(Store *s, int64_t experiment, uint32_t from,
                            bool (*fn)(void *ctx, const StoreParticipant *p, CvkErr *err),
                            void *ctx, CvkErr *err) MUST_USE;
bool store_batch_each(Store *s, int64_t experiment, uint32_t from,
                      bool (*fn)(void *ctx, const StoreBatch *b, CvkErr *err), void *ctx,
                      CvkErr *err) MUST_USE;
bool store_request_each(Store *s, int64_t experiment, uint64_t from,
                        bool (*fn)(void *ctx, const StoreRequest *r, CvkErr *err), void *ctx,
                        CvkErr *err) MUST_USE;
/* Those that are not done; closed_ms of one that is open is now_ms. */
bool store_request_unproved_each(Store *s, int64_t experiment, int64_t now_ms,
                                 bool (*fn)(void *ctx, const StoreRequest *r, CvkErr *err),
                                 void *ctx, CvkErr *err) MUST_USE;
/* About 2 us a row. */
bool store_submission_each(Store *s, int64_t experiment, uint64_t from,
                           bool (*fn)(void *ctx, const StoreSubmission *x, CvkErr *err), void *ctx,
                           CvkErr *err) MUST_USE;
bool store_attempt_each(Store *s, int64_t experiment, uint64_t from,
                        bool (*fn)(void *ctx, const StoreAttempt *a, CvkErr *err), void *ctx,
                        CvkErr *err) MUST_USE;
bool store_deployment_each(Store *s, int64_t experiment,
                           bool (*fn)(void *ctx, const StoreDeployment *d, CvkErr *err), void *ctx,
                           CvkErr *err) MUST_USE;
bool store_public_each(Store *s, int64_t experiment,
                       bool (*fn)(void *ctx, const StorePublicFile *f, CvkErr *err), void *ctx,
                       CvkErr *err) MUST_USE;

/* The one row with this number: fn sees it. */
bool store_participant_get(Store *s, int64_t experiment, uint32_t id,
                           bool (*fn)(void *ctx, const StoreParticipant *p, CvkErr *err), void *ctx,
                           bool *ret_found, CvkErr *err) MUST_USE;
bool store_batch_get(Store *s, int64_t experiment, uint32_t id,
                     bool (*fn)(void *ctx, const StoreBatch *b, CvkErr *err), void *ctx,
                     bool *ret_found, CvkErr *err) MUST_USE;
bool store_request_get(Store *s, int64_t experiment, uint64_t id, StoreRequest *ret,
                       bool *ret_found, CvkErr *err) MUST_USE;
bool store_submission_get(Store *s, int64_t experiment, uint64_t request,
                          bool (*fn)(void *ctx, const StoreSubmission *x, CvkErr *err), void *ctx,
                          bool *ret_found, CvkErr *err) MUST_USE;
bool store_attempt_get(Store *s, int64_t experiment, uint64_t id,
                       bool (*fn)(void *ctx, const StoreAttempt *a, CvkErr *err), void *ctx,
                       bool *ret_found, CvkErr *err) MUST_USE;
/* How many rows there are. */
bool store_market_count(Store *s, int64_t experiment, uint64_t *ret_submissions,
                        uint64_t *ret_attempts, CvkErr *err) MUST_USE;
/* The batch that has this name, else the one that has these contents. */
bool store_batch_like(Store *s, int64_t experiment, const char *name, const uint8_t sha256[32],
                      bool (*fn)(void *ctx, const StoreBatch *b, CvkErr *err), void *ctx,
                      bool *ret_found, CvkErr *err) MUST_USE;
/* Whose batch a path leads to, if they are allowed. *ret_request 0: to none. */
bool store_request_find(Store *s, int64_t experiment, const uint8_t theirs[STORE_TOKEN_BYTES],
                        const uint8_t own[STORE_TOKEN_BYTES], uint64_t *ret_request,
                        uint8_t ret_sha256[32], uint64_t *ret_size, CvkErr *err) MUST_USE;
/* Was a proof with this canonical hash accepted before? */
bool store_canonical_seen(Store *s, int64_t experiment, const uint8_t canonical[32], bool *ret,
                          CvkErr *err) MUST_USE;
bool store_attempt_last(Store *s, int64_t experiment, uint64_t *ret, CvkErr *err) MUST_USE;
/* Those of one request that were its prover's fault. */
bool store_attempt_count(Store *s, int64_t experiment, uint64_t request, uint32_t *ret,
                         CvkErr *err) MUST_USE;
