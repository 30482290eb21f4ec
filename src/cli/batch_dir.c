#include "cli/batch_dir.h"

#include "base/alloc.h"
#include "base/file.h"
#include "codec/utf8.h"
#include "format/batch_manifest.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BATCH_SUFFIX ".batch"
#define MANIFEST_SUFFIX ".json"

typedef struct {
    char name[BATCH_NAME_MAX + 1]; /* of the file, without suffix */
    char path[LIMIT_PATH];
    BatchManifest manifest;
    bool has_manifest;
} Item;

struct BatchDir {
    const char *dir, *verifier, *params;
    bool allow_exec;
    Item *items;
    BatchSource *sources;
    size_t n, cap;
};

/* ---- names ---- */

static bool ends_in(const char *name, const char *suffix, size_t *ret_n) {
    size_t n = strlen(name), s = strlen(suffix);
    if (n <= s || strcmp(name + n - s, suffix) != 0)
        return false;
    *ret_n = n - s;
    return true;
}

static bool is_text(const char *name, size_t n) {
    for (size_t at = 0, step; at < n; at += step)
        if ((step = utf8_length(name + at, n - at)) == 0 || (unsigned char)name[at] < ' ')
            return false;
    return true;
}

static bool add(BatchDir *d, const char *name, size_t n, CvkErr *err) {
    if (n > BATCH_NAME_MAX || !is_text(name, n))
        return cvk_fail(err, CVK_EBADREQ, "batch.name", "'%s': no name for a batch",
                        CVK_SHOWN(name));
    if (d->n == LIMIT_MARKET_BATCHES)
        return cvk_fail(err, CVK_ELIMIT, "batch.many", "more than %u batches",
                        LIMIT_MARKET_BATCHES);
    if (!cvk_grow(&d->items, d->n, &d->cap, sizeof *d->items, err))
        return false;
    Item *i = &d->items[d->n];
    memset(i, 0, sizeof *i);
    memcpy(i->name, name, n);
    d->n++;
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const Item *)a)->name, ((const Item *)b)->name);
}

static Item *find(const BatchDir *d, const char *name, size_t n) {
    Item key = {.name = ""};
    if (n > BATCH_NAME_MAX)
        return NULL;
    memcpy(key.name, name, n);
    return bsearch(&key, d->items, d->n, sizeof *d->items, by_name);
}

/* Calls fn for every file with this suffix. */
static bool each_file(BatchDir *d, const char *suffix,
                      bool (*fn)(BatchDir *d, const char *name, size_t n, CvkErr *err),
                      CvkErr *err) {
    const struct dirent *e;
    DIR *dir = opendir(d->dir);
    if (dir == NULL)
        return cvk_file_cannot(err, "file.open", "open the directory", d->dir);
    bool ok = true;
    size_t n;
    errno = 0;
    while (ok && (e = readdir(dir)) != NULL) { /* NOLINT(concurrency-mt-unsafe): a stream of ours */
        if (e->d_name[0] != '.' && ends_in(e->d_name, suffix, &n))
            ok = fn(d, e->d_name, n, err);
        errno = 0;
    }
    if (ok && errno != 0)
        ok = cvk_file_cannot(err, "file.read", "read the directory", d->dir);
    closedir(dir);
    return ok;
}

static bool has_batch(BatchDir *d, const char *name, size_t n, CvkErr *err) {
    Item *i = find(d, name, n);
    if (i == NULL)
        return cvk_fail(err, CVK_EBADREQ, "batch.none", "'%s' has no batch file beside it",
                        CVK_SHOWN(name));
    i->has_manifest = true;
    return true;
}

/* ---- manifests ---- */

