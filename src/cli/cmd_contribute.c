#include "base/secret.h"
#include "cli/contribute.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "format/identity.h"
#include "format/kzg_json.h"
#include "format/sections.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {
    {"invitation", "TEXT|@FILE", NULL,
     "The invitation that you were given, or @ and a file whose first word it is (a line of "
     "'convoke invite'). Also taken from the environment variable CONVOKE_INVITATION, so that it "
     "need not stand on the command line."},
    {"eth-key", "FILE", NULL,
     "Sign in as an Ethereum account (EIP-4361), where the ceremony lets wallets in: a file with "
     "the "
     "account's private key, 64 hex digits. Only you should be able to read it. The key signs, and "
     "is never sent."},
    {"session", "ID", NULL,
     "A session that you have from signing in elsewhere (a browser), instead of an invitation."},
    {"identity", "ID", NULL,
     "Whom you contribute as, such as eth|0x... or git|123|login. With an invitation or a key it "
     "is its address or what the operator chose; with --session it is needed for BLS "
     "signatures."},
    {"dir", "DIR", "convoke-contribution",
     "Where your contribution and your receipt are kept, and the files of an offline "
     "contribution."},
    {"entropy", "TEXT", NULL,
     "Words of yours to mix into the secrets. They can only add to the system's randomness."},
    {"ecdsa", "yes|no", NULL,
     "Sign your public keys with the Ethereum key of --invitation or --eth-key too (default: yes "
     "where its address "
     "is your identity)."},
    {"sizes", "N1,N2:...", NULL,
     "The sizes that the ceremony must have (default: what the server's transcript says)."},
    {"offline", "request|compute|submit|abort", NULL,
     "Take one step of an offline contribution: request, compute or submit (see above); or abort, "
     "which gives a requested turn up."},
    {"allow-http", NULL, NULL,
     "Speak plain http with a server that is not this machine. Whoever listens could take your "
     "turn."},
    {"json", NULL, NULL, "Print the outcome as one JSON object."},
    {NULL, NULL, NULL, NULL},
};

/* ---- who contributes ---- */

static bool take_identity(Participant *p, const Args *args, CvkErr *err) {
    const char *given = args_text(args, "identity");
    Identity identity;
    uint8_t address[ETH_ADDRESS_BYTES];
    char text[ETH_ADDRESS_TEXT];
    if (given != NULL) {
        if (!identity_parse(given, &identity, err) || identity.kind == IDENTITY_NOBODY)
            return cvk_fail(err, CVK_EBADREQ, "identity.text",
                            "an identity is eth|0x... or git|<number>|<login>");
        p->identity_given = true;
        snprintf(p->identity, sizeof p->identity, "%s", identity.text);
    } else if (p->key != NULL && p->identity[0] == '\0') {
        if (!eth_key_address(p->key, address, err))
            return false;
        eth_address_lower(address, text);
        snprintf(p->identity, sizeof p->identity, "eth|%s", text);
    }
    return true;
}

static bool take_wishes(Participant *p, const Args *args, CvkErr *err) {
    const char *ecdsa = args_text(args, "ecdsa"), *sizes = args_text(args, "sizes");
    p->dir = args_text(args, "dir");
    p->ecdsa_wanted = ecdsa == NULL || strcmp(ecdsa, "no") != 0;
    p->ecdsa_forced = ecdsa != NULL && strcmp(ecdsa, "yes") == 0;
    if (p->ecdsa_wanted && ecdsa != NULL && !p->ecdsa_forced)
        return cvk_fail(err, CVK_EBADREQ, "usage.value", "--ecdsa is yes or no");
    if (sizes != NULL && !kzg_sizes_parse(sizes, &p->sizes, err))
        return false;
    return participant_take_key(p, args, err) && take_identity(p, args, err);
}

