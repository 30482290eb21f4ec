#include "sim/sim_shrink.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Shrunk *s;
    bool *absent;
    unsigned tries_left;
} Shrinking;

/* Does what is left still break the rule? Then it is kept, and ends there. */
static bool still(Shrinking *x) {
    SimOutcome got;
    if (x->tries_left == 0)
        return false;
    x->tries_left--;
    x->s->tries++;
    sim_try(&x->s->plan, true, &got);
    if (got.rule != x->s->outcome.rule)
        return false;
    x->s->outcome = got;
    if (got.rule != RULE_CRASHED) /* else nobody knows when it ended */
        x->s->plan.until_ms = got.ended_ms + 1;
    return true;
}

static void without_trouble(Shrinking *x) {
    bool was[TROUBLES];
    memcpy(was, x->s->plan.quiet, sizeof was);
    memset(x->s->plan.quiet, true, sizeof was);
    if (still(x))
        return;
    memcpy(x->s->plan.quiet, was, sizeof was);
    for (size_t i = 0; i < TROUBLES; i++) {
        if (was[i])
            continue;
        x->s->plan.quiet[i] = true;
        if (!still(x))
            x->s->plan.quiet[i] = false;
    }
}

/* Leaves `n` of those who are left out, from the `from`-th on. Returns how many it could. */
static uint32_t leave_out(Shrinking *x, uint32_t from, uint32_t n, uint32_t *list) {
    uint32_t done = 0, seen = 0;
    for (uint32_t i = 0; i < x->s->plan.people && done < n; i++)
        if (!x->absent[i] && seen++ >= from) {
            list[done++] = i;
            x->absent[i] = true;
        }
    return done;
}

static uint32_t left(const Shrinking *x) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->s->plan.people; i++)
        n += x->absent[i] ? 0 : 1;
    return n;
}

/* Halves, quarters ... single ones: whatever can go goes (Zeller's ddmin, without complements). */
static void without_people(Shrinking *x) {
    uint32_t *list = calloc(x->s->plan.people, sizeof *list);
    assert(list != NULL);
    for (uint32_t n = (left(x) + 1) / 2; n >= 1 && x->tries_left > 0; n = n == 1 ? 0 : (n + 1) / 2)
        for (uint32_t from = 0; from < left(x) && x->tries_left > 0;) {
            uint32_t out = leave_out(x, from, n, list);
            if (still(x))
                continue;
            for (uint32_t i = 0; i < out; i++)
                x->absent[list[i]] = false;
            from += n;
        }
    free(list);
}

void sim_shrink(const SimPlan *plan, const SimOutcome *found, unsigned tries, Shrunk *ret) {
    *ret = (Shrunk){.plan = *plan, .outcome = *found};
    Shrinking x = {.s = ret, .tries_left = tries};
    x.absent = calloc(plan->people, sizeof *x.absent);
    assert(x.absent != NULL);
    if (plan->absent != NULL)
        memcpy(x.absent, plan->absent, plan->people * sizeof *x.absent);
    ret->plan.absent = x.absent;
    if (found->rule != RULE_CRASHED)
        ret->plan.until_ms = found->ended_ms + 1;
    without_trouble(&x);
    for (uint32_t before = UINT32_MAX; left(&x) < before && x.tries_left > 0;) {
        before = left(&x);
        without_people(&x);
        without_trouble(&x);
    }
    ret->people = left(&x);
    for (size_t i = 0; i < TROUBLES; i++)
        ret->troubles += ret->plan.quiet[i] ? 0 : 1;
}

void shrunk_done(Shrunk *s) {
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): ours, see sim_shrink.h */
    free((void *)(uintptr_t)s->plan.absent);
    s->plan.absent = NULL;
}

static void print_list(FILE *out, const char *option, const bool *without, size_t n) {
    const char *before = "";
    fprintf(out, " %s ", option);
    for (size_t i = 0; i < n; i++)
        if (!without[i]) {
            fprintf(out, "%s%zu", before, i);
            before = ",";
        }
    if (*before == '\0')
        fprintf(out, "none");
}

void shrunk_command(const SimPlan *p, FILE *out) {
    fprintf(out, "tests/sim/run replay --seed %" PRIu64 " --policy %s --people %" PRIu32, p->seed,
            sim_policies[p->policy].name, p->people);
    if (p->absent != NULL)
        print_list(out, "--only", p->absent, p->people);
    print_list(out, "--trouble", p->quiet, TROUBLES);
    if (p->until_ms != 0)
        fprintf(out, " --until %" PRId64, p->until_ms);
    if (p->tamper != TAMPER_NONE)
        fprintf(out, " --tamper %s", tamper_name(p->tamper));
    fputc('\n', out);
}
