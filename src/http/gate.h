/* The strict gate: what a request's header fields must be like before anything looks at them.
 *
 * libmicrohttpd 0.9.75 forgives much that lets two servers in a row disagree on where a request
 * ends (request smuggling) or whom it is for. The gate works on the plain list of fields, as the
 * library gives them, so that it is tested and fuzzed without a server. Bare line feeds cannot be
 * seen here: the library takes them as line ends, and so each line they end is judged as a field.
 * Threads: pure functions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *name;
    size_t name_n;
    const char *value; /* may be NULL when value_n is 0 */
    size_t value_n;
    bool folded; /* the field went on over several lines, or a zero byte cut it */
} HttpField;

typedef enum {
    GATE_PASS = 0,
    GATE_TOO_MANY,     /* fields */
    GATE_TOO_LONG,     /* a name or a value */
    GATE_BAD_NAME,     /* empty, or not of token characters only */
    GATE_FOLDED,       /* over several lines (gone from HTTP since RFC 7230), or with a zero byte */
    GATE_BAD_VALUE,    /* holds a control character */
    GATE_NO_HOST,      /* HTTP/1.1 without Host */
    GATE_MANY_HOSTS,   /* more than one */
    GATE_BAD_HOST,     /* not a host and port */
    GATE_MANY_LENGTHS, /* more than one Content-Length, be they equal */
    GATE_BAD_LENGTH,   /* Content-Length is not a plain decimal number */
    GATE_TWO_FRAMINGS, /* Content-Length beside Transfer-Encoding */
    GATE_BAD_ENCODING, /* Transfer-Encoding is anything but one "chunked", or is HTTP/1.0's */
    GATE_MANY_AUTHS,   /* more than one Authorization */
    GATE_N
} GateVerdict;

/* `http_1_0`: the request said HTTP/1.0, which needs no Host and knows no chunks. */
GateVerdict http_gate(const HttpField *fields, size_t n, bool http_1_0);

/* For people, a constant: "more than one Host header". */
const char *http_gate_text(GateVerdict v);
unsigned http_gate_status(GateVerdict v); /* 400, or 431 for sizes */

/* ASCII only, any case. */
bool http_name_is(const char *name, size_t n, const char *lower);
