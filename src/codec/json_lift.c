#include "codec/json_lift.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "codec/json_read_private.h"
#include "codec/utf8.h"

#include <string.h>

#define UNIT_MAX 12 /* two halves of a surrogate pair */

typedef enum {
    MODE_OUTSIDE, /* of strings */
    MODE_STRING,  /* of which all is left */
    MODE_ESCAPED, /* in one, after a backslash */
    MODE_LIFTED,
} Mode;

/* Positions are judged by the bytes before them alone. Where these make no JSON that may be wrong,
 * but then what is left makes none either. */
struct JsonLift {
    JsonLiftTo to;
    Mode mode;
    unsigned depth;      /* of containers */
    char before;         /* the last byte outside of strings that is no blank; '"': a string */
    bool is_key;         /* the present string is one, of the outermost object */
    size_t key_at;       /* where its text begins in `rest` */
    bool wanted;         /* the key before is ours */
    char unit[UNIT_MAX]; /* of the lifted string: an escape, or a character of several bytes */
    size_t unit_n;
    bool failed;
    CvkErr err;
    CvkBuf rest;
};

JsonLift *json_lift_new(const JsonLiftTo *to, CvkErr *err) {
    JsonLift *l = cvk_alloc(1, sizeof *l, err);
    if (l == NULL)
        return NULL;
    l->to = *to;
    l->rest = CVK_BUF(to->rest_max);
    return l;
}

JsonLift *json_lift_free(JsonLift *l) {
    if (l != NULL)
        cvk_buf_done(&l->rest);
    free(l);
    return NULL;
}

static bool keep(JsonLift *l, const char *text, size_t n) {
    return cvk_buf_add(&l->rest, text, n, &l->err);
}

/* ---- characters that do not stand for themselves ---- */

static bool hex4(const char *s, uint32_t *ret) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    *ret = 0;
    for (size_t i = 0; i < 4; i++) {
        const char *found = memchr(digits, s[i], sizeof digits - 1);
        if (found == NULL)
            return false;
        *ret = *ret << 4 | (uint32_t)((found - digits) & 15);
    }
    return true;
}

static bool is_high(uint32_t code) {
    return code >= 0xd800 && code < 0xdc00;
}

static bool is_low(uint32_t code) {
    return code >= 0xdc00 && code < 0xe000;
}

/* How many bytes the unit has that begins with these n; at least 1. */
static size_t unit_needs(const char *unit, size_t n) {
    uint32_t code;
    if (unit[0] != '\\') {
        size_t wide = utf8_expected(unit[0]);
        return wide != 0 ? wide : 1;
    }
    if (n < 2 || unit[1] != 'u')
        return 2;
    return n >= 6 && hex4(unit + 2, &code) && is_high(code) ? 12 : 6;
}

/* \uXXXX, or two of them. 0: no character. */
static size_t decode_code_point(const char *unit, size_t n, char ret[UTF8_MAX]) {
    uint32_t code, low;
    if (!hex4(unit + 2, &code) || code == 0 || is_low(code))
        return 0;
    if (n == 12) {
        if (unit[6] != '\\' || unit[7] != 'u' || !hex4(unit + 8, &low) || !is_low(low))
            return 0;
        code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
    }
    return utf8_put(code, ret);
}

static size_t decode_unit(const char *unit, size_t n, char ret[UTF8_MAX]) {
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (unit[0] != '\\') {
        memcpy(ret, unit, n < UTF8_MAX ? n : UTF8_MAX);
        return utf8_length(unit, n);
    }
    if (n > 2)
        return decode_code_point(unit, n, ret);
    const char *found = memchr(letters, unit[1], sizeof letters - 1);
    ret[0] = found != NULL ? meanings[found - letters] : '\0';
    return found != NULL;
}

static bool add_to_unit(JsonLift *l, char c) {
    char text[UTF8_MAX];
    l->unit[l->unit_n++] = c;
    if (l->unit_n < unit_needs(l->unit, l->unit_n))
        return true;
    size_t n = decode_unit(l->unit, l->unit_n, text);
    l->unit_n = 0;
    if (n != 0)
        return l->to.piece(l->to.ctx, text, n, &l->err);
    return cvk_fail(&l->err, CVK_EBADREQ, l->unit[0] == '\\' ? "json.syntax" : "json.utf8",
                    "'%s' is no string", l->to.key);
}

