#include "api/serve.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/operator.h"
#include "cli/say.h"
#include "cli/subcommands.h"
#include "run/experiment.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static const Option options[] = {
    OPTION_CEREMONY,
    {"experiment", "NAME", NULL,
     "Which experiment of DIR is served; without it the only one, if there is one. A ceremony and "
     "an experiment may be served together."},
    {"listen", "ADDRESS:PORT", "127.0.0.1:3000",
     "Where to listen; port 0 takes a free one. Without --tls-cert it is plain HTTP: for other "
     "machines then put an HTTPS proxy before it."},
    {"tls-cert", "FILE", NULL,
     "Speak HTTPS (TLS 1.2 or newer) with this certificate: a PEM file, the server's own first, "
     "then those between it and its authority. Needs --tls-key. A renewed one is read at the next "
     "start. HTTP/2 needs a proxy."},
    {"tls-key", "FILE", NULL,
     "The certificate's key, in PEM, which others must not be able to read."},
    {"public-url", "URL", NULL,
     "How others reach the server, such as https://ceremony.example.org. Without it links lead to "
     "what each request's Host field calls it, and only who reaches it by its own IP address can "
     "sign in by a signature, with a wallet or 'convoke contribute': so behind a proxy, or where "
     "people use a name, it must be given."},
    {"trusted-proxies", "LIST", NULL,
     "Proxies before the server: addresses and ranges such as 10.0.0.0/8, comma-separated. Who "
     "asks "
     "them is read from X-Forwarded-For; without it everybody behind a proxy is one address, and "
     "limited as one. Of nobody else is that field believed, and X-Forwarded-Host and -Proto of "
     "nobody at all: give --public-url."},
    {"allow-redirects", "ORIGINS", NULL,
     "Where sign-in may lead people back to, besides this machine: origins such as "
     "https://app.example.org, comma-separated."},
    {"legacy-login", NULL, NULL,
     "Let wallets sign in with the constant text of 2022's clients too. Such a signature is good "
     "for "
     "ever: whoever sees one can sign in with it."},
    {"rates", "SIGN-INS,OTHERS,SIGNED-IN,INFO", "50,100,50,120",
     "How often one address may ask: sign-ins an hour, other requests an hour without a session, a "
     "minute with one, and status, events, pages and provers' requests a minute; 0 = as often as "
     "it likes. The fourth "
     "number is 120 if it is not given."},
    {"rate-loopback", NULL, NULL,
     "Count this machine's own requests too. They are usually the operator's, or come from a proxy "
     "that speaks for many."},
    {"max-sessions", "N", "100000",
     "How many people may be signed in at once; who is already may come in again."},
    {"threads", "N", "0", "How many threads verify; 0 = as many as there are."},
    {"log-level", "LEVEL", "info",
     "What the log tells: error, warn, info (what happens and what is refused) or debug (every "
     "request, polls too)."},
    {"log-json", NULL, NULL, "Write the log as JSON, one object a line."},
    {"port-file", "FILE", NULL, "Write the port number to FILE once it listens (for scripts)."},
    {NULL, NULL, NULL, NULL},
};

/* "127.0.0.1:3000", "[::1]:0" */
static bool parse_listen(const char *text, char *ret_address, size_t cap, uint16_t *ret_port,
                         CvkErr *err) {
    const char *colon = strrchr(text, ':');
    size_t n = colon != NULL ? (size_t)(colon - text) : 0;
    unsigned port;
    char after;
    bool brackets = n > 2 && text[0] == '[' && text[n - 1] == ']';
    const char *from = brackets ? text + 1 : text;
    n -= brackets ? 2 : 0;
    if (n == 0 || n >= cap || sscanf(colon + 1, "%5u%c", &port, &after) != 1 || port > 65535)
        return cvk_fail(err, CVK_EBADREQ, "usage.listen",
                        "--listen takes an address and a port such as 127.0.0.1:3000, not '%.60s'",
                        text);
    snprintf(ret_address, cap, "%.*s", (int)n, from);
    *ret_port = (uint16_t)port;
    return true;
}

static bool both_or_neither(const ApiOptions *o, CvkErr *err) {
    return (o->tls_cert == NULL) == (o->tls_key == NULL) ||
           cvk_fail(err, CVK_EBADREQ, "usage.tls", "--tls-cert and --tls-key go together");
}

/* "50,100,50,120"; the last may be left out. */
static bool parse_rates(const char *text, RateLimit ret[API_RATES_N], CvkErr *err) {
    unsigned n[API_RATES_N] = {[API_RATE_INFO] = api_usual_rates[API_RATE_INFO].requests};
    int three = -1, four = -1;
    int got = sscanf(text, "%6u,%6u,%6u%n,%6u%n", &n[API_RATE_LOGIN], &n[API_RATE_ANONYMOUS],
                     &n[API_RATE_SIGNED_IN], &three, &n[API_RATE_INFO], &four);
    int end = got == API_RATES_N ? four : three;
    if (got < API_RATES_N - 1 || text[end] != '\0' || strchr(text, '-') != NULL)
        return cvk_fail(err, CVK_EBADREQ, "usage.rates",
                        "--rates takes four numbers such as 50,100,50,120, not '%.60s'", text);
    for (size_t i = 0; i < API_RATES_N; i++)
        ret[i] = (RateLimit){n[i], api_usual_rates[i].per_ms};
    return true;
}

