#include "base/limits.h"
#include "fuzz/fuzz.h"
#include "http/gate.h"

static bool is_line_end(uint8_t c) {
    return c == '\n' || c == '\0';
}

static bool has_byte(const char *s, size_t n, char c) {
    return n != 0 && memchr(s, c, n) != NULL;
}

/* What a request that passed must be like, judged anew and more bluntly. */
static void check_passed(const HttpField *fields, size_t n, bool http_1_0) {
    size_t hosts = 0, framings = 0;
    assert(n <= LIMIT_HEADERS);
    for (size_t i = 0; i < n; i++) {
        const HttpField *f = &fields[i];
        assert(f->name_n != 0 && !has_byte(f->name, f->name_n, ' '));
        assert(!has_byte(f->value, f->value_n, '\r') && !has_byte(f->value, f->value_n, '\0'));
        hosts += http_name_is(f->name, f->name_n, "host");
        framings += http_name_is(f->name, f->name_n, "content-length");
        framings += http_name_is(f->name, f->name_n, "transfer-encoding");
    }
    assert(framings <= 1);
    assert(hosts == 1 || (hosts == 0 && http_1_0));
}

/* The first byte chooses the version; then one field a line, "name:value". */
void fuzz_one(const uint8_t *data, size_t n) {
    HttpField fields[LIMIT_HEADERS + 2];
    size_t n_fields = 0;
    if (n == 0)
        return;
    bool http_1_0 = data[0] == '0';
    for (size_t i = 1; i < n && n_fields < LIMIT_HEADERS + 2; i++) {
        size_t end = i;
        while (end < n && !is_line_end(data[end]))
            end++;
        const char *line = (const char *)data + i;
        const char *colon = end != i ? memchr(line, ':', end - i) : NULL;
        size_t name_n = colon != NULL ? (size_t)(colon - line) : end - i;
        size_t skip = colon != NULL ? name_n + 1 : name_n;
        fields[n_fields++] =
            (HttpField){line, name_n, line + skip, end - i - skip, (data[0] & 0x80) != 0};
        i = end;
    }
    GateVerdict v = http_gate(fields, n_fields, http_1_0);
    assert(v < GATE_N && http_gate_text(v) != NULL);
    if (v == GATE_PASS)
        check_passed(fields, n_fields, http_1_0);
}
