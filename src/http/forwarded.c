#include "http/forwarded.h"

#include "base/alloc.h"
#include "base/limits.h"

#include <string.h>

typedef struct {
    IpAddress first;
    unsigned bits;
} IpRange;

struct ProxyList {
    size_t n;
    IpRange at[LIMIT_PROXIES];
};

/* ---- the list ---- */

static bool in_range(const IpRange *range, const IpAddress *ip) {
    size_t whole = range->bits / 8;
    unsigned rest = range->bits % 8;
    return range->first.v6 == ip->v6 && memcmp(range->first.bytes, ip->bytes, whole) == 0 &&
           (rest == 0 || (range->first.bytes[whole] ^ ip->bytes[whole]) >> (8 - rest) == 0);
}

static bool has_bits_behind(const IpRange *range) {
    for (unsigned i = range->bits; i < 128; i++)
        if ((range->first.bytes[i / 8] >> (7 - i % 8) & 1) != 0)
            return true;
    return false;
}

/* One to three digits. */
static bool parse_bits(const char *text, size_t n, unsigned max, unsigned *ret) {
    unsigned v = 0;
    if (n == 0 || n > 3)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        v = v * 10 + (unsigned)(text[i] - '0');
    }
    *ret = v;
    return v <= max;
}

/* What is wrong with it, or NULL. */
static const char *parse_range(const char *text, size_t n, IpRange *ret) {
    const char *slash = memchr(text, '/', n);
    size_t ip_n = slash != NULL ? (size_t)(slash - text) : n;
    if (!ip_parse(text, ip_n, &ret->first))
        return "is not an IP address or range such as 10.0.0.0/8";
    unsigned most = ret->first.v6 ? 128 : 32;
    ret->bits = most;
    if (slash == NULL)
        return NULL;
    if (!parse_bits(slash + 1, n - ip_n - 1, most, &ret->bits))
        return ret->first.v6 ? "has a length that is not from 1 to 128"
                             : "has a length that is not from 1 to 32";
    if (ret->bits == 0)
        return "would trust everybody";
    return has_bits_behind(ret) ? "has address bits behind its length" : NULL;
}

bool proxies_parse(const char *text, ProxyList **ret, CvkErr *err) {
    ProxyList *l = cvk_alloc(1, sizeof *l, err);
    if (l == NULL)
        return false;
    for (const char *s = text;; s++) {
        s += strspn(s, " \t");
        size_t n = strcspn(s, ", \t"), after = n + strspn(s + n, " \t");
        const char *wrong = l->n == LIMIT_PROXIES ? "is one too many" : NULL;
        if (wrong == NULL)
            wrong = parse_range(s, n, &l->at[l->n]);
        if (wrong == NULL && s[after] != ',' && s[after] != '\0')
            wrong = "is followed by something other than a comma";
        if (wrong != NULL) {
            proxies_free(l);
            return cvk_fail(err, CVK_EBADREQ, "http.proxies", "the trusted proxy '%.*s' %s",
                            (int)(n < 60 ? n : 60), s, wrong);
        }
        l->n++;
        s += after;
        if (*s == '\0')
            break;
    }
    *ret = l;
    return true;
}

ProxyList *proxies_free(ProxyList *l) {
    free(l);
    return NULL;
}

bool proxies_hold(const ProxyList *l, const IpAddress *ip) {
    for (size_t i = 0; l != NULL && i < l->n; i++)
        if (in_range(&l->at[i], ip))
            return true;
    return false;
}

/* ---- the header ---- */

/* Nothing, or ":80". */
static bool is_port_or_nothing(const char *s, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    return n == 0 || (s[0] == ':' && n > 1 && n <= 6);
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80" */
static bool parse_hop(const char *s, size_t n, IpAddress *ret) {
    bool brackets = n != 0 && s[0] == '[';
    size_t at = brackets ? 1 : 0, ip_n = n - at;
    const char *end = n != 0 ? memchr(s, brackets ? ']' : ':', n) : NULL;
    if (brackets && (end == NULL || memchr(s, ':', (size_t)(end - s)) == NULL))
        return false;
    bool v6 = !brackets && end != NULL && memchr(end + 1, ':', n - (size_t)(end + 1 - s)) != NULL;
    if (end != NULL && !v6)
        ip_n = (size_t)(end - s) - at;
    size_t rest = at + ip_n + (brackets ? 1 : 0);
    return is_port_or_nothing(s + rest, n - rest) && ip_parse(s + at, ip_n, ret);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* Follows the entries of one field from the right, *cur being who wrote the next. False: the chain
 * ends in it. */
static bool follow(const ProxyList *trusted, const char *s, size_t n, IpAddress *cur) {
    for (size_t end = n; n != 0; end--) {
        size_t at = end;
        while (at != 0 && s[at - 1] != ',')
            at--;
        size_t from = at, to = end;
        while (from < to && is_blank(s[from]))
            from++;
        while (to > from && is_blank(s[to - 1]))
            to--;
        IpAddress hop;
        if (!proxies_hold(trusted, cur) || !parse_hop(s + from, to - from, &hop))
            return false;
        *cur = hop;
        if (at == 0)
            return true;
        end = at;
    }
    return false;
}

IpAddress forwarded_client(const ProxyList *trusted, const IpAddress *from, const HttpField *fields,
                           size_t n) {
    IpAddress cur = *from;
    for (size_t i = n; i-- > 0;)
        if (http_name_is(fields[i].name, fields[i].name_n, "x-forwarded-for") &&
            !follow(trusted, fields[i].value, fields[i].value_n, &cur))
            break;
    return cur;
}
