/* Temporary files that do not outlive the program when a signal ends it (Ctrl-C, a closed terminal,
 * kill): it removes them and then ends as it would have. A kill that cannot be caught leaves them:
 * they hinder nobody, and their names tell.
 *
 * USAGE: cvk_temporary_begin(&t); make the file; cvk_temporary_list(&t, its name); ... rename or
 * unlink it; cvk_temporary_drop(&t). Threads: any, each with a CvkTemporary of its own. */
#pragma once

#include <signal.h>
#include <stdbool.h>

typedef struct {
    int slot;         /* -1: none, or there was no room: then it is not removed */
    bool waiting;     /* signals do: between begin and the next call */
    sigset_t signals; /* that were blocked before begin */
} CvkTemporary;

#define CVK_TEMPORARY_NONE ((CvkTemporary){.slot = -1})

/* From now on SIGINT, SIGTERM and SIGHUP remove what is listed. One that is ignored (nohup) stays
 * so. For programs that do not wait for these signals themselves. */
void cvk_temporary_watch(void);

/* A file is going to be made: until the next call for `t` these signals wait. */
void cvk_temporary_begin(CvkTemporary *t);
/* It is there under this name (a directory: goes if it is empty by then). */
void cvk_temporary_list(CvkTemporary *t, const char *path);
/* It was not made, or has been removed or renamed. Twice is fine. */
void cvk_temporary_drop(CvkTemporary *t);
