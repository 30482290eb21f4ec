/* A state as bytes: magic, head, number of participants, participants, sha256 of all that. Numbers
 * are little-endian, texts carry their length. One description of the head serves both directions.
 *
 * The state's hash is made of the same bytes, but for the identities that the journal only commits
 * to: whoever replays the public journal does not know them and comes to the same hash. It is
 * frozen: a later release that keeps more must leave it as it is for states that have no more. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/sha256.h"
#include "engine/state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "cvkengA2"
#define HASH_MAGIC "cvkstate2"
#define HEAD_MAX 2048 /* a head as bytes is shorter */
#define MEMBER_MAX                                                                                 \
    (1 + LIMIT_IDENTITY + 32 + 2 + 2 * 8 + 16) /* a participant as bytes, at most                  \
                                                */
#define SNAPSHOT_MAX ((size_t)LIMIT_MEMBERS * MEMBER_MAX + HEAD_MAX)

/* Writes to `out` or reads from `in`; after the first failure it does nothing more. */
typedef struct {
    uint8_t *out; /* NULL when reading */
    const uint8_t *in;
    size_t at, n; /* done so far; room or bytes there are */
    bool bad;
} Xfer;

static void xfer_bytes(Xfer *x, void *value, size_t n) {
    if (x->bad || n > x->n - x->at) {
        x->bad = true;
        return;
    }
    if (x->out != NULL) {
        memcpy(x->out + x->at, value, n);
    } else {
        assert(x->in != NULL);
        memcpy(value, x->in + x->at, n);
    }
    x->at += n;
}

static void xfer_u64(Xfer *x, uint64_t *value) {
    uint8_t b[8];
    for (size_t i = 0; i < 8; i++)
        b[i] = (uint8_t)(*value >> (8 * i));
    xfer_bytes(x, b, sizeof b);
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++)
        v |= (uint64_t)b[i] << (8 * i);
    *value = v;
}

/* A time or duration; the bounds are state_fault's work. */
static void xfer_ms(Xfer *x, int64_t *value) {
    uint64_t v = (uint64_t)*value;
    xfer_u64(x, &v);
    if (v > INT64_MAX)
        x->bad = true;
    *value = x->bad ? 0 : (int64_t)v;
}

/* What fits in 32 bits (counts, enums); anything above `max` is bad. */
static uint32_t xfer_small(Xfer *x, uint32_t value, uint32_t max) {
    uint64_t v = value;
    xfer_u64(x, &v);
    if (v > max)
        x->bad = true;
    return x->bad ? 0 : (uint32_t)v;
}

static void xfer_bool(Xfer *x, bool *value) {
    uint8_t b = *value;
    xfer_bytes(x, &b, 1);
    if (b > 1)
        x->bad = true;
    *value = b == 1;
}

/* value[cap], zero-terminated, no zero byte within; cap <= 256. */
static void xfer_text(Xfer *x, char *value, size_t cap) {
    uint8_t n = (uint8_t)strnlen(value, cap - 1);
    xfer_bytes(x, &n, 1);
    if (n >= cap)
        x->bad = true;
    xfer_bytes(x, value, x->bad ? 0 : n);
    value[x->bad ? 0 : n] = '\0';
    if (strlen(value) != n)
        x->bad = true;
}

static void xfer_policy(Xfer *x, EnginePolicy *p) {
    p->entry = (Entry)xfer_small(x, p->entry, ENTRY_N - 1);
    p->waiting_max = xfer_small(x, p->waiting_max, UINT32_MAX);
    p->contributions_max = xfer_small(x, p->contributions_max, UINT32_MAX);
    xfer_ms(x, &p->checkin_every_ms);
    xfer_ms(x, &p->checkin_tolerance_ms);
    xfer_ms(x, &p->checkin_shortest_ms);
    xfer_ms(x, &p->checkin_longest_ms);
    xfer_ms(x, &p->checkin_lead_ms);
    xfer_ms(x, &p->ready_ms);
    p->park_max = xfer_small(x, p->park_max, UINT32_MAX);
    xfer_ms(x, &p->park_ms);
    for (size_t i = 0; i < PHASE_N; i++)
        xfer_ms(x, &p->deadline_ms[i]);
    p->upload_rate = xfer_small(x, p->upload_rate, UINT32_MAX);
    xfer_ms(x, &p->upload_window_ms);
    p->missed = (Cost)xfer_small(x, p->missed, COST_N - 1);
    p->expired = (Cost)xfer_small(x, p->expired, COST_N - 1);
    p->aborted = (Cost)xfer_small(x, p->aborted, COST_N - 1);
    p->invalid = (Cost)xfer_small(x, p->invalid, COST_N - 1);
    p->strikes_max = xfer_small(x, p->strikes_max, UINT32_MAX);
    xfer_ms(x, &p->cooldown_ms);
}

