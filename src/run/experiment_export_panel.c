/* The panel: a row a batch, with price, cost and time of each participant. */
#include "base/alloc.h"
#include "run/experiment_export_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PANEL_PRICE, PANEL_COST, PANEL_TIME, PANEL_KINDS };
#define PANEL_FIXED 2

static bool count_person(void *ctx, const StoreParticipant *p, CvkErr *err) {
    (void)err;
    ((Export *)ctx)->n_people = p->id;
    return true;
}

static bool hold_bid(void *ctx, const StoreSubmission *s, CvkErr *err) {
    Export *x = ctx;
    if (s->participant == 0 || s->participant > x->n_people || s->batch == 0 ||
        s->batch > x->n_batches)
        return cvk_fail(err, CVK_EBACKEND, "market.broken",
                        "a submission of participant %" PRIu32 " for batch %" PRIu32
                        ", which are not both there",
                        s->participant, s->batch);
    if ((s->flags & x->options->flags_exclude) != 0)
        return true;
    if (!cvk_grow(&x->bids, x->n_bids, &x->bids_cap, sizeof *x->bids, err))
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
        export_who(x, i + 1, x->people[i].name);
    }
    if (x->options->key != NULL)
        qsort(x->people, x->n_people, sizeof *x->people, by_name);
    for (size_t i = 0; i < x->n_people; i++)
        x->place[x->people[i].participant - 1] = i;
    return true;
}

static void name_columns(Export *x, Column *columns) {
    static const char *const kinds[PANEL_KINDS] = {"price_cents", "cost_cents", "time_ms"};
    size_t n = 0;
    columns[0] = (Column){"batch", COLUMN_INT};
    columns[1] = (Column){"batch_name", COLUMN_TEXT};
    for (size_t kind = 0; kind < PANEL_KINDS; kind++)
        for (size_t i = 0; i < x->n_people; i++, n++) {
            snprintf(x->names[n], sizeof x->names[n], "%s.%s", kinds[kind], x->people[i].name);
            columns[PANEL_FIXED + n] =
                (Column){x->names[n], kind == PANEL_TIME ? COLUMN_INT : COLUMN_CENTS};
        }
}

static bool begin_panel(Export *x, const CvkSink *to, CvkErr *err) {
    const size_t n = PANEL_FIXED + PANEL_KINDS * x->n_people;
    _cleanup_free_ Column *columns = cvk_alloc(n, sizeof *columns, err);
    x->names = columns == NULL ? NULL : cvk_alloc(n, sizeof *x->names, err);
    if (x->names == NULL || !line_up(x, err))
        return false;
    name_columns(x, columns);
    return export_begin(x, columns, n, true, to, err);
}

static bool put_panel_row(Export *x, uint32_t batch, const Bid *bids, size_t n, CvkErr *err) {
    for (size_t i = 0; i < x->n_fixed; i++)
        x->cells[i] = CELL_NONE;
    x->cells[0] = cell_int(batch);
    x->cells[1] = export_batch_name(x, batch);
    for (size_t i = 0; i < n; i++) {
        Cell *at = x->cells + PANEL_FIXED + x->place[bids[i].participant - 1];
        at[PANEL_PRICE * x->n_people] = cell_int(bids[i].price);
        at[PANEL_COST * x->n_people] = cell_int(bids[i].cost);
        at[PANEL_TIME * x->n_people] = cell_int(bids[i].ms);
    }
    return export_row(x, batch, err);
}

bool export_panel(Export *x, const CvkSink *to, CvkErr *err) {
    if (!store_participant_each(x->store, x->experiment, 1, count_person, x, err) ||
        !begin_panel(x, to, err) ||
        !store_submission_each(x->store, x->experiment, 1, hold_bid, x, err))
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