static bool take_url(Participant *p, const Args *args, CvkErr *err) {
    const char *url = args_at(args, 0);
    if (url == NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.few", "name the server: convoke contribute URL");
    if ((size_t)snprintf(p->url, sizeof p->url, "%s", url) >= sizeof p->url)
        return cvk_fail(err, CVK_EBADREQ, "net.url", "the address is too long");
    return true;
}

static bool check_credentials(const Participant *p, const Args *args, CvkErr *err) {
    if (p->key != NULL || args_text(args, "session") != NULL)
        return true;
    return cvk_fail(err, CVK_EBADREQ, "usage.who",
                    "how shall the server know you? give --invitation or --eth-key (or --session)");
}

/* ---- the ways to contribute ---- */

/* A base that does not verify must not keep others waiting. */
static bool refuse_base(Participant *p, const CvkErr *why) {
    CvkErr err;
    if (strcmp(why->id, "base.invalid") == 0 || strcmp(why->id, "base.other") == 0)
        if (kzg_client_abort(p->client, &err))
            say_step("gave the turn back");
    participant_remove(p, "request.json");
    return false;
}

static bool take_turn(Participant *p, CvkErr *err) {
    if (!participant_wait_turn(p, err) || !participant_save_request(p, err))
        return false;
    if (participant_check_base(p, err) && participant_compare_base(p, err))
        return true;
    return refuse_base(p, err);
}

static bool save_response(Participant *p, CvkErr *err) {
    return participant_save(p, "contribution.json", p->response_json.data, p->response_json.n, err);
}

static bool contribute_online(Participant *p, const Args *args, CvkErr *err) {
    return take_url(p, args, err) && check_credentials(p, args, err) &&
           participant_make_dir(p, err) &&
           participant_connect(p, args_flag(args, "allow-http"), args_text(args, "session"), err) &&
           participant_learn_sizes(p, err) &&
           participant_prepare(p, args_text(args, "entropy"), err) && participant_sign_in(p, err) &&
           take_turn(p, err) && participant_compute(p, err) && save_response(p, err) &&
           participant_submit(p, err) && participant_look_back(p, err) &&
           participant_attest(p, err) && participant_print(p, args_flag(args, "json"), err);
}

static bool offline_request(Participant *p, const Args *args, CvkErr *err) {
    bool ok =
        take_url(p, args, err) && check_credentials(p, args, err) && participant_make_dir(p, err) &&
        participant_connect(p, args_flag(args, "allow-http"), args_text(args, "session"), err) &&
        participant_learn_sizes(p, err) && participant_sign_in(p, err) &&
        participant_wait_turn(p, err) && participant_save_request(p, err);
    if (!ok)
        return false;
    if (!participant_save_base(p, err) || !participant_check_base(p, err) ||
        !participant_compare_base(p, err))
        return refuse_base(p, err);
    say_result("the challenge is in %s; the turn's time is running", p->dir);
    say_step(
        "next, on the machine without a network: convoke contribute --offline compute --dir %s",
        p->dir);
    return true;
}

static bool offline_compute(Participant *p, const Args *args, CvkErr *err) {
    char session[AUTH_SESSION_TEXT];
    bool ok = participant_load_request(p, session, err) && take_identity(p, args, err) &&
              participant_load(p, "challenge.json", &p->base, err) &&
              participant_check_base(p, err) &&
              participant_prepare(p, args_text(args, "entropy"), err) &&
              participant_compute(p, err) && save_response(p, err);
    cvk_wipe(session, sizeof session);
    if (!ok)
        return false;
    say_result("the contribution is %s/contribution.json", p->dir);
    say_step("next, on the machine with a network: convoke contribute --offline submit --dir %s",
             p->dir);
    return true;
}

static bool connect_again(Participant *p, const Args *args, CvkErr *err) {
    char session[AUTH_SESSION_TEXT];
    return participant_load_request(p, session, err) &&
           participant_connect(p, args_flag(args, "allow-http"), session, err);
}

/* Is what came back of the sizes that were asked for? */
static bool check_response(const Participant *p, CvkErr *err) {
    bool fits = p->response->n == p->sizes.n;
    for (size_t i = 0; fits && i < p->sizes.n; i++)
        fits = p->response->subs[i].powers.n_g1 == p->sizes.at[i].n_g1 &&
               p->response->subs[i].powers.n_g2 == p->sizes.at[i].n_g2;
    return fits || cvk_fail(err, CVK_ECONFLICT, "contribution.sizes",
                            "%s/contribution.json is not of this ceremony's sizes: take "
                            "--offline compute again",
                            CVK_SHOWN(p->dir));
}

static bool offline_submit(Participant *p, const Args *args, CvkErr *err) {
    if (!connect_again(p, args, err))
        return false;
    if (!participant_load(p, "contribution.json", &p->response_json, err))
        return cvk_fail_prefix(err, "nothing to hand in (take --offline compute first)");
    JsonMemory memory = {.data = cvk_buf_str(&p->response_json), .n = p->response_json.n};
    return kzg_contribution_read(json_from_memory(&memory), LIMIT_CHALLENGE, &p->response, err) &&
           check_response(p, err) && participant_submit(p, err) && participant_look_back(p, err) &&
           participant_attest(p, err) && participant_print(p, args_flag(args, "json"), err);
}

static bool offline_abort(Participant *p, const Args *args, CvkErr *err) {
    if (!connect_again(p, args, err) || !kzg_client_abort(p->client, err))
        return false;
    participant_remove(p, "request.json");
    say_result("the turn is given up");
    return true;
}

/* Whoever gives a file instead of a server wants another command. */
static bool need_server(const char *url, CvkErr *err) {
    const char *magic;
    if (url == NULL || strstr(url, "://") != NULL || !section_file_magic(url, &magic, NULL) ||
        magic == NULL)
        return true;
    return cvk_fail(err, CVK_EBADREQ, "usage.file",
                    "'%s' is a .%s file: 'convoke %s contribute IN OUT' contributes to %s",
                    CVK_SHOWN(url), magic, strcmp(magic, "ptau") == 0 ? "ptau" : "zkey",
                    strcmp(magic, "ptau") == 0 ? "powers of tau" : "keys");
}

static bool contribute(Participant *p, const Args *args, CvkErr *err) {
    static const struct {
        const char *step;
        bool (*fn)(Participant *p, const Args *args, CvkErr *err);
    } steps[] = {{"request", offline_request},
                 {"compute", offline_compute},
                 {"submit", offline_submit},
                 {"abort", offline_abort}};
    const char *step = args_text(args, "offline");
    if (!need_server(args_at(args, 0), err) || !take_wishes(p, args, err))
        return false;
    if (step == NULL)
        return contribute_online(p, args, err);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(step, steps[i].step) == 0)
            return steps[i].fn(p, args, err);
    return cvk_fail(err, CVK_EBADREQ, "usage.value",
                    "--offline takes request, compute, submit or abort, not '%.40s'", step);
}

