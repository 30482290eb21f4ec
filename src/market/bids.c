#include "market/bids.h"

#include "base/alloc.h"
#include "base/rng.h"

#define LABEL_LOTS 1

void bids_seed(uint64_t seed, uint8_t ret[32]) {
    memset(ret, 0, 32);
    for (size_t i = 0; i < sizeof seed; i++)
        ret[i] = (uint8_t)(seed >> 8 * i);
}

void bids_done(Bids *b) {
    free(b->start);
    free(b->bid);
    free(b->batch);
    *b = (Bids){0};
}

/* Sorts `from` (indices of rows) by a number below `groups`, stably; ret_start[groups + 1]. */
static void sort_by(const uint32_t *from, const uint32_t *group_of, size_t n, size_t groups,
                    uint32_t *ret, size_t *ret_start) {
    memset(ret_start, 0, (groups + 1) * sizeof *ret_start);
    for (size_t i = 0; i < n; i++)
        ret_start[group_of[from[i]] + 1]++;
    for (size_t g = 0; g < groups; g++)
        ret_start[g + 1] += ret_start[g];
    for (size_t i = 0; i < n; i++)
        ret[ret_start[group_of[from[i]]]++] = from[i];
    for (size_t g = groups; g > 0; g--)
        ret_start[g] = ret_start[g - 1];
    ret_start[0] = 0;
}

/* The rows of a panel, by batch, and of one batch by participant. */
typedef struct {
    size_t batches;
    uint32_t *row;
    size_t *start; /* by the panel's batches */
} Sorted;

static void sorted_done(Sorted *s) {
    free(s->row);
    free(s->start);
}

static bool sort_rows(const Panel *p, Sorted *ret, CvkErr *err) {
    const size_t n = panel_n(p), batches = panel_names_n(p, PANEL_BATCH),
                 participants = panel_names_n(p, PANEL_PARTICIPANT),
                 groups = batches > participants ? batches : participants;
    const PanelRow *row = panel_rows(p);
    _cleanup_free_ uint32_t *by_participant = cvk_alloc(n, sizeof *by_participant, err);
    _cleanup_free_ uint32_t *group_of = cvk_alloc(n, sizeof *group_of, err);
    *ret = (Sorted){.batches = batches,
                    .row = cvk_alloc(n, sizeof *ret->row, err),
                    .start = cvk_alloc(groups + 1, sizeof *ret->start, err)};
    if (by_participant == NULL || group_of == NULL || ret->row == NULL || ret->start == NULL) {
        sorted_done(ret);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        ret->row[i] = (uint32_t)i;
        group_of[i] = row[i].participant;
    }
    sort_by(ret->row, group_of, n, participants, by_participant, ret->start);
    for (size_t i = 0; i < n; i++)
        group_of[i] = row[i].batch;
    sort_by(by_participant, group_of, n, batches, ret->row, ret->start);
    return true;
}

static bool twice(const Panel *p, const PanelRow *r, CvkErr *err) {
    return cvk_fail(err, CVK_EBADREQ, "panel.twice", "%s proved batch %s twice",
                    panel_name_at(p, PANEL_PARTICIPANT, r->participant),
                    panel_name_at(p, PANEL_BATCH, r->batch));
}

static bool put_batch(const Panel *p, const Sorted *s, size_t batch, Bids *b, CvkErr *err) {
    for (size_t i = s->start[batch]; i < s->start[batch + 1]; i++) {
        const PanelRow *r = &panel_rows(p)[s->row[i]];
        if (i > s->start[batch] && panel_rows(p)[s->row[i - 1]].participant == r->participant)
            return twice(p, r, err);
        b->bid[b->n++] = (Bid){.price = r->price,
                               .cost = r->cost,
                               .proving_ms = r->proving_ms,
                               .participant = r->participant};
    }
    b->batch[b->batches++] = (uint32_t)batch;
    b->start[b->batches] = b->n;
    return true;
}

static bool draw_lots(Bids *b, uint64_t seed, CvkErr *err) {
    uint8_t bytes[32];
    _cleanup_free_ uint32_t *lot = cvk_alloc(b->n, sizeof *lot, err);
    if (lot == NULL)
        return false;
    bids_seed(seed, bytes);
    cvk_stream(bytes, LABEL_LOTS, lot, b->n * sizeof *lot);
    for (size_t i = 0; i < b->n; i++)
        b->bid[i].lot = lot[i];
    return true;
}

static bool alloc_bids(Bids *b, size_t participants, size_t batches, size_t n, CvkErr *err) {
    *b = (Bids){.participants = participants,
                .start = cvk_alloc(batches + 1, sizeof *b->start, err),
                .bid = cvk_alloc(n, sizeof *b->bid, err),
                .batch = cvk_alloc(batches, sizeof *b->batch, err)};
    if (b->start != NULL && b->bid != NULL && b->batch != NULL)
        return true;
    bids_done(b);
    return false;
}

static bool fill(const Panel *p, const Sorted *s, uint64_t seed, Bids *b, CvkErr *err) {
    for (size_t j = 0; j < s->batches; j++)
        if (s->start[j + 1] > s->start[j] && !put_batch(p, s, j, b, err))
            return false;
    return draw_lots(b, seed, err);
}

bool bids_make(const Panel *p, uint64_t seed, Bids *ret, CvkErr *err) {
    Sorted s;
    Bids b;
    if (!sort_rows(p, &s, err))
        return false;
    bool ok = alloc_bids(&b, panel_names_n(p, PANEL_PARTICIPANT), s.batches, panel_n(p), err);
    if (ok && !fill(p, &s, seed, &b, err)) {
        bids_done(&b);
        ok = false;
    }
    sorted_done(&s);
    if (ok)
        *ret = b;
    return ok;
}

bool bids_filter(const Bids *b, bool (*keep)(const void *ctx, const Bid *bid), const void *ctx,
                 Bids *ret, CvkErr *err) {
    if (!alloc_bids(ret, b->participants, b->batches, b->n, err))
        return false;
    for (size_t j = 0; j < b->batches; j++) {
        for (size_t i = b->start[j]; i < b->start[j + 1]; i++)
            if (keep(ctx, &b->bid[i]))
                ret->bid[ret->n++] = b->bid[i];
        ret->batch[j] = b->batch[j];
        ret->start[j + 1] = ret->n;
    }
    ret->batches = b->batches;
    return true;
}
