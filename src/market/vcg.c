#include "market/vcg.h"

#include "base/alloc.h"
#include "market/vcg_ways.h"

#include <assert.h>

/* Dearer than any way, which is shorter than 2^25 amounts of 63 bits: stands for "nobody does it".
 */
#define NOWHERE ((Sum)1 << 96)
typedef struct {
    uint32_t batch, holder;
} Move;

typedef struct {
    const Bids *bids;
    uint32_t n; /* participants; also the number of elsewhere, where there is always room */
    const uint32_t *capacity;
    bool may_fail; /* nothing is elsewhere */
    Rows rows;
    Ways ways;
    Move *hand; /* what is handed to whom to place a batch */
    Move *move; /* what was done, and who had it before, to be undone */
    size_t moves, moves_cap;
    CvkProgress progress;
    size_t done; /* of all placings */
} Solver;

/* To pay for a batch may take longer than to place it, as capacities bind from the start. */
#define PAYING (VCG_PLACINGS - 1)

static size_t placings(size_t batches) {
    return VCG_PLACINGS * batches;
}

static void advance(Solver *s, size_t by) {
    s->done += by;
    if (s->progress.fn != NULL)
        s->progress.fn(s->progress.ctx, s->done, placings(s->bids->batches));
}

/* ---- placing a batch ---- */

static bool has_room(const Solver *s, uint32_t i) {
    return i == s->n || (i != s->ways.gone && s->rows.used[i] < s->capacity[i]);
}

static bool note(Solver *s, uint32_t batch, CvkErr *err) {
    if (!cvk_grow(&s->move, s->moves, &s->moves_cap, sizeof *s->move, err))
        return false;
    s->move[s->moves++] = (Move){batch, s->rows.holder[batch]};
    return true;
}

static bool give(Solver *s, const Move *m, CvkErr *err) {
    const uint32_t holder = m->holder == s->n ? HELD_ELSEWHERE : m->holder;
    return note(s, m->batch, err) && rows_give(&s->rows, m->batch, holder, err);
}

/* Who takes a new batch, so that the way to room is shortest. */
static uint32_t nearest_taker(const Solver *s, uint32_t batch, Sum *ret_length) {
    const Bids *b = s->bids;
    uint32_t taker = s->n;
    *ret_length = s->ways.toward[s->n];
    for (size_t k = b->start[batch]; k < b->start[batch + 1]; k++) {
        const Bid *bid = &b->bid[k];
        if (bid->price + s->ways.toward[bid->participant] < *ret_length) {
            *ret_length = bid->price + s->ways.toward[bid->participant];
            taker = bid->participant;
        }
    }
    return taker;
}

/* Who of those that got something has no room any more: what they would hand on has changed. */
static bool lose_ways(Solver *s, size_t hands, bool *ret, CvkErr *err) {
    *ret = false;
    for (size_t h = 0; h < hands; h++) {
        const uint32_t i = s->hand[h].holder;
        if (has_room(s, i))
            continue;
        if (!*ret)
            ways_all_known(&s->ways);
        if (!rows_open(&s->rows, i, err))
            return false;
        ways_lose(&s->ways, i);
        *ret = true;
    }
    return true;
}

/* The new batch goes to the first of a way, and each on it hands one on. */
static bool place(Solver *s, uint32_t batch, Sum *ret_length, CvkErr *err) {
    size_t hands = 0;
    bool lost;
    uint32_t to = nearest_taker(s, batch, ret_length);
    s->hand[hands++] = (Move){batch, to};
    for (uint32_t next; (next = s->ways.next[to]) != VCG_NOBODY; to = next)
        s->hand[hands++] = (Move){rows_cheapest(&s->rows, to, next), next};
    for (size_t h = 0; h < hands; h++)
        if (!give(s, &s->hand[h], err))
            return false;
    if (!lose_ways(s, hands, &lost, err))
        return false;
    if (lost)
        ways_find(&s->ways);
    return true;
}

/* ---- payments ---- */

static bool undo(Solver *s, CvkErr *err) {
    for (; s->moves > 0; s->moves--) {
        const Move *m = &s->move[s->moves - 1];
        if (!rows_give(&s->rows, m->batch, m->holder, err))
            return false;
    }
    return true;
}

