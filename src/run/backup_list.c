#include "run/backup_list.h"

#include "base/hex.h"
#include "codec/json_read.h"
#include "run/archive.h"
#include "store/market.h"

#include <stdio.h>
#include <string.h>

#define ACCEPTED_MAX LIMIT_MARKET_REQUESTS /* ceremonies have fewer contributions */

bool backup_is_experiment(const BackupCeremony *c) {
    return strcmp(c->kind, STORE_MARKET_KIND) == 0;
}

/* ---- writing ---- */

static void put_ceremony(JsonWriter *w, const BackupCeremony *c) {
    json_object_begin(w);
    json_field_str(w, "name", c->name);
    json_field_str(w, "kind", c->kind);
    json_field_uint(w, "entries", c->entries);
    json_field_uint(w, "contributions", c->contributions);
    json_field_hex(w, "hash", c->hash, sizeof c->hash);
    json_field_hex(w, "root", c->root, sizeof c->root);
    json_object_end(w);
}

bool backup_list_begin(BackupList *l, const char *dir, const BackupReport *of, CvkErr *err) {
    char path[LIMIT_PATH];
    if (!cvk_path(path, dir, ARCHIVE_LIST, err) || !cvk_file_out_open(&l->out, path, 0600, err))
        return false;
    l->w = JSON_WRITER(json_to_file(l->out.f), 1);
    json_object_begin(&l->w);
    json_field_uint(&l->w, "convoke_backup", 1);
    json_put_key(&l->w, "made_ms");
    json_put_int(&l->w, of->made_ms);
    json_put_key(&l->w, "ceremonies");
    json_array_begin(&l->w);
    for (size_t i = 0; i < of->n; i++)
        put_ceremony(&l->w, &of->ceremony[i]);
    json_array_end(&l->w);
    json_put_key(&l->w, "files");
    json_array_begin(&l->w);
    return true;
}

void backup_list_add(BackupList *l, const BackupFile *f) {
    json_object_begin(&l->w);
    json_field_str(&l->w, "path", f->path);
    json_field_uint(&l->w, "size", f->size);
    json_field_hex(&l->w, "sha256", f->sha256, sizeof f->sha256);
    json_object_end(&l->w);
}

bool backup_list_commit(BackupList *l, CvkErr *err) {
    json_array_end(&l->w);
    json_object_end(&l->w);
    return json_finish(&l->w, err) && cvk_file_out_commit(&l->out, err);
}

void backup_list_abandon(BackupList *l) {
    cvk_file_out_abandon(&l->out);
}

/* ---- reading ---- */

typedef struct {
    JsonReader *r;
    BackupReport *ret;
    bool (*fn)(void *ctx, const BackupFile *f, CvkErr *err);
    void *ctx;
} Reading;

static bool shape(JsonReader *r, CvkErr *err, const char *what) {
    return json_read_fail(r, err, CVK_EBADREQ, "backup.shape", "%s", what);
}

static bool get_text(JsonReader *r, char *ret, size_t cap, CvkErr *err) {
    const char *s;
    size_t n;
    if (!json_read_string(r, &s, &n, err))
        return false;
    if (n >= cap || strlen(s) != n)
        return shape(r, err, "this text is too long");
    memcpy(ret, s, n + 1);
    return true;
}

static bool get_hash(JsonReader *r, uint8_t ret[32], CvkErr *err) {
    char text[67];
    return get_text(r, text, sizeof text, err) &&
           (cvk_hex_parse(text, 32, ret) || shape(r, err, "this is no sha256"));
}

static bool get_ceremony(JsonReader *r, BackupCeremony *c, CvkErr *err) {
    const char *key;
    *c = (BackupCeremony){.entries = 0};
    if (!json_read_object(r, err))
        return false;
    while (json_read_key(r, &key, err)) {
        bool ok = false;
        if (key == NULL)
            return true;
        if (strcmp(key, "name") == 0)
            ok = get_text(r, c->name, sizeof c->name, err);
        else if (strcmp(key, "kind") == 0)
            ok = get_text(r, c->kind, sizeof c->kind, err);
        else if (strcmp(key, "entries") == 0)
            ok = json_read_uint(r, INT64_MAX, &c->entries, err);
        else if (strcmp(key, "contributions") == 0)
            ok = json_read_uint(r, ACCEPTED_MAX, &c->contributions, err);
        else if (strcmp(key, "hash") == 0)
            ok = get_hash(r, c->hash, err);
        else if (strcmp(key, "root") == 0)
            ok = get_hash(r, c->root, err);
        else
            ok = shape(r, err, "a backup's ceremony has no such member");
        if (!ok)
            return false;
    }
    return false;
}

