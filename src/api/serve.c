#include "api/serve.h"

#include "api/app.h"
#include "api/rates.h"
#include "auth/auth.h"
#include "auth/redirect.h"
#include "auth/uri.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "http/server.h"

#include <string.h>

struct ApiServer {
    App app;
    ProxyList *proxies;
    CvkPool *documents; /* one thread that makes what anybody may ask for */
    HttpServer *http;
};

static const HttpRoute routes[] = {
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
    {"GET", "/metrics", &on_metrics, COUNT_INFO},
    {"GET", "/health", &on_health, COUNT_NOT},
};

static ApiServer *server_free(ApiServer *s) {
    if (s == NULL)
        return NULL;
    rate_free(s->app.rates);
    park_gate_free(s->app.gate);
    stream_gate_free(s->app.streams);
    free(s->app.public_url);
    free(s->app.redirects);
    proxies_free(s->proxies);
    cvk_pool_free(s->documents);
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

static bool fill_app(App *app, Node *n, const ApiOptions *o, CvkErr *err) {
    app->node = n;
    app->rate_loopback = o->rate_loopback;
    app->legacy_login = o->legacy_login;
    app->rates = rate_new(o->rates != NULL ? o->rates : api_usual_rates, API_RATES_N,
                          LIMIT_RATE_CLIENTS, err);
    app->redirects = cvk_strdup(o->redirects != NULL ? o->redirects : "", err);
    return app->rates != NULL && app->redirects != NULL &&
           node_ceremony(n, o->ceremony, &app->ceremony, err) &&
           (app->gate = park_gate_new(app->ceremony, err)) != NULL &&
           (app->streams = stream_gate_new(app->ceremony, err)) != NULL &&
           auth_redirects_check(app->redirects, err) && take_public_url(app, o->public_url, err);
}

bool api_serve_start(Node *n, const ApiOptions *o, ApiServer **ret, CvkErr *err) {
    ApiServer *s = cvk_alloc(1, sizeof *s, err);
    if (s == NULL)
        return false;
    HttpOptions http = {.address = o->address != NULL ? o->address : "127.0.0.1",
                        .port = o->port,
                        .routes = routes,
                        .n_routes = sizeof routes / sizeof routes[0],
                        .app = &s->app,
                        .admit = rates_admit,
                        .notes_bytes = sizeof(Caller),
                        .tls_cert = o->tls_cert,
                        .tls_key = o->tls_key,
                        .pool = node_pool(n)};
    bool ok = o->trusted_proxies == NULL || proxies_parse(o->trusted_proxies, &s->proxies, err);
    http.trusted_proxies = s->proxies;
    s->documents = cvk_pool_new_behind(1, err);
    http.side_pool = s->documents;
    if (!ok || s->documents == NULL || !fill_app(&s->app, n, o, err) ||
        !http_server_start(&http, &s->http, err)) {
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
    park_gate_close(s->app.gate);
    s->http = http_server_stop(s->http, LIMIT_STOP_MS);
    return server_free(s);
}
