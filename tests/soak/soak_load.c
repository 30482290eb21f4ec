/* What soak.py cannot do fast enough:
 *
 *     soak_load people DIR N                   invites N people, signs them in, prints their
 * sessions soak_load load PORT FILE RATE SECONDS    plays the sessions in FILE, RATE check-ins a
 * second
 *
 * The second prints what came back as one JSON object a line: "turn" for a check-in that got the
 * challenge, "odd" for each answer that is neither that nor busy, "second" for the sums. */
#include "cli/bench_site.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SESSIONS_MAX 100000
#define CONNECTIONS 512

static int fail(const CvkErr *err) {
    fprintf(stderr, "soak_load: %s: %s\n", err->id, err->msg);
    return 2;
}

/* ---- people ---- */

static int make_people(const char *dir, size_t n) {
    CvkErr err;
    Node *node;
    Ceremony *c;
    size_t made = 0;
    if (!node_open(dir, (NodeOptions){.serving = false}, &node, &err))
        return fail(&err);
    char(*sessions)[LOAD_SESSION_TEXT] = calloc(n + 1, sizeof *sessions);
    bool ok = sessions != NULL && node_ceremony(node, NULL, &c, &err) &&
              bench_people(node, c, n, sessions, &made, &err);
    for (size_t i = 0; i < made; i++)
        puts(sessions[i]);
    free(sessions);
    node_close(node);
    return ok ? 0 : fail(&err);
}

/* ---- load ---- */

typedef struct {
    char (*sessions)[LOAD_SESSION_TEXT];
    size_t n;
    int64_t second; /* that is being counted */
    uint64_t answers, busy, turns, odd;
    LoadTimes times, all;
} Soak;

static int64_t wall_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void put_sums(Soak *s, int64_t now_ms) {
    printf("{\"second\":%.3f,\"answers\":%" PRIu64 ",\"busy\":%" PRIu64 ",\"turns\":%" PRIu64
           ",\"odd\":%" PRIu64 ",\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}\n",
           (double)now_ms / 1e3, s->answers, s->busy, s->turns, s->odd,
           load_times_ms(&s->times, 50), load_times_ms(&s->times, 99),
           load_times_ms(&s->times, 100));
    fflush(stdout);
    s->answers = s->busy = s->turns = s->odd = 0;
    s->times.n = 0;
}

/* What stands in "code":"...", as far as it is plain. */
static void code_of(const char *body, char ret[80]) {
    const char *at = strstr(body, "\"code\":\"");
    ret[0] = '\0';
    if (at != NULL && sscanf(at + 8, "%79[A-Za-z0-9:_]", ret) != 1)
        ret[0] = '\0';
}

static void put_odd(const LoadAnswer *a, const Soak *s, int64_t now_ms) {
    char code[80];
    code_of(a->body, code);
    printf("{\"odd\":%.3f,\"status\":%d,\"code\":\"%s\",\"why\":\"%s\",\"began\":%.3f,"
           "\"session\":\"%s\"}\n",
           (double)now_ms / 1e3, a->status, code, a->why != NULL ? a->why : "",
           (double)now_ms / 1e3 - (double)a->wait_us / 1e6, s->sessions[a->session]);
    fflush(stdout);
}

static void take(void *ctx, const LoadAnswer *a) {
    Soak *s = ctx;
    int64_t now_ms = wall_ms();
    if (now_ms / 1000 != s->second) {
        put_sums(s, now_ms);
        s->second = now_ms / 1000;
    }
    s->answers++;
    load_times_add(&s->times, a->wait_us);
    if (a->status != 0)
        load_times_add(&s->all, a->wait_us);
    if (a->status == 200 && strstr(a->body, "AnotherContributionInProgress") != NULL) {
        s->busy++;
    } else if (a->status == 200 && strncmp(a->body, "{\"contributions\"", 16) == 0) {
        s->turns++;
        printf("{\"turn\":%.3f,\"session\":\"%s\"}\n", (double)now_ms / 1e3,
               s->sessions[a->session]);
        fflush(stdout);
    } else {
        s->odd++;
        put_odd(a, s, now_ms);
    }
}

static bool read_sessions(const char *path, Soak *s) {
    char line[64];
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return false;
    while (s->n < SESSIONS_MAX && fgets(line, sizeof line, f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        snprintf(s->sessions[s->n++], LOAD_SESSION_TEXT, "%.36s", line);
    }
    fclose(f);
    return s->n != 0;
}

static int play(uint16_t port, const char *path, double rate, int64_t seconds) {
    Soak s = {.sessions = calloc(SESSIONS_MAX, sizeof *s.sessions)};
    CvkErr err;
    if (s.sessions == NULL || !read_sessions(path, &s)) {
        fprintf(stderr, "soak_load: cannot read '%s'\n", path);
        free(s.sessions);
        return 2;
    }
    const LoadPlan p = {.port = port,
                        .request = "POST /lobby/try_contribute",
                        .sessions = (const char(*)[LOAD_SESSION_TEXT])s.sessions,
                        .n_sessions = s.n,
                        .connections = CONNECTIONS,
                        .fresh = true,
                        .per_second = rate,
                        .for_ms = seconds * 1000,
                        .answer = take,
                        .ctx = &s};
    bool ok = load_run(&p, &err);
    put_sums(&s, wall_ms());
    printf("{\"all\":%zu,\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}\n",
           s.all.n, load_times_ms(&s.all, 50), load_times_ms(&s.all, 90), load_times_ms(&s.all, 99),
           load_times_ms(&s.all, 99.9), load_times_ms(&s.all, 100));
    load_times_done(&s.times);
    load_times_done(&s.all);
    free(s.sessions);
    return ok ? 0 : fail(&err);
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "people") == 0)
        return make_people(argv[2], strtoul(argv[3], NULL, 10));
    if (argc == 6 && strcmp(argv[1], "load") == 0)
        return play((uint16_t)strtoul(argv[2], NULL, 10), argv[3], strtod(argv[4], NULL),
                    strtoll(argv[5], NULL, 10));
    fprintf(stderr, "usage: soak_load people DIR N | soak_load load PORT FILE RATE SECONDS\n");
    return 2;
}
