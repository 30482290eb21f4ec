/* A whole server over a fresh directory, for test_api.py: tiny sizes, no waiting between check-ins.
 *
 *     api_server DIR N_INVITATIONS [REDIRECTS]
 *
 * Prints its port, then the invitations, each with its identity. Stops when standard input ends or
 * on SIGTERM. */
#include "api/serve.h"
#include "base/log.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char sizes[] = "4,3:8,3:16,3";

static int fail(const CvkErr *err) {
    fprintf(stderr, "api_server: %s: %s\n", err->id, err->msg);
    return 1;
}

static void on_term(int sig) {
    (void)sig;
    close(STDIN_FILENO); /* the read below then ends */
}

static bool make_dir(const char *dir, const char *const *settings, CvkErr *err) {
    Node *n;
    if (!node_init(dir, err) || !node_open(dir, (NodeOptions){.threads = 1}, &n, err))
        return false;
    bool ok = node_ceremony_new(n, "tiny", "kzg", sizes, settings, err);
    node_close(n);
    return ok;
}

static bool print_invitations(Node *n, int count, CvkErr *err) {
    for (int i = 0; i < count; i++) {
        char text[256], identity[LIMIT_IDENTITY + 1];
        if (!node_invite(n, NULL, text, identity, err))
            return false;
        printf("%s %s\n", text, identity);
    }
    fflush(stdout);
    return true;
}

int main(int argc, char **argv) {
    static const char *const settings[] = {"checkin_every_s=10", "checkin_tolerance_s=10", NULL};
    Node *node;
    ApiServer *server;
    CvkErr err;
    struct sigaction act = {.sa_handler = on_term};
    if (argc < 3)
        return 2;
    sigaction(SIGTERM, &act, NULL);
    cvk_log_setup(getenv("PROBE_DEBUG") != NULL ? LOG_DEBUG : LOG_ERROR, false);
    if (!make_dir(argv[1], settings, &err) ||
        !node_open(argv[1], (NodeOptions){.serving = true, .threads = 2}, &node, &err))
        return fail(&err);
    ApiOptions o = {.redirects = argc > 3 ? argv[3] : NULL};
    if (!api_serve_start(node, &o, &server, &err))
        return fail(&err);
    printf("%u\n", api_serve_port(server));
    if (!print_invitations(node, (int)strtol(argv[2], NULL, 10), &err))
        return fail(&err);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    api_serve_stop(server);
    node_close(node);
    return 0;
}
