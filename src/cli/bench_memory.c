/* The memory of a real server at the four sizes, while somebody contributes to it. What is asked of
 * /proc exists on Linux only; elsewhere the row is told as skipped. */
#include "auth/auth.h"
#include "cli/bench.h"
#include "cli/say.h"
#include "run/node.h"
#include "setup/kzg_wire.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SELF "/proc/self/exe"
#define START_TRIES 200 /* of 50 ms */

typedef struct {
    char dir[64], server_dir[128], port_file[128], out[128];
    char invitation[AUTH_INVITATION_TEXT];
    pid_t server;
} Run;

static bool prepare(Run *r, CvkErr *err) {
    char identity[LIMIT_IDENTITY + 1];
    const char *const settings[] = {"checkin_every_s=1", NULL};
    Node *node;
    snprintf(r->dir, sizeof r->dir, "/tmp/convoke-bench.XXXXXX");
    if (mkdtemp(r->dir) == NULL)
        return cvk_fail_errno(err, "bench.dir", "cannot make a directory in /tmp");
    snprintf(r->server_dir, sizeof r->server_dir, "%s/server", r->dir);
    snprintf(r->port_file, sizeof r->port_file, "%s/port", r->dir);
    snprintf(r->out, sizeof r->out, "%s/contribution", r->dir);
    if (!node_init(r->server_dir, err) ||
        !node_open(r->server_dir, (NodeOptions){.serving = false}, &node, err))
        return false;
    bool ok = node_ceremony_new(node, "bench", "ethereum", NULL, settings, err) &&
              node_invite(node, NULL, r->invitation, identity, err);
    node_close(node);
    return ok;
}

static pid_t spawn(char *const argv[]) {
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    if (freopen("/dev/null", "w", stdout) != NULL && freopen("/dev/null", "w", stderr) != NULL)
        execv(SELF, argv);
    _exit(127);
}

static bool ended_well(pid_t pid) {
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The server writes the file once it listens. */
static bool read_port(const Run *r, char ret_url[64], CvkErr *err) {
    const struct timespec pause = {.tv_nsec = 50000000};
    for (int i = 0; i < START_TRIES; i++, nanosleep(&pause, NULL)) {
        unsigned port;
        FILE *f = fopen(r->port_file, "r");
        bool ok = f != NULL && fscanf(f, "%5u", &port) == 1;
        if (f != NULL)
            fclose(f);
        if (ok) {
            snprintf(ret_url, 64, "http://127.0.0.1:%u", port);
            return true;
        }
    }
    return cvk_fail(err, CVK_EINTERNAL, "bench.server", "the server does not start");
}

/* The peak resident size, from "VmHWM:   123 kB". */
static bool read_peak(pid_t pid, double *ret_mb, CvkErr *err) {
    char path[64], line[128];
    unsigned long kb = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    FILE *f = fopen(path, "r");
    while (f != NULL && kb == 0 && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "VmHWM: %lu kB", &kb) != 1)
            kb = 0;
    if (f != NULL)
        fclose(f);
    *ret_mb = (double)kb * 1024 / 1e6;
    return kb > 0 || cvk_fail(err, CVK_EINTERNAL, "bench.proc", "the system tells no peak");
}

static bool measure(Run *r, double *ret_mb, CvkErr *err) {
    char url[64];
    char *serve[] = {"convoke",     "serve",       r->server_dir, "--listen",
                     "127.0.0.1:0", "--port-file", r->port_file,  NULL};
    char *contribute[] = {"convoke",     "contribute", url,    "--invitation",
                          r->invitation, "--dir",      r->out, NULL};
    r->server = spawn(serve);
    if (r->server < 0)
        return cvk_fail_errno(err, "bench.server", "cannot start a server");
    if (!read_port(r, url, err))
        return false;
    pid_t client = spawn(contribute);
    if (client < 0 || !ended_well(client))
        return cvk_fail(err, CVK_EINTERNAL, "bench.client", "the contribution fails");
    return read_peak(r->server, ret_mb, err);
}

static void clean_up(const Run *r) {
    char *rm[] = {"rm", "-rf", "--", NULL, NULL};
    char dir[sizeof r->dir];
    if (r->server > 0) {
        kill(r->server, SIGTERM);
        ended_well(r->server);
    }
    snprintf(dir, sizeof dir, "%s", r->dir);
    rm[3] = dir;
    pid_t pid = fork();
    if (pid == 0) {
        execvp("rm", rm);
        _exit(127);
    }
    if (pid > 0)
        ended_well(pid);
}

bool bench_kzg_memory(const Bench *b, CvkErr *err) {
    Run r = {.server = 0};
    double mb = 0;
    size_t n = 0;
    if (access(SELF, X_OK) != 0) {
        say_step("kzg.memory: skipped: this system has no /proc");
        return true;
    }
    bool ok = prepare(&r, err) && measure(&r, &mb, err);
    if (r.dir[0] != '\0')
        clean_up(&r);
    for (size_t i = 0; i < KZG_SIZES_ETHEREUM.n; i++)
        n += KZG_SIZES_ETHEREUM.at[i].n_g1 + KZG_SIZES_ETHEREUM.at[i].n_g2;
    if (ok)
        b->row(b->ctx, &(BenchRow){.name = "kzg.memory", .n = n, .value = mb, .unit = "MB"});
    return ok;
}
