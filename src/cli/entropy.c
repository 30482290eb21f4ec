#include "cli/entropy.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/secret.h"
#include "cli/say.h"
#include "setup/contribution_params.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PROMPT "Enter a random text. (Entropy): "
#define KEY_INTERRUPT 3
#define KEY_END 4
#define KEY_BACKSPACE 8
#define KEY_DELETE 127

/* ---- at a terminal ---- */

/* One key; false: none will come any more. */
static bool read_key(int in, unsigned char *ret) {
    ssize_t got;
    do
        got = read(in, ret, 1);
    while (got < 0 && errno == EINTR);
    return got == 1;
}

/* Keys one by one, as the terminal neither shows nor edits the line; what does not fit is left out.
 * False: Ctrl-C. */
static bool read_line(int in, char *ret, size_t cap, size_t *ret_n) {
    unsigned char key;
    size_t n = 0;
    bool more = true, go_on = true;
    while (more && go_on && read_key(in, &key)) {
        if (key == KEY_INTERRUPT)
            go_on = false;
        else if (key == '\n' || key == '\r' || key == KEY_END)
            more = false;
        else if (key == KEY_BACKSPACE || key == KEY_DELETE)
            n -= n != 0;
        else if (n < cap)
            ret[n++] = (char)key;
    }
    key = 0;
    *ret_n = n;
    return go_on;
}

bool entropy_prompt(int in, int out, char *ret, size_t cap, size_t *ret_n, CvkErr *err) {
    struct termios before, quiet;
    if (tcgetattr(in, &before) != 0)
        return cvk_fail_errno(err, "entropy.prompt", "cannot ask for a text");
    quiet = before;
    /* Ctrl-C comes as a key: a signal would leave the terminal mute */
    quiet.c_lflag &= (tcflag_t) ~(ECHO | ICANON | ISIG);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    if (tcsetattr(in, TCSAFLUSH, &quiet) != 0)
        return cvk_fail_errno(err, "entropy.prompt", "cannot ask for a text");
    bool shown = write(out, PROMPT, strlen(PROMPT)) > 0;
    bool went_on = read_line(in, ret, cap, ret_n);
    shown = shown && write(out, "\n", 1) == 1;
    if (tcsetattr(in, TCSAFLUSH, &before) != 0 || !shown)
        return cvk_fail_errno(err, "entropy.prompt", "cannot ask for a text");
    return went_on || cvk_fail(err, CVK_EBADREQ, "entropy.cancelled", "cancelled");
}

/* ---- from a file ---- */

/* There is room for one byte more than may come. */
static bool read_whole(int fd, char *ret, size_t *ret_n, CvkErr *err) {
    if (!cvk_file_read_secret(fd, "the file of --entropy-file", ret, LIMIT_ENTROPY + 1, ret_n, err))
        return false;
    return *ret_n <= LIMIT_ENTROPY ||
           cvk_fail(err, CVK_ELIMIT, "entropy.long",
                    "the file of --entropy-file is too long: %u bytes at most", LIMIT_ENTROPY);
}

static bool read_file(const char *path, char *ret, size_t *ret_n, CvkErr *err) {
    if (strcmp(path, "-") == 0)
        return read_whole(STDIN_FILENO, ret, ret_n, err);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cvk_file_cannot(err, "entropy.file", "open", path);
    bool ok = read_whole(fd, ret, ret_n, err);
    close(fd);
    return ok;
}

/* ---- either ---- */

static bool take_word(const char *word, char *ret, size_t *ret_n, CvkErr *err) {
    say_step("warning: others on this machine may see the text of --entropy in the list of "
             "processes; --entropy-file keeps it to yourself");
    *ret_n = strlen(word);
    if (*ret_n > LIMIT_ENTROPY)
        return cvk_fail(err, CVK_ELIMIT, "entropy.long",
                        "the text of --entropy is too long: %u bytes at most", LIMIT_ENTROPY);
    memcpy(ret, word, *ret_n);
    return true;
}

/* At most LIMIT_ENTROPY bytes; there is room for one more. */
static bool take_typed(const Args *args, char *ret, size_t *ret_n, CvkErr *err) {
    const char *file = args_text(args, "entropy-file"), *word = args_text(args, "entropy");
    *ret_n = 0;
    if (file != NULL && word != NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.both",
                        "--entropy-file and --entropy are two texts: give one of them");
    if (file != NULL)
        return read_file(file, ret, ret_n, err);
    if (word != NULL)
        return take_word(word, ret, ret_n, err);
    if (isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1)
        return entropy_prompt(STDIN_FILENO, STDERR_FILENO, ret, LIMIT_ENTROPY, ret_n, err);
    return true;
}

Draw *entropy_take(const Args *args, CvkErr *err) {
    cvk_secret_no_dumps();
    size_t n;
    _cleanup_secret_ char *typed = cvk_secret_alloc(LIMIT_ENTROPY + 1, err);
    Draw *draw = cvk_secret_alloc(sizeof *draw, err);
    if (typed == NULL || draw == NULL || !take_typed(args, typed, &n, err))
        return cvk_secret_free(draw);
    entropy_draw(typed, n, draw);
    return draw;
}
