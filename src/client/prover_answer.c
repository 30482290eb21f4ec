#include "client/prover_answer.h"

#include "base/limits.h"
#include "base/name.h"
#include "codec/json_read.h"

#include <string.h>

#define REQUEST_MAX (UINT64_C(1) << 53)

bool prover_path_check(const char *path) {
    size_t n = strlen(path);
    return n >= 1 && n <= PROVER_PATH_MAX && strspn(path, CVK_NAME_CHARS "./") == n &&
           path[0] != '/' && strstr(path, "..") == NULL;
}

/* What is shown: the body's first line, as far as it fits, with "..." where it has the id. What an
 * answer means is judged by the body itself: an id may be a word of the server's. */
static void read_text(const WebReply *r, const char *id, char ret[PROVER_TEXT_MAX]) {
    const char *from = cvk_buf_str(&r->into);
    size_t out = 0, id_n = strlen(id);
    while (*from != '\0' && *from != '\n' && *from != '\r' && out + 4 < PROVER_TEXT_MAX) {
        if (id_n > 0 && strncmp(from, id, id_n) == 0) {
            memcpy(ret + out, "...", 3);
            out += 3;
            from += id_n;
        } else {
            ret[out++] = *from++;
        }
    }
    ret[out] = '\0';
}

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

bool prover_answer_begins(const WebReply *r, const char *with) {
    return begins(cvk_buf_str(&r->into), with);
}

static ProverAnswerKind meaning_of_422(const char *text) {
    if (begins(text, "participant "))
        return PROVER_STRANGER;
    if (begins(text, "request "))
        return PROVER_OVER;
    return begins(text, "invalid proof") ? PROVER_INVALID : PROVER_REFUSED;
}

static ProverAnswerKind meaning_of(const WebReply *r) {
    const char *text = cvk_buf_str(&r->into);
    switch (r->status) {
    case 200:
    case 206:
        return PROVER_FINE;
    case 422:
        return meaning_of_422(text);
    case 429: /* whoever counts requests on the way says it too */
        return begins(text, "no more batches") ? PROVER_FINISHED : PROVER_LATER;
    case 400:
    case 413:
        return PROVER_REFUSED;
    case 408:
        return PROVER_LATER;
    default:
        return r->status >= 500 ? PROVER_LATER : PROVER_STRANGE;
    }
}

void prover_answer_read(const WebReply *r, const char *id, ProverAnswer *ret) {
    read_text(r, id, ret->text);
    ret->status = r->status;
    ret->kind = meaning_of(r);
}

static bool read_task(JsonReader *r, ProverTask *ret, CvkErr *err) {
    const char *key, *text;
    bool has_request = false, has_path = false;
    if (!json_read_object(r, err))
        return false;
    for (;;) {
        size_t n;
        bool ok;
        if (!json_read_key(r, &key, err))
            return false;
        if (key == NULL)
            break;
        if (strcmp(key, "request_id") == 0) {
            ok = has_request = json_read_uint(r, REQUEST_MAX, &ret->request, err);
        } else if (strcmp(key, "batch_file") == 0) {
            ok = json_read_string(r, &text, &n, err);
            has_path = ok && strlen(text) == n && prover_path_check(text);
            if (has_path)
                memcpy(ret->path, text, n + 1);
        } else {
            ok = json_read_skip(r, err);
        }
        if (!ok)
            return false;
    }
    if (!has_request || !has_path)
        return cvk_fail(err, CVK_EBACKEND, "server.strange",
                        "it names no request, or no address of a batch");
    return json_read_end(r, err);
}

bool prover_task_read(const char *json, size_t n, ProverTask *ret, CvkErr *err) {
    JsonMemory memory = {.data = json, .n = n};
    ProverTask task = {0};
    JsonReader *r = json_reader_new(json_from_memory(&memory), LIMIT_REPLY, err);
    if (r == NULL)
        return false;
    bool ok = read_task(r, &task, err);
    json_reader_free(r);
    if (!ok)
        return cvk_fail(err, CVK_EBACKEND, "server.strange",
                        "the server's answer is no batch to prove");
    *ret = task;
    return true;
}
