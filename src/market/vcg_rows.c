#include "market/vcg_rows.h"

#include "base/alloc.h"

#include <assert.h>

static const int64_t *prices_of(const Rows *r, uint32_t batch) {
    return r->price + (size_t)batch * (r->participants + 1);
}

static void put_prices(Rows *r, const Bids *b) {
    for (size_t j = 0; j < b->batches; j++) {
        int64_t *price = r->price + j * (r->participants + 1);
        for (size_t k = 0; k < r->participants; k++)
            price[k] = NO_BID;
        for (size_t i = b->start[j]; i < b->start[j + 1]; i++)
            price[b->bid[i].participant] = b->bid[i].price;
    }
}

bool rows_init(Rows *r, const Bids *bids, CvkErr *err) {
    const size_t n = bids->participants, m = bids->batches;
    *r = (Rows){.participants = n,
                .batches = m,
                .price = cvk_alloc(m * (n + 1), sizeof *r->price, err),
                .holder = cvk_alloc(m, sizeof *r->holder, err),
                .first = cvk_alloc(n, sizeof *r->first, err),
                .next = cvk_alloc(m, sizeof *r->next, err),
                .last = cvk_alloc(m, sizeof *r->last, err),
                .used = cvk_alloc(n, sizeof *r->used, err),
                .row = cvk_alloc(n, sizeof *r->row, err)};
    if (r->price == NULL || r->holder == NULL || r->first == NULL || r->next == NULL ||
        r->last == NULL || r->used == NULL || r->row == NULL) {
        rows_done(r);
        return false;
    }
    put_prices(r, bids);
    for (size_t j = 0; j < m; j++)
        r->holder[j] = HELD_BY_NOBODY;
    for (size_t i = 0; i < n; i++)
        r->first[i] = NO_BATCH;
    return true;
}

void rows_done(Rows *r) {
    for (size_t i = 0; r->row != NULL && i < r->participants; i++) {
        free(r->row[i].difference);
        free(r->row[i].batch);
    }
    free(r->price);
    free(r->holder);
    free(r->first);
    free(r->next);
    free(r->last);
    free(r->used);
    free(r->row);
    *r = (Rows){0};
}

/* ---- the lists ---- */

static void link_batch(Rows *r, uint32_t batch, uint32_t to) {
    uint32_t second = r->first[to];
    r->last[batch] = NO_BATCH;
    r->next[batch] = second;
    if (second != NO_BATCH)
        r->last[second] = batch;
    r->first[to] = batch;
    r->used[to]++;
}

static void unlink_batch(Rows *r, uint32_t batch, uint32_t from) {
    uint32_t next = r->next[batch], last = r->last[batch];
    if (next != NO_BATCH)
        r->last[next] = last;
    if (last != NO_BATCH)
        r->next[last] = next;
    else
        r->first[from] = next;
    r->used[from]--;
}

/* ---- giving ---- */

static bool make_row(const Rows *r, Row *row, CvkErr *err) {
    if (row->batch != NULL)
        return true;
    row->difference = cvk_alloc(r->participants + 1, sizeof *row->difference, err);
    row->batch = cvk_alloc(r->participants + 1, sizeof *row->batch, err);
    if (row->difference == NULL || row->batch == NULL)
        return false;
    for (size_t k = 0; k <= r->participants; k++) {
        row->difference[k] = NO_BID;
        row->batch[k] = NO_BATCH;
    }
    return true;
}

/* A batch that `to` has now may be cheaper to hand on than what they had. */
static void offer(const Rows *r, uint32_t batch, uint32_t to) {
    const Row *row = &r->row[to];
    const int64_t *price = prices_of(r, batch), own = price[to];
    for (size_t k = 0; k <= r->participants; k++)
        if (price[k] - own < row->difference[k]) {
            row->difference[k] = price[k] - own;
            row->batch[k] = batch;
        }
}

/* The cheapest to hand to k, looked for among all that `from` has. */
static void look_again(const Rows *r, uint32_t from, size_t k) {
    int64_t least = NO_BID;
    uint32_t at = NO_BATCH;
    for (uint32_t j = r->first[from]; j != NO_BATCH; j = r->next[j]) {
        const int64_t *price = prices_of(r, j);
        if (price[k] - price[from] < least) {
            least = price[k] - price[from];
            at = j;
        }
    }
    r->row[from].difference[k] = least;
    r->row[from].batch[k] = at;
}

static void take_away(Rows *r, uint32_t batch) {
    const uint32_t from = r->holder[batch];
    if (from >= r->participants)
        return;
    unlink_batch(r, batch, from);
    for (size_t k = 0; k <= r->participants; k++)
        if (r->row[from].batch[k] == batch)
            look_again(r, from, k);
}

bool rows_give(Rows *r, uint32_t batch, uint32_t to, CvkErr *err) {
    take_away(r, batch);
    r->holder[batch] = to;
    if (to >= r->participants)
        return true;
    assert(prices_of(r, batch)[to] < NO_BID); /* nobody holds what they did not bid on */
    if (!make_row(r, &r->row[to], err))
        return false;
    link_batch(r, batch, to);
    offer(r, batch, to);
    return true;
}