static bool read_manifest(const BatchDir *d, Item *i, CvkErr *err) {
    char name[BATCH_NAME_MAX + sizeof MANIFEST_SUFFIX], path[LIMIT_PATH];
    snprintf(name, sizeof name, "%s" MANIFEST_SUFFIX, i->name);
    FILE *f = NULL;
    if (!cvk_path(path, d->dir, name, err) || (f = cvk_file_open_regular(path, false, err)) == NULL)
        return false;
    BatchManifest m;
    bool ok = batch_manifest_read(json_from_file(f), &m, err);
    fclose(f);
    if (!ok)
        return cvk_fail_prefix(err, "'%s'", CVK_SHOWN(name));
    i->manifest = m;
    return true;
}

static const char *or_null(const CvkBuf *json) {
    return json->n > 0 ? json->data : NULL;
}

static bool make_source(const BatchDir *d, Item *i, BatchSource *ret, CvkErr *err) {
    const BatchManifest *m = &i->manifest;
    char name[BATCH_NAME_MAX + sizeof BATCH_SUFFIX];
    snprintf(name, sizeof name, "%s" BATCH_SUFFIX, i->name);
    if (!cvk_path(i->path, d->dir, name, err) || (i->has_manifest && !read_manifest(d, i, err)))
        return false;
    bool named = m->verifier[0] != '\0';
    if (!named && d->verifier == NULL)
        return cvk_fail(err, CVK_EBADREQ, "batch.verifier",
                        "'%.80s': no manifest says what verifies it: name one with --verifier",
                        i->name);
    bool own_words = named || m->params.n > 0; /* the operator's command line says the rest */
    if (own_words && !d->allow_exec && strcmp(named ? m->verifier : d->verifier, "exec") == 0)
        return cvk_fail(err, CVK_EBADREQ, "batch.exec",
                        "'%.80s': its manifest names a program that would run on this machine for "
                        "every proof: look at it, and give --allow-exec",
                        i->name);
    *ret = (BatchSource){.name = m->name[0] != '\0' ? m->name : i->name,
                         .path = i->path,
                         .verifier = named ? m->verifier : d->verifier,
                         .params = m->params.n > 0 ? or_null(&m->params) : d->params,
                         .expect = or_null(&m->expect),
                         .covariates = or_null(&m->covariates),
                         .sha256 = m->has_sha256 ? m->sha256 : NULL,
                         .size = m->has_size ? &m->size : NULL};
    return true;
}

static bool read_all(BatchDir *d, CvkErr *err) {
    if (!each_file(d, BATCH_SUFFIX, add, err))
        return false;
    if (d->n == 0)
        return cvk_fail(err, CVK_EBADREQ, "batch.none", "'%s': there is no *" BATCH_SUFFIX " in it",
                        CVK_SHOWN(d->dir));
    qsort(d->items, d->n, sizeof *d->items, by_name);
    if (!each_file(d, MANIFEST_SUFFIX, has_batch, err) ||
        (d->sources = cvk_alloc(d->n, sizeof *d->sources, err)) == NULL)
        return false;
    for (size_t i = 0; i < d->n; i++)
        if (!make_source(d, &d->items[i], &d->sources[i], err))
            return false;
    return true;
}

bool batch_dir_read(const char *dir, const char *verifier, const char *params, bool allow_exec,
                    BatchDir **ret, CvkErr *err) {
    BatchDir *d = cvk_alloc(1, sizeof *d, err);
    if (d == NULL)
        return false;
    *d = (BatchDir){.dir = dir, .verifier = verifier, .params = params, .allow_exec = allow_exec};
    if (!read_all(d, err)) {
        batch_dir_free(d);
        return false;
    }
    *ret = d;
    return true;
}

BatchDir *batch_dir_free(BatchDir *d) {
    if (d == NULL)
        return NULL;
    for (size_t i = 0; i < d->n; i++)
        batch_manifest_done(&d->items[i].manifest);
    free(d->items);
    free(d->sources);
    free(d);
    return NULL;
}

size_t batch_dir_n(const BatchDir *d) {
    return d->n;
}

const BatchSource *batch_dir_sources(const BatchDir *d) {
    return d->sources;
}