static int run(const Args *args) {
    Participant p;
    CvkErr err;
    cvk_secret_no_dumps();
    bool ok = participant_init(&p, &err) && contribute(&p, args, &err);
    bool accepted = p.receipt.text != NULL;
    int status = EXIT_DONE;
    if (!ok && accepted)
        cvk_fail_prefix(&err, "accepted, but");
    if (!ok)
        status = say_error("contribute", &err);
    if (accepted && !(ok && participant_is_fine(&p)))
        status = EXIT_INVALID; /* never what says that it was not accepted */
    participant_done(&p);
    return status;
}

const Subcommand CLI_CONTRIBUTE = {
    .name = "contribute",
    .purpose = "take part in a ceremony: wait for your turn, add your secrets, get a receipt",
    .usage = "URL --invitation TEXT|@FILE [--dir DIR] [options]\n"
             "URL --eth-key FILE [--dir DIR] [options]\n"
             "URL --offline request --invitation TEXT|@FILE [--dir DIR]\n"
             "--offline compute [--dir DIR] [--invitation TEXT|@FILE]\n"
             "--offline submit [--dir DIR]",
    .about =
        "Makes your secrets, public keys and signatures on this machine, then signs in, waits for "
        "the turn, checks what it is given, computes, hands in, and wipes the secrets: they never "
        "leave memory. The receipt and your contribution (contribution.json; contribution.bin is "
        "the "
        "same as it went, whose sha256 the receipt names) are kept in DIR. Afterwards it looks "
        "whether the public transcript really holds your contribution, and writes an attestation "
        "that you may publish (DIR/attestation.txt; 'convoke receipt verify' checks it). A lost "
        "network is no trouble: it goes on where it was. If the program itself was ended after "
        "computing, --offline submit hands the contribution in.\n\n"
        "Offline, in three steps, with the directory carried to a machine without a network and "
        "back: request signs in and fetches the challenge, compute makes the secrets, uses and "
        "wipes them in one go, submit hands in. The operator's rules say how long a turn may take. "
        "Give compute the invitation or the Ethereum key if you want an ECDSA signature.\n\n"
        "To contribute to a file: 'convoke ptau contribute', 'convoke zkey contribute'.",
    .options = options,
    .examples =
        "convoke contribute https://ceremony.example --invitation @invitation.txt\n"
        "convoke contribute https://ceremony.example --eth-key account.key\n"
        "convoke contribute https://ceremony.example --offline request --invitation @i.txt\n"
        "convoke contribute --offline compute --entropy 'dice: 4 2 6 6 1'\n"
        "convoke contribute --offline submit",
    .exits = {{[EXIT_DONE] = "accepted, with a valid receipt, and in the transcript",
               [EXIT_INVALID] = "accepted, but the receipt or the transcript is not as it should "
                                "be, or could not be had",
               [EXIT_UNUSABLE] = "not accepted; standard error says why"}},
    .args_min = 0,
    .args_max = 1,
    .run = run,
};
