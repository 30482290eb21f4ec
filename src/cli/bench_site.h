/* A real server in a temporary directory, for what is measured over HTTP: this program again, as a
 * process of its own, with people who have signed in. Threads: one. */
#pragma once

#include "auth/auth.h"
#include "cli/load.h"
#include "run/node.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct {
    char dir[64];                          /* all of it */
    char server_dir[128];                  /* of the server */
    char invitation[AUTH_INVITATION_TEXT]; /* of somebody who has not signed in */
    char (*sessions)[LOAD_SESSION_TEXT];
    size_t n_sessions;
    pid_t server; /* 0: none */
    uint16_t port;
} BenchSite;

/* Can this system do it? Otherwise it is told that `name` is skipped. */
bool bench_site_possible(const char *name);

typedef struct {
    const char *preset, *sizes;  /* sizes NULL: the preset's */
    const char *const *settings; /* as of node_ceremony_new */
    size_t sessions;             /* that have signed in; about 1 ms each */
} BenchSitePlan;
/* False: what there is so far still wants bench_site_end. */
bool bench_site_make(BenchSite *s, const BenchSitePlan *p, CvkErr *err) MUST_USE;
/* The same with whatever `fill` puts into the node; there is room for so many sessions. */
bool bench_site_make_with(BenchSite *s, size_t sessions,
                          bool (*fill)(BenchSite *s, const void *ctx, Node *node, CvkErr *err),
                          const void *ctx, CvkErr *err) MUST_USE;
/* Starts it, with further options of `serve` (NULL-terminated, may be NULL). */
bool bench_site_serve(BenchSite *s, char *const *options, CvkErr *err) MUST_USE;
/* What /proc says of the server's memory: "VmHWM" (the most ever), "VmRSS" (now). */
bool bench_site_memory(const BenchSite *s, const char *what, double *ret_mb, CvkErr *err) MUST_USE;
/* Stops the server and removes the directory. */
void bench_site_end(BenchSite *s);

/* Invites `n` people and signs them in; *ret_n: how many were, also on failure. */
bool bench_people(Node *node, Ceremony *c, size_t n, char (*ret)[LOAD_SESSION_TEXT], size_t *ret_n,
                  CvkErr *err) MUST_USE;

/* This program with these arguments (NULL-terminated), silent; and its end: false unless it ended
 * with 0. */
pid_t bench_spawn(char *const argv[]);
bool bench_ended_well(pid_t pid);
