#include "client/web.h"

#include "base/alloc.h"
#include "base/limits.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define CONNECT_S 20
#define STALL_S 60

struct WebClient {
    CURL *curl;
    bool allow_http;
};

/* What the callbacks of one request share. */
typedef struct {
    CURL *curl;
    const WebRequest *rq;
    WebReply *reply;
    size_t from;    /* of the file is there already */
    size_t in_file; /* now */
    bool failed;    /* err says why a callback ended the transfer */
    CvkErr err;
} Transfer;

WebClient *web_client_new(bool allow_http, CvkErr *err) {
    WebClient *c = cvk_alloc(1, sizeof *c, err);
    if (c == NULL)
        return NULL;
    curl_global_init(CURL_GLOBAL_DEFAULT); /* counted by libcurl */
    c->allow_http = allow_http;
    c->curl = curl_easy_init();
    if (c->curl == NULL) {
        cvk_fail(err, CVK_EINTERNAL, "net.init", "libcurl does not start");
        return web_client_free(c);
    }
    return c;
}

WebClient *web_client_free(WebClient *c) {
    if (c == NULL)
        return NULL;
    curl_easy_cleanup(c->curl);
    curl_global_cleanup();
    free(c);
    return NULL;
}

static bool host_is_loopback(const char *host) {
    if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    unsigned a, b, c, d;
    char after;
    return sscanf(host, "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &after) == 4 && a == 127;
}

/* True and *ret_loopback when the parts of `parsed` are what we speak. */
static bool check_parts(CURLU *parsed, const char *url, bool allow_http, bool *ret_loopback,
                        CvkErr *err) {
    char *scheme = NULL, *host = NULL, *user = NULL;
    bool ok = false;
    if (curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        cvk_fail(err, CVK_EBADREQ, "net.url", "'%.100s' is no address of a server", url);
        goto out;
    }
    *ret_loopback = host_is_loopback(host);
    bool plain = strcmp(scheme, "http") == 0;
    if (!plain && strcmp(scheme, "https") != 0)
        cvk_fail(err, CVK_EBADREQ, "net.url", "'%.20s' is not spoken here: use https", scheme);
    else if (curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_OK)
        cvk_fail(err, CVK_EBADREQ, "net.url", "leave the user name out of the address");
    else if (plain && !*ret_loopback && !allow_http)
        cvk_fail(err, CVK_EBADREQ, "net.plain",
                 "%.100s would be spoken with in the open: use https, or --allow-http on a network "
                 "that you trust",
                 host);
    else
        ok = true;
out:
    curl_free(user);
    curl_free(host);
    curl_free(scheme);
    return ok;
}

static bool check_url(const char *url, bool allow_http, bool *ret_loopback, CvkErr *err) {
    CURLU *parsed = curl_url();
    if (parsed == NULL)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "no memory for an address");
    bool ok;
    if (strstr(url, "://") == NULL || curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK)
        ok = cvk_fail(err, CVK_EBADREQ, "net.url",
                      "'%.100s' is no address: write it as https://host[:port]", url);
    else
        ok = check_parts(parsed, url, allow_http, ret_loopback, err);
    curl_url_cleanup(parsed);
    return ok;
}

bool web_url_check(const char *url, bool allow_http, CvkErr *err) {
    bool loopback;
    return check_url(url, allow_http, &loopback, err);
}

/* The first bytes for a file: does what follows belong where it ends? All of it, sent although only
 * the rest was asked for, takes the place of what there was. */
static bool begin_file(Transfer *t, long status) {
    FILE *file = t->rq->file;
    unsigned long long first;
    const char *range = web_reply_field(t->reply, "Content-Range");
    if (status == 206 &&
        (range == NULL || sscanf(range, "bytes %19llu-", &first) != 1 || first != t->from))
        return cvk_fail(&t->err, CVK_EBACKEND, "net.range",
                        "the server sent another part than was asked for");
    if (status == 200 && t->from > 0) {
        if (fseeko(file, 0, SEEK_SET) != 0 || ftruncate(fileno(file), 0) != 0)
            return cvk_fail_errno(&t->err, "file.write", "cannot start the download again");
        t->from = t->in_file = 0;
    }
    return true;
}

