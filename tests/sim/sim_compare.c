#include "sim/sim_compare.h"

#include "sim/sim_jobs.h"
#include "sim/sim_original.h"

#include <assert.h>

const uint32_t compare_sizes[COMPARE_SIZES] = {50, 200, 1000};

const char *compared_name(Compared c) {
    static const char *const names[COMPARE_N] = {"original lobby", "our lobby", "our queue"};
    return names[c];
}

static void run_original(uint64_t seed, uint32_t waiting, uint32_t turns, Stats *ret) {
    Crowd crowd;
    Stats one = {0};
    crowd_draw(seed, waiting + turns, &crowd);
    crowd.plain = true;
    original_lobby(seed, waiting, turns, &crowd, SIM_VERIFY_MS, &one);
    stats_merge(ret, &one);
}

static bool run_ours(uint64_t seed, const char *policy, uint32_t waiting, uint32_t turns,
                     Stats *ret) {
    int which = sim_policy_find(policy);
    assert(which >= 0);
    SimPlan plan = {.seed = seed,
                    .policy = (unsigned)which,
                    .people = waiting + turns,
                    .keep = waiting,
                    .turns = turns,
                    .tick_ms = 200};
    SimOutcome out;
    sim_try(&plan, false, &out);
    if (out.rule != RULE_NONE)
        fprintf(stderr, "# compare: seed %llu of %s breaks '%s': %s\n", (unsigned long long)seed,
                policy, rule_name(out.rule), out.text);
    stats_merge(ret, &out.stats);
    return out.rule == RULE_NONE;
}

void sim_compare(uint32_t turns, uint32_t seeds, Comparison *ret) {
    *ret = (Comparison){.ok = true};
    for (uint32_t i = 0; i < COMPARE_SIZES; i++)
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            Stats *s = ret->stats[i];
            run_original(seed, compare_sizes[i], turns, &s[COMPARE_ORIGINAL]);
            ret->ok = run_ours(seed, "ethereum", compare_sizes[i], turns, &s[COMPARE_LOBBY]) &&
                      run_ours(seed, "kzg", compare_sizes[i], turns, &s[COMPARE_QUEUE]) && ret->ok;
        }
}
