/* ceremony export, import: a ceremony's files for everybody, and its way to another server. */
#include "cli/operator.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "run/handover.h"

/* ---- export ---- */

static const Option export_options[] = {
    OPTION_CEREMONY,
    {"brief", NULL, NULL, "Leave the trusted setups out (their Lagrange forms take a while)."},
    {"to", "ADDRESS", NULL,
     "Hand the ceremony over to the server with this key (which 'convoke init' printed there). It "
     "ends here, and OUT is what 'ceremony import' takes there."},
    {NULL, NULL, NULL, NULL},
};

static void tell_export(Ceremony *c, const char *out) {
    CeremonyStatus status;
    ceremony_status(c, &status);
    say_result("%s holds the %s", out,
               status.view.finalized ? "whole ceremony" : "ceremony so far: it is not finalized");
    say_step("anybody can check it: convoke verify %s", out);
}

static void tell_hand_over(const Ceremony *c, const char *out, const char *to) {
    say_result("ceremony '%s' is handed over to %s", ceremony_name(c), to);
    say_step(
        "this server gives no further turns. Bring %s to the other one over a private channel "
        "(it holds who takes part), check it there with 'convoke verify %s/public', and take it "
        "over with 'convoke ceremony import DIR %s'",
        out, out, out);
}

static int run_export(const Args *args) {
    const char *out = args_at(args, 1), *to = args_text(args, "to");
    Node *node;
    Ceremony *c;
    CvkErr err;
    if (!operator_open_ceremony(args, &node, &c, &err))
        return say_error("ceremony export", &err);
    Progress p = progress_start("writing", false, false);
    bool ok = to != NULL ? ceremony_hand_over(c, to, out, progress_to(&p), &err)
                         : ceremony_export(c, out, args_flag(args, "brief"), progress_to(&p), &err);
    progress_end(&p);
    if (ok && to != NULL)
        tell_hand_over(c, out, to);
    else if (ok)
        tell_export(c, out);
    node_close(node);
    return ok ? EXIT_DONE : say_error("ceremony export", &err);
}

const Subcommand CLI_CEREMONY_EXPORT = {
    .name = "ceremony export",
    .purpose = "write all that outsiders need to check a ceremony",
    .usage = "DIR OUT [--brief] [--ceremony NAME]\nDIR OUT --to ADDRESS [--ceremony NAME]",
    .about =
        "OUT, a new or empty directory, gets transcript.json, journal.jsonl, receipts.json, "
        "once the ceremony is finalized a trusted_setup_N.json per size and "
        "trusted_setup_4096.txt, and manifest.json: the sha256 of each, signed by the server.\n"
        "With --to the ceremony moves to another server: drain or pause it first, and let the "
        "turn under way end. Cannot be undone here: only that server can go on. Its journal "
        "says so, signed by both.",
    .options = export_options,
    .examples = "convoke ceremony export ceremony-2026 public\nconvoke verify public\n"
                "convoke ceremony export ceremony-2026 moving --to "
                "0x9F06aA7556DB449bC7194D4A8EAf05585BEc35B0",
    .args_min = 2,
    .args_max = 2,
    .run = run_export,
};

/* ---- import ---- */

static const Option import_options[] = {{NULL, NULL, NULL, NULL}};

static void tell_import(Ceremony *c, const char *dir) {
    CeremonyStatus status;
    ceremony_status(c, &status);
    say_result("ceremony '%s' is taken over", ceremony_name(c));
    say_step("people sign in again here and keep their places; receipts are signed by this server "
             "from now on");
    if (status.view.mode != MODE_OPEN)
        say_step("it is %s, as it was there: 'convoke ceremony reopen %s' when it may go on",
                 mode_name(status.view.mode), dir);
    say_step("next: convoke serve %s", dir);
}

static int run_import(const Args *args) {
    char name[64];
    Node *node;
    Ceremony *c;
    CvkErr err;
    if (!operator_open(args, &node, &err))
        return say_error("ceremony import", &err);
    bool ok =
        node_take_over(node, args_at(args, 1), name, &err) && node_ceremony(node, name, &c, &err);
    if (ok)
        tell_import(c, args_at(args, 0));
    node_close(node);
    return ok ? EXIT_DONE : say_error("ceremony import", &err);
}

const Subcommand CLI_CEREMONY_IMPORT = {
    .name = "ceremony import",
    .purpose = "take a ceremony over from another server",
    .usage = "DIR BUNDLE",
    .about =
        "BUNDLE is what 'ceremony export --to' wrote at the other server, for this server's "
        "key. All of it is checked against the journal that the other server signed; nothing is "
        "taken if anything is wrong. The mathematics is checked by 'convoke verify "
        "BUNDLE/public': do that first. A server that runs on DIR already has the ceremony from "
        "its next start on.",
    .options = import_options,
    .examples = "convoke verify moving/public\nconvoke ceremony import new-server moving\n"
                "convoke serve new-server",
    .args_min = 2,
    .args_max = 2,
    .run = run_import,
};
