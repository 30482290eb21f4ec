#include "run/experiment_export.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "format/batch_manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FLAGS_TEXT 160
#define ALIAS_BYTES ((EXPORT_ALIAS_MAX - 1) / 2)

const char *const export_table_names[EXPORT_TABLES_N] = {
    [EXPORT_SUBMISSIONS] = "submissions",
    [EXPORT_ATTEMPTS] = "attempts",
    [EXPORT_REQUESTS] = "requests",
    [EXPORT_BATCHES] = "batches",
    [EXPORT_PANEL] = "panel",
};

/* ---- what is held meanwhile ---- */

typedef struct {
    char *name, *covariates; /* JSON */
} BatchText;

/* A covariate that some batch has: a column. */
typedef struct {
    char column[COVARIATE_NAME_MAX + sizeof "batch."];
    bool is_text; /* of some batch it is no number */
} Covariate;

/* A cell of the panel. */
typedef struct {
    uint32_t batch, participant;
    int64_t price, cost, ms;
} Bid;

typedef struct {
    char name[EXPORT_ALIAS_MAX];
    uint32_t participant;
} Person;

typedef struct {
    const ExportOptions *options;
    TableWriter *to;
    BatchText *batches; /* by number, from 1 */
    size_t n_batches, batches_cap;
    Covariate *covariates;
    size_t n_covariates, covariates_cap;
    size_t n_people;
    Bid *bids;
    size_t n_bids, bids_cap;
    size_t n_fixed;    /* columns before the covariates */
    Cell *cells;       /* one row */
    CvkBuf row;        /* texts of its covariates, one after another */
    char (*names)[64]; /* the panel's columns */
    Person *people;    /* of the panel, in the order of their columns */
    size_t *place;     /* of participant i + 1 in that order */
} Export;

static bool room(void *at, size_t n, size_t *cap, size_t size, CvkErr *err) {
    void *old;
    if (n < *cap)
        return true;
    size_t more = *cap == 0 ? 64 : 2 * *cap;
    memcpy(&old, at, sizeof old); /* a pointer to any type */
    void *items = reallocarray(old, more, size);
    if (items == NULL)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "memory is short");
    memcpy(at, &items, sizeof items);
    *cap = more;
    return true;
}

static void done(Export *x) {
    table_writer_free(x->to);
    for (size_t i = 0; i < x->n_batches; i++) {
        free(x->batches[i].name);
        free(x->batches[i].covariates);
    }
    free(x->batches);
    free(x->covariates);
    free(x->bids);
    free(x->cells);
    free(x->names);
    free(x->people);
    free(x->place);
    cvk_buf_done(&x->row);
}

/* ---- who ---- */

static void alias(const uint8_t *key, const char *text, char ret[EXPORT_ALIAS_MAX]) {
    uint8_t mac[32];
    cvk_hmac_sha256(key, text, strlen(text), mac);
    cvk_hex_encode(mac, ALIAS_BYTES, ret);
}

static const char *who(const Export *x, uint32_t participant, char ret[EXPORT_ALIAS_MAX]) {
    char text[32];
    snprintf(text, sizeof text, "participant/%" PRIu32, participant);
    if (x->options->key != NULL)
        alias(x->options->key, text, ret);
    else
        snprintf(ret, EXPORT_ALIAS_MAX, "%" PRIu32, participant);
    return ret;
}

static Cell who_cell(const Export *x, uint32_t participant, char room_for[EXPORT_ALIAS_MAX]) {
    return x->options->key != NULL ? cell_text(who(x, participant, room_for))
                                   : cell_int(participant);
}

static const char *deployment(const Export *x, const StoreSubmission *s,
                              char ret[EXPORT_ALIAS_MAX]) {
    char text[MARKET_DEPLOYMENT_MAX + 64];
    if (x->options->key == NULL)
        return s->deployment;
    snprintf(text, sizeof text, "deployment/%" PRIu32 "/%s", s->participant, s->deployment);
    alias(x->options->key, text, ret);
    return ret;
}

/* ---- batches and their covariates ---- */

