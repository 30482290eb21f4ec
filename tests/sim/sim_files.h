/* The files of a simulated disk that are no databases: real ones, below a directory of the
 * simulation's own, changed through wrapped system calls. For sim_disk.c. */
#pragma once

/* `root` NULL: nothing is wrapped. */
void sim_files_start(const char *root);
void sim_files_stop(void);
/* Cuts off what was not synced, and undoes names that were not, as the seed wants it. */
void sim_files_crash(void);
