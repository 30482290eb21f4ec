/* A process that watches a child for somebody else: for as long as they want it, at most so long,
 * and then ends all of the child's process group. It knows that nobody wants the child any more by
 * a socket, whose other end only they have: the system hangs it up however they die.
 *
 * POSIX only: what leaves the child's group is not found here. THREADS: a minder has one, and no
 * children that others wait for. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Before the child is forked: its end will be noticed. SIGCHLD is blocked from here on, and has a
 * handler: for a child of its own that a minder does not exec, too. */
void cvk_minder_begin(void);

typedef enum { CHILD_ENDED, CHILD_LATE, CHILD_UNWANTED } ChildEnding;

typedef struct {
    pid_t child;          /* leads a group of its own */
    int wanted;           /* readable once nobody wants the child: they say nothing on it */
    int64_t deadline_ms;  /* of cvk_monotonic_ms; INT64_MAX: none */
    int said;             /* what the child says, to be read meanwhile; -1: nothing */
    bool (*hear)(void *); /* reads some of it; false: that was all */
    void *ctx;
} ChildWatch;

/* Returns when the child has ended (it is not waited for yet: so long its number, and its group's,
 * are nobody else's), it is late, or nobody wants it. */
ChildEnding cvk_child_watch(const ChildWatch *w);

/* Kills the child's group, and waits for it and all other children of ours that end, about a second
 * at most; `strays` (NULL: none) is asked again and again to kill what left the group. False: the
 * child has not ended, and *ret_status is not set. */
bool cvk_child_end(pid_t child, void (*strays)(void), int *ret_status) MUST_USE;
