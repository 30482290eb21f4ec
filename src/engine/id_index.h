/* Finds a record by its identity: an open-addressing table of positions over an array that the
 * owner keeps, whose records begin with the identity, a text that ends with a zero. The order of
 * the records is the array's; nothing depends on the order of the table. The hash is not keyed, as
 * equal journals must take equal steps: whoever makes identities collide gets slow look-ups of
 * their own only after being admitted under each of them. Threads: the owner's. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t *at; /* position + 1; 0 = empty */
    size_t cap;   /* a power of two, or 0 */
    size_t n;
} IdIndex;

/* The array that an index is over. */
typedef struct {
    const void *records;
    size_t size; /* of one record */
} IdRecords;

#define ID_NONE UINT32_MAX

/* Room for `n` identities in all, without further allocation. */
bool id_index_reserve(IdIndex *x, IdRecords r, size_t n, CvkErr *err) MUST_USE;
void id_index_done(IdIndex *x);
uint32_t id_index_find(const IdIndex *x, IdRecords r, const char *identity); /* or ID_NONE */
/* The record at `at` is filled in and not yet known; there is room. */
void id_index_add(IdIndex *x, IdRecords r, uint32_t at);
/* The record at `at` is known, and still holds its identity. */
void id_index_remove(IdIndex *x, IdRecords r, uint32_t at);
