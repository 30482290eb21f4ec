#include "market/vcg_ways.h"

#include "base/alloc.h"

bool ways_init(Ways *w, Rows *rows, CvkErr *err) {
    const size_t n = rows->participants + 1;
    *w = (Ways){.rows = rows,
                .n = (uint32_t)rows->participants,
                .gone = WAYS_NOBODY,
                .toward = cvk_alloc(n, sizeof *w->toward, err),
                .next = cvk_alloc(n, sizeof *w->next, err),
                .state = cvk_alloc(n, sizeof *w->state, err),
                .same_way = cvk_alloc(n, sizeof *w->same_way, err),
                .lost = cvk_alloc(n, sizeof *w->lost, err),
                .known = cvk_alloc(n, sizeof *w->known, err),
                .path = cvk_alloc(n, sizeof *w->path, err)};
    if (w->toward == NULL || w->next == NULL || w->state == NULL || w->same_way == NULL ||
        w->lost == NULL || w->known == NULL || w->path == NULL) {
        ways_done(w);
        return false;
    }
    for (size_t k = 0; k < n; k++) {
        w->toward[k] = WAYS_FAR;
        w->next[k] = WAYS_NOBODY;
    }
    return true;
}

void ways_done(Ways *w) {
    free(w->toward);
    free(w->next);
    free(w->state);
    free(w->same_way);
    free(w->lost);
    free(w->known);
    free(w->path);
    *w = (Ways){0};
}

void ways_all_known(Ways *w) {
    for (size_t k = 0; k <= w->n; k++)
        w->state[k] = WAY_UNKNOWN;
}

void ways_lose(Ways *w, uint32_t i) {
    w->state[i] = WAY_LOST;
}

/* Whose way leads through somebody whose own is lost has lost it too, and all others' are the same.
 */
static void spread_loss(Ways *w) {
    for (uint32_t k = 0; k <= w->n; k++) {
        uint32_t end = k;
        while (w->state[end] == WAY_UNKNOWN && w->next[end] != WAYS_NOBODY)
            end = w->next[end];
        const WayState state = w->state[end] == WAY_LOST ? WAY_LOST : WAY_SAME;
        for (uint32_t at = k; w->state[at] == WAY_UNKNOWN && at != end; at = w->next[at])
            w->state[at] = state;
    }
}

/* How long the way of k would be that leads as before, over the batches that are cheapest to hand
 * on now. It is found from its end backwards. */
static void follow(Ways *w, uint32_t k) {
    size_t n = 0;
    uint32_t at = k;
    for (; w->state[at] == WAY_LOST && w->next[at] != WAYS_NOBODY; at = w->next[at])
        w->path[n++] = at;
    Sum length = w->state[at] == WAY_LOST || at == w->gone ? WAYS_FAR : w->toward[at];
    if (w->state[at] == WAY_FOLLOWED)
        length = w->same_way[at];
    while (n > 0) {
        const uint32_t from = w->path[--n];
        const int64_t step = rows_difference(w->rows, from, w->next[from]);
        length = length == WAYS_FAR || step == NO_BID ? WAYS_FAR : length + step;
        w->same_way[from] = length;
        w->state[from] = WAY_FOLLOWED;
    }
}

/* A lost way is at most as long as the same way is now, if that is still one: with this to begin
 * with hardly another one has to be looked at. Who keeps it does so because it is the shortest, and
 * then it is for all on it: so nobody comes to hand batches round in a circle. */
static void sort_out(Ways *w) {
    w->lost_n = w->known_n = 0;
    for (uint32_t k = 0; k <= w->n; k++)
        if (w->state[k] >= WAY_LOST && k != w->gone) {
            Lost l = {.before = w->toward[k], .more = WAYS_FAR, .who = k, .over = w->next[k]};
            follow(w, k);
            if (w->state[k] == WAY_FOLLOWED && w->same_way[k] != WAYS_FAR)
                l.more = w->same_way[k] - l.before;
            w->lost[w->lost_n++] = l;
        } else if (w->toward[k] != WAYS_FAR) {
            w->known[w->known_n++] = k;
        }
}

/* The shortest way over those whose own is known. What handing on costs at least is looked at
 * first: few cells have to be renewed. */
static void look_around(Ways *w, Lost *l) {
    const int64_t *difference = w->rows->row[l->who].difference;
    Sum shortest = l->before + l->more;
    for (size_t x = 0; x < w->known_n; x++) {
        const uint32_t k = w->known[x];
        Sum length = w->toward[k] + difference[k];
        if (length >= shortest || difference[k] == NO_BID)
            continue;
        if (rows_stale(w->rows, l->who, k)) {
            rows_renew(w->rows, l->who, k);
            length = w->toward[k] + difference[k];
            if (length >= shortest || difference[k] == NO_BID)
                continue;
        }
        shortest = length;
        l->over = k;
    }
    l->more = shortest - l->before;
}

static size_t least_longer(const Ways *w) {
    size_t nearest = 0;
    for (size_t x = 0; x < w->lost_n; x++)
        if (w->lost[x].more < w->lost[nearest].more)
            nearest = x;
    return nearest;
}

/* Now k's is known: of those that are not there may be shorter ways over k. */
static void ways_over(Ways *w, uint32_t k) {
    const int64_t *difference = differences_to(w->rows, k);
    const Sum toward = w->toward[k];
    for (size_t x = 0; x < w->lost_n; x++) {
        Lost *l = &w->lost[x];
        Sum more = toward + difference[l->who] - l->before;
        if (more >= l->more || difference[l->who] == NO_BID)
            continue;
        if (rows_stale(w->rows, l->who, k)) {
            rows_renew(w->rows, l->who, k);
            more = toward + difference[l->who] - l->before;
            if (more >= l->more || difference[l->who] == NO_BID)
                continue;
        }
        l->more = more;
        l->over = k;
    }
}

/* Whose way became the least longer has found it: ways over others that are lost are no shorter. */
void ways_find(Ways *w) {
    spread_loss(w);
    sort_out(w);
    for (size_t x = 0; x < w->lost_n; x++)
        look_around(w, &w->lost[x]);
    while (w->lost_n > 0) {
        const size_t nearest = least_longer(w);
        const Lost l = w->lost[nearest];
        w->lost[nearest] = w->lost[--w->lost_n];
        w->toward[l.who] = l.before + l.more;
        w->next[l.who] = l.over;
        ways_over(w, l.who);
    }
}
