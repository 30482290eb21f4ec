#include "auth/uri.h"

#include <arpa/inet.h>
#include <string.h>

#define UNRESERVED "-._~"
#define SUB_DELIMS "!$&'()*+,;="
#define GEN_DELIMS ":/?#[]@"
#define PCHAR UNRESERVED SUB_DELIMS ":@"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Letters, digits, what stands in `marks`, and (where `escapes`) escaped bytes. */
static bool holds_only(const char *s, size_t n, const char *marks, bool escapes) {
    for (size_t i = 0; i < n; i++) {
        if (escapes && s[i] == '%' && n - i > 2 && is_hex(s[i + 1]) && is_hex(s[i + 2]))
            i += 2;
        else if (!is_letter(s[i]) && !is_digit(s[i]) &&
                 (s[i] == '\0' || strchr(marks, s[i]) == NULL))
            return false;
    }
    return true;
}

/* How many bytes before the first of `any`. */
static size_t span_to(const char *s, size_t n, const char *any) {
    size_t i = 0;
    while (i < n && (s[i] == '\0' || strchr(any, s[i]) == NULL))
        i++;
    return i;
}

bool uri_is_scheme(const char *text, size_t n) {
    return n > 0 && is_letter(text[0]) && holds_only(text, n, "+-.", false);
}

bool uri_is_segment(const char *text, size_t n) {
    return holds_only(text, n, PCHAR, true);
}

bool uri_is_plain(const char *text, size_t n) {
    return holds_only(text, n, UNRESERVED SUB_DELIMS GEN_DELIMS " ", false);
}

static bool is_ipv6(const char *s, size_t n) {
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (n >= sizeof text || memchr(s, '\0', n) != NULL)
        return false;
    memcpy(text, s, n);
    text[n] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1;
}

/* "[...]" */
static bool is_literal(const char *s, size_t n) {
    if (n < 3 || s[n - 1] != ']')
        return false;
    s++, n -= 2;
    if (s[0] != 'v' && s[0] != 'V')
        return is_ipv6(s, n);
    size_t dot = span_to(s, n, "."); /* of a version yet to come */
    for (size_t i = 1; i < dot; i++)
        if (!is_hex(s[i]))
            return false;
    return dot > 1 && dot + 1 < n &&
           holds_only(s + dot + 1, n - dot - 1, UNRESERVED SUB_DELIMS ":", false);
}

/* May be empty, as in "file:///etc". */
static bool is_authority(const char *s, size_t n) {
    size_t user = span_to(s, n, "@");
    if (user < n) {
        if (!holds_only(s, user, UNRESERVED SUB_DELIMS ":", true))
            return false;
        s += user + 1, n -= user + 1;
    }
    size_t host = n > 0 && s[0] == '[' ? span_to(s, n, "]") + 1 : span_to(s, n, ":");
    if (host > n)
        return false;
    for (size_t i = host + 1; i < n; i++)
        if (!is_digit(s[i]))
            return false;
    return (host == n || s[host] == ':') &&
           (host > 0 && s[0] == '[' ? is_literal(s, host)
                                    : holds_only(s, host, UNRESERVED SUB_DELIMS, true));
}

bool uri_is_authority(const char *text, size_t n) {
    return n > 0 && is_authority(text, n);
}

bool uri_is_valid(const char *text, size_t n) {
    size_t scheme = span_to(text, n, ":");
    if (scheme == n || !uri_is_scheme(text, scheme))
        return false;
    text += scheme + 1, n -= scheme + 1;
    if (n >= 2 && text[0] == '/' && text[1] == '/') {
        size_t authority = span_to(text + 2, n - 2, "/?#");
        if (!is_authority(text + 2, authority))
            return false;
        text += 2 + authority, n -= 2 + authority;
    }
    size_t path = span_to(text, n, "?#");
    size_t query = path + span_to(text + path, n - path, "#");
    return holds_only(text, path, PCHAR "/", true) &&
           (query == path || holds_only(text + path + 1, query - path - 1, PCHAR "/?", true)) &&
           (n == query || holds_only(text + query + 1, n - query - 1, PCHAR "/?", true));
}
