/* A request's head, as the library left it in memory.
 *
 * The library is lenient and works in place, with C strings: it cuts lines at zero bytes, takes
 * several blanks for one, and puts the further lines of a folded field behind the *name* of the
 * field before ("X: a", " b" becomes "Xb: a"; "Transfer-Encoding:", " chunked" goes unseen).
 * Another server reads each of these differently. The strings do not show it, but where they lie
 * does: in a head without such tricks each line begins where the one before it ends. */
#include "base/limits.h"
#include "http/forwarded.h"
#include "http/gate.h"
#include "http/server_private.h"

#include <string.h>

typedef struct {
    HttpField at[LIMIT_HEADERS + 1];
    size_t n;
    const char *end; /* of the last line: its first zero byte */
} Fields;

/* Does a line begin at `at`, when the one before it ends at `end` (with CR LF, or LF alone)? */
static bool begins_behind(const char *end, const char *at) {
    uintptr_t gap = (uintptr_t)at - (uintptr_t)end;
    return gap == 1 || (gap == 2 && end[1] == '\0');
}

/* Name, colon, blanks, value, in one line. */
static bool is_one_line(const char *name, size_t name_n, const char *value) {
    uintptr_t colon = (uintptr_t)name + name_n, at = (uintptr_t)value;
    if (value == NULL || at <= colon || at - colon > LIMIT_HEADER_NAME)
        return false;
    for (const char *blank = name + name_n + 1; blank < value; blank++)
        if (*blank != ' ' && *blank != '\t')
            return false;
    return true;
}

static enum MHD_Result collect(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n,
                               const char *value, size_t value_n) {
    (void)kind;
    Fields *f = cls;
    if (f->n > LIMIT_HEADERS)
        return MHD_NO;
    bool whole = begins_behind(f->end, name) && is_one_line(name, name_n, value);
    f->at[f->n++] = (HttpField){name, name_n, value, value_n, !whole};
    f->end = value != NULL ? value + value_n : name + name_n;
    return MHD_YES;
}

/* Nothing but line ends between the last field and the end of the head. */
static bool ends_behind(const HttpRequest *r, const char *method, const char *end) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    size_t gap = info != NULL ? (uintptr_t)method + info->header_size - (uintptr_t)end : 0;
    if (gap < 2 || gap > 4)
        return false;
    for (size_t i = 0; i < gap; i++)
        if (end[i] != '\0')
            return false;
    return true;
}

/* "METHOD target version" with one blank between each. */
static bool is_request_line(const HttpRequest *r, const char *method, const char *version) {
    return (uintptr_t)r->raw_target == (uintptr_t)method + strlen(method) + 1 &&
           (uintptr_t)version == (uintptr_t)r->raw_target + r->raw_target_n + 1;
}

static GateVerdict judge(const HttpRequest *r, const char *method, const char *version,
                         Fields *fields) {
    fields->n = 0;
    fields->end = version + strlen(version);
    MHD_get_connection_values_n(r->mhd, MHD_HEADER_KIND, collect, fields);
    GateVerdict v = http_gate(fields->at, fields->n, strcmp(version, "HTTP/1.1") != 0);
    return v == GATE_PASS && !ends_behind(r, method, fields->end) ? GATE_FOLDED : v;
}

/* Behind a trusted proxy the client is whom that names. */
static void see_client(HttpRequest *r, const Fields *fields) {
    const ProxyList *trusted = r->server->o.trusted_proxies;
    if (trusted == NULL)
        return;
    IpAddress ip = forwarded_client(trusted, conn_ip(r->conn), fields->at, fields->n);
    r->peer = ip_peer(&ip);
}

static bool refuse(HttpRequest *r, unsigned status, const char *text) {
    reply_set_error(&r->reply, status, "RequestError::Malformed", text);
    r->reply.close = true;
    return false;
}

bool head_passes(HttpRequest *r, const char *method, const char *version) {
    Fields fields;
    GateVerdict v = judge(r, method, version, &fields);
    if (v != GATE_PASS)
        return refuse(r, http_gate_status(v), http_gate_text(v));
    if (r->bad_target)
        return refuse(r, 400, "the request target is not a well-formed path");
    if (!is_request_line(r, method, version))
        return refuse(r, 400, "the request line is not method, path and version");
    /* Servers disagree on sloppy chunks (line feeds alone, odd extensions), and so perhaps on where
     * this request ends: what comes after it is not taken for another. */
    r->reply.close = http_header(r, "Transfer-Encoding") != NULL;
    see_client(r, &fields);
    return true;
}