static size_t take_body(char *data, size_t size, size_t n, void *ctx) {
    Transfer *t = ctx;
    n *= size;
    long status = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    bool for_file = t->rq->file != NULL && (status == 200 || (status == 206 && t->from > 0));
    if (for_file && t->in_file == t->from && !begin_file(t, status)) {
        t->failed = true;
    } else if (!for_file) {
        t->failed = !cvk_buf_add(&t->reply->into, data, n, &t->err);
        if (t->failed)
            cvk_fail(&t->err, CVK_ELIMIT, "net.big", "the answer is over the limit of %zu bytes",
                     t->reply->into.max);
    } else if (n > t->rq->file_max - t->in_file) {
        t->failed = true;
        cvk_fail(&t->err, CVK_ELIMIT, "net.big", "the answer is over the limit of %zu bytes",
                 t->rq->file_max);
    } else if (fwrite(data, 1, n, t->rq->file) != n) {
        t->failed = true;
        cvk_fail_errno(&t->err, "file.write", "cannot store the answer");
    } else {
        t->in_file += n;
    }
    return t->failed ? 0 : n;
}

/* The n bytes at `from` without the blanks around them. False: too many for ret[WEB_FIELD_MAX]. */
static bool copy_trimmed(const char *from, size_t n, char ret[WEB_FIELD_MAX]) {
    static const char blanks[] = " \t\r\n";
    while (n > 0 && strchr(blanks, from[n - 1]) != NULL)
        n--;
    while (n > 0 && strchr(blanks, *from) != NULL) {
        from++;
        n--;
    }
    if (n >= WEB_FIELD_MAX || memchr(from, '\0', n) != NULL)
        return false;
    memcpy(ret, from, n);
    ret[n] = '\0';
    return true;
}

/* One line of the header: what is neither short nor asked for is left alone. */
static size_t take_header(char *line, size_t size, size_t n, void *ctx) {
    Transfer *t = ctx;
    WebReply *r = t->reply;
    char name[WEB_FIELD_MAX], value[WEB_FIELD_MAX];
    unsigned seconds;
    n *= size;
    const char *colon = memchr(line, ':', n);
    if (colon == NULL || !copy_trimmed(line, (size_t)(colon - line), name) ||
        !copy_trimmed(colon + 1, n - (size_t)(colon - line) - 1, value))
        return n;
    if (strcasecmp(name, "Retry-After") == 0 && sscanf(value, "%6u", &seconds) == 1)
        r->retry_after_s = seconds;
    bool wanted = strncasecmp(name, "X-", 2) == 0 || strcasecmp(name, "ETag") == 0 ||
                  strcasecmp(name, "Content-Range") == 0;
    if (wanted && r->n_fields < WEB_FIELDS_MAX) {
        memcpy(r->fields[r->n_fields].name, name, sizeof name);
        memcpy(r->fields[r->n_fields].value, value, sizeof value);
        r->n_fields++;
    }
    return n;
}

const char *web_reply_field(const WebReply *r, const char *name) {
    for (size_t i = 0; i < r->n_fields; i++)
        if (strcasecmp(r->fields[i].name, name) == 0)
            return r->fields[i].value;
    return NULL;
}

static void tell(const CvkProgress *p, curl_off_t done, curl_off_t total) {
    if (p->fn != NULL && done > 0)
        p->fn(p->ctx, (size_t)done, total > 0 ? (size_t)total : 0);
}

static int take_progress(void *ctx, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                         curl_off_t up) {
    Transfer *t = ctx;
    if (t->rq->body_n > 0 && up <= up_total)
        tell(&t->rq->sending, up, up_total);
    tell(&t->rq->receiving, down, down_total);
    return 0;
}

static bool fail_curl(CURLcode code, const char *detail, CvkErr *err) {
    const char *why = detail[0] != '\0' ? detail : curl_easy_strerror(code);
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return cvk_fail(err, CVK_EBACKEND, "net.resolve", "%.200s", why);
    case CURLE_COULDNT_CONNECT:
        return cvk_fail(err, CVK_EBACKEND, "net.connect", "%.200s", why);
    case CURLE_OPERATION_TIMEDOUT:
        return cvk_fail(err, CVK_EBACKEND, "net.timeout", "%.200s", why);
    case CURLE_FILESIZE_EXCEEDED:
        return cvk_fail(err, CVK_ELIMIT, "net.big", "the answer is over the limit");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
        return cvk_fail(err, CVK_EBACKEND, "net.tls", "%.200s", why);
    case CURLE_BAD_CONTENT_ENCODING:
        return cvk_fail(err, CVK_EBACKEND, "net.encoding", "%.200s", why);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return cvk_fail(err, CVK_EBADREQ, "net.url", "%.200s", why);
    default: /* libcurl's list, not ours */
        return cvk_fail(err, CVK_EBACKEND, "net.lost", "%.200s", why);
    }
}

