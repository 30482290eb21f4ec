#include "http/gate.h"

#include "base/limits.h"

#include <string.h>

/* RFC 9110, 5.6.2: the characters of a token. */
static bool is_token_char(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!is_token_char(s[i]))
            return false;
    return n != 0;
}

static bool has_control(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return true;
    }
    return false;
}

/* Names of hosts, IPv4 and [IPv6] addresses, and a port: nothing that could break out of a URL. */
static bool is_host(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!plain && (c == '\0' || strchr("-._~:[]%", c) == NULL))
            return false;
    }
    return n != 0 && n < 256;
}

static bool is_number(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    return n != 0 && n <= 18; /* fits an int64_t */
}

bool http_name_is(const char *name, size_t n, const char *lower) {
    if (n != strlen(lower))
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != lower[i])
            return false;
    }
    return true;
}

typedef struct {
    size_t hosts, lengths, encodings, auths;
} Counts;

static GateVerdict check_shape(const HttpField *f) {
    if (f->name_n > LIMIT_HEADER_NAME || f->value_n > LIMIT_HEADER_VALUE)
        return GATE_TOO_LONG;
    if (f->folded)
        return GATE_FOLDED;
    if (!is_token(f->name, f->name_n))
        return GATE_BAD_NAME;
    if (f->value_n != 0 && has_control(f->value, f->value_n))
        return GATE_BAD_VALUE;
    return GATE_PASS;
}

static GateVerdict check_meaning(const HttpField *f, Counts *c) {
    if (http_name_is(f->name, f->name_n, "host")) {
        c->hosts++;
        return is_host(f->value, f->value_n) ? GATE_PASS : GATE_BAD_HOST;
    }
    if (http_name_is(f->name, f->name_n, "content-length")) {
        c->lengths++;
        return is_number(f->value, f->value_n) ? GATE_PASS : GATE_BAD_LENGTH;
    }
    if (http_name_is(f->name, f->name_n, "transfer-encoding")) {
        c->encodings++;
        return http_name_is(f->value, f->value_n, "chunked") ? GATE_PASS : GATE_BAD_ENCODING;
    }
    if (http_name_is(f->name, f->name_n, "authorization"))
        c->auths++;
    return GATE_PASS;
}

static GateVerdict check_counts(const Counts *c, bool http_1_0) {
    if (c->hosts > 1)
        return GATE_MANY_HOSTS;
    if (c->hosts == 0 && !http_1_0)
        return GATE_NO_HOST;
    if (c->lengths != 0 && c->encodings != 0)
        return GATE_TWO_FRAMINGS;
    if (c->lengths > 1)
        return GATE_MANY_LENGTHS;
    if (c->encodings > 1 || (c->encodings != 0 && http_1_0))
        return GATE_BAD_ENCODING;
    if (c->auths > 1)
        return GATE_MANY_AUTHS;
    return GATE_PASS;
}

GateVerdict http_gate(const HttpField *fields, size_t n, bool http_1_0) {
    if (n > LIMIT_HEADERS)
        return GATE_TOO_MANY;
    Counts counts = {0};
    GateVerdict v = GATE_PASS;
    for (size_t i = 0; i < n && v == GATE_PASS; i++) {
        v = check_shape(&fields[i]);
        if (v == GATE_PASS)
            v = check_meaning(&fields[i], &counts);
    }
    return v != GATE_PASS ? v : check_counts(&counts, http_1_0);
}

const char *http_gate_text(GateVerdict v) {
    static const char *const texts[GATE_N] = {
        [GATE_PASS] = "fine",
        [GATE_TOO_MANY] = "too many header fields",
        [GATE_TOO_LONG] = "a header field is too long",
        [GATE_BAD_NAME] = "a header field's name has characters that names cannot have",
        [GATE_FOLDED] = "a header field over several lines, or with a zero byte",
        [GATE_BAD_VALUE] = "a header field's value has control characters",
        [GATE_NO_HOST] = "the Host header is missing",
        [GATE_MANY_HOSTS] = "more than one Host header",
        [GATE_BAD_HOST] = "the Host header is not a host name and port",
        [GATE_MANY_LENGTHS] = "more than one Content-Length header",
        [GATE_BAD_LENGTH] = "Content-Length is not a number",
        [GATE_TWO_FRAMINGS] = "both Content-Length and Transfer-Encoding",
        [GATE_BAD_ENCODING] = "Transfer-Encoding must be one \"chunked\"",
        [GATE_MANY_AUTHS] = "more than one Authorization header",
    };
    return texts[v];
}

unsigned http_gate_status(GateVerdict v) {
    return v == GATE_TOO_MANY || v == GATE_TOO_LONG ? 431 : 400;
}
