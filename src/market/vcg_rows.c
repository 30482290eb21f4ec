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
                .mirror = cvk_alloc(n * (n + 1), sizeof *r->mirror, err),
                .holder = cvk_alloc(m, sizeof *r->holder, err),
                .first = cvk_alloc(n, sizeof *r->first, err),
                .next = cvk_alloc(m, sizeof *r->next, err),
                .last = cvk_alloc(m, sizeof *r->last, err),
                .used = cvk_alloc(n, sizeof *r->used, err),
                .row = cvk_alloc(n, sizeof *r->row, err)};
    if (r->price == NULL || r->mirror == NULL || r->holder == NULL || r->first == NULL ||
        r->next == NULL || r->last == NULL || r->used == NULL || r->row == NULL) {
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
        free(r->row[i].size);
        free(r->row[i].heap);
    }
    free(r->price);
    free(r->mirror);
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

/* ---- one heap ---- */

/* Whoever holds so many has heaps; among fewer the cheapest is looked for. Measured: where the two
 * take about as long. */
#define HEAPS_FROM 512

typedef struct {
    const Rows *r;
    uint32_t i; /* whose */
    size_t k;
    uint32_t
        *at; /* entry x is at[x * step]: first entries of all heaps stand together, and so on */
    size_t step;
    uint32_t *size;
} Heap;

static Heap heap_of(const Rows *r, uint32_t i, size_t k) {
    const Row *row = &r->row[i];
    return (Heap){r, i, k, row->heap + k, r->participants + 1, &row->size[k]};
}

static int64_t cost(const Heap *h, uint32_t batch) {
    const int64_t *price = prices_of(h->r, batch);
    return price[h->k] - price[h->i];
}

static void push(const Heap *h, uint32_t batch) {
    const int64_t here = cost(h, batch);
    uint32_t at = (*h->size)++;
    for (uint32_t above; at > 0; at = above) {
        above = (at - 1) / 2;
        if (cost(h, h->at[above * h->step]) <= here)
            break;
        h->at[at * h->step] = h->at[above * h->step];
    }
    h->at[at * h->step] = batch;
}

static void pop(const Heap *h) {
    const uint32_t n = --*h->size, moved = h->at[n * h->step];
    const int64_t here = cost(h, moved);
    uint32_t at = 0;
    for (uint32_t below; (below = 2 * at + 1) < n; at = below) {
        int64_t least = cost(h, h->at[below * h->step]);
        if (below + 1 < n) {
            int64_t other = cost(h, h->at[(below + 1) * h->step]);
            below += other < least;
            least = other < least ? other : least;
        }
        if (least >= here)
            break;
        h->at[at * h->step] = h->at[below * h->step];
    }
    h->at[at * h->step] = moved;
}

static void set(const Rows *r, uint32_t i, size_t k, uint32_t batch, int64_t difference) {
    r->row[i].batch[k] = batch;
    r->row[i].difference[k] = r->mirror[k * r->participants + i] = difference;
}

/* The cheapest to hand to k, looked for among all that i has. */
static void look_again(const Rows *r, uint32_t i, size_t k) {
    set(r, i, k, NO_BATCH, NO_BID);
    for (uint32_t j = r->first[i]; j != NO_BATCH; j = r->next[j]) {
        const int64_t *price = prices_of(r, j);
        if (price[k] != NO_BID && price[k] - price[i] < r->row[i].difference[k])
            set(r, i, k, j, price[k] - price[i]);
    }
}

/* The same by its heap, from which those that were handed on are taken until one is i's. */
static void look_into_heap(const Rows *r, uint32_t i, size_t k) {
    const Heap h = heap_of(r, i, k);
    while (*h.size > 0 && r->holder[h.at[0]] != i)
        pop(&h);
    if (*h.size > 0)
        set(r, i, k, h.at[0], cost(&h, h.at[0]));
    else
        set(r, i, k, NO_BATCH, NO_BID);
}

void rows_renew(Rows *r, uint32_t i, uint32_t k) {
    if (r->row[i].heap != NULL)
        look_into_heap(r, i, k);
    else
        look_again(r, i, k);
}

/* ---- who is open ---- */

/* A batch that i has now may be cheaper to hand on than what they had. */
static void offer(const Rows *r, uint32_t batch, uint32_t i) {
    const int64_t *price = prices_of(r, batch), own = price[i];
    for (size_t k = 0; k <= r->participants; k++)
        if (price[k] != NO_BID && price[k] - own < r->row[i].difference[k])
            set(r, i, k, batch, price[k] - own);
}

static void push_all(const Rows *r, uint32_t batch, uint32_t i) {
    const int64_t *price = prices_of(r, batch);
    r->row[i].pushed++;
    for (size_t k = 0; k <= r->participants; k++)
        if (price[k] != NO_BID) {
            const Heap h = heap_of(r, i, k);
            push(&h, batch);
        }
}

/* Heaps of what i has, with room for as many again. */
static bool make_heaps(Rows *r, uint32_t i, CvkErr *err) {
    Row *row = &r->row[i];
    const size_t cells = r->participants + 1;
    free(row->heap);
    row->cap = 2 * r->used[i] + 8;
    row->pushed = 0;
    row->heap = cvk_alloc(cells * row->cap, sizeof *row->heap, err);
    if (row->heap == NULL)
        return false;
    memset(row->size, 0, cells * sizeof *row->size);
    for (uint32_t j = r->first[i]; j != NO_BATCH; j = r->next[j])
        push_all(r, j, i);
    return true;
}

/* Has heaps where they pay, with this batch of i's. */
static bool keep_heaps(Rows *r, uint32_t batch, uint32_t i, CvkErr *err) {
    const Row *row = &r->row[i];
    if (row->heap == NULL ? r->used[i] >= HEAPS_FROM : row->pushed == row->cap)
        return make_heaps(r, i, err);
    if (row->heap != NULL)
        push_all(r, batch, i);
    return true;
}

bool rows_open(Rows *r, uint32_t i, CvkErr *err) {
    Row *row = &r->row[i];
    const size_t cells = r->participants + 1;
    if (row->difference != NULL)
        return true;
    row->difference = cvk_alloc(cells, sizeof *row->difference, err);
    row->batch = cvk_alloc(cells, sizeof *row->batch, err);
    row->size = cvk_alloc(cells, sizeof *row->size, err);
    if (row->difference == NULL || row->batch == NULL || row->size == NULL)
        return false;
    for (size_t k = 0; k < cells; k++)
        set(r, i, k, NO_BATCH, NO_BID);
    for (uint32_t j = r->first[i]; j != NO_BATCH; j = r->next[j])
        offer(r, j, i);
    return keep_heaps(r, r->first[i], i, err);
}

/* ---- giving ---- */

bool rows_give(Rows *r, uint32_t batch, uint32_t to, CvkErr *err) {
    if (r->holder[batch] < r->participants)
        unlink_batch(r, batch, r->holder[batch]);
    r->holder[batch] = to;
    if (to >= r->participants)
        return true;
    assert(prices_of(r, batch)[to] != NO_BID); /* nobody holds what they did not bid on */
    link_batch(r, batch, to);
    if (r->row[to].difference == NULL)
        return true;
    offer(r, batch, to);
    return keep_heaps(r, batch, to, err);
}