static void leave_out(Solver *s, uint32_t i) {
    s->ways.gone = i;
    s->ways.toward[i] = WAYS_FAR;
    s->ways.next[i] = VCG_NOBODY;
    ways_all_known(&s->ways);
    ways_lose(&s->ways, i);
    ways_find(&s->ways);
}

/* What i's batches cost without i; everything is as before afterwards, save the ways. Of one batch,
 * where i has room for no other, it is what the way from them tells: that never comes back to i. */
static bool pay(Solver *s, uint32_t i, const uint32_t *batch, size_t n, Sum *ret, CvkErr *err) {
    Sum sum = 0, length;
    if (n == 1 && !has_room(s, i)) {
        sum = s->ways.toward[i] + rows_price(&s->rows, batch[0], i);
        *ret = sum >= NOWHERE / 2 && s->may_fail ? VCG_UNDEFINED : sum;
        return true;
    }
    leave_out(s, i);
    s->moves = 0;
    for (size_t k = 0; k + 1 < n; k++) {
        if (!place(s, batch[k], &length, err))
            return false;
        sum += length;
        advance(s, PAYING);
    }
    nearest_taker(s, batch[n - 1], &length); /* after the last nothing is asked any more */
    sum += length;
    s->ways.gone = VCG_NOBODY;
    *ret = sum >= NOWHERE / 2 && s->may_fail ? VCG_UNDEFINED : sum;
    return undo(s, err);
}

/* The batches that each holds: ret_start[participants + 1], ret_batch[batches]. */
static void list_held(const Solver *s, size_t *ret_start, uint32_t *ret_batch) {
    const size_t n = s->bids->participants;
    ret_start[0] = 0;
    for (size_t i = 0; i < n; i++)
        ret_start[i + 1] = ret_start[i] + s->rows.used[i];
    for (size_t j = 0; j < s->bids->batches; j++)
        if (s->rows.holder[j] < n)
            ret_batch[ret_start[s->rows.holder[j]]++] = (uint32_t)j;
    for (size_t i = n; i > 0; i--)
        ret_start[i] = ret_start[i - 1];
    ret_start[0] = 0;
}

static bool pay_all(Solver *s, Vcg *v, CvkErr *err) {
    const size_t n = s->bids->participants;
    _cleanup_free_ size_t *start = cvk_alloc(n + 1, sizeof *start, err);
    _cleanup_free_ uint32_t *held = cvk_alloc(s->bids->batches, sizeof *held, err);
    _cleanup_free_ Sum *toward = cvk_alloc(n, sizeof *toward, err);
    _cleanup_free_ uint32_t *next = cvk_alloc(n, sizeof *next, err);
    if (start == NULL || held == NULL || toward == NULL || next == NULL)
        return false;
    list_held(s, start, held);
    memcpy(toward, s->ways.toward, n * sizeof *toward);
    memcpy(next, s->ways.next, n * sizeof *next);
    for (uint32_t i = 0; i < n; i++) {
        if (start[i] == start[i + 1])
            continue; /* who wins nothing is paid nothing */
        if (!pay(s, i, held + start[i], start[i + 1] - start[i], &v->payment[i], err))
            return false;
        advance(s, PAYING);
        memcpy(s->ways.toward, toward, n * sizeof *toward);
        memcpy(s->ways.next, next, n * sizeof *next);
    }
    return true;
}

/* ---- the whole ---- */

static void solver_done(Solver *s) {
    ways_done(&s->ways);
    rows_done(&s->rows);
    free(s->hand);
    free(s->move);
}

static bool solver_init(Solver *s, const Bids *bids, const uint32_t *capacity, int64_t fallback,
                        CvkErr *err) {
    *s = (Solver){.bids = bids,
                  .n = (uint32_t)bids->participants,
                  .capacity = capacity,
                  .may_fail = fallback < 0,
                  .hand = cvk_alloc(bids->participants + 1, sizeof *s->hand, err)};
    if (s->hand == NULL || !rows_init(&s->rows, bids, err)) {
        free(s->hand);
        return false;
    }
    if (!ways_init(&s->ways, &s->rows, err)) {
        solver_done(s);
        return false;
    }
    for (uint32_t k = 0; k < s->n; k++)
        if (has_room(s, k))
            s->ways.toward[k] = 0;
    s->ways.toward[s->n] = fallback >= 0 ? fallback : NOWHERE;
    return true;
}

