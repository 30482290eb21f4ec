#include "http/rate.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#define CLASSES_MAX 8u
#define WAYS 8u /* places that one address may be kept in */

typedef struct {
    ConnPeer peer;
    uint8_t class_;
    bool used;
    int64_t at_ms;  /* of the last change */
    int64_t tokens; /* in units of 1/per_ms: a request costs per_ms, a millisecond gives requests */
} Bucket;

struct RateTable {
    pthread_mutex_t lock;
    RateLimit limits[CLASSES_MAX];
    unsigned n_classes;
    uint64_t seed; /* so that nobody can aim at another's place */
    size_t sets;   /* of WAYS buckets */
    Bucket *buckets;
};

RateTable *rate_new(const RateLimit *limits, unsigned n_classes, size_t clients, CvkErr *err) {
    assert(n_classes <= CLASSES_MAX);
    RateTable *t = cvk_alloc(1, sizeof *t, err);
    if (t == NULL)
        return NULL;
    t->sets = clients / WAYS + 1;
    t->buckets = cvk_alloc(t->sets * WAYS, sizeof *t->buckets, err);
    if (t->buckets == NULL) {
        free(t);
        return NULL;
    }
    memcpy(t->limits, limits, n_classes * sizeof *limits);
    t->n_classes = n_classes;
    cvk_random(&t->seed, sizeof t->seed);
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

RateTable *rate_free(RateTable *t) {
    if (t == NULL)
        return NULL;
    pthread_mutex_destroy(&t->lock);
    free(t->buckets);
    free(t);
    return NULL;
}

static size_t set_of(const RateTable *t, const ConnPeer *peer, unsigned class_) {
    return (size_t)(peer_hash(peer, t->seed + class_) % t->sets);
}

static bool is_bucket_of(const Bucket *b, const ConnPeer *peer, unsigned class_) {
    return b->used && b->class_ == class_ && peer_same(&b->peer, peer);
}

/* The peer's bucket, or the one that makes room for it, full. */
static Bucket *find_bucket(RateTable *t, const ConnPeer *peer, unsigned class_, int64_t now_ms) {
    Bucket *set = t->buckets + set_of(t, peer, class_) * WAYS;
    Bucket *oldest = set;
    for (Bucket *b = set; b < set + WAYS; b++) {
        if (is_bucket_of(b, peer, class_))
            return b;
        if (!b->used || (oldest->used && b->at_ms < oldest->at_ms))
            oldest = b;
    }
    const RateLimit *limit = &t->limits[class_];
    *oldest = (Bucket){.peer = *peer,
                       .class_ = (uint8_t)class_,
                       .used = true,
                       .at_ms = now_ms,
                       .tokens = (int64_t)limit->requests * limit->per_ms};
    return oldest;
}

static void refill(Bucket *b, const RateLimit *limit, int64_t now_ms) {
    int64_t full = (int64_t)limit->requests * limit->per_ms;
    int64_t passed = now_ms - b->at_ms;
    if (passed <= 0)
        return;
    b->at_ms = now_ms;
    b->tokens = passed >= limit->per_ms ? full : b->tokens + passed * (int64_t)limit->requests;
    if (b->tokens > full)
        b->tokens = full;
}

bool rate_take(RateTable *t, const ConnPeer *peer, unsigned class_, int64_t now_ms,
               int64_t *ret_wait_ms) {
    assert(class_ < t->n_classes);
    const RateLimit *limit = &t->limits[class_];
    *ret_wait_ms = 0;
    if (limit->requests == 0)
        return true;
    pthread_mutex_lock(&t->lock);
    Bucket *b = find_bucket(t, peer, class_, now_ms);
    refill(b, limit, now_ms);
    bool taken = b->tokens >= limit->per_ms;
    if (taken)
        b->tokens -= limit->per_ms;
    else
        *ret_wait_ms = (limit->per_ms - b->tokens + limit->requests - 1) / limit->requests;
    pthread_mutex_unlock(&t->lock);
    return taken;
}
