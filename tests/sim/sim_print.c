#include "sim/sim_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TRACE_LINES = 60, TRACE_WIDTH = 200 };

static double seconds(int64_t ms) {
    return (double)ms / 1000;
}

static double share(uint64_t part, uint64_t of) {
    return of == 0 ? 0 : 100.0 * (double)part / (double)of;
}

/* ---- figures ---- */

static void print_policy(FILE *out, const char *name, const Stats *s) {
    double hours = seconds(s->virtual_ms) / 3600;
    fprintf(out, "%-20s %6" PRIu64 " %8" PRIu64 " %8.0f %8.0f %9.0f %7.2f %6.2f %6.1f\n", name,
            s->ceremonies, s->turns, hours > 0 ? (double)s->accepted / hours : 0,
            seconds(spans_part(&s->waits, 50)), seconds(spans_part(&s->waits, 90)),
            seconds(spans_mean(&s->idle)), seconds(spans_part(&s->idle, 90)),
            share(stats_failed(s), s->turns));
}

static void print_causes(FILE *out, const Stats *s) {
    fprintf(out, "failed turns: %.1f %% not come for, %.1f %% fetching, %.1f %% computing, ",
            share(s->expired[PHASE_OFFERED], s->turns), share(s->expired[PHASE_FETCHING], s->turns),
            share(s->expired[PHASE_COMPUTING], s->turns));
    fprintf(out, "%.1f %% uploading (%.1f %% stalled), %.1f %% verifying, ",
            share(s->expired[PHASE_UPLOADING], s->turns), share(s->stalled, s->turns),
            share(s->expired[PHASE_VERIFYING], s->turns));
    fprintf(out, "%.1f %% invalid, %.1f %% given up\n", share(s->refused, s->turns),
            share(s->aborted, s->turns));
}

void print_stats(FILE *out, const Stats policy[SIM_POLICIES], double real_s) {
    Stats all = {0};
    fprintf(out, "%-20s %6s %8s %8s %8s %9s %7s %6s %6s\n", "policy", "runs", "turns", "contr/h",
            "wait s", "wait 90 %", "idle s", "90 %", "fail %");
    for (size_t i = 0; i < SIM_POLICIES; i++) {
        if (policy[i].ceremonies != 0)
            print_policy(out, sim_policies[i].name, &policy[i]);
        stats_merge(&all, &policy[i]);
    }
    print_policy(out, "all", &all);
    print_causes(out, &all);
    fprintf(out,
            "%" PRIu64 " ceremonies, %.0f hours of theirs in %.1f s: %" PRIu64
            " happenings, %" PRIu64 " commands (%.0f a second and process), %" PRIu64
            " lines of journals, %" PRIu64 " starts, %" PRIu64 " pieces of trouble\n",
            all.ceremonies, seconds(all.virtual_ms) / 3600, real_s, all.happenings, all.commands,
            all.real_us > 0 ? (double)all.commands * 1e6 / (double)all.real_us : 0, all.events,
            all.starts, all.troubles);
}

static void json_policy(FILE *out, const char *name, const Stats *s) {
    double hours = seconds(s->virtual_ms) / 3600;
    fprintf(out,
            "{\"policy\":\"%s\",\"ceremonies\":%" PRIu64 ",\"turns\":%" PRIu64
            ",\"accepted\":%" PRIu64 ",\"contributions_an_hour\":%.1f,\"events\":%" PRIu64
            ",\"commands\":%" PRIu64,
            name, s->ceremonies, s->turns, s->accepted, hours > 0 ? (double)s->accepted / hours : 0,
            s->events, s->commands);
    fprintf(out,
            ",\"wait_s\":{\"median\":%.3f,\"p90\":%.3f},\"idle_s\":{\"mean\":%.3f,\"median\":%.3f,"
            "\"p90\":%.3f,\"max\":%.3f}",
            seconds(spans_part(&s->waits, 50)), seconds(spans_part(&s->waits, 90)),
            seconds(spans_mean(&s->idle)), seconds(spans_part(&s->idle, 50)),
            seconds(spans_part(&s->idle, 90)), seconds(s->idle.max_ms));
    fprintf(out, ",\"failed\":{\"refused\":%" PRIu64 ",\"aborted\":%" PRIu64, s->refused,
            s->aborted);
    for (int p = 0; p < PHASE_N; p++)
        fprintf(out, ",\"expired_%s\":%" PRIu64, phase_name((Phase)p), s->expired[p]);
    fprintf(out, "}}");
}

