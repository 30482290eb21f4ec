#include "base/hex.h"
#include "base/limits.h"
#include "cli/prove.h"
#include "cli/say.h"
#include "codec/json_write.h"

#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#define REQUEST_FORM "convoke-proving-v1"

bool prove_has(const Proving *p, const char *name) {
    char path[LIMIT_PATH];
    return cvk_path(path, p->dir, name, NULL) && cvk_file_exists(path);
}

bool prove_save(const Proving *p, const char *name, const void *data, size_t n, CvkErr *err) {
    char path[LIMIT_PATH];
    return cvk_path(path, p->dir, name, err) && cvk_file_write(path, data, n, 0600, err);
}

bool prove_load(const Proving *p, const char *name, CvkBuf *b, CvkErr *err) {
    char path[LIMIT_PATH];
    return cvk_path(path, p->dir, name, err) && cvk_file_read(path, b, err);
}

static void drop(const Proving *p, const char *name) {
    char path[LIMIT_PATH];
    if (cvk_path(path, p->dir, name, NULL))
        unlink(path);
}

FILE *prove_file(const Proving *p, const char *name, bool fresh, CvkErr *err) {
    char path[LIMIT_PATH];
    if (!cvk_path(path, p->dir, name, err))
        return NULL;
    if (fresh) /* not emptied: a prover that was left behind may still write to the old one */
        unlink(path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "r+b") : NULL;
    if (file == NULL || fseeko(file, 0, SEEK_END) != 0) {
        cvk_file_cannot(err, "file.create", "write", path);
        if (file != NULL)
            fclose(file);
        else if (fd >= 0)
            close(fd);
        return NULL;
    }
    return file;
}

bool prove_file_done(const Proving *p, FILE *file, const char *from, const char *to, CvkErr *err) {
    char old[LIMIT_PATH], path[LIMIT_PATH];
    bool written = fflush(file) == 0 && fsync(fileno(file)) == 0;
    written = fclose(file) == 0 && written;
    if (!cvk_path(old, p->dir, from, err) || !cvk_path(path, p->dir, to, err))
        return false;
    if (!written || rename(old, path) != 0)
        return cvk_file_cannot(err, "file.write", "write", path);
    return cvk_dir_sync(p->dir, err);
}

/* ---- one process at a time ---- */

static bool lock_dir(Proving *p, CvkErr *err) {
    char path[LIMIT_PATH];
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (!cvk_path(path, p->dir, "lock", err))
        return false;
    p->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (p->lock < 0)
        return cvk_file_cannot(err, "file.create", "write", path);
    if (fcntl(p->lock, F_SETLK, &whole) != 0)
        return cvk_fail(err, CVK_ECONFLICT, "dir.used",
                        "another process works in %s: name another directory with --dir",
                        CVK_SHOWN(p->dir));
    return true;
}

/* ---- which request ---- */

static bool save_request(const Proving *p, CvkErr *err) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_TEXT_FILE);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 2);
    json_object_begin(&w);
    json_field_str(&w, "form", REQUEST_FORM);
    json_field_hex(&w, "whose", p->whose, sizeof p->whose);
    json_field_uint(&w, "request_id", p->task.request);
    json_field_str(&w, "batch_file", p->task.path);
    json_object_end(&w);
    return json_finish(&w, err) && prove_save(p, "request.json", b.data, b.n, err);
}

static bool take_request(Proving *p, const json_t *doc) {
    uint8_t whose[32];
    const char *form = json_string_value(json_object_get(doc, "form"));
    const char *of = json_string_value(json_object_get(doc, "whose"));
    const char *path = json_string_value(json_object_get(doc, "batch_file"));
    json_int_t request = json_integer_value(json_object_get(doc, "request_id"));
    if (form == NULL || strcmp(form, REQUEST_FORM) != 0 || of == NULL ||
        !cvk_hex_parse(of, sizeof whose, whose) || path == NULL || !prover_path_check(path) ||
        request < 0)
        return false;
    p->has_request = memcmp(whose, p->whose, sizeof whose) == 0;
    p->task.request = (uint64_t)request;
    memcpy(p->task.path, path, strlen(path) + 1);
    return true;
}

static bool load_request(Proving *p, CvkErr *err) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_TEXT_FILE);
    if (!prove_has(p, "request.json"))
        return true;
    if (!prove_load(p, "request.json", &b, err))
        return false;
    json_t *doc = json_loadb(cvk_buf_str(&b), b.n, JSON_REJECT_DUPLICATES, NULL);
    bool ok = take_request(p, doc);
    json_decref(doc);
    if (!ok)
        return cvk_fail(err, CVK_EBADREQ, "request.shape", "%s/request.json is damaged",
                        CVK_SHOWN(p->dir));
    if (!p->has_request)
        return cvk_fail(err, CVK_ECONFLICT, "dir.other",
                        "%s holds the work of another server or id: name another directory with "
                        "--dir",
                        CVK_SHOWN(p->dir));
    return true;
}

bool prove_open(Proving *p, CvkErr *err) {
    p->lock = -1;
    return cvk_dir_make(p->dir, 0700, err) && lock_dir(p, err) && load_request(p, err);
}

void prove_close(Proving *p) {
    if (p->lock >= 0)
        close(p->lock);
    p->lock = -1;
}

bool prove_begin(Proving *p, const ProverTask *task, CvkErr *err) {
    if (p->has_request && p->task.request == task->request)
        return true;
    if (p->has_request && prove_has(p, "proof.bin"))
        say_step("the proof of request %" PRIu64 " came too late, there is another request now: it "
                 "is kept as %s/refused-%" PRIu64 ".proof",
                 p->task.request, p->dir, p->task.request);
    prove_put_aside(p);
    p->task = *task;
    p->has_request = save_request(p, err);
    return p->has_request;
}

/* The submission first: nothing is handed in whose other files are gone. */
void prove_forget(Proving *p) {
    static const char *const names[] = {
        "submission.json", "proof.bin", "proof.part", "said.json", "said.part",
        "measured.json",   "batch.bin", "batch.part", "cost.part", "request.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        drop(p, names[i]);
    p->has_request = false;
}

static void put_aside(const Proving *p, const char *name, const char *suffix) {
    char as[64], from[LIMIT_PATH], to[LIMIT_PATH];
    snprintf(as, sizeof as, "refused-%" PRIu64 ".%s", p->task.request, suffix);
    if (cvk_path(from, p->dir, name, NULL) && cvk_path(to, p->dir, as, NULL))
        rename(from, to);
}

void prove_put_aside(Proving *p) {
    put_aside(p, "submission.json", "json");
    put_aside(p, "proof.bin", "proof");
    prove_forget(p);
}
