/* A directory's own files: made by `init`, found again at each start. */
#include "base/buf.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/secret.h"
#include "base/sha256.h"
#include "run/node_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- making one ---- */

static bool write_key(const char *dir, CvkErr *err) {
    char path[LIMIT_PATH];
    _cleanup_secret_ uint8_t *secret = cvk_secret_alloc(ETH_SECRET_BYTES, err);
    _cleanup_secret_ char *text = cvk_secret_alloc(2 * ETH_SECRET_BYTES + 1, err);
    if (secret == NULL || text == NULL || !eth_key_new(secret, err) ||
        !cvk_path(path, dir, "server.key", err))
        return false;
    cvk_hex_encode(secret, ETH_SECRET_BYTES, text);
    return cvk_file_write(path, text, 2 * ETH_SECRET_BYTES, 0600, err);
}

bool node_make_dirs(const char *dir, CvkErr *err) {
    char path[LIMIT_PATH];
    return blob_dirs_make(dir, err) && cvk_path(path, dir, "cache", err) &&
           cvk_dir_make(path, 0700, err) && cvk_path(path, dir, "heads", err) &&
           cvk_dir_make(path, 0700, err);
}

bool node_init(const char *dir, CvkErr *err) {
    bool empty = true;
    char path[LIMIT_PATH];
    if (!cvk_dir_make(dir, 0700, err) || !cvk_dir_empty(dir, &empty, err))
        return false;
    if (!empty)
        return cvk_fail(err, CVK_ECONFLICT, "dir.used",
                        "directory '%s' is not empty: name a new one", CVK_SHOWN(dir));
    Store *store = NULL;
    bool ok = node_make_dirs(dir, err) && write_key(dir, err) &&
              cvk_path(path, dir, "convoke.db", err) && store_open(path, true, &store, err);
    store_close(store);
    return ok && cvk_dir_sync(dir, err);
}

/* ---- finding it again ---- */

/* -1 and *err: somebody else has it ("dir.locked"), or nobody can. */
static int lock(const char *dir, CvkErr *err) {
    char path[LIMIT_PATH];
    if (!cvk_path(path, dir, "lock", err))
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        cvk_fail_errno(err, "dir.lock", "cannot open '%s'", path);
        return -1;
    }
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_SETLK, &whole) == 0)
        return fd;
    if (errno == EACCES || errno == EAGAIN)
        cvk_fail(err, CVK_ECONFLICT, "dir.locked",
                 "another convoke serves '%s': stop it first, or use its address", CVK_SHOWN(dir));
    else
        cvk_fail_errno(err, "dir.lock", "cannot lock '%s'", path);
    close(fd);
    return -1;
}

bool node_lock(Node *n, CvkErr *err) {
    n->lock_fd = lock(n->dir, err);
    return n->lock_fd >= 0;
}

bool node_migrate(const char *dir, CvkErr *err) {
    char path[LIMIT_PATH];
    bool old;
    Store *s = NULL;
    if (!cvk_path(path, dir, "convoke.db", err) || !store_is_old(path, &old, err))
        return false;
    if (!old)
        return true;
    int fd = lock(dir, err);
    if (fd < 0 && err != NULL && strcmp(err->id, "dir.locked") == 0)
        return cvk_fail(
            err, CVK_ECONFLICT, "dir.old",
            "'%s' is served by an older release, which this one's database would break: "
            "stop that server first, then start this release's",
            CVK_SHOWN(dir));
    if (fd < 0)
        return false;
    bool ok = store_open(path, false, &s, err);
    store_close(s);
    close(fd);
    return ok;
}

static bool make_auth(Node *n, CvkErr *err) {
    static const char purpose[] = "convoke sessions";
    uint8_t secret[SHA256_BYTES];
    cvk_hmac_sha256(n->key, purpose, sizeof purpose - 1, secret);
    n->auth = auth_new(secret, err);
    cvk_wipe(secret, sizeof secret);
    return n->auth != NULL;
}

static bool read_key(const char *dir, uint8_t *ret, CvkErr *err) {
    char path[LIMIT_PATH];
    uint8_t address[ETH_ADDRESS_BYTES];
    CvkBuf text = CVK_BUF(2 * ETH_SECRET_BYTES + 1);
    bool ok = cvk_path(path, dir, "server.key", err) && cvk_file_read(path, &text, err);
    if (ok && (text.n < 2 * ETH_SECRET_BYTES || !cvk_hex_decode(text.data, ETH_SECRET_BYTES, ret) ||
               !eth_key_address(ret, address, err)))
        ok = cvk_fail(err, CVK_EBADREQ, "key.damaged",
                      "'%s' is no server key: restore it from a backup", CVK_SHOWN(path));
    if (text.data != NULL)
        cvk_wipe(text.data, text.n);
    cvk_buf_done(&text);
    return ok;
}

uint8_t *node_key(const char *dir, CvkErr *err) {
    uint8_t *ret = cvk_secret_alloc(ETH_SECRET_BYTES, err);
    if (ret == NULL || read_key(dir, ret, err))
        return ret;
    cvk_secret_free(ret);
    return NULL;
}

bool node_read_key(Node *n, CvkErr *err) {
    uint8_t address[ETH_ADDRESS_BYTES];
    n->key = node_key(n->dir, err);
    if (n->key == NULL || !eth_key_address(n->key, address, err))
        return false;
    eth_address_checksummed(address, n->address);
    return make_auth(n, err);
}
