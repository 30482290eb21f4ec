/* What is to happen, in order of time: a binary heap. Of two things at one instant, that which was
 * planned first comes first, so an order never depends on the heap's shape. Threads: none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int64_t at_ms;
    uint64_t order; /* set by heap_push */
    uint32_t who;   /* a person, or another thing's number */
    uint16_t what;
    uint16_t small;   /* what the happening needs to know ... */
    uint64_t a, b, c; /* ... */
} Happening;

typedef struct {
    Happening *at;
    size_t n, room;
    uint64_t pushed;
} Heap;

void heap_push(Heap *h, Happening x);   /* stops the program when memory is short */
bool heap_pop(Heap *h, Happening *ret); /* false: there is nothing more */
void heap_done(Heap *h);
