/* ceremony drain, pause, reopen: one command that changes who gets in. */
#include "cli/operator.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "run/node.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

static const Option options[] = {OPTION_CEREMONY, {NULL, NULL, NULL, NULL}};

/* What follows from the mode, now. */
static void tell(const Ceremony *c, const EngineView *v) {
    char count[48];
    say_result("ceremony '%s' is %s", ceremony_name(c), mode_name(v->mode));
    if (v->lease.number != 0)
        say_step("the turn of %s goes on (%s)", v->lease.identity, phase_name(v->lease.phase));
    if (v->mode == MODE_DRAINING && v->drained)
        say_step("nobody waits: it has halted");
    else if (v->policy.entry == ENTRY_FIFO && v->mode != MODE_OPEN)
        say_step("%s in the queue", say_count(v->waiting, "participant", count, sizeof count));
}

static int run(const Args *args, const char *name, Mode mode) {
    Node *node;
    Ceremony *c;
    CvkErr err;
    if (!operator_open_ceremony(args, &node, &c, &err))
        return say_error(name, &err);
    bool ok = ceremony_set_mode(c, mode, &err);
    CeremonyStatus status;
    ceremony_status(c, &status);
    if (ok)
        tell(c, &status.view);
    node_close(node);
    return ok ? EXIT_DONE : say_error(name, &err);
}

static int run_drain(const Args *args) {
    return run(args, "ceremony drain", MODE_DRAINING);
}

static int run_pause(const Args *args) {
    return run(args, "ceremony pause", MODE_PAUSED);
}

static int run_reopen(const Args *args) {
    return run(args, "ceremony reopen", MODE_OPEN);
}

const Subcommand CLI_CEREMONY_DRAIN = {
    .name = "ceremony drain",
    .purpose = "let nobody new in, let those who wait have their turns",
    .usage = "DIR [--ceremony NAME]",
    .about =
        "In a queue (fifo) nobody joins any more; in a lobby nobody signs in any more. When the "
        "last of those who wait has had a turn, the ceremony has halted: 'ceremony status' says "
        "so. Then finalize it, hand it over, or reopen it. A running server follows at once.",
    .options = options,
    .examples = "convoke ceremony drain ceremony-2026\nconvoke ceremony status ceremony-2026",
    .args_min = 1,
    .args_max = 1,
    .run = run_drain,
};

const Subcommand CLI_CEREMONY_PAUSE = {
    .name = "ceremony pause",
    .purpose = "give nobody the turn until it is reopened",
    .usage = "DIR [--ceremony NAME]",
    .about =
        "A turn under way goes on to its end. People may go on waiting, and keep their places.",
    .options = options,
    .examples = "convoke ceremony pause ceremony-2026\nconvoke ceremony reopen ceremony-2026",
    .args_min = 1,
    .args_max = 1,
    .run = run_pause,
};

const Subcommand CLI_CEREMONY_REOPEN = {
    .name = "ceremony reopen",
    .purpose = "go on after a pause or a drain",
    .usage = "DIR [--ceremony NAME]",
    .options = options,
    .examples = "convoke ceremony reopen ceremony-2026",
    .args_min = 1,
    .args_max = 1,
    .run = run_reopen,
};
