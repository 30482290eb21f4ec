/* The simulator: ceremonies in virtual time, from seeds.
 *
 *     sim seeds --from 1 --seeds 200 --block 10    TAP: a line for each block of seeds
 *     sim live --seconds 60                        as many as fit into a minute (0: no end)
 *     sim replay --seed 7 ...                      one run, everything that happens
 *     sim compare                                  idle slots: the original's lobby and ours
 *     sim lies                                     TAP: the book and the shrinker find each lie
 *     sim twice                                    TAP: a seed is a run, byte for byte
 */
#include "sim/sim_options.h"
#include "sim/sim_print.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SHRINK_TRIES = 300, FAILED_MAX = 100, COMPARE_TURNS = 300, COMPARE_SEEDS = 3 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number) {
    (void)number;
    interrupted = 1;
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- many seeds ---- */

typedef struct {
    const Options *o;
    uint64_t next;
    double from_s, told_s;
    Stats policy[SIM_POLICIES];
    SimPlan failed[FAILED_MAX];
    size_t n_failed;
    /* a line for each block, in order as they end */
    uint32_t *left; /* seeds of each block that are still to come; NULL: no lines */
    bool *bad;
    uint64_t tap;
} Many;

static bool next_seed(void *ctx, SimPlan *ret) {
    Many *m = ctx;
    const Options *o = m->o;
    bool over = m->left != NULL ? m->next >= o->from + o->seeds
                                : o->seconds != 0 && now_s() - m->from_s >= (double)o->seconds;
    if (over || interrupted)
        return false;
    *ret = o->plan;
    ret->seed = m->next++;
    if (!o->has_policy)
        ret->policy = (unsigned)(ret->seed % SIM_POLICIES);
    return true;
}

static void tell_failure(const SimPlan *plan, const SimOutcome *out, FILE *to) {
    Shrunk s;
    sim_shrink(plan, out, SHRINK_TRIES, &s);
    print_failure(to, &s);
    shrunk_done(&s);
}

static void tell_block(Many *m, uint64_t seed, bool ok) {
    uint64_t block = (seed - m->o->from) / m->o->block;
    uint64_t first = m->o->from + block * m->o->block;
    m->bad[block] = m->bad[block] || !ok;
    if (--m->left[block] > 0)
        return;
    uint64_t last = first + m->o->block - 1, end = m->o->from + m->o->seeds - 1;
    printf("%sok %" PRIu64 " - seeds %" PRIu64 " to %" PRIu64 ", %" PRIu32
           " people each, keep every rule\n",
           m->bad[block] ? "not " : "", ++m->tap, first, last < end ? last : end,
           m->o->plan.people);
    fflush(stdout);
}

static void tell_now(Many *m) {
    if (m->left != NULL || m->o->json || now_s() - m->told_s < 2)
        return;
    m->told_s = now_s();
    printf("\n%" PRIu64 " seeds, %zu failed\n", m->next - m->o->from, m->n_failed);
    print_stats(stdout, m->policy, now_s() - m->from_s);
    fflush(stdout);
}

static void seed_ended(void *ctx, const SimPlan *plan, const SimOutcome *out) {
    Many *m = ctx;
    stats_merge(&m->policy[plan->policy], &out->stats);
    if (out->rule != RULE_NONE) {
        if (m->n_failed < FAILED_MAX)
            m->failed[m->n_failed++] = *plan;
        tell_failure(plan, out, m->o->json ? stderr : stdout);
    }
    if (m->left != NULL)
        tell_block(m, plan->seed, out->rule == RULE_NONE);
    tell_now(m);
}

static Many *many_new(const Options *o, bool lines) {
    Many *m = calloc(1, sizeof *m);
    if (m == NULL)
        abort();
    *m = (Many){.o = o, .next = o->from, .from_s = now_s(), .told_s = now_s()};
    if (!lines)
        return m;
    uint64_t blocks = (o->seeds + o->block - 1) / o->block;
    m->left = calloc(blocks, sizeof *m->left);
    m->bad = calloc(blocks, sizeof *m->bad);
    if (m->left == NULL || m->bad == NULL)
        abort();
    for (uint64_t i = 0; i < o->seeds; i++)
        m->left[i / o->block]++;
    printf("1..%" PRIu64 "\n", blocks);
    fflush(stdout);
    return m;
}

static int run_many(const Options *o, bool lines) {
    Many *m = many_new(o, lines);
    Jobs jobs = {.next = next_seed, .done = seed_ended, .ctx = m};
    signal(SIGINT, on_interrupt);
    sim_jobs(&jobs, o->jobs);
    bool ok = m->n_failed == 0;
    if (o->json) {
        print_stats_json(stdout, m->policy, now_s() - m->from_s, m->failed, m->n_failed);
    } else if (!lines) {
        printf("\n");
        print_stats(stdout, m->policy, now_s() - m->from_s);
        for (size_t i = 0; i < m->n_failed; i++)
            printf("failed: seed %" PRIu64 " of %s\n", m->failed[i].seed,
                   sim_policies[m->failed[i].policy].name);
    }
    free(m->left);
    free(m->bad);
    free(m);
    return ok ? 0 : 1;
}

/* ---- one ---- */

static int replay(const Options *o) {
    SimPlan plan = o->plan;
    SimOutcome out;
    if (!o->has_policy)
        plan.policy = (unsigned)(plan.seed % SIM_POLICIES);
    setvbuf(stdout, NULL, _IOLBF, 0);
    plan.trace = stdout;
    sim_try(&plan, false, &out);
    printf("%s %s\njournal %016" PRIx64 ", %" PRIu64 " lines\n", rule_name(out.rule), out.text,
           out.journal, out.lines);
    return out.rule == RULE_NONE ? 0 : 1;
}

