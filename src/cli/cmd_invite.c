#include "auth/auth.h"
#include "base/file.h"
#include "cli/operator.h"
#include "cli/say.h"
#include "cli/subcommands.h"

#include <stdio.h>
#include <string.h>

#define COUNT_MAX 100000
#define WALLETS_FILE_MAX ((size_t)COUNT_MAX * 128)

static const Option options[] = {
    {"as", "ID", NULL,
     "Whom the invitation stands for, such as eth|0x... or git|123|login. Without it the holder is "
     "known by the invitation's own address."},
    {"count", "N", "1", "How many invitations to make."},
    {"wallet", "0xADDRESS|@FILE", NULL,
     "Make none: let the holder of this Ethereum address sign in with their own wallet. May be "
     "repeated; a file has an address at the beginning of each line."},
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

/* ---- wallets ---- */

/* Who was entered before stays as they were. */
static bool enter(Node *node, const char *address, const char *identity, CvkBuf *ret, CvkErr *err) {
    char who[LIMIT_IDENTITY + 1];
    if (node_invite_wallet(node, address, identity, who, err))
        return cvk_buf_add_fmt(ret, err, "%s %s\n", address, who);
    if (strcmp(err->id, "invitation.exists") != 0)
        return false;
    say_step("%s was invited before", address);
    return true;
}

/* The first word of each line. */
static bool enter_file(Node *node, const char *path, CvkBuf *ret, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(WALLETS_FILE_MAX);
    char address[ETH_ADDRESS_TEXT + 1]; /* one more, so that what is longer is none */
    if (!cvk_file_read(path, &text, err))
        return false;
    for (const char *at = cvk_buf_str(&text); *at != '\0'; at += strspn(at, "\r\n")) {
        size_t n = strcspn(at, " \t\r\n");
        if (n >= sizeof address)
            n = sizeof address - 1;
        memcpy(address, at, n);
        address[n] = '\0';
        if (address[0] != '\0' && !enter(node, address, NULL, ret, err))
            return false;
        at += strcspn(at, "\r\n");
    }
    return true;
}

static bool enter_each(Node *node, const Args *args, CvkBuf *ret, CvkErr *err) {
    for (const char *const *at = args_list(args, "wallet"); *at != NULL; at++) {
        bool ok = **at == '@' ? enter_file(node, *at + 1, ret, err)
                              : enter(node, *at, args_text(args, "as"), ret, err);
        if (!ok)
            return false;
    }
    return true;
}

static bool takes_wallets(Node *node) {
    Ceremony *c;
    for (size_t i = 0; (c = node_ceremony_at(node, i)) != NULL; i++)
        if (ceremony_wallets(c) != WALLETS_NONE)
            return true;
    return false;
}

static void say_wallets(Node *node) {
    say_step(takes_wallets(node)
                 ? "each may now sign in with their own wallet: tell them the ceremony's address"
                 : "but no ceremony here lets wallets sign in (its setting wallets is none)");
}

/* ---- the command ---- */

static bool check(const Args *args, uint64_t *ret_count, CvkErr *err) {
    const char *out = args_text(args, "out");
    const char *const *wallets = args_list(args, "wallet");
    if (!args_uint(args, "count", COUNT_MAX, ret_count, err))
        return false;
    if (*ret_count == 0)
        return cvk_fail(err, CVK_EBADREQ, "usage.number", "--count must be at least 1");
    if (*wallets != NULL && *ret_count > 1)
        return cvk_fail(err, CVK_EBADREQ, "usage.both",
                        "a wallet needs no invitation to be made: leave --count out");
    bool many = *wallets != NULL && (wallets[1] != NULL || **wallets == '@');
    if (args_text(args, "as") != NULL && (*ret_count > 1 || many))
        return cvk_fail(err, CVK_EBADREQ, "usage.both",
                        "--as names one person: leave --count out, and name one wallet at most");
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
    bool wallets = *args_list(args, "wallet") != NULL;
    bool ok = wallets ? enter_each(node, args, &text, &err)
                      : make(node, args_text(args, "as"), count, &text, &err);
    if (ok && wallets)
        say_wallets(node);
    node_close(node);
    if (ok && out != NULL)
        ok = cvk_file_write(out, text.data, text.n, 0600, &err);
    if (out == NULL)
        fputs(cvk_buf_str(&text), stdout); /* also what was done before it failed */
    if (!ok)
        return say_error("invite", &err);
    if (!wallets)
        say_step("each line is an invitation and whom it stands for: hand the first part to that "
                 "person over a private channel");
    return EXIT_DONE;
}

const Subcommand CLI_INVITE = {
    .name = "invite",
    .purpose = "let people take part: make invitations, or enter their wallets",
    .usage = "DIR [--as ID] [--count N] [--out FILE]\n"
             "DIR --wallet 0xADDRESS|@FILE [--wallet ...] [--as ID]",
    .about =
        "An invitation is a key: who holds it can contribute once. The server keeps only its "
        "address. Each is printed as one line: the invitation, and the identity that will "
        "stand in the transcript.\n\n"
        "Who has an Ethereum wallet needs none: enter the address with --wallet, and its holder "
        "signs in with it, where the ceremony's setting wallets allows that.",
    .options = options,
    .examples = "convoke invite ceremony-2026 --count 3\n"
                "convoke invite ceremony-2026 --as 'git|123|octo'\n"
                "convoke invite ceremony-2026 --wallet 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
