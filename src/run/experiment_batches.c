/* Batches and public files: their bytes are copied into blobs first, then all of them are entered
 * in one transaction. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "codec/json_read.h"
#include "format/batch_manifest.h"
#include "run/experiment_private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- bytes ---- */

typedef struct {
    uint8_t sha256[32];
    uint64_t size;
} Kept;

static bool copy(FILE *f, BlobWriter *w, Kept *ret, CvkErr *err) {
    char piece[65536];
    int fd;
    ret->size = 0;
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) != 0; ret->size += n)
        if (!blob_write(w, piece, n, err))
            return false;
    if (ferror(f))
        return cvk_fail_errno(err, "file.read", "cannot read it");
    return blob_seal(w, ret->sha256, &fd, err) && blob_keep(w, err);
}

/* A file that was kept and is then entered nowhere only takes room. */
static bool keep_file(const Experiment *e, const char *path, Kept *ret, CvkErr *err) {
    FILE *f = cvk_file_open_regular(path, false, err);
    if (f == NULL)
        return false;
    BlobWriter *w = blob_writer_new(e->dir, LIMIT_MARKET_BATCH, err);
    bool ok = w != NULL && copy(f, w, ret, err);
    blob_writer_free(w);
    fclose(f);
    return ok || cvk_fail_prefix(err, "'%s'", CVK_SHOWN(path));
}

/* Of the very bytes that were kept: a file may change between two readings. */
static bool check_kept(const BatchSource *b, const Kept *kept, CvkErr *err) {
    if (b->size != NULL && *b->size != kept->size)
        return cvk_fail(err, CVK_EBADREQ, "batch.size",
                        "batch '%.80s' has not the size that its manifest says", b->name);
    if (b->sha256 != NULL && memcmp(b->sha256, kept->sha256, sizeof kept->sha256) != 0)
        return cvk_fail(err, CVK_EBADREQ, "batch.sha256",
                        "batch '%.80s' has not the sha256 that its manifest says", b->name);
    return true;
}

/* ---- what an import says ---- */

static bool is_json(const char *what, const char *text, bool object, CvkErr *err) {
    JsonMemory memory = {.data = text, .n = strlen(text)};
    JsonType type;
    JsonReader *r = json_reader_new(json_from_memory(&memory), LIMIT_MARKET_JSON, err);
    if (r == NULL)
        return false;
    bool ok = json_read_peek(r, &type, err) &&
              (!object || type == JSON_TYPE_OBJECT ||
               json_read_fail(r, err, CVK_EBADREQ, "json.type", "it is no object")) &&
              json_read_skip(r, err) && json_read_end(r, err);
    json_reader_free(r);
    return ok || cvk_fail_prefix(err, "%s", what);
}

static const char *or_empty(const char *json) {
    return json == NULL ? "{}" : json;
}

static const char *or_null(const char *json) {
    return json == NULL ? "null" : json;
}

/* In the worker that will judge proofs of it. */
static bool check_verifier(const Experiment *e, const BatchSource *b, const Kept *kept,
                           CvkErr *err) {
    VerifyJob job = {
        .verifier = b->verifier,
        .params = or_empty(b->params),
        .dev = e->rules.dev,
        .batch = {.sha256 = kept->sha256, .name = b->name, .expect = or_null(b->expect)},
        .proof_fd = -1};
    if (strlen(b->verifier) >= VERIFIER_NAME_MAX)
        return cvk_fail(err, CVK_EBADREQ, "verifier.none", "there is no such verifier");
    if (!blob_open(e->dir, kept->sha256, &job.batch.fd, &job.batch.size, err))
        return false;
    job.proof_fd = job.batch.fd; /* one that is open; there is no proof to be read from it */
    bool ok = verify_process_check(e->verify, &job, err);
    close(job.batch.fd);
    return ok || cvk_fail_prefix(err, "batch '%.40s'", b->name);
}

