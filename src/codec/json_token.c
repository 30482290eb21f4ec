/* Strings and numbers: decoded where they stand in the window, as decoding never lengthens. */
#include "codec/json_read_private.h"
#include "codec/utf8.h"

#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Not zero if one of eight bytes is no plain one: a quote, a backslash, below 0x20, above 0x7f. */
static uint64_t special(uint64_t word) {
    uint64_t quote = word ^ EACH('"'), slash = word ^ EACH('\\');
    uint64_t hit = ((quote - EACH(1)) & ~quote) | ((slash - EACH(1)) & ~slash);
    return (hit | (word - EACH(0x20)) | word) & EACH(0x80);
}

static bool is_plain(char byte) {
    uint8_t c = (uint8_t)byte;
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

size_t json_plain_run(const char *text, size_t n) {
    size_t i = 0;
    for (uint64_t word; n - i >= sizeof word; i += sizeof word) {
        memcpy(&word, text + i, sizeof word);
        if (special(word) != 0)
            break;
    }
    while (i < n && is_plain(text[i]))
        i++;
    return i;
}

/* A string being taken: data[keep] follows its opening quote, what is decoded ends `put` bytes on.
 */
typedef struct {
    JsonReader *r;
    size_t put;
} Text;

static void put_bytes(Text *t, const char *bytes, size_t n) {
    char *to = t->r->data + t->r->keep + t->put;
    if (to != bytes)
        memmove(to, bytes, n);
    t->put += n;
}

static bool hex_value(char c, uint32_t *ret) {
    if (c >= '0' && c <= '9')
        *ret = (uint32_t)(c - '0');
    else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        *ret = (uint32_t)((c | 0x20) - 'a') + 10;
    else
        return false;
    return true;
}

/* \uXXXX, one half of a pair or a character. */
static bool take_u16(JsonReader *r, uint32_t *ret) {
    static const char opening[2] = "\\u";
    for (size_t i = 0; i < sizeof opening; i++, r->at++)
        if (json_look(r) != opening[i])
            return json_unexpected(r, "the other half of a surrogate pair");
    uint32_t code = 0, value;
    for (size_t i = 0; i < 4; i++, r->at++) {
        if (json_look(r) == JSON_AT_END || !hex_value(r->data[r->at], &value))
            return json_unexpected(r, "four hex digits");
        code = code << 4 | value;
    }
    *ret = code;
    return true;
}

static bool take_code_point(Text *t) {
    JsonReader *r = t->r;
    uint32_t code, low;
    if (!take_u16(r, &code))
        return false;
    if (code >= 0xd800 && code < 0xdc00) {
        if (!take_u16(r, &low))
            return false;
        if (low < 0xdc00 || low > 0xdfff)
            return json_fail_here(r, CVK_EBADREQ, "json.utf8", "half a surrogate pair");
        code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
    } else if (code >= 0xdc00 && code <= 0xdfff) {
        return json_fail_here(r, CVK_EBADREQ, "json.utf8", "half a surrogate pair");
    }
    if (code == 0)
        return json_fail_here(r, CVK_EBADREQ, "json.syntax", "a zero byte in a string");
    char bytes[UTF8_MAX];
    put_bytes(t, bytes, utf8_put(code, bytes));
    return true;
}

static bool take_escape(Text *t) {
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    JsonReader *r = t->r;
    if (!json_need(r, 2)) {
        r->at = r->n;
        return json_unexpected(r, "an escape");
    }
    char letter = r->data[r->at + 1];
    if (letter == 'u')
        return take_code_point(t);
    const char *found = memchr(letters, letter, sizeof letters - 1);
    if (found == NULL) {
        r->at++;
        return json_unexpected(r, "an escape");
    }
    r->at += 2;
    put_bytes(t, meanings + (found - letters), 1);
    return true;
}

static bool take_wide(Text *t) {
    JsonReader *r = t->r;
    size_t want = utf8_expected(r->data[r->at]);
    if (want != 0 && !json_need(r, want) && r->failed)
        return false;
    if (want == 0 || utf8_length(r->data + r->at, r->n - r->at) == 0)
        return json_fail_here(r, CVK_EBADREQ, "json.utf8", "a string that is not UTF-8");
    put_bytes(t, r->data + r->at, want);
    r->at += want;
    return true;
}

/* One or more plain bytes, an escape, or a character of several bytes. */
static bool take_piece(Text *t) {
    JsonReader *r = t->r;
    int c = json_look(r);
    if (c == '\\')
        return take_escape(t);
    if (c >= 0x80)
        return take_wide(t);
    if (c < 0x20) /* or the end */
        return json_unexpected(r, "the rest of a string");
    size_t run = json_plain_run(r->data + r->at, r->n - r->at);
    put_bytes(t, r->data + r->at, run);
    r->at += run;
    return true;
}

bool json_take_string(JsonReader *r, const char **ret, size_t *ret_n) {
    Text t = {.r = r, .put = 0};
    r->keep = ++r->at;
    while (json_look(r) != '"') {
        if (!take_piece(&t))
            return false;
        if (t.put > LIMIT_JSON_STRING)
            return json_fail_here(r, CVK_ELIMIT, "json.string", "a string over %d bytes",
                                  LIMIT_JSON_STRING);
    }
    r->at++;
    char *text = r->data + r->keep;
    text[t.put] = '\0'; /* at the closing quote or before it */
    *ret = text;
    *ret_n = t.put;
    return true;
}

static bool is_number_byte(int c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static const char *digits(const char *at, const char *end) {
    while (at != end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? and nothing else. */
static bool is_number(const char *at, const char *end) {
    if (at != end && *at == '-')
        at++;
    const char *whole = at;
    at = digits(whole, end);
    if (at == whole || (*whole == '0' && at - whole > 1))
        return false;
    if (at != end && *at == '.') {
        const char *fraction = ++at;
        at = digits(fraction, end);
        if (at == fraction)
            return false;
    }
    if (at != end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at != end && (*at == '+' || *at == '-'))
            at++;
        const char *exponent = at;
        at = digits(exponent, end);
        if (at == exponent)
            return false;
    }
    return at == end;
}

bool json_take_number(JsonReader *r, const char **ret, size_t *ret_n) {
    r->keep = r->at;
    for (int c = json_look(r); is_number_byte(c); c = json_look(r)) {
        r->at++;
        if (r->at - r->keep > LIMIT_JSON_STRING)
            return json_fail_here(r, CVK_ELIMIT, "json.string", "a number over %d digits",
                                  LIMIT_JSON_STRING);
    }
    if (r->failed)
        return false;
    const char *text = r->data + r->keep;
    size_t n = r->at - r->keep;
    if (!is_number(text, text + n))
        return json_read_fail(r, NULL, CVK_EBADREQ, "json.syntax", "'%.*s' is not a number",
                              n < 40 ? (int)n : 40, text);
    *ret = text;
    *ret_n = n;
    return true;
}
