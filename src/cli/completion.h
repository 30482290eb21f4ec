/* What shells complete after "convoke": made from the table of commands. `out` is a FILE. */
#pragma once

#include "cli/commands.h"

void completion_bash(const Command *table, void *out);
void completion_zsh(const Command *table, void *out);
void completion_fish(const Command *table, void *out);
