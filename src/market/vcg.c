#include "market/vcg.h"

#include "base/alloc.h"
#include "market/vcg_rows.h"

#include <assert.h>

/* Dearer than any path: stands for "nobody does it". */
#define NOWHERE (INT64_C(1) << 60)
#define FAR (INT64_C(1) << 62)
#define SOURCE UINT32_MAX

typedef struct {
    uint32_t batch, from;
} Move;

typedef struct {
    const Bids *bids;
    uint32_t n; /* participants; also the number of elsewhere, where there is always room */
    const uint32_t *capacity;
    int64_t fallback;
    uint32_t gone; /* left out; VCG_NOBODY: nobody */
    Rows rows;
    /* By participant and elsewhere. The shortest way: its length, made non-negative by potentials
     * (FAR: none is known), the same again until nothing nearer is left (then FAR), and whom it
     * comes from (SOURCE: the new batch itself goes to them). */
    int64_t *far, *open;
    uint32_t *from;
    int64_t *potential;
    int64_t nearest; /* the whole length to the nearest with room ... */
    uint32_t end;    /* ... which is here */
    Move *move;      /* what was done, to be undone */
    size_t moves, moves_cap;
} Solver;

/* ---- one shortest path ---- */

static inline bool has_room(const Solver *s, uint32_t i) {
    return i == s->n || s->rows.used[i] < s->capacity[i];
}

/* A way to k that is shorter than what is known. */
static void way(Solver *s, uint32_t k, int64_t far, uint32_t from) {
    if (k == s->gone)
        return;
    s->far[k] = s->open[k] = far;
    s->from[k] = from;
    if (has_room(s, k) && far + s->potential[k] < s->nearest) {
        s->nearest = far + s->potential[k];
        s->end = k;
    }
}

/* All ways on from i, who has no room and would have to hand something on. */
static void go_on(Solver *s, uint32_t i) {
    const Row *row = &s->rows.row[i];
    if (row->difference == NULL)
        return; /* no capacity at all */
    const int64_t here = s->far[i] + s->potential[i], *difference = row->difference;
    for (uint32_t k = 0; k < s->n; k++) {
        int64_t far = here + difference[k] - s->potential[k];
        if (far < s->far[k] && far < s->nearest)
            way(s, k, far, i);
    }
    int64_t elsewhere = here + difference[s->n] + s->fallback;
    if (elsewhere < s->far[s->n] && elsewhere < s->nearest)
        way(s, s->n, elsewhere, i);
}

static uint32_t next_node(const Solver *s) {
    uint32_t at = s->n;
    int64_t least = s->open[s->n];
    for (uint32_t k = 0; k < s->n; k++)
        if (s->open[k] < least) {
            least = s->open[k];
            at = k;
        }
    return at;
}

static void find_path(Solver *s, uint32_t batch) {
    const Bids *b = s->bids;
    for (size_t k = 0; k <= s->n; k++)
        s->far[k] = s->open[k] = FAR;
    s->nearest = FAR;
    way(s, s->n, s->fallback, SOURCE);
    for (size_t k = b->start[batch]; k < b->start[batch + 1]; k++) {
        uint32_t i = b->bid[k].participant;
        int64_t far = b->bid[k].price - s->potential[i];
        if (far < s->nearest)
            way(s, i, far, SOURCE);
    }
    for (uint32_t i; s->open[i = next_node(s)] < s->nearest;) {
        s->open[i] = FAR;
        if (!has_room(s, i))
            go_on(s, i);
    }
}

/* Potentials after the path: lengths stay non-negative, and 0 along it. */
static void settle(Solver *s) {
    for (uint32_t k = 0; k < s->n; k++)
        if (s->far[k] < s->nearest)
            s->potential[k] += s->far[k] - s->nearest;
}

static bool note(Solver *s, uint32_t batch, CvkErr *err) {
    if (s->moves == s->moves_cap) {
        size_t cap = 2 * s->moves_cap + 64;
        Move *moved = realloc(s->move, cap * sizeof *moved);
        if (moved == NULL)
            return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory (moves)");
        s->move = moved;
        s->moves_cap = cap;
    }
    s->move[s->moves++] = (Move){batch, s->rows.holder[batch]};
    return true;
}

static bool give(Solver *s, uint32_t batch, uint32_t to, CvkErr *err) {
    const uint32_t holder = to == s->n ? HELD_ELSEWHERE : to;
    return note(s, batch, err) && rows_give(&s->rows, batch, holder, err);
}

/* Goes along the path that was found: each on it hands a batch on, the new one to the first. */
static bool place(Solver *s, uint32_t batch, CvkErr *err) {
    for (uint32_t to = s->end, from; to != SOURCE; to = from) {
        from = s->from[to];
        uint32_t handed = from == SOURCE ? batch : s->rows.row[from].batch[to];
        if (!give(s, handed, to, err))
            return false;
    }
    settle(s);
    return true;
}