static bool parse_level(const char *text, CvkLogLevel *ret, CvkErr *err) {
    static const char *const names[] = {"error", "warn", "info", "debug"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0) {
            *ret = (CvkLogLevel)i;
            return true;
        }
    return cvk_fail(err, CVK_EBADREQ, "usage.log_level",
                    "--log-level takes error, warn, info or debug, not '%.60s'", text);
}

static bool write_port(const char *path, uint16_t port, CvkErr *err) {
    char text[16];
    int n = snprintf(text, sizeof text, "%u\n", port);
    return path == NULL || cvk_file_write(path, text, (size_t)n, 0644, err);
}

/* The signals that end a server are kept from every thread; the main thread waits for them. */
static sigset_t block_signals(void) {
    sigset_t set;
    signal(SIGXFSZ, SIG_IGN); /* a file over the operator's limit is an error like a full disk */
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return set;
}

static void wait_for_end(const sigset_t *set) {
    int got;
    while (sigwait(set, &got) != 0)
        ;
    cvk_log(LOG_INFO, "server.stopping", "signal", got == SIGTERM ? "SIGTERM" : "SIGINT", NULL);
    pthread_sigmask(SIG_UNBLOCK, set, NULL); /* a second one ends it at once */
}

/* As many connections as the limits let in need as many descriptors; the hard limit is the most we
 * can ask for. */
static void raise_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* the server says what it lacks */
}

/* Where there is none of them, the server has started without it. */
static void say_served(Node *node, const ApiOptions *o) {
    Ceremony *c;
    Experiment *e;
    CvkErr none;
    if (node_ceremony(node, o->ceremony, &c, &none))
        say_result("convoke: serving ceremony '%s'", ceremony_name(c));
    if (node_experiment(node, o->experiment, &e, &none))
        say_result("convoke: serving experiment '%s'", experiment_name(e));
}

static bool serve(Node *node, const Args *args, const ApiOptions *o, const sigset_t *signals,
                  CvkErr *err) {
    ApiServer *server;
    if (!api_serve_start(node, o, &server, err))
        return false;
    uint16_t port = api_serve_port(server);
    bool ok = write_port(args_text(args, "port-file"), port, err);
    if (ok) {
        bool ipv6 = strchr(o->address, ':') != NULL;
        say_result("convoke: listening on %s://%s%s%s:%u", o->tls_key != NULL ? "https" : "http",
                   ipv6 ? "[" : "", o->address, ipv6 ? "]" : "", port);
        say_served(node, o);
        wait_for_end(signals);
    }
    api_serve_stop(server);
    return ok;
}

static int run(const Args *args) {
    char address[64];
    RateLimit rates[API_RATES_N];
    ApiOptions o = {.address = address,
                    .rates = rates,
                    .rate_loopback = args_flag(args, "rate-loopback"),
                    .public_url = args_text(args, "public-url"),
                    .redirects = args_text(args, "allow-redirects"),
                    .trusted_proxies = args_text(args, "trusted-proxies"),
                    .tls_cert = args_text(args, "tls-cert"),
                    .tls_key = args_text(args, "tls-key"),
                    .legacy_login = args_flag(args, "legacy-login"),
                    .ceremony = args_text(args, "ceremony"),
                    .experiment = args_text(args, "experiment")};
    NodeOptions n = {.serving = true};
    uint64_t threads, sessions;
    CvkLogLevel level = LOG_INFO;
    Node *node;
    CvkErr err;
    if (!parse_listen(args_text(args, "listen"), address, sizeof address, &o.port, &err) ||
        !parse_rates(args_text(args, "rates"), rates, &err) || !both_or_neither(&o, &err) ||
        !parse_level(args_text(args, "log-level"), &level, &err) ||
        !args_uint(args, "threads", 256, &threads, &err) ||
        !args_uint(args, "max-sessions", LIMIT_SESSIONS, &sessions, &err))
        return say_error("serve", &err);
    n.threads = (unsigned)threads;
    n.sessions_max = (size_t)sessions;
    cvk_log_setup(level, args_flag(args, "log-json"));
    sigset_t signals = block_signals(); /* before any thread starts */
    raise_descriptors();
    if (!node_open(args_at(args, 0), n, &node, &err))
        return say_error("serve", &err);
    bool ok = serve(node, args, &o, &signals, &err);
    node_close(node);
    return ok ? EXIT_DONE : say_error("serve", &err);
}

const Subcommand CLI_SERVE = {
    .name = "serve",
    .purpose = "let people contribute, or prove, over HTTP",
    .usage = "DIR [--listen ADDRESS:PORT] [--public-url URL] [options]",
    .about = "Prints where it listens and what it serves, and runs until SIGTERM or Ctrl-C; then "
             "it accepts nothing "
             "new, finishes what runs (a verification, an upload) and ends. It may be killed at "
             "any moment: started again, it goes on where it was, with every session and turn. "
             "Only one server at a time runs on a directory. The log goes to standard error.",
    .options = options,
    .examples = "convoke serve ceremony-2026\n"
                "convoke serve ceremony-2026 --listen 127.0.0.1:8080 \\\n"
                "    --public-url https://ceremony.example.org",
    .exits = {{[EXIT_DONE] = "ended by a signal, everything finished",
               [EXIT_UNUSABLE] = "could not serve; standard error says why"}},
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
