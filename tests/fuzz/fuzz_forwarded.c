#include "base/limits.h"
#include "fuzz/fuzz.h"
#include "http/forwarded.h"

static HttpField field(const char *value, size_t n) {
    return (HttpField){"X-Forwarded-For", 15, value, n, false};
}

static bool same(const IpAddress *a, const IpAddress *b) {
    return a->v6 == b->v6 && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* Who was found behind a proxy is not moved by anything further to the left, and one who is no
 * proxy is not believed at all. */
static void check(const ProxyList *trusted, const IpAddress *from, const HttpField *fields,
                  size_t n) {
    HttpField more[LIMIT_HEADERS + 1] = {field("127.0.0.1, 2001:db8::66", 23)};
    memcpy(more + 1, fields, n * sizeof *fields);
    IpAddress who = forwarded_client(trusted, from, fields, n);
    IpAddress again = forwarded_client(trusted, from, more, n + 1);
    if (!proxies_hold(trusted, &who))
        assert(same(&who, &again));
    if (!proxies_hold(trusted, from))
        assert(same(&who, from));
}

/* The first line is the list; each further one a field's value, as the first is asked by 10.0.0.1,
 * and by the address in the first value (so that lists of any kind are met). */
void fuzz_one(const uint8_t *data, size_t n) {
    char list[512];
    HttpField fields[LIMIT_HEADERS];
    size_t n_fields = 0, at = 0;
    while (at < n && data[at] != '\n' && at < sizeof list - 1) {
        list[at] = (char)data[at];
        at++;
    }
    list[at] = '\0';
    ProxyList *trusted;
    if (!proxies_parse(list, &trusted, NULL))
        return;
    for (size_t i = at + 1; i < n && n_fields < LIMIT_HEADERS; i++) {
        const uint8_t *end = memchr(data + i, '\n', n - i);
        size_t value_n = end != NULL ? (size_t)(end - data) - i : n - i;
        fields[n_fields++] = field((const char *)data + i, value_n);
        i += value_n;
    }
    IpAddress from;
    assert(ip_parse("10.0.0.1", 8, &from));
    check(trusted, &from, fields, n_fields);
    if (n_fields != 0 && ip_parse(fields[0].value, fields[0].value_n, &from))
        check(trusted, &from, fields, n_fields);
    proxies_free(trusted);
}