/* ---- payments ---- */

static bool undo(Solver *s, CvkErr *err) {
    for (; s->moves > 0; s->moves--) {
        const Move *m = &s->move[s->moves - 1];
        if (!rows_give(&s->rows, m->batch, m->from, err))
            return false;
    }
    return true;
}

/* What i's batches cost without i; everything is as before afterwards, save the potentials. */
static bool pay(Solver *s, uint32_t i, const uint32_t *batch, size_t n, Sum *ret, CvkErr *err) {
    Sum sum = 0;
    s->gone = i;
    s->moves = 0;
    for (size_t k = 0; k < n; k++) {
        find_path(s, batch[k]);
        sum += s->nearest;
        if (k + 1 < n && !place(s, batch[k], err)) /* after the last nothing is asked any more */
            return false;
    }
    s->gone = VCG_NOBODY;
    *ret = sum >= NOWHERE / 2 && s->fallback == NOWHERE ? VCG_UNDEFINED : sum;
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
    _cleanup_free_ int64_t *potential = cvk_alloc(n, sizeof *potential, err);
    if (start == NULL || held == NULL || potential == NULL)
        return false;
    list_held(s, start, held);
    memcpy(potential, s->potential, n * sizeof *potential);
    for (uint32_t i = 0; i < n; i++) {
        if (!pay(s, i, held + start[i], start[i + 1] - start[i], &v->payment[i], err))
            return false;
        memcpy(s->potential, potential, n * sizeof *potential);
    }
    return true;
}

/* ---- the whole ---- */

static void solver_done(Solver *s) {
    rows_done(&s->rows);
    free(s->far);
    free(s->open);
    free(s->from);
    free(s->potential);
    free(s->move);
}

static bool solver_init(Solver *s, const Bids *bids, const uint32_t *capacity, int64_t fallback,
                        CvkErr *err) {
    const size_t n = bids->participants + 1;
    *s = (Solver){.bids = bids,
                  .n = (uint32_t)bids->participants,
                  .capacity = capacity,
                  .fallback = fallback >= 0 ? fallback : NOWHERE,
                  .gone = VCG_NOBODY};
    if (!rows_init(&s->rows, bids, err))
        return false;
    s->far = cvk_alloc(n, sizeof *s->far, err);
    s->open = cvk_alloc(n, sizeof *s->open, err);
    s->from = cvk_alloc(n, sizeof *s->from, err);
    s->potential = cvk_alloc(n, sizeof *s->potential, err);
    if (s->far != NULL && s->open != NULL && s->from != NULL && s->potential != NULL)
        return true;
    solver_done(s);
    return false;
}

static bool place_all(Solver *s, Vcg *v, CvkErr *err) {
    for (uint32_t j = 0; j < s->bids->batches; j++) {
        find_path(s, j);
        v->optimum += s->nearest;
        if (!place(s, j, err))
            return false;
        s->moves = 0;
    }
    for (size_t j = 0; j < s->bids->batches; j++) {
        uint32_t holder = s->rows.holder[j];
        v->winner[j] = holder == HELD_ELSEWHERE ? VCG_NOBODY : holder;
        v->fallbacks += holder == HELD_ELSEWHERE;
    }
    if (s->fallback == NOWHERE)
        v->optimum -= (Sum)NOWHERE * (Sum)v->fallbacks;
    return true;
}

/* Paths pass each participant once: no length is above so many times the largest amount. */
static bool check_amount(const Bids *b, int64_t amount, CvkErr *err) {
    if (amount <= ROWS_LENGTH_MAX / (int64_t)(b->participants + 2))
        return true;
    return cvk_fail(err, CVK_ELIMIT, "vcg.amount",
                    "an amount is too large for a VCG auction among %zu: set a reserve below it",
                    b->participants);
}

static bool check_size(const Bids *b, int64_t fallback, CvkErr *err) {
    if (b->participants >= VCG_CELLS_MAX ||
        (b->batches + b->participants) > VCG_CELLS_MAX / (b->participants + 1))
        return cvk_fail(err, CVK_ELIMIT, "vcg.size",
                        "%zu participants and %zu batches are too many for a VCG auction",
                        b->participants, b->batches);
    for (size_t i = 0; i < b->n; i++)
        if (!check_amount(b, b->bid[i].price, err))
            return false;
    return check_amount(b, fallback, err);
}

bool vcg_solve(const Bids *bids, const uint32_t *capacity, int64_t fallback, Vcg *ret,
               CvkErr *err) {
    Solver s;
    if (!check_size(bids, fallback, err) || !solver_init(&s, bids, capacity, fallback, err))
        return false;
    Vcg v = {.winner = cvk_alloc(bids->batches, sizeof *v.winner, err),
             .payment = cvk_alloc(bids->participants, sizeof *v.payment, err)};
    bool ok =
        v.winner != NULL && v.payment != NULL && place_all(&s, &v, err) && pay_all(&s, &v, err);
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