typedef struct {
    int64_t least; /* bid */
    uint32_t batch;
} Turn;

/* The dearest first. */
static int by_turn(const void *x, const void *y) {
    const Turn *a = x, *b = y;
    if (a->least != b->least)
        return a->least > b->least ? -1 : 1;
    return a->batch < b->batch ? -1 : a->batch > b->batch;
}

static Turn turn_of(const Bids *b, uint32_t batch) {
    Turn t = {INT64_MAX, batch};
    for (size_t i = b->start[batch]; i < b->start[batch + 1]; i++)
        t.least = b->bid[i].price < t.least ? b->bid[i].price : t.least;
    return t;
}

/* How many of so many batches all together can take. */
static size_t all_room(const Solver *s, size_t batches) {
    size_t room = 0;
    for (size_t i = 0; i < s->n; i++)
        room += s->capacity[i] < batches - room ? s->capacity[i] : batches - room;
    return room;
}

/* In which order does not matter for the sum. Large batches, for which it matters most who takes
 * them, are seldom handed on where they came first. The largest for which there is no room in any
 * case come last: in the place of others they would be handed on each time. */
static bool place_all(Solver *s, Sum *ret_optimum, CvkErr *err) {
    const size_t n = s->bids->batches, without = n - all_room(s, n);
    _cleanup_free_ Turn *turn = cvk_alloc(n, sizeof *turn, err);
    Sum length;
    if (turn == NULL)
        return false;
    for (uint32_t j = 0; j < n; j++)
        turn[j] = turn_of(s->bids, j);
    qsort(turn, n, sizeof *turn, by_turn);
    for (size_t t = 0; t < n; t++) {
        if (!place(s, turn[(t + without) % n].batch, &length, err))
            return false;
        *ret_optimum += length;
        s->moves = 0;
        advance(s, 1);
    }
    return true;
}

static void put_winners(const Solver *s, Vcg *v) {
    for (size_t j = 0; j < s->bids->batches; j++) {
        uint32_t holder = s->rows.holder[j];
        v->winner[j] = holder == HELD_ELSEWHERE ? VCG_NOBODY : holder;
        v->fallbacks += holder == HELD_ELSEWHERE;
    }
    if (s->may_fail)
        v->optimum -= NOWHERE * (Sum)v->fallbacks;
}

static bool check_size(const Bids *b, CvkErr *err) {
    if (b->participants < VCG_CELLS_MAX &&
        b->batches + b->participants <= VCG_CELLS_MAX / (b->participants + 1))
        return true;
    return cvk_fail(err, CVK_ELIMIT, "vcg.size",
                    "%zu participants and %zu batches are too many for a VCG auction",
                    b->participants, b->batches);
}

bool vcg_solve(const Bids *bids, const uint32_t *capacity, int64_t fallback, CvkProgress progress,
               Vcg *ret, CvkErr *err) {
    Solver s;
    if (!check_size(bids, err) || !solver_init(&s, bids, capacity, fallback, err))
        return false;
    s.progress = progress;
    Vcg v = {.winner = cvk_alloc(bids->batches, sizeof *v.winner, err),
             .payment = cvk_alloc(bids->participants, sizeof *v.payment, err)};
    bool ok = v.winner != NULL && v.payment != NULL && place_all(&s, &v.optimum, err);
    if (ok) {
        put_winners(&s, &v);
        ok = pay_all(&s, &v, err);
    }
    if (ok)
        advance(&s, placings(bids->batches) - s.done); /* nobody is paid for what is elsewhere */
    solver_done(&s);
    if (ok)
        *ret = v;
    else
        vcg_done(&v);
    return ok;
}

void vcg_done(Vcg *v) {
    free(v->winner);
    free(v->payment);
    *v = (Vcg){0};
}
