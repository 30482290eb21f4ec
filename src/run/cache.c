/* Files made from the state: the challenge, the transcript, each in its forms. Each is named by
 * what it was made from and its form, so a name never means two things; the one before is removed.
 */
#include "base/file.h"
#include "base/gzip.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/sha256.h"
#include "run/ceremony_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ETAG_HEX 64 /* what the names of all forms begin with */

static const char *const sorts[CACHE_N] = {
    [CACHE_CHALLENGE] = "challenge", [CACHE_TRANSCRIPT] = "transcript"};

static const struct {
    const char *etag, *file; /* what their names end with */
} forms[AS_N] = {
    [AS_JSON] = {"", ".json"}, [AS_GZIP] = {"-gzip", ".json.gz"}, [AS_BINARY] = {"-bin", ".bin"}};

void ceremony_cache_init(Ceremony *c) {
    for (size_t i = 0; i < CACHE_N; i++)
        for (size_t form = 0; form < AS_N; form++)
            pthread_mutex_init(&c->cached[i][form].lock, NULL);
}

void ceremony_cache_done(Ceremony *c) {
    for (size_t i = 0; i < CACHE_N; i++)
        for (size_t form = 0; form < AS_N; form++)
            pthread_mutex_destroy(&c->cached[i][form].lock);
}

/* ---- names ---- */

/* Of what is made from this state, whatever its form. */
static void name_of(const Ceremony *c, size_t sort, const Newest *newest, char ret[ETAG_HEX + 1]) {
    char text[256], hex[65];
    cvk_hex_encode(newest->response, sizeof newest->response, hex);
    int n = snprintf(text, sizeof text, "%s\n%s\n%llu\n%s", sorts[sort], c->name,
                     (unsigned long long)newest->index, hex);
    uint8_t digest[32];
    cvk_sha256(text, (size_t)n, digest);
    cvk_hex_encode(digest, sizeof digest, ret);
}

/* `name`: or an etag, which begins with it. */
static bool path_of(const Ceremony *c, size_t sort, CeremonyForm form, const char *name,
                    char ret[LIMIT_PATH], CvkErr *err) {
    char file[256];
    snprintf(file, sizeof file, "cache/%s-%s-%.16s%s", c->name, sorts[sort], name,
             forms[form].file);
    return cvk_path(ret, c->host.dir, file, err);
}

static bool open_file(const char *path, CeremonyForm form, const char *name, CeremonyFile *ret,
                      CvkErr *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return cvk_fail_errno(err, "cache.open", "cannot open '%s'", path);
    if (fstat(fd, &st) != 0) {
        cvk_fail_errno(err, "cache.open", "cannot read '%s'", path);
        close(fd);
        return false;
    }
    *ret = (CeremonyFile){.fd = fd, .size = (uint64_t)st.st_size, .form = form};
    snprintf(ret->etag, sizeof ret->etag, "%.*s%s", ETAG_HEX, name, forms[form].etag);
    return true;
}

/* ---- making ---- */

