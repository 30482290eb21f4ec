/* ceremony new, finalize, export: the operator's view of one ceremony. */
#include "cli/operator.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/subcommands.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- new ---- */

static const Option new_options[] = {
    {"preset", "ethereum|kzg", "ethereum",
     "The rules to start from: ethereum (four sizes; who runs out of time or gives up is out for "
     "good) or kzg (one size of 4096, a queue; such people may come again a few times)."},
    {"sizes", "N1,N2:...", NULL,
     "G1 and G2 powers of each sub-ceremony, instead of the preset's, such as 4096,65:8192,65. "
     "Numbers of G1 powers are powers of two."},
    {"name", "NAME", "kzg", "What the ceremony is called in this directory."},
    {"set", "KEY=VALUE", NULL,
     "Changes one rule; may be repeated. Times are in seconds.\n"
     "checkin_every_s, checkin_tolerance_s: how often who waits asks for the turn\n"
     "entry: lobby (whoever asks first) or fifo (a queue); waiting_max: how many may wait\n"
     "offer_s, fetch_s, compute_s, upload_s, verify_s: how long each part of a turn may take\n"
     "on_missed, on_expired, on_aborted, on_invalid: what a failure costs: nothing, place, "
     "cooldown, strike, or out\n"
     "strikes_max, cooldown_s: how many strikes put out, how long a cool-down is\n"
     "contributions_max: how often one may contribute; 0: any number\n"
     "wallets: whose wallet signs in, besides invitations: none, invited (see 'convoke invite'), "
     "or "
     "any"},
    {NULL, NULL, NULL, NULL},
};

static int run_new(const Args *args) {
    const char *name = args_text(args, "name");
    Node *node;
    CvkErr err;
    if (!operator_open(args, &node, &err))
        return say_error("ceremony new", &err);
    bool ok = node_ceremony_new(node, name, args_text(args, "preset"), args_text(args, "sizes"),
                                args_list(args, "set"), &err);
    node_close(node);
    if (!ok)
        return say_error("ceremony new", &err);
    say_result("ceremony '%s' is open", name);
    say_step("next: convoke invite %s --count 3, and convoke serve %s", args_at(args, 0),
             args_at(args, 0));
    return EXIT_DONE;
}

const Subcommand CLI_CEREMONY_NEW = {
    .name = "ceremony new",
    .purpose = "open a ceremony",
    .usage = "DIR [--preset ethereum|kzg] [--sizes N1,N2:...] [--set KEY=VALUE]...",
    .about = "The rules are fixed now and become part of the public record.",
    .options = new_options,
    .examples = "convoke ceremony new ceremony-2026 --preset ethereum\n"
                "convoke ceremony new try-out --preset kzg --sizes 8,3 --set checkin_every_s=2",
    .args_min = 1,
    .args_max = 1,
    .run = run_new,
};

/* ---- finalize ---- */

static const Option finalize_options[] = {OPTION_CEREMONY, {NULL, NULL, NULL, NULL}};

static int run_finalize(const Args *args) {
    Node *node;
    Ceremony *c;
    CvkErr err;
    if (!operator_open_ceremony(args, &node, &c, &err))
        return say_error("ceremony finalize", &err);
    bool ok = ceremony_finalize(c, &err);
    CeremonyStatus status;
    ceremony_status(c, &status);
    if (ok) {
        char count[64];
        say_result("ceremony '%s' is finalized with %s", ceremony_name(c),
                   say_count(status.view.contributions, "contribution", count, sizeof count));
        say_step("next: convoke ceremony export %s OUT", args_at(args, 0));
    }
    node_close(node);
    return ok ? EXIT_DONE : say_error("ceremony finalize", &err);
}

const Subcommand CLI_CEREMONY_FINALIZE = {
    .name = "ceremony finalize",
    .purpose = "close a ceremony: no further contribution",
    .usage = "DIR [--ceremony NAME]",
    .about = "Cannot be undone. Refused while somebody has the turn: wait until it is over.",
    .options = finalize_options,
    .examples = "convoke ceremony finalize ceremony-2026",
    .args_min = 1,
    .args_max = 1,
    .run = run_finalize,
};