static bool check_source(const BatchSource *b, CvkErr *err) {
    size_t n = strlen(b->name);
    bool ok = (n != 0 && n <= BATCH_NAME_MAX) ||
              cvk_fail(err, CVK_EBADREQ, "batch.name", "a batch's name has 1 to %d bytes",
                       BATCH_NAME_MAX);
    ok = ok && is_json("its parameters", or_empty(b->params), true, err) &&
         is_json("what is expected", or_null(b->expect), false, err) &&
         is_json("its covariates", or_empty(b->covariates), true, err);
    return ok || cvk_fail_prefix(err, "batch '%.40s'", b->name);
}

/* ---- entering ---- */

typedef struct {
    Experiment *e;
    uint32_t next, block; /* the numbers that they get */
    int64_t now_ms;
    size_t added;
} Adding;

typedef struct {
    const BatchSource *source;
    const Kept *kept;
} Candidate;

/* What an import says of a batch that is there must be what was said of it then. NULL: it is. */
static const char *what_differs(const StoreBatch *b, const BatchSource *now) {
    if (strcmp(b->verifier, now->verifier) != 0)
        return "verifier";
    if (strcmp(b->params, or_empty(now->params)) != 0)
        return "params";
    if (strcmp(b->expect, or_null(now->expect)) != 0)
        return "expect";
    return strcmp(b->covariates, or_empty(now->covariates)) != 0 ? "covariates" : NULL;
}

static bool must_be_same(void *ctx, const StoreBatch *b, CvkErr *err) {
    const Candidate *c = ctx;
    if (strcmp(b->name, c->source->name) != 0)
        return cvk_fail(err, CVK_ECONFLICT, "batch.exists",
                        "'%.40s' has the contents of batch '%s', which is there", c->source->name,
                        b->name);
    if (memcmp(b->sha256, c->kept->sha256, sizeof b->sha256) != 0)
        return cvk_fail(err, CVK_ECONFLICT, "batch.exists",
                        "batch '%s' is there with other contents", b->name);
    const char *other = what_differs(b, c->source);
    return other == NULL || cvk_fail(err, CVK_ECONFLICT, "batch.exists",
                                     "batch '%s' is there with another \"%s\"", b->name, other);
}

static bool add(Adding *a, const Candidate *c, CvkErr *err) {
    Experiment *e = a->e;
    bool found;
    StoreBatch row = {.id = a->next,
                      .block = a->block,
                      .name = c->source->name,
                      .size = c->kept->size,
                      .verifier = c->source->verifier,
                      .params = or_empty(c->source->params),
                      .expect = or_null(c->source->expect),
                      .covariates = or_empty(c->source->covariates),
                      .created_ms = a->now_ms};
    MarketEntry entry = {.type = ENTRY_BATCH_ADDED,
                         .change = {.ms = a->now_ms, .batch = row.id, .block = row.block}};
    memcpy(row.sha256, c->kept->sha256, sizeof row.sha256);
    Candidate seen = *c;
    if (!store_batch_like(e->store, e->id, row.name, row.sha256, must_be_same, &seen, &found, err))
        return false;
    if (found)
        return true;
    if (a->next > LIMIT_MARKET_BATCHES)
        return cvk_fail(err, CVK_ELIMIT, "batch.many", "an experiment has at most %u batches",
                        LIMIT_MARKET_BATCHES);
    store_batch_digest(&row, entry.row);
    if (!store_batch_add(e->store, e->id, &row, err) || !experiment_log(e, &entry, err))
        return false;
    a->next++;
    a->added++;
    return true;
}