static bool note_covariate(void *ctx, const char *name, const char *text, bool is_number,
                           CvkErr *err) {
    Export *x = ctx;
    (void)text;
    for (size_t i = 0; i < x->n_covariates; i++)
        if (strcmp(x->covariates[i].column + strlen("batch."), name) == 0) {
            x->covariates[i].is_text = x->covariates[i].is_text || !is_number;
            return true;
        }
    if (x->n_covariates == LIMIT_TABLE_COLUMNS / 2)
        return cvk_fail(err, CVK_ELIMIT, "table.columns", "the batches have too many covariates");
    if (!room(&x->covariates, x->n_covariates, &x->covariates_cap, sizeof *x->covariates, err))
        return false;
    Covariate *c = &x->covariates[x->n_covariates++];
    snprintf(c->column, sizeof c->column, "batch.%s", name);
    c->is_text = !is_number;
    return true;
}

static bool hold_batch(void *ctx, const StoreBatch *b, CvkErr *err) {
    Export *x = ctx;
    if (!room(&x->batches, x->n_batches, &x->batches_cap, sizeof *x->batches, err))
        return false;
    BatchText *t = &x->batches[x->n_batches++];
    t->name = cvk_strdup(b->name, err);
    t->covariates = cvk_strdup(b->covariates, err);
    return t->name != NULL && t->covariates != NULL &&
           covariates_each(b->covariates, note_covariate, x, err);
}

static const BatchText *batch_at(const Export *x, uint32_t batch) {
    return batch >= 1 && batch <= x->n_batches ? &x->batches[batch - 1] : NULL;
}

static Cell batch_name(const Export *x, uint32_t batch) {
    const BatchText *t = batch_at(x, batch);
    return t != NULL ? cell_text(t->name) : CELL_NONE;
}

/* The text moves while the row's grow: until all are there, the cell holds where it begins. */
static bool take_covariate(void *ctx, const char *name, const char *text, bool is_number,
                           CvkErr *err) {
    Export *x = ctx;
    (void)is_number;
    for (size_t i = 0; i < x->n_covariates; i++)
        if (strcmp(x->covariates[i].column + strlen("batch."), name) == 0)
            x->cells[x->n_fixed + i] = cell_int((int64_t)x->row.n);
    return cvk_buf_add(&x->row, text, strlen(text) + 1, err);
}

/* The cells behind the fixed ones. */
static bool put_covariates(Export *x, uint32_t batch, CvkErr *err) {
    const BatchText *t = batch_at(x, batch);
    Cell *cells = x->cells + x->n_fixed;
    for (size_t i = 0; i < x->n_covariates; i++)
        cells[i] = CELL_NONE;
    x->row.n = 0;
    if (t != NULL && !covariates_each(t->covariates, take_covariate, x, err))
        return false;
    for (size_t i = 0; i < x->n_covariates; i++)
        if (cells[i].given)
            cells[i].text = x->row.data + cells[i].n;
    return true;
}

/* ---- a table's columns and its row ---- */

/* The writer for these columns, and, if `covariates`, for theirs. */
static bool begin(Export *x, const Column *fixed, size_t n, bool covariates, const CvkSink *to,
                  CvkErr *err) {
    size_t all = n + (covariates ? x->n_covariates : 0);
    Column *columns = cvk_alloc(all, sizeof *columns, err);
    x->cells = columns == NULL ? NULL : cvk_alloc(all, sizeof *x->cells, err);
    x->n_fixed = n;
    if (x->cells == NULL) {
        free(columns);
        return false;
    }
    memcpy(columns, fixed, n * sizeof *fixed);
    for (size_t i = 0; i < n; i++)
        if (x->options->key != NULL && strcmp(columns[i].name, "participant") == 0)
            columns[i].type = COLUMN_TEXT;
    for (size_t i = n; i < all; i++)
        columns[i] = (Column){x->covariates[i - n].column,
                              x->covariates[i - n].is_text ? COLUMN_TEXT : COLUMN_NUMBER};
    bool ok = table_writer_new(x->options->format, columns, all, to, &x->to, err);
    free(columns);
    return ok;
}

static Cell time_cell(int64_t ms) {
    return ms != 0 ? cell_int(ms) : CELL_NONE;
}

