#include "auth/redirect.h"

#include "auth/auth.h"
#include "auth/uri.h"

#include <string.h>

#define ORIGIN_MAX (AUTH_SERVER_MAX + 8)

/* A port as digits: one that there is. */
static bool is_port(const char *digits, size_t n) {
    unsigned long port = 0;
    for (size_t i = 0; i < n; i++)
        port = 10 * port + (unsigned long)(digits[i] - '0');
    return n > 0 && n <= 5 && port <= 65535;
}

/* A name of the DNS, or an address; RFC 3986 lets more stand here, which no host is called. */
static bool is_host(const char *s, size_t n) {
    static const char marks[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    if (n > 0 && s[0] == '[')
        return s[n - 1] == ']'; /* the rest was looked at */
    for (size_t i = 0; i < n; i++)
        if (strchr(marks, s[i]) == NULL)
            return false;
    return n > 0;
}

/* Scheme, host and port of an http(s) address of n bytes in their one form: small letters, without
 * the scheme's own port. False: it has none, or it is not as RFC 3986 has it, or holds what could
 * make two readers disagree about the host (user information, escapes). */
static bool origin_of(const char *address, size_t n, char ret[ORIGIN_MAX]) {
    bool http = n > 7 && strncmp(address, "http://", 7) == 0;
    bool https = n > 8 && strncmp(address, "https://", 8) == 0;
    size_t scheme = http ? 7 : 8;
    if (!http && !https)
        return false;
    const char *host = address + scheme;
    size_t authority_n = 0, host_n = 0;
    while (scheme + authority_n < n && strchr("/?#", host[authority_n]) == NULL)
        authority_n++;
    if (scheme + authority_n >= ORIGIN_MAX || !uri_is_authority(host, authority_n))
        return false;
    while (host_n < authority_n &&
           (host[host_n] != ':' || (host[0] == '[' && host[host_n - 1] != ']')))
        host_n++;
    bool has_port = host_n < authority_n;
    const char *port = host + host_n + 1;
    size_t port_n = has_port ? authority_n - host_n - 1 : 0;
    if (!is_host(host, host_n) || (has_port && !is_port(port, port_n)))
        return false;
    bool own = has_port && (http ? port_n == 2 && memcmp(port, "80", 2) == 0
                                 : port_n == 3 && memcmp(port, "443", 3) == 0);
    size_t kept = scheme + (own ? host_n : authority_n);
    for (size_t i = 0; i < kept; i++)
        ret[i] =
            address[i] >= 'A' && address[i] <= 'Z' ? (char)(address[i] - 'A' + 'a') : address[i];
    ret[kept] = '\0';
    return true;
}

/* Control characters, and what no URL holds and JSON would write twice as long (a state has room
 * for LIMIT_REDIRECT). */
static bool has_odd_characters(const char *s) {
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || strchr("\"\\\x7f", *s) != NULL)
            return true;
    return false;
}

static bool is_loopback(const char *origin) {
    static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]"};
    const char *host = strstr(origin, "://") + 3;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        size_t n = strlen(hosts[i]);
        if (strncmp(host, hosts[i], n) == 0 && (host[n] == '\0' || host[n] == ':'))
            return true;
    }
    return false;
}

bool auth_redirect_allowed(const char *redirect, const char *allowed) {
    char origin[ORIGIN_MAX], item[ORIGIN_MAX];
    size_t n;
    if (strlen(redirect) > LIMIT_REDIRECT || has_odd_characters(redirect) ||
        !origin_of(redirect, strlen(redirect), origin))
        return false;
    if (is_loopback(origin))
        return true;
    for (const char *at = allowed; *at != '\0'; at += n + (at[n] == ',' ? 1 : 0)) {
        n = strcspn(at, ",");
        if (origin_of(at, n, item) && strcmp(item, origin) == 0)
            return true;
    }
    return false;
}

bool auth_redirects_check(const char *allowed, CvkErr *err) {
    char origin[ORIGIN_MAX];
    size_t n;
    for (const char *at = allowed; *at != '\0'; at += n + (at[n] == ',' ? 1 : 0)) {
        n = strcspn(at, ",");
        size_t slashes = n > 8 ? strcspn(at + 8, "/?#") : 0; /* behind the scheme's */
        if (!origin_of(at, n, origin) || 8 + slashes < n)
            return cvk_fail(err, CVK_EBADREQ, "redirect.origin",
                            "'%.*s' is no origin such as https://app.example.org", (int)n, at);
    }
    return true;
}
