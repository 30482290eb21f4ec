/* The table of commands as a manual page (roff, section 1) and as a page in Markdown
 * (docs/CLI.md). `out` is a FILE. */
#pragma once

#include "cli/commands.h"

void manual_man(const Command *table, void *out);
void manual_markdown(const Command *table, void *out);