/* ---- strings ---- */

/* Is the text of a key, as it is written, the one we want? */
static bool key_is(const char *text, size_t n, const char *key) {
    while (n != 0 && *key != '\0') {
        char c[UTF8_MAX];
        size_t took = 1;
        c[0] = *text;
        if (*text == '\\') {
            took = unit_needs(text, n);
            if (took > n || decode_unit(text, took, c) != 1)
                return false;
        }
        if (c[0] != *key++)
            return false;
        text += took;
        n -= took;
    }
    return n == 0 && *key == '\0';
}

static bool end_string(JsonLift *l) {
    if (l->mode == MODE_STRING && l->is_key)
        l->wanted = key_is(l->rest.data + l->key_at, l->rest.n - l->key_at, l->to.key);
    l->mode = MODE_OUTSIDE;
    l->before = '"';
    return keep(l, "\"", 1);
}

static bool begin_string(JsonLift *l) {
    bool outermost = l->depth == 1;
    l->mode = outermost && l->before == ':' && l->wanted ? MODE_LIFTED : MODE_STRING;
    l->is_key = outermost && (l->before == '{' || l->before == ',');
    l->wanted = false;
    l->key_at = l->rest.n + 1;
    return keep(l, "\"", 1);
}

/* Each takes one or more of the n bytes that have come. */

static bool take_string(JsonLift *l, const char *data, size_t n, size_t *ret_took) {
    size_t run = 0;
    while (run < n && data[run] != '"' && data[run] != '\\')
        run++;
    *ret_took = run < n ? run + 1 : n;
    if (!keep(l, data, run))
        return false;
    if (run == n)
        return true;
    if (data[run] == '"')
        return end_string(l);
    l->mode = MODE_ESCAPED;
    return keep(l, "\\", 1);
}

static bool take_escaped(JsonLift *l, const char *data, size_t *ret_took) {
    *ret_took = 1;
    l->mode = MODE_STRING;
    return keep(l, data, 1);
}

static bool take_lifted(JsonLift *l, const char *data, size_t n, size_t *ret_took) {
    size_t run = l->unit_n == 0 ? json_plain_run(data, n) : 0;
    *ret_took = run != 0 ? run : 1;
    if (run != 0)
        return l->to.piece(l->to.ctx, data, run, &l->err);
    if (l->unit_n == 0 && data[0] == '"')
        return end_string(l);
    if (l->unit_n == 0 && (unsigned char)data[0] < 0x20)
        return cvk_fail(&l->err, CVK_EBADREQ, "json.syntax", "a control character in '%s'",
                        l->to.key);
    return add_to_unit(l, data[0]);
}

/* ---- what is around them ---- */

static bool take_outside(JsonLift *l, char c, size_t *ret_took) {
    *ret_took = 1;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        return (l->rest.n != 0 && l->rest.data[l->rest.n - 1] == ' ') || keep(l, " ", 1);
    if (c == '"')
        return begin_string(l);
    if (c == '{' || c == '[')
        l->depth++;
    else if ((c == '}' || c == ']') && l->depth != 0)
        l->depth--;
    if (c != ':')
        l->wanted = false;
    l->before = c;
    return keep(l, &c, 1);
}

static bool take(JsonLift *l, const char *data, size_t n, size_t *ret_took) {
    switch (l->mode) {
    case MODE_OUTSIDE:
        return take_outside(l, data[0], ret_took);
    case MODE_STRING:
        return take_string(l, data, n, ret_took);
    case MODE_ESCAPED:
        return take_escaped(l, data, ret_took);
    case MODE_LIFTED:
        break;
    }
    return take_lifted(l, data, n, ret_took);
}

bool json_lift_add(JsonLift *l, const char *data, size_t n, CvkErr *err) {
    size_t took = 0;
    for (size_t at = 0; at < n && !l->failed; at += took)
        l->failed = !take(l, data + at, n - at, &took);
    if (l->failed && err != NULL)
        *err = l->err;
    return !l->failed;
}

const char *json_lift_rest(const JsonLift *l, size_t *ret_n) {
    *ret_n = l->rest.n;
    return cvk_buf_str(&l->rest);
}
