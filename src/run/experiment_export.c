#include "base/alloc.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "run/experiment_export_private.h"
#include "run/experiment_private.h"

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
    [EXPORT_PARTICIPANTS] = "participants",
    [EXPORT_DEPLOYMENTS] = "deployments",
    [EXPORT_EXTRAS] = "extras",
    [EXPORT_EVENTS] = "events",
};

static void done(Export *x) {
    table_writer_free(x->to);
    for (size_t i = 0; i < x->n_batches; i++) {
        free(x->batches[i].name);
        free(x->batches[i].covariates);
    }
    free(x->batches);
    id_index_done(&x->by_name);
    free(x->covariates);
    free(x->groups);
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

const char *export_who(const Export *x, uint32_t participant, char ret[EXPORT_ALIAS_MAX]) {
    char text[32];
    snprintf(text, sizeof text, "participant/%" PRIu32, participant);
    if (x->options->key != NULL)
        alias(x->options->key, text, ret);
    else
        snprintf(ret, EXPORT_ALIAS_MAX, "%" PRIu32, participant);
    return ret;
}

Cell export_who_cell(const Export *x, uint32_t participant, char room[EXPORT_ALIAS_MAX]) {
    return x->options->key != NULL ? cell_text(export_who(x, participant, room))
                                   : cell_int(participant);
}

const char *export_deployment(const Export *x, uint32_t participant, const char *name,
                              char room[EXPORT_ALIAS_MAX]) {
    char text[LIMIT_DEPLOYMENT + 64];
    if (x->options->key == NULL)
        return name;
    snprintf(text, sizeof text, "deployment/%" PRIu32 "/%s", participant, name);
    alias(x->options->key, text, room);
    return room;
}

/* ---- batches and their covariates ---- */

#define BEFORE_NAME "batch." /* in a covariate's column */

static IdRecords names_of(const Export *x) {
    const char *first =
        x->covariates != NULL ? x->covariates[0].column + strlen(BEFORE_NAME) : NULL;
    return (IdRecords){first, sizeof *x->covariates};
}

static bool add_covariate(Export *x, const char *name, bool is_text, CvkErr *err) {
    if (x->n_covariates == LIMIT_TABLE_COLUMNS / 2)
        return cvk_fail(err, CVK_ELIMIT, "table.columns", "the batches have too many covariates");
    if (!cvk_grow(&x->covariates, x->n_covariates, &x->covariates_cap, sizeof *x->covariates,
                  err) ||
        !id_index_reserve(&x->by_name, names_of(x), x->n_covariates + 1, err))
        return false;
    Covariate *c = &x->covariates[x->n_covariates];
    snprintf(c->column, sizeof c->column, BEFORE_NAME "%s", name);
    c->is_text = is_text;
    id_index_add(&x->by_name, names_of(x), (uint32_t)x->n_covariates++);
    return true;
}

static bool note_covariate(void *ctx, const char *name, const char *text, bool is_number,
                           CvkErr *err) {
    Export *x = ctx;
    const uint32_t at = id_index_find(&x->by_name, names_of(x), name);
    (void)text;
    if (at == ID_NONE)
        return add_covariate(x, name, !is_number, err);
    x->covariates[at].is_text = x->covariates[at].is_text || !is_number;
    return true;
}

static bool hold_batch(void *ctx, const StoreBatch *b, CvkErr *err) {
    Export *x = ctx;
    if (!cvk_grow(&x->batches, x->n_batches, &x->batches_cap, sizeof *x->batches, err))
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

Cell export_batch_name(const Export *x, uint32_t batch) {
    const BatchText *t = batch_at(x, batch);
    return t != NULL ? cell_text(t->name) : CELL_NONE;
}

/* The text moves while the row's grow: until all are there, the cell holds where it begins. */
static bool take_covariate(void *ctx, const char *name, const char *text, bool is_number,
                           CvkErr *err) {
    Export *x = ctx;
    const uint32_t at = id_index_find(&x->by_name, names_of(x), name);
    (void)is_number;
    if (at != ID_NONE)
        x->cells[x->n_fixed + at] = cell_int((int64_t)x->row.n);
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

bool export_begin(Export *x, const Column *fixed, size_t n, bool covariates, const CvkSink *to,
                  CvkErr *err) {
    const size_t behind = n + (covariates ? x->n_covariates : 0);
    const size_t all = behind + (x->tells_groups ? 1 : 0);
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
    if (x->tells_groups)
        columns[behind] = (Column){"group", COLUMN_TEXT};
    for (size_t i = n; i < behind; i++)
        columns[i] = (Column){x->covariates[i - n].column,
                              x->covariates[i - n].is_text ? COLUMN_TEXT : COLUMN_NUMBER};
    bool ok = table_writer_new(x->options->format, columns, all, to, &x->to, err);
    free(columns);
    return ok;
}

bool export_row(Export *x, uint32_t batch, CvkErr *err) {
    return put_covariates(x, batch, err) && table_write(x->to, x->cells, err);
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

static bool hold_group(void *ctx, const StoreParticipant *p, CvkErr *err) {
    Export *x = ctx;
    if (!cvk_grow(&x->groups, x->n_groups, &x->groups_cap, sizeof *x->groups, err))
        return false;
    x->groups[x->n_groups++] = p->group;
    return true;
}

/* Where there are treatments, analyses of a file want them. */
static bool hold_groups(Export *x, CvkErr *err) {
    x->tells_groups = x->rules->n_groups != 0;
    return !x->tells_groups ||
           store_participant_each(x->store, x->experiment, 1, hold_group, x, err);
}

static const char *group_name(const Export *x, uint32_t participant) {
    const size_t i = (size_t)participant - 1;
    const MarketGroup *group = market_group_at(x->rules, i < x->n_groups ? x->groups[i] : -1);
    return group != NULL ? group->name : NULL;
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
        export_who_cell(x, s->participant, participant),
        cell_int(s->batch),
        export_batch_name(x, s->batch),
        cell_int(s->seq),
        cell_int(s->issued_ms),
        cell_time(s->first_get_ms),
        cell_int(s->received_ms),
        cell_int(s->received_ms - s->issued_ms),
        cell_int(s->proving_ms),
        cell_int(s->cost),
        cell_int(s->price),
        cell_int(s->price - s->cost),
        cell_text(export_deployment(x, s->participant, s->deployment, version)),
        cell_text(s->deployment_is_text ? "string" : "number"),
        cell_text(s->acceleration[0] != '\0' ? s->acceleration : NULL),
        cell_int(s->attempts),
        cell_text(flags_text(s->flags, flags)),
    };
    memcpy(x->cells, cells, sizeof cells);
    if (x->tells_groups)
        x->cells[SUBMISSION_COLUMNS + x->n_covariates] = cell_text(group_name(x, s->participant));
    return export_row(x, s->batch, err);
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
        export_who_cell(x, a->participant, participant),
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
        export_who_cell(x, r->participant, participant),
        cell_int(r->batch),
        export_batch_name(x, r->batch),
        cell_int(r->seq),
        cell_text(request_state_name((RequestState)r->state)),
        cell_int(r->issued_ms),
        cell_time(r->closed_ms),
        cell_time(r->served.first_get_ms),
        cell_time(r->served.last_get_ms),
        cell_int((int64_t)r->served.refetches),
        cell_int((int64_t)r->served.bytes),
    };
    memcpy(x->cells, cells, sizeof cells);
    return export_row(x, r->batch, err);
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
    return export_row(x, b->id, err);
}

/* ---- all of them ---- */

static bool export_table(Export *x, const CvkSink *to, CvkErr *err) {
    switch (x->options->table) {
    case EXPORT_SUBMISSIONS:
        return hold_groups(x, err) &&
               export_begin(x, submission_columns, SUBMISSION_COLUMNS, true, to, err) &&
               store_submission_each(x->store, x->experiment, 1, put_submission, x, err);
    case EXPORT_ATTEMPTS:
        return export_begin(x, attempt_columns, ATTEMPT_COLUMNS, false, to, err) &&
               store_attempt_each(x->store, x->experiment, 1, put_attempt, x, err);
    case EXPORT_REQUESTS:
        return export_begin(x, request_columns, REQUEST_COLUMNS, true, to, err) &&
               store_request_each(x->store, x->experiment, 1, put_request, x, err);
    case EXPORT_BATCHES:
        return export_begin(x, batch_columns, BATCH_COLUMNS, true, to, err) &&
               store_batch_each(x->store, x->experiment, 1, put_batch, x, err);
    case EXPORT_PARTICIPANTS:
        return export_participants(x, to, err);
    case EXPORT_DEPLOYMENTS:
        return export_deployments(x, to, err);
    case EXPORT_EXTRAS:
        return export_extras(x, to, err);
    case EXPORT_EVENTS:
        return export_events(x, to, err);
    case EXPORT_PANEL:
    case EXPORT_TABLES_N:
        break;
    }
    return export_panel(x, to, err);
}

/* All of it from one moment. */
bool experiment_export(Experiment *e, const ExportOptions *o, const CvkSink *to, CvkErr *err) {
    Export x = {.options = o,
                .experiment = e->id,
                .rules = &e->rules,
                .row = CVK_BUF(LIMIT_MARKET_MANIFEST)};
    bool ok = store_open(e->store_path, false, &x.store, err) && store_begin_read(x.store, err) &&
              store_batch_each(x.store, x.experiment, 1, hold_batch, &x, err) &&
              export_table(&x, to, err) && table_end(x.to, err);
    store_close(x.store);
    done(&x);
    return ok;
}
