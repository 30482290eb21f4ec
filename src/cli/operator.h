/* What the operator's commands share: opening a directory and one of its ceremonies. */
#pragma once

#include "cli/options.h"
#include "run/node.h"

/* The option of every command that works on one ceremony of a directory. */
#define OPTION_CEREMONY                                                                            \
    { "ceremony", "NAME", NULL, "Which ceremony, where the directory holds several." }

/* Opens the directory in args_at(0) beside a server that may be running. */
bool operator_open(const Args *args, Node **ret_node, CvkErr *err) MUST_USE;
bool operator_open_ceremony(const Args *args, Node **ret_node, Ceremony **ret_ceremony,
                            CvkErr *err) MUST_USE;
