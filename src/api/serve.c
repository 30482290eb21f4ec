#include "api/serve.h"

#include "api/app.h"
#include "api/rates.h"
#include "auth/auth.h"
#include "auth/redirect.h"
#include "auth/uri.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "http/server.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#define ROUTES_MAX 64
#define COMMIT_THREADS 1 /* one writes at a time */
#define FILE_THREADS 2   /* a file of a slow disk, and another */

struct ApiServer {
    App app;
    ProxyList *proxies;
    CvkPool *side;    /* makes what anybody may ask for, and judges proofs */
    CvkPool *commits; /* of LANE_COMMIT */
    CvkPool *files;   /* of LANE_FILE */
    HttpServer *http;
    HttpRoute routes[ROUTES_MAX]; /* of what is served */
    size_t n_routes;
};

static const HttpRoute ceremony_routes[] = {
    {"GET", "/auth/request_link", &on_request_link, COUNT_BY_SESSION},
    {"GET", "/auth/callback/eth", &on_callback_eth, COUNT_LOGIN},
    {"GET", "/auth/callback/github", &on_callback_github, COUNT_LOGIN},
    {"GET", "/auth/sign_in", &on_sign_in_page, COUNT_INFO},
    {"POST", "/auth/sign_in", &on_sign_in_form, COUNT_LOGIN},
    {"POST", "/logout", &on_log_out, COUNT_BY_SESSION},
    {"GET", "/auth/nonce", &on_nonce, COUNT_BY_SESSION},
    {"POST", "/login", &on_login, COUNT_LOGIN},
    {"POST", "/lobby/try_contribute", &on_try_contribute, COUNT_CHECK_IN},
    {"POST", "/contribute", &on_contribute, COUNT_TURN},
    {"POST", "/contribution/abort", &on_abort, COUNT_TURN}, /* the specification's, */
    {"POST", "/contribute/abort", &on_abort, COUNT_TURN},   /* and the original server's */
    {"POST", "/queue/join", &on_queue_join, COUNT_BY_SESSION},
    {"POST", "/queue/checkin", &on_queue_check_in, COUNT_CHECK_IN},
    {"POST", "/queue/leave", &on_queue_leave, COUNT_LOGIN},
    {"POST", "/contribution/start", &on_start, COUNT_TURN},
    {"POST", "/contribution/complete", &on_contribute, COUNT_TURN},
    {"GET", "/info/status", &on_status, COUNT_INFO},
    {"GET", "/info/current_state", &on_current_state, COUNT_BY_SESSION},
    {"GET", "/ceremony/status", &on_ceremony_status, COUNT_INFO},
    {"GET", "/events", &on_events, COUNT_INFO},
    {"GET", "/events/me", &on_own_events, COUNT_BY_SESSION},
    {"GET", "/receipt", &on_own_receipt, COUNT_BY_SESSION},
    {"GET", "/receipt/*", &on_receipt, COUNT_BY_SESSION},
    {"GET", "/", &on_home, COUNT_INFO},
    {"GET", "/style.css", &on_style, COUNT_INFO},
    {"GET", "/sign_in.js", &on_script, COUNT_INFO},
    {"GET", "/journal/head", &on_journal_head, COUNT_INFO},
};

static const HttpRoute market_routes[] = {
    {"GET", "//get_batch", &on_get_batch, COUNT_MARKET},
    {"POST", "//submit_proof", &on_submit_proof, COUNT_MARKET},
    {"POST", "//get_batch", &on_submit_proof, COUNT_MARKET}, /* as the protocol's text has it */
    {"GET", "//static/*", &on_batch_file, COUNT_MARKET},
    {"GET", "//static/*/*", &on_batch_file, COUNT_MARKET},
    {"GET", "//experiment", &on_experiment, COUNT_MARKET},
};

static const HttpRoute market_home[] = {
    {"GET", "/", &on_experiment, COUNT_MARKET}, /* where there is no ceremony */
};

static const HttpRoute common_routes[] = {
    {"GET", "/metrics", &on_metrics, COUNT_INFO},
    {"GET", "/health", &on_health, COUNT_NOT},
};

static ApiServer *server_free(ApiServer *s) {
    if (s == NULL)
        return NULL;
    rate_free(s->app.rates);
    park_gate_free(s->app.gate);
    stream_gate_free(s->app.streams);
    market_api_free(s->app.market);
    free(s->app.public_url);
    free(s->app.redirects);
    proxies_free(s->proxies);
    cvk_pool_free(s->side);
    cvk_pool_free(s->commits);
    cvk_pool_free(s->files);
    free(s);
    return NULL;
}

/* "https://host/prefix/" -> "https://host/prefix"; what could not stand in a page is refused. */
static bool take_public_url(App *app, const char *url, CvkErr *err) {
    if (url == NULL)
        return true;
    char name[AUTH_SERVER_MAX];
    bool is_url = strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
    if (!is_url || !uri_is_valid(url, strlen(url)) || !auth_server_name(url, name) ||
        strpbrk(url, "'&?#") != NULL)
        return cvk_fail(err, CVK_EBADREQ, "api.public_url",
                        "'%.200s' is no address such as https://ceremony.example.org", url);
    app->public_url = cvk_strdup(url, err);
    if (app->public_url == NULL)
        return false;
    size_t n = strlen(app->public_url);
    if (app->public_url[n - 1] == '/')
        app->public_url[n - 1] = '\0';
    return true;
}

