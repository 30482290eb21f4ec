/* Every subcommand: one file defines it, main.c lists it. */
#pragma once

#include "cli/options.h"

extern const Subcommand CLI_INIT, CLI_CEREMONY_NEW, CLI_CEREMONY_STATUS, CLI_CEREMONY_FINALIZE,
    CLI_CEREMONY_EXPORT, CLI_INVITE, CLI_SERVE, CLI_CONTRIBUTE, CLI_VERIFY, CLI_RECEIPT_VERIFY,
    CLI_BENCH, CLI_BACKUP, CLI_RESTORE;
