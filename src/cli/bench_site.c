#include "cli/bench_site.h"

#include "base/alloc.h"
#include "cli/bench_program.h"
#include "cli/say.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SELF "/proc/self/exe"
#define START_TRIES 600 /* of 50 ms */
#define OPTIONS_MAX 8

bool bench_site_possible(const char *name) {
    bool ok = access(SELF, X_OK) == 0;
    if (!ok)
        say_step("%s: skipped: this system has no /proc", name);
    return ok;
}

/* ---- processes ---- */

pid_t bench_spawn(char *const argv[]) {
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    if (freopen("/dev/null", "w", stdout) != NULL && freopen("/dev/null", "w", stderr) != NULL)
        execv(SELF, argv);
    _exit(127);
}

bool bench_ended_well(pid_t pid) {
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ---- people ---- */

static bool sign_in(Node *node, Ceremony *c, const char *invitation, char ret[LOAD_SESSION_TEXT],
                    CvkErr *err) {
    char state[AUTH_STATE_MAX], redirect[LIMIT_REDIRECT + 1];
    SignedIn in;
    SignInResult result;
    if (!node_login_state(node, "", state, err) ||
        !node_sign_in(node, c,
                      &(SignInProof){.server = "127.0.0.1", .state = state, .code = invitation},
                      redirect, &in, &result, err))
        return false;
    if (result != SIGN_IN_OK)
        return cvk_fail(err, CVK_EINTERNAL, "bench.sign_in", "somebody cannot sign in");
    memcpy(ret, in.session_id, LOAD_SESSION_TEXT);
    return true;
}

bool bench_people(Node *node, Ceremony *c, size_t n, char (*ret)[LOAD_SESSION_TEXT], size_t *ret_n,
                  CvkErr *err) {
    char identity[LIMIT_IDENTITY + 1], invitation[AUTH_INVITATION_TEXT];
    for (*ret_n = 0; *ret_n < n; ++*ret_n)
        if (!node_invite(node, NULL, invitation, identity, err) ||
            !sign_in(node, c, invitation, ret[*ret_n], err))
            return false;
    return true;
}

static bool fill_ceremony(BenchSite *s, const void *ctx, Node *node, CvkErr *err) {
    const BenchSitePlan *p = ctx;
    char identity[LIMIT_IDENTITY + 1];
    Ceremony *c;
    return node_ceremony_new(node, "bench", p->preset, p->sizes, p->settings, err) &&
           node_ceremony(node, NULL, &c, err) &&
           node_invite(node, NULL, s->invitation, identity, err) &&
           bench_people(node, c, p->sessions, s->sessions, &s->n_sessions, err);
}

bool bench_site_make_with(BenchSite *s, size_t sessions,
                          bool (*fill)(BenchSite *s, const void *ctx, Node *node, CvkErr *err),
                          const void *ctx, CvkErr *err) {
    Node *node;
    *s = (BenchSite){.server = 0};
    if (!bench_dir_make(s->dir, err))
        return false;
    snprintf(s->server_dir, sizeof s->server_dir, "%s/server", s->dir);
    s->sessions = cvk_alloc(sessions + 1, sizeof *s->sessions, err);
    if (s->sessions == NULL || !node_init(s->server_dir, err) ||
        !node_open(s->server_dir, (NodeOptions){.serving = false}, &node, err))
        return false;
    bool ok = fill(s, ctx, node, err);
    node_close(node);
    return ok;
}

bool bench_site_make(BenchSite *s, const BenchSitePlan *p, CvkErr *err) {
    return bench_site_make_with(s, p->sessions, fill_ceremony, p, err);
}

/* ---- the server ---- */

/* The server writes the file once it listens. */
static bool read_port(BenchSite *s, const char *path, CvkErr *err) {
    const struct timespec pause = {.tv_nsec = 50000000};
    for (int i = 0; i < START_TRIES; i++, nanosleep(&pause, NULL)) {
        unsigned port;
        FILE *f = fopen(path, "r");
        bool ok = f != NULL && fscanf(f, "%5u", &port) == 1;
        if (f != NULL)
            fclose(f);
        if (ok) {
            s->port = (uint16_t)port;
            return true;
        }
    }
    return cvk_fail(err, CVK_EINTERNAL, "bench.server", "the server does not start");
}

bool bench_site_serve(BenchSite *s, char *const *options, CvkErr *err) {
    char port_file[128];
    snprintf(port_file, sizeof port_file, "%s/port", s->dir);
    char *argv[7 + OPTIONS_MAX + 1] = {"convoke",     "serve",       s->server_dir, "--listen",
                                       "127.0.0.1:0", "--port-file", port_file};
    for (size_t i = 0; options != NULL && options[i] != NULL && i < OPTIONS_MAX; i++)
        argv[7 + i] = options[i];
    unlink(port_file);
    s->server = bench_spawn(argv);
    if (s->server < 0)
        return cvk_fail_errno(err, "bench.server", "cannot start a server");
    return read_port(s, port_file, err);
}

/* "VmHWM:   123 kB" */
bool bench_site_memory(const BenchSite *s, const char *what, double *ret_mb, CvkErr *err) {
    char path[64], line[128];
    unsigned long kb = 0;
    size_t n = strlen(what);
    snprintf(path, sizeof path, "/proc/%ld/status", (long)s->server);
    FILE *f = fopen(path, "r");
    while (f != NULL && kb == 0 && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, what, n) == 0 && line[n] == ':')
            kb = strtoul(line + n + 1, NULL, 10);
    if (f != NULL)
        fclose(f);
    *ret_mb = (double)kb * 1024 / 1e6;
    return kb > 0 || cvk_fail(err, CVK_EINTERNAL, "bench.proc", "the system tells no memory");
}

void bench_site_end(BenchSite *s) {
    if (s->server > 0) {
        kill(s->server, SIGTERM);
        bench_ended_well(s->server);
    }
    if (s->dir[0] != '\0')
        bench_dir_remove(s->dir);
    free(s->sessions);
    *s = (BenchSite){.server = 0};
}
