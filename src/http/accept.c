#include "http/accept.h"

#include "http/gate.h"

#include <stddef.h>
#include <string.h>

/* One item of a list: a name, and the value of its q. */
typedef struct {
    const char *name;
    size_t name_n;
    unsigned q;
} Item;

static const char *skip_blanks(const char *s) {
    return s + strspn(s, " \t");
}

/* The end of a piece: the next comma or semicolon that stands in no quoted string. */
static const char *end_of_piece(const char *s) {
    bool quoted = false;
    for (; *s != '\0' && (quoted || (*s != ',' && *s != ';')); s++) {
        if (*s == '"')
            quoted = !quoted;
        if (*s == '\\' && quoted && s[1] != '\0')
            s++;
    }
    return s;
}

static size_t trimmed(const char *from, const char *end) {
    while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (size_t)(end - from);
}

/* "0", "0.5", "1.000": at most three digits behind the point, at most 1. */
static bool read_q(const char *s, size_t n, unsigned *ret) {
    if (n == 0 || n > 5 || (s[0] != '0' && s[0] != '1') || (n > 1 && s[1] != '.'))
        return false;
    unsigned q = (unsigned)(s[0] - '0') * 1000, unit = 100;
    for (size_t i = 2; i < n; i++, unit /= 10) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        q += unit * (unsigned)(s[i] - '0');
    }
    *ret = q;
    return q <= 1000;
}

/* A piece behind a semicolon. False: it is a q, and none that can be read. */
static bool read_parameter(const char *s, size_t n, Item *item) {
    if (n < 2 || (s[0] != 'q' && s[0] != 'Q') || s[1] != '=')
        return true;
    return read_q(s + 2, n - 2, &item->q);
}

/* Reads the item at *at and moves past it. False: it is malformed. */
static bool next_item(const char **at, Item *ret) {
    const char *end = end_of_piece(*at);
    *ret = (Item){.name = *at, .name_n = trimmed(*at, end), .q = 1000};
    bool ok = ret->name_n != 0;
    while (*end == ';') {
        const char *piece = skip_blanks(end + 1);
        end = end_of_piece(piece);
        ok = read_parameter(piece, trimmed(piece, end), ret) && ok;
    }
    *at = end;
    return ok;
}

/* How well an item's name fits what is looked for: 0 not at all, the more the better. */
typedef unsigned (*Fit)(const Item *item, const char *what);
#define FIT_NAMED 3u

static unsigned fit_type(const Item *item, const char *type) {
    size_t major = strcspn(type, "/") + 1; /* with the slash */
    char range[64];
    if (http_name_is(item->name, item->name_n, type))
        return FIT_NAMED;
    if (major + 1 < sizeof range) {
        memcpy(range, type, major);
        memcpy(range + major, "*", 2);
        if (http_name_is(item->name, item->name_n, range))
            return 2;
    }
    return http_name_is(item->name, item->name_n, "*/*") ? 1 : 0;
}

static unsigned fit_coding(const Item *item, const char *coding) {
    if (http_name_is(item->name, item->name_n, coding) ||
        (strcmp(coding, "gzip") == 0 && http_name_is(item->name, item->name_n, "x-gzip")))
        return FIT_NAMED;
    return http_name_is(item->name, item->name_n, "*") ? 1 : 0;
}

/* False: nothing in the list fits. */
static bool best_fit(const char *field, const char *what, Fit fit, AcceptWish *ret) {
    unsigned best = 0;
    for (const char *at = field; *at != '\0';) {
        Item item;
        at += strspn(at, " \t,");
        if (*at == '\0')
            break;
        bool ok = next_item(&at, &item);
        unsigned f = ok ? fit(&item, what) : 0;
        if (f > best || (f != 0 && f == best && item.q > ret->q)) {
            best = f;
            *ret = (AcceptWish){.q = item.q, .named = f == FIT_NAMED};
        }
    }
    return best != 0;
}

AcceptWish accept_type(const char *field, const char *type) {
    AcceptWish w = {.q = 0};
    if (field == NULL)
        return (AcceptWish){.q = 1000};
    best_fit(field, type, fit_type, &w);
    return w;
}

AcceptWish accept_coding(const char *field, const char *coding) {
    AcceptWish w = {.q = 0};
    if (field == NULL || !best_fit(field, coding, fit_coding, &w))
        w.q = strcmp(coding, "identity") == 0;
    return w;
}

bool accept_gzip(const char *field) {
    AcceptWish gzip = accept_coding(field, "gzip"), plain = accept_coding(field, "identity");
    if (gzip.q == 0)
        return false;
    return gzip.named ? gzip.q >= plain.q : plain.q == 0;
}