static void xfer_lease(Xfer *x, Lease *l) {
    xfer_u64(x, &l->number);
    xfer_u64(x, &l->participant);
    xfer_u64(x, &l->place);
    l->phase = (Phase)xfer_small(x, l->phase, PHASE_N - 1);
    xfer_ms(x, &l->granted_ms);
    xfer_ms(x, &l->since_ms);
    xfer_u64(x, &l->size);
    xfer_bytes(x, l->response, sizeof l->response);
}

static void xfer_turns(Xfer *x, Turns *t) {
    xfer_u64(x, &t->n);
    xfer_ms(x, &t->ended_ms);
    for (size_t i = 0; i < ENGINE_TURNS; i++)
        xfer_ms(x, &t->ms[i]);
}

static void xfer_head(Xfer *x, Head *h) {
    xfer_bool(x, &h->open);
    xfer_bool(x, &h->finalized);
    xfer_bool(x, &h->handed_over);
    h->mode = (Mode)xfer_small(x, h->mode, MODE_N - 1);
    xfer_text(x, h->name, sizeof h->name);
    xfer_text(x, h->kind, sizeof h->kind);
    xfer_bytes(x, h->definition, sizeof h->definition);
    xfer_bytes(x, h->key, sizeof h->key);
    xfer_bytes(x, h->next_key, sizeof h->next_key);
    xfer_policy(x, &h->policy);
    xfer_ms(x, &h->now_ms);
    xfer_u64(x, &h->contributions);
    xfer_u64(x, &h->leases);
    xfer_u64(x, &h->refused);
    xfer_u64(x, &h->expired);
    xfer_u64(x, &h->aborted);
    xfer_u64(x, &h->places);
    xfer_bytes(x, h->accepted, sizeof h->accepted);
    xfer_lease(x, &h->lease);
    xfer_turns(x, &h->turns);
}

static void xfer_member(Xfer *x, Member *m) {
    xfer_text(x, m->identity, sizeof m->identity);
    xfer_bytes(x, m->commitment, sizeof m->commitment);
    xfer_bool(x, &m->out);
    xfer_bool(x, &m->banned);
    m->contributions = xfer_small(x, m->contributions, LIMIT_CONTRIBUTIONS);
    m->strikes = xfer_small(x, m->strikes, UINT32_MAX);
    xfer_u64(x, &m->place);
    xfer_ms(x, &m->cool_until_ms);
}

static size_t head_bytes(const EngineState *s, uint8_t *ret, size_t cap) {
    Head copy = s->head;
    Xfer x = {.out = ret, .n = cap};
    xfer_head(&x, &copy);
    assert(!x.bad);
    return x.at;
}

static size_t member_bytes(const Member *m, uint8_t *ret, size_t cap) {
    Member copy = *m;
    Xfer x = {.out = ret, .n = cap};
    xfer_member(&x, &copy);
    assert(!x.bad);
    return x.at;
}

/* ---- the hash ---- */

/* Without the identity, unless it stands in the public journal (version 1). */
static size_t public_bytes(const Member *m, uint8_t *ret, size_t cap) {
    static const uint8_t none[32];
    Member copy = *m;
    if (memcmp(m->commitment, none, sizeof none) != 0)
        copy.identity[0] = '\0';
    return member_bytes(&copy, ret, cap);
}

/* It folds over the head and then over blocks of participants, so that it needs no memory of its
 * own. */
void engine_state_hash(const EngineState *s, uint8_t ret[32]) {
    enum { BLOCK = 32 };
    uint8_t bytes[32 + BLOCK * MEMBER_MAX];
    uint8_t hash[32];
    const size_t magic = strlen(HASH_MAGIC);
    memcpy(bytes, HASH_MAGIC, magic);
    cvk_sha256(bytes, magic + head_bytes(s, bytes + magic, sizeof bytes - magic), hash);
    for (size_t i = 0; i < s->n;) {
        size_t n = sizeof hash;
        memcpy(bytes, hash, sizeof hash);
        for (size_t end = i + BLOCK; i < s->n && i < end; i++)
            n += public_bytes(&s->member[i], bytes + n, sizeof bytes - n);
        cvk_sha256(bytes, n, hash);
    }
    memcpy(ret, hash, sizeof hash);
}

/* ---- snapshots ---- */