/* ---- what is served ---- */

/* There is none: what was not asked for by name may be absent. */
static bool may_lack(const char *name, const CvkErr *why) {
    return name == NULL && why->code == CVK_ENOTFOUND;
}

static bool bind_ceremony(App *app, const ApiOptions *o, CvkErr *err) {
    if (!node_ceremony(app->node, o->ceremony, &app->ceremony, err))
        return may_lack(o->ceremony, err);
    return (app->gate = park_gate_new(app->ceremony, err)) != NULL &&
           (app->streams = stream_gate_new(app->ceremony, err)) != NULL;
}

static bool bind_market(App *app, const ApiOptions *o, CvkErr *err) {
    Experiment *e;
    if (!node_experiment(app->node, o->experiment, &e, err))
        return may_lack(o->experiment, err);
    app->market = market_api_new(e, err);
    return app->market != NULL;
}

static bool bind_any(App *app, const ApiOptions *o, CvkErr *err) {
    if (!bind_ceremony(app, o, err) || !bind_market(app, o, err))
        return false;
    return app->ceremony != NULL || app->market != NULL ||
           cvk_fail(err, CVK_ENOTFOUND, "serve.nothing",
                    "there is nothing to serve yet: make a ceremony with 'convoke ceremony new' or "
                    "an experiment with 'convoke market new'");
}

static void add_routes(ApiServer *s, const HttpRoute *routes, size_t n) {
    assert(s->n_routes + n <= ROUTES_MAX);
    memcpy(s->routes + s->n_routes, routes, n * sizeof *routes);
    s->n_routes += n;
}

#define ADD_ROUTES(s, routes) add_routes(s, routes, sizeof(routes) / sizeof(routes)[0])

static void gather_routes(ApiServer *s) {
    if (s->app.ceremony != NULL)
        ADD_ROUTES(s, ceremony_routes);
    if (s->app.market != NULL)
        ADD_ROUTES(s, market_routes);
    if (s->app.ceremony == NULL)
        ADD_ROUTES(s, market_home);
    ADD_ROUTES(s, common_routes);
}

static bool fill_app(App *app, Node *n, const ApiOptions *o, CvkErr *err) {
    app->node = n;
    app->rate_loopback = o->rate_loopback;
    app->legacy_login = o->legacy_login;
    app->rates = rate_new(o->rates != NULL ? o->rates : api_usual_rates, API_RATES_N,
                          LIMIT_RATE_CLIENTS, err);
    app->redirects = cvk_strdup(o->redirects != NULL ? o->redirects : "", err);
    return app->rates != NULL && app->redirects != NULL && bind_any(app, o, err) &&
           auth_redirects_check(app->redirects, err) && take_public_url(app, o->public_url, err);
}

/* Verifications run in processes of their own, as many at once as the machine can; a transcript's
 * parts want one thread. */
static unsigned side_threads(const App *app) {
    long cores = app->market != NULL ? sysconf(_SC_NPROCESSORS_ONLN) : 1;
    return cores > 1 ? (unsigned)cores : 1;
}

static bool start(ApiServer *s, Node *n, const ApiOptions *o, CvkErr *err) {
    HttpOptions http = {.address = o->address != NULL ? o->address : "127.0.0.1",
                        .port = o->port,
                        .routes = s->routes,
                        .app = &s->app,
                        .admit = rates_admit,
                        .reword = market_reword,
                        .notes_bytes = sizeof(Caller),
                        .tls_cert = o->tls_cert,
                        .tls_key = o->tls_key,
                        .pools = {[LANE_TURN] = node_pool(n)}};
    if (o->trusted_proxies != NULL && !proxies_parse(o->trusted_proxies, &s->proxies, err))
        return false;
    http.trusted_proxies = s->proxies;
    if (!fill_app(&s->app, n, o, err))
        return false;
    gather_routes(s);
    http.n_routes = s->n_routes;
    http.pools[LANE_LONG] = s->side = cvk_pool_new_behind(side_threads(&s->app), err);
    if (s->side == NULL)
        return false;
    http.pools[LANE_COMMIT] = s->commits = cvk_pool_new(COMMIT_THREADS, err);
    if (s->commits == NULL)
        return false;
    http.pools[LANE_FILE] = s->files = cvk_pool_new(FILE_THREADS, err);
    return s->files != NULL && http_server_start(&http, &s->http, err);
}

bool api_serve_start(Node *n, const ApiOptions *o, ApiServer **ret, CvkErr *err) {
    ApiServer *s = cvk_alloc(1, sizeof *s, err);
    if (s == NULL)
        return false;
    if (!start(s, n, o, err)) {
        server_free(s);
        return false;
    }
    *ret = s;
    return true;
}

uint16_t api_serve_port(const ApiServer *s) {
    return http_server_port(s->http);
}

ApiServer *api_serve_stop(ApiServer *s) {
    if (s == NULL)
        return NULL;
    if (s->app.gate != NULL)
        park_gate_close(s->app.gate);
    s->http = http_server_stop(s->http, LIMIT_STOP_MS);
    return server_free(s);
}
