#include "sim/sim_heap.h"

#include <assert.h>
#include <stdlib.h>

static bool before(const Happening *a, const Happening *b) {
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void heap_push(Heap *h, Happening x) {
    if (h->n == h->room) {
        h->room = h->room == 0 ? 1024 : 2 * h->room;
        h->at = realloc(h->at, h->room * sizeof *h->at);
        assert(h->at != NULL);
    }
    x.order = h->pushed++;
    size_t i = h->n++;
    while (i > 0 && before(&x, &h->at[(i - 1) / 2])) {
        h->at[i] = h->at[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    h->at[i] = x;
}

bool heap_pop(Heap *h, Happening *ret) {
    if (h->n == 0)
        return false;
    *ret = h->at[0];
    Happening last = h->at[--h->n];
    size_t i = 0;
    for (size_t child = 1; child < h->n; child = 2 * i + 1) {
        if (child + 1 < h->n && before(&h->at[child + 1], &h->at[child]))
            child++;
        if (!before(&h->at[child], &last))
            break;
        h->at[i] = h->at[child];
        i = child;
    }
    h->at[i] = last;
    return true;
}

void heap_done(Heap *h) {
    free(h->at);
    *h = (Heap){0};
}