static bool write_all(const EngineState *s, CvkBuf *b, CvkErr *err) {
    uint8_t bytes[HEAD_MAX];
    if (!cvk_buf_add(b, MAGIC, strlen(MAGIC), err) ||
        !cvk_buf_add(b, bytes, head_bytes(s, bytes, sizeof bytes), err))
        return false;
    uint64_t n = s->n;
    Xfer count = {.out = bytes, .n = sizeof bytes};
    xfer_u64(&count, &n);
    if (!cvk_buf_add(b, bytes, count.at, err))
        return false;
    for (size_t i = 0; i < s->n; i++)
        if (!cvk_buf_add(b, bytes, member_bytes(&s->member[i], bytes, sizeof bytes), err))
            return false;
    cvk_sha256(b->data, b->n, bytes);
    return cvk_buf_add(b, bytes, 32, err);
}

bool engine_snapshot_write(const EngineState *s, uint8_t **ret, size_t *ret_n, CvkErr *err) {
    CvkBuf b = CVK_BUF(SNAPSHOT_MAX);
    if (!write_all(s, &b, err)) {
        cvk_buf_done(&b);
        return false;
    }
    *ret_n = b.n;
    *ret = (uint8_t *)cvk_buf_take(&b);
    return true;
}

static bool damaged(CvkErr *err, const char *why) {
    return cvk_fail(err, CVK_EBADREQ, "snapshot.damaged", "the snapshot is damaged: %s", why);
}

static bool read_member(Xfer *x, EngineState *s, CvkErr *err) {
    Member m = {0};
    xfer_member(x, &m);
    if (x->bad)
        return damaged(err, "a participant is unreadable");
    if (m.identity[0] != '\0' && member_find(s, m.identity) != NULL)
        return damaged(err, "an identity is there twice");
    *member_add(s, m.identity, m.commitment) = m;
    return true;
}

static int by_place(const void *a, const void *b) {
    const PlaceEntry *x = a, *y = b;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* The queue, and the place that the holder may come back to. */
static bool make_queue(EngineState *s, CvkErr *err) {
    const Lease *l = &s->head.lease;
    uint32_t n = 0;
    PlaceEntry *entry = cvk_alloc(s->n + 1, sizeof *entry, err);
    if (entry == NULL)
        return false;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->member[i].place != 0)
            entry[n++] = (PlaceEntry){.place = s->member[i].place, .who = i};
    if (l->place != 0 && l->participant != 0)
        entry[n++] = (PlaceEntry){.place = l->place, .who = (uint32_t)(l->participant - 1)};
    qsort(entry, n, sizeof *entry, by_place);
    bool ok = place_index_reserve(&s->queue, n, l->place, err);
    for (uint32_t i = 0; ok && i < n; i++) {
        if (i > 0 && entry[i].place == entry[i - 1].place)
            ok = damaged(err, "two wait at the same place");
        else
            place_index_append(&s->queue, entry[i].place, entry[i].who);
    }
    if (ok && l->place != 0 && l->participant != 0)
        place_index_remove(&s->queue, l->place);
    free(entry);
    return ok;
}

static bool read_members(Xfer *x, EngineState *s, CvkErr *err) {
    uint64_t n = 0;
    xfer_u64(x, &n);
    if (x->bad || n > (x->n - x->at) || n > LIMIT_MEMBERS) /* each takes more than a byte */
        return damaged(err, "it ends too early");
    if (!engine_reserve(s, (size_t)n, err))
        return false;
    for (uint64_t i = 0; i < n; i++)
        if (!read_member(x, s, err))
            return false;
    return (x->at == x->n || damaged(err, "bytes are left over")) && make_queue(s, err);
}

static bool read_all(const uint8_t *bytes, size_t n, EngineState *s, CvkErr *err) {
    const size_t magic = strlen(MAGIC);
    uint8_t hash[32];
    if (n < magic + sizeof hash || memcmp(bytes, MAGIC, magic) != 0)
        return damaged(err, "it does not begin as one");
    n -= sizeof hash;
    cvk_sha256(bytes, n, hash);
    if (memcmp(hash, bytes + n, sizeof hash) != 0)
        return damaged(err, "its checksum is wrong");
    Xfer x = {.in = bytes, .at = magic, .n = n};
    xfer_head(&x, &s->head);
    if (x.bad)
        return damaged(err, "its head is unreadable");
    if (!read_members(&x, s, err))
        return false;
    const char *fault = state_fault(s);
    return fault == NULL || damaged(err, fault);
}

bool engine_snapshot_read(const uint8_t *bytes, size_t n, EngineState **ret, CvkErr *err) {
    EngineState *s = engine_state_new(err);
    if (s == NULL)
        return false;
    if (!read_all(bytes, n, s, err)) {
        engine_state_free(s);
        return false;
    }
    *ret = s;
    return true;
}