static int compare(const Options *o) {
    Comparison *c = malloc(sizeof *c);
    if (c == NULL)
        abort();
    sim_compare(COMPARE_TURNS, COMPARE_SEEDS, c);
    if (o->json)
        print_comparison_json(stdout, c);
    else
        print_comparison(stdout, c);
    bool ok = c->ok;
    free(c);
    return ok ? 0 : 1;
}

/* ---- tests of the simulator itself ---- */

static int tell(unsigned *n, bool ok, const char *what) {
    printf("%sok %u - %s\n", ok ? "" : "not ", ++*n, what);
    fflush(stdout);
    return ok ? 0 : 1;
}

/* The first seed in which a lie shows is made small: few people, little trouble. */
static int find_lie(const Options *o, Tamper t, unsigned *n) {
    char what[120];
    SimOutcome out = {0};
    SimPlan plan = {.people = 100, .tamper = t};
    snprintf(what, sizeof what, "a server that lies ('%s') breaks the rule '%s', in few people",
             tamper_name(t), rule_name(tamper_breaks(t)));
    for (plan.seed = o->from; plan.seed < o->from + 40 && out.rule == RULE_NONE; plan.seed++)
        sim_try(&plan, false, &out);
    if (out.rule != tamper_breaks(t)) {
        printf("# it broke '%s': %s\n", rule_name(out.rule), out.text);
        return tell(n, false, what);
    }
    plan.seed--;
    Shrunk s;
    sim_shrink(&plan, &out, SHRINK_TRIES, &s);
    printf("# seed %" PRIu64 ": %" PRIu32 " people and %" PRIu32
           " pieces of trouble are left after %u runs: %s\n",
           plan.seed, s.people, s.troubles, s.tries, s.outcome.text);
    SimOutcome again;
    sim_try(&s.plan, false, &again);
    bool ok = s.people <= 30 && s.troubles <= 2 && again.rule == tamper_breaks(t) &&
              again.journal == s.outcome.journal;
    shrunk_done(&s);
    return tell(n, ok, what);
}

static int find_lies(const Options *o) {
    unsigned n = 0;
    int bad = 0;
    printf("1..%d\n", TAMPER_N - 1);
    for (int t = TAMPER_NONE + 1; t < TAMPER_N; t++)
        bad |= find_lie(o, (Tamper)t, &n);
    return bad;
}

static int run_twice(const Options *o) {
    unsigned n = 0;
    int bad = 0;
    printf("1..%d\n", SIM_POLICIES);
    for (unsigned p = 0; p < SIM_POLICIES; p++) {
        char what[120];
        SimOutcome one, other;
        SimPlan plan = {.seed = o->from + p, .policy = p, .people = 150};
        sim_try(&plan, false, &one);
        sim_try(&plan, false, &other);
        printf("# seed %" PRIu64 " of %s: journal %016" PRIx64 ", %" PRIu64 " lines, %s\n",
               plan.seed, sim_policies[p].name, one.journal, one.lines, rule_name(one.rule));
        snprintf(what, sizeof what, "a seed of '%s' gives the same journal, byte for byte",
                 sim_policies[p].name);
        bool same = one.journal == other.journal && one.lines == other.lines &&
                    one.stats.happenings == other.stats.happenings;
        bad |= tell(&n, same && one.lines > 100, what);
    }
    return bad;
}

/* The figure: at 200 waiting and more, a slot of ours lies idle for two seconds at most. */
static int compare_test(void) {
    unsigned n = 0;
    int bad = 0;
    Comparison *c = malloc(sizeof *c);
    if (c == NULL)
        abort();
    printf("1..%d\n", COMPARE_SIZES);
    sim_compare(COMPARE_TURNS, COMPARE_SEEDS, c);
    for (size_t i = 0; i < COMPARE_SIZES; i++) {
        char what[120];
        const Spans *queue = &c->stats[i][COMPARE_QUEUE].idle;
        const Spans *original = &c->stats[i][COMPARE_ORIGINAL].idle;
        printf("# %" PRIu32 " waiting: idle %" PRId64 " ms a turn in our queue, %" PRId64
               " ms in the original's lobby\n",
               compare_sizes[i], spans_mean(queue), spans_mean(original));
        snprintf(what, sizeof what, "with %" PRIu32 " who ask every 30 s, a slot lies idle for %s",
                 compare_sizes[i], compare_sizes[i] >= 200 ? "2 s at most" : "less than 15 s");
        int64_t most = compare_sizes[i] >= 200 ? 2000 : 15000;
        bad |= tell(&n, c->ok && queue->n >= COMPARE_TURNS / 2 && spans_mean(queue) <= most, what);
    }
    free(c);
    return bad;
}

int main(int argc, char **argv) {
    Options o;
    int status = 2;
    if (!options_read(argc, argv, &o))
        return 2;
    if (strcmp(o.command, "seeds") == 0)
        status = run_many(&o, true);
    else if (strcmp(o.command, "live") == 0)
        status = run_many(&o, false);
    else if (strcmp(o.command, "replay") == 0)
        status = replay(&o);
    else if (strcmp(o.command, "compare") == 0)
        status = compare(&o);
    else if (strcmp(o.command, "compare-test") == 0)
        status = compare_test();
    else if (strcmp(o.command, "lies") == 0)
        status = find_lies(&o);
    else if (strcmp(o.command, "twice") == 0)
        status = run_twice(&o);
    else
        fprintf(stderr, "usage: sim seeds|live|replay|compare|compare-test|lies|twice [--option "
                        "value]...: see sim_main.c\n");
    options_done(&o);
    return status;
}
