/* Tables whose rows end in a text of JSON: what provers said beyond the fields that are known, and
 * the journal. */
#include "codec/json_relay.h"
#include "run/experiment_entry.h"
#include "run/experiment_export_private.h"

#include <string.h>

/* ---- extras ---- */

static const Column extra_columns[] = {
    {"request_id", COLUMN_INT},
    {"participant", COLUMN_INT},
    {"key", COLUMN_TEXT},
    {"value", COLUMN_TEXT},
};
#define EXTRA_COLUMNS (sizeof extra_columns / sizeof *extra_columns)

/* May it be told? A prover's own words can say who they are. */
static bool is_telling(const Export *x, JsonType type) {
    return x->options->key == NULL || type == JSON_TYPE_NUMBER || type == JSON_TYPE_BOOL ||
           type == JSON_TYPE_NULL;
}

/* The row's texts: the key, a zero, the value if it may be told. */
static bool take_member(Export *x, JsonReader *r, const char *key, bool *ret_told, CvkErr *err) {
    JsonWriter w = JSON_WRITER(json_to_buf(&x->row), 0);
    JsonType type;
    x->row.n = 0;
    if (!cvk_buf_add(&x->row, key, strlen(key) + 1, err) || !json_read_peek(r, &type, err))
        return false;
    *ret_told = is_telling(x, type);
    return *ret_told ? json_relay(r, &w, err) && json_finish(&w, err) : json_read_skip(r, err);
}

static bool put_members(Export *x, const StoreSubmission *s, JsonReader *r, CvkErr *err) {
    char participant[EXPORT_ALIAS_MAX];
    const char *key;
    bool told;
    if (!json_read_object(r, err))
        return false;
    while (json_read_key(r, &key, err)) {
        if (key == NULL)
            return json_read_end(r, err);
        if (!take_member(x, r, key, &told, err))
            return false;
        const char *texts = cvk_buf_str(&x->row);
        const Cell cells[EXTRA_COLUMNS] = {
            cell_int((int64_t)s->request),
            export_who_cell(x, s->participant, participant),
            cell_text(texts),
            cell_text(told ? texts + strlen(texts) + 1 : NULL),
        };
        if (!table_write(x->to, cells, err))
            return false;
    }
    return false;
}

static bool put_extra(void *ctx, const StoreSubmission *s, CvkErr *err) {
    Export *x = ctx;
    if ((s->flags & x->options->flags_exclude) != 0 || s->extra[0] == '\0')
        return true;
    JsonMemory memory = {.data = s->extra, .n = strlen(s->extra)};
    JsonReader *r = json_reader_new(json_from_memory(&memory), LIMIT_MARKET_EXTRA, err);
    bool ok = r != NULL && put_members(x, s, r, err);
    json_reader_free(r);
    return ok;
}

bool export_extras(Export *x, const CvkSink *to, CvkErr *err) {
    return export_begin(x, extra_columns, EXTRA_COLUMNS, false, to, err) &&
           store_submission_each(x->store, x->experiment, 1, put_extra, x, err);
}

/* ---- events ---- */

static const Column event_columns[] = {
    {"seq", COLUMN_INT},
    {"ms", COLUMN_INT},
    {"type", COLUMN_TEXT},
    {"entry", COLUMN_TEXT},
};
#define EVENT_COLUMNS (sizeof event_columns / sizeof *event_columns)

static bool put_event(void *ctx, const StoreEntry *line, CvkErr *err) {
    Export *x = ctx;
    MarketEntry entry;
    x->row.n = 0;
    if (!market_entry_read(line->json, line->n, &entry, err) ||
        !cvk_buf_add(&x->row, line->json, line->n, err))
        return false;
    const Cell cells[EVENT_COLUMNS] = {
        cell_int((int64_t)line->seq),
        cell_int(entry.change.ms),
        cell_text(market_entry_name(entry.type)),
        cell_text(cvk_buf_str(&x->row)),
    };
    return table_write(x->to, cells, err);
}

/* A journal that was cut off at its end is told before its first entry. */
bool export_events(Export *x, const CvkSink *to, CvkErr *err) {
    StoreHead head;
    bool found;
    if (x->options->key != NULL)
        return cvk_fail(err, CVK_EBADREQ, "export.named",
                        "events cannot be anonymous: the journal has participants by their "
                        "numbers; leave the names in, or export another table");
    return store_head_get(x->store, x->experiment, &head, &found, err) &&
           export_begin(x, event_columns, EVENT_COLUMNS, false, to, err) &&
           store_journal_each(x->store, x->experiment, 1, put_event, x, err);
}