static bool add_header(struct curl_slist **list, const char *line, CvkErr *err) {
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer == NULL)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "no memory for a header");
    *list = longer;
    return true;
}

static bool make_headers(const WebRequest *rq, struct curl_slist **list, CvkErr *err) {
    char line[256];
    const char *type = rq->type != NULL ? rq->type : "application/json";
    if (rq->bearer != NULL) {
        snprintf(line, sizeof line, "Authorization: Bearer %.200s", rq->bearer);
        if (!add_header(list, line, err))
            return false;
    }
    if (rq->accept != NULL) {
        snprintf(line, sizeof line, "Accept: %.200s", rq->accept);
        if (!add_header(list, line, err))
            return false;
    }
    snprintf(line, sizeof line, "Content-Type: %.200s", type);
    return add_header(list, rq->body != NULL ? line : "Content-Type:", err);
}

static void set_options(CURL *curl, Transfer *t, struct curl_slist *headers, char *detail,
                        bool loopback) {
    const WebRequest *rq = t->rq;
    size_t most = t->reply->into.max;
    if (rq->file != NULL && rq->file_max > most)
        most = rq->file_max;
    curl_easy_setopt(curl, CURLOPT_URL, rq->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "convoke/" CONVOKE_VERSION);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)rq->total_s);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)(rq->stall_s > 0 ? rq->stall_s : STALL_S));
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)most);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, take_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
    if (rq->body != NULL) /* over a used connection libcurl would repeat it without a word */
        curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    if (rq->gzip)
        curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    if (t->from > 0) { /* not _RESUME_FROM, to which an answer in full is an error */
        char range[32];
        snprintf(range, sizeof range, "%zu-", t->from);
        curl_easy_setopt(curl, CURLOPT_RANGE, range);
    }
    if (loopback)
        curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* this machine is never behind a proxy */
    if (strcmp(rq->method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, rq->body != NULL ? rq->body : "");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)rq->body_n);
    }
}

static bool find_end(FILE *file, size_t max, size_t *ret, CvkErr *err) {
    off_t end = fseeko(file, 0, SEEK_END) == 0 ? ftello(file) : -1;
    if (end < 0)
        return cvk_fail_errno(err, "file.write", "cannot go on with the download");
    if ((uintmax_t)end > max)
        return cvk_fail(err, CVK_ELIMIT, "net.big", "the file is over the limit of %zu bytes", max);
    *ret = (size_t)end;
    return true;
}

bool web_perform(WebClient *c, const WebRequest *rq, WebReply *ret, CvkErr *err) {
    bool loopback;
    if (!check_url(rq->url, c->allow_http, &loopback, err))
        return false;
    _cleanup_buf_ CvkBuf old = ret->into; /* frees what a reply before this one left */
    *ret = (WebReply){.retry_after_s = -1, .into = CVK_BUF(old.max)};
    Transfer t = {.curl = c->curl, .rq = rq, .reply = ret};
    if (rq->resume && !find_end(rq->file, rq->file_max, &t.from, err))
        return false;
    t.in_file = t.from;
    char detail[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = NULL;
    bool ok = make_headers(rq, &headers, err);
    if (ok) {
        curl_easy_reset(c->curl); /* keeps the connection */
        set_options(c->curl, &t, headers, detail, loopback);
        CURLcode code = curl_easy_perform(c->curl);
        long status = 0;
        curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
        ret->status = (int)status;
        curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, NULL);
        if (t.failed)
            *err = t.err;
        ok = code == CURLE_OK || (!t.failed && fail_curl(code, detail, err));
    }
    curl_slist_free_all(headers);
    return ok;
}

bool web_error_is_transient(const CvkErr *err) {
    static const char *const ids[] = {"net.resolve", "net.connect", "net.timeout", "net.lost"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (strcmp(err->id, ids[i]) == 0)
            return true;
    return false;
}

static bool perform_real(void *ctx, const WebRequest *rq, WebReply *ret, CvkErr *err) {
    return web_perform(ctx, rq, ret, err);
}

WebTransport web_transport(WebClient *c) {
    return (WebTransport){.perform = perform_real, .ctx = c};
}
