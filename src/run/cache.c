/* Files made from the state when somebody first asks: the challenge, the transcript. Each is named
 * by what it was made from, so a name never means two things; the one before is removed. */
#include "base/file.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "run/ceremony_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef bool (*MakeFn)(Ceremony *c, int newest_fd, History history, FILE *out, CvkErr *err);

static bool make_challenge(Ceremony *c, int fd, History history, FILE *out, CvkErr *err) {
    (void)history;
    return c->kind->write_challenge(c->self, fd, out, err);
}

static bool make_transcript(Ceremony *c, int fd, History history, FILE *out, CvkErr *err) {
    return c->kind->write_transcript(c->self, fd, history, out, err);
}

static void etag_of(const Ceremony *c, const char *what, const Newest *newest, char ret[65]) {
    char text[256], hex[65];
    cvk_hex_encode(newest->response, sizeof newest->response, hex);
    int n = snprintf(text, sizeof text, "%s\n%s\n%llu\n%s", what, c->name,
                     (unsigned long long)newest->index, hex);
    uint8_t digest[32];
    cvk_sha256(text, (size_t)n, digest);
    cvk_hex_encode(digest, sizeof digest, ret);
}

static bool path_of(const Ceremony *c, const char *what, const char *etag, char ret[LIMIT_PATH],
                    CvkErr *err) {
    char name[256];
    snprintf(name, sizeof name, "cache/%s-%s-%.16s.json", c->name, what, etag);
    return cvk_path(ret, c->host.dir, name, err);
}

static bool open_file(const char *path, CeremonyFile *ret, CvkErr *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return cvk_fail_errno(err, "cache.open", "cannot open '%s'", path);
    if (fstat(fd, &st) != 0) {
        cvk_fail_errno(err, "cache.open", "cannot read '%s'", path);
        close(fd);
        return false;
    }
    ret->fd = fd;
    ret->size = (uint64_t)st.st_size;
    return true;
}

static bool make_file(Ceremony *c, MakeFn make, const Newest *newest, const char *path,
                      CvkErr *err) {
    int fd;
    History history;
    CvkFileOut out;
    if (!ceremony_newest_open(c, newest, &fd, &history, err))
        return false;
    bool ok = cvk_file_out_open(&out, path, 0600, err);
    if (ok && !make(c, fd, history, out.f, err)) {
        cvk_file_out_abandon(&out);
        ok = false;
    }
    if (fd >= 0)
        close(fd);
    return ok && cvk_file_out_commit(&out, err);
}

/* Removes the file made before this one; whoever is reading it keeps it. Held: its
 * cached. */
static void replace_last(Ceremony *c, size_t which, const char *path) {
    if (strcmp(c->cache_path[which], path) == 0)
        return;
    if (c->cache_path[which][0] != '\0')
        unlink(c->cache_path[which]);
    snprintf(c->cache_path[which], sizeof c->cache_path[which], "%s", path);
}

static bool cached_file(Ceremony *c, size_t which, CeremonyFile *ret, CvkErr *err) {
    static const struct {
        const char *name;
        MakeFn make;
    } files[CACHE_N] = {[CACHE_CHALLENGE] = {"challenge", make_challenge},
                        [CACHE_TRANSCRIPT] = {"transcript", make_transcript}};
    Newest newest;
    char path[LIMIT_PATH];
    pthread_mutex_lock(&c->cached[which]);
    ceremony_newest(c, &newest);
    etag_of(c, files[which].name, &newest, ret->etag);
    bool ok = path_of(c, files[which].name, ret->etag, path, err) &&
              (cvk_file_exists(path) || make_file(c, files[which].make, &newest, path, err)) &&
              open_file(path, ret, err);
    if (ok)
        replace_last(c, which, path);
    pthread_mutex_unlock(&c->cached[which]);
    return ok;
}

bool ceremony_challenge(Ceremony *c, CeremonyFile *ret, CvkErr *err) {
    return cached_file(c, CACHE_CHALLENGE, ret, err);
}

bool ceremony_challenge_ready(Ceremony *c, CvkErr *err) {
    CeremonyFile file;
    if (!ceremony_challenge(c, &file, err))
        return false;
    close(file.fd);
    return true;
}

bool ceremony_transcript(Ceremony *c, CeremonyFile *ret, CvkErr *err) {
    return cached_file(c, CACHE_TRANSCRIPT, ret, err);
}

bool ceremony_transcript_ready(Ceremony *c) {
    Newest newest;
    char etag[65], path[LIMIT_PATH];
    ceremony_newest(c, &newest);
    etag_of(c, "transcript", &newest, etag);
    CvkErr ignored;
    return path_of(c, "transcript", etag, path, &ignored) && cvk_file_exists(path);
}
