#include "http/url.h"

#include <stdint.h>
#include <string.h>

static int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Length of the UTF-8 sequence at s (RFC 3629), 0 when there is none. */
static size_t utf8_length(const unsigned char *s, size_t n) {
    if (s[0] < 0x80)
        return 1;
    size_t want = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || want > n)
        return 0;
    for (size_t i = 1; i < want; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool beyond = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
    return overlong || beyond ? 0 : want;
}

static bool is_clean_text(const char *text, size_t n) {
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < n;) {
        size_t took = utf8_length(s + i, n - i);
        if (took == 0 || s[i] < 0x20 || s[i] == 0x7f)
            return false;
        i += took;
    }
    return true;
}

/* Decodes n bytes to ret[cap]; "" in ret unless FORM_FOUND. */
static FormResult decode(const char *s, size_t n, bool plus_is_space, char *ret, size_t cap) {
    size_t at = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (c == '%') {
            if (n - i < 3 || digit(s[i + 1]) < 0 || digit(s[i + 2]) < 0) {
                ret[0] = '\0';
                return FORM_MALFORMED;
            }
            c = (char)(digit(s[i + 1]) * 16 + digit(s[i + 2]));
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (at + 1 >= cap) {
            ret[0] = '\0';
            return FORM_TOO_LONG;
        }
        ret[at++] = c;
    }
    ret[at] = '\0';
    if (is_clean_text(ret, at))
        return FORM_FOUND;
    ret[0] = '\0';
    return FORM_MALFORMED;
}

bool url_split(const char *target, char *ret_path, size_t cap, const char **ret_query) {
    if (target[0] != '/')
        return false;
    size_t n = strcspn(target, "?#");
    if (decode(target, n, false, ret_path, cap) != FORM_FOUND)
        return false;
    *ret_query = target[n] == '?' ? target + n + 1 : "";
    return true;
}

/* Is the name written at s (n bytes, encoded) this one? */
static bool name_matches(const char *s, size_t n, const char *name) {
    char decoded[64];
    return decode(s, n, true, decoded, sizeof decoded) == FORM_FOUND && strcmp(decoded, name) == 0;
}

/* One "name=value" of a form. */
typedef struct {
    const char *name, *value; /* encoded */
    size_t name_n, value_n;
} Pair;

/* The pair at text[*at], which moves behind it. False: there is none left. */
static bool next_pair(const char *text, size_t n, size_t *at, Pair *ret) {
    if (*at >= n)
        return false;
    const char *pair = text + *at;
    const char *end = memchr(pair, '&', n - *at);
    size_t pair_n = end != NULL ? (size_t)(end - pair) : n - *at;
    const char *equals = pair_n != 0 ? memchr(pair, '=', pair_n) : NULL;
    size_t name_n = equals != NULL ? (size_t)(equals - pair) : pair_n;
    size_t value_at = equals != NULL ? name_n + 1 : name_n;
    *ret = (Pair){pair, pair + value_at, name_n, pair_n - value_at};
    *at += pair_n + 1;
    return true;
}

FormResult form_get(const char *text, size_t n, const char *name, char *ret, size_t cap) {
    size_t at = 0;
    Pair p;
    ret[0] = '\0';
    while (next_pair(text, n, &at, &p))
        if (p.name_n != 0 && name_matches(p.name, p.name_n, name))
            return decode(p.value, p.value_n, true, ret, cap);
    return FORM_ABSENT;
}

size_t form_count(const char *text, size_t n, const char *name) {
    size_t at = 0, count = 0;
    Pair p;
    while (next_pair(text, n, &at, &p))
        count += p.name_n != 0 && name_matches(p.name, p.name_n, name);
    return count;
}

static bool add_encoded(CvkBuf *b, const char *s, CvkErr *err) {
    static const char digits[] = "0123456789ABCDEF";
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     strchr("*-._", c) != NULL;
        char escape[3] = {'%', digits[c >> 4], digits[c & 15]};
        bool ok = plain      ? cvk_buf_add(b, s, 1, err)
                  : c == ' ' ? cvk_buf_add(b, "+", 1, err)
                             : cvk_buf_add(b, escape, 3, err);
        if (!ok)
            return false;
    }
    return true;
}

bool form_add(CvkBuf *b, const char *name, const char *value, CvkErr *err) {
    char last = b->n != 0 ? b->data[b->n - 1] : '\0';
    if (last != '\0' && last != '?' && last != '&' && !cvk_buf_add(b, "&", 1, err))
        return false;
    return add_encoded(b, name, err) && cvk_buf_add(b, "=", 1, err) && add_encoded(b, value, err);
}

bool url_with_query(CvkBuf *b, const char *url, const char *query, CvkErr *err) {
    size_t n = strcspn(url, "#");
    const char *mark = memchr(url, '?', n);
    const char *joint = "?";
    if (mark != NULL) /* "a?" and "a?x=1&" need nothing between */
        joint = url[n - 1] == '?' || url[n - 1] == '&' ? "" : "&";
    return cvk_buf_add(b, url, n, err) && cvk_buf_add_str(b, joint, err) &&
           cvk_buf_add_str(b, query, err) && cvk_buf_add_str(b, url + n, err);
}

bool html_add(CvkBuf *b, const char *text, CvkErr *err) {
    for (; *text != '\0'; text++) {
        const char *as = *text == '&'    ? "&amp;"
                         : *text == '<'  ? "&lt;"
                         : *text == '>'  ? "&gt;"
                         : *text == '"'  ? "&quot;"
                         : *text == '\'' ? "&#39;"
                                         : NULL;
        if (!(as != NULL ? cvk_buf_add_str(b, as, err) : cvk_buf_add(b, text, 1, err)))
            return false;
    }
    return true;
}