static const char *flags_text(uint32_t flags, char ret[FLAGS_TEXT]) {
    size_t n = 0;
    ret[0] = '\0';
    for (unsigned bit = 0; bit < MARKET_FLAGS_N; bit++)
        if ((flags & 1u << bit) != 0)
            n += (size_t)snprintf(ret + n, FLAGS_TEXT - n, "%s%s", n > 0 ? "|" : "",
                                  market_flag_name(bit));
    return ret;
}

static const Column submission_columns[] = {
    {"request_id", COLUMN_INT},      {"participant", COLUMN_INT},  {"batch", COLUMN_INT},
    {"batch_name", COLUMN_TEXT},     {"seq", COLUMN_INT},          {"issued_ms", COLUMN_INT},
    {"first_get_ms", COLUMN_INT},    {"received_ms", COLUMN_INT},  {"observed_ms", COLUMN_INT},
    {"proving_time_ms", COLUMN_INT}, {"cost_cents", COLUMN_CENTS}, {"price_cents", COLUMN_CENTS},
    {"margin_cents", COLUMN_CENTS},  {"deployment", COLUMN_TEXT},  {"deployment_type", COLUMN_TEXT},
    {"acceleration", COLUMN_TEXT},   {"attempts", COLUMN_INT},     {"flags", COLUMN_TEXT},
};
#define SUBMISSION_COLUMNS (sizeof submission_columns / sizeof *submission_columns)

static bool put_submission(void *ctx, const StoreSubmission *s, CvkErr *err) {
    Export *x = ctx;
    char participant[EXPORT_ALIAS_MAX], version[EXPORT_ALIAS_MAX], flags[FLAGS_TEXT];
    if ((s->flags & x->options->flags_exclude) != 0)
        return true;
    const Cell cells[SUBMISSION_COLUMNS] = {
        cell_int((int64_t)s->request),
        who_cell(x, s->participant, participant),
        cell_int(s->batch),
        batch_name(x, s->batch),
        cell_int(s->seq),
        cell_int(s->issued_ms),
        time_cell(s->first_get_ms),
        cell_int(s->received_ms),
        cell_int(s->received_ms - s->issued_ms),
        cell_int(s->proving_ms),
        cell_int(s->cost),
        cell_int(s->price),
        cell_int(s->price - s->cost),
        cell_text(deployment(x, s, version)),
        cell_text(s->deployment_is_text ? "string" : "number"),
        cell_text(s->acceleration[0] != '\0' ? s->acceleration : NULL),
        cell_int(s->attempts),
        cell_text(flags_text(s->flags, flags)),
    };
    memcpy(x->cells, cells, sizeof cells);
    return put_covariates(x, s->batch, err) && table_write(x->to, x->cells, err);
}

static const Column attempt_columns[] = {
    {"attempt_id", COLUMN_INT},  {"request_id", COLUMN_INT}, {"participant", COLUMN_INT},
    {"received_ms", COLUMN_INT}, {"verdict", COLUMN_TEXT},   {"proof_sha256", COLUMN_TEXT},
    {"proof_bytes", COLUMN_INT}, {"verify_us", COLUMN_INT},  {"why", COLUMN_TEXT},
};
#define ATTEMPT_COLUMNS (sizeof attempt_columns / sizeof *attempt_columns)

static bool put_attempt(void *ctx, const StoreAttempt *a, CvkErr *err) {
    Export *x = ctx;
    static const uint8_t no_proof[32];
    char participant[EXPORT_ALIAS_MAX], sha256[65];
    bool proof = memcmp(a->proof, no_proof, sizeof no_proof) != 0;
    cvk_hex_encode(a->proof, 32, sha256);
    const Cell cells[ATTEMPT_COLUMNS] = {
        cell_int((int64_t)a->id),
        a->request != 0 ? cell_int((int64_t)a->request) : CELL_NONE,
        who_cell(x, a->participant, participant),
        cell_int(a->received_ms),
        cell_text(a->verdict),
        cell_text(proof ? sha256 : NULL),
        proof ? cell_int((int64_t)a->proof_n) : CELL_NONE,
        cell_int(a->verify_us),
        cell_text(x->options->key == NULL ? a->why : NULL),
    };
    return table_write(x->to, cells, err);
}

