/* Files that provers fetch, and what went out of them. */
#include "base/alloc.h"
#include "base/hex.h"
#include "codec/base64.h"
#include "run/experiment_private.h"

#include <string.h>

/* ---- looking up ---- */

#define TOKEN_TEXT (BASE64URL_TEXT(STORE_TOKEN_BYTES) - 1)

/* What a path leads to; found stays false where that is nothing. */
typedef struct {
    const char *path;
    bool found;
    uint64_t request, size;
    uint8_t sha256[32];
} Lookup;

static bool token(const char *text, uint8_t ret[STORE_TOKEN_BYTES]) {
    size_t n;
    return base64url_decode(text, TOKEN_TEXT, ret, STORE_TOKEN_BYTES, &n) && n == STORE_TOKEN_BYTES;
}

/* "<token>/<token>" and nothing else. */
static bool find_request(Experiment *e, Lookup *l, CvkErr *err) {
    uint8_t theirs[STORE_TOKEN_BYTES], own[STORE_TOKEN_BYTES];
    if (strlen(l->path) != 2 * TOKEN_TEXT + 1 || l->path[TOKEN_TEXT] != '/' ||
        !token(l->path, theirs) || !token(l->path + TOKEN_TEXT + 1, own))
        return true;
    if (!store_request_find(e->reader, e->id, theirs, own, &l->request, l->sha256, &l->size, err))
        return false;
    l->found = l->request != 0;
    return true;
}

static bool see_public(void *ctx, const StorePublicFile *f, CvkErr *err) {
    Lookup *l = ctx;
    (void)err;
    if (strcmp(f->name, l->path) == 0) {
        l->found = true;
        l->size = f->size;
        memcpy(l->sha256, f->sha256, sizeof l->sha256);
    }
    return true;
}

static bool look_up(Experiment *e, Lookup *l, CvkErr *err) {
    pthread_mutex_lock(&e->reader_lock);
    bool ok = strchr(l->path, '/') != NULL
                  ? find_request(e, l, err)
                  : store_public_each(e->reader, e->id, see_public, l, err);
    pthread_mutex_unlock(&e->reader_lock);
    return ok;
}

bool experiment_file(Experiment *e, const char *path, BatchFile *ret, CvkErr *err) {
    Lookup l = {.path = path};
    BatchFile f;
    if (!look_up(e, &l, err))
        return false;
    if (!l.found)
        return cvk_fail(err, CVK_ENOTFOUND, "file.none", "not found");
    if (!blob_open(e->dir, l.sha256, &f.fd, &f.size, err))
        return cvk_fail(err, CVK_EBACKEND, "blob.none",
                        "a batch's file is missing: restore it from a backup");
    cvk_hex_encode(l.sha256, sizeof l.sha256, f.etag);
    f.request = l.request;
    *ret = f;
    return true;
}

/* ---- what went out: in memory first ---- */

/* Where this request's counts stand until they are written. Held: published. NULL: no memory; they
 * are lost. */
static StoreServed *served_of(Experiment *e, uint64_t request) {
    if (request == 0 || request > e->n_issued)
        return NULL;
    IssuedRequest *i = &e->issued[request - 1];
    if (i->served == 0) {
        if (!cvk_grow(&e->served, e->n_served, &e->served_cap, sizeof *e->served, NULL))
            return NULL;
        e->served[e->n_served++] = (Served){.request = request};
        i->served = (uint32_t)e->n_served;
    }
    return &e->served[i->served - 1].more;
}

void experiment_asked_again(Experiment *e, uint64_t request) {
    StoreServed *s = served_of(e, request);
    if (s != NULL)
        s->refetches++;
}

/* Held: published. Do they have all of the file by this download (or once more)? */
static bool completes(IssuedRequest *i, uint64_t at, uint64_t n, uint64_t size) {
    bool had_all = i->whole, to_end = at + n == size;
    i->bytes += n;
    i->last = i->last || to_end;
    i->whole = had_all || (i->last && i->bytes >= size);
    return i->whole && (!had_all || (to_end && at == 0));
}

void experiment_file_sent(Experiment *e, uint64_t request, uint64_t at, uint64_t n, uint64_t size) {
    int64_t now_ms = run_clock_now(e->clock);
    pthread_mutex_lock(&e->published);
    StoreServed *s = served_of(e, request);
    if (s != NULL) {
        s->first_get_ms = s->first_get_ms == 0 ? now_ms : s->first_get_ms;
        s->last_get_ms = now_ms;
        s->bytes += n;
        s->whole += completes(&e->issued[request - 1], at, n, size);
    }
    pthread_mutex_unlock(&e->published);
}

/* The list becomes the caller's, who frees it. */
static size_t take_served(Experiment *e, Served **ret) {
    pthread_mutex_lock(&e->published);
    size_t n = e->n_served;
    *ret = e->served;
    for (size_t i = 0; i < n; i++)
        e->issued[e->served[i].request - 1].served = 0;
    e->served = NULL;
    e->n_served = e->served_cap = 0;
    pthread_mutex_unlock(&e->published);
    return n;
}

/* Not a command: no entry goes with it. What cannot be written is lost. */
bool experiment_flush_served(Experiment *e, CvkErr *err) {
    Served *list;
    size_t n = take_served(e, &list);
    if (n == 0)
        return true;
    bool ok = experiment_begin(e, err);
    if (ok) {
        for (size_t i = 0; ok && i < n; i++)
            ok = store_request_served(e->store, e->id, list[i].request, &list[i].more, err);
        ok = experiment_end(e, ok, err);
    }
    free(list);
    return ok;
}
