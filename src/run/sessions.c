#include "run/sessions.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "engine/id_index.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_MAX (2u * LIMIT_SESSIONS) /* the ended ones of a day are among them */

/* Found by its owner, and by its hash as digits: each the first field of what an index is over. */
typedef struct {
    char hash[2 * 32 + 1];
    char identity[LIMIT_IDENTITY + 1];
    int64_t expires_ms;
    bool ended;
} Record;

struct Sessions {
    Record *at;
    uint32_t n, cap;
    size_t live;
    IdIndex by_hash, by_identity;
};

static IdRecords hashes_of(const Sessions *s) {
    return (IdRecords){s->at, sizeof *s->at};
}

static IdRecords identities_of(const Sessions *s) {
    return (IdRecords){s->at != NULL ? s->at[0].identity : NULL, sizeof *s->at};
}

Sessions *sessions_new(CvkErr *err) {
    return cvk_alloc(1, sizeof(Sessions), err);
}

Sessions *sessions_free(Sessions *s) {
    if (s == NULL)
        return NULL;
    free(s->at);
    id_index_done(&s->by_hash);
    id_index_done(&s->by_identity);
    free(s);
    return NULL;
}

/* ---- records ---- */

static uint32_t find_identity(const Sessions *s, const char *identity) {
    return id_index_find(&s->by_identity, identities_of(s), identity);
}

static uint32_t find_hash(const Sessions *s, const uint8_t hash[32]) {
    char digits[2 * 32 + 1];
    cvk_hex_encode(hash, 32, digits);
    return id_index_find(&s->by_hash, hashes_of(s), digits);
}

static void link_record(Sessions *s, uint32_t i) {
    id_index_add(&s->by_hash, hashes_of(s), i);
    id_index_add(&s->by_identity, identities_of(s), i);
}

static void unlink_record(Sessions *s, uint32_t i) {
    id_index_remove(&s->by_hash, hashes_of(s), i);
    id_index_remove(&s->by_identity, identities_of(s), i);
}

/* The last record comes to its place. */
static void remove_record(Sessions *s, uint32_t i) {
    if (i == ID_NONE)
        return;
    uint32_t last = s->n - 1;
    s->live -= s->at[i].ended ? 0 : 1;
    unlink_record(s, i);
    if (i != last) {
        unlink_record(s, last);
        s->at[i] = s->at[last];
        link_record(s, i);
    }
    s->n = last;
}

/* Room for one more. */
static bool grow(Sessions *s, CvkErr *err) {
    if (s->n < s->cap)
        return true;
    uint32_t cap = s->cap == 0 ? 16 : s->cap * 2;
    if (cap > RECORDS_MAX)
        cap = RECORDS_MAX;
    if (s->n == cap)
        return cvk_fail(err, CVK_ELIMIT, "limit.count", "there are more than %u sessions", cap);
    if (!id_index_reserve(&s->by_hash, hashes_of(s), cap, err) ||
        !id_index_reserve(&s->by_identity, identities_of(s), cap, err))
        return false;
    Record *at = realloc(s->at, cap * sizeof *at);
    if (at == NULL)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory for sessions");
    s->at = at;
    s->cap = cap;
    return true;
}

/* ---- what others ask ---- */

bool sessions_put(Sessions *s, const SessionRow *row, CvkErr *err) {
    if (!grow(s, err))
        return false;
    remove_record(s, find_identity(s, row->identity));
    Record *r = &s->at[s->n];
    cvk_hex_encode(row->hash, sizeof row->hash, r->hash);
    snprintf(r->identity, sizeof r->identity, "%s", row->identity);
    r->expires_ms = row->expires_ms;
    r->ended = row->ended;
    s->live += row->ended ? 0 : 1;
    link_record(s, s->n++);
    return true;
}

static bool give(const Sessions *s, uint32_t i, SessionRow *ret) {
    if (i == ID_NONE)
        return false;
    const Record *r = &s->at[i];
    *ret = (SessionRow){.identity = r->identity, .expires_ms = r->expires_ms, .ended = r->ended};
    return cvk_hex_decode(r->hash, sizeof ret->hash, ret->hash);
}

bool sessions_find(const Sessions *s, const uint8_t hash[32], SessionRow *ret) {
    return give(s, find_hash(s, hash), ret);
}

bool sessions_of(const Sessions *s, const char *identity, SessionRow *ret) {
    return give(s, find_identity(s, identity), ret);
}

void sessions_end(Sessions *s, const char *identity) {
    uint32_t i = find_identity(s, identity);
    if (i == ID_NONE || s->at[i].ended)
        return;
    s->at[i].ended = true;
    s->live--;
}

void sessions_remove(Sessions *s, const char *identity) {
    remove_record(s, find_identity(s, identity));
}

void sessions_renew(Sessions *s, const uint8_t hash[32], int64_t expires_ms) {
    uint32_t i = find_hash(s, hash);
    if (i != ID_NONE)
        s->at[i].expires_ms = expires_ms;
}

size_t sessions_live(const Sessions *s) {
    return s->live;
}

size_t sessions_n(const Sessions *s) {
    return s->n;
}

bool sessions_walk(const Sessions *s, size_t *at, SessionRow *ret) {
    if (*at > s->n)
        *at = s->n;
    return *at != 0 && give(s, (uint32_t)-- * at, ret);
}
