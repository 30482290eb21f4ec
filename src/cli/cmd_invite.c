#include "auth/auth.h"
#include "base/file.h"
#include "cli/operator.h"
#include "cli/say.h"
#include "cli/subcommands.h"

#define COUNT_MAX 100000

static const Option options[] = {
    {"as", "ID", NULL,
     "Whom the invitation stands for, such as eth|0x... or git|123|login. Without it the holder is "
     "known by the invitation's own address."},
    {"count", "N", "1", "How many invitations to make."},
    {"out", "FILE", NULL, "Write them to a new file that only you can read, instead of printing."},
    {NULL, NULL, NULL, NULL},
};

static bool make(Node *node, const char *identity, uint64_t count, CvkBuf *ret, CvkErr *err) {
    for (uint64_t i = 0; i < count; i++) {
        char text[AUTH_INVITATION_TEXT], who[LIMIT_IDENTITY + 1];
        if (!node_invite(node, identity, text, who, err) ||
            !cvk_buf_add_fmt(ret, err, "%s %s\n", text, who))
            return false;
    }
    return true;
}

static bool check(const Args *args, uint64_t *ret_count, CvkErr *err) {
    const char *out = args_text(args, "out");
    if (!args_uint(args, "count", COUNT_MAX, ret_count, err))
        return false;
    if (*ret_count == 0)
        return cvk_fail(err, CVK_EBADREQ, "usage.number", "--count must be at least 1");
    if (args_text(args, "as") != NULL && *ret_count > 1)
        return cvk_fail(err, CVK_EBADREQ, "usage.both", "--as names one person: leave --count out");
    if (out != NULL && cvk_file_exists(out))
        return cvk_fail(err, CVK_ECONFLICT, "file.exists", "%s is there already: name a new file",
                        out);
    return true;
}

static int run(const Args *args) {
    const char *out = args_text(args, "out");
    _cleanup_buf_ CvkBuf text = CVK_BUF(COUNT_MAX * 256);
    uint64_t count;
    Node *node;
    CvkErr err;
    if (!check(args, &count, &err) || !operator_open(args, &node, &err))
        return say_error("invite", &err);
    bool ok = make(node, args_text(args, "as"), count, &text, &err);
    node_close(node);
    if (ok && out != NULL)
        ok = cvk_file_write(out, text.data, text.n, 0600, &err);
    if (!ok)
        return say_error("invite", &err);
    if (out == NULL)
        fwrite(text.data, 1, text.n, stdout);
    say_step("each line is an invitation and whom it stands for: hand the first part to that "
             "person over a private channel");
    return EXIT_DONE;
}

const Subcommand CLI_INVITE = {
    .name = "invite",
    .purpose = "make invitations for people to take part with",
    .usage = "DIR [--as ID] [--count N] [--out FILE]",
    .about = "An invitation is a key: who holds it can contribute once. The server keeps only its "
             "address. Each is printed as one line: the invitation, and the identity that will "
             "stand in the transcript.",
    .options = options,
    .examples = "convoke invite ceremony-2026 --count 3\n"
                "convoke invite ceremony-2026 --as 'git|123|octo'",
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