void print_stats_json(FILE *out, const Stats policy[SIM_POLICIES], double real_s,
                      const SimPlan *failed, size_t n_failed) {
    fprintf(out, "{\"real_s\":%.3f,\"policies\":[", real_s);
    for (size_t i = 0; i < SIM_POLICIES; i++) {
        fputs(i == 0 ? "" : ",", out);
        json_policy(out, sim_policies[i].name, &policy[i]);
    }
    fprintf(out, "],\"failed_seeds\":[");
    for (size_t i = 0; i < n_failed; i++)
        fprintf(out, "%s{\"seed\":%" PRIu64 ",\"policy\":\"%s\"}", i == 0 ? "" : ",",
                failed[i].seed, sim_policies[failed[i].policy].name);
    fprintf(out, "]}\n");
}

/* ---- the comparison ---- */

void print_comparison(FILE *out, const Comparison *c) {
    fprintf(out, "idle slot time per turn, with people who ask every 30 s:\n");
    fprintf(out, "%8s  %-15s %6s %7s %7s %7s %7s\n", "waiting", "who is next", "turns", "mean s",
            "median", "90 %", "most");
    for (size_t i = 0; i < COMPARE_SIZES; i++)
        for (int k = 0; k < COMPARE_N; k++) {
            const Spans *s = &c->stats[i][k].idle;
            fprintf(out, "%8" PRIu32 "  %-15s %6" PRIu64 " %7.2f %7.2f %7.2f %7.2f\n",
                    compare_sizes[i], compared_name((Compared)k), s->n, seconds(spans_mean(s)),
                    seconds(spans_part(s, 50)), seconds(spans_part(s, 90)), seconds(s->max_ms));
        }
}

void print_comparison_json(FILE *out, const Comparison *c) {
    const char *before = "";
    fprintf(out, "[");
    for (size_t i = 0; i < COMPARE_SIZES; i++)
        for (int k = 0; k < COMPARE_N; k++) {
            const Spans *s = &c->stats[i][k].idle;
            fprintf(out,
                    "%s{\"waiting\":%" PRIu32 ",\"who\":\"%s\",\"turns\":%" PRIu64
                    ",\"idle_s\":{\"mean\":%.3f,\"median\":%.3f,\"p90\":%.3f,\"max\":%.3f}}",
                    before, compare_sizes[i], compared_name((Compared)k), s->n,
                    seconds(spans_mean(s)), seconds(spans_part(s, 50)), seconds(spans_part(s, 90)),
                    seconds(s->max_ms));
            before = ",";
        }
    fprintf(out, "]\n");
}

/* ---- failures ---- */

/* The last lines of a trace, as comments of TAP. */
static void print_tail(FILE *out, FILE *trace) {
    static char line[TRACE_LINES][4096];
    size_t n = 0;
    rewind(trace);
    while (fgets(line[n % TRACE_LINES], sizeof line[0], trace) != NULL)
        n++;
    for (size_t i = n > TRACE_LINES ? n - TRACE_LINES : 0; i < n; i++) {
        char *text = line[i % TRACE_LINES];
        text[strcspn(text, "\n")] = '\0';
        fprintf(out, "#   %.*s\n", TRACE_WIDTH, text);
    }
}

void print_failure(FILE *out, const Shrunk *s) {
    SimPlan again = s->plan;
    SimOutcome got;
    fprintf(out,
            "# seed %" PRIu64 " of %s breaks '%s': %s\n"
            "# with %" PRIu32 " people and %" PRIu32 " pieces of trouble (%u runs to find that)\n",
            s->plan.seed, sim_policies[s->plan.policy].name, rule_name(s->outcome.rule),
            s->outcome.text, s->people, s->troubles, s->tries);
    again.trace = tmpfile();
    if (again.trace != NULL) {
        setvbuf(again.trace, NULL, _IOLBF, 0); /* one that dies has told everything */
        sim_try(&again, false, &got);
        print_tail(out, again.trace);
        fclose(again.trace);
    }
    fprintf(out, "# again: ");
    shrunk_command(&s->plan, out);
    fflush(out);
}