/* A path leads nowhere but to a file that a backup has: it is joined to directories. */
static bool path_ok(const BackupFile *f) {
    static const char *const names[] = {ARCHIVE_DATABASE, "server.key", "convoke.ini"};
    char blob[ARCHIVE_BLOB];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(f->path, names[i]) == 0)
            return true;
    archive_blob_name(f->sha256, blob);
    if (strcmp(f->path, blob) == 0)
        return true;
    return strncmp(f->path, "heads/", 6) == 0 && f->path[6] != '.' && f->path[6] != '\0' &&
           strchr(f->path + 6, '/') == NULL;
}

static bool get_file(JsonReader *r, BackupFile *f, CvkErr *err) {
    const char *key;
    *f = (BackupFile){.size = 0};
    if (!json_read_object(r, err))
        return false;
    while (json_read_key(r, &key, err)) {
        bool ok = false;
        if (key == NULL)
            return path_ok(f) || shape(r, err, "a backup has no such file");
        if (strcmp(key, "path") == 0)
            ok = get_text(r, f->path, sizeof f->path, err);
        else if (strcmp(key, "size") == 0)
            ok = json_read_uint(r, INT64_MAX, &f->size, err);
        else if (strcmp(key, "sha256") == 0)
            ok = get_hash(r, f->sha256, err);
        else
            ok = shape(r, err, "a backup's file has no such member");
        if (!ok)
            return false;
    }
    return false;
}

static bool get_ceremonies(const Reading *x, CvkErr *err) {
    bool more;
    if (!json_read_array(x->r, err))
        return false;
    while (json_read_more(x->r, &more, err)) {
        if (!more)
            return true;
        if (x->ret->n == LIMIT_CEREMONIES)
            return shape(x->r, err, "there are too many ceremonies");
        if (!get_ceremony(x->r, &x->ret->ceremony[x->ret->n++], err))
            return false;
    }
    return false;
}

static bool get_files(const Reading *x, CvkErr *err) {
    BackupFile f;
    bool more;
    if (!json_read_array(x->r, err))
        return false;
    while (json_read_more(x->r, &more, err)) {
        if (!more)
            return true;
        if (!get_file(x->r, &f, err))
            return false;
        x->ret->files++;
        x->ret->bytes += f.size;
        if (!x->fn(x->ctx, &f, err))
            return false;
    }
    return false;
}

/* The key of the next member must be this: so what is read first stands first. */
static bool expect(JsonReader *r, const char *name, CvkErr *err) {
    const char *key;
    return json_read_key(r, &key, err) &&
           ((key != NULL && strcmp(key, name) == 0) ||
            shape(r, err, "a member is missing here, or one too many"));
}

static bool get_list(const Reading *x, CvkErr *err) {
    JsonReader *r = x->r;
    const char *key;
    uint64_t version;
    if (!json_read_object(r, err) || !expect(r, "convoke_backup", err) ||
        !json_read_uint(r, UINT32_MAX, &version, err))
        return false;
    if (version != 1)
        return shape(r, err, "this backup is of a newer release: use that one");
    return expect(r, "made_ms", err) && json_read_int(r, &x->ret->made_ms, err) &&
           expect(r, "ceremonies", err) && get_ceremonies(x, err) && expect(r, "files", err) &&
           get_files(x, err) && json_read_key(r, &key, err) &&
           (key == NULL || shape(r, err, "nothing may follow the files")) && json_read_end(r, err);
}

bool backup_list_parse(JsonSource source, BackupReport *ret,
                       bool (*fn)(void *ctx, const BackupFile *f, CvkErr *err), void *ctx,
                       CvkErr *err) {
    *ret = (BackupReport){.n = 0};
    Reading x = {.ret = ret, .fn = fn, .ctx = ctx};
    x.r = json_reader_new(source, LIMIT_JSON_FILE, err);
    bool ok = x.r != NULL && get_list(&x, err);
    json_reader_free(x.r);
    return ok;
}

bool backup_list_read(const char *dir, BackupReport *ret,
                      bool (*fn)(void *ctx, const BackupFile *f, CvkErr *err), void *ctx,
                      CvkErr *err) {
    char path[LIMIT_PATH];
    if (!cvk_path(path, dir, ARCHIVE_LIST, err))
        return false;
    if (!cvk_file_exists(path))
        return cvk_fail(err, CVK_EBADREQ, "backup.none",
                        "'%s' is no backup, or one that was not finished: it has no " ARCHIVE_LIST,
                        CVK_SHOWN(dir));
    FILE *f = cvk_file_open_regular(path, false, err);
    if (f == NULL)
        return false;
    bool ok = backup_list_parse(json_from_file(f), ret, fn, ctx, err);
    fclose(f);
    return ok;
}