/* Of the newest state: the file's contents. */
static bool write_document(Ceremony *c, size_t sort, CeremonyForm form, const Newest *newest,
                           FILE *out, CvkErr *err) {
    int fd;
    History history;
    bool ok;
    if (!ceremony_newest_open(c, newest, &fd, &history, err))
        return false;
    if (sort == CACHE_TRANSCRIPT)
        ok = c->kind->write_transcript(c->self, fd, history, (TranscriptPart){0}, out, err);
    else if (form == AS_BINARY)
        ok = c->kind->write_challenge_binary(c->self, fd, out, err);
    else
        ok = c->kind->write_challenge(c->self, fd, out, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool write_gzip(const CeremonyFile *json, FILE *out, CvkErr *err) {
    int fd = dup(json->fd);
    FILE *in = fd >= 0 ? fdopen(fd, "rb") : NULL;
    if (in == NULL) {
        cvk_fail_errno(err, "cache.open", "cannot read a cached file again");
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool ok = cvk_gzip(in, out, err);
    fclose(in);
    return ok;
}

/* What a file is made from: the newest state, or (gzip) the JSON file. */
typedef struct {
    Newest newest;
    CeremonyFile json; /* fd -1: none */
} Origin;

static bool make_file(Ceremony *c, size_t sort, CeremonyForm form, const Origin *from,
                      const char *path, CvkErr *err) {
    CvkFileOut out;
    if (!cvk_file_out_open(&out, path, 0600, err))
        return false;
    bool ok = from->json.fd >= 0 ? write_gzip(&from->json, out.f, err)
                                 : write_document(c, sort, form, &from->newest, out.f, err);
    if (!ok)
        cvk_file_out_abandon(&out);
    return ok && cvk_file_out_place(&out, err); /* a start clears them away */
}

/* Removes the file made before this one; whoever is reading it keeps it. Held: its lock. */
static void replace_last(Ceremony *c, size_t sort, CeremonyForm form, const char *path) {
    char *last = c->cached[sort][form].path;
    if (strcmp(last, path) == 0)
        return;
    if (last[0] != '\0')
        unlink(last);
    snprintf(last, LIMIT_PATH, "%s", path);
}

/* *ret_made: it was not there yet. Held: its lock. */
static bool made_file(Ceremony *c, size_t sort, CeremonyForm form, const Origin *from,
                      const char *name, CeremonyFile *ret, bool *ret_made, CvkErr *err) {
    char path[LIMIT_PATH];
    if (!path_of(c, sort, form, name, path, err))
        return false;
    *ret_made = !cvk_file_exists(path);
    bool ok = (!*ret_made || make_file(c, sort, form, from, path, err)) &&
              open_file(path, form, name, ret, err);
    if (ok)
        replace_last(c, sort, form, path);
    return ok;
}

/* Any form but gzip, of the newest state, or of one to come (`coming`, else NULL). */
static bool from_state(Ceremony *c, size_t sort, CeremonyForm form, const Newest *coming,
                       CeremonyFile *ret, bool *ret_made, CvkErr *err) {
    Origin from = {.json.fd = -1};
    char name[ETAG_HEX + 1];
    pthread_mutex_lock(&c->cached[sort][form].lock);
    if (coming != NULL)
        from.newest = *coming;
    else
        ceremony_newest(c, &from.newest);
    name_of(c, sort, &from.newest, name);
    bool ok = made_file(c, sort, form, &from, name, ret, ret_made, err);
    pthread_mutex_unlock(&c->cached[sort][form].lock);
    return ok;
}

static bool in_gzip(Ceremony *c, size_t sort, CeremonyFile *ret, CvkErr *err) {
    Origin from;
    bool made;
    pthread_mutex_lock(&c->cached[sort][AS_GZIP].lock);
    bool ok = from_state(c, sort, AS_JSON, NULL, &from.json, &made, err);
    if (ok) {
        ok = made_file(c, sort, AS_GZIP, &from, from.json.etag, ret, &made, err);
        close(from.json.fd);
    }
    pthread_mutex_unlock(&c->cached[sort][AS_GZIP].lock);
    return ok;
}

/* ---- the challenge ---- */

bool ceremony_challenge_forms(Ceremony *c, CvkErr *err) {
    CeremonyFile file;
    bool made;
    if (c->kind->write_challenge_binary != NULL) {
        if (!from_state(c, CACHE_CHALLENGE, AS_BINARY, NULL, &file, &made, err))
            return false;
        close(file.fd);
    }
    if (!in_gzip(c, CACHE_CHALLENGE, &file, err))
        return false;
    close(file.fd);
    return true;
}

static void make_forms(void *ctx) {
    CvkErr err;
    if (!ceremony_challenge_forms(ctx, &err))
        cvk_log_err(LOG_WARN, "challenge.form_not_made", &err); /* JSON is there */
}

void ceremony_challenge_forms_soon(Ceremony *c) {
    CvkErr busy;
    if (c->host.pool != NULL && !cvk_pool_post(c->host.pool, LIMIT_JOBS, make_forms, c, &busy))
        cvk_log_err(LOG_WARN, "challenge.form_not_made", &busy);
}

bool ceremony_challenge(Ceremony *c, CeremonyFile *ret, CvkErr *err) {
    bool made;
    if (!from_state(c, CACHE_CHALLENGE, AS_JSON, NULL, ret, &made, err))
        return false;
    if (made)
        ceremony_challenge_forms_soon(c);
    return true;
}

bool ceremony_challenge_prepare(Ceremony *c, const Newest *coming, CvkErr *err) {
    static const CeremonyForm wanted[] = {AS_JSON, AS_BINARY};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        CeremonyFile file;
        bool made;
        if (wanted[i] == AS_BINARY && c->kind->write_challenge_binary == NULL)
            continue;
        if (!from_state(c, CACHE_CHALLENGE, wanted[i], coming, &file, &made, err))
            return false;
        close(file.fd);
    }
    return true;
}

bool ceremony_challenge_ready(Ceremony *c, CvkErr *err) {
    CeremonyFile file;
    if (!ceremony_challenge(c, &file, err))
        return false;
    close(file.fd);
    return true;
}

/* The file that was made already from what `json` was made from. */
static bool open_made(const Ceremony *c, const CeremonyFile *json, CeremonyForm form,
                      CeremonyFile *ret) {
    char path[LIMIT_PATH];
    CvkErr ignored;
    return path_of(c, CACHE_CHALLENGE, form, json->etag, path, &ignored) &&
           open_file(path, form, json->etag, ret, &ignored);
}

void ceremony_challenge_form(Ceremony *c, CeremonyForm form, CeremonyFile *file) {
    CeremonyFile other;
    bool made;
    CvkErr err;
    if (form == AS_JSON || (form == AS_BINARY && c->kind->write_challenge_binary == NULL))
        return;
    if (!open_made(c, file, form, &other)) {
        if (form == AS_GZIP)
            return;
        if (!from_state(c, CACHE_CHALLENGE, form, NULL, &other, &made, &err)) {
            cvk_log_err(LOG_WARN, "challenge.form_not_made", &err);
            return;
        }
        if (strncmp(other.etag, file->etag, ETAG_HEX) != 0) { /* the next one's by now */
            close(other.fd);
            return;
        }
    }
    close(file->fd);
    *file = other;
}

/* ---- the transcript ---- */

bool ceremony_transcript(Ceremony *c, CeremonyForm form, CeremonyFile *ret, CvkErr *err) {
    bool made;
    return form == AS_GZIP ? in_gzip(c, CACHE_TRANSCRIPT, ret, err)
                           : from_state(c, CACHE_TRANSCRIPT, AS_JSON, NULL, ret, &made, err);
}

bool ceremony_transcript_ready(Ceremony *c, CeremonyForm form) {
    Newest newest;
    char name[ETAG_HEX + 1], path[LIMIT_PATH];
    CvkErr ignored;
    ceremony_newest(c, &newest);
    name_of(c, CACHE_TRANSCRIPT, &newest, name);
    return path_of(c, CACHE_TRANSCRIPT, form, name, path, &ignored) && cvk_file_exists(path);
}

/* A file that is gone when it is closed. */
static FILE *open_nameless(const Ceremony *c, CvkErr *err) {
    char path[LIMIT_PATH];
    if (!cvk_path(path, c->host.dir, "tmp/part.XXXXXX", err))
        return NULL;
    int fd = mkstemp(path);
    if (fd >= 0)
        unlink(path);
    FILE *f = fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? fdopen(fd, "w+b") : NULL;
    if (f == NULL) {
        cvk_fail_errno(err, "cache.open", "cannot make '%s'", path);
        if (fd >= 0)
            close(fd);
    }
    return f;
}

static bool write_part(Ceremony *c, TranscriptPart part, FILE *out, CvkErr *err) {
    Newest newest;
    History history;
    int fd = -1;
    ceremony_newest(c, &newest);
    if (!ceremony_newest_open(c, &newest, part.bare ? NULL : &fd, &history, err))
        return false;
    bool ok = c->kind->write_transcript(c->self, fd, history, part, out, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool ceremony_transcript_part(Ceremony *c, uint64_t from, bool bare, CeremonyFile *ret,
                              CvkErr *err) {
    FILE *f = open_nameless(c, err);
    if (f == NULL)
        return false;
    bool ok = write_part(c, (TranscriptPart){.from = from, .bare = bare}, f, err);
    off_t size = ok && fflush(f) == 0 ? ftello(f) : -1;
    int fd = size >= 0 && lseek(fileno(f), 0, SEEK_SET) == 0 ? dup(fileno(f)) : -1;
    if (ok && fd < 0)
        ok = cvk_fail_errno(err, "cache.write", "cannot write a part of the transcript");
    fclose(f);
    if (ok)
        *ret = (CeremonyFile){.fd = fd, .size = (uint64_t)size, .form = AS_JSON};
    return ok;
}
