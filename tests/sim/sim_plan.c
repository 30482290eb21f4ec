#include "sim/sim_plan.h"

#include "sim/sim_disk.h"

/* One simulation a process at a time: wrapped system calls have no place for a context. */
static struct {
    uint64_t random;
    uint64_t operations, crash_at, full_at, bad_at;
    uint64_t reads, bad_from, bad_reads;
    bool dead, full, unseen;
} plan;

void sim_plan_start(uint64_t seed) {
    plan.random = seed;
    plan.operations = plan.crash_at = plan.full_at = plan.bad_at = 0;
    plan.reads = plan.bad_from = plan.bad_reads = 0;
    plan.dead = plan.full = plan.unseen = false;
}

Fate sim_plan_operation(bool needs_room) {
    if (plan.unseen)
        return FATE_DONE;
    if (plan.dead)
        return FATE_DEAD;
    plan.operations++;
    if (plan.operations == plan.crash_at) {
        plan.dead = true;
        return FATE_LAST;
    }
    if (plan.operations == plan.bad_at)
        return FATE_LAST;
    plan.full = plan.full || plan.operations == plan.full_at;
    return needs_room && plan.full ? FATE_FULL : FATE_DONE;
}

bool sim_plan_read(void) {
    if (plan.unseen)
        return true;
    if (plan.dead)
        return false;
    plan.reads++;
    return plan.reads < plan.bad_from || plan.reads - plan.bad_from >= plan.bad_reads;
}

void sim_plan_dead(bool dead) {
    plan.dead = dead;
    if (!dead)
        plan.crash_at = 0;
}

/* splitmix64 */
uint64_t sim_plan_random(void) {
    uint64_t z = plan.random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

bool sim_plan_coin(void) {
    return (sim_plan_random() & 1) != 0;
}

Survival sim_plan_survival(void) {
    return (Survival)(sim_plan_random() % SURVIVE_N);
}

/* ---- sim_disk.h ---- */

uint64_t sim_disk_operations(void) {
    return plan.operations;
}

void sim_disk_crash_at(uint64_t at) {
    plan.crash_at = at;
}

void sim_disk_fail_at(uint64_t at) {
    plan.bad_at = at;
}

bool sim_disk_crashed(void) {
    return plan.dead;
}

void sim_disk_full(bool full) {
    plan.full = full;
    plan.full_at = 0;
}

void sim_disk_full_at(uint64_t at) {
    plan.full_at = at;
}

bool sim_disk_is_full(void) {
    return plan.full;
}

void sim_disk_fail_reads(uint64_t from, uint64_t n) {
    plan.bad_from = from;
    plan.bad_reads = n;
}

void sim_disk_unseen(bool unseen) {
    plan.unseen = unseen;
}

uint64_t sim_disk_reads(void) {
    return plan.reads;
}

uint64_t sim_disk_random(void) {
    return sim_plan_random();
}