static bool add_all(Experiment *e, const BatchSource *b, const Kept *kept, size_t n,
                    size_t *ret_added, CvkErr *err) {
    MarketCounts counts;
    bool ok = true;
    if (!experiment_begin(e, err))
        return false;
    market_counts(e->state, &counts);
    Adding a = {.e = e,
                .next = counts.batches + 1,
                .block = counts.blocks + 1,
                .now_ms = run_clock_now(e->clock)};
    for (size_t i = 0; ok && i < n; i++) {
        Candidate c = {.source = &b[i], .kept = &kept[i]};
        ok = add(&a, &c, err);
    }
    if (!experiment_end(e, ok, err))
        return false;
    *ret_added = a.added;
    return true;
}

bool experiment_batches_add(Experiment *e, const BatchSource *b, size_t n, size_t *ret_added,
                            CvkErr *err) {
    for (size_t i = 0; i < n; i++)
        if (!check_source(&b[i], err))
            return false;
    _cleanup_free_ Kept *kept = cvk_alloc(n, sizeof *kept, err);
    if (kept == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!keep_file(e, b[i].path, &kept[i], err) || !check_kept(&b[i], &kept[i], err) ||
            !check_verifier(e, &b[i], &kept[i], err))
            return false;
    return add_all(e, b, kept, n, ret_added, err);
}

bool experiment_batch_retire(Experiment *e, uint32_t batch, bool retired, CvkErr *err) {
    MarketChange c = {.kind = CHANGE_BATCH_RETIRED, .batch = batch, .on = !retired};
    if (!experiment_begin(e, err))
        return false;
    c.ms = run_clock_now(e->clock);
    MarketEntry entry = market_entry_of(&c);
    bool ok = market_check(e->state, &c, err) &&
              store_batch_retire(e->store, e->id, batch, retired, err) &&
              experiment_log(e, &entry, err);
    return experiment_end(e, ok, err);
}

typedef struct {
    Experiment *e;
    const char *covariates;
    MarketEntry entry;
} Describing;

static bool describe(void *ctx, const StoreBatch *b, CvkErr *err) {
    Describing *d = ctx;
    StoreBatch now = *b;
    now.covariates = d->covariates;
    store_batch_digest(&now, d->entry.row);
    return store_batch_describe(d->e->store, d->e->id, b->id, d->covariates, err);
}

bool experiment_batch_describe(Experiment *e, uint32_t batch, const char *covariates, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(LIMIT_MARKET_JSON);
    Describing d = {.e = e, .entry = {.type = ENTRY_BATCH_DESCRIBED, .change = {.batch = batch}}};
    bool found;
    if (!covariates_read(covariates, &text, err) || !experiment_begin(e, err))
        return false;
    d.covariates = cvk_buf_str(&text);
    d.entry.change.ms = run_clock_now(e->clock);
    bool ok =
        store_batch_get(e->store, e->id, batch, describe, &d, &found, err) &&
        (found || cvk_fail(err, CVK_ENOTFOUND, "batch.none", "there is no batch %u", batch)) &&
        experiment_log(e, &d.entry, err);
    return experiment_end(e, ok, err);
}

/* ---- public files ---- */

static bool publish(Experiment *e, const char *name, const char *path, CvkErr *err) {
    MarketEntry entry = {.type = ENTRY_FILE_PUBLISHED};
    StorePublicFile row;
    Kept kept;
    if (!keep_file(e, path, &kept, err) || !experiment_begin(e, err))
        return false;
    entry.change.ms = run_clock_now(e->clock);
    snprintf(row.name, sizeof row.name, "%s", name);
    snprintf(entry.name, sizeof entry.name, "%s", name);
    memcpy(row.sha256, kept.sha256, sizeof row.sha256);
    row.size = kept.size;
    store_public_digest(&row, entry.row);
    bool ok = store_public_put(e->store, e->id, &row, err) && experiment_log(e, &entry, err);
    return experiment_end(e, ok, err);
}

bool experiment_examples(Experiment *e, const char *batch_path, const char *proof_path,
                         CvkErr *err) {
    return (batch_path == NULL || publish(e, "example-batch.bin", batch_path, err)) &&
           (proof_path == NULL || publish(e, "example-proof.bin", proof_path, err));
}