static const Column request_columns[] = {
    {"request_id", COLUMN_INT},  {"participant", COLUMN_INT}, {"batch", COLUMN_INT},
    {"batch_name", COLUMN_TEXT}, {"seq", COLUMN_INT},         {"state", COLUMN_TEXT},
    {"issued_ms", COLUMN_INT},   {"closed_ms", COLUMN_INT},   {"first_get_ms", COLUMN_INT},
    {"last_get_ms", COLUMN_INT}, {"refetches", COLUMN_INT},   {"bytes_served", COLUMN_INT},
};
#define REQUEST_COLUMNS (sizeof request_columns / sizeof *request_columns)

static bool put_request(void *ctx, const StoreRequest *r, CvkErr *err) {
    Export *x = ctx;
    char participant[EXPORT_ALIAS_MAX];
    const Cell cells[REQUEST_COLUMNS] = {
        cell_int((int64_t)r->id),
        who_cell(x, r->participant, participant),
        cell_int(r->batch),
        batch_name(x, r->batch),
        cell_int(r->seq),
        cell_text(request_state_name((RequestState)r->state)),
        cell_int(r->issued_ms),
        time_cell(r->closed_ms),
        time_cell(r->served.first_get_ms),
        time_cell(r->served.last_get_ms),
        cell_int((int64_t)r->served.refetches),
        cell_int((int64_t)r->served.bytes),
    };
    memcpy(x->cells, cells, sizeof cells);
    return put_covariates(x, r->batch, err) && table_write(x->to, x->cells, err);
}

static const Column batch_columns[] = {
    {"batch", COLUMN_INT},   {"batch_name", COLUMN_TEXT}, {"block", COLUMN_INT},
    {"state", COLUMN_TEXT},  {"verifier", COLUMN_TEXT},   {"size", COLUMN_INT},
    {"sha256", COLUMN_TEXT}, {"created_ms", COLUMN_INT},
};
#define BATCH_COLUMNS (sizeof batch_columns / sizeof *batch_columns)

static bool put_batch(void *ctx, const StoreBatch *b, CvkErr *err) {
    Export *x = ctx;
    char sha256[65];
    cvk_hex_encode(b->sha256, 32, sha256);
    const Cell cells[BATCH_COLUMNS] = {
        cell_int(b->id),        cell_text(b->name),
        cell_int(b->block),     cell_text(b->retired ? "retired" : "active"),
        cell_text(b->verifier), cell_int((int64_t)b->size),
        cell_text(sha256),      cell_int(b->created_ms),
    };
    memcpy(x->cells, cells, sizeof cells);
    return put_covariates(x, b->id, err) && table_write(x->to, x->cells, err);
}

/* ---- the panel ---- */

enum { PANEL_PRICE, PANEL_COST, PANEL_TIME, PANEL_KINDS };
#define PANEL_FIXED 2

static bool count_person(void *ctx, const StoreParticipant *p, CvkErr *err) {
    (void)err;
    ((Export *)ctx)->n_people = p->id;
    return true;
}

static bool hold_bid(void *ctx, const StoreSubmission *s, CvkErr *err) {
    Export *x = ctx;
    if ((s->flags & x->options->flags_exclude) != 0 || s->participant > x->n_people)
        return true;
    if (!room(&x->bids, x->n_bids, &x->bids_cap, sizeof *x->bids, err))
        return false;
    x->bids[x->n_bids++] = (Bid){s->batch, s->participant, s->price, s->cost, s->proving_ms};
    return true;
}

static int by_batch(const void *a, const void *b) {
    uint32_t x = ((const Bid *)a)->batch, y = ((const Bid *)b)->batch;
    return (x > y) - (x < y);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const Person *)a)->name, ((const Person *)b)->name);
}

/* In the order of their numbers; anonymous ones by their names, as the order would tell. */
static bool line_up(Export *x, CvkErr *err) {
    if ((x->people = cvk_alloc(x->n_people, sizeof *x->people, err)) == NULL ||
        (x->place = cvk_alloc(x->n_people, sizeof *x->place, err)) == NULL)
        return false;
    for (uint32_t i = 0; i < x->n_people; i++) {
        x->people[i].participant = i + 1;
        who(x, i + 1, x->people[i].name);
    }
    if (x->options->key != NULL)
        qsort(x->people, x->n_people, sizeof *x->people, by_name);
    for (size_t i = 0; i < x->n_people; i++)
        x->place[x->people[i].participant - 1] = i;
    return true;
}

