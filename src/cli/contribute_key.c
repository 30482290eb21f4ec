/* The key that somebody brings: an invitation's, or an Ethereum account's from a file. */
#include "base/file.h"
#include "base/hex.h"
#include "base/secret.h"
#include "cli/contribute.h"
#include "cli/say.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- invitations ---- */

/* The invitation's text, wherever it is. Empty when there is none. */
static bool find_invitation(const Args *args, CvkBuf *text, CvkErr *err) {
    const char *given = args_text(args, "invitation");
    if (given == NULL)
        given = getenv("CONVOKE_INVITATION"); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    if (given == NULL)
        return true;
    if (given[0] == '@')
        return cvk_file_read(given + 1, text, err);
    return cvk_buf_add_str(text, given, err);
}

static bool take_invitation(Participant *p, const Args *args, CvkErr *err) {
    char word[AUTH_INVITATION_TEXT + 1];
    CvkBuf text = CVK_BUF(LIMIT_TEXT_FILE);
    bool ok = find_invitation(args, &text, err);
    if (ok && text.n > 0) {
        snprintf(word, sizeof word, "%.*s", (int)strcspn(cvk_buf_str(&text), " \t\r\n"),
                 cvk_buf_str(&text));
        p->key = cvk_secret_alloc(ETH_SECRET_BYTES, err);
        ok = p->key != NULL;
        if (ok && !auth_invitation_parse(word, p->key)) {
            p->key = cvk_secret_free(p->key);
            ok = cvk_fail(err, CVK_EBADREQ, "invitation.text",
                          "that is no invitation: it begins with convoke-invitation-v1: and has 64 "
                          "digits");
        }
        cvk_wipe(word, sizeof word);
        cvk_wipe(text.data, text.n);
    }
    cvk_buf_done(&text);
    return ok;
}

/* ---- an account's key ---- */

#define KEY_FILE_MAX 256 /* blanks around 66 characters */
#define BLANKS " \t\r\n"

static bool fail_key(CvkErr *err) {
    return cvk_fail(err, CVK_EBADREQ, "eth.key_file",
                    "the file of --eth-key must hold 64 hex digits and nothing else (a wallet's "
                    "encrypted file must be decrypted first)");
}

/* Others who can read it can take the account. Not a reason to stop: it may be so on purpose. */
static void warn_of_readers(int fd, const char *path) {
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
        say_step("warning: others on this machine may read %s: chmod 600 makes it yours", path);
}

static bool read_whole(int fd, char *text, size_t cap, size_t *ret_n, CvkErr *err) {
    return cvk_file_read_secret(fd, "the file of --eth-key", text, cap, ret_n, err) &&
           (*ret_n < cap || fail_key(err));
}

/* Digits between blanks, perhaps behind 0x; `text` has room for two more characters before them. */
static bool parse_key(char *text, size_t n, uint8_t *ret_key) {
    char *digits = text + 2 + strspn(text + 2, BLANKS);
    size_t digits_n = strcspn(digits, BLANKS);
    size_t after = strspn(digits + digits_n, BLANKS);
    if (digits + digits_n + after != text + 2 + n) /* something else, a zero byte perhaps */
        return false;
    digits[digits_n] = '\0';
    if (strncmp(digits, "0x", 2) != 0) {
        digits -= 2;
        memcpy(digits, "0x", 2);
    }
    return cvk_hex_parse(digits, ETH_SECRET_BYTES, ret_key);
}

static bool read_key(int fd, uint8_t *ret_key, CvkErr *err) {
    uint8_t address[ETH_ADDRESS_BYTES];
    size_t n = 0;
    _cleanup_secret_ char *text = cvk_secret_alloc(2 + KEY_FILE_MAX + 1, err);
    return text != NULL && read_whole(fd, text + 2, KEY_FILE_MAX, &n, err) &&
           (parse_key(text, n, ret_key) || fail_key(err)) && eth_key_address(ret_key, address, err);
}

/* A pipe will do: a program may decrypt it. */
static bool take_eth_key(Participant *p, const char *path, CvkErr *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cvk_fail_errno(err, "file.open", "cannot open '%s'", CVK_SHOWN(path));
    warn_of_readers(fd, path);
    p->key = cvk_secret_alloc(ETH_SECRET_BYTES, err);
    p->key_of_wallet = true;
    bool ok = p->key != NULL && read_key(fd, p->key, err);
    close(fd);
    return ok;
}

bool participant_take_key(Participant *p, const Args *args, CvkErr *err) {
    const char *file = args_text(args, "eth-key");
    if (file == NULL)
        return take_invitation(p, args, err);
    if (args_text(args, "invitation") != NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.both",
                        "--invitation and --eth-key are two people: give one of them");
    return take_eth_key(p, file, err);
}
