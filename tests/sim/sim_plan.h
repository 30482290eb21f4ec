/* The plan of faults that databases and files of a simulated disk share. Only sim_disk.c,
 * sim_files.c and sim_image.c include it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SIM_SECTOR 512

typedef enum {
    FATE_DONE, /* it takes place */
    FATE_LAST, /* the crash, or a fault: it takes place in memory, and fails */
    FATE_DEAD, /* the power is gone */
    FATE_FULL, /* there is no room */
} Fate;

void sim_plan_start(uint64_t seed);
/* Counts one operation. */
Fate sim_plan_operation(bool needs_room);
/* Counts a read; false: it fails. */
bool sim_plan_read(void);
/* From now on all fails, and nothing takes place; or no longer. */
void sim_plan_dead(bool dead);

uint64_t sim_plan_random(void);
bool sim_plan_coin(void);

/* What a crash does with writes that were not synced: drawn for each file. */
typedef enum {
    SURVIVE_NONE,
    SURVIVE_ALL,
    SURVIVE_PREFIX, /* the first of them, the last one of these torn */
    SURVIVE_ANY,    /* each sector by itself */
    SURVIVE_N
} Survival;
Survival sim_plan_survival(void);