static bool begin_panel(Export *x, const CvkSink *to, CvkErr *err) {
    static const char *const kinds[PANEL_KINDS] = {"price_cents", "cost_cents", "time_ms"};
    size_t n = PANEL_FIXED + PANEL_KINDS * x->n_people;
    Column *columns = NULL;
    x->names = cvk_alloc(n, sizeof *x->names, err);
    bool ok = x->names != NULL && line_up(x, err) &&
              (columns = cvk_alloc(n, sizeof *columns, err)) != NULL;
    if (ok) {
        columns[0] = (Column){"batch", COLUMN_INT};
        columns[1] = (Column){"batch_name", COLUMN_TEXT};
    }
    for (size_t i = 0; ok && i < PANEL_KINDS * x->n_people; i++) {
        size_t kind = i / x->n_people;
        snprintf(x->names[i], sizeof x->names[i], "%s.%s", kinds[kind],
                 x->people[i % x->n_people].name);
        columns[PANEL_FIXED + i] =
            (Column){x->names[i], kind == PANEL_TIME ? COLUMN_INT : COLUMN_CENTS};
    }
    ok = ok && begin(x, columns, n, true, to, err);
    free(columns);
    return ok;
}

static bool put_panel_row(Export *x, uint32_t batch, const Bid *bids, size_t n, CvkErr *err) {
    for (size_t i = 0; i < x->n_fixed; i++)
        x->cells[i] = CELL_NONE;
    x->cells[0] = cell_int(batch);
    x->cells[1] = batch_name(x, batch);
    for (size_t i = 0; i < n; i++) {
        Cell *at = x->cells + PANEL_FIXED + x->place[bids[i].participant - 1];
        at[PANEL_PRICE * x->n_people] = cell_int(bids[i].price);
        at[PANEL_COST * x->n_people] = cell_int(bids[i].cost);
        at[PANEL_TIME * x->n_people] = cell_int(bids[i].ms);
    }
    return put_covariates(x, batch, err) && table_write(x->to, x->cells, err);
}

static bool export_panel(Export *x, Experiment *e, const CvkSink *to, CvkErr *err) {
    if (!experiment_each_participant(e, count_person, x, err) || !begin_panel(x, to, err) ||
        !experiment_each_submission(e, hold_bid, x, err))
        return false;
    if (x->n_bids > 0)
        qsort(x->bids, x->n_bids, sizeof *x->bids, by_batch);
    size_t from = 0;
    for (uint32_t batch = 1; batch <= x->n_batches; batch++) {
        size_t end = from;
        while (end < x->n_bids && x->bids[end].batch == batch)
            end++;
        if (!put_panel_row(x, batch, x->bids + from, end - from, err))
            return false;
        from = end;
    }
    return true;
}

/* ---- all of them ---- */

static bool export_table(Export *x, Experiment *e, const CvkSink *to, CvkErr *err) {
    switch (x->options->table) {
    case EXPORT_SUBMISSIONS:
        return begin(x, submission_columns, SUBMISSION_COLUMNS, true, to, err) &&
               experiment_each_submission(e, put_submission, x, err);
    case EXPORT_ATTEMPTS:
        return begin(x, attempt_columns, ATTEMPT_COLUMNS, false, to, err) &&
               experiment_each_attempt(e, put_attempt, x, err);
    case EXPORT_REQUESTS:
        return begin(x, request_columns, REQUEST_COLUMNS, true, to, err) &&
               experiment_each_request(e, put_request, x, err);
    case EXPORT_BATCHES:
        return begin(x, batch_columns, BATCH_COLUMNS, true, to, err) &&
               experiment_each_batch(e, put_batch, x, err);
    case EXPORT_PANEL:
    case EXPORT_TABLES_N:
        break;
    }
    return export_panel(x, e, to, err);
}

bool experiment_export(Experiment *e, const ExportOptions *o, const CvkSink *to, CvkErr *err) {
    Export x = {.options = o, .row = CVK_BUF(LIMIT_MARKET_MANIFEST)};
    bool ok = experiment_each_batch(e, hold_batch, &x, err) && export_table(&x, e, to, err) &&
              table_end(x.to, err);
    done(&x);
    return ok;
}
