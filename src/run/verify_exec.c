/* Verification by a program of the operator's: COMMAND MANIFEST BATCH PROOF. */
#define _GNU_SOURCE /* memfd_create */
#include "base/alloc.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "codec/json_write.h"
#include "market/params.h"
#include "run/verify_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FILE_NAME 64

struct VerifyExec {
    VerifyLimits limits;
    DocList words;           /* char * each */
    char file[3][FILE_NAME]; /* manifest, batch, proof */
    char *argv[LIMIT_EXEC_WORDS + 4];
};

/* ---- parameters ---- */

typedef enum { EXEC_COMMAND, EXEC_WALL, EXEC_CPU, EXEC_MEMORY, EXEC_FIELDS } ExecField;

static const char *const names[EXEC_FIELDS] = {"command", "wall_s", "cpu_s", "memory_mb"};

static bool read_word(JsonReader *r, void *into, CvkErr *err) {
    const char *text;
    size_t n;
    if (!json_read_string(r, &text, &n, err))
        return false;
    char *word = cvk_strdup(text, err);
    memcpy(into, &word, sizeof word);
    return word != NULL;
}

/* One word may stand without brackets. */
static bool read_command(JsonReader *r, DocList *words, CvkErr *err) {
    JsonType type;
    if (!json_read_peek(r, &type, err))
        return false;
    if (type != JSON_TYPE_STRING)
        return doc_list(r, words, read_word, err);
    void *word = doc_list_add(words, err);
    return word != NULL && read_word(r, word, err);
}

/* With none of it no proof could be judged. */
static bool read_limit(JsonReader *r, ExecField which, uint64_t max, uint64_t *ret, CvkErr *err) {
    if (!json_read_uint(r, max, ret, err))
        return false;
    return *ret != 0 ||
           cvk_fail(err, CVK_EBADREQ, "exec.limit", "%s must be 1 at least", names[which]);
}

static bool exec_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    VerifyExec *e = ctx;
    uint64_t n = 0;
    switch ((ExecField)which) {
    case EXEC_COMMAND:
        return read_command(r, &e->words, err);
    case EXEC_WALL:
        if (!read_limit(r, EXEC_WALL, LIMIT_EXEC_S, &n, err))
            return false;
        e->limits.wall_ms = (unsigned)n * 1000;
        return true;
    case EXEC_CPU:
        if (!read_limit(r, EXEC_CPU, LIMIT_EXEC_S, &n, err))
            return false;
        e->limits.cpu_s = (unsigned)n;
        return true;
    case EXEC_MEMORY:
        if (!read_limit(r, EXEC_MEMORY, LIMIT_EXEC_MEMORY_MB, &n, err))
            return false;
        e->limits.memory = n << 20;
        return true;
    case EXEC_FIELDS:
        break;
    }
    return false;
}

static const DocObject exec_object = {.names = names,
                                      .n = EXEC_FIELDS,
                                      .optional =
                                          1u << EXEC_WALL | 1u << EXEC_CPU | 1u << EXEC_MEMORY,
                                      .field = exec_field};

static bool read_params(VerifyExec *e, const char *params, CvkErr *err) {
    if (!params_read(params, &exec_object, e, err))
        return false;
    char **words = e->words.items;
    if (e->words.n == 0 || words[0][0] != '/')
        return cvk_fail(err, CVK_EBADREQ, "exec.command",
                        "the command must begin with the absolute path of a program");
    if (access(words[0], X_OK) != 0)
        return cvk_fail_errno(err, "exec.command", "cannot run '%s'", words[0]);
    return true;
}

/* ---- files ---- */

static bool manifest_text(const VerifyTask *t, CvkBuf *b, CvkErr *err) {
    char sha256[2 * sizeof t->head.sha256 + 1];
    cvk_hex_encode(t->head.sha256, sizeof t->head.sha256, sha256);
    if (!cvk_buf_add_str(b, "{\"name\": ", err))
        return false;
    JsonWriter w = JSON_WRITER(json_to_buf(b), 0);
    json_put_str(&w, t->batch.name);
    return json_finish(&w, err) &&
           cvk_buf_add_fmt(
               b, err, ", \"sha256\": \"%s\", \"size\": %llu, \"expect\": %s, \"params\": %s}\n",
               sha256, (unsigned long long)t->batch.size, t->batch.expect, t->params);
}

static int write_manifest(const VerifyTask *t, CvkErr *err) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(4 * (size_t)LIMIT_VERIFY_JOB);
    if (!manifest_text(t, &b, err))
        return -1;
    int fd = memfd_create("manifest", MFD_CLOEXEC);
    if (fd >= 0 && cvk_write_whole(fd, b.data, b.n))
        return fd;
    cvk_fail_errno(err, "exec.manifest", "cannot write the manifest");
    return -1;
}

/* Names that also the program's own children can open: those of the minder's descriptors. */
static bool name_files(VerifyExec *e, const VerifyTask *t, CvkErr *err) {
    const int fd[] = {write_manifest(t, err), t->batch.fd, t->proof_fd};
    if (fd[0] < 0)
        return false;
    for (size_t i = 0; i < sizeof fd / sizeof *fd; i++)
        snprintf(e->file[i], sizeof e->file[i], "/proc/%d/fd/%d", (int)getpid(), fd[i]);
    return true;
}

static void set_argv(VerifyExec *e) {
    size_t n = e->words.n;
    memcpy(e->argv, e->words.items, n * sizeof *e->argv);
    for (size_t i = 0; i < 3; i++)
        e->argv[n + i] = e->file[i];
}

VerifyExec *verify_exec_new(const VerifyTask *t, CvkErr *err) {
    VerifyExec *e = cvk_alloc(1, sizeof *e, err);
    if (e == NULL)
        return NULL;
    e->limits = t->head.limits;
    e->limits.memory = LIMIT_EXEC_MEMORY;
    e->words = (DocList){.item_size = sizeof(char *), .max = LIMIT_EXEC_WORDS};
    if (!read_params(e, t->params, err) || !name_files(e, t, err))
        return NULL; /* the process ends with that */
    set_argv(e);
    return e;
}

const VerifyLimits *verify_exec_limits(const VerifyExec *e) {
    return &e->limits;
}

void verify_exec_become(const VerifyExec *e) {
    char *const no_environment[] = {NULL};
    if (chdir("/") == 0)
        execve(e->argv[0], e->argv, no_environment);
}
