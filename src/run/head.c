#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "run/journal.h"

#include <stdio.h>
#include <string.h>

static bool path_of(const Ceremony *c, char ret[LIMIT_PATH], CvkErr *err) {
    char name[80];
    snprintf(name, sizeof name, "heads/%s.json", c->name);
    return cvk_path(ret, c->host.dir, name, err);
}

/* Directories of earlier releases have none. */
static bool make_dir(const Ceremony *c, CvkErr *err) {
    char path[LIMIT_PATH];
    if (!cvk_path(path, c->host.dir, "heads", err))
        return false;
    return cvk_file_exists(path) ||
           (cvk_dir_make(path, 0700, err) && cvk_dir_sync(c->host.dir, err));
}

/* Held: heads. */
static bool write_head(Ceremony *c, const JournalHead *head, CvkErr *err) {
    char path[LIMIT_PATH];
    SignedHead s = {.head = *head};
    _cleanup_buf_ CvkBuf text = CVK_BUF(HEAD_MAX - 1);
    if (!head_sign(head, c->host.key, s.signature, err) || !head_write(&s, &text, err) ||
        !make_dir(c, err) || !path_of(c, path, err) ||
        !cvk_file_write(path, text.data, text.n, 0600, err))
        return false;
    c->head_entries = head->entries;
    snprintf(c->head_text, sizeof c->head_text, "%s", cvk_buf_str(&text));
    return true;
}

void head_keep(Ceremony *c, uint64_t entries, const uint8_t root[MERKLE_HASH]) {
    JournalHead head = {.entries = entries};
    CvkErr err;
    snprintf(head.ceremony, sizeof head.ceremony, "%s", c->name);
    memcpy(head.root, root, sizeof head.root);
    pthread_mutex_lock(&c->heads);
    if (entries > c->head_entries && !write_head(c, &head, &err))
        cvk_log_err(LOG_WARN, "head.not_kept", &err);
    pthread_mutex_unlock(&c->heads);
}

bool ceremony_head(Ceremony *c, char ret[HEAD_MAX]) {
    pthread_mutex_lock(&c->heads);
    memcpy(ret, c->head_text, HEAD_MAX);
    pthread_mutex_unlock(&c->heads);
    return ret[0] != '\0';
}

static bool is_ours(const Ceremony *c, const SignedHead *s) {
    uint8_t signer[ETH_ADDRESS_BYTES], own[ETH_ADDRESS_BYTES];
    CvkErr ignored;
    return strcmp(s->head.ceremony, c->name) == 0 && head_signer(s, signer) &&
           eth_key_address(c->host.key, own, &ignored) && memcmp(signer, own, sizeof own) == 0;
}

bool head_kept(Ceremony *c, JournalHead *ret, bool *ret_found, CvkErr *err) {
    char path[LIMIT_PATH];
    SignedHead s;
    _cleanup_buf_ CvkBuf text = CVK_BUF(LIMIT_TEXT_FILE);
    if (!path_of(c, path, err))
        return false;
    *ret_found = cvk_file_exists(path);
    if (!*ret_found)
        return true;
    if (!cvk_file_read(path, &text, err))
        return false;
    CvkErr why;
    if (!head_read(text.data, text.n, &s, &why) || !is_ours(c, &s))
        return cvk_fail(err, CVK_EBACKEND, "head.damaged",
                        "'%s' is no head that this server signed: restore it from a backup",
                        CVK_SHOWN(path));
    *ret = s.head;
    snprintf(c->head_text, sizeof c->head_text, "%s", text.data);
    return true;
}
